"""How many wrong passwords there were lately, by the node's own clock."""

from __future__ import annotations

from collections import OrderedDict, deque

from istros.base.clock import Clock

_MOST_KEYS = 10_000


class Failures:
    """A moving window of failures by key: `most` in `seconds` lock it until the oldest has left the window.

    At most 10 000 keys are remembered; the one quiet longest gives way, so that a flood of names costs no memory.
    """

    def __init__(self, clock: Clock, most: int, seconds: float) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Seconds until the key may try again; 0 when it may now."""
        times, now = self._times.get(key, deque()), self._clock.elapsed()
        while times and times[0] <= now - self._seconds:
            times.popleft()
        return times[0] + self._seconds - now if len(times) >= self._most else 0.0

    def add(self, key: str) -> None:
        """An attempt began; it counts as a failure until `forget`, so that many at once cannot slip through."""
        self._times.setdefault(key, deque(maxlen=self._most)).append(self._clock.elapsed())
        self._times.move_to_end(key)
        while len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The newest attempt was no failure; the others still count."""
        times = self._times.get(key)
        if times:
            times.pop()

    def forget(self, key: str) -> None:
        """A success: begin to count anew."""
        self._times.pop(key, None)
