"""The access units of a recorded segment with their places in time: what an export cuts and copies."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from istros.video.fmp4 import read_init, walk_fragments
from istros.video.packet import CodecParameters

_NOT_SYNC = 0x00010000
_VIDEO_TRACK = 1
_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit as recorded; `decode` and `shown` in 90 kHz ticks since the segment's start."""

    decode: int
    shown: int
    duration: int
    is_key: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SegmentUnits:
    """What a segment holds, in the order of decoding."""

    parameters: CodecParameters
    units: tuple[Unit, ...] = field(repr=False)


def read_units(data: bytes) -> SegmentUnits:
    """The pictures of a whole segment file, up to its last whole fragment. ValueError when it is none."""
    parameters = read_init(data)
    units: list[Unit] = []
    for fragment in walk_fragments(data):
        units += _units_in(data, fragment.offset, fragment.end)
    return SegmentUnits(parameters, tuple(units))


def _units_in(data: bytes, start: int, end: int) -> Iterator[Unit]:
    for kind, first, last in _boxes(data, start, end):
        if kind == b"moof":
            for inner, begin, stop in _boxes(data, first, last):
                if inner == b"traf":
                    yield from _track_units(data, first - 8, begin, stop)


def _track_units(data: bytes, moof: int, start: int, end: int) -> Iterator[Unit]:
    parts = {kind: (first, last) for kind, first, last in _boxes(data, start, end)}
    if not {b"tfhd", b"tfdt", b"trun"} <= parts.keys():
        return
    if struct.unpack_from(">I", data, parts[b"tfhd"][0] + 4)[0] != _VIDEO_TRACK:
        return
    clock = parts[b"tfdt"][0]
    decode = struct.unpack_from(">Q" if data[clock] else ">I", data, clock + 4)[0]
    yield from _run_units(data, moof, parts[b"trun"][0], decode)


def _run_units(data: bytes, moof: int, run: int, decode: int) -> Iterator[Unit]:
    """The samples of one `trun` (ISO/IEC 14496-12 8.8.8)."""
    flags = int.from_bytes(data[run + 1 : run + 4], "big")
    if flags & (_OFFSET | _DURATION | _SIZE | _FLAGS) != _OFFSET | _DURATION | _SIZE | _FLAGS:
        raise ValueError("a fragment lacks the sizes or times of its samples")
    count, offset = struct.unpack_from(">Ii", data, run + 4)
    position, place = run + 12 + (4 if flags & _FIRST_FLAGS else 0), moof + offset
    for _ in range(count):
        duration, size, marks = struct.unpack_from(">III", data, position)
        position += 12
        shift = 0
        if flags & _COMPOSITION:
            (shift,) = struct.unpack_from(">i", data, position)
            position += 4
        yield Unit(decode, decode + shift, duration, not marks & _NOT_SYNC, data[place : place + size])
        decode, place = decode + duration, place + size


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start, end) of the content of each box."""
    while end - start >= 8:
        size, head = int.from_bytes(data[start : start + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        if size < head or start + size > end:
            return
        yield data[start + 4 : start + 8], start + head, start + size
        start += size
