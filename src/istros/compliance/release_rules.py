"""What each matter of a release allows: who asks, who answers, how long it works (docs/design/0031)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from istros.base.said import say
from istros.base.time import DAY, HOUR
from istros.compliance.errors import ReleaseCamerasMissing, ReleaseRefused
from istros.compliance.functions import Function
from istros.store.releases import Matter

OBJECTIVES = ("victim-or-missing", "imminent-threat", "listed-offence")
"""What live face matching may serve, AI Act article 5(1)(h) points (i) to (iii); nothing else."""


@dataclass(frozen=True, slots=True)
class MatterRule:
    """How one matter is released; times in microseconds. `needs` are the words that its scope must hold."""

    ask: str
    """The action that the policy must allow to whoever asks."""
    grant: str
    """The action that the policy must allow to whoever answers."""
    longest_us: int
    emergency: bool = True
    answer_within_us: int = DAY
    """A request that nobody answers lapses after this."""
    review_within_us: int = 48 * HOUR
    """An emergency that nobody reviews is undone after this."""
    needs: tuple[str, ...] = ()
    function: Function | None = None
    """What the deployment profile must allow; without it nobody can release it, not even in an emergency."""


_LIFT = MatterRule("releases.ask", "releases.grant", 12 * HOUR, needs=("cameras",), function=Function.REDACTION_LIFTED)

RULES: Mapping[Matter, MatterRule] = MappingProxyType(
    {
        Matter.WATCH_PERSON: MatterRule("releases.ask", "releases.grant", 72 * HOUR),
        # AI Act article 5(3): urgency means asking for the authorisation within 24 hours, so its review comes by then.
        Matter.FACE_MATCHING: MatterRule(
            "releases.ask",
            "releases.grant",
            72 * HOUR,
            review_within_us=24 * HOUR,
            needs=("objective", "cameras", "authorisation"),
            function=Function.FACES_MATCHED_LIVE,
        ),
        # Always two people: "urgent" means that the authorisation follows, never that one person searches alone.
        Matter.FACE_SEARCH: MatterRule(
            "faces.search",
            "releases.grant",
            72 * HOUR,
            emergency=False,
            needs=("basis", "cameras", "case"),
            function=Function.FACES_SEARCHED,
        ),
        Matter.EVIDENCE_EXPORT: MatterRule("releases.ask", "releases.grant", 72 * HOUR),
        Matter.LIFT_MASK: _LIFT,
        Matter.LIFT_REDACTION: _LIFT,
        Matter.UNCOVER_ZONE: MatterRule("cameras.zones", "cameras.zones", 12 * HOUR, emergency=False),
        Matter.UNDO_MATCH: MatterRule("faces.judge", "releases.grant", HOUR, emergency=False),
        Matter.OTHERS_SEARCHES: MatterRule("searches.ask", "searches.grant", 12 * HOUR, emergency=False),
    }
)


def check_scope(matter: Matter, scope: Mapping[str, object], emergency: bool) -> None:
    """Raise `ReleaseRefused` when what a matter must name is not in its scope.

    Live face matching names its objective, its cameras and the authorisation; in an emergency the authorisation is
    asked for afterwards, so that alone may be missing.
    """
    missing = [word for word in RULES[matter].needs if not scope.get(word)]
    if emergency and "authorisation" in missing:
        missing.remove("authorisation")
    if missing == ["cameras"]:
        raise ReleaseCamerasMissing(
            say(
                "release-cameras",
                f"A release for '{matter}' must name its cameras; without them it releases nothing.",
                matter=matter.value,
            ),
            "Choose the cameras whose pictures it is for.",
        )
    if missing:
        raise ReleaseRefused(
            say(
                "release-lacks",
                f"A release for '{matter}' must say: {', '.join(missing)}.",
                matter=matter.value,
                lacks=", ".join(missing),
            ),
            "Fill in what it covers and on whose order.",
        )
    if "objective" in RULES[matter].needs and scope["objective"] not in OBJECTIVES:
        raise ReleaseRefused(
            say(
                "objective-not-live",
                f"The objective '{scope['objective']}' is none for which faces may be matched live.",
                objectives=", ".join(OBJECTIVES),
            ),
            f"Choose one of {', '.join(OBJECTIVES)}.",
        )
