"""Privacy masks over HTTP and WebSockets: whatever shows pictures of a masked camera is decoded here and is flat under it."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from istros.api.live import PACKET_HEAD
from istros.base.time import HOUR, SECOND, Time, to_iso
from istros.devices.camera import StreamKey
from istros.recording.playback import PAINTED_AT_ONCE
from istros.store import Transaction
from istros.store.camera_zones import CAMERA_ZONES
from istros.store.releases import Matter, ReleaseRow
from istros.store.schema import SEGMENT
from istros.video.codec_configuration import parameters_from
from istros.video.errors import EnoughMasked
from istros.video.masked_views import MaskedViews
from istros.video.packet import Codec, Packet
from istros.video.relay import RelayServer
from istros.video.repaint import PAINTED_MIME
from tests.api.conftest import START, record_two_seconds
from tests.api.site import RECIPIENT, Browser, Site, make_site
from tests.api.test_stills import decoded as picture_of
from tests.api.test_whep import SDP, Peer
from tests.store.rows_made import read as plate_read
from tests.video.masked_pictures import MIDDLE, decoded, is_masked, spread_under
from tests.video.packets import packets_of
from tests.video.test_stills import FRAMES, whole

SQUARE = [list(corner) for corner in MIDDLE[0]]
SPAN = {"from": to_iso(Time(START - SECOND)), "to": to_iso(Time(START + 3 * SECOND))}
KEY = StreamKey("TL-01", "main")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node whose recorder's relay can be reached by painters, with two seconds of TL-01 recorded."""
    site = make_site(tmp_path_factory.mktemp("masks"))
    site.start()
    relay = RelayServer(site.folder / "relay.sock", site.relay.fanouts.get)
    asyncio.run_coroutine_threadsafe(relay.start(), site.loop).result(20)
    record_two_seconds(site)
    yield site
    asyncio.run_coroutine_threadsafe(relay.close(), site.loop).result(20)
    site.stop()
    site.database.close()
    site.environment.workers.close()


@pytest.fixture(autouse=True)
def nothing_drawn(site: Site) -> None:
    """Each test draws for itself."""
    site.database.write_now(lambda tx: _forget(tx))


def _forget(tx: Transaction) -> None:
    tx.camera_zones._connection.execute(CAMERA_ZONES.delete())


def _rename(tx: Transaction, before: str, now: str) -> None:
    rows = SEGMENT.update().where(SEGMENT.c.camera_id == before)
    tx.segments._connection.execute(rows.values(camera_id=now))


@pytest.fixture
def police(site: Site) -> Browser:
    return site.browser("investigator")


