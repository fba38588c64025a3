"""The sound of whole segments: found, taken out, and put in anew."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from istros.video.fmp4 import init_segment, read_init
from istros.video.fmp4_boxes import box, find, inside, u32
from istros.video.fmp4_sound import (
    MFHD_BYTES,
    TRUN,
    SoundRun,
    SoundSample,
    read_sound,
    sound_traf,
    sound_traf_bytes,
)
from istros.video.sound import SoundParameters


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The pieces of one fragment: what is before its `moof`, the `traf` and bytes of the pictures, the sound."""

    before: bytes
    sequence: bytes
    pictures: bytes
    payload: bytes
    sound: SoundRun | None


def without_sound(data: bytes) -> bytes:
    """A segment's whole bytes without its sound, pictures and times unchanged; as it is when it has none."""
    moov = _moov(data)
    if moov is None or read_sound(data[moov[0] : moov[1]]) is None:
        return data
    return with_sound(data, None, ())


def sound_of(data: bytes) -> tuple[SoundParameters, list[SoundRun]] | None:
    """A segment's sound, one run a fragment; None when it has none."""
    moov = _moov(data)
    parameters = None if moov is None else read_sound(data[moov[0] : moov[1]])
    if parameters is None:
        return None
    return parameters, [part.sound for part in _fragments(data) if part.sound is not None]


def with_sound(data: bytes, parameters: SoundParameters | None, runs: Sequence[SoundRun | None]) -> bytes:
    """The segment with other sound: one run a fragment, in order, `None` where a fragment shall have none."""
    pieces = [init_segment(read_init(data), parameters)]
    for number, part in enumerate(_fragments(data)):
        run = runs[number] if number < len(runs) else None
        size = 8 + MFHD_BYTES + len(part.pictures) + (sound_traf_bytes(run) if run else 0)
        pictures = _moved(part.pictures, size + 8)
        sound = sound_traf(run, size + 8 + len(part.payload)) if run else b""
        payload = part.payload + b"".join(sample.data for sample in (run.samples if run else ()))
        moof = box(b"moof", box(b"mfhd", part.sequence), pictures, sound)
        pieces += [part.before, moof, u32(len(payload) + 8), b"mdat", payload]
    return b"".join(pieces)


def with_sound_of(data: bytes, other: bytes) -> bytes:
    """A segment without sound with that of another, of which it shows the pictures; as it is where they do not fit."""
    found = sound_of(other)
    if found is None or len(list(_fragments(data))) != len(list(_fragments(other))):
        return data
    return with_sound(data, found[0], [part.sound for part in _fragments(other)])


def _moved(traf: bytes, offset: int) -> bytes:
    """The `traf` of the pictures with its bytes elsewhere."""
    run = find(traf, (b"trun",), 8, len(traf))
    assert run is not None
    at = run[0] + 8
    return traf[:at] + struct.pack(">i", offset) + traf[at + 4 :]


def _moov(data: bytes) -> tuple[int, int] | None:
    return next(((first - 8, last) for kind, first, last in inside(data, 0, len(data)) if kind == b"moov"), None)


def _fragments(data: bytes) -> Iterator[_Fragment]:
    """Every whole fragment of ours; ends where one is damaged."""
    before, moof = b"", (0, 0)
    for kind, first, last in inside(data, 0, len(data)):
        if kind == b"prft":
            before = data[first - 8 : last]
        elif kind == b"moof":
            moof = (first - 8, last)
        elif kind == b"mdat" and moof[1]:
            part = _taken_apart(data, moof, first, last, before)
            if part is None:
                return
            yield part
            before, moof = b"", (0, 0)


def _taken_apart(data: bytes, moof: tuple[int, int], first: int, last: int, before: bytes) -> _Fragment | None:
    at, end = moof
    trafs = [(a - 8, b) for kind, a, b in inside(data, at + 8, end) if kind == b"traf"]
    header = find(data, (b"mfhd",), at + 8, end)
    if not trafs or header is None or len(trafs) > 2:
        return None
    try:
        sound = _run_in(data, at, *trafs[1]) if len(trafs) == 2 else None
    except struct.error:
        return None
    payload = data[first : sound[1]] if sound else data[first:last]
    pictures = data[trafs[0][0] : trafs[0][1]]
    return _Fragment(before, data[header[0] : header[1]], pictures, payload, sound[0] if sound else None)


def _run_in(data: bytes, moof: int, start: int, end: int) -> tuple[SoundRun, int]:
    """(the run, where its bytes begin)."""
    base_time, samples, lies = 0, list[SoundSample](), 0
    for kind, first, _ in inside(data, start + 8, end):
        if kind == b"tfdt":
            base_time = struct.unpack_from(">Q", data, first + 4)[0]
        elif kind == b"trun":
            _, count, offset = TRUN.unpack_from(data, first)
            lies = position = moof + offset
            for number in range(count):
                duration, size = struct.unpack_from(">II", data, first + 12 + 8 * number)
                samples.append(SoundSample(duration, data[position : position + size]))
                position += size
    return SoundRun(base_time, tuple(samples)), lies
