"""Turns the readings of tracks into observations: one `PlateRead` a passage, once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from istros.base.plate_text import UNREAD, fold_read
from istros.base.time import SECOND, Time
from istros.recognition.direction import direction_of, heading_of
from istros.recognition.observation import PlateRead, overlap
from istros.recognition.plates.grammar import weight_of
from istros.recognition.plates.track_reading import TrackReading, Verdict, may_be_one_plate
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track
from istros.recognition.vehicle_looks import VehicleLooks

_MOST_REMEMBERED = 200
_UNSURE = 0.8
"""Below this confidence a text that differs in one character from one just announced is taken for the same plate."""
_NEAR_S = 4.0
_REACH, _REACH_PER_S = 0.5, 0.25
"""Shares of a vehicle's box by which it may have moved on: at once, and for each second since it was last seen."""
_CLEARLY = 0.1
_MOST_ALTERNATIVES = 5


@dataclass(slots=True)
class _Announced:
    """A plate that was announced, and the track that showed it: the track's box goes on while it is followed."""

    text: str
    confidence: float
    track: Track
    time: Time


class Announcer:
    """Remembers what a camera announced, so that a broken track or a late, worse reading makes no second observation."""

    def __init__(
        self,
        camera_id: str,
        policy: AnalysisPolicy,
        new_id: Callable[[], str],
        bearing: float | None = None,
        vehicles: VehicleLooks | None = None,
    ) -> None:
        self._vehicles = vehicles or VehicleLooks(camera_id, new_id, bearing)
        self._camera_id = camera_id
        self._bearing = bearing
        self._policy = policy
        self._new_id = new_id
        self._done: OrderedDict[str, list[_Announced]] = OrderedDict()
        """Of each track that had its observation, what was announced with it or before it for the same plate; the ones not
        seen for longest give way. A parked vehicle's track lasts longer than hundreds of others."""
        self.announced = 0
        self.repeated = 0
        """Verdicts left out because the same plate was announced just before."""
        self.let_gone = 0
        """Tracks that were opened again."""

    def is_done(self, track_id: str) -> bool:
        """Whether the track has had its observation."""
        return track_id in self._done

    def let_go(self, track: Track) -> None:
        """The vehicle of a track that had its observation is gone: whatever the track shows next may be another one.

        What was announced is still remembered, at the place where it was last seen.
        """
        announced = self._done.pop(track.id, None)
        if announced is not None:
            self.let_gone += 1
            for each in announced:
                each.track = copy(each.track)
            self._done[f"{track.id} {self.let_gone}"] = announced

    def observations(self, track: Track, reading: TrackReading, now: Time, ended: bool) -> tuple[PlateRead, ...]:
        """The track's observations, when the time for them has come: one, or more where vehicles changed in it."""
        if self.is_done(track.id):
            # A vehicle that stands there does not become a new passage when its track breaks after a while.
            for announced in self._done[track.id]:
                announced.time = now
            return ()
        if not (ended or reading.is_good_enough() or reading.is_over(now, self._policy.verdict_after_s)):
            return ()
        verdicts = [verdict for verdict in reading.verdicts() if self._is_sure(verdict)]
        if ended and not verdicts:
            verdicts = [part for verdict in reading.verdicts()[:1] if (part := _partial(verdict)) is not None]
        fresh = [verdict for verdict in verdicts if self._is_new(verdict, track, now)]
        self.announced += len(fresh)
        self.repeated += len(verdicts) - len(fresh)
        return tuple(self._plate_read(track, verdict, alone=len(verdicts) == 1) for verdict in fresh)

    def _is_sure(self, verdict: Verdict) -> bool:
        once = verdict.frames_read < 2
        return verdict.best.confidence >= (
            self._policy.least_confidence_once if once else self._policy.least_confidence
        )

    def _is_new(self, verdict: Verdict, track: Track, now: Time) -> bool:
        text, confidence = fold_read(verdict.best.text), verdict.best.confidence
        known = next((old for old in self._recent(now) if _is_repeat(verdict, old)), None)
        if known is not None:
            known.time = now
            text, confidence = known.text, known.confidence
        self._done.setdefault(track.id, []).append(_Announced(text, confidence, track, now))
        if len(self._done) > _MOST_REMEMBERED:
            del self._done[min(self._done, key=lambda name: max(old.time for old in self._done[name]))]
        return known is None

    def _recent(self, now: Time) -> Iterator[_Announced]:
        limit = now - self._policy.same_plate_s * SECOND
        return (old for announced in reversed(self._done.values()) for old in announced if old.time >= limit)

    def _plate_read(self, track: Track, verdict: Verdict, alone: bool) -> PlateRead:
        frame = verdict.frame
        direction = direction_of(track) if alone else None
        return PlateRead(
            id=self._new_id(),
            camera_id=self._camera_id,
            time=frame.time,
            track_id=track.id,
            best=verdict.best,
            alternatives=verdict.alternatives,
            plate_box=frame.plate_box,
            vehicle_box=frame.vehicle_box,
            vehicle_class=self._vehicles.class_of(track) if frame.vehicle_box is not None else None,
            frames_read=verdict.frames_read,
            plate_width_px=frame.width_px,
            first_seen=track.first_seen if alone else verdict.first_read,
            last_seen=track.last_seen if alone else verdict.last_read,
            direction=direction,
            heading=heading_of(direction, self._bearing),
            vehicle_colour=self._vehicles.colour_of(track.id) if alone else None,
            crop_jpeg=frame.crop_jpeg,
        )


def _partial(verdict: Verdict) -> Verdict | None:
    """What is known of the plate in place of the text that is too unsure, which stays as an alternative."""
    if verdict.partial is None or UNREAD not in verdict.partial.text:
        return None
    return replace(
        verdict, best=verdict.partial, alternatives=(verdict.best, *verdict.alternatives)[:_MOST_ALTERNATIVES]
    )


def _is_repeat(verdict: Verdict, old: _Announced) -> bool:
    """Whether a verdict is the plate announced before: the same text, a part of it, or a worse reading at its place."""
    text = fold_read(verdict.best.text)
    if text in old.text:
        return True
    distance = Levenshtein.distance(text, old.text)
    if distance <= 1 and verdict.best.confidence < _UNSURE:
        return True
    is_part = len(text) < len(old.text) and may_be_one_plate(text, old.text)
    return (
        (distance <= 1 or is_part)
        and not _is_better(text, verdict.best.confidence, old)
        and _is_near(verdict, old.track)
    )


def _is_better(text: str, confidence: float, old: _Announced) -> bool:
    """Whether the plate was announced as a part or misread, so that an operator must see it again."""
    better_form = weight_of(text) > weight_of(old.text) + 0.3
    whole = old.text in text and weight_of(text) >= weight_of(old.text)
    return better_form or whole or confidence > old.confidence + _CLEARLY


def _is_near(verdict: Verdict, track: Track) -> bool:
    """Whether a vehicle that was read can be the one of a track that was seen some seconds before, or still is."""
    frame = verdict.frame
    seconds = max(0.0, (frame.time - track.last_seen) / SECOND)
    reach = _REACH + _REACH_PER_S * seconds
    here = frame.vehicle_box or frame.plate_box
    return seconds <= _NEAR_S and overlap(here.wider(reach, reach), track.box.wider(reach, reach)) > 0
