"""What a simulated camera is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from istros.video.sound import SoundCodec

Films = Path | Sequence[Path]
"""One film, or several with the same parameters, which are played one after another."""


@dataclass(frozen=True, slots=True)
class Authentication:
    """How the camera asks for its password. A nonce is stale after `nonce_uses` answers; 0: never."""

    scheme: Literal["MD5", "SHA-256", "Basic"] = "MD5"
    qop: bool = True
    nonce_uses: int = 0


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """Serves `rtsp://HOST:PORT/PATH/main` and `/sub`. Without a user it asks for none.

    `fps` overrides the main films' own rate. `describes_sets` puts the parameter sets into the session description.
    What `transport` leaves out is answered with 461. Both streams have the same `sound`.
    """

    path: str
    main: Films
    sub: Films
    fps: float | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    authentication: Authentication = Authentication()
    describes_sets: bool = True
    transport: Literal["both", "tcp", "udp"] = "both"
    sound: SoundCodec | None = None
