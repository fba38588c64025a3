"""A simulated camera as ONVIF sees it: who it is, which profiles it has, its head, its events, its card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.sim.cameras.film import Film
from istros.sim.cameras.onvif.card import Card
from istros.sim.cameras.onvif.events import EventBroker
from istros.sim.cameras.onvif.head import SimulatedHead
from istros.sim.cameras.onvif.masks import SimulatedMasks


@dataclass(frozen=True, slots=True)
class SimulatedProfile:
    """One media profile and the stream behind it."""

    token: Literal["main", "sub"]
    name: str
    width: int
    height: int
    fps: float
    codec: str = "H264"


def profile_of(token: Literal["main", "sub"], film: Film) -> SimulatedProfile:
    """The profile of a stream that plays that film."""
    size = film.parameters
    return SimulatedProfile(token, f"{token} profile", size.width, size.height, film.fps, size.codec.name)


@dataclass(slots=True)
class SimulatedDevice:
    """Everything that the ONVIF services of one camera answer from; tests read and turn its state.

    `path` is the camera's name in addresses. Without a `user` nobody is asked for one. `clock_error_s` is how far its
    clock is ahead of the true time; SetSystemDateAndTime mends it.
    """

    environment: Environment
    path: str
    rtsp_port: int
    profiles: tuple[SimulatedProfile, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    head: SimulatedHead | None = None
    card: Card | None = None
    masks: SimulatedMasks | None = None
    replay_port: int = 0
    still_maker: Callable[[], bytes] | None = field(default=None, repr=False)
    """Makes the still picture when it is first asked for."""
    clock_error_s: float = 0.0
    token_tolerance_s: float = 30.0
    takes_tokens: bool = True
    """False: only HTTP digest is accepted, as by cameras of ONVIF Profile T alone."""
    manufacturer: str = "Istros"
    model: str = "Simulated camera"
    firmware: str = "1.0"
    events: EventBroker = field(init=False)
    clock_sets: int = 0
    _still: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        self.events = EventBroker(self.environment, self.now)

    @property
    def serial(self) -> str:
        """The serial number."""
        return f"SIM-{self.path}"

    async def still(self) -> bytes:
        """The still picture; empty when there is none."""
        if not self._still and self.still_maker is not None:
            self._still = await self.environment.workers.run(self.still_maker)
        return self._still

    def show(self, still_maker: Callable[[], bytes]) -> None:
        """From now on the still picture is another one."""
        self.still_maker, self._still = still_maker, b""

    def now(self) -> Time:
        """The time by the camera's own clock."""
        return Time(self.environment.clock.now() + round(self.clock_error_s * SECOND))

    def set_clock(self, time: Time) -> None:
        """SetSystemDateAndTime."""
        self.clock_error_s = (time - self.environment.clock.now()) / SECOND
        self.clock_sets += 1

    def profile(self, token: str) -> SimulatedProfile | None:
        """The profile of that token."""
        return next((profile for profile in self.profiles if profile.token == token), None)
