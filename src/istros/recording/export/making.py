"""The steps of one export, from its plan to its package; each is safe to do again, and none is done twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from istros.base.secret_files import sync_folder
from istros.base.time import SECOND, Time
from istros.devices.masks import Masks
from istros.recording.export.claims import Claimed, Claims
from istros.recording.export.covering import DrawnField, Finder, Followed, FoundBox, Look, moments
from istros.recording.export.film import FilmFacts, FilmFile, Recoded, hash_file
from istros.recording.export.journal import StepJournal
from istros.recording.export.plan import Plan, PlannedFilm
from istros.recording.export.statements import film_statement
from istros.store.exports import ExportJobRow
from istros.store.rows import SegmentRow
from istros.video.cover import cover, paint
from istros.video.mark import mark_text, marked
from istros.video.packet import MEDIA_RATE, Codec
from istros.video.parameter_sets import parameters_of
from istros.video.recode import Encoder, Shown, decode
from istros.video.segment_units import SegmentUnits, Unit, read_units
from istros.video.smart_cut import Part, cut

LOOK_TICKS = MEDIA_RATE * 3 // 25
"""A finder looks at every third picture of 25 a second; in between, what it found moves evenly."""

REDACTED_QUALITY = 21
"""x264 CRF of redacted films."""

_SEARCH_WEIGHT, _COVER_WEIGHT, _COPY_WEIGHT, _CUT_WEIGHT = 60, 20, 1, 2


class ReadSegment(Protocol):
    """The bytes of a segment up to its last whole fragment, from wherever it lies. Blocks."""

    def __call__(self, row: SegmentRow) -> bytes:
        """FileNotFoundError or `SegmentGone` when it is not there any more."""
        ...


@dataclass(frozen=True, slots=True)
class Covered:
    """What a redacted export hides."""

    people: bool
    plates: bool
    fields: tuple[DrawnField, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `word` says what kind of work it is, `weight` how long it takes beside the others."""

    key: str
    word: str
    weight: int
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class OriginalFacts:
    """An untouched segment in the package; `as_indexed` says whether it is still what the recorder wrote."""

    path: str
    sha256: str
    size_bytes: int
    as_indexed: bool


@dataclass(frozen=True, slots=True)
class MadeFilm:
    """A film in the package."""

    facts: FilmFacts
    sha256: str
    size_bytes: int
    claim: Claimed | None = None


class BrokenOff(Exception):
    """Nobody wants the export any more."""


