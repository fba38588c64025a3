"""The analyser's people, run on a simulated square: what is kept, and that no template of a face is written anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from istros.app.people_analysis import PeopleOffice
from istros.base.environment import real_environment
from istros.base.time import HOUR, Span, Time
from istros.compliance.cascade import on_undone
from istros.compliance.models_record import record_models
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.events.persons import close_person, undo_person
from istros.recognition.analyser import Analyser, AnalysisPolicy
from istros.recognition.faces import quality
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.picture import Picture
from istros.sim.clips import FOLDER
from istros.store import Database, open_database
from istros.store.people import PeopleQuery
from istros.store.persons import PersonEntryRow
from istros.store.releases import Matter
from istros.video.packet import Packet
from tests.events.sought import CAMERA, OFFICER, Hunt, portrait_of
from tests.recognition.pictures import needs_models
from tests.recognition.simulated_faces import NAME
from tests.video.clip_packets import clip_packets

pytestmark = needs_models
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
def hunt(tmp_path: Path) -> Iterator[Hunt]:
    on_undone(Matter.WATCH_PERSON, undo_person)
    environment = real_environment(workers=2)
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    yield Hunt(database, environment, tmp_path)
    database.close()
    environment.workers.close()


def square_camera(zone: bool = True) -> Camera:
    key = StreamKey(CAMERA, "main")
    stream = Stream(key, SecretUrl("rtsp://127.0.0.1/x"))
    place = Place("Square", "Tulcea", 45.2, 28.8)
    return Camera(CAMERA, place, "tulcea", (stream,), face_zone=(WHOLE,) if zone else ())


async def analysed(hunt: Hunt, office: PeopleOffice, camera: Camera, seconds: float = 10.0) -> None:
    """Let the analyser look at the square for so long, as it came from the camera just now."""
    environment = hunt.environment

    async def read_stream(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        begin = environment.clock.now()
        for packet in clip_packets(FOLDER / f"{NAME}_main.mp4", keys[0], begin):
            await asyncio.sleep(max(0.0, (packet.time - environment.clock.now()) / 1_000_000))
            yield packet
        await asyncio.sleep(3600)

    async def nothing(_: object) -> None:
        return None

    policy = AnalysisPolicy(frames_per_second=2)
    analyser = Analyser(environment, [camera], read_stream, nothing, nothing, policy, people=office.desk)
    stop = asyncio.Event()
    work = asyncio.create_task(analyser.run(stop))
    renewing = asyncio.create_task(office.run(stop))
    await asyncio.sleep(seconds)
    stop.set()
    await asyncio.gather(work, renewing)


class Eavesdropper:
    """Remembers, for the test alone, the bytes of every template that the embedder makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[bytes] = []
        original = FaceEmbedder.templates_of
        mean = FaceTemplate.mean

        def listening(embedder: FaceEmbedder, chips: Sequence[Picture]) -> list[FaceTemplate]:
            templates = original(embedder, chips)
            self._note(templates)
            return templates

        def averaging(templates: Sequence[FaceTemplate]) -> FaceTemplate:
            found = mean(templates)
            self._note([found])
            return found

        monkeypatch.setattr(FaceEmbedder, "templates_of", listening)
        monkeypatch.setattr(FaceTemplate, "mean", staticmethod(averaging))

    def _note(self, templates: Sequence[FaceTemplate]) -> None:
        for template in templates:
            template.sealed(lambda numbers: self.made.append(numbers) or b"")  # type: ignore[func-returns-value]


def places_holding(needles: Sequence[bytes], folder: Path) -> list[str]:
    """Files of the node, and files that this process has mapped into its memory, that hold one of the needles.

    Among half a gigabyte of mapped libraries a dozen of the needles are looked for, among the node's own files all.
    """
    maps = Path("/proc/self/maps").read_text()
    mapped = {Path(line.split(maxsplit=5)[5]) for line in maps.splitlines() if len(line.split(maxsplit=5)) == 6}
    own = [file for file in folder.rglob("*") if file.is_file()]
    some = [*needles[:6], *needles[-6:]]
    others = sorted(file for file in mapped - set(own) if file.is_file())
    return [str(file) for files, wanted in ((own, needles), (others, some)) for file in files if _holds(file, wanted)]


def _holds(file: Path, needles: Sequence[bytes]) -> bool:
    data = file.read_bytes()
    return any(needle in data for needle in needles)


def needles_of(made: Sequence[bytes]) -> list[bytes]:
    """Sixteen numbers of each template, from its beginning and its end."""
    return [part for each in made for part in (each[:64], each[-64:])]


async def _watched(hunt: Hunt, picture: bytes) -> PersonEntryRow:
    hunt.sign_profile()
    entry = hunt.entry()
    assert (await hunt.enrol(entry, picture)).row is not None
    hunt.decide(hunt.ask(entry))
    hunt.operate(entry)
    return entry


