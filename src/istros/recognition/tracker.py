"""Follows things from frame to frame: two passes of association by overlap, with motion foretold at constant speed.

Source: Y. Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022. Sure detections
are matched first, doubtful ones then keep tracks alive but never begin one. Our own code, because the ready package costs
2.9 s and 133 MB to import (docs/design/0001).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import hypot

from istros.base.time import SECOND, Time
from istros.recognition.detector import overlap
from istros.recognition.observation import Box, Detection

SURE = 0.4
_LEAST_OVERLAP = 0.15
_LEAST_NEARNESS = 0.25
_SMOOTHING = 0.5
_KINDS = {
    "car": "vehicle",
    "bus": "vehicle",
    "lorry": "vehicle",
    "train": "vehicle",
    "motorcycle": "cycle",
    "bicycle": "cycle",
}
"""Labels that a thing may change between while it stays the same thing."""


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

    @property
    def label(self) -> str:
        """What most of its detections said, weighted by their scores."""
        return self.labels.most_common(1)[0][0]

    @property
    def kind(self) -> str:
        """The group of labels that it may be matched with."""
        return kind_of(self.label)

    def foretold(self, time: Time) -> Box:
        """Where it should be, at most a second and a half ahead of the last sight."""
        seconds = min(1.5, max(0.0, (time - self.last_seen) / SECOND))
        sides = (self.box.left, self.box.top, self.box.right, self.box.bottom)
        return Box(*(side + speed * seconds for side, speed in zip(sides, self.speed, strict=True)))

    def seen(self, detection: Detection, time: Time) -> None:
        """Take a detection as the track's newest place."""
        seconds = (time - self.last_seen) / SECOND
        if seconds > 0:
            self.speed = _blended(
                self.speed, _speed(self.box, detection.box, seconds), 1.0 if self.hits == 1 else _SMOOTHING
            )
        self.box, self.last_seen, self.score = detection.box, time, detection.score
        self.hits += 1
        self.labels[detection.label] += round(100 * detection.score)


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
        ended = [track for track in self.tracks if time - track.last_seen > self._patience]
        self.tracks = [track for track in self.tracks if time - track.last_seen <= self._patience]
        return Tracked(tuple(seen), tuple(ended))

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
        track.labels[detection.label] += round(100 * detection.score)
        self.tracks.append(track)
        seen.append(track)


def kind_of(label: str) -> str:
    """The group of a label: vehicles on four wheels and more, cycles, or the label itself."""
    return _KINDS.get(label, label)


def _likeness(track: Track, detection: Detection, time: Time) -> float:
    """1 to 2 for boxes that overlap enough, 0 to 1 for near boxes of like size (a fast thing at few frames a second), else 0."""
    if track.kind != kind_of(detection.label):
        return 0.0
    box = track.foretold(time)
    shared = max(overlap(box, detection.box), 0.9 * overlap(track.box, detection.box))
    if shared >= _LEAST_OVERLAP:
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
