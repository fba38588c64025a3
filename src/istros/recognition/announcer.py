"""Turns the readings of tracks into observations: one `PlateRead` a passage, once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import cast, get_args

from rapidfuzz.distance import Levenshtein

from istros.base.plate_text import fold
from istros.base.time import SECOND, Time
from istros.recognition.observation import PlateRead, VehicleClass
from istros.recognition.plates.track_reading import TrackReading, Verdict
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track

_MOST_REMEMBERED = 200
_UNSURE = 0.8
"""Below this confidence a text that differs in one character from one just announced is taken for the same plate."""


class Announcer:
    """Remembers what a camera announced, so that a broken track or a late, better reading makes no second observation."""

    def __init__(self, camera_id: str, policy: AnalysisPolicy, new_id: Callable[[], str]) -> None:
        self._camera_id = camera_id
        self._policy = policy
        self._new_id = new_id
        self._done: OrderedDict[str, None] = OrderedDict()
        self._texts: OrderedDict[str, Time] = OrderedDict()
        self.announced = 0
        self.repeated = 0
        """Verdicts left out because the same plate was announced just before."""

    def is_done(self, track_id: str) -> bool:
        """Whether the track has had its observation."""
        return track_id in self._done

    def observation(self, track: Track, reading: TrackReading, now: Time, ended: bool) -> PlateRead | None:
        """The track's observation, when the time for it has come."""
        if self.is_done(track.id):
            self._keep_in_sight(reading, now)
            return None
        if not (ended or reading.is_good_enough() or reading.is_over(now, self._policy.verdict_after_s)):
            return None
        verdict = reading.verdict()
        if verdict is None or verdict.best.confidence < self._policy.least_confidence:
            return None
        self._remember(self._done, track.id, None)
        if self._is_repeated(verdict, now):
            self.repeated += 1
            return None
        self.announced += 1
        return self._plate_read(track, verdict)

    def _keep_in_sight(self, reading: TrackReading, now: Time) -> None:
        """A vehicle that stands there does not become a new passage when its track breaks after a while."""
        for text in {fold(item.text.text) for item in reading.readings}:
            if text in self._texts:
                self._texts[text] = now

    def _is_repeated(self, verdict: Verdict, now: Time) -> bool:
        text = fold(verdict.best.text)
        limit = now - self._policy.same_plate_s * SECOND
        recent = [other for other, time in self._texts.items() if time >= limit]
        unsure = verdict.best.confidence < _UNSURE
        known = any(text in other for other in recent) or (unsure and any(Levenshtein.distance(text, other) <= 1 for other in recent))
        self._remember(self._texts, text, now)
        return known

    @staticmethod
    def _remember(memory: OrderedDict[str, Time] | OrderedDict[str, None], key: str, value: Time | None) -> None:
        filled = cast("OrderedDict[str, Time | None]", memory)
        filled[key] = value
        filled.move_to_end(key)
        while len(filled) > _MOST_REMEMBERED:
            filled.popitem(last=False)

    def _plate_read(self, track: Track, verdict: Verdict) -> PlateRead:
        frame = verdict.frame
        return PlateRead(
            id=self._new_id(),
            camera_id=self._camera_id,
            time=frame.time,
            track_id=track.id,
            best=verdict.best,
            alternatives=verdict.alternatives,
            plate_box=frame.plate_box,
            vehicle_box=frame.vehicle_box,
            vehicle_class=_class_of(track) if frame.vehicle_box is not None else None,
            frames_read=verdict.frames_read,
            plate_width_px=frame.width_px,
            first_seen=track.first_seen,
            last_seen=track.last_seen,
            crop_jpeg=frame.crop_jpeg,
        )


def _class_of(track: Track) -> VehicleClass | None:
    return cast("VehicleClass", track.label) if track.label in get_args(VehicleClass) else None
