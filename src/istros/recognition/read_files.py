"""`istros read plates`: the plates of pictures and films, as a table.

Boxes are pixels of the picture as a viewer shows it, turned by its EXIF orientation. A film gives one row a plate and
passage: the frame that shows it best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from istros.base.errors import IstrosError
from istros.base.plate_text import fold
from istros.base.time import SECOND, Time
from istros.recognition.main_pictures import FrameLike
from istros.recognition.motion import MotionGate
from istros.recognition.observation import Box, PlateText, overlap
from istros.recognition.picture import Picture
from istros.recognition.plate_crops import reading_of
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate, PlateReader
from istros.recognition.plates.track_reading import TrackReading, Verdict
from istros.recognition.tables import TableNotWritten, opened_table
from istros.video.files import frames_of

COLUMNS = ("file", "frame", "text", "country", "confidence", "xmin", "ymin", "xmax", "ymax")
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
FILMS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".ts"})
FILM_READS_PER_SECOND = 4.0
_FILM_SIDES = (960,)
_LEAST_FILM_CONFIDENCE = 0.5
_ALIKE = 0.6
_LEAST_OVERLAP = 0.1
_GONE_AFTER = 2 * SECOND
_ROOM = (1.0, 2.0)
"""Widths and heights of a plate that it moves by from one reading to the next."""
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)


class UnreadableFile(IstrosError):
    """A picture or film that cannot be read."""

    code = "file-unreadable"


Progress = Callable[[int, int], object]


class TableRow(Protocol):
    """One row of a table."""

    def cells(self) -> tuple[object, ...]:
        """Its cells in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was read: files, rows written, and one sentence for each file that could not be read."""

    files: int
    reads: int
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The summary as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Row:
    file: str
    frame: int
    found: PlateText
    box: PixelBox

    def cells(self) -> tuple[object, ...]:
        box = self.box
        sides = (round(side, 1) for side in (box.left, box.top, box.right, box.bottom))
        return (
            self.file,
            self.frame,
            self.found.text,
            self.found.country or "",
            round(self.found.confidence, 3),
            *sides,
        )


def read_plates(paths: Iterable[Path], csv_path: Path, *, progress: Progress | None = None) -> Summary:
    """Read every picture and film in `paths` (folders with everything below them) and write the table.

    `progress` is called with the number of files done and of all files. Files that cannot be read are told in the summary.
    """
    reader = PlateReader()
    return Summary(*write_table(paths, csv_path, COLUMNS, lambda file: _rows(file, reader), progress))


def write_table(
    paths: Iterable[Path],
    csv_path: Path,
    columns: Sequence[str],
    rows_of: Callable[[Path], Iterable[TableRow]],
    progress: Progress | None,
) -> tuple[int, int, tuple[str, ...]]:
    """Write the rows of every picture and film in `paths`; gives the files, the rows, and a sentence for each file that
    could not be read. Raises `TableNotWritten`."""
    problems: list[str] = []
    files = list(files_of(paths, problems))
    written = 0
    with opened_table(csv_path, columns) as table:
        for done, file in enumerate(files):
            _tell(progress, done, len(files))
            try:
                for row in rows_of(file):
                    table.write(row.cells())
                    written += 1
            except TableNotWritten:
                raise
            except IstrosError as error:
                problems.append(str(error))
            except (OSError, cv2.error) as error:
                problems.append(f"The file {file} cannot be read: {error}.")
        _tell(progress, len(files), len(files))
    return len(files), written, tuple(problems)


def _tell(progress: Progress | None, done: int, total: int) -> None:
    """Say how many files are done, where somebody wants to know."""
    if progress is not None:
        progress(done, total)


def files_of(paths: Iterable[Path], problems: list[str]) -> Iterator[Path]:
    """The pictures and films that paths name, folders with everything below them; a sentence for each that is neither."""
    for path in paths:
        if not _is_there(path):
            problems.append(f"There is no file or folder {path}.")
        elif path.is_dir():
            yield from sorted(
                file for file in path.rglob("*") if file.suffix.lower() in PICTURES | FILMS and file.is_file()
            )
        elif path.suffix.lower() not in PICTURES | FILMS:
            problems.append(f"The file {path} is neither a picture nor a film that Istros knows by its ending.")
        else:
            yield path


def _is_there(path: Path) -> bool:
    """Whether a path names anything; a name too long for the disk, or in a folder that is closed, names nothing."""
    try:
        return path.exists()
    except OSError:
        return False


def _rows(file: Path, reader: PlateReader) -> Iterator[_Row]:
    if file.suffix.lower() in PICTURES:
        for found in reader.read_still(picture_of(file)):
            yield _Row(str(file), 0, _text(found), found.box)
    else:
        yield from _FilmReader(file, reader).rows()


def picture_of(file: Path) -> Picture:
    """A picture (rows, columns, 3) BGR, turned as its EXIF orientation says. Raises `UnreadableFile`."""
    try:
        data = np.fromfile(file, np.uint8)
    except OSError as error:
        raise UnreadableFile(f"The picture {file} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise UnreadableFile(f"The picture {str(file)!r} cannot be read: no file has such a name.") from None
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:
        # What a header claims, such as 60000x60000 pixels, is refused by an exception and not by None.
        picture = None
    if picture is None:
        raise UnreadableFile(f"The picture {file} cannot be decoded.", "It is damaged, or not what its ending says.")
    return np.asarray(picture, np.uint8)


def _text(found: PlateReadCandidate) -> PlateText:
    return PlateText(found.text, found.confidence, found.country)


@dataclass(slots=True, eq=False)
class _Passage:
    """One plate going through a film."""

    reading: TrackReading
    text: str
    box: Box
    last_seen: Time

    def likeness(self, text: str, box: Box, time: Time) -> float:
        """How much a plate found at `time` is this one: by its text, or where the text is misread, by its place."""
        if time == self.last_seen:
            return 0.0
        length = max(len(text), len(self.text))
        same_text = 1 - Levenshtein.distance(text, self.text) / length
        return max(same_text if same_text >= _ALIKE else 0.0, overlap(box.wider(*_ROOM), self.box.wider(*_ROOM)))


@dataclass(slots=True)
class _FilmReader:
    """Reads a film a few times a second where something moves, and joins the readings of each plate."""

    file: Path
    reader: PlateReader
    _gate: MotionGate = field(default_factory=MotionGate)
    _passages: list[_Passage] = field(default_factory=list)
    _numbers: dict[Time, tuple[int, int, int]] = field(default_factory=dict)
    """Of each frame that shows one of the passages: its number, columns and rows."""

    def rows(self) -> Iterator[_Row]:
        """One row a plate and passage, as soon as it has passed."""
        due = 0
        for item in frames_of(self.file):
            number, frame = item.number, item.frame
            if frame.time < due:
                continue
            due = frame.time + round(SECOND / FILM_READS_PER_SECOND)
            change = self._gate.see(frame.luma)
            # After a cut no plate goes on, even where the next one happens to be at its place.
            yield from self._rows_of(
                [item for item in self._passages if change.cut or frame.time - item.last_seen > _GONE_AFTER]
            )
            if not self._passages:
                self._numbers.clear()
            if change.moved:
                self._read(number, frame)
        yield from self._rows_of(self._passages)

    def _read(self, number: int, frame: FrameLike) -> None:
        picture = frame.bgr()
        rows, columns = picture.shape[:2]
        for found in self.reader.read(picture, sides=_FILM_SIDES):
            reading = reading_of(found, picture, _WHOLE, None, frame.time)
            passage = self._passage_of(fold(found.text), reading.plate_box, frame.time)
            passage.reading.add(reading)
            passage.text, passage.box, passage.last_seen = fold(found.text), reading.plate_box, frame.time
            self._numbers[frame.time] = (number, columns, rows)

    def _passage_of(self, text: str, box: Box, time: Time) -> _Passage:
        likeness = {id(passage): passage.likeness(text, box, time) for passage in self._passages}
        best = max(self._passages, key=lambda passage: likeness[id(passage)], default=None)
        if best is not None and likeness[id(best)] > _LEAST_OVERLAP:
            return best
        passage = _Passage(TrackReading(), text, box, time)
        self._passages.append(passage)
        return passage

    def _rows_of(self, ended: list[_Passage]) -> Iterator[_Row]:
        """The rows of the passages that have ended; the others go on."""
        self._passages = [passage for passage in self._passages if passage not in ended]
        for verdict in (verdict for passage in ended for verdict in passage.reading.verdicts()):
            if verdict.best.confidence >= _LEAST_FILM_CONFIDENCE:
                yield self._row_of(verdict)

    def _row_of(self, verdict: Verdict) -> _Row:
        number, columns, rows = self._numbers[verdict.frame.time]
        box = verdict.frame.plate_box
        pixels = PixelBox(box.left * columns, box.top * rows, box.right * columns, box.bottom * rows)
        return _Row(str(self.file), number, verdict.best, pixels)
