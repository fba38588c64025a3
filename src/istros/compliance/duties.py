"""What people owe in time: answers to people, reviews of holds, confirmations of recipients (docs/design/0042).

One list for all of it: the officer and the shift leader see it on every screen, and an alarm is raised once for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from istros.base.environment import Environment
from istros.base.time import Time
from istros.compliance import corrections, holds, subject_requests
from istros.compliance.subject_requests import WARNED_US
from istros.store import Transaction
from istros.store.corrections import CorrectionRow
from istros.store.holds import HoldRow
from istros.store.subject_requests import SubjectRequestRow

DutyKind = Literal["request", "hold", "correction"]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is due, and since when it waits."""

    kind: DutyKind
    id: str
    number: str
    since: Time
    due: Time
    organisation: str | None = None
    """Whose it is, where that is divided; None: all officers and shift leaders of the node share it."""


def duties(tx: Transaction, now: Time) -> list[Duty]:
    """Everything that is due soon or overdue, by its date."""
    found = [
        *(_of_request(row) for row in tx.subject_requests.due_before(Time(now + WARNED_US))),
        *(_of_hold(row) for row in tx.holds.standing() if row.review <= now),
        *(_of_correction(tx, row) for row in tx.corrections.overdue(now)),
    ]
    return sorted(found, key=lambda duty: (duty.due, duty.number))


def newly_due(tx: Transaction, environment: Environment) -> list[Duty]:
    """Put on the record what has become due, each once; those that did."""
    return [
        *(_of_request(row) for row in subject_requests.warn(tx, environment)),
        *(_of_hold(row) for row in holds.mark_overdue(tx, environment)),
        *(_of_correction(tx, row) for row in corrections.mark_overdue(tx, environment)),
    ]


def _of_request(row: SubjectRequestRow) -> Duty:
    return Duty("request", row.id, row.number, row.received, row.due, row.organisation)


def _of_correction(tx: Transaction, row: CorrectionRow) -> Duty:
    leaving = tx.departures.get(row.departure_id)
    assert leaving is not None, "departures are never deleted"
    return Duty("correction", row.id, row.number, row.found, row.due, leaving.organisation)


def _of_hold(row: HoldRow) -> Duty:
    return Duty("hold", row.id, row.case_ref or ", ".join(row.cameras), row.placed, row.review)