class Maker:
    """Makes the films and copies the originals of one export into `folder`."""

    def __init__(
        self, job: ExportJobRow, plan: Plan, covered: Covered | None, folder: Path, journal: StepJournal,
        read: ReadSegment, finder: Callable[[], Finder] | None, claims: Claims | None = None,
        masks: Mapping[str, Masks] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """`masks` are the privacy masks to paint, by segment; what has none is as recorded."""
        self.claims = claims
        """What signs claims on redacted films and pictures; None where nobody does."""
        self._job, self._plan, self._covered = job, plan, covered
        self.folder, self._journal, self._read = folder, journal, read
        self._open_finder = finder
        self._masks = masks
        self.share = 0.0
        """How much of the step at work is done, 0 to 1; read by another thread."""
        self.is_over = False
        """Set by another thread when nobody wants the export any more."""

    def steps(self) -> list[Step]:
        """Everything to do, in order; those that the journal has are to be passed over."""
        return [step for key, film in self.films() for step in self._film_steps(key, film)]

    def films(self) -> list[tuple[str, PlannedFilm]]:
        """Every film with its key in the journal."""
        return [
            (f"{camera.id}/{number}", film) for camera in self._plan.cameras for number, film in enumerate(camera.films)
        ]

    def _film_steps(self, key: str, film: PlannedFilm) -> Iterable[Step]:
        file = FilmFile(self.folder, film, self._journal, key)
        rows = list(enumerate(film.segments))
        if not self.is_coded_again(film):
            yield from (
                Step(f"{key}/{number}", "cutting", _CUT_WEIGHT, partial(self._cut, file, number, row)) for number, row in rows
            )  # fmt: skip
        else:
            if self._covered is not None and (self._covered.people or self._covered.plates):
                yield from (
                    Step(_found(key, number), "searching", _SEARCH_WEIGHT, partial(self._search, key, number, row))
                    for number, row in rows
                )
            yield from (
                Step(f"{key}/{number}", "covering", _COVER_WEIGHT, partial(self._cover, key, film, file, number, row))
                for number, row in rows
            )
        yield Step(f"{key}/film", "packing", _COPY_WEIGHT, partial(self._finish, key, film, file))
        if self.claims is not None and self.is_coded_again(film):
            yield Step(f"{key}/claim", "packing", _COPY_WEIGHT, partial(self._claim, key, film, self.claims))
            yield Step(f"{key}/claimed", "packing", _COPY_WEIGHT, partial(self._put_claimed, key, film))
        if self._job.originals and self._covered is None:
            yield from (
                Step(f"{key}/{number}/original", "copying", _COPY_WEIGHT, partial(self._copy, key, number, row))
                for number, row in rows
                if not self.masks_over(row)
            )

    def masks_over(self, row: SegmentRow) -> Masks:
        """The privacy masks that are painted over a segment."""
        return self._masks.get(row.id, ())

    def is_coded_again(self, film: PlannedFilm) -> bool:
        """Whether all pictures of a film are coded again, because parts of them are hidden."""
        return self._covered is not None or any(self.masks_over(row) for row in film.segments)

    # Exact films

    def _cut(self, file: FilmFile, number: int, row: SegmentRow) -> None:
        segment = read_units(self._read(row))
        file.add(number, row, segment.parameters, cut(segment, *self._ticks(row)))

    def _copy(self, key: str, number: int, row: SegmentRow) -> None:
        data = self._read(row)
        path = original_path(row)
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        as_indexed = row.sha256 is None or digest == row.sha256
        self._journal.done(f"{key}/{number}/original", [path, digest, len(data), as_indexed])

    def _finish(self, key: str, film: PlannedFilm, file: FilmFile) -> None:
        facts = file.finish()
        result: list[Any] | None = None
        if facts is not None:
            digest, size = hash_file(self.folder / film.path)
            recoded = [[one.start, one.end, one.pictures, one.psnr_db] for one in facts.recoded]
            result = [facts.start, facts.end, facts.pictures, recoded, digest, size]
        self._journal.done(f"{key}/film", result)

    # Films of which parts are hidden

    @cached_property
    def _finder(self) -> Finder:
        assert self._open_finder is not None
        return self._open_finder()

    def _search(self, key: str, number: int, row: SegmentRow) -> None:
        """Look at some pictures of a segment; the first one always."""
        segment = read_units(self._read(row))
        wanted = {hidden for hidden, is_wanted in self._wanted() if is_wanted}
        looks, after = [], -1
        for shown, frame in self._pictures(segment, row):
            if shown >= after:
                found = self._finder.find(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                boxes = [[b.kind, b.left, b.top, b.right, b.bottom] for b in found if b.kind in wanted]
                looks.append([_wall(row, shown), boxes])
                after = shown + LOOK_TICKS
        self._journal.done(_found(key, number), looks)

    def _wanted(self) -> Sequence[tuple[str, bool]]:
        assert self._covered is not None
        return ("head", self._covered.people), ("plate", self._covered.plates)

    def _cover(self, key: str, film: PlannedFilm, file: FilmFile, number: int, row: SegmentRow) -> None:
        segment = read_units(self._read(row))
        followed = self.followed(key, film).within(row.start, row.end)
        coder = Encoder(Codec.H264, REDACTED_QUALITY, "high")
        pictures = list(coder.encode(self._covered_pictures(segment, row, followed)))
        ends = [shown for shown, _, _ in pictures[1:]] + [min(self._ticks(row)[1], _last(segment))]
        units = tuple(
            Unit(shown, shown, max(1, end - shown), is_key, data)
            for (shown, is_key, data), end in zip(pictures, ends, strict=bool(pictures))
        )
        parameters = parameters_of(Codec.H264, coder.parameter_sets) or segment.parameters
        file.add(number, row, parameters, [Part(units)] if units else [])

    def _covered_pictures(self, segment: SegmentUnits, row: SegmentRow, followed: Followed) -> Iterable[Shown]:
        covered = self._covered or Covered(False, False, ())
        fields = [each for each in covered.fields if each.camera_id == row.camera_id]
        mark = mark_of(self._job)
        for shown, frame in self._pictures(segment, row):
            time = _wall(row, shown)
            boxes = [(box.left, box.top, box.right, box.bottom) for box in followed.at(time)]
            yield shown, marked(cover(frame, boxes, [each.at(time) for each in fields]), mark)

    def followed(self, key: str, film: PlannedFilm) -> Followed:
        """What was found in a film, joined from picture to picture."""
        steps = [_found(key, number) for number in range(len(film.segments))]
        return Followed(
            [
                Look(Time(time), tuple(FoundBox(*box) for box in boxes))
                for step in steps
                if step in self._journal
                for time, boxes in self._journal[step]
            ]
        )

    def to_review(self) -> list[tuple[str, Time]]:
        """Camera and moment of each place in the redacted films that a person should look at."""
        return [
            (film.segments[0].camera_id, time)
            for key, film in self.films()
            if self._covered is not None
            for time in moments(self.followed(key, film).lost())
            if self._job.start <= time < self._job.end
        ]

    @property
    def finder_names(self) -> tuple[str, ...]:
        """The models that looked; none where nothing was looked for."""
        looked = self._covered is not None and (self._covered.people or self._covered.plates)
        return self._finder.names if looked else ()

    # Claims: no two signings give the same bytes, so a finished one is in the journal before it takes the film's place

    def _claim(self, key: str, film: PlannedFilm, claims: Claims) -> None:
        plain, beside = self.made(key), self._beside(key)
        result: list[Any] | None = None
        if plain is not None:
            beside.parent.mkdir(parents=True, exist_ok=True)
            statement = film_statement(self._job, film, plain.facts)
            claimed = claims.file(self.folder / film.path, beside, plain.sha256, statement)
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            result = [*hash_file(beside), claimed.label, claimed.unclaimed_sha256]
        self._journal.done(f"{key}/claim", result)

    def _put_claimed(self, key: str, film: PlannedFilm) -> None:
        """A kill may come between the renaming and its record: then there is nothing left to rename."""
        beside = self._beside(key)
        if beside.exists():
            beside.replace(self.folder / film.path)
            sync_folder((self.folder / film.path).parent)
        self._journal.done(f"{key}/claimed", None)

    def _beside(self, key: str) -> Path:
        return self.folder.parent / "claimed" / f"{key.replace('/', '_')}.mp4"

    # What was made

    def made(self, key: str) -> MadeFilm | None:
        """A film's facts; None when nothing of it lay in the span."""
        result = self._journal[f"{key}/film"]
        if result is None:
            return None
        start, end, pictures, recoded, digest, size = result
        again = tuple(Recoded(Time(a), Time(b), count, psnr) for a, b, count, psnr in recoded)
        claim = None
        if f"{key}/claim" in self._journal:
            digest, size, *named = self._journal[f"{key}/claim"]
            claim = Claimed(*named)
        return MadeFilm(FilmFacts(Time(start), Time(end), pictures, again), digest, size, claim)

    def original(self, key: str, number: int) -> OriginalFacts | None:
        """An original's facts; None when the package holds none."""
        step = f"{key}/{number}/original"
        return OriginalFacts(*self._journal[step]) if step in self._journal else None

    def _ticks(self, row: SegmentRow) -> tuple[int, int]:
        """The order's span in ticks since a segment's start; a picture on the border belongs to what follows."""
        return _ceil_ticks(self._job.start - row.start), _ceil_ticks(self._job.end - row.start)

    def _pictures(self, segment: SegmentUnits, row: SegmentRow) -> Iterable[Shown]:
        """Those pictures of a segment that lie in the span, under their privacy masks."""
        masks = self.masks_over(row)
        start, end = self._ticks(row)
        needed = [unit for unit in segment.units if unit.decode < end + MEDIA_RATE]
        for shown, frame in decode(segment.parameters, needed):
            if self.is_over:
                raise BrokenOff
            if start <= shown < end:
                self.share = min(1.0, shown / max(1, min(end, _last(segment))))
                yield shown, paint(frame, masks) if masks else frame


def mark_of(job: ExportJobRow) -> str:
    """What is drawn into films that are coded again and into stills: who ordered the export, under which permit, and when."""
    return mark_text(job.ordered_by, job.permit_number, job.ordered)


def original_path(row: SegmentRow) -> str:
    """Where an untouched segment lies in the package: `originals/` and its path in the recordings."""
    return f"originals/{row.path}"


def _found(key: str, number: int) -> str:
    return f"{key}/{number}/found"


def _last(segment: SegmentUnits) -> int:
    return max(unit.shown + unit.duration for unit in segment.units)


def _wall(row: SegmentRow, shown: int) -> Time:
    return Time(row.start + shown * SECOND // MEDIA_RATE)


def _ceil_ticks(micros: int) -> int:
    return -(-micros * MEDIA_RATE // SECOND)
