"""Follows things from frame to frame: two passes of association by overlap, with motion foretold at constant speed.

Source: Y. Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022. Sure detections
are matched first, doubtful ones then keep tracks alive but never begin one. Our own code, because the ready package costs
2.9 s and 133 MB to import (docs/design/0001).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import hypot

from istros.base.time import SECOND, Time
from istros.recognition.movers import MOVER
from istros.recognition.observation import Box, Detection, overlap

SURE = 0.4
_LEAST_OVERLAP = 0.15
_LEAST_OVERLAP_STANDING = 0.3
"""A thing that stands must be found where it stands: one that drives past it is not it."""
_LEAST_OVERLAP_MOVER = 0.4
"""What moves without a name goes on as a named thing only where it has its place and size: light on the road has neither."""
_STANDS_AFTER, _STILL = 5, 0.15
"""Sights after which a thing can count as standing, and the share of its own size a second below which it does."""
_LEAST_NEARNESS = 0.25
_PATIENCE_STANDING, _PATIENCE_INSIDE, _PATIENCE_LEAVING = 2.0, 1.6, 0.4
"""Times the patience: for what stands behind what passes it, for what was driving inside the picture, and for what left it:
the next one in at that place is another."""
_EDGE = 0.01
_SMOOTHING = 0.5
_KINDS = {
    "car": "vehicle",
    "van": "vehicle",
    "bus": "vehicle",
    "lorry": "vehicle",
    "train": "vehicle",
    "motorcycle": "cycle",
    "bicycle": "cycle",
}
"""Labels that a thing may change between while it stays the same thing."""
_MOST_PLACES = 32
"""Places that a track remembers: six seconds at five looks a second."""


@dataclass(slots=True)
class Track:
    """One thing followed; boxes are shares of the picture, speeds shares a second."""

    id: str
    box: Box
    first_seen: Time
    last_seen: Time
    score: float
    hits: int = 1
    speed: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    labels: Counter[str] = field(default_factory=Counter)
    largest_box: Box = field(init=False)
    """The box of the sight at which it covered most of the picture."""
    largest_at: Time = field(init=False)
    """When that was."""
    places: deque[tuple[Time, Box]] = field(default_factory=lambda: deque(maxlen=_MOST_PLACES), repr=False)
    """Where it was detected lately, oldest first."""

    def __post_init__(self) -> None:
        self.largest_box, self.largest_at = self.box, self.last_seen
        self.places.append((self.last_seen, self.box))

    @property
    def label(self) -> str:
        """What most of its detections said, weighted by their scores."""
        return self.labels.most_common(1)[0][0]

    @property
    def kind(self) -> str:
        """The group of labels that it may be matched with."""
        return kind_of(self.label)

    @property
    def stands(self) -> bool:
        """Whether it has been seen a few times and hardly moves for its size."""
        width, height = max(1e-6, self.box.right - self.box.left), max(1e-6, self.box.bottom - self.box.top)
        left, top, right, bottom = self.speed
        return (
            self.hits >= _STANDS_AFTER
            and abs(left + right) / 2 < _STILL * width
            and abs(top + bottom) / 2 < _STILL * height
        )

    @property
    def is_leaving(self) -> bool:
        """Whether its box touches the picture's edge and it moves that way."""
        box, (left, top, right, bottom) = self.box, self.speed
        across, down = left + right, top + bottom
        outwards = (box.left < _EDGE and across < 0) or (box.right > 1 - _EDGE and across > 0)
        return outwards or (box.top < _EDGE and down < 0) or (box.bottom > 1 - _EDGE and down > 0)

    def foretold(self, time: Time) -> Box:
        """Where it should be, at most a second and a half ahead of the last sight."""
        seconds = min(1.5, max(0.0, (time - self.last_seen) / SECOND))
        # Its middle moves on, its size stays: the sides' own speeds are mostly the detector's wavering.
        left, top, right, bottom = self.speed
        across, down = (left + right) / 2 * seconds, (top + bottom) / 2 * seconds
        box = self.box
        return Box(box.left + across, box.top + down, box.right + across, box.bottom + down)

    def box_at(self, time: Time) -> Box | None:
        """Where it was at a past time, between the looks before and after; None where it is not remembered."""
        after = next((place for place in self.places if place[0] >= time), None)
        if after is None or self.places[0][0] > time:
            return None
        before = next(place for place in reversed(self.places) if place[0] <= time)
        if after[0] == before[0]:
            return after[1]
        share = (time - before[0]) / (after[0] - before[0])
        return Box(*(old + share * (new - old) for old, new in zip(before[1].sides, after[1].sides, strict=True)))

    def seen(self, detection: Detection, time: Time) -> None:
        """Take a detection as the track's newest place."""
        seconds = (time - self.last_seen) / SECOND
        if seconds > 0:
            self.speed = _blended(
                self.speed, _speed(self.box, detection.box, seconds), 1.0 if self.hits == 1 else _SMOOTHING
            )
        self.box, self.last_seen, self.score = detection.box, time, detection.score
        self.hits += 1
        self.places.append((time, detection.box))
        if self.box.area > self.largest_box.area:
            self.largest_box, self.largest_at = self.box, time
        self.labels[detection.label] += _weight(detection)


@dataclass(frozen=True, slots=True)
class Tracked:
    """The state after a frame: tracks seen in it, and tracks that ended with it."""

    seen: tuple[Track, ...]
    ended: tuple[Track, ...]


