"""Notices to those who got something that turned out wrong (rule L17)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api.departures_shapes import Correction, CorrectionConfirmed, Departure
from istros.api.gate import Caller, needs
from istros.compliance import corrections
from istros.compliance.corrections import CorrectionRow
from istros.reports.letter import Sender
from istros.reports.notice import notice
from istros.store import Transaction
from istros.store.departures import DepartureRow

router = APIRouter(tags=["departures"])

Reader = Annotated[Caller, Depends(needs("departures.read"))]
Writer = Annotated[Caller, Depends(needs("corrections.write"))]
MOST = 500
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/corrections")
async def list_corrections(caller: Reader) -> list[Correction]:
    """Open notices by when their confirmation is due, then those that were confirmed; of what the caller may see."""

    def work(tx: Transaction) -> list[Correction]:
        whose = caller.reached(tx, caller.action, tx.departures.organisations())
        return [_shape(tx, caller, row) for row in tx.corrections.all(MOST, whose)]

    return await caller.disclose("corrections", work, {"what": "corrections"})


@router.get("/corrections/{correction_id}/letter", response_class=Response, responses=_PDF)
async def get_notice(correction_id: str, caller: Reader) -> Response:
    """The notice as a letter in the recipient's language."""

    def work(tx: Transaction) -> tuple[CorrectionRow, DepartureRow]:
        row = _seen(tx, caller, correction_id)
        if row.confirmed is not None:
            raise corrections.CorrectionRefused(
                "This is confirmed, and what was wrong is no longer kept.", "Look at the notice's number on the record."
            )
        return row, _departure(tx, row)

    row, leaving = await caller.disclose(correction_id, work, {"what": "notice"})
    identity = caller.node.identity
    pdf = await caller.node.environment.workers.run(
        notice, row, leaving, Sender(identity.name, identity.town, row.found), identity.organisation
    )
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{row.number}.pdf"',
        "x-istros-sha256": hashlib.sha256(pdf).hexdigest(),
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post("/corrections/{correction_id}/sent")
async def mark_notice_sent(correction_id: str, caller: Writer) -> Correction:
    """The notice went out."""
    node, who = caller.node, caller.operator
    return await _step(
        caller, correction_id,
        lambda tx: corrections.mark_sent(tx, node.environment, who, correction_id, origin=caller.origin),
    )  # fmt: skip


@router.post("/corrections/{correction_id}/confirmed")
async def confirm_correction(correction_id: str, body: CorrectionConfirmed, caller: Writer) -> Correction:
    """The recipient has done it."""
    node, who = caller.node, caller.operator
    return await _step(
        caller, correction_id,
        lambda tx: corrections.confirm(tx, node.environment, who, correction_id, body.how, origin=caller.origin),
    )  # fmt: skip


async def _step(caller: Caller, id: str, work: Callable[[Transaction], CorrectionRow]) -> Correction:
    def seen(tx: Transaction) -> Correction:
        _seen(tx, caller, id)
        return _shape(tx, caller, work(tx))

    return await caller.act(id, seen)


def _seen(tx: Transaction, caller: Caller, id: str) -> CorrectionRow:
    """A notice about what another organisation sent is as one that is not there. Raises CorrectionUnknown."""
    row = corrections.known(tx, id)
    if not caller.reach(tx, caller.action)(_departure(tx, row).organisation):
        raise corrections.CorrectionUnknown("There is no such notice.", "Look at the list of notices again.")
    return row


def _departure(tx: Transaction, row: CorrectionRow) -> DepartureRow:
    leaving = tx.departures.get(row.departure_id)
    assert leaving is not None, "departures are never deleted"
    return leaving


def _shape(tx: Transaction, caller: Caller, row: CorrectionRow) -> Correction:
    told = {"departure": Departure.model_validate(_departure(tx, row)), "facts": row.known_facts}
    told["state"] = row.state(caller.node.environment.clock.now())
    rest = {name: getattr(row, name) for name in Correction.model_fields if name not in told}
    return Correction.model_validate(rest | told)
