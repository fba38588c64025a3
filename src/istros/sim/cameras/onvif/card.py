"""The card inside a simulated camera: the frames that it streamed, whether anybody listened or not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from istros.base.time import SECOND, Span, Time
from istros.sim.cameras.film import Film, FilmUnit


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """One frame and when the camera took it, by its own clock."""

    time: Time
    film: Film
    unit: FilmUnit


class Card:
    """A ring of the last `keep_s` seconds. `now` is the camera's own clock; a card that `is_failed` keeps nothing."""

    def __init__(self, now: Callable[[], Time], keep_s: float = 3600.0) -> None:
        self._now = now
        self._keep_us = round(keep_s * SECOND)
        self._frames: deque[KeptFrame] = deque()
        self.is_failed = False

    def keep(self, film: Film, unit: FilmUnit) -> None:
        """The stream shows this frame now."""
        if self.is_failed:
            return
        time = self._now()
        self._frames.append(KeptFrame(time, film, unit))
        while self._frames and time - self._frames[0].time > self._keep_us:
            self._frames.popleft()

    @property
    def kept(self) -> Span | None:
        """From the first frame to the last; None for an empty card."""
        frames = self._frames
        return Span(frames[0].time, frames[-1].time) if frames else None

    @property
    def film(self) -> Film | None:
        """How the newest frames are coded."""
        return self._frames[-1].film if self._frames else None

    def play(self, span: Span) -> Iterator[KeptFrame]:
        """Frames of a span, from the keyframe at or before its start."""
        frames = [frame for frame in self._frames if frame.time < span.end]
        first = max((n for n, f in enumerate(frames) if f.unit.is_key and f.time <= span.start), default=None)
        if first is None:
            first = next((n for n, frame in enumerate(frames) if frame.unit.is_key), len(frames))
        yield from frames[first:]
