"""`istros read faces`: the faces of pictures and films, as a table; no template is made.

Boxes are pixels of the picture as a viewer shows it. A picture gives one row a face. A film gives one row a track: the
frame that shows the face best, with age and sex from the track's best faces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from istros.base.time import SECOND, Time
from istros.recognition.faces.age_sex import AgeSex, AgeSexEstimator
from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.face import Face
from istros.recognition.faces.track_faces import TrackFaces, look_at
from istros.recognition.motion import MotionGate
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.read_files import PICTURES, Progress, picture_of, write_table
from istros.recognition.tracker import Track, Tracker
from istros.video.files import frames_of

COLUMNS = (
    "file", "frame", "xmin", "ymin", "xmax", "ymax", "confidence", "quality", "age_low", "age_high", "sex", "sex_confidence",
)  # fmt: skip
LOOKS_PER_SECOND = 5.0
_STILL_LOOK = SECOND
"""Where nothing moves a film is looked at this often."""
_SURE_ALONE = 0.6
"""A face that only one frame of a film showed needs this score."""

_WIDENED = 0.75
"""Shares of a face's box added on each side where it is followed."""


@dataclass(frozen=True, slots=True)
class FaceSummary:
    """What was read: files, rows written, and one sentence for each file that could not be read."""

    files: int
    faces: int
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The summary as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One row of the table; the face's sides are pixels."""

    file: str
    frame: int
    face: Face
    quality: float
    person: AgeSex | None

    def cells(self) -> tuple[object, ...]:
        """The row's cells in the order of `COLUMNS`; nothing is said of a face that is too small for it."""
        face, person = self.face, self.person
        said = (
            ("", "", "", "")
            if person is None
            else (person.age.low, person.age.high, person.sex.sex, round(person.sex.certainty, 3))
        )
        sides = (round(side, 1) for side in (face.left, face.top, face.right, face.bottom))
        return (self.file, self.frame, *sides, round(face.score, 3), round(self.quality, 3), *said)


class FaceReader:
    """The models that reading faces needs."""

    def __init__(self) -> None:
        self.detector = FaceDetector()
        self.estimator = AgeSexEstimator()

    def rows_of(self, file: Path) -> Iterator[FaceRow]:
        """The rows of a picture or a film. Raises `UnreadableFile`."""
        if file.suffix.lower() not in PICTURES:
            yield from _FilmReader(file, self).rows()
            return
        picture = picture_of(file)
        for face in self.detector.detect_thoroughly(picture):
            faces = TrackFaces()
            faces.add(look_at(picture, face, Time(0)))
            person = faces.age_and_sex(self.estimator)
            yield FaceRow(str(file), 0, face, faces.best[0].quality.score, person)


def read_faces(paths: Iterable[Path], csv_path: Path, *, progress: Progress | None = None) -> FaceSummary:
    """Read every picture and film in `paths` (folders with everything below them) and write the table.

    `progress` is called with the number of files done and of all files. Files that cannot be read are told in the summary.
    """
    return FaceSummary(*write_table(paths, csv_path, COLUMNS, FaceReader().rows_of, progress))


@dataclass(slots=True)
class _Seen:
    """One face going through a film, and where its best frame showed it."""

    faces: TrackFaces = field(default_factory=TrackFaces)
    best: float = -1.0
    frame: int = 0
    face: Face | None = None

    def add(self, picture: Picture, face: Face, number: int, time: Time) -> None:
        look = look_at(picture, face, time)
        self.faces.add(look)
        if look.quality.score > self.best:
            self.best, self.frame, self.face = look.quality.score, number, face


class _FilmReader:
    """Looks at a film a few times a second and follows its faces."""

    def __init__(self, file: Path, reader: FaceReader) -> None:
        self._file, self._reader = file, reader
        self._gate = MotionGate()
        numbers = count()
        self._tracker = Tracker(lambda: str(next(numbers)))
        self._seen: dict[str, _Seen] = {}

    def rows(self) -> Iterator[FaceRow]:
        """One row a track, as soon as it has ended."""
        due, waited = Time(0), Time(0)
        for item in frames_of(self._file):
            number, frame = item.number, item.frame
            if frame.time < due:
                continue
            due = Time(frame.time + round(SECOND / LOOKS_PER_SECOND))
            change = self._gate.see(frame.luma)
            if change.cut:
                yield from self._rows_of(self._tracker.close())
            if change.moved or frame.time >= waited:
                waited = Time(frame.time + _STILL_LOOK)
                yield from self._rows_of(self._look(frame.bgr(), number, frame.time))
        yield from self._rows_of(self._tracker.close())

    def _look(self, picture: Picture, number: int, time: Time) -> tuple[Track, ...]:
        """Find and follow the faces of one frame; the tracks that ended with it."""
        rows, columns = picture.shape[:2]
        faces = {
            id(box): (box, face)
            for box, face in _boxes(self._reader.detector.detect_thoroughly(picture), columns, rows)
        }
        tracked = self._tracker.update([Detection(box, "face", face.score) for box, face in faces.values()], time)
        for track in tracked.seen:
            _, face = faces[id(track.box)]
            self._seen.setdefault(track.id, _Seen()).add(picture, face, number, time)
        return tracked.ended

    def _rows_of(self, ended: Iterable[Track]) -> Iterator[FaceRow]:
        for track in ended:
            seen = self._seen.pop(track.id)
            if seen.face is not None and (track.hits > 1 or seen.face.score >= _SURE_ALONE):
                person = seen.faces.age_and_sex(self._reader.estimator)
                yield FaceRow(str(self._file), seen.frame, seen.face, seen.best, person)


def _boxes(faces: Iterable[Face], columns: int, rows: int) -> Iterator[tuple[Box, Face]]:
    """What is followed of each face: its box widened, for a walking person's face moves by most of its own size."""
    for face in faces:
        across, down = _WIDENED * face.width, _WIDENED * face.height
        yield (
            Box(
                (face.left - across) / columns,
                (face.top - down) / rows,
                (face.right + across) / columns,
                (face.bottom + down) / rows,
            ),
            face,
        )
