"""Live video and recorded segments, from real encodes, as a browser gets them."""

from __future__ import annotations

import io
import itertools
import json
import socket
import threading
from base64 import b64decode
from dataclasses import replace
from typing import Any

import av
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from istros.api.live import PACKET_HEAD
from istros.base.time import SECOND, Time, after, to_iso
from istros.store.disk_local import LocalDisk
from istros.store.rows import SegmentRow, SegmentState
from istros.video.codec_configuration import parameters_from
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.packet import Codec, Packet
from istros.video.segment_sound import sound_of
from istros.video.sound import SoundCodec
from tests.api.site import KEYS, Browser, Site
from tests.video.packets import packets_of
from tests.video.test_sound import segment


@pytest.fixture(scope="module")
def packets() -> list[Packet]:
    return packets_of(key=KEYS[0])


def gather(view: ClientConnection, texts: int, pictures: int) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Messages until there are at least so many of each."""
    said: list[dict[str, Any]] = []
    data: list[bytes] = []
    while len(said) < texts or len(data) < pictures:
        message = view.recv(timeout=10)
        if isinstance(message, str):
            said.append(json.loads(message))
        else:
            data.append(message)
    return said, data


def gather_each(site: Site, view: ClientConnection, packets: list[Packet]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Publish one packet after the other and read each before the next, as a viewer does who keeps up."""
    said: list[dict[str, Any]] = []
    data: list[bytes] = []
    for number, packet in enumerate(packets):
        site.publish([packet])
        more = gather(view, 0, 2 if number == 0 else 1)
        said, data = said + more[0], data + more[1]
    said += gather(view, 1, 0)[0]
    return said, data


def audited_until(site: Site, step: str) -> list[dict[str, Any]]:
    """The rows about live views, once the newest is of that step: the server writes it after the browser has left."""
    while True:
        rows = site.audit("live.view")
        if rows and rows[-1]["detail"]["step"] == step:
            return rows


def test_live_video_plays_and_is_on_the_record(site: Site, packets: list[Packet]) -> None:
    operator = site.browser("operator")
    late = site.environment.clock.now() - packets[0].time  # old pictures are not called live
    packets = [replace(packet, time=Time(packet.time + late)) for packet in packets]
    with operator.socket("/api/live/IZ-07/main") as view:
        begun = {"type": "state", "status": "starting", "problem": "", "code": ""}
        assert json.loads(view.recv(timeout=10)) == begun
        said, data = gather_each(site, view, packets)
    kinds = [each["type"] for each in said]
    assert {"state", "init", "time"} <= set(kinds)
    init = next(each for each in said if each["type"] == "init")
    assert init["mime"].startswith('video/mp4; codecs="avc1.')
    times = [each for each in said if each["type"] == "time"]
    assert times[0]["media"] == 0
    assert times[0]["time"] == to_iso(packets[0].time)
    assert 1 <= times[1]["media"] - times[0]["media"] < 1.2
    with av.open(io.BytesIO(b"".join(data))) as container:
        assert len(list(container.decode(video=0))) == len(packets)  # type: ignore[union-attr]
    rows = audited_until(site, "end")
    assert [row["detail"]["step"] for row in rows[-2:]] == ["begin", "end"]
    assert {row["subject"] for row in rows[-2:]} == {"IZ-07/main"}
    assert {row["permit"] for row in rows[-2:]} == {operator.permit}


def test_a_viewer_on_a_bad_line_gets_the_newest_pictures(site: Site) -> None:
    """Forty seconds pass while nothing is taken: what then comes is not what was sent first."""
    operator = site.browser("operator")
    short = packets_of(key=KEYS[1], frames=400, gop=10, fps=10)
    filler = (20_000).to_bytes(4, "big") + b"\x0c" + bytes(19_999)
    large = [replace(packet, data=packet.data + filler) for packet in short]
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        line.connect(("127.0.0.1", site.port))
        with operator.socket("/api/live/IZ-07/sub?as=packets", sock=line, max_queue=1) as view:
            view.recv(timeout=10)
            for packet in large:
                site.publish([packet])
                settle(site)
            times: list[int] = []
            while not times or times[-1] < 399:
                message = view.recv(timeout=10)
                if isinstance(message, bytes):
                    times.append(round(PACKET_HEAD.unpack_from(message)[1] * 10))
    newest = times.index(390)
    assert times[newest:] == list(range(390, 400))
    assert newest < 12, f"{newest} old pictures of {len(times)} still came: {times}"


def settle(site: Site) -> None:
    """Wait until the server has done what it was told."""
    done = threading.Event()
    for _ in range(3):
        done.clear()
        site.loop.call_soon_threadsafe(done.set)
        assert done.wait(10)


def test_packets_for_a_browser_that_decodes_itself(site: Site, packets: list[Packet]) -> None:
    operator = site.browser("operator")
    with operator.socket("/api/live/TL-01/main?as=packets") as view:
        view.recv(timeout=10)
        site.publish([replace(packet, key=KEYS[2]) for packet in packets[:6]])
        said, data = gather(view, 2, 6)
    told = next(each for each in said if each["type"] == "configuration")
    assert (told["width"], told["height"], told["codec"][:5]) == (176, 144, "avc1.")
    assert parameters_from(Codec.H264, b64decode(told["description"])) == packets[0].parameters
    heads = [PACKET_HEAD.unpack_from(each) for each in data]
    assert [bool(is_key) for is_key, *_ in heads] == [packet.is_key for packet in packets[:6]]
    assert [round(media_s, 3) for _, media_s, *_ in heads] == [index / 10 for index in range(6)]
    assert [round(time_ms * 1000) for _, _, time_ms, _ in heads] == [packet.time for packet in packets[:6]]
    assert [each[PACKET_HEAD.size :] for each in data] == [packet.data for packet in packets[:6]]


