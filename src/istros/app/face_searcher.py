"""Looks through recordings for one released face after another, a minute of one camera at a time.

A minute is looked through whole or not at all: its numbers and its candidates are written in one transaction, which asks
once more whether there is leave. So a killed search goes on where it was, and one whose leave has gone writes nothing more.
Who is in the picture at the end of a minute is followed into the next one and told once, in the minute in which they go.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from istros.base.entry_keys import SealKeys
from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.said import NOTHING, Said, say
from istros.base.sealing import SealBroken
from istros.base.time import MINUTE, SECOND, Span, Time, to_iso
from istros.devices.camera import Camera, StreamKey
from istros.devices.masks import masks_of
from istros.events.face_gallery import SEEN, TEMPLATE, quality_facts
from istros.events.face_looked import Looked, as_text, looked_of, missing_in
from istros.events.face_search import may_look, next_search, release_of
from istros.events.record import Author, record
from istros.events.repeating import repeat
from istros.recognition.face_film import LOOKS_PER_SECOND, FaceFilm, FilmEyes, SoughtFace
from istros.recognition.faces.embedder import FaceTemplate
from istros.recognition.faces.face_watch import FaceCandidate
from istros.recognition.zones import PictureZones
from istros.store import Database, Transaction
from istros.store.face_searches import FaceSearchRow, SearchState
from istros.store.faces import FaceCandidateRow
from istros.store.rows import SegmentRow, StreamName
from istros.video.frame import Frame
from istros.video.packet import MEDIA_RATE
from istros.video.stills import pictures_apart

LOOK_S = 2.0
STRETCH = MINUTE
MOST_AGAIN = MINUTE
"""Of what was looked through already, for those who were in the picture when a search was broken off."""

MOST_ATTEMPTS = 5
"""A search that brought its process down this often is given up."""

MOST_CANDIDATES = 200
"""Of one search; the least alike ones that nobody has judged give way, and are counted."""

ReadSegment = Callable[[SegmentRow], bytes]
_LOG = structlog.get_logger("istros.searcher")
_NODE = Author("istros", "searcher")


class _Stopped(Exception):
    """Somebody wants no more of it."""


class _Over(Exception):
    """The leave has gone: nothing more is looked at or written."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A minute of a camera: its segments, and the zones that hold there now."""

    span: Span
    segments: tuple[SegmentRow, ...]
    zones: PictureZones
    before: Span
    """Where those who were in the picture at its beginning are seen once more, when it begins in a new process."""
    segments_before: tuple[SegmentRow, ...]