def test_no_template_of_a_face_is_written_anywhere(hunt: Hunt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ears = Eavesdropper(monkeypatch)
    # The clip's faces are some 40 pixels high: with the real bound not one of them would become a template.
    monkeypatch.setattr(quality, "LEAST_COMPARED_PX", 16)
    monkeypatch.setattr(quality, "_BLURRED", 0.0)
    office = PeopleOffice(hunt.environment, hunt.database, hunt.keys)

    async def story() -> PersonEntryRow:
        entry = await _watched(hunt, portrait_of("w01"))
        await office.renew()
        assert len(office.desk.watched) == 1
        await analysed(hunt, office, square_camera())
        return entry

    entry = asyncio.run(story())
    now = hunt.now
    (counts,) = _sums(hunt.database, now)
    assert counts[0] > 0 and counts[1] > 0, "faces were seen and compared"
    assert len(ears.made) > 2, "templates were made"
    made = list(ears.made)
    needles = needles_of(made)
    assert places_holding(needles, tmp_path) == []
    proof = tmp_path / "proof.bin"
    proof.write_bytes(b"x" * 100 + made[-1])
    assert places_holding(needles, tmp_path) == [str(proof)], "the search finds what is there"
    proof.unlink()
    hunt.database.write_now(lambda tx: close_person(tx, hunt.environment, OFFICER, entry.id, "found"))
    asyncio.run(hunt.gallery.sweep())
    assert places_holding(needles, tmp_path) == []
    asyncio.run(office.renew())
    assert office.desk.watched == () and office.desk.embedder is None


def test_with_weights_that_nobody_approved_no_face_is_matched_and_nobody_is_described(
    hunt: Hunt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole analyser under a signed profile and an operation that runs; the weights of its own process count."""
    ears = Eavesdropper(monkeypatch)
    monkeypatch.setattr(quality, "LEAST_COMPARED_PX", 16)
    monkeypatch.setattr(quality, "_BLURRED", 0.0)
    approved, others = {"face-embedder": "a" * 64}, {"face-embedder": "c" * 64}
    hunt.database.write_now(lambda tx: record_models(tx, hunt.environment, approved, by="istros"))
    office = PeopleOffice(hunt.environment, hunt.database, hunt.keys, others)

    async def story() -> int:
        await _watched(hunt, portrait_of("w01"))
        enrolled = len(ears.made)
        await office.renew()
        assert office.desk.watched == () and office.desk.models.detector is None
        await analysed(hunt, office, square_camera(), seconds=6.0)
        return enrolled

    assert asyncio.run(story()) == len(ears.made), "no face that was seen became a template"
    everything = Span(Time(0), Time(hunt.now + HOUR))
    assert hunt.database.read_now(lambda tx: tx.people.between(PeopleQuery(everything), 10)) == ([], 0)
    assert hunt.database.read_now(lambda tx: tx.people.face_counts(everything)) == []
    allowed = PeopleOffice(hunt.environment, hunt.database, hunt.keys, approved)
    asyncio.run(allowed.renew())
    assert len(allowed.desk.watched) == 1, "with the approved ones it would have been compared"


def _sums(database: Database, now: Time) -> list[tuple[int, int]]:
    span = Span(Time(now - 2 * HOUR), Time(now + HOUR))
    rows = database.read_now(lambda tx: tx.people.face_counts(span))
    return [(sum(row.seen for row in rows), sum(row.compared for row in rows))] if rows else []


def test_without_a_released_entry_no_template_is_made_and_people_are_described(
    hunt: Hunt, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = Eavesdropper(monkeypatch)
    office = PeopleOffice(hunt.environment, hunt.database, hunt.keys)

    async def story() -> None:
        hunt.sign_profile()
        await office.renew()
        await analysed(hunt, office, square_camera())

    asyncio.run(story())
    assert ears.made == []
    span = Span(Time(hunt.now - HOUR), Time(hunt.now + HOUR))
    rows, searched = hunt.database.read_now(lambda tx: tx.people.between(PeopleQuery(span), 100))
    assert rows and searched == len(rows)
    assert any(row.upper for row in rows) and all(row.camera_id == CAMERA for row in rows)
    counted = hunt.database.read_now(lambda tx: tx.people.counts(Span(Time(0), Time(hunt.now + HOUR))))
    assert sum(row.count for row in counted if not row.band) >= len(rows)


def test_without_a_signed_profile_nothing_about_people_is_kept(hunt: Hunt) -> None:
    office = PeopleOffice(hunt.environment, hunt.database, hunt.keys)

    async def story() -> None:
        await office.renew()
        assert office.desk.models.detector is None and not office.desk.counts
        await analysed(hunt, office, square_camera(), seconds=6.0)

    asyncio.run(story())
    everything = Span(Time(0), Time(hunt.now + HOUR))
    assert hunt.database.read_now(lambda tx: tx.people.between(PeopleQuery(everything), 10)) == ([], 0)
    assert hunt.database.read_now(lambda tx: tx.people.counts(everything)) == []
    assert hunt.database.read_now(lambda tx: tx.people.face_counts(everything)) == []


def test_a_template_forgets_its_numbers() -> None:
    template = FaceTemplate(np.ones(128, np.float32))
    template.forget()
    assert np.isnan(template.distance(FaceTemplate(np.ones(128, np.float32))))
