"""What left the node, to whom and on what ground: the rules for whoever orders, the list for the officer (rule L16)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from istros.api.departures_shapes import Departure, DepartureList, TransferBasis, TransferCell, TransferRules
from istros.api.gate import Caller, needs, signed_in
from istros.api.schemas import Language
from istros.api.spans import From, To, span_of
from istros.base.time import Span
from istros.compliance.departures import RecipientKind
from istros.compliance.transfers import GROUPS, transfer_table
from istros.reports.departures import departures_record
from istros.reports.period import ReportFacts
from istros.store import Transaction
from istros.store.departures import DepartureRow

router = APIRouter(tags=["departures"])

Reader = Annotated[Caller, Depends(needs("departures.read"))]
MOST = 1000
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/departures/rules")
async def get_transfer_rules(caller: Annotated[Caller, Depends(signed_in)]) -> TransferRules:
    """To which recipients personal data may go from this node, and on which grounds. Nobody is in it."""
    sending, table = caller.node.sending, transfer_table()
    cells = [table.cells[sending.law, kind.value, group] for kind in RecipientKind for group in GROUPS]
    used = dict.fromkeys(code for cell in cells for code in cell.bases)
    return TransferRules(
        law=sending.law, country=sending.country, organisation=caller.node.identity.organisation,
        eu=sorted(table.eu), convention=sorted(table.convention),
        cells=[
            TransferCell(kind=cell.kind.value, group=cell.group, bases=list(cell.bases), refused=cell.refused)
            for cell in cells
        ],
        bases=[TransferBasis.model_validate(table.bases[code]) for code in used],
    )  # fmt: skip


@router.get("/departures")
async def list_departures(caller: Reader, since: From, until: To) -> DepartureList:
    """What left within a span, newest first, of the organisations that the caller may see; it says where it is cut."""
    span = span_of(since, until)
    rows = await caller.disclose(
        "departures", lambda tx: _gone(tx, caller, span, MOST + 1), {"from": since, "to": until}
    )
    told = [Departure.model_validate(row) for row in rows[:MOST]]
    return DepartureList(departures=told, cut=len(rows) > MOST)


@router.get("/departures/record", response_class=Response, responses=_PDF)
async def get_departures_record(caller: Reader, since: From, until: To, language: Language = "en") -> Response:
    """The same as a PDF for the supervisory authority (Directive 2016/680, articles 37(3) and 38(3)).

    It says so where more left than it holds.
    """
    span, node = span_of(since, until), caller.node
    rows = await caller.disclose(
        "departures", lambda tx: _gone(tx, caller, span, MOST + 1), {"from": since, "to": until, "file": "pdf"}
    )
    facts = ReportFacts(node.identity.name, node.identity.organisation, language, node.environment.clock.now())
    pdf = await node.environment.workers.run(departures_record, facts, span, rows[:MOST], len(rows) > MOST)
    headers = {
        "cache-control": "no-store",
        "content-disposition": 'attachment; filename="istros-departures.pdf"',
        "x-istros-sha256": hashlib.sha256(pdf).hexdigest(),
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


def _gone(tx: Transaction, caller: Caller, span: Span, most: int) -> list[DepartureRow]:
    return tx.departures.gone(span, caller.reached(tx, caller.action, tx.departures.organisations()), most)
