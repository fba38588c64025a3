"""What people mended in the node for a person's request for correction (docs/design/0037, rule L17).

A row of the audit log about the request links the two: number, kind of act and id of what was mended, no plate and no name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.base.said import say
from istros.base.time import Span, Time
from istros.compliance import audit
from istros.compliance.errors import RequestRefused
from istros.store import Transaction
from istros.store.subject_requests import Asked, Decision, SubjectRequestRow

MOST_FACES = 2000


class Act(StrEnum):
    """A read that was corrected, an entry of a plate or a person that was closed as wrong, a confirmed face that was undone."""

    READ = "read"
    PLATE_ENTRY = "plate-entry"
    PERSON_ENTRY = "person-entry"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class DoneFor:
    """One act, by whom and when."""

    act: Act
    by: str
    time: Time


@dataclass(frozen=True, slots=True)
class ToMend:
    """How many there are of what may be wrong: open entries of the person's plate, faces confirmed at that place and time."""

    entries: int
    faces: int


def named(tx: Transaction, number: str) -> SubjectRequestRow | None:
    """The request that an act is done for, by its number; None where none is named. RequestRefused.

    Ask before the act: whoever answers the request at the same moment waits, and sees what was done.
    """
    if not (number := number.strip().upper()):
        return None
    row = tx.subject_requests.numbered(number)
    if row is not None:
        tx.wait_for(f"request {row.id}")
        row = tx.subject_requests.get(row.id)
    is_over = row is None or row.answered is not None or row.decision in {Decision.REFUSED, Decision.NEITHER}
    if row is None or is_over or row.asked is not Asked.RECTIFICATION:
        raise RequestRefused(
            say("request-no-correction", f"There is no open request for correction {number}.", request=number),
            "Ask the data-protection officer for the number, e.g. R-2026-0001, or leave it empty.",
        )
    return row


def note(
    tx: Transaction, environment: Environment, row: SubjectRequestRow | None, act: Act, subject: str, by: str, origin: str
) -> None:  # fmt: skip
    """Put on the record that this was done for the request; nothing where none was named."""
    if row is not None:
        detail = {"number": row.number, "act": act.value, "of": subject}
        audit.append(
            tx, environment, actor=by, origin=origin, action="requests.mend", subject=row.id, detail=detail
        )  # fmt: skip


def done_for(tx: Transaction, row: SubjectRequestRow) -> list[DoneFor]:
    """What was done for it, the oldest first."""
    rows = tx.audit.about(row.id, action="requests.mend")
    return [DoneFor(Act(json.loads(each.detail)["act"]), each.actor, each.time) for each in rows]


def to_mend(tx: Transaction, row: SubjectRequestRow, span: Span, now: Time) -> ToMend:
    """What the node has that a request for correction may mean; reads of the plate are counted by camera elsewhere."""
    plate = fold(row.plate)
    entries = [each for each in tx.watchlist.open_ones(now) if plate and fold(each.plate) == plate]
    faces = tx.faces.between(span, MOST_FACES)
    here = [
        each for each in faces if each.outcome == "confirmed" and (not row.cameras or each.camera_id in row.cameras)
    ]
    return ToMend(len(entries), len(here))
