"""Breaches of personal data: told by anybody, assessed, reported within 72 hours, closed by a second person (docs/design/0040).

A breach is its steps: each is added once and never changed, and the audit chain holds the hash of each. What the chain
itself says is number and kind of step, never what happened to whom: it is never erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.plain_words import bounded, is_plain
from istros.base.said import say
from istros.base.time import HOUR, Time, to_datetime, to_iso
from istros.compliance import audit
from istros.compliance.errors import BreachRefused as BreachRefused
from istros.compliance.errors import BreachStateConflict as BreachStateConflict
from istros.compliance.errors import BreachUnknown as BreachUnknown
from istros.store import Transaction
from istros.store.breaches import BreachRow, BreachStepRow
from istros.store.breaches import StepKind as StepKind
from istros.store.rows import OperatorRow
from istros.store.subject_requests import Law as Law

REPORT_WITHIN_US = 72 * HOUR
"""GDPR article 33(1), Directive 2016/680 article 30(1). Law 2297-VI names no time: the stricter side holds for it too."""

WARN_AT_H = (24, 48, 72)
"""Hours after which a breach that nobody reported is put before people again."""

NATURES = ("seen", "changed", "lost")
"""What happened to the data: confidentiality, integrity, availability (EDPB guidelines 9/2022)."""

DATA = ("recordings", "plates", "faces", "persons", "watchlist", "accounts", "requests", "other")
"""Kinds of data that a node holds."""

SOURCES = ("desk", "finding", "chain", "sign-in", "alarm")
MOST_CAMERAS = 64
MOST_LETTERS = 4000


@dataclass(frozen=True, slots=True)
class BreachFacts:
    """What is known of a breach (GDPR article 33(3)); a later step fills what it knows better. None: not known yet."""

    what: str = ""
    natures: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    people: int | None = None
    """About how many people."""
    records: int | None = None
    consequences: str = ""
    measures: str = ""

    def with_news(self, news: BreachFacts) -> BreachFacts:
        """These facts, with what the news says instead."""
        return replace(self, **{name: value for name, value in asdict(news).items() if value not in ("", (), None)})


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether the authority (a risk: article 33) and the people (a high risk: article 34) are to be told, and why."""

    report: bool
    people: bool
    reason: str
    by: str
    time: Time


@dataclass(frozen=True, slots=True)
class Report:
    """What went to an authority: `ro` (ANSPDCP) or `ua` (the Commissioner), when, under which reference."""

    authority: str
    sent: Time
    reference: str
    delay: str
    by: str


@dataclass(frozen=True, slots=True)
class Telling:
    """Whether the people were told: how and when, or why not (article 34(3))."""

    told: bool
    when: Time | None
    how: str
    by: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach as its steps make it."""

    row: BreachRow
    facts: BreachFacts
    steps: tuple[BreachStepRow, ...]
    assessment: Assessment | None = None
    reports: tuple[Report, ...] = ()
    telling: Telling | None = None
    closed: Time | None = None
    closed_by: str = ""
    closing_note: str = ""
    warned_h: int = 0
    """The last of `WARN_AT_H` at which the node warned."""

    @property
    def due(self) -> Time:
        """The end of the 72 hours."""
        return Time(self.row.known + REPORT_WITHIN_US)

    @property
    def state(self) -> str:
        """`open`, `assessed`, `reported`, `told`, `closed`: how far it is."""
        reached = (
            ("closed", self.closed), ("told", self.telling), ("reported", self.reports or None),
            ("assessed", self.assessment),
        )  # fmt: skip
        return next((word for word, found in reached if found is not None), "open")

    @property
    def is_running(self) -> bool:
        """Whether the 72 hours run: nobody has reported it, nor found that it need not be."""
        return self.closed is None and not self.reports and (self.assessment is None or self.assessment.report)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is told at first."""

    law: Law
    known: Time
    facts: BreachFacts
    source_kind: str = "desk"
    source: str = ""
    organisation: str = ""
    """Whose people told it; empty: the node itself did."""


def open_breach(tx: Transaction, environment: Environment, by: str, told: Opening, *, origin: str) -> Breach:
    """Write a breach down; its 72 hours run from `known`. BreachRefused."""
    now = environment.clock.now()
    if told.known > now:
        raise BreachRefused(say("breach-known-later", "A breach is known before it is told."), "Correct the time.")
    _text(told.facts.what, "what happened")
    facts = _checked(told.facts)
    if told.source_kind not in SOURCES or not is_plain(told.source, 200, ""):
        raise BreachRefused(say("breach-source", "Nobody knows what this breach is made from."), "Tell it at the desk.")
    row = BreachRow(
        environment.ids.new(), tx.breaches.next_number(to_datetime(now).year), told.law, told.known, now, by,
        told.source_kind, told.source, told.organisation,
    )  # fmt: skip
    tx.breaches.add(row)
    more = {
        "law": row.law.value, "known": to_iso(row.known), "due": to_iso(Time(row.known + REPORT_WITHIN_US)),
        "from": row.source_kind, "of": row.source,
    }  # fmt: skip
    return _step(tx, environment, Breach(row, BreachFacts(), ()), StepKind.OPENED, by, asdict(facts), origin, more)


