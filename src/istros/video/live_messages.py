"""What a viewer of live video gets, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from istros.base.time import Time
from istros.store.rows import StreamStatus

LiveForm = Literal["mp4", "packets"]
"""How a viewer takes pictures: as fragments for Media Source Extensions, or as they are for WebCodecs."""


@dataclass(frozen=True, slots=True)
class LiveInit:
    """A new timeline begins: `data` is its init segment, `time` the wall time of its media time 0."""

    mime: str
    data: bytes = field(repr=False)
    time: Time


@dataclass(frozen=True, slots=True)
class LiveConfiguration:
    """A new timeline of packets begins: `codec` as RFC 6381 names it, `description` the content of `avcC` or `hvcC`."""

    codec: str
    description: bytes = field(repr=False)
    width: int
    height: int
    time: Time


@dataclass(frozen=True, slots=True)
class LiveFragment:
    """One picture, as `moof mdat` or as the access unit itself; `media_s` is its time on the viewer's timeline.

    `time` is when the camera took it as well as we know it, `arrived` when it came to this process: how long it took
    from here to a screen can be told from `arrived` alone, whatever clock the camera has.
    """

    data: bytes = field(repr=False)
    media_s: float
    time: Time
    is_key: bool
    arrived: Time


@dataclass(frozen=True, slots=True)
class LiveState:
    """How the stream does; `problem` is one sentence, empty when all is well, and `code` the problem's, where it has one."""

    status: StreamStatus
    problem: str
    code: str = ""


LiveMessage = LiveInit | LiveConfiguration | LiveFragment | LiveState
