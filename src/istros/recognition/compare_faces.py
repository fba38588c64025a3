"""`istros compare`: a face with another, or with each picture of a folder; templates live as long as the command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from istros.base.errors import IstrosError
from istros.recognition.faces.comparing import LEAST_RATE, SHIPPED, Comparison, compared
from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.faces.quality import quality_of, sentence_of
from istros.recognition.read_files import PICTURES, files_of, picture_of


class NotComparable(IstrosError):
    """The first picture shows no face that may be compared."""

    code = "face-not-comparable"


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """One picture beside the first: either a comparison, or why there is none."""

    file: str
    comparison: Comparison | None
    quality: float | None
    height_px: int | None
    faces: int
    refused: str | None

    def as_json(self) -> dict[str, object]:
        """The result as plain values."""
        found = self.comparison
        return {
            "file": self.file,
            "similarity": None if found is None else round(found.similarity, 4),
            "distance": None if found is None else round(found.distance, 4),
            "false_match_rate": None if found is None else found.false_match_rate,
            "match": None if found is None else found.is_match,
            "quality": self.quality,
            "height_px": self.height_px,
            "faces": self.faces,
            "refused": self.refused,
        }


@dataclass(frozen=True, slots=True)
class ComparedFaces:
    """The first picture's face, and what it was compared with: the nearest first, refusals last."""

    file: str
    quality: float
    height_px: int
    faces: int
    others: tuple[ComparedFile, ...]
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The results as plain values."""
        return {
            "file": self.file,
            "quality": self.quality,
            "height_px": self.height_px,
            "faces": self.faces,
            "others": [other.as_json() for other in self.others],
            "problems": list(self.problems),
        }


def compare_faces(one: Path, other: Path) -> ComparedFaces:
    """Compare the largest face of a picture that may be compared with those of another, or of each picture of a folder.

    Raises `UnreadableFile` or `NotComparable` where the first picture cannot be used; of the others each is told.
    """
    looker = _Looker()
    first = looker.look(one)
    if first.best is None:
        raise NotComparable(f"The picture {one} cannot be compared: {first.refused}.", "Take a better picture.")
    problems: list[str] = []
    results = []
    for file in files_of([other], problems):
        if file.suffix.lower() not in PICTURES:
            problems.append(f"The film {file} is not compared: only pictures are.")
            continue
        try:
            results.append(_beside(first.best.template, file, looker.look(file)))
        except IstrosError as error:
            problems.append(str(error))
    ordered = sorted(results, key=lambda each: 9.0 if each.comparison is None else each.comparison.distance)
    return ComparedFaces(
        str(one), first.best.quality, first.best.height_px, first.faces, tuple(ordered), tuple(problems)
    )


@dataclass(frozen=True, slots=True)
class _Usable:
    """A face that may be compared."""

    quality: float
    height_px: int
    template: FaceTemplate


@dataclass(frozen=True, slots=True)
class _Look:
    """The faces of a picture that may be compared, the largest first; `refused` says why there are none."""

    faces: int
    usable: tuple[_Usable, ...] = ()
    refused: str | None = None

    @property
    def best(self) -> _Usable | None:
        return self.usable[0] if self.usable else None


def _beside(template: FaceTemplate, file: Path, look: _Look) -> ComparedFile:
    if not look.usable:
        return ComparedFile(str(file), None, None, None, look.faces, look.refused)
    distance, nearest = min(
        ((template.distance(each.template), each) for each in look.usable), key=lambda pair: pair[0]
    )
    found = compared(distance, len(look.usable))
    return ComparedFile(str(file), found, nearest.quality, nearest.height_px, look.faces, None)


class _Looker:
    def __init__(self) -> None:
        self._detector = FaceDetector()
        self._embedder = FaceEmbedder()

    def look(self, file: Path) -> _Look:
        picture = picture_of(file)
        faces = sorted(self._detector.detect_thoroughly(picture), key=lambda face: -face.width * face.height)
        judged = [(face, quality_of(picture, face)) for face in faces]
        usable = tuple(
            _Usable(round(quality.score, 3), round(quality.height_px), self._embedder.template_of(picture, face))
            for face, quality in judged
            if quality.refused_because is None
        )
        if usable or not judged:
            return _Look(len(faces), usable, None if usable else "no face is found in it")
        _, quality = judged[0]
        reason = quality.refused_because
        return _Look(len(faces), refused=None if reason is None else sentence_of(reason, quality))


def sentences_of(result: ComparedFaces) -> Iterator[str]:
    """The results as lines for a person."""
    others = "" if result.faces == 1 else f", the largest usable of {result.faces} faces"
    yield f"{result.file}: quality {result.quality:.2f}, {result.height_px} px{others}"
    for other in result.others:
        yield f"{other.file}: {_said_of(other)}"
    tried = sum(other.comparison is not None for other in result.others)
    if tried > 1:
        yield f"Among {tried} pictures somebody else is as alike about {tried} times as often as each line says."
    if tried:
        yield (
            f"The rates are estimated from {SHIPPED.pairs} pairs of {SHIPPED.people} people; "
            "`istros evaluate` measures them on yours."
        )


def _said_of(other: ComparedFile) -> str:
    found = other.comparison
    if found is None:
        return f"not compared: {other.refused}"
    verdict = "may be the same person" if found.is_match else "no match"
    which = "" if other.faces == 1 else f", the nearest of {other.faces} faces"
    return (
        f"similarity {found.similarity:.2f} (distance {found.distance:.2f}), {verdict}; {_rate(found.false_match_rate)} "
        f"different people look as alike; quality {other.quality:.2f}, {other.height_px} px{which}"
    )


def _rate(rate: float) -> str:
    if rate <= LEAST_RATE:
        return f"fewer than 1 in {round(1 / LEAST_RATE):,}"
    return f"about 1 in {round(1 / rate):,}" if rate < 0.1 else f"about {rate:.0%} of"
