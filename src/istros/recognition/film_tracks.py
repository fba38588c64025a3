"""The tracks of a film of a fixed camera, looked at some times a second.

Two finders look: the street detector, which knows things by their looks, and the movers, which need no looks. A mover that
the detector does not see is enlarged and shown to it once more; what stays without a name is followed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from istros.base.time import SECOND, Time
from istros.recognition.detector import DetectorLike
from istros.recognition.movers import MoverFinder, unexplained
from istros.recognition.observation import Box, Detection, cut_out, overlap
from istros.recognition.picture import Picture
from istros.recognition.tracker import Track, Tracker
from istros.video.files import frames_of

FRAMES_PER_SECOND = 8.0
_LEAST_SCORE = 0.25
_LEAST_SECOND_SCORE = 0.3
_MOST_SECOND_LOOKS = 3
_MARGIN = 0.35
"""Share of a mover's size shown round it at the second look: the detector wants a thing in its surroundings."""
_LEAST_COVER = 0.4
_CYCLES = frozenset({"bicycle", "motorcycle"})
_CYCLE_MARGIN, _LEAST_CYCLE_SCORE, _LEAST_CYCLE_COVER = 0.6, 0.15, 0.3
"""The same for cycles; wider and less sure, for only the one name is weighed against the other."""


@dataclass(frozen=True, slots=True)
class FilmSight:
    """What one frame of a film showed: its number from 0, its time, the picture, the tracks seen in it and those that ended."""

    number: int
    time: Time
    picture: Picture = field(repr=False)
    seen: tuple[Track, ...] = ()
    ended: tuple[Track, ...] = ()


def tracks_of(
    film: Path, detector: DetectorLike, *, fps: float = FRAMES_PER_SECOND, movers: bool = True
) -> Iterator[FilmSight]:
    """Every frame that was looked at, at most `fps` a second; the last one ends every track. Raises UnreadableFile."""
    eyes = _Eyes(detector, MoverFinder() if movers else None)
    last: FilmSight | None = None
    due = 0
    for item in frames_of(film):
        time = item.frame.time
        if time < due:
            continue
        due = time + round(SECOND / fps)
        picture = item.frame.bgr()
        seen, ended = eyes.look(picture, time)
        last = FilmSight(item.number, time, picture, seen, ended)
        yield last
    if last is not None:
        yield FilmSight(last.number, last.time, last.picture, (), eyes.tracker.close())


class _Eyes:
    """What looks at one film."""

    def __init__(self, detector: DetectorLike, movers: MoverFinder | None) -> None:
        numbers = count(1)
        self.tracker = Tracker(lambda: str(next(numbers)))
        self._detector = detector
        self._movers = movers

    def look(self, picture: Picture, time: Time) -> tuple[tuple[Track, ...], tuple[Track, ...]]:
        found = self._detector.detect(picture, _LEAST_SCORE)
        if self._movers is not None:
            left_over = unexplained(self._movers.find(picture), found)
            found = [self._enlarged(item, picture) if item.label in _CYCLES else item for item in found]
            left_over.sort(key=lambda mover: -mover.box.area)
            found += [self._named(mover, picture) for mover in left_over[:_MOST_SECOND_LOOKS]]
            found += left_over[_MOST_SECOND_LOOKS:]
        tracked = self.tracker.update(found, time)
        return tracked.seen, tracked.ended

    def _enlarged(self, cycle: Detection, picture: Picture) -> Detection:
        """A cycle by the name that it has when it is enlarged: far bicycles pass for motorcycles, near ones less."""
        part, region = cut_out(picture, cycle.box.wider(_CYCLE_MARGIN, _CYCLE_MARGIN))
        seen = [
            detection
            for detection in self._detector.detect(part, _LEAST_CYCLE_SCORE)
            if detection.label in _CYCLES and _shared(detection.box, region, cycle.box) >= _LEAST_CYCLE_COVER
        ]
        if not seen:
            return cycle
        return Detection(cycle.box, seen[0].label, cycle.score)

    def _named(self, mover: Detection, picture: Picture) -> Detection:
        """The mover with the name that the detector gives it when it is enlarged, or as it was."""
        part, region = cut_out(picture, mover.box.wider(_MARGIN, _MARGIN))
        if min(part.shape[:2]) < 8:
            return mover
        for detection in self._detector.detect(part, _LEAST_SECOND_SCORE):
            if _shared(detection.box, region, mover.box) >= _LEAST_COVER:
                return Detection(mover.box, detection.label, max(mover.score, detection.score))
        return mover


def _shared(found: Box, region: Box, mover: Box) -> float:
    """The overlap of a detection inside the enlarged region with a box of the whole picture."""
    width, height = region.right - region.left, region.bottom - region.top
    there = Box(
        region.left + found.left * width,
        region.top + found.top * height,
        region.left + found.right * width,
        region.top + found.bottom * height,
    )
    return overlap(there, mover)
