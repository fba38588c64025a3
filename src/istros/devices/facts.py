"""What a device says of itself, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """Who made it and which one it is."""

    manufacturer: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """One media profile and where its stream is; `url` bears no account."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    fps: float
    url: str
    steers: bool
    """Whether the head of the camera answers under this profile."""
    source: str = ""
    """The token of its video source configuration: what privacy masks belong to."""


@dataclass(frozen=True, slots=True)
class HeadPosition:
    """Where a head looks, in ONVIF's generic spaces; None where the camera does not say."""

    pan: float | None
    tilt: float | None
    zoom: float | None


@dataclass(frozen=True, slots=True)
class Preset:
    """A place that the camera remembers."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """What a head can do, where it looks and which places it knows."""

    turns: bool
    zooms: bool
    home: bool
    presets_most: int
    presets: tuple[Preset, ...] = ()
    position: HeadPosition | None = None
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Velocity:
    """Shares of full speed, each from -1 to 1: right, up and in are positive."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    @property
    def is_rest(self) -> bool:
        """Whether nothing is to move."""
        return self.pan == 0 and self.tilt == 0 and self.zoom == 0
