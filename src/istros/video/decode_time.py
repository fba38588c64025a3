"""Decode times for packets that carry only presentation times, as RTP does (RFC 6184 section 5.1)."""

from __future__ import annotations


class DecodeTimes:
    """Gives each packet, in the order sent, a decode time that always grows; all in 90 kHz ticks.

    Most cameras send pictures in order: there it is the presentation time. Where one goes back (B-frames), decode times
    advance by the shortest step seen, beginning anew at each keyframe; the difference is MP4's composition offset.
    """

    def __init__(self) -> None:
        self._last_shown: int | None = None
        self._last = 0
        self._step = 0
        self._key = 0
        self._behind_key = 0
        self.reordered = False

    def next(self, shown: int, is_key: bool) -> int:
        """The decode time of the packet that is shown at `shown`."""
        before, self._last_shown = self._last_shown, shown
        if before is None:
            self._last = self._key = shown
            return shown
        gap = abs(shown - before)
        self._step = min(self._step or gap, gap or self._step)
        self.reordered |= shown < before
        self._behind_key = 0 if is_key else self._behind_key + 1
        wished = shown if is_key or not self.reordered else self._key + self._behind_key * self._step
        self._last = max(self._last + 1, wished)
        if is_key:
            self._key = self._last
        return self._last
