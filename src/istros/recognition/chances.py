"""Which vehicle's plate is read next, and in which picture: the best chance for the least decoding.

A keyframe of the main stream is had for a few milliseconds, a picture between two of them for all the pictures before it.
So a vehicle is read in keyframes, and in between only when it is about to leave or nothing is known of its plate yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.detector import VEHICLES
from istros.recognition.luck import Luck
from istros.recognition.main_pictures import MainPictures
from istros.recognition.observation import Box, overlap
from istros.recognition.plates.track_reading import TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track
from istros.recognition.zones import PictureZones

_SAME_PLACE = 0.7
_STANDING = 0.4
"""A standing vehicle's share of a driving one's urgency."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_NEAR_ENOUGH = 0.7
"""A keyframe is read where a vehicle was at least so wide in it, as a share of its width now."""
_FEW_PICTURES = 6
"""A picture that so few must be decoded for is had like a keyframe."""
_PAUSE_S, _VAIN_PAUSE_S = 0.35, 0.7
"""The least time between two tries of one vehicle, and after one in which no plate was found."""
_LEAVING_S = 0.2
"""A vehicle that drives away is never larger than now."""
_UNKNOWN_S = 0.4
"""After this long in readable size without any text a vehicle is worth the decoding."""
_SOON_S = 1.2
"""A keyframe that comes sooner is waited for, where the vehicle will still be there."""
_LONG_GROUP_S = 2.5
"""Keyframes further apart than this are too rare to wait for."""
_LARGE = 1.6
"""A vehicle that comes nearer is worth decoding for from so many times the readable width on: then its plate has 65 px."""
_AHEAD_US, _MARGIN_US = SECOND, 3 * SECOND // 10
_OUT = 0.02
_GONE = 0.6
"""A vehicle narrower than this share of the readable width has driven away; a track often goes over to one that comes."""
_CERTAIN = 0.97
"""A confidence from which a second look is had where it is cheap, and otherwise not at all."""
_SETTLED = 0.9
"""A confidence from which one more look can wait for a keyframe."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A vehicle worth reading, the time of the picture to read it in, and its place in that picture."""

    track: Track
    time: Time
    box: Box


