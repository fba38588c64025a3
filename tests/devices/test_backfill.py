"""Holes filled from a camera's card: found by ONVIF, fetched by RTSP replay, put where nothing was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from istros.app.cards import DeviceCard
from istros.base.environment import Environment
from istros.base.time import MINUTE, SECOND, Span, Time, after
from istros.compliance.assessment_drafts import withdraw
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.devices.onvif.address import parse_onvif_address
from istros.devices.watch import DeviceWatch
from istros.recording.archive import Archive
from istros.recording.backfill import BackFill
from istros.recording.check import check
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.cameras import SimulatedCamera, serve_cameras
from istros.sim.cameras.onvif import Card, ReplayServer, SimulatedDevice, profile_of, serve_onvif
from istros.store import Database
from istros.store.disk_local import LocalDisk
from istros.store.edge import EdgeFillRow
from istros.store.rows import GapCause, GapRow, SegmentRow
from istros.video.errors import StreamBroken
from istros.video.packet import Codec, CodecParameters, Packet
from istros.video.rtsp import open_rtsp
from tests.assessed import OFFICER, assess
from tests.devices.waiting import until
from tests.video.encodes import write_clip

KEY = StreamKey("IZ-01", "main")
POLICY = RecordingPolicy(segment_s=4, fragment_s=1, connect_spread_s=0)
PARAMETERS = CodecParameters(
    Codec.H264, 320, 180, (bytes.fromhex("674d400d95a0a0fd8088000003000800000301908b16cb"), bytes.fromhex("68ee3c80"))
)
GOP, FPS = 10, 10


@dataclass(slots=True)
class PaperCard:
    """A card that holds frames of nothing: ten a second, a keyframe a second. `breaks_at` cuts the line once."""

    kept_span: Span
    is_there: bool = True
    breaks_at: Time | None = None
    stands_at: Time | None = None
    """From there on nothing comes, until somebody ends the waiting."""
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Span] = field(default_factory=list)

    async def kept(self) -> list[tuple[str, Span]]:
        return [("recording", self.kept_span)]

    async def replay(self, recording: str, span: Span) -> AsyncIterator[Packet]:
        self.asked.append(span)
        start = max(span.start // SECOND * SECOND, self.kept_span.start)
        first = Time(start)
        for number in range(10_000_000):
            time = Time(first + number * SECOND // FPS)
            if time >= min(span.end + 2 * SECOND, self.kept_span.end):
                return
            if self.breaks_at is not None and time >= self.breaks_at:
                self.breaks_at = None
                raise StreamBroken("The card of Camera IZ-01 hung up.")
            if self.stands_at is not None and time >= self.stands_at:
                self.stands_at = None
                await self.goes_on.wait()
            is_key = number % GOP == 0
            data = b"\x00\x00\x00\x05\x65hell" if is_key else b"\x00\x00\x00\x05\x41hell"
            yield Packet(KEY, PARAMETERS, number * 90_000 // FPS, time, is_key, data)


@dataclass(slots=True)
class Hollow:
    """A node with a hole in its recording."""

    environment: Environment
    database: Database
    archive: Archive
    now: Time

    def back_fill(self, card: PaperCard) -> BackFill:
        return BackFill(self.environment, self.database, self.archive, POLICY, {KEY: card}, {KEY.camera_id: True})

    def hole(self, seconds: float, length_s: float, cause: GapCause = GapCause.NETWORK, id: str = "gap") -> Span:
        span = Span(after(self.now, -seconds), after(self.now, -seconds + length_s))
        row = GapRow(id, KEY.camera_id, KEY.name, span.start, span.end, cause, "The cable was cut.")
        self.database.write_now(lambda tx: tx.gaps.open(row))
        return span

    def segments(self) -> list[SegmentRow]:
        return self.database.read_now(lambda tx: tx.segments.between("IZ-01", "main", self.all))

    def gaps(self) -> list[GapRow]:
        return self.database.read_now(lambda tx: tx.gaps.between("IZ-01", "main", self.all))

    def fill(self, id: str = "gap") -> EdgeFillRow:
        row = self.database.read_now(lambda tx: tx.edge.get(id))
        assert row is not None
        return row

    @property
    def all(self) -> Span:
        return Span(after(self.now, -86_400), after(self.now, 86_400))

    async def check(self) -> list[str]:
        report = await check(self.environment, self.database, self.archive, repair=False)
        return [str(finding) for finding in report.findings]


@pytest.fixture
def place(environment: Environment, database: Database, tmp_path: Path) -> Hollow:
    archive = Archive.of(LocalDisk(tmp_path / "recordings"))
    assess(database, environment, [KEY.camera_id])
    return Hollow(environment, database, archive, Time(environment.clock.now() // SECOND * SECOND))


def test_a_hole_is_filled_and_its_gap_is_gone(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, -100), after(hole.end, 100)))

    async def run() -> None:
        assert await place.back_fill(card).step()
        assert await place.check() == []

    asyncio.run(run())
    rows = place.segments()
    assert (rows[0].start, rows[-1].end) == (hole.start, hole.end)
    assert all(one.end == other.start for one, other in pairwise(rows))
    assert place.gaps() == [], "nothing is missing any more"
    assert [row.number for row in rows] == list(range(1, len(rows) + 1)), "they joined the chain"
    came = place.database.read_now(lambda tx: tx.edge.from_cards([row.id for row in rows] + ["another"]))
    assert came == {row.id for row in rows}
    fill = place.fill()
    assert (fill.state, fill.start, fill.end, fill.detail) == ("done", hole.start, hole.end, "The cable was cut.")


def test_only_what_the_card_has_is_filled(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, 20), after(hole.start, 40)))

    async def run() -> None:
        back_fill = place.back_fill(card)
        await back_fill.step()
        for _ in range(3):
            await back_fill._fill(place.fill(), card)

    asyncio.run(run())
    gaps = [((gap.start - hole.start) / SECOND, ((gap.end or 0) - hole.start) / SECOND) for gap in place.gaps()]
    assert gaps == [(0, 20), (40, 60)], "the gap was split, and both halves keep their cause"
    assert {gap.cause for gap in place.gaps()} == {GapCause.NETWORK}
    assert place.fill().state == "done"


def test_a_card_with_nothing_is_given_up_in_the_end(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.end, 20), after(hole.end, 40)))

    async def run() -> None:
        back_fill = place.back_fill(card)
        assert await back_fill.step()
        assert not await back_fill.step(), "not at once again"
        for _ in range(2):
            await back_fill._fill(place.fill(), card)

    asyncio.run(run())
    assert (place.fill().state, place.segments()) == ("nothing", [])
    assert [(gap.start, gap.end) for gap in place.gaps()] == [(hole.start, hole.end)]


def test_a_line_that_breaks_is_taken_up_where_it_broke(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, -100), after(hole.end, 100)), breaks_at=after(hole.start, 30))

    async def run() -> None:
        back_fill = place.back_fill(card)
        await back_fill.step()
        assert "hung up" in place.fill().problem
        assert 28 <= (place.fill().done_to - hole.start) / SECOND <= 30
        await back_fill._fill(place.fill(), card)
        assert await place.check() == []

    asyncio.run(run())
    assert place.gaps() == [] and place.fill().state == "done"
    assert card.asked[1].start > card.asked[0].start


def _stop(place: Hollow) -> None:
    place.database.write_now(lambda tx: withdraw(tx, place.environment, OFFICER, KEY.camera_id, "a complaint"))


def test_nothing_is_taken_from_the_card_of_a_camera_that_was_stopped(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, -100), after(hole.end, 100)))
    _stop(place)
    assert not asyncio.run(place.back_fill(card).step())
    assert (card.asked, place.segments()) == ([], [])


def test_filling_ends_when_the_camera_is_stopped(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, -100), after(hole.end, 100)), stands_at=after(hole.start, 30))

    async def run() -> None:
        task = asyncio.create_task(place.back_fill(card).step())

        async def half() -> bool:
            return card.stands_at is None and len(place.segments()) >= 2

        await until(half)
        _stop(place)
        card.goes_on.set()
        await task

    asyncio.run(run())
    assert place.segments()[-1].end <= after(hole.start, 40)
    assert "its assessment is not in force" in place.fill().problem


def test_a_kill_in_the_middle_leaves_nothing_behind(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, -100), after(hole.end, 100)), stands_at=after(hole.start, 30))

    async def run() -> None:
        task = asyncio.create_task(place.back_fill(card).step())

        async def half() -> bool:
            return card.stands_at is None and len(place.segments()) >= 2

        await until(half)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        # As a kill would leave it: a file that was begun, and its name.
        torn = "IZ-01/main/2026-01-01/000000.000.mp4"
        place.archive.disk("main").append(torn, b"half a segment")
        row = place.fill()
        leftover = EdgeFillRow(*(getattr(row, name) for name in row.__slots__))
        place.database.write_now(lambda tx: tx.edge.put(_with_path(leftover, torn)))
        again = place.back_fill(card)
        await again._fill(place.fill(), card)
        assert place.archive.disk("main").size(torn) is None
        assert [finding for finding in await place.check() if "overlap" in finding] == []

    asyncio.run(run())
    rows = place.segments()
    assert (rows[0].start, rows[-1].end) == (hole.start, hole.end)
    assert place.gaps() == []


def _with_path(row: EdgeFillRow, path: str) -> EdgeFillRow:
    from dataclasses import replace

    return replace(row, disk="main", path=path)


def test_what_was_recorded_meanwhile_is_never_covered(place: Hollow) -> None:
    hole = place.hole(600, 60)
    card = PaperCard(Span(after(hole.start, -100), after(hole.end, 100)))

    async def run() -> None:
        await place.back_fill(card).step()
        rows = place.segments()
        # The same hole once more, as if the ledger had forgotten: nothing may be doubled.
        await place.back_fill(card)._fill(_restarted(place.fill()), card)
        assert [row.id for row in place.segments()] == [row.id for row in rows]
        assert await place.check() == []

    asyncio.run(run())
    assert hole.duration_us == MINUTE


def _restarted(row: EdgeFillRow) -> EdgeFillRow:
    from dataclasses import replace

    return replace(row, done_to=row.start, state="waiting")


def test_holes_of_our_own_making_are_not_the_cards(place: Hollow) -> None:
    for number, cause in enumerate((GapCause.RECORDER, GapCause.DISK, GapCause.PLANNED)):
        place.hole(600 + 100 * number, 60, cause, f"gap-{number}")
    place.hole(100, 0.5, GapCause.NETWORK, "short")
    card = PaperCard(place.all)
    assert asyncio.run(place.back_fill(card).step()) is False
    away = PaperCard(place.all, is_there=False)
    place.hole(300, 60, GapCause.CAMERA, "camera")
    assert asyncio.run(place.back_fill(away).step()) is False


@pytest.mark.slow
def test_a_cut_network_leaves_no_hole_when_the_camera_has_a_card(
    environment: Environment, database: Database, tmp_path: Path
) -> None:
    """The whole way: recorded live, cut for twenty seconds, fetched from the card, checked."""
    film = write_clip(tmp_path / "film.h264", Codec.H264, width=320, height=180, frames=50, fps=25, gop=25)
    archive = Archive.of(LocalDisk(tmp_path / "recordings"))
    assess(database, environment, [KEY.camera_id])

    async def run() -> None:
        cameras = await serve_cameras(
            [SimulatedCamera("IZ-01", film, film, user="eye", password="secret")], "127.0.0.1", 0, environment
        )
        stream = cameras.stream("IZ-01/main")
        profiles = (profile_of("main", stream.film),)
        device = SimulatedDevice(environment, "IZ-01", cameras.port, profiles, "eye", "secret", clock_error_s=7.0)
        device.card = card = Card(device.now)
        stream.on_frame = card.keep
        onvif = await serve_onvif([device], "127.0.0.1", 0, environment)
        replay = ReplayServer([device], environment)
        await replay.start("127.0.0.1", 0)
        where = parse_onvif_address(f"http://eye:secret@127.0.0.1:{onvif.port}/IZ-01/onvif/device_service")
        live = Stream(KEY, SecretUrl(f"rtsp://eye:secret@127.0.0.1:{cameras.port}/IZ-01/main"))
        camera = Camera("IZ-01", Place("Harbour gate", "Izmail"), "izmail", (live,), onvif=where)
        recorder = Recorder(environment, database, archive, [camera], open_rtsp(environment), POLICY)
        watch = DeviceWatch(environment, database, camera)
        back_fill = BackFill(
            environment,
            database,
            archive,
            POLICY,
            {KEY: DeviceCard(environment, watch, 2_000_000)},
            {KEY.camera_id: True},
        )
        stop = asyncio.Event()
        tasks = [asyncio.create_task(work) for work in (recorder.run(stop), watch.run())]

        async def recorded() -> list[SegmentRow]:
            everything = Span(Time(0), after(environment.clock.now(), 60))
            return await database.read(lambda tx: tx.segments.between("IZ-01", "main", everything))

        async def two() -> bool:
            return len(await recorded()) >= 2

        await until(two, 30)
        stream.stop()
        await onvif.stop()
        cut_at = environment.clock.now()
        await environment.clock.sleep(20.0)
        stream.start()
        await onvif.resume()

        async def back() -> bool:
            gaps = await database.read(lambda tx: tx.gaps.between("IZ-01", "main", Span(cut_at, after(cut_at, 120))))
            return bool(gaps) and gaps[-1].end is not None and watch.device is not None

        await until(back, 60)
        replay.frames_most = 250  # The line breaks once in the middle.
        assert await back_fill.step()
        replay.frames_most = None
        for row in await database.read(lambda tx: tx.edge.waiting()):
            await back_fill._fill(row, back_fill._sources[KEY])
        stop.set()
        await tasks[0]
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await replay.close()
        await onvif.close()
        await cameras.close()
        rows = await recorded()
        holes = [other.start - one.end for one, other in pairwise(rows)]
        assert max(holes) <= 1.2 * SECOND, "at most the group of pictures that the cut fell into"
        (fill,) = await database.read(lambda tx: tx.edge.between("IZ-01", Span(Time(0), Time(1 << 62))))
        print(f"hole {(fill.end - fill.start) / SECOND:.1f} s, left {max(holes) / SECOND:.2f} s, {len(rows)} segments")
        assert fill.end - fill.start > 19 * SECOND and fill.state == "done"
        report = await check(environment, database, archive, repair=False)
        assert [str(finding) for finding in report.findings] == []
        assert replay.played >= 2

    asyncio.run(run())