class Tracker:
    """The tracks of one camera."""

    def __init__(self, new_id: Callable[[], str], *, patience_s: float = 1.5, most_tracks: int = 100) -> None:
        self._new_id = new_id
        self._patience = round(patience_s * SECOND)
        self._most = most_tracks
        self.tracks: list[Track] = []
        self.refused = 0
        """Things not followed because `most_tracks` were being followed already."""

    def update(self, detections: list[Detection], time: Time) -> Tracked:
        """Take the detections of one frame; frames come in order of time."""
        sure = [detection for detection in detections if detection.score >= SURE]
        doubtful = [detection for detection in detections if detection.score < SURE]
        seen: list[Track] = []
        left_over = self._associate(sure, time, seen)
        self._associate(doubtful, time, seen)
        for detection in left_over:
            self._begin(detection, time, seen)
        ended = [track for track in self.tracks if time - track.last_seen > self._patience_with(track)]
        self.tracks = [track for track in self.tracks if time - track.last_seen <= self._patience_with(track)]
        return Tracked(tuple(seen), tuple(ended))

    def _patience_with(self, track: Track) -> float:
        """Microseconds that a track may be unseen; one seen a few times has earned more (docs/benchmarks/counts.md)."""
        if track.is_leaving:
            return self._patience * _PATIENCE_LEAVING
        if track.hits < _STANDS_AFTER:
            return self._patience
        return self._patience * (_PATIENCE_STANDING if track.stands else _PATIENCE_INSIDE)

    def rest(self, time: Time) -> tuple[Track, ...]:
        """Nothing moved since the last frame: what was seen in it is still there. Returns it."""
        newest = max((track.last_seen for track in self.tracks), default=time)
        still = tuple(track for track in self.tracks if track.last_seen == newest)
        for track in still:
            track.last_seen, track.speed = time, (0.0, 0.0, 0.0, 0.0)
        return still

    def close(self) -> tuple[Track, ...]:
        """End every track."""
        ended, self.tracks = tuple(self.tracks), []
        return ended

    def _associate(self, detections: list[Detection], time: Time, seen: list[Track]) -> list[Detection]:
        """Match greedily, best pair first; returns the detections without a track."""
        free = [track for track in self.tracks if all(track is not other for other in seen)]
        pairs = []
        for number, detection in enumerate(detections):
            for position, track in enumerate(free):
                likeness = _likeness(track, detection, time)
                if likeness > 0:
                    pairs.append((likeness, number, position))
        used_detections: set[int] = set()
        used_tracks: set[int] = set()
        for _, number, position in sorted(pairs, reverse=True):
            if number not in used_detections and position not in used_tracks:
                used_detections.add(number)
                used_tracks.add(position)
                free[position].seen(detections[number], time)
                seen.append(free[position])
        return [detection for number, detection in enumerate(detections) if number not in used_detections]

    def _begin(self, detection: Detection, time: Time, seen: list[Track]) -> None:
        if len(self.tracks) >= self._most:
            self.refused += 1
            return
        track = Track(self._new_id(), detection.box, time, time, detection.score)
        track.labels[detection.label] += _weight(detection)
        self.tracks.append(track)
        seen.append(track)


def kind_of(label: str) -> str:
    """The group of a label: vehicles on four wheels and more, cycles, or the label itself."""
    return _KINDS.get(label, label)


def _weight(detection: Detection) -> int:
    """A detection's say in what its track is; a mover, which has no name, leaves it to any that has."""
    return 1 if detection.label == MOVER else round(100 * detection.score)


def _likeness(track: Track, detection: Detection, time: Time) -> float:
    """1 to 2 for boxes that overlap enough, 0 to 1 for near boxes of like size (a fast thing at few frames a second), else 0."""
    if MOVER not in (track.kind, detection.label) and track.kind != kind_of(detection.label):
        return 0.0
    box = track.foretold(time)
    shared = max(overlap(box, detection.box), 0.9 * overlap(track.box, detection.box))
    least = _LEAST_OVERLAP_STANDING if track.stands else _LEAST_OVERLAP
    if detection.label == MOVER and track.kind != MOVER:
        least = _LEAST_OVERLAP_MOVER
    if shared >= least:
        return 1.0 + shared
    nearness = _nearness(box, detection.box)
    return nearness if nearness > _LEAST_NEARNESS and track.hits <= 3 else 0.0


def _nearness(one: Box, other: Box) -> float:
    """1 for the same place and size, 0 from a distance of one box's own size on."""
    width, height = one.right - one.left, one.bottom - one.top
    other_width, other_height = other.right - other.left, other.bottom - other.top
    if min(width, height, other_width, other_height) <= 0:
        return 0.0
    size = min(width / other_width, other_width / width) * min(height / other_height, other_height / height)
    away_x = abs(one.left + one.right - other.left - other.right) / (width + other_width)
    away_y = abs(one.top + one.bottom - other.top - other.bottom) / (height + other_height)
    return max(0.0, 1.0 - hypot(away_x, away_y)) * (size if size > 0.5 else 0.0)


def _speed(old: Box, new: Box, seconds: float) -> tuple[float, float, float, float]:
    return (
        (new.left - old.left) / seconds,
        (new.top - old.top) / seconds,
        (new.right - old.right) / seconds,
        (new.bottom - old.bottom) / seconds,
    )


def _blended(
    old: tuple[float, float, float, float], new: tuple[float, float, float, float], share: float
) -> tuple[float, float, float, float]:
    left, top, right, bottom = (before + share * (after - before) for before, after in zip(old, new, strict=True))
    return left, top, right, bottom
