"""Recordings looked through for one face: found, counted, named where they are missing, and no template written anywhere.

The recordings are the simulated square through a longer lens (`tests.line.square_node`): a man who does not exist walks up
to the camera. Nets, decoder, disk and database are the node's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from istros.app.face_searcher import FaceSearcher
from istros.base.environment import real_environment
from istros.base.said import NOTHING
from istros.base.time import MINUTE, SECOND, Span, Time
from istros.compliance import releases
from istros.compliance.cascade import on_undone
from istros.devices.camera import StreamKey
from istros.events.face_gallery import SEEN
from istros.events.face_looked import Looked, looked_of
from istros.events.face_search import undo_search
from istros.events.persons import undo_person
from istros.recognition.face_film import FilmEyes
from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.embedder import FaceEmbedder
from istros.recognition.own_detector import detector_of
from istros.recording.archive import Archive
from istros.recording.files import path_of
from istros.recording.playback import Playback
from istros.store import open_database
from istros.store.disk_local import LocalDisk
from istros.store.face_searches import FaceSearchRow, SearchState
from istros.store.faces import FaceCandidateRow
from istros.store.releases import Matter
from istros.store.rows import GapCause, GapRow, SegmentRow, SegmentState
from istros.video.fmp4 import Sample, fragment, init_segment
from tests.app.test_people_analysis import WHOLE, Eavesdropper, needles_of, places_holding, square_camera
from tests.events.sought import CAMERA, LEADER, Hunt, portrait_of
from tests.line.square_node import PICTURED, WALKER, film_the_square
from tests.recognition.pictures import needs_models
from tests.video.clip_packets import clip_packets

pytestmark = needs_models
TICKS = 7200
"""Of one picture at 12.5 a second."""
WHOLE_WALK = slice(None)


class Square:
    """A node with recordings of the square: `record` puts one walk of five seconds at a moment."""

    def __init__(self, hunt: Hunt, film: Path) -> None:
        self.hunt, self.film = hunt, film
        self.disk = LocalDisk(hunt.folder / "recordings")
        self.begin = Time((hunt.now // MINUTE - 20) * MINUTE)
        self.playback = Playback(hunt.database, Archive.of(self.disk))
        self.read: list[str] = []
        self.cameras = [square_camera()]

    def record(self, at: Time, part: slice = WHOLE_WALK) -> SegmentRow:
        """The walk as one segment that begins at a moment, or a part of its pictures that begins with a key frame."""
        key = StreamKey(CAMERA, "main")
        packets = list(clip_packets(self.film, key, at))[part]
        assert packets[0].is_key
        samples = [Sample(TICKS, packet.data, packet.is_key) for packet in packets]
        data = init_segment(packets[0].parameters) + fragment(1, 0, samples, at)
        self.disk.append(path_of(key, at), data)
        end = Time(at + len(samples) * TICKS * SECOND // 90_000)
        row = SegmentRow(
            f"s{at}", CAMERA, "main", at, end, path_of(key, at), len(data), len(samples), "video/mp4", SegmentState.OPEN
        )
        digest = hashlib.sha256(data).hexdigest()
        self.hunt.database.write_now(lambda tx: tx.segments.add(row))
        self.hunt.database.write_now(
            lambda tx: tx.segments.close(row.id, end=end, size_bytes=len(data), frames=len(samples), sha256=digest)
        )
        return row

    def asked(self, minutes: int, person: str = WALKER) -> FaceSearchRow:
        """A released search over so many minutes from `begin` on, for one of the square's people."""
        hunt = self.hunt
        hunt.sign_profile()
        entry = hunt.entry()
        assert asyncio.run(hunt.enrol(entry, portrait_of(person, PICTURED if person == WALKER else 40))).row is not None
        hunt.decide(hunt.ask(entry))
        search = hunt.search(entry, span=Span(self.begin, Time(self.begin + minutes * MINUTE)))
        hunt.grant(search)
        return hunt.again(search)

    def searcher(self, on_read: Callable[[SegmentRow], None] = lambda row: None) -> FaceSearcher:
        def read(row: SegmentRow) -> bytes:
            self.read.append(row.id)
            on_read(row)
            return self.playback.read(row)

        def eyes() -> FilmEyes:
            return FilmEyes(detector_of(None), FaceDetector(), FaceEmbedder())

        hunt = self.hunt
        return FaceSearcher(hunt.environment, hunt.database, self.cameras, read, hunt.keys, eyes)

    def looked(self, search: FaceSearchRow) -> Looked:
        (only,) = looked_of(self.hunt.again(search).looked)
        return only


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_the_square(tmp_path_factory.mktemp("film"))[0]


