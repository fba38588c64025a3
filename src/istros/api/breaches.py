"""Breaches of personal data: told by anybody at the desk, worked on by the data-protection officer, closed by a second person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response

from istros.api import breaches_shapes as shapes
from istros.api.alarms import require_seen
from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.schemas import Language
from istros.base.time import from_iso
from istros.compliance import breaches
from istros.compliance.breaches import Breach, BreachFacts, Law, Opening
from istros.reports.breach_letter import breach_letter, breach_text
from istros.reports.letter import Sender
from istros.store import Transaction

router = APIRouter(tags=["breaches"])

MOST_LISTED = 500
Reader = Annotated[Caller, Depends(needs("breaches.read"))]
Handler = Annotated[Caller, Depends(needs("breaches.handle"))]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/plain": {"schema": {"type": "string"}},
        }
    }
}


@router.post("/breaches", status_code=201)
async def report_breach(
    body: shapes.BreachReport, caller: Annotated[Caller, Depends(needs("breaches.report"))]
) -> shapes.BreachReceipt:
    """Tell that something went wrong with people's data; the 72 hours run from when it was known."""
    told = Opening(
        Law(body.law), from_iso(body.known), _facts(caller, body.facts), body.source_kind, body.source,
        caller.operator.organisation,
    )  # fmt: skip

    def work(tx: Transaction) -> Breach:
        if told.source_kind == "alarm":
            require_seen(tx, caller, "alarms.read", told.source)
        return breaches.open_breach(tx, caller.node.environment, caller.operator.name, told, origin=caller.origin)

    found = await caller.act("breaches", work)
    return shapes.BreachReceipt(id=found.row.id, number=found.row.number, due=found.due)


@router.get("/breaches")
async def list_breaches(caller: Reader) -> list[shapes.BreachShape]:
    """Open ones by their hours, then those that are closed; of the organisations that the caller may see."""

    def work(tx: Transaction) -> list[shapes.BreachShape]:
        whose = caller.reached(tx, caller.action, tx.breaches.organisations())
        return [_shape(each) for each in breaches.every(tx, MOST_LISTED, whose)]

    return await caller.disclose("breaches", work)


@router.get("/breaches/{breach_id}")
async def get_breach(breach_id: str, caller: Reader) -> shapes.BreachShape:
    """One breach with its steps."""
    return await caller.disclose(breach_id, lambda tx: _shape(_seen(tx, caller, breach_id)), {"what": "breach"})


@router.post("/breaches/{breach_id}/facts")
async def add_to_breach(breach_id: str, body: shapes.BreachNews, caller: Handler) -> shapes.BreachShape:
    """Write down what is known better now."""
    news = _facts(caller, body)
    return await _step(
        caller, breach_id,
        lambda tx: breaches.add(tx, caller.node.environment, caller.operator, breach_id, news, origin=caller.origin),
    )  # fmt: skip


@router.post("/breaches/{breach_id}/assess")
async def assess_breach(breach_id: str, body: shapes.BreachAssessment, caller: Handler) -> shapes.BreachShape:
    """Say whether the authority and the people are to be told."""
    return await _step(
        caller, breach_id,
        lambda tx: breaches.assess(
            tx, caller.node.environment, caller.operator, breach_id, report=body.report, people=body.people,
            reason=body.reason, origin=caller.origin,
        ),
    )  # fmt: skip


@router.post("/breaches/{breach_id}/report")
async def send_report(breach_id: str, body: shapes.BreachSent, caller: Handler) -> shapes.BreachShape:
    """The report went to an authority."""
    return await _step(
        caller, breach_id,
        lambda tx: breaches.report(
            tx, caller.node.environment, caller.operator, breach_id, authority=body.authority,
            sent=from_iso(body.sent), reference=body.reference, delay=body.delay, origin=caller.origin,
        ),
    )  # fmt: skip


@router.post("/breaches/{breach_id}/people")
async def tell_people(breach_id: str, body: shapes.BreachPeople, caller: Handler) -> shapes.BreachShape:
    """The people were told, or why not."""
    when = None if body.when is None else from_iso(body.when)
    return await _step(
        caller, breach_id,
        lambda tx: breaches.tell_people(
            tx, caller.node.environment, caller.operator, breach_id, told=body.told, when=when, how=body.how,
            origin=caller.origin,
        ),
    )  # fmt: skip


@router.post("/breaches/{breach_id}/close")
async def close_breach(
    breach_id: str, body: shapes.BreachClosing, caller: Annotated[Caller, Depends(needs("breaches.close"))]
) -> shapes.BreachShape:
    """Everything is done: a second person says so."""
    return await _step(
        caller, breach_id,
        lambda tx: breaches.close(
            tx, caller.node.environment, caller.operator, breach_id, body.note, origin=caller.origin
        ),
    )  # fmt: skip


@router.get("/breaches/{breach_id}/letter", response_class=Response, responses=_FILE)
async def get_breach_letter(
    breach_id: str,
    kind: shapes.BreachLetterName,
    caller: Handler,
    language: Language = "en",
    form: Literal["pdf", "text"] = "pdf",
) -> Response:
    """A draft: the notification to an authority, or the letter to the people concerned; PDF, or text for a form."""
    found = await caller.disclose(breach_id, lambda tx: _seen(tx, caller, breach_id), {"what": f"letter-{kind}"})
    node = caller.node
    sender = Sender(node.identity.name, node.identity.town, node.environment.clock.now())
    headers = {"cache-control": "no-store"}
    if form == "text":
        return Response(breach_text(found, kind, language, sender), media_type="text/plain", headers=headers)
    pdf = await node.environment.workers.run(breach_letter, found, kind, language, sender)
    name = f"{found.row.number}_{kind}_{language}.pdf"
    headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(pdf, media_type="application/pdf", headers=headers)


def _facts(caller: Caller, news: shapes.BreachNews) -> BreachFacts:
    for camera_id in news.cameras:
        camera_of(caller, camera_id)
    return breaches.facts_of(news.model_dump())


def _seen(tx: Transaction, caller: Caller, id: str) -> Breach:
    """A breach of an organisation that the caller's does not see is as one that is not there. BreachUnknown."""
    found = breaches.get(tx, id)
    if not caller.reach(tx, caller.action)(found.row.organisation):
        raise breaches.BreachUnknown("There is no such breach.", "Look at the list of breaches again.")
    return found


async def _step(caller: Caller, id: str, work: Callable[[Transaction], Breach]) -> shapes.BreachShape:
    def seen(tx: Transaction) -> Breach:
        _seen(tx, caller, id)
        return work(tx)

    return _shape(await caller.act(id, seen))


def _lists(said: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def _shape(breach: Breach) -> shapes.BreachShape:
    row = breach.row
    return shapes.BreachShape.model_validate(
        {
            "id": row.id, "number": row.number, "state": breach.state, "law": row.law.value, "known": row.known,
            "due": breach.due, "running": breach.is_running, "opened": row.opened, "opened_by": row.opened_by,
            "source_kind": row.source_kind, "source": row.source, "organisation": row.organisation,
            "facts": _lists(asdict(breach.facts)),
            "assessment": breach.assessment, "reports": list(breach.reports), "telling": breach.telling,
            "closed": breach.closed, "closed_by": breach.closed_by, "closing_note": breach.closing_note,
            "steps": [
                {"number": step.number, "time": step.time, "by": step.by, "kind": step.kind.value, "facts": json.loads(step.facts)}
                for step in breach.steps
            ],
        }
    )  # fmt: skip
