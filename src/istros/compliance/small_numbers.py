"""Small numbers are hidden: a group of fewer than ten is not told, and not to be found by subtraction either (rule L8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")

LEAST = 10
"""People in the smallest group that is told."""


def hidden_below(counts: Mapping[K, int], least: int = LEAST) -> dict[K, int | None]:
    """The counts of one hour and place by group, None for those that are hidden.

    Where a single group would be hidden the next smallest is, too: its sum with the others may be known.
    """
    hidden = {key for key, count in counts.items() if 0 < count < least}
    shown = sorted((count, str(key), key) for key, count in counts.items() if count >= least)
    if len(hidden) == 1 and shown:
        hidden.add(shown[0][2])
    return {key: None if key in hidden else count for key, count in counts.items()}
