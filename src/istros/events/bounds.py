"""When each state of a camera is bad: the bounds, how long they must hold, and what an alarm of it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from istros.base.errors import IstrosError
from istros.settings import AlarmWorth, HealthKind, HealthSettings


class BoundsContradict(IstrosError):
    """A state would be left where it is entered."""

    code = "settings"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bad after `enter_s` above `enter`, well after `leave_s` at or below `leave` (ISA-18.2: deadband, on- and off-delay)."""

    enter: float
    enter_s: float
    leave: float
    leave_s: float
    alarm: AlarmWorth


STANDARD: dict[HealthKind, Bounds] = {
    "offline": Bounds(0, 20, 0, 10, "low"),
    "not-recording": Bounds(0, 10, 0, 10, "high"),
    "frame-rate": Bounds(0.2, 30, 0.1, 30, "low"),
    "bitrate": Bounds(4, 120, 2.5, 120, "low"),
    "loss": Bounds(0.01, 60, 0.002, 120, "low"),
    "reconnects": Bounds(6, 0, 3, 0, "low"),
    "clock": Bounds(2.0, 60, 1.0, 60, "low"),
    "no-keyframe": Bounds(20, 0, 10, 5, "low"),
    "covered": Bounds(0.5, 30, 0.5, 10, "high"),
    "defocused": Bounds(0.5, 60, 0.45, 30, "medium"),
    "moved": Bounds(0.5, 30, 0.5, 20, "medium"),
    "frozen": Bounds(20, 0, 2, 5, "high"),
    "dark": Bounds(0.5, 60, 0.5, 60, "medium"),
    "recorder-silent": Bounds(10, 15, 5, 0, "critical"),
    "analysis-short": Bounds(0.1, 60, 0.05, 60, "none"),
    "review-due": Bounds(0.5, 0, 0.5, 0, "none"),
    "review-overdue": Bounds(0.5, 0, 0.5, 0, "high"),
    "audit-unsigned": Bounds(2, 60, 2, 0, "high"),
    "audit-unstamped": Bounds(3, 300, 3, 0, "medium"),
    "anchors-late": Bounds(1, 60, 1, 0, "low"),
}
"""What each number is measured in stands in docs/reference/settings.md.

The delays lie between the 15 and 60 s that ISA-18.2 gives to start from, longer where a measure needs it. `offline`,
20 s: a camera that restarts its encoder is back before (docs/design/0015). `bitrate`: a noisy night picture sends up to
three times the day's rate, so until the hour's own usual is known that must pass. `no-keyframe`: segments of 10 s
cannot be cut any more. Pictures: measured, docs/benchmarks/picture-health.md. The rest is our own choice. The audit log is signed each
hour: after two, twice did not happen; an authority's outage of an hour or two calls nobody.
"""


def bounds_of(settings: HealthSettings) -> dict[str, Bounds]:
    """The standard bounds with what the configuration changes. Raises BoundsContradict."""
    found: dict[str, Bounds] = {}
    for kind, standard in STANDARD.items():
        chosen = settings.states.get(kind)
        changes = {} if chosen is None else chosen.model_dump(exclude_none=True)
        found[kind] = replace(standard, **changes)
        if found[kind].leave > found[kind].enter:
            raise BoundsContradict(
                f"health.states.{kind}: it is left at {found[kind].leave:g}, above {found[kind].enter:g} where it is entered.",
                "Choose a value of `leave` that is at most `enter`.",
            )
    return found
