"""Small numbers are hidden: a group of fewer than ten is not told, and not to be found by subtraction either (rule L8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")

LEAST = 10
"""People in the smallest group that is told."""


def hidden_below(counts: Mapping[K, int], least: int = LEAST) -> dict[K, int | None]:
    """The counts of one hour and place by group, None for those that are hidden.

    The sum of those that are hidden may be known, from what everybody together came to: so never one alone is hidden, nor
    several that together are fewer than `least`, as long as there is a larger one to hide with them.
    """
    hidden = {key for key, count in counts.items() if 0 < count < least}
    shown = sorted((count, str(key), key) for key, count in counts.items() if count >= least)
    while hidden and shown and (len(hidden) == 1 or sum(counts[key] for key in hidden) < least):
        hidden.add(shown.pop(0)[2])
    return {key: None if key in hidden else count for key, count in counts.items()}