def draw(site: Site, masks: list[list[list[float]]] | None = None, camera: str = "TL-01", **more: Any) -> Any:
    """Draw masks on a camera as the shift leader."""
    zones = {"plates": [], "ignored": [], "private": [SQUARE] if masks is None else masks}
    answer = site.browser("shift_leader").http.put(f"/api/cameras/{camera}/zones", json={"zones": zones, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def camera_sends(site: Site) -> Iterator[None]:
    """TL-01 sends until the block ends, ten pictures a second in half the time."""
    stop, film = threading.Event(), packets_of(key=KEY, frames=40, gop=10)

    def send() -> None:
        for number in range(4000):
            lap, place = divmod(number, len(film))
            packet = film[place]
            moved = replace(packet, media_time=packet.media_time + lap * len(film) * 9000)
            site.loop.call_soon_threadsafe(site.relay.fanouts[KEY].publish, moved)
            if stop.wait(0.05):
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_still_and_its_thumbnails_are_painted(site: Site, police: Browser) -> None:
    permit, moment = police.open_permit(), to_iso(START)
    still = "/api/stills/TL-01"
    assert spread_under(picture_of(police.get(still, time=moment, permit=permit).content)) > 20
    before = police.get("/api/thumbnails/TL-01", permit=permit, count=4, width=176, **SPAN).json()["pictures"]
    draw(site)
    answer = police.get(still, time=moment, permit=permit)
    assert is_masked([picture_of(answer.content)]) and b'istros:masks="painted"' in answer.content
    small = police.get("/api/thumbnails/TL-01", permit=permit, count=4, width=176, **SPAN).json()["pictures"]
    assert len(small) == len(before) > 0
    assert is_masked([picture_of(base64.b64decode(each["jpeg"])) for each in small]), "not those that were kept"


def test_a_contact_sheet_is_painted(site: Site, police: Browser) -> None:
    draw(site)
    body = {"cameras": ["TL-01"], "permit": police.open_permit(), "perCamera": 3, "language": "en"}
    span = {"from": to_iso(START), "to": to_iso(Time(START + 2 * SECOND))}
    pdf = police.post("/api/contact-sheets", body | span)
    assert pdf.status_code == 200, pdf.text
    jpegs = re.findall(rb"stream\r?\n(\xff\xd8\xff.*?\xff\xd9)\r?\nendstream", pdf.content, re.DOTALL)
    assert len(jpegs) == 3 and is_masked([picture_of(jpeg) for jpeg in jpegs])


@pytest.mark.parametrize(("query", "pictures"), [({}, FRAMES), ({"keyframes": True}, 4), ({"sound": True}, FRAMES)])
def test_playback_is_painted(site: Site, police: Browser, query: dict[str, Any], pictures: int) -> None:
    permit = police.open_permit()

    def played() -> tuple[str, list[Any]]:
        (row,) = police.get("/api/recordings/TL-01/main", permit=permit, **SPAN).json()
        answer = police.get(f"/api/segments/{row['id']}", permit=permit, **query)
        assert answer.status_code == 200, answer.text
        return row["mime"], [pixels for _, pixels in whole(answer.content)]

    _, naked = played()
    assert len(naked) == pictures and not is_masked(naked)
    draw(site)
    mime, painted = played()
    assert (mime, len(painted)) == (PAINTED_MIME, pictures) and is_masked(painted)


def test_playback_that_cannot_be_painted_is_not_shown(
    site: Site, police: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(data: bytes, masks: object) -> bytes:
        raise ValueError

    draw(site)
    monkeypatch.setattr("istros.video.repaint.paint_segment", cannot)
    permit = police.open_permit()
    (row,) = police.get("/api/recordings/TL-01/main", permit=permit, **SPAN).json()
    answer = police.get(f"/api/segments/{row['id']}", permit=permit)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-painted")
    assert "lies under a privacy mask and cannot be painted, so it is not shown" in answer.json()["message"]


def _from_socket(browser: Browser, count: int) -> list[Packet]:
    """The first so many pictures that a browser with WebCodecs gets."""
    parameters, found = None, list[Packet]()
    with browser.socket("/api/live/TL-01/main?as=packets") as socket:
        while len(found) < count:
            message = socket.recv(timeout=60)
            if isinstance(message, str):
                told = json.loads(message)
                if told["type"] == "configuration":
                    parameters = parameters_from(Codec.H264, base64.b64decode(told["description"]))
            elif parameters is not None:
                is_key, _, _, _ = PACKET_HEAD.unpack_from(message)
                found.append(Packet(KEY, parameters, 0, START, bool(is_key), bytes(message[PACKET_HEAD.size :])))
    return found


def test_the_live_socket_is_painted_as_soon_as_a_mask_is_drawn(site: Site) -> None:
    operator = site.browser("operator")
    with camera_sends(site):
        assert not is_masked(decoded(_from_socket(operator, 5)))
        draw(site)
        assert is_masked(decoded(_from_socket(operator, 12)))


def test_whep_is_painted(site: Site) -> None:
    draw(site)
    operator = site.browser("operator")
    with camera_sends(site):
        _from_socket(operator, 1)  # the painter is there, and stays for a moment

        async def scenario() -> list[Any]:
            peer = _Watching()
            offer = await peer.offer()
            answer = await asyncio.to_thread(
                lambda: operator.http.post("/api/live/TL-01/main/whep", content=offer, headers=SDP)
            )
            assert answer.status_code == 201, answer.text
            await peer.take(answer.text)
            async with asyncio.timeout(30):
                await peer.enough.wait()
            await peer.connection.close()
            return peer.pictures

        assert is_masked(asyncio.run(scenario()))


class _Watching(Peer):
    """A browser's side of WebRTC that keeps its pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[Any] = []

    async def _read(self, track: Any) -> None:
        while len(self.pictures) < 5:
            self.pictures.append((await track.recv()).to_ndarray(format="rgb24"))
        self.enough.set()


def test_where_the_recorder_cannot_be_reached_a_masked_camera_shows_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(site, camera="IZ-07")
    monkeypatch.setattr(site.painters, "_relay", Path("nowhere"))
    with site.browser("operator").socket("/api/live/IZ-07/main") as socket:
        states = [json.loads(socket.recv(timeout=60)) for _ in range(2)]
    assert states[1]["status"] == "offline"
    assert "The privacy mask of camera IZ-07 cannot be painted now" in states[1]["problem"]
    assert states[1]["code"] == "not-painted"


def test_one_masked_stream_too_many_is_said_to_that_person_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(views: MaskedViews, person: str, key: StreamKey) -> EnoughMasked | None:
        return EnoughMasked("You watch enough.", "Close a view.") if person == "operator" else None

    monkeypatch.setattr(MaskedViews, "_refusal", refusal)
    operator = site.browser("operator")
    with operator.socket("/api/live/TL-01/main") as socket:
        told = json.loads(socket.recv(timeout=60))
    assert (told["status"], told["code"], told["problem"]) == (
        "offline",
        "enough-masked",
        "You watch enough. Close a view.",
    )

    async def offer() -> str:
        return await Peer().offer()

    answer = operator.http.post("/api/live/TL-01/main/whep", content=asyncio.run(offer()), headers=SDP)
    assert (answer.status_code, answer.json()["code"]) == (409, "enough-masked")
    with site.browser("shift_leader").socket("/api/live/TL-01/main") as socket:
        assert json.loads(socket.recv(timeout=60))["code"] != "enough-masked"


def test_uncovering_needs_two_people_and_leaves_what_was_recorded_under_the_mask(site: Site, police: Browser) -> None:
    draw(site)
    waits = draw(site, [], reason="The house is gone")
    assert waits["zones"]["private"] == [SQUARE] and waits["waiting"]["zones"]["private"] == []
    permit, moment = police.open_permit(), to_iso(START)

    def is_hidden() -> bool:
        return is_masked([picture_of(police.get("/api/stills/TL-01", time=moment, permit=permit).content)])

    assert is_hidden()
    path = "/api/cameras/TL-01/zones/answer"
    assert site.browser("shift_leader").post(path, {"agree": True}).status_code == 403
    assert site.browser("administrator").post(path, {"agree": True}).json()["zones"]["private"] == []
    assert not is_hidden(), "it was recorded before the mask was ever drawn"
    since = Time(START - SECOND)
    site.database.write_now(
        lambda tx: tx.camera_zones._connection.execute(
            CAMERA_ZONES.update().where(CAMERA_ZONES.c.release_id.is_(None)).values(since=since)
        )
    )
    assert is_hidden(), "it was recorded while the mask held"


def of_before(site: Site, permit: str) -> None:
    """A release as an older version gave it: it names no camera."""
    now = site.environment.clock.now()
    row = ReleaseRow(
        "of-before", Matter.LIFT_MASK, permit, "the window", "police", permit, "{}", False, now, "investigator",
        Time(now + HOUR), HOUR, Time(now + HOUR), now, "shift_leader", True,
    )  # fmt: skip
    site.database.write_now(lambda tx: tx.releases.add(row))


def test_masks_are_lifted_for_an_export_by_two_people_alone(site: Site, police: Browser) -> None:
    draw(site)
    permit = police.open_permit()
    order: dict[str, Any] = {"cameras": ["TL-01"], "permit": permit, "reason": "evidence", "liftMasks": True}
    order |= {"recipient": RECIPIENT, "since": to_iso(START), "until": to_iso(Time(START + SECOND))}
    refused = police.post("/api/exports", order)
    assert (refused.status_code, refused.json()["code"]) == (403, "release-needed")
    ask = {"matter": "lift-mask", "subject": permit, "reason": "The window is where it happened", "permit": permit}
    nowhere = police.post("/api/releases", ask)
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "release-cameras-missing")
    assert "must name its cameras" in nowhere.json()["message"]
    for_people = police.post("/api/releases", ask | {"matter": "lift-redaction", "scope": {"cameras": ["TL-01"]}})
    leader = site.browser("shift_leader")
    assert leader.post(f"/api/releases/{for_people.json()['id']}/answer", {"grant": True}).status_code == 200
    assert police.post("/api/exports", order).json()["code"] == "release-needed", "people in saved pictures alone"
    of_before(site, permit)
    assert police.post("/api/exports", order).json()["code"] == "release-needed", "it names no camera"
    asked = police.post("/api/releases", ask | {"scope": {"cameras": ["IZ-07"]}})
    assert asked.status_code == 201, asked.text
    assert "12026-114" in asked.json()["about"], "the second person sees for which case"
    path = f"/api/releases/{asked.json()['id']}"
    assert site.browser("shift_leader").post(f"{path}/answer", {"grant": True}).status_code == 200
    other = police.post("/api/exports", order)
    assert (other.status_code, other.json()["code"]) == (403, "release-needed"), "it names another camera"
    assert police.post(f"{path}/withdraw", {"reason": "the wrong camera"}).status_code == 200
    earlier = {"cameras": ["TL-01"], "from": to_iso(Time(START - 60 * SECOND)), "to": to_iso(START)}
    for_then = police.post("/api/releases", ask | {"scope": earlier}).json()["id"]
    site.browser("shift_leader").post(f"/api/releases/{for_then}/answer", {"grant": True})
    beyond = police.post("/api/exports", order)
    assert (beyond.status_code, beyond.json()["code"]) == (403, "release-needed"), "it names another time"
    police.post(f"/api/releases/{for_then}/withdraw", {"reason": "the wrong time"})
    again = police.post("/api/releases", ask | {"scope": {"cameras": ["TL-01"]}}).json()["id"]
    site.browser("shift_leader").post(f"/api/releases/{again}/answer", {"grant": True})
    made = police.post("/api/exports", order)
    assert (made.status_code, made.json()["liftedUnder"]) == (201, again)
    assert site.audit("exports.order")[-1]["detail"]["lift_masks"] is True
    assert police.post("/api/exports", order | {"liftMasks": False}).json()["liftedUnder"] == ""


def test_the_picture_of_a_plate_under_a_mask_is_not_shown(site: Site, police: Browser) -> None:
    box = (0.4, 0.4, 0.5, 0.45)
    read = replace(plate_read(77, camera="TL-01", crop=b"\xff\xd8 a plate"), plate_box=box)
    site.database.write_now(lambda tx: tx.reads.add(read))
    permit = police.open_permit()
    assert police.get(f"/api/plates/{read.id}/crop", permit=permit).status_code == 200
    draw(site)
    assert police.get(f"/api/plates/{read.id}/crop", permit=permit).status_code == 404
    site.database.write_now(_forget)
    draw(site, [[[0.5075, 0.3], [0.6, 0.3], [0.6, 0.6], [0.5075, 0.6]]])
    assert police.get(f"/api/plates/{read.id}/crop", permit=permit).status_code == 404, "its margin shows the window"


def test_a_recording_of_a_camera_that_was_renamed_is_not_given_out_without_the_files_masks(
    site: Site, police: Browser
) -> None:
    permit = police.open_permit()
    (row,) = police.get("/api/recordings/TL-01/main", permit=permit, **SPAN).json()
    site.database.write_now(lambda tx: _rename(tx, "TL-01", "TL-99"))
    try:
        answer = police.get(f"/api/segments/{row['id']}", permit=permit)
        assert answer.status_code == 404 and site.audit("playback.view", "refused")[-1]["subject"] == row["id"]
    finally:
        site.database.write_now(lambda tx: _rename(tx, "TL-99", "TL-01"))


def test_who_plays_masked_recordings_leaves_workers_for_the_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(site)
    at_once, most, lock = [0], [0], threading.Lock()

    def slowly(data: bytes, masks: object) -> bytes:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.3)
        with lock:
            at_once[0] -= 1
        return data

    monkeypatch.setattr("istros.video.repaint.paint_segment", slowly)
    officers = [site.browser("investigator") for _ in range(5)]
    permit = officers[0].open_permit()
    (row,) = officers[0].get("/api/recordings/TL-01/main", permit=permit, **SPAN).json()

    def play(browser: Browser) -> int:
        return browser.get(f"/api/segments/{row['id']}", permit=browser.open_permit()).status_code

    with ThreadPoolExecutor(5) as players:
        assert list(players.map(play, officers)) == [200] * 5
    assert most[0] == PAINTED_AT_ONCE
