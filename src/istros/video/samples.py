"""Where each picture lies in a segment and when it is shown: the exact times that looking back stands on.

Reads what `video.fmp4` writes, out of memory. Other tracks beside the picture (sound) are passed over.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from istros.video.fmp4 import Sample, fragment, init_segment, read_init
from istros.video.packet import CodecParameters

_NOT_SYNC = 0x00010000
_LARGEST_GAP = 90_000 * 60


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """One coded picture: its bytes in the file, and its times in 90 kHz ticks since the segment's start."""

    offset: int
    size: int
    decoded: int
    shown: int
    duration: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class SegmentTable:
    """Every picture of a segment in the order of decoding."""

    parameters: CodecParameters
    samples: tuple[SampleFacts, ...]

    def shown_at(self, ticks: int) -> int | None:
        """Which picture (its place in `samples`) is on the screen at a moment; the first one before it; None if empty."""
        order = sorted(range(len(self.samples)), key=lambda place: self.samples[place].shown)
        if not order:
            return None
        times = [self.samples[place].shown for place in order]
        return order[max(0, bisect_right(times, ticks) - 1)]

    def key_before(self, place: int) -> int:
        """The keyframe that decoding must begin with to reach a picture."""
        return next((at for at in range(place, -1, -1) if self.samples[at].is_key), 0)

    def keyframes(self) -> list[int]:
        """The places of the keyframes."""
        return [place for place, sample in enumerate(self.samples) if sample.is_key]


def read_table(data: bytes) -> SegmentTable:
    """The table of a segment's whole bytes. ValueError when it has no video track that Istros knows."""
    parameters, track = read_init(data), _video_track(data)
    return SegmentTable(parameters, tuple(_samples(data, track)))


def keyframes_only(data: bytes) -> bytes:
    """The segment as a file of its keyframes alone, each lasting until the next: what plays at many times the speed."""
    table = read_table(data)
    keys = [table.samples[place] for place in table.keyframes()]
    end = max((sample.shown + sample.duration for sample in table.samples), default=0)
    ends = [*(key.shown for key in keys[1:]), end]
    pieces = [init_segment(table.parameters)]
    for number, (key, until) in enumerate(zip(keys, ends, strict=True), 1):
        lasts = max(1, min(until - key.shown, _LARGEST_GAP))
        pieces.append(fragment(number, key.shown, [Sample(lasts, bytes_of(data, key), True)]))
    return b"".join(pieces)


def bytes_of(data: bytes, sample: SampleFacts) -> bytes:
    """The coded picture."""
    return data[sample.offset : sample.offset + sample.size]


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(kind, start of the box, start of its content, its end) of each whole box."""
    while end - start >= 8:
        size, head = int.from_bytes(data[start : start + 4], "big"), 8
        if size == 1 and end - start >= 16:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        if size < head or start + size > end:
            return
        yield data[start + 4 : start + 8], start, start + head, start + size
        start += size


def _video_track(data: bytes) -> int:
    """The number of the media track whose handler is `vide` (14496-12 8.4.3)."""
    for kind, _, start, end in _boxes(data, 0, len(data)):
        if kind != b"moov":
            continue
        for name, _, first, last in _boxes(data, start, end):
            if name == b"trak" and b"vide" in data[first:last]:
                return _track_number(data, first, last)
    return 1


def _track_number(data: bytes, start: int, end: int) -> int:
    for kind, _, first, _ in _boxes(data, start, end):
        if kind == b"tkhd":
            return int(struct.unpack_from(">I", data, first + (20 if data[first] else 12))[0])
    return 1


def _samples(data: bytes, track: int) -> Iterator[SampleFacts]:
    for kind, at, start, end in _boxes(data, 0, len(data)):
        if kind == b"moof":
            for name, _, first, last in _boxes(data, start, end):
                if name == b"traf":
                    yield from _run(data, at, first, last, track)


def _run(data: bytes, moof: int, start: int, end: int, track: int) -> Iterator[SampleFacts]:
    """The samples of one `traf` when it is of the track (14496-12 8.8.6 to 8.8.12)."""
    decoded = 0
    for kind, _, first, _ in _boxes(data, start, end):
        if kind == b"tfhd" and struct.unpack_from(">I", data, first + 4)[0] != track:
            return
        if kind == b"tfdt":
            decoded = struct.unpack_from(">Q" if data[first] else ">I", data, first + 4)[0]
        elif kind == b"trun":
            for sample in _entries(data, moof, first, decoded):
                yield sample
                decoded = sample.decoded + sample.duration


def _entries(data: bytes, moof: int, start: int, decoded: int) -> Iterator[SampleFacts]:
    """Our own runs always carry an offset, durations, sizes and flags."""
    flags, count, offset = struct.unpack_from(">IIi", data, start)
    position = start + 12 + (4 if flags & 4 else 0)
    step, lies = 16 if flags & 0x800 else 12, moof + offset
    for _ in range(count):
        duration, size, marks = struct.unpack_from(">III", data, position)
        late = struct.unpack_from(">i", data, position + 12)[0] if step == 16 else 0
        if lies + size > len(data):
            return
        yield SampleFacts(lies, size, decoded, decoded + late, duration, not marks & _NOT_SYNC)
        position, lies, decoded = position + step, lies + size, decoded + duration


def nearest_key(table: SegmentTable, ticks: int) -> int | None:
    """The place of the keyframe nearest to a moment; None without one."""
    keys: Sequence[int] = table.keyframes()
    return min(keys, key=lambda place: abs(table.samples[place].shown - ticks), default=None)
