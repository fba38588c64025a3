"""What stands over every screen of those whom it concerns, until it is mended: nobody has to look for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, signed_in
from istros.api.schemas import Moment, Shape
from istros.base.time import Time
from istros.compliance import breaches
from istros.compliance.divided import has_no_officer
from istros.compliance.duties import duties
from istros.compliance.models_record import standing
from istros.events.audit_health import AUDIT_KINDS
from istros.store import Transaction

router = APIRouter(tags=["notices"])

NoticeKind = Literal[
    "breach",
    "audit-unsigned",
    "audit-unstamped",
    "anchors-late",
    "request",
    "hold",
    "correction",
    "models",
    "no-officer",
]


class Notice(Shape):
    """Something that waits. `subject` names it, `since` when it began, `due` until when it must be done."""

    kind: NoticeKind
    id: str
    subject: str
    since: Moment
    due: Moment | None


@router.get("/notices")
async def list_notices(caller: Annotated[Caller, Depends(signed_in)]) -> list[Notice]:
    """What concerns the caller's role, the most urgent first; numbers and times, nothing of anybody."""
    now = caller.node.environment.clock.now()
    parts = [part for actions, part in _PARTS if any(caller.may(action) for action in actions)]
    return await caller.node.database.read(lambda tx: [notice for part in parts for notice in part(tx, caller, now)])


def _breaches(tx: Transaction, caller: Caller, now: Time) -> Iterable[Notice]:
    reaches = caller.reach(tx, "breaches.read")
    for each in breaches.running(tx):
        if reaches(each.row.organisation):
            yield Notice(kind="breach", id=each.row.id, subject=each.row.number, since=each.row.known, due=each.due)


def _audit(tx: Transaction, caller: Caller, now: Time) -> Iterable[Notice]:
    for row in tx.health.bad_ones():
        if row.kind in AUDIT_KINDS:
            subject = row.stream
            yield Notice(
                kind=cast("NoticeKind", row.kind),
                id=f"{row.kind} {subject}",
                subject=subject,
                since=row.since,
                due=None,
            )


def _duties(tx: Transaction, caller: Caller, now: Time) -> Iterable[Notice]:
    reaches = caller.reach(tx, "duties.read")
    for each in duties(tx, now):
        if each.organisation is not None and not reaches(each.organisation):
            continue
        yield Notice(kind=each.kind, id=each.id, subject=each.number, since=each.since, due=each.due)


def _models(tx: Transaction, caller: Caller, now: Time) -> Iterable[Notice]:
    found = standing(tx)
    if found.since is not None and not found.approved:
        yield Notice(kind="models", id="models", subject="", since=found.since, due=None)


def _no_officer(tx: Transaction, caller: Caller, now: Time) -> Iterable[Notice]:
    """Nobody oversees what is divided by organisation: the name is not set, differs by a letter, or nobody is appointed."""
    name = caller.node.identity.organisation
    if has_no_officer(tx, name):
        yield Notice(kind="no-officer", id="no-officer", subject=name, since=now, due=None)


_PARTS: tuple[tuple[tuple[str, ...], Callable[[Transaction, Caller, Time], Iterable[Notice]]], ...] = (
    (("breaches.read",), _breaches),
    (("oversight.write", "people.write"), _audit),
    (("duties.read",), _duties),
    (("models.read",), _models),
    (("oversight.write", "people.write"), _no_officer),
)
"""Whom it concerns, by one of these actions, and what it is."""
