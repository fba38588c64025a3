"""How often something may be tried, by the node's own clock."""

from __future__ import annotations

from collections import OrderedDict, deque

from istros.base.clock import Clock


class Attempts:
    """A moving window: at most `most` attempts of one key in `seconds`.

    At most `keys` keys are remembered; the one quiet longest gives way, so that a flood of names costs no memory.
    """

    def __init__(self, clock: Clock, most: int, seconds: float, keys: int = 10_000) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._keys = keys
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def wait_s(self, key: str) -> float:
        """Count one attempt: 0 when it is allowed, else (and then it is not counted) the seconds until the next is."""
        now = self._clock.elapsed()
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return times[0] + self._seconds - now
        times.append(now)
        while len(self._times) > self._keys:
            self._times.popitem(last=False)
        return 0.0

    def forget(self, key: str) -> None:
        """A success: begin to count anew."""
        self._times.pop(key, None)