def add(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, news: BreachFacts, *, origin: str
) -> Breach:
    """Write down what is known better now; what stood before stays in the steps. Raises as `assess` does."""
    breach = _open(tx, id)
    facts = _checked(news)
    if facts == BreachFacts():
        raise BreachRefused(say("breach-nothing-new", "Nothing new is written."), "Write what is known now.")
    return _step(tx, environment, breach, StepKind.ADDED, operator.name, asdict(facts), origin)


def assess(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, *, report: bool, people: bool,
    reason: str, origin: str,
) -> Breach:  # fmt: skip
    """Say whether the authority and the people are to be told, and why; again when more is known.

    BreachUnknown, BreachRefused (what is missing), BreachStateConflict (closed, or reported already).
    """
    breach = _open(tx, id)
    if breach.reports and not report:
        raise BreachStateConflict(
            say("breach-reported", "It is reported already."), "Add what is known now, and tell the authority."
        )
    if people and not report:
        raise BreachRefused(
            say("breach-people-too", "What the people are told of is reported to the authority too."),
            "Say that the authority is to be told.",
        )
    said = {"report": report, "people": people, "reason": _text(reason, "reason")}
    return _step(tx, environment, breach, StepKind.ASSESSED, operator.name, said, origin)


def report(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, *, authority: str, sent: Time,
    reference: str, delay: str, origin: str,
) -> Breach:  # fmt: skip
    """The report went to the authority; later ones add what was not known (article 33(4)).

    Past 72 hours the first one needs the reason for the delay (article 33(1)). Raises as `assess` does.
    """
    breach = _open(tx, id)
    if breach.assessment is None or not breach.assessment.report:
        raise BreachStateConflict(
            say("breach-not-to-report", "Nobody has found that it is to be reported."), "Assess it first."
        )
    if not breach.row.known <= sent <= environment.clock.now():
        raise BreachRefused(
            say("breach-report-time", "A report is sent after the breach is known, and not in the future."),
            "Correct the time.",
        )
    if sent > breach.due and not breach.reports and not delay.strip():
        raise BreachRefused(
            say("breach-report-late", "The report comes later than 72 hours."), "Write the reason for the delay."
        )
    said = {
        "authority": authority, "sent": sent, "reference": _text(reference, "reference"),
        "delay": _optional(delay, "reason for the delay"),
    }  # fmt: skip
    return _step(tx, environment, breach, StepKind.REPORTED, operator.name, said, origin)


def tell_people(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, *, told: bool, when: Time | None,
    how: str, origin: str,
) -> Breach:  # fmt: skip
    """The people were told (how, when), or are not, and why (article 34(3)). Raises as `assess` does."""
    breach = _open(tx, id)
    if breach.assessment is None:
        raise BreachStateConflict(say("breach-not-assessed", "Nobody has assessed it yet."), "Assess it first.")
    if told and (when is None or not breach.row.known <= when <= environment.clock.now()):
        raise BreachRefused(
            say("breach-people-time", "People are told after the breach is known, and not in the future."),
            "Correct the time.",
        )
    said = {"told": told, "when": when if told else None, "how": _text(how, "way, or the reason why not,")}
    return _step(tx, environment, breach, StepKind.PEOPLE, operator.name, said, origin)


def close(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, note: str, *, origin: str
) -> Breach:
    """The second person finds that everything is done. BreachRefused (the same person), BreachStateConflict."""
    breach = _open(tx, id)
    found = breach.assessment
    if found is None or (found.report and not breach.reports):
        raise BreachStateConflict(
            say("breach-report-first", "It is not assessed, or not reported yet."),
            "Assess it, and report it where needed.",
        )
    if found.people and breach.telling is None:
        raise BreachStateConflict(
            say("breach-people-wait", "The people are to be told."), "Tell them, or write why not."
        )
    if operator.name in {step.by for step in breach.steps if step.kind in _BY_THE_FIRST}:
        raise BreachRefused(
            say("breach-own", "Whoever assessed or reported a breach does not close it."),
            "Ask another officer or the shift leader.",
        )
    return _step(tx, environment, breach, StepKind.CLOSED, operator.name, {"note": _text(note, "note")}, origin)


_BY_THE_FIRST = (StepKind.ASSESSED, StepKind.REPORTED, StepKind.PEOPLE)


def warn(tx: Transaction, environment: Environment, breach: Breach, hours: int) -> Breach:
    """The node puts a breach before people again, on the record."""
    return _step(tx, environment, breach, StepKind.CLOCK, "istros", {"hours": hours}, "server", {"hours": hours})


