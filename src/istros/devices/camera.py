"""The camera, as everything downstream knows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from istros.devices.onvif.address import OnvifAddress
from istros.store.rows import StreamName


class SecretUrl:
    """An RTSP address whose user and password never reach a log, a screen or a repr."""

    __slots__ = ("_url",)

    def __init__(self, url: str) -> None:
        self._url = url

    def reveal(self) -> str:
        """The whole address, for the RTSP client alone."""
        return self._url

    @property
    def host(self) -> str:
        """The host that it names, without port and password; empty when it has none."""
        return urlsplit(self._url).hostname or ""

    def __str__(self) -> str:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit((parts.scheme, f"{host}{port}", parts.path, "", ""))

    def __repr__(self) -> str:
        return f"SecretUrl({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretUrl) and other._url == self._url

    def __hash__(self) -> int:
        return hash(self._url)


TO_BE_FOUND = SecretUrl("onvif://to-be-found")
"""Stands for the address of a stream that the configuration leaves out: ONVIF tells it (`app.found_streams`)."""


@dataclass(frozen=True, slots=True)
class StreamKey:
    """Names one stream of one camera, e.g. `IZ-07/main`."""

    camera_id: str
    name: StreamName

    def __str__(self) -> str:
        return f"{self.camera_id}/{self.name}"


Zone = tuple[tuple[float, float], ...]
"""A part of a camera's picture: its corners, each (x, y) in shares of the picture's width and height."""

Priority = Literal["high", "usual", "low"]
"""Who is looked at first when the cores do not suffice for all."""

Transport = Literal["auto", "tcp", "udp"]
"""How RTP is to come: inside RTSP, by UDP, or inside RTSP unless the camera does not do that."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One encoded output of a camera (ONVIF: media profile)."""

    key: StreamKey
    url: SecretUrl
    transport: Transport = "auto"
    sound: bool = False
    """Whether its sound is taken, too: the node's rule and the camera's setting both allow it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera stands, in words for people and WGS 84 degrees for maps."""

    name: str
    town: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """A device that sees; it has a place and an owner organisation.

    `reads_plates` asks the analyser for plate reads; such a camera needs a `main` stream with plates of 70 px and more.
    """

    id: str
    place: Place
    owner: str
    streams: tuple[Stream, ...]
    reads_plates: bool = False
    analysis: Literal["full", "motion", "off"] = "full"
    fps_expected: dict[StreamName, float] = field(default_factory=dict)
    onvif: OnvifAddress | None = None
    sets_clock: bool = False
    """Whether the node sets the camera's clock by ONVIF when it is off."""
    network: str = ""
    """The switch, radio link or building that it hangs on, where somebody said so."""
    priority: Priority = "usual"
    plate_zone: tuple[Zone, ...] = ()
    """Where plates are read; empty: in the whole picture."""
    face_zone: tuple[Zone, ...] = ()
    """Where faces are looked for, as far as the deployment profile allows; empty: nowhere."""
    ignored_zone: tuple[Zone, ...] = ()
    """What nobody looks at: neither motion nor vehicles nor plates are searched for there."""
    private_zone: tuple[Zone, ...] = ()
    """Privacy masks: what nobody sees, and nothing is searched for either."""
    bearing: float | None = None
    """Where it looks, in degrees from north."""
    groups: tuple[str, ...] = ()
    """What the access policy may limit a role to."""

    def stream(self, name: StreamName) -> Stream | None:
        """The stream of that name, where the camera has one."""
        return next((stream for stream in self.streams if stream.key.name == name), None)

    @property
    def is_here(self) -> bool:
        """Whether all of its streams come from this machine, as those of simulated cameras do."""
        return all(_is_loopback(stream.url.host) for stream in self.streams)


def owners_of(cameras: Iterable[Camera]) -> dict[str, str]:
    """Whose each camera is, by its id."""
    return {camera.id: camera.owner for camera in cameras}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