@dataclass(slots=True)
class Chances:
    """Chooses for one camera; `columns` is the width in pixels of the pictures that plates are read in."""

    policy: AnalysisPolicy
    zones: PictureZones
    main: MainPictures | None
    columns: int | None = None
    luck: Luck = field(default_factory=Luck)
    _readable_since: dict[str, Time] = field(default_factory=dict)

    def best(
        self, tracks: list[Track], time: Time, readings: dict[str, TrackReading], read_times: dict[str, Time]
    ) -> Chance | None:
        """The vehicle whose plate is worth reading now: near, in a plate zone, not read lately; None where there is none."""
        self._forget(tracks)
        found: list[tuple[float, Chance]] = []
        for track in tracks:
            reading = readings.get(track.id)
            worth = self._worth(track, time, reading, read_times.get(track.id))
            chance = self._picture(track, time, reading, read_times.get(track.id)) if worth > 0 else None
            if chance is not None:
                found.append((worth, chance))
        return max(found, key=lambda pair: pair[0], default=(0.0, None))[1]

    def _forget(self, tracks: list[Track]) -> None:
        present = {track.id for track in tracks}
        self._readable_since = {name: since for name, since in self._readable_since.items() if name in present}

    def _worth(self, track: Track, time: Time, reading: TrackReading | None, last: Time | None) -> float:
        if track.label not in VEHICLES or not self._is_readable(track.box):
            return 0.0
        self._readable_since.setdefault(track.id, time)
        if reading is not None and reading.is_good_enough():
            return 0.0
        waited = 2.0 if last is None else (time - last) / SECOND
        vain = reading is not None and reading.vain > 0
        if waited < (_VAIN_PAUSE_S if vain else _PAUSE_S) or not self.luck.is_worth_a_try(
            track.id, self._width(track.box)
        ):
            return 0.0
        tries = 0 if reading is None else reading.frames_read + reading.vain
        if reading is not None and _is_hopeless(reading, track.box, waited):
            return 0.0
        cut_off = track.box.bottom > 0.995 and track.box.top < 0.3
        patience = (0.3 if cut_off else 1.0) * (_STANDING if track.stands else 1.0)
        return (track.box.right - track.box.left) * min(waited, 2.0) / (1 + 0.3 * tries) * patience

    def is_gone(self, track: Track) -> bool:
        """Whether a vehicle has become so small that it cannot be the one that is read next under the same track."""
        return self._width(track.box) < _GONE * self.policy.least_vehicle_px

    def _is_readable(self, box: Box) -> bool:
        return self._width(box) >= self.policy.least_vehicle_px and self.zones.may_read(box)

    def _width(self, box: Box) -> float:
        return box.width * (self.columns or np.inf)

    def learn(self, chance: Chance, found: bool) -> None:
        """What a try gave, so that the next ones of vehicles as large are worth more or less."""
        self.luck.learn(self._width(chance.box), found)

    def _picture(self, track: Track, time: Time, reading: TrackReading | None, last: Time | None) -> Chance | None:
        """The picture to read a vehicle in; None where a better one can be waited for."""
        is_there = track.last_seen >= time
        if self.main is None:
            return Chance(track, time, track.box) if is_there else None
        key = self.main.key_time
        if key is None:
            return None
        box = track.box_at(key)
        is_new = last is None or key > last
        if is_new and key <= time and box is not None and self._is_readable(box) and _is_near(box, track.box):
            return Chance(track, key, box)
        if not is_there or self._may_wait(track):
            return None
        near = self.main.left_to_decode(time) <= _FEW_PICTURES and (reading is None or reading.surest < _SETTLED)
        return Chance(track, time, track.box) if near or self._is_urgent(track, time, key, reading) else None

    def _may_wait(self, track: Track) -> bool:
        """Whether keyframes will do: a vehicle that comes nearer is still small, or such tries have been in vain here."""
        width = self._width(track.box)
        is_small = width < _LARGE * self.policy.least_vehicle_px
        return self.luck.is_poor(width) or (
            is_small and _grows(track) and _is_whole(track.foretold(Time(track.last_seen + _AHEAD_US)))
        )

    def _is_urgent(self, track: Track, time: Time, key: Time, reading: TrackReading | None) -> bool:
        """Whether a vehicle cannot wait for the next keyframe."""
        period = None if self.main is None else self.main.period_s
        if period is None or period > _LONG_GROUP_S:
            return not track.stands
        if track.stands or (reading is not None and reading.surest >= _CERTAIN):
            return False
        next_key = Time(round(key + period * SECOND))
        waited = time - self._readable_since.get(track.id, time)
        if reading is None or reading.surest < _SETTLED:
            if not _grows(track) and waited >= _LEAVING_S * SECOND:
                return True
            if waited >= _UNKNOWN_S * SECOND and next_key - time > _SOON_S * SECOND:
                return True
        there = track.foretold(Time(next_key + _MARGIN_US))
        return not (_is_whole(there) and self._is_readable(there))


def _is_near(then: Box, now: Box) -> bool:
    return then.right - then.left >= _NEAR_ENOUGH * (now.right - now.left)


def _grows(track: Track) -> bool:
    """Whether a vehicle comes nearer: its plate will be larger than it is now."""
    left, top, right, bottom = track.speed
    return bottom - top > 0 or right - left > 0


def _is_whole(box: Box) -> bool:
    """Whether a foretold box is in the picture but for a little: what sticks out below or aside takes the plate with it."""
    return box.left > -_OUT and box.right < 1 + _OUT and box.bottom < 1 + _OUT


def _is_hopeless(reading: TrackReading, box: Box, waited_s: float) -> bool:
    """Whether a vehicle that shows no plate stands where it stood: it is tried again ever more rarely."""
    if reading.vain_box is None or reading.vain < 2 or overlap(reading.vain_box, box) < _SAME_PLACE:
        return False
    return waited_s < min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0**reading.vain)
