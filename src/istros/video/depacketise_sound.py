"""RTP payloads of sound: AAC (RFC 3640, mpeg4-generic) and G.711 (RFC 3551 section 4.5.14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from istros.video.sound import AAC_SAMPLES, SoundParameters

LARGEST_UNIT = 8191
"""Bytes of an AAC unit: what a `sizeLength` of 13 bits can say."""

Emit = Callable[[int, int, bytes], None]
"""Takes (RTP timestamp, samples, data) of one unit."""


@dataclass(frozen=True, slots=True)
class UnitHeaders:
    """How the headers of AAC units are laid out (RFC 3640 section 4.1), in bits; hbr unless the camera says otherwise."""

    size: int = 13
    index: int = 3
    index_delta: int = 3

    def makes_sense(self) -> bool:
        """Whether sizes can be read with it."""
        return 0 < self.size <= 16 and 0 <= self.index <= 16 and 0 <= self.index_delta <= 16


class AacDepacketiser:
    """Whole units, several in a packet, or one in pieces over several packets."""

    def __init__(self, headers: UnitHeaders, emit: Emit) -> None:
        self._headers = headers
        self._emit = emit
        self._piece = b""
        self._whole = 0

    def lost(self) -> None:
        """Packets are missing before the next one: what was begun is incomplete."""
        self._piece, self._whole = b"", 0

    def add(self, payload: memoryview, timestamp: int, is_last: bool) -> None:
        """Take the payload of a packet; nonsense is passed over."""
        bits = int.from_bytes(payload[:2], "big")
        position = 2 + (bits + 7) // 8
        if len(payload) <= position or not bits:
            return
        sizes = self._sizes(int.from_bytes(payload[2:position], "big") >> -bits % 8, bits)
        if len(sizes) == 1 and sizes[0] > len(payload) - position:
            self._add_piece(bytes(payload[position:]), sizes[0], timestamp)
            return
        self.lost()
        for number, size in enumerate(sizes):
            data = bytes(payload[position : position + size])
            if not size or len(data) < size:
                return
            self._emit(timestamp + number * AAC_SAMPLES & 0xFFFFFFFF, AAC_SAMPLES, data)
            position += size

    def _sizes(self, value: int, bits: int) -> list[int]:
        layout, sizes = self._headers, list[int]()
        while True:
            index = layout.index_delta if sizes else layout.index
            bits -= layout.size + index
            if bits < 0:
                return sizes
            sizes.append(value >> (bits + index) & (1 << layout.size) - 1)

    def _add_piece(self, data: bytes, whole: int, timestamp: int) -> None:
        """Section 3.2.3: each piece has a header of its own that tells the size of the whole unit."""
        if whole > LARGEST_UNIT or (self._whole and self._whole != whole):
            self.lost()
            return
        self._piece, self._whole = self._piece + data, whole
        if len(self._piece) >= whole:
            unit = self._piece[:whole]
            self.lost()
            self._emit(timestamp, AAC_SAMPLES, unit)


class G711Depacketiser:
    """A packet is a unit: one byte a sample."""

    def __init__(self, parameters: SoundParameters, emit: Emit) -> None:
        self._channels = parameters.channels
        self._emit = emit

    def lost(self) -> None:
        """Each packet stands for itself."""

    def add(self, payload: memoryview, timestamp: int, is_last: bool) -> None:
        """Take the payload of a packet."""
        samples = len(payload) // self._channels
        if samples:
            self._emit(timestamp, samples, bytes(payload[: samples * self._channels]))


SoundDepacketiser = AacDepacketiser | G711Depacketiser
