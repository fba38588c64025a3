"""A pan-tilt-zoom head that does not exist: where it looks is computed from the clock, so nothing has to tick."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.base.clock import Clock

FULL_SPEED = 0.5
"""Share of the ONVIF range (-1 to 1) a second at full speed: pan goes from end to end in four seconds."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the head looks, in ONVIF's generic spaces: pan and tilt from -1 to 1, zoom from 0 to 1."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


@dataclass(slots=True)
class _Axis:
    low: float
    high: float
    start: float = 0.0
    speed: float = 0.0
    since_s: float = 0.0
    until_s: float = 0.0

    def at(self, now_s: float) -> float:
        passed = min(now_s, self.until_s) - self.since_s
        return min(self.high, max(self.low, self.start + self.speed * max(0.0, passed)))

    def drive(self, now_s: float, speed: float, seconds: float) -> None:
        self.start, self.speed = self.at(now_s), speed
        self.since_s, self.until_s = now_s, now_s + seconds

    def go(self, now_s: float, target: float, share: float) -> None:
        way = min(self.high, max(self.low, target)) - self.at(now_s)
        speed = max(0.01, min(1.0, share)) * FULL_SPEED
        self.drive(now_s, speed if way >= 0 else -speed, abs(way) / speed)

    def moves(self, now_s: float) -> bool:
        return self.speed != 0 and now_s < self.until_s and self.low < self.at(now_s + 1e-3) < self.high


@dataclass(slots=True)
class SimulatedHead:
    """Drives three axes. `presets` maps tokens to (name, position); `moves` counts what it was told."""

    clock: Clock
    presets: dict[str, tuple[str, Position]] = field(default_factory=dict)
    home: Position = Position()
    ignores_timeout: bool = False
    """Cameras exist that go on until they are told to stop, whatever the timeout says."""
    moves: int = 0
    stops: int = 0
    _pan: _Axis = field(default_factory=lambda: _Axis(-1.0, 1.0))
    _tilt: _Axis = field(default_factory=lambda: _Axis(-1.0, 1.0))
    _zoom: _Axis = field(default_factory=lambda: _Axis(0.0, 1.0))

    @property
    def position(self) -> Position:
        """Where it looks now."""
        now = self.clock.elapsed()
        return Position(self._pan.at(now), self._tilt.at(now), self._zoom.at(now))

    @property
    def is_moving(self) -> bool:
        """Whether any axis still turns."""
        return self.turns_pan_tilt or self.turns_zoom

    @property
    def turns_pan_tilt(self) -> bool:
        """Whether it pans or tilts."""
        now = self.clock.elapsed()
        return self._pan.moves(now) or self._tilt.moves(now)

    @property
    def turns_zoom(self) -> bool:
        """Whether it zooms."""
        return self._zoom.moves(self.clock.elapsed())

    def drive(self, pan: float | None, tilt: float | None, zoom: float | None, timeout_s: float) -> None:
        """ContinuousMove: speeds from -1 to 1; an axis that is None goes on as it does."""
        self.moves += 1
        now, seconds = self.clock.elapsed(), 1e9 if self.ignores_timeout else timeout_s
        for axis, speed in ((self._pan, pan), (self._tilt, tilt), (self._zoom, zoom)):
            if speed is not None:
                axis.drive(now, max(-1.0, min(1.0, speed)) * FULL_SPEED, seconds)

    def go_to(self, target: Position, speed: float = 1.0) -> None:
        """AbsoluteMove."""
        self.moves += 1
        now = self.clock.elapsed()
        self._pan.go(now, target.pan, speed)
        self._tilt.go(now, target.tilt, speed)
        self._zoom.go(now, target.zoom, speed)

    def shift(self, pan: float, tilt: float, zoom: float, speed: float = 1.0) -> None:
        """RelativeMove."""
        at = self.position
        self.go_to(Position(at.pan + pan, at.tilt + tilt, at.zoom + zoom), speed)

    def stop(self, pan_tilt: bool = True, zoom: bool = True) -> None:
        """Stop, at once."""
        self.stops += 1
        now = self.clock.elapsed()
        for axis in (*((self._pan, self._tilt) if pan_tilt else ()), *((self._zoom,) if zoom else ())):
            axis.drive(now, 0.0, 0.0)

    def keep(self, token: str, name: str) -> None:
        """SetPreset: remember where it looks."""
        self.presets[token] = (name, self.position)
