"""Cutting a segment to the frame: what can be copied is copied, and only the group that the cut falls into is coded again.

The end needs no coding where the pictures behind it can simply be left out, which is so for every stream without
B-frames: a picture refers to earlier ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from istros.video.packet import CodecParameters
from istros.video.recode import CannotRecode, recode
from istros.video.segment_units import SegmentUnits, Unit


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of pictures that are copied, or coded again (then with their own parameter sets and worst PSNR)."""

    units: tuple[Unit, ...] = field(repr=False)
    recoded: CodecParameters | None = None
    psnr_db: float | None = None


def cut(segment: SegmentUnits, start: int, end: int) -> list[Part]:
    """The pictures shown from tick `start` on and before `end`, in the order of decoding.

    A picture belongs to the cut when it is first shown within it. A group that the cut falls into and that cannot be
    decoded is left out.
    """
    units = segment.units
    if not any(start <= unit.shown < end for unit in units):
        return []
    key = _entry(units, start)
    before = any(start <= unit.shown < end for unit in units[:key])
    parts = _again(segment, units[:key], start, end) if before else []
    rest = units[key:]
    dropped = next((index for index, unit in enumerate(rest) if unit.shown >= end), len(rest))
    if all(unit.shown >= end for unit in rest[dropped:]):
        return [*parts, *_copied(rest[:dropped])]
    group = _last_key(rest, dropped)
    return [*parts, *_copied(rest[:group]), *_again(segment, rest[group:], start, end)]


def _copied(units: Sequence[Unit]) -> list[Part]:
    return [Part(tuple(units))] if units else []


def _again(segment: SegmentUnits, units: Sequence[Unit], start: int, end: int) -> list[Part]:
    first = max(0, _last_key_before(units, start))
    last = max((unit.shown + unit.duration for unit in units), default=start)
    try:
        coded = recode(segment.parameters, units[first:], range(start, min(end, last)))
    except CannotRecode:
        return []
    return [Part(coded.units, coded.parameters, coded.psnr_db)]


def _entry(units: Sequence[Unit], start: int) -> int:
    """Where copying can begin: the first keyframe at or after `start` that no later picture is shown before."""
    for index, unit in enumerate(units):
        if unit.is_key and unit.shown >= start and _leads(units, index):
            return index
    return len(units)


def _leads(units: Sequence[Unit], index: int) -> bool:
    for unit in units[index + 1 :]:
        if unit.is_key:
            return True
        if unit.shown < units[index].shown:
            return False
    return True


def _last_key(units: Sequence[Unit], before: int) -> int:
    return max((index for index in range(before + 1) if units[index].is_key), default=0)


def _last_key_before(units: Sequence[Unit], start: int) -> int:
    """The keyframe from which the pictures from `start` on can be decoded."""
    return max((index for index, unit in enumerate(units) if unit.is_key and unit.shown <= start), default=0)
