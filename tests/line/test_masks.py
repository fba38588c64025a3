"""A privacy mask on a whole running node: the packets that its server sends to a browser, decoded."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from websockets.sync.client import connect
from websockets.typing import Origin

from istros.api.live import PACKET_HEAD
from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.video.codec_configuration import parameters_from
from istros.video.packet import Codec, Packet
from tests.line.demo_run import demo_run, wait_for
from tests.video.masked_pictures import LOWER_LEFT, MIDDLE, decoded, spread_under

FLAT = 3.0


def pictures(client: httpx2.Client, camera: str, stream: str, count: int) -> list[Any]:
    """The first so many pictures that a browser with WebCodecs gets, in RGB."""
    address = urlsplit(str(client.base_url))
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    url = f"ws://{address.netloc}/api/live/{camera}/{stream}?as=packets"
    parameters, found = None, list[Packet]()
    with connect(
        url, origin=Origin(f"http://{address.netloc}"), additional_headers=headers, proxy=None, max_size=None
    ) as socket:  # fmt: skip
        while len(found) < count:
            message = socket.recv(timeout=60)
            if isinstance(message, str):
                told = json.loads(message)
                if told["type"] == "configuration":
                    parameters = parameters_from(Codec.H264, base64.b64decode(told["description"]))
                    found.clear()
            elif parameters is not None:
                is_key, _, _, _ = PACKET_HEAD.unpack_from(message)
                data = bytes(message[PACKET_HEAD.size :])
                found.append(Packet(StreamKey(camera, "main"), parameters, 0, Time(0), bool(is_key), data))
    return decoded(found)


def draw(client: httpx2.Client, camera: str, masks: Any) -> None:
    """As the camera's page does it."""
    zones = {"plates": [], "ignored": [], "private": [[list(corner) for corner in mask] for mask in masks]}
    answer = client.put(f"/api/cameras/{camera}/zones", json={"zones": zones})
    assert answer.status_code == 200, answer.text


def test_both_streams_are_painted_and_stay_so_when_the_server_was_killed(tmp_path: Path, free_port: int) -> None:
    with demo_run(tmp_path / "data", free_port, "--cameras", "1") as run:
        leader = run.sign_in("leader")
        (camera,) = (each["id"] for each in leader.get("/api/cameras").json())
        wait_for("the camera to be recorded", lambda: _recorded(leader), 60)
        assert min(spread_under(picture) for picture in pictures(leader, camera, "sub", 3)) > FLAT
        draw(leader, camera, MIDDLE)
        for stream in ("sub", "main"):
            assert max(spread_under(picture) for picture in pictures(leader, camera, stream, 12)) < FLAT, stream
        draw(leader, camera, MIDDLE + LOWER_LEFT)
        shown = pictures(leader, camera, "sub", 12)
        assert max(spread_under(picture, masks) for picture in shown for masks in (MIDDLE, LOWER_LEFT)) < FLAT
        killed = run.kill("server")
        wait_for("a new server", lambda: run.pid("server") not in (None, killed), 30)
        leader = wait_for("the server to answer", lambda: run.sign_in("leader"), 30)
        assert max(spread_under(picture) for picture in pictures(leader, camera, "sub", 12)) < FLAT


def _recorded(client: httpx2.Client) -> bool:
    return all(stream["recording"] for each in client.get("/api/cameras").json() for stream in each["streams"])