class FaceSearcher:
    """One search at a time, on one core. `open_eyes` loads the nets when the first search begins."""

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera], read: ReadSegment, keys: SealKeys,
        open_eyes: Callable[[], FilmEyes],
    ) -> None:  # fmt: skip
        self._environment, self._database, self._keys = environment, database, keys
        self._cameras = {camera.id: camera for camera in cameras}
        self._read, self._open_eyes = read, open_eyes
        self._eyes: FilmEyes | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is being looked through then goes on with the next start."""

        async def step() -> bool:
            work, ended = asyncio.create_task(self.once()), asyncio.create_task(stop.wait())
            await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            if work.done():
                work.result()
            else:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
            return False

        await repeat(self._environment, stop, LOOK_S, "face searcher", step)

    async def once(self) -> None:
        """Look through everything that is released and waits, then let the nets go."""
        while (row := await self._database.read(lambda tx: next_search(tx, self._environment.clock.now()))) is not None:
            await self._search(row)
        self._eyes = None

    async def _search(self, row: FaceSearchRow) -> None:
        sought: SoughtFace | None = None
        try:
            row = await self._database.write(lambda tx: self._begin(tx, row.id))
            if row.attempts > MOST_ATTEMPTS:
                raise SearchGivenUp(
                    say("face-search-broken-off", "The search was broken off too often."), "Ask for a shorter span."
                )
            sought = await self._database.read(lambda tx: self._sought(tx, row))
            if self._eyes is None:
                self._eyes = await self._environment.workers.run(self._open_eyes)
            eyes = self._eyes
            for camera_id in row.cameras:
                await self._camera(row.id, camera_id, sought, eyes)
            await self._finish(row.id, SearchState.DONE)
        except _Over:
            return
        except _Stopped:
            await self._finish(row.id, SearchState.STOPPED)
        except IstrosError as error:
            await self._finish(row.id, SearchState.FAILED, error.said)
        except Exception as error:  # one search's fault may not stop the others
            _LOG.exception("search failed", search=row.id)
            fault = type(error).__name__
            sentence = f"The search failed ({fault}); the log of the searcher tells more."
            await self._finish(row.id, SearchState.FAILED, say("search-failed", sentence, fault=fault))
        finally:
            if sought is not None:
                sought.template.forget()

    def _begin(self, tx: Transaction, search_id: str) -> FaceSearchRow:
        row, now = self._still(tx, search_id), self._environment.clock.now()
        tx.face_searches.change(
            row.id, state=SearchState.RUNNING, attempts=row.attempts + 1, started=row.started or now
        )
        return self._still(tx, search_id)

    def _still(self, tx: Transaction, search_id: str) -> FaceSearchRow:
        """The search as it is now, with leave. Raises _Over."""
        row = tx.face_searches.get(search_id)
        if row is None or not may_look(tx, row, self._environment.clock.now()):
            raise _Over
        return row

    def _sought(self, tx: Transaction, row: FaceSearchRow) -> SoughtFace:
        release = release_of(tx, row)
        face = tx.persons.face(row.entry_id) if row.entry_id else None
        sealed = row.template if face is None else face.template
        if release is None or sealed is None:
            raise _Over
        return SoughtFace(
            row.key, release.id, FaceTemplate.opened(sealed, lambda data: self._keys.open(row.key, data, TEMPLATE))
        )

    async def _camera(self, search_id: str, camera_id: str, sought: SoughtFace, eyes: FilmEyes) -> None:
        film: FaceFilm | None = None
        while True:
            row, looked, stretch = await self._database.read(lambda tx: self._stretch(tx, search_id, camera_id))
            if row.cancel_wished:
                if film is not None:
                    await self._environment.workers.run(film.close)
                    await self._keep(search_id, looked, Span(Time(looked.until), Time(looked.until)), film, [], [])
                raise _Stopped
            if stretch is None:
                return
            if film is None:
                film = FaceFilm(camera_id, stretch.zones, eyes, sought, self._environment.ids.new)
                await self._see(film, stretch.segments_before, stretch.before)
                film.taken()  # who had gone before is told already
            film.use(stretch.zones)
            seen, unreadable = await self._see(film, stretch.segments, stretch.span)
            await self._environment.workers.run(film.reach, stretch.span.end)
            if stretch.span.end >= row.end:
                await self._environment.workers.run(film.close)
            await self._keep(search_id, looked, stretch.span, film, seen, unreadable)

    async def _see(self, film: FaceFilm, segments: Sequence[SegmentRow], span: Span) -> tuple[list[Span], list[Span]]:
        """Look through segments within a span; the parts that could be read, and those that could not."""
        seen: list[Span] = []
        unreadable: list[Span] = []
        for segment in segments:
            part = Span(Time(max(segment.start, span.start)), Time(min(segment.end, span.end)))
            readable = await self._environment.workers.run(self._look, film, segment, span)
            (seen if readable else unreadable).append(part)
        return seen, unreadable

    def _stretch(
        self, tx: Transaction, search_id: str, camera_id: str
    ) -> tuple[FaceSearchRow, Looked, _Stretch | None]:
        """The next minute of a camera; None: it is looked through."""
        row, camera = self._still(tx, search_id), self._cameras[camera_id]
        known = next((each for each in looked_of(row.looked) if each.camera == camera_id), None)
        looked = known or Looked(camera_id, _stream_of(tx, row, camera_id), row.start)
        rest = Span(Time(looked.until), row.end)
        if rest.start >= rest.end:
            return row, looked, None
        recorded = tx.segments.recorded(camera_id, looked.stream, rest)
        # A long stretch without recordings is passed over in one step.
        end = min(rest.end, max(rest.start + STRETCH, recorded[0].start if recorded else rest.end))
        segments = tuple(tx.segments.between(camera_id, looked.stream, Span(rest.start, Time(end))))
        if segments:  # no segment is decoded twice
            end = min(rest.end, max(end, segments[-1].end))
        span = Span(rest.start, Time(end))
        drawn = {each.camera_id: each for each in tx.camera_zones.all_in_force()}
        zones = PictureZones.in_force(camera, drawn.get(camera_id))
        # What was recorded stays under the masks of then, and under those of now (docs/design/0038).
        before = Span(Time(looked.since or rest.start), rest.start)
        segments_before = tx.segments.between(camera_id, looked.stream, before) if looked.since else ()
        masks = masks_of(tx, self._cameras.values(), camera_id).over(Span(before.start, span.end))
        zones = replace(zones, private=masks)
        return row, looked, _Stretch(span, segments, zones, before, tuple(segments_before))

    def _look(self, film: FaceFilm, segment: SegmentRow, span: Span) -> bool:
        """Look through one segment's pictures within the span; False when it cannot be read. Blocks."""
        key = StreamKey(segment.camera_id, segment.stream)
        try:
            for picture in pictures_apart(self._read(segment), MEDIA_RATE // LOOKS_PER_SECOND):
                time = Time(segment.start + picture.shown * SECOND // MEDIA_RATE)
                if span.start <= time < span.end:
                    film.see(Frame(key, time, picture.width, picture.height, picture.is_key, picture.frame))
        except (IstrosError, ValueError) as error:
            _LOG.warning("a segment cannot be searched", segment=segment.id, problem=str(error))
            return False
        return True

    async def _keep(
        self,
        search_id: str,
        looked: Looked,
        span: Span,
        film: FaceFilm,
        seen: Sequence[Span],
        unreadable: Sequence[Span],
    ) -> None:
        """Write what a minute came to. Raises _Over: then nothing of it is kept."""
        now = self._environment.clock.now()
        tally, found = film.taken()
        since = 0 if film.open_since is None else max(film.open_since, span.end - MOST_AGAIN)

        def write(tx: Transaction) -> None:
            row = self._still(tx, search_id)
            added = replace(
                looked, until=span.end, since=since,
                looked_us=looked.looked_us + sum(each.end - each.start for each in seen),
                pictures=looked.pictures + tally.pictures, faces=looked.faces + tally.faces,
                tracks=looked.tracks + tally.tracks, compared=looked.compared + tally.compared,
                still=looked.still + tally.still, refused=looked.refused + tally.refused,
            ).with_missing(missing_in(tx, looked.camera, looked.stream, span, seen, unreadable))  # fmt: skip
            cameras = [each for each in looked_of(row.looked) if each.camera != looked.camera] + [added]
            for each in found:
                self._add(tx, row, each, now)
            dropped = self._drop_beyond(tx, row)
            done = sum(each.until - row.start for each in cameras)
            whole = len(row.cameras) * (row.end - row.start)
            tx.face_searches.change(
                row.id, looked=as_text(cameras), progress=done / whole, dropped=row.dropped + dropped
            )

        await self._database.write(write)

    def _add(self, tx: Transaction, row: FaceSearchRow, seen: FaceCandidate, now: Time) -> None:
        try:
            sealed = self._keys.seal(row.key, seen.jpeg, SEEN)
        except SealBroken:
            raise _Over from None
        candidate = FaceCandidateRow(
            id=seen.id, entry_id=row.entry_id, operation_id=seen.operation_id, camera_id=seen.camera_id,
            track_id=seen.track_id, time=seen.time, distance=seen.distance, threshold=seen.threshold,
            false_match_rate=seen.false_match_rate, compared_with=seen.compared_with, next_best=None, faces=seen.faces,
            quality=quality_facts(seen.quality), sha256=hashlib.sha256(seen.jpeg).hexdigest(), judged=now,
            search_id=row.id,
        )  # fmt: skip
        tx.faces.add(candidate, sealed)

    @staticmethod
    def _drop_beyond(tx: Transaction, row: FaceSearchRow) -> int:
        """Let the least alike candidates go that nobody has judged; how many."""
        found = tx.faces.of_search(row.id)
        free = [each.id for each in found if each.outcome == "open" and not tx.faces.verdicts(each.id)]
        over = len(found) - MOST_CANDIDATES
        return tx.faces.remove(free[-over:]) if over > 0 else 0

    async def _finish(self, search_id: str, state: SearchState, problem: Said = NOTHING) -> None:
        """Nothing more is looked through; the record of use (AI Act article 12(3))."""
        now = self._environment.clock.now()

        def finish(tx: Transaction) -> None:
            row = tx.face_searches.get(search_id)
            if row is None or row.ended is not None:
                return
            tx.face_searches.change(search_id, state=state, finished=now, problem=problem)
            record(
                tx,
                self._environment,
                replace(_NODE, permit_id=row.permit_id),
                "faces.searched",
                row.id,
                use_of(tx, row, now, state),
            )

        await self._database.write(finish)


class SearchGivenUp(IstrosError):
    """A search cannot be finished; the message says why."""

    code = "face-search-given-up"


def use_of(tx: Transaction, row: FaceSearchRow, now: Time, state: SearchState) -> dict[str, object]:
    """What AI Act article 12(3) asks of the record: the period of use, what was compared with, and what led to a match.

    Who verified each match stands in its own rows (`faces.verdict`, `faces.settle`).
    """
    cameras = looked_of(row.looked)
    release = release_of(tx, row)
    return {
        "case": row.case_ref, "state": state.value, "began": to_iso(row.started or now), "ended": to_iso(now),
        "reference": {"entry": row.entry_id or "", "sha256": row.sha256, "basis": row.basis},
        "asked_by": row.asked_by, "released_by": (release and release.answered_by) or "",
        "cameras": [each.camera for each in cameras], "from": to_iso(row.start), "to": to_iso(row.end),
        "looked_s": sum(each.looked_us for each in cameras) // SECOND, "faces": sum(each.faces for each in cameras),
        "tracks": sum(each.tracks for each in cameras), "compared": sum(each.compared for each in cameras),
        "dropped": row.dropped,
        "matches": [
            {"id": each.id, "camera": each.camera_id, "time": to_iso(each.time), "sha256": each.sha256}
            for each in tx.faces.of_search(row.id)
        ],
    }  # fmt: skip


def _stream_of(tx: Transaction, row: FaceSearchRow, camera_id: str) -> StreamName:
    """The sharper stream where it was recorded at all: on the small one faces are rarely large enough."""
    return "main" if tx.segments.recorded(camera_id, "main", Span(row.start, row.end)) else "sub"
