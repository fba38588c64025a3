"""How long which recordings are kept, and what is kept from going: pure, no disk and no database (docs/design/0020)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from istros.base.time import Span, Time


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a camera's recordings are kept: `days` of routine, `event_days` where something happened.

    `bytes_max` bounds what the camera may fill on all disks together, so that a camera that sends ten times its bitrate
    evicts its own recordings and not those of the others.
    """

    days: float = 14.0
    event_days: float = 14.0
    bytes_max: int | None = None

    def within(self, days: float) -> Keeping:
        """The same rule, but nothing is kept for longer than `days`."""
        return Keeping(min(self.days, days), min(max(self.days, self.event_days), days), self.bytes_max)


@dataclass(frozen=True, slots=True)
class KeepingRules:
    """The rule of every camera: one for all, and those that differ."""

    usual: Keeping = Keeping()
    cameras: Mapping[str, Keeping] = field(default_factory=dict)

    def of(self, camera_id: str) -> Keeping:
        """The rule for a camera, also for one that the configuration does not name any more."""
        return self.cameras.get(camera_id, self.usual)

    def within(self, days: float) -> KeepingRules:
        """The same rules, but nothing is kept for longer than `days`."""
        return KeepingRules(
            self.usual.within(days), {camera: keeping.within(days) for camera, keeping in self.cameras.items()}
        )


class Shield:
    """Spans of one camera in which nothing may go; they may be given in any order and overlap."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = joined(spans)
        self._starts = [span.start for span in self._spans]

    def over(self, span: Span) -> Span | None:
        """The shielded stretch that the span shares a microsecond with; None when it may go."""
        place = bisect_right(self._starts, span.end - 1) - 1
        if place < 0 or self._spans[place].end <= span.start:
            return None
        return self._spans[place]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans in order that neither overlap nor touch; empty ones are left out."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, Time(max(found[-1].end, span.end)))
        else:
            found.append(span)
    return found