def hours_reached(breach: Breach, now: Time) -> int:
    """The last of `WARN_AT_H` that is over while the clock runs; 0: none is, or it does not run."""
    if not breach.is_running:
        return 0
    return max((hours for hours in WARN_AT_H if now - breach.row.known >= hours * HOUR), default=0)


def get(tx: Transaction, id: str) -> Breach:
    """One breach. BreachUnknown."""
    row = tx.breaches.get(id)
    if row is None:
        raise BreachUnknown(say("breach-none", "There is no such breach."), "Look at the list of breaches again.")
    return _of(tx, row)


def every(tx: Transaction, limit: int, whose: Collection[str]) -> list[Breach]:
    """Open ones first, those of which the clock ends first before the others; then the newest of the closed."""
    found = [_of(tx, row) for row in tx.breaches.all(limit, whose)]
    return sorted(found, key=lambda each: (each.closed is not None, not each.is_running, each.due, each.row.id))


def running(tx: Transaction) -> list[Breach]:
    """Those whose 72 hours run, the one that ends first at the head."""
    return [breach for breach in map(lambda row: _of(tx, row), tx.breaches.not_closed()) if breach.is_running]


def _of(tx: Transaction, row: BreachRow) -> Breach:
    breach = Breach(row, BreachFacts(), ())
    for step in tx.breaches.steps(row.id):
        breach = _grown(breach, step)
    return breach


def _grown(breach: Breach, step: BreachStepRow) -> Breach:
    said: dict[str, Any] = json.loads(step.facts)
    grown = replace(breach, steps=(*breach.steps, step))
    match step.kind:
        case StepKind.OPENED | StepKind.ADDED:
            return replace(grown, facts=breach.facts.with_news(facts_of(said)))
        case StepKind.ASSESSED:
            return replace(grown, assessment=Assessment(**said, by=step.by, time=step.time))
        case StepKind.REPORTED:
            return replace(grown, reports=(*breach.reports, Report(**said, by=step.by)))
        case StepKind.PEOPLE:
            return replace(grown, telling=Telling(**said, by=step.by))
        case StepKind.CLOCK:
            return replace(grown, warned_h=said["hours"])
        case StepKind.CLOSED:
            return replace(grown, closed=step.time, closed_by=step.by, closing_note=said["note"])


def facts_of(said: Mapping[str, Any]) -> BreachFacts:
    """What a step says, as facts."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return BreachFacts(**values)


def _open(tx: Transaction, id: str) -> Breach:
    """The breach for a step, which no other step overtakes."""
    tx.wait_for(f"breach {id}")
    breach = get(tx, id)
    if breach.closed is not None:
        raise BreachStateConflict(
            say("breach-closed", "This breach is closed.", breach=breach.row.number),
            f"Report a new one, and name {breach.row.number} in it.",
        )
    return breach


def _step(
    tx: Transaction, environment: Environment, breach: Breach, kind: StepKind, by: str, said: Mapping[str, object],
    origin: str, more: Mapping[str, object] | None = None,
) -> Breach:  # fmt: skip
    facts = canonical(said)
    row = BreachStepRow(breach.row.id, len(breach.steps) + 1, environment.clock.now(), by, kind, facts.decode())
    tx.breaches.step(row)
    detail = {"number": breach.row.number, "step": row.number, "sha256": hashlib.sha256(facts).hexdigest()}
    audit.append(
        tx, environment, actor=by, origin=origin, action=f"breaches.{kind.value}", subject=breach.row.id,
        detail=detail | dict(more or {}),
    )  # fmt: skip
    return _grown(breach, row)


def _checked(facts: BreachFacts) -> BreachFacts:
    _among(facts.natures, NATURES)
    _among(facts.data, DATA)
    if len(facts.cameras) > MOST_CAMERAS:
        raise BreachRefused(
            say("breach-cameras", f"More than {MOST_CAMERAS} cameras are named.", most=MOST_CAMERAS),
            "Write in words which.",
        )
    if any(count is not None and not 0 <= count < 10**9 for count in (facts.people, facts.records)):
        raise BreachRefused(
            say("breach-count", "A count is not negative."), "Correct it, or leave it out while nobody knows."
        )
    return replace(
        facts, what=_optional(facts.what, "what happened"), measures=_optional(facts.measures, "measures"),
        consequences=_optional(facts.consequences, "consequences"),
    )  # fmt: skip


def _among(words: Sequence[str], known: Sequence[str]) -> None:
    if not set(words) <= set(known):
        raise BreachRefused(
            say("breach-words", f"'{', '.join(words)}' is not among {', '.join(known)}."), "Choose from these."
        )


def _text(text: str, name: str) -> str:
    if not text.strip():
        raise BreachRefused(say("text-missing", f"The {name} is missing.", what=name), "Write it down.")
    return _optional(text, name)


def _optional(text: str, name: str) -> str:
    return bounded(text, name, MOST_LETTERS, BreachRefused).strip()
