"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562 section 5.7)."""

from __future__ import annotations

from random import Random

from istros.base.clock import Clock


class Ids:
    """Makes UUIDv7 texts from the clock and the random source it was given."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random

    def new(self) -> str:
        """A fresh identifier, e.g. `01976b4e-...`; later ones sort after earlier ones to the millisecond."""
        value = (self._clock.now() // 1000 & (1 << 48) - 1) << 80
        value |= 0x7 << 76 | self._random.getrandbits(12) << 64
        value |= 0b10 << 62 | self._random.getrandbits(62)
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