@pytest.fixture
def square(tmp_path: Path, film: Path) -> Iterator[Square]:
    on_undone(Matter.WATCH_PERSON, undo_person)
    on_undone(Matter.FACE_SEARCH, undo_search)
    environment = real_environment(workers=2)
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    yield Square(Hunt(database, environment, tmp_path), film)
    database.close()
    environment.workers.close()


def test_the_sought_man_is_found_and_no_template_is_written_anywhere(
    square: Square, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hunt = square.hunt
    walk = square.record(Time(square.begin + 90 * SECOND))
    gap = GapRow("g1", CAMERA, "main", square.begin, Time(square.begin + MINUTE), GapCause.NETWORK, "no link")
    hunt.database.write_now(lambda tx: tx.gaps.open(gap))
    search = square.asked(3)
    ears = Eavesdropper(monkeypatch)
    asyncio.run(square.searcher().once())

    done, looked = hunt.again(search), square.looked(search)
    assert (done.state, done.problem, round(done.progress, 3)) == (SearchState.DONE, NOTHING, 1.0)
    found = hunt.database.read_now(lambda tx: tx.faces.of_search(search.id))
    best = found[0]
    assert best.distance <= best.threshold and best.false_match_rate <= 0.001 and best.outcome == "open"
    assert walk.start <= best.time < walk.end and best.camera_id == CAMERA and best.alarm_id is None
    sealed = hunt.database.read_now(lambda tx: tx.faces.picture(best.id))
    seen = hunt.keys.open(search.key, sealed or b"", SEEN)
    assert seen.startswith(b"\xff\xd8") and hashlib.sha256(seen).hexdigest() == best.sha256
    assert looked.looked_us == walk.end - walk.start and looked.tracks >= looked.compared >= len(found)
    causes = [(each.cause, each.start - square.begin) for each in looked.missing]
    assert ("network", 0) in causes and causes[-1][0] == "not-recorded"
    assert sum(each.end - each.start for each in looked.missing) == 3 * MINUTE - looked.looked_us

    assert len(ears.made) >= 2, "templates were made"
    needles = [*needles_of(ears.made), seen[len(seen) // 2 : len(seen) // 2 + 64]]
    assert places_holding(needles, tmp_path) == []
    proof = tmp_path / "proof.bin"
    proof.write_bytes(b"x" * 100 + ears.made[-1])
    assert places_holding(needles, tmp_path) == [str(proof)], "the search finds what is there"

    rows = hunt.database.read_now(lambda tx: tx.audit.of_actions(("faces.searched",), Time(0), 10))
    use = json.loads(rows[-1].detail)
    assert use["reference"]["sha256"] == done.sha256 and use["released_by"] == "leader"
    assert use["matches"][0] | {"time": ""} == {"id": best.id, "camera": CAMERA, "sha256": best.sha256, "time": ""}
    assert use["began"] <= use["ended"] and use["tracks"] == looked.tracks and rows[-1].permit_id == search.permit_id


def test_somebody_else_is_not_found(square: Square) -> None:
    square.record(Time(square.begin + 10 * SECOND))
    search = square.asked(1, "w01")
    asyncio.run(square.searcher().once())
    assert square.hunt.again(search).state is SearchState.DONE and square.looked(search).tracks > 0
    assert square.hunt.database.read_now(lambda tx: tx.faces.of_search(search.id)) == []


def test_under_a_privacy_mask_nobody_is_found(square: Square) -> None:
    square.record(Time(square.begin + 10 * SECOND))
    search = square.asked(1)
    square.cameras = [replace(square_camera(), private_zone=(WHOLE,))]
    asyncio.run(square.searcher().once())
    assert square.hunt.again(search).state is SearchState.DONE and square.looked(search).faces == 0
    assert square.hunt.database.read_now(lambda tx: tx.faces.of_search(search.id)) == []


async def broken_off(square: Square, at: SegmentRow) -> None:
    """Search until that segment is read, and end there as a killed process does."""
    ends: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()

    def on_read(row: SegmentRow) -> None:
        if row.id == at.id:
            loop.call_soon_threadsafe(ends[0].cancel)

    ends.append(asyncio.create_task(square.searcher(on_read).once()))
    await asyncio.gather(*ends, return_exceptions=True)


def test_a_killed_search_goes_on_where_it_was(square: Square) -> None:
    first = square.record(Time(square.begin + 10 * SECOND))
    second = square.record(Time(square.begin + 70 * SECOND))
    search = square.asked(2)

    asyncio.run(broken_off(square, second))
    half = square.hunt.again(search)
    assert (half.state, square.looked(search).until) == (SearchState.RUNNING, square.begin + MINUTE)
    assert half.progress == 0.5
    found = square.hunt.database.read_now(lambda tx: len(tx.faces.of_search(search.id)))
    square.read.clear()
    asyncio.run(square.searcher().once())
    assert square.read == [second.id], "what was looked through is not read again"
    assert square.hunt.again(search).state is SearchState.DONE
    assert square.looked(search).looked_us == 2 * (first.end - first.start)
    assert square.hunt.database.read_now(lambda tx: len(tx.faces.of_search(search.id))) == 2 * found > 0


def across_a_border(square: Square) -> tuple[SegmentRow, SegmentRow]:
    """One walk in two segments, of which the second begins the next minute of the search."""
    first = square.record(Time(square.begin + MINUTE - 3 * SECOND), slice(0, 48))
    assert first.end > square.begin + MINUTE
    return first, square.record(first.end, slice(48, None))


def found_of(square: Square, search: FaceSearchRow) -> list[FaceCandidateRow]:
    found = square.hunt.database.read_now(lambda tx: tx.faces.of_search(search.id))
    return sorted(found, key=lambda each: each.time)


def test_who_walks_across_the_border_of_two_minutes_is_told_once_and_by_the_best_faces_of_both(square: Square) -> None:
    first, _ = across_a_border(square)
    whole = square.record(Time(square.begin + 4 * MINUTE + 10 * SECOND))
    search = square.asked(6)
    asyncio.run(square.searcher().once())
    one, other = found_of(square, search)
    assert one.time - first.start == other.time - whole.start
    assert (one.faces, one.quality) == (other.faces, other.quality)
    assert one.distance == pytest.approx(other.distance, abs=0.02)


def test_a_search_that_is_broken_off_on_the_border_tells_them_once_too(square: Square) -> None:
    first, second = across_a_border(square)
    search = square.asked(2)
    asyncio.run(broken_off(square, second))
    half = square.looked(search)
    assert (half.until, first.start <= half.since < first.end) == (first.end, True)
    assert found_of(square, search) == [], "they are still in the picture"
    square.read.clear()
    asyncio.run(square.searcher().once())
    assert square.read == [first.id, second.id]
    (only,) = found_of(square, search)
    assert first.start <= only.time < second.end
    done = square.looked(search)
    assert (done.since, done.looked_us) == (0, second.end - first.start), "what is seen again is counted once"


def test_a_stopped_search_keeps_what_it_found_and_looks_no_further(square: Square) -> None:
    square.record(Time(square.begin + 10 * SECOND))
    later = square.record(Time(square.begin + 70 * SECOND))
    search = square.asked(2)

    def on_read(row: SegmentRow) -> None:
        square.hunt.database.write_now(lambda tx: tx.face_searches.wish_cancel(search.id))

    asyncio.run(square.searcher(on_read).once())
    assert square.hunt.again(search).state is SearchState.STOPPED and later.id not in square.read
    assert square.hunt.database.read_now(lambda tx: tx.faces.of_search(search.id)) != []


def test_a_search_whose_leave_goes_meanwhile_writes_nothing(square: Square) -> None:
    square.record(Time(square.begin + 10 * SECOND))
    search = square.asked(1)
    hunt = square.hunt
    release = hunt.database.read_now(lambda tx: tx.releases.alive(Matter.FACE_SEARCH, search.id))[0]

    def on_read(row: SegmentRow) -> None:
        hunt.database.write_now(lambda tx: releases.withdraw(tx, hunt.environment, LEADER, release.id, "enough"))

    asyncio.run(square.searcher(on_read).once())
    ended = hunt.again(search)
    assert (ended.state, ended.looked) == (SearchState.ENDED, "[]")
    assert hunt.database.read_now(lambda tx: tx.faces.of_search(search.id)) == []


def test_a_recording_that_cannot_be_read_is_named(square: Square) -> None:
    walk = square.record(Time(square.begin + 10 * SECOND))
    (square.hunt.folder / "recordings" / walk.path).unlink()
    search = square.asked(1)
    asyncio.run(square.searcher().once())
    assert square.hunt.again(search).state is SearchState.DONE
    assert [each.cause for each in square.looked(search).missing] == ["not-recorded", "unreadable", "not-recorded"]
