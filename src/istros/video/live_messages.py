"""What a viewer of live video gets, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.base.time import Time
from istros.store.rows import StreamStatus


@dataclass(frozen=True, slots=True)
class LiveInit:
    """A new timeline begins: `data` is its init segment, `time` the wall time of its media time 0."""

    mime: str
    data: bytes = field(repr=False)
    time: Time


@dataclass(frozen=True, slots=True)
class LiveFragment:
    """One picture as `moof mdat`; `media_s` is its presentation time in seconds on the viewer's timeline."""

    data: bytes = field(repr=False)
    media_s: float
    time: Time
    is_key: bool


@dataclass(frozen=True, slots=True)
class LiveState:
    """How the stream does; `problem` is one sentence, empty when all is well."""

    status: StreamStatus
    problem: str


LiveMessage = LiveInit | LiveFragment | LiveState
