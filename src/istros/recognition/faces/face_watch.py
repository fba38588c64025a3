"""Compares the faces of followed people with those that may be compared now; a template lives as long as its comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import cv2

from istros.base.time import SECOND, Time
from istros.recognition.faces.comparing import MATCH_RATE, SHIPPED, FalseMatchModel, compared
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.faces.quality import FaceQuality
from istros.recognition.faces.track_faces import FaceLook, TrackFaces

MOST_COMPARISONS = 3
"""Of one track while it lasts, and one more when it ends: a better face may come, and each costs 12 ms a picture."""

_BETWEEN = SECOND
LEAST_PX_PER_M = 250.0
"""Identification (EN 62676-4): below, no candidate is raised. A face of 64 pixels has some 400."""


class WatchedLike(Protocol):
    """A face that may be compared with (`people_desk.WatchedFace`)."""

    @property
    def entry_id(self) -> str:
        """Of which entry."""
        ...

    @property
    def operation_id(self) -> str:
        """Under which operation."""
        ...

    @property
    def template(self) -> FaceTemplate:
        """Its numbers."""
        ...

    def covers(self, camera_id: str, time: Time) -> bool:
        """Whether a camera may compare with it at a moment."""
        ...


@dataclass(frozen=True, slots=True)
class FaceCandidate:
    """A suggestion that somebody may be a sought person: for named people to look at, and nothing else (rules L6 and L7).

    `false_match_rate` is that of the whole comparison: how often somebody else among so many entries is as alike.
    """

    id: str
    camera_id: str
    track_id: str
    entry_id: str
    operation_id: str
    time: Time
    distance: float
    threshold: float
    false_match_rate: float
    compared_with: int
    next_best: float | None
    """The distance to the nearest other entry; None where there is none."""
    faces: int
    """Pictures whose mean was compared."""
    quality: FaceQuality
    jpeg: bytes = field(repr=False)


@dataclass(slots=True)
class _Compared:
    times: int = 0
    last: Time = field(default=Time(0))
    best: float = 0.0
    entries: set[str] = field(default_factory=set)


class FaceWatch:
    """One camera's comparisons."""

    def __init__(
        self, camera_id: str, new_id: Callable[[], str], rate: float = MATCH_RATE, model: FalseMatchModel = SHIPPED
    ) -> None:
        self._camera_id, self._new_id, self._model = camera_id, new_id, model
        self.threshold = model.threshold_for(rate)
        self._tracks: dict[str, _Compared] = {}

    def is_due(self, track_id: str, faces: TrackFaces, ended: bool) -> bool:
        """Whether a comparison would tell something new: a better face than last time, not too often."""
        good = [look for look in faces.best if look.quality.refused_because is None]
        if not good or faces.is_still_picture:
            return False
        before = self._tracks.setdefault(track_id, _Compared())
        better = good[0].quality.score > before.best
        often = before.times >= MOST_COMPARISONS or good[0].time - before.last < _BETWEEN
        return better and (ended or (len(good) > 1 and not often))

    def compare(
        self, track_id: str, faces: TrackFaces, watched: Iterable[WatchedLike], embedder: FaceEmbedder
    ) -> tuple[int, list[FaceCandidate]]:
        """(with how many it was compared, the candidates); nothing is computed where nothing may be compared."""
        good = [look for look in faces.best if look.quality.refused_because is None]
        here = [each for each in watched if good and each.covers(self._camera_id, good[0].time)]
        if not here:
            return 0, []
        state = self._tracks.setdefault(track_id, _Compared())
        state.times, state.last, state.best = state.times + 1, good[0].time, good[0].quality.score
        template = faces.template(embedder)
        if template is None:
            return 0, []
        try:
            distances = [template.distance(each.template) for each in here]
        finally:
            template.forget()
        found = []
        for each, distance in zip(here, distances, strict=True):
            near = distance <= self.threshold and each.entry_id not in state.entries
            if near and good[0].quality.px_per_m >= LEAST_PX_PER_M:
                state.entries.add(each.entry_id)
                others = [other for one, other in zip(here, distances, strict=True) if one.entry_id != each.entry_id]
                found.append(self._candidate(track_id, each, distance, min(others, default=None), good, len(here)))
        return len(here), found

    def forget(self, track_id: str) -> None:
        """The track is over."""
        self._tracks.pop(track_id, None)

    def _candidate(
        self, track_id: str, watched: WatchedLike, distance: float, next_best: float | None, good: list[FaceLook],
        tried: int,
    ) -> FaceCandidate:  # fmt: skip
        best = good[0]
        _, jpeg = cv2.imencode(".jpg", best.picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        return FaceCandidate(
            id=self._new_id(), camera_id=self._camera_id, track_id=track_id, entry_id=watched.entry_id,
            operation_id=watched.operation_id, time=best.time, distance=distance, threshold=self.threshold,
            false_match_rate=compared(distance, tried, self._model).false_match_rate, compared_with=tried,
            next_best=next_best, faces=len(good), quality=best.quality, jpeg=jpeg.tobytes(),
        )  # fmt: skip
