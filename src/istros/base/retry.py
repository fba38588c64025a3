"""Waiting between attempts: exponential with jitter, so that thirty cameras do not come back in one breath."""

from __future__ import annotations

from random import Random


class Backoff:
    """Delays that double from `first_s` to `most_s`, each shortened at random by up to half ("equal jitter").

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(self, random: Random, first_s: float = 0.5, most_s: float = 15.0) -> None:
        self._random = random
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Seconds to wait before the next attempt."""
        delay, self._next_s = self._next_s, min(self._next_s * 2, self._most_s)
        return delay * (0.5 + self._random.random() / 2)

    def reset(self) -> None:
        """An attempt succeeded: begin again with short delays."""
        self._next_s = self._first_s
