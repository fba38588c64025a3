"""Who may do this, and why: asks the node's own policy and says what else a person would need (docs/design/0032)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from istros.compliance.access import ROLES, Access, Subject
from istros.compliance.policy_record import RuleText, rules_of
from istros.compliance.purposes import DUTY, PURPOSES, TO_OPEN
from istros.compliance.release_rules import RULES
from istros.store.releases import Matter

PermitKind = Literal["none", "standing", "own"]
"""`standing`: comes with signing in; `own`: opened for a purpose, with ground and case."""

BY_OFFICE = frozenset(
    {
        "watchlist.read",
        "persons.read",
        "persons.count",
        "faces.report",
        "faces.results",
        "audit.read",
        "departures.read",
        "corrections.write",
        "duties.read",
        "holds.read",
        "retention.read",
        "releases.read",
        "searches.ask",
        "policy.read",
        "oversight.write",
        "sessions.end",
        "people.read",
        "keys.read",
        "requests.take",
        "requests.handle",
        "breaches.report",
        "breaches.read",
        "breaches.handle",
        "breaches.close",
        "models.read",
        "models.approve",
    }
)
"""Done by office, on the record, without a permit: who answers alarms must know what is sought, and oversight oversees."""

MATTERS_OF: Mapping[str, tuple[Matter, ...]] = {
    "exports.order": (Matter.EVIDENCE_EXPORT,),
    "exports.fetch": (Matter.EVIDENCE_EXPORT,),
    "faces.search": (Matter.FACE_SEARCH,),
    "persons.write": (Matter.WATCH_PERSON, Matter.FACE_MATCHING),
    "cameras.zones": (Matter.UNCOVER_ZONE,),
    "faces.judge": (Matter.UNDO_MATCH,),
    "releases.ask": (
        Matter.WATCH_PERSON,
        Matter.FACE_MATCHING,
        Matter.EVIDENCE_EXPORT,
        Matter.LIFT_MASK,
        Matter.LIFT_REDACTION,
    ),
    "searches.ask": (Matter.OTHERS_SEARCHES,),
}
"""For which actions a second person decides, and in which matter."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `group` is a camera group (empty: a camera in none), `own` whether it is of the own organisation."""

    role: str
    action: str
    group: str = ""
    purpose: str = ""
    own: bool = True


@dataclass(frozen=True, slots=True)
class ReleaseNeed:
    """A release that the action takes beside it."""

    matter: Matter
    by: tuple[str, ...]
    """Roles that may give it; never the person who asked."""
    function: str
    """What the deployment profile must allow, or nobody can release it; empty: nothing."""
    alone: bool
    """Whether one person releases it where a life is in danger, to be reviewed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the policy allows it, by which rules, and what else is needed then."""

    allowed: bool
    rules: tuple[RuleText, ...]
    permit: PermitKind
    purposes: tuple[str, ...]
    """Purposes that cover the action and that the role may open a permit for."""
    purpose_covers: bool | None
    """Whether the purpose that was asked about covers the action; None when none was asked about."""
    releases: tuple[ReleaseNeed, ...]
    """What a second person must release."""


def ask(access: Access, question: Question) -> Answer:
    """The policy's answer; everything in it is read from the policy and the purposes that the node itself goes by."""
    groups = frozenset({question.group}) if question.group else frozenset[str]()
    subject = Subject(question.role, "own")
    opens = question.action == "permits.open"
    decision = access.allowed(
        subject, question.action, "own" if question.own else "other", question.purpose if opens else "", groups
    )
    texts = rules_of(access)
    purposes = _purposes(access, question)
    kind = permit_kind(question.action)
    covers = None if not question.purpose or opens else question.action in PURPOSES[question.purpose].covers
    return Answer(
        allowed=decision.allowed,
        rules=tuple(texts.get(rule, RuleText(rule, "", "")) for rule in decision.rules),
        permit=kind,
        purposes=purposes if kind == "own" else (),
        purpose_covers=covers,
        releases=tuple(_need(access, each) for each in MATTERS_OF.get(question.action, ())) if decision.allowed else (),
    )


def _need(access: Access, matter: Matter) -> ReleaseNeed:
    rule = RULES[matter]
    by = tuple(role for role in ROLES if access.allowed(Subject(role, "own"), rule.grant))
    return ReleaseNeed(matter, by, "" if rule.function is None else rule.function.value, rule.emergency)


def permit_kind(action: str) -> PermitKind:
    """Which permit an action needs: none, the one of the shift, or one of its own."""
    if action in BY_OFFICE or not any(action in purpose.covers for purpose in PURPOSES.values()):
        return "none"
    return "standing" if action in PURPOSES[DUTY].covers else "own"


def _purposes(access: Access, question: Question) -> tuple[str, ...]:
    mine = access.purposes_of(question.role)
    return tuple(code for code in TO_OPEN if code in mine and question.action in PURPOSES[code].covers)