def test_an_unknown_form_is_refused(site: Site) -> None:
    with site.browser("operator").socket("/api/live/IZ-07/main?as=film") as view:
        with pytest.raises(ConnectionClosed):
            view.recv(timeout=10)
        assert view.close_code == 4404


def test_live_ends_with_the_session(site: Site) -> None:
    operator = site.browser("operator")
    with operator.socket("/api/live/TL-01/main") as view:
        view.recv(timeout=10)
        operator.http.delete("/api/session")
        with pytest.raises(ConnectionClosed):
            while True:
                view.recv(timeout=10)
        assert view.close_code == 4401


def test_live_needs_the_standing_permit(site: Site) -> None:
    operator = site.browser("operator")
    assert operator.post(f"/api/permits/{operator.permit}/close").status_code == 403, "it ends with the session"
    now = site.environment.clock.now()
    site.database.write_now(lambda tx: tx.permits.close(operator.permit, now))
    with operator.socket("/api/live/IZ-07/main") as view:
        with pytest.raises(ConnectionClosed):
            view.recv(timeout=10)
        assert view.close_code == 4403
    assert site.audit("live.view", "refused")[-1]["actor"] == "operator"


_PLACES = itertools.count(1)


def stored(site: Site, packets: list[Packet], state: SegmentState) -> tuple[SegmentRow, bytes]:
    """A segment in the index and on the disk, with a torn tail while it is open; the row and its whole bytes."""
    samples = [Sample(9000, packet.data, packet.is_key) for packet in packets]
    data = init_segment(packets[0].parameters) + fragment(1, 0, samples, packets[0].time)
    start = Time(site.environment.clock.now() // SECOND * SECOND)
    id = site.environment.ids.new()
    path = f"IZ-07/main/{id}.mp4"
    disk = LocalDisk(site.folder / "recordings")
    disk.append(path, data if state is SegmentState.CLOSED else data + data[-500:-100])
    row = SegmentRow(
        id=id, camera_id="IZ-07", stream="main", start=start, end=after(start, 3), path=path,
        size_bytes=len(data), frames=len(packets), mime='video/mp4; codecs="avc1.4d401f"', state=SegmentState.OPEN,
    )  # fmt: skip
    if state is SegmentState.CLOSED:
        # Two tests within one second must not store two segments of one moment.
        start = Time(start - 10 * SECOND * next(_PLACES))
        row = replace(row, start=start, end=after(start, 3))
    site.database.write_now(lambda tx: tx.segments.add(replace(row, state=SegmentState.OPEN)))
    if state is SegmentState.CLOSED:
        size, sha256 = len(data), "0" * 64
        site.database.write_now(
            lambda tx: tx.segments.close(row.id, end=row.end, size_bytes=size, frames=row.frames, sha256=sha256)
        )
    return row, data


@pytest.mark.parametrize("state", [SegmentState.CLOSED, SegmentState.OPEN])
def test_a_recorded_segment_is_listed_and_fetched(site: Site, packets: list[Packet], state: SegmentState) -> None:
    row, data = stored(site, packets, state)
    officer = site.browser("investigator")
    permit = officer.open_permit()
    span = {"from": to_iso(row.start), "to": to_iso(row.end)}
    (listed,) = officer.get("/api/recordings/IZ-07/main", permit=permit, **span).json()
    assert (listed["id"], listed["open"], listed["mime"]) == (row.id, state is SegmentState.OPEN, row.mime)
    answer = officer.get(f"/api/segments/{row.id}", permit=permit)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == data
    assert site.audit("playback.view")[-1]["subject"] == row.id
    assert officer.get(f"/api/segments/{row.id}", permit=officer.permit).status_code == 403
    assert officer.get("/api/segments/none", permit=permit).status_code == 404


def test_a_segment_comes_without_its_sound_unless_that_is_asked_for(site: Site, packets: list[Packet]) -> None:
    row, _ = stored(site, packets, SegmentState.CLOSED)
    (site.folder / "recordings" / row.path).write_bytes(segment(SoundCodec.PCMU))
    officer = site.browser("investigator")
    permit = officer.open_permit()
    assert officer.get(f"/api/segments/{row.id}", permit=permit).content == segment(None)
    assert site.audit("playback.view")[-1]["detail"]["what"] == "video"
    heard = sound_of(officer.get(f"/api/segments/{row.id}", permit=permit, sound="true").content)
    assert heard is not None and heard[0].codec is SoundCodec.AAC
    assert site.audit("playback.view")[-1]["detail"]["what"] == "video and sound"


def test_a_segment_whose_file_is_gone_is_said_to_be(site: Site, packets: list[Packet]) -> None:
    officer = site.browser("investigator")
    start = Time(site.environment.clock.now() - 3600 * SECOND)
    row = SegmentRow(
        site.environment.ids.new(), "TL-01", "main", start, after(start, 10), "TL-01/main/gone.mp4", 10, 1, "video/mp4",
        SegmentState.OPEN,
    )  # fmt: skip
    site.database.write_now(lambda tx: tx.segments.add(row))
    answer = officer.get(f"/api/segments/{row.id}", permit=officer.open_permit())
    assert (answer.status_code, answer.json()["code"]) == (404, "segment-gone")


def test_cameras_tell_no_address(site: Site) -> None:
    answer = Browser.get(site.browser("administrator"), "/api/cameras")
    first = answer.json()[0]
    assert (first["id"], first["name"], first["readsPlates"]) == ("IZ-07", "Harbour gate", True)
    assert [stream["name"] for stream in first["streams"]] == ["main", "sub"]
    assert "rtsp" not in answer.text
    assert "secret" not in answer.text
