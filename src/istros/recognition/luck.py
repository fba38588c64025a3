"""What a camera's tries to read plates gave so far, by the width of the vehicle: where none was ever found, few are made.

A camera that looks down a crossroads never shows a plate large enough, however near the cars come. Light and views change,
so every fourth vehicle is tried all the same.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

_BIN_PX = 60.0
_MOST_BINS = 40
_FORGET = 0.99
"""A try counts so much less with each one that follows: the last hundred tell."""
_POOR = 0.1
"""Share of tries with a text below which vehicles so wide are mostly left alone,"""
_LEAST_TRIES = 12.0
"""after so many tries."""
_EVERY = 4
_MOST_VEHICLES = 200


@dataclass(slots=True)
class _Bin:
    tries: float = 0.0
    found: float = 0.0

    @property
    def is_poor(self) -> bool:
        return self.tries >= _LEAST_TRIES and self.found < _POOR * self.tries


@dataclass(slots=True)
class Luck:
    """One camera's."""

    _bins: dict[int, _Bin] = field(default_factory=dict)
    _all: _Bin = field(default_factory=_Bin)
    _drawn: OrderedDict[tuple[str, int], bool] = field(default_factory=OrderedDict)
    _numbers: dict[int, int] = field(default_factory=dict)

    def learn(self, width_px: float, found: bool) -> None:
        """A vehicle so wide was tried; `found` says whether a text came of it."""
        for each in (self._bins.setdefault(_bin(width_px), _Bin()), self._all):
            each.tries = _FORGET * each.tries + 1
            each.found = _FORGET * each.found + found

    def is_poor(self, width_px: float) -> bool:
        """Whether tries of vehicles so wide, or of any at this camera, have nearly always been in vain."""
        return any(each is not None and each.is_poor for each in (self._bins.get(_bin(width_px)), self._all))

    def is_worth_a_try(self, vehicle: str, width_px: float) -> bool:
        """Whether to try: always, but where such tries were in vain; there every fourth vehicle."""
        number = _bin(width_px)
        if not self.is_poor(width_px):
            return True
        drawn = self._drawn.get((vehicle, number))
        if drawn is None:
            count = self._numbers.get(number, 0)
            self._numbers[number] = count + 1
            drawn = self._drawn[vehicle, number] = count % _EVERY == 0
            if len(self._drawn) > _MOST_VEHICLES:
                self._drawn.popitem(last=False)
        return drawn


def _bin(width_px: float) -> int:
    return _MOST_BINS if not np.isfinite(width_px) else min(_MOST_BINS, int(width_px / _BIN_PX))
