"""Plates of two and three lines: text boxes that stand on each other are read from top to bottom as one."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

from istros.recognition.plates.text_box import TextBox

_MOST_LINES = 3
_MOST_ANGLE = 15.0
_GAP = 1.1
"""Greatest distance between the middles of two lines, as a share of their heights' mean (the boxes are cut generously)."""
_OFF_CENTRE = 0.5
_HEIGHT_RATIO = 1.9


@dataclass(frozen=True, slots=True)
class Stack:
    """Lines from top to bottom."""

    lines: tuple[TextBox, ...]


def stacks_of(boxes: list[TextBox]) -> list[Stack]:
    """Every run of two or three boxes that can be one plate's lines."""
    pairs = [[upper, lower] for upper in boxes for lower in boxes if _stands_on(upper, lower)]
    runs = list(pairs)
    for upper, middle in pairs:
        runs += [[upper, middle, lower] for lower in boxes if _stands_on(middle, lower)]
    return [Stack(tuple(run)) for run in runs if len(run) <= _MOST_LINES]


def _stands_on(upper: TextBox, lower: TextBox) -> bool:
    if upper is lower or (
        abs(upper.angle - lower.angle) > _MOST_ANGLE and min(upper.width, lower.width) > 2 * upper.height
    ):
        return False
    large, small = sorted((upper.height, lower.height), reverse=True)
    if large > _HEIGHT_RATIO * small:
        return False
    along, across = _offset(upper, lower)
    height = (upper.height + lower.height) / 2
    near = 0.35 * height < across < _GAP * height
    return near and abs(along) < _OFF_CENTRE * max(upper.width, lower.width)


def _offset(upper: TextBox, lower: TextBox) -> tuple[float, float]:
    """From the upper middle to the lower one: along and across the wider line's direction, pixels."""
    angle = radians((upper if upper.width > lower.width else lower).angle)
    x, y = lower.x - upper.x, lower.y - upper.y
    return x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)
