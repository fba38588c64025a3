"""What the data-protection officer takes along: the report of a month or a year, and the anchors for the partner."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from istros.api.audit import keys_of, share_of
from istros.api.gate import Caller, needs
from istros.api.oversight import limits_of
from istros.api.oversight_shapes import PartnerAnchor, SignedHeads, StampState
from istros.compliance import anchors
from istros.compliance.access_index import catch_up
from istros.compliance.heads import stamp_states
from istros.compliance.period import Period, period_of
from istros.events.audit_health import EXPORTED
from istros.events.record import record
from istros.reports.period import ReportFacts, period_report
from istros.store import Transaction
from istros.store.audit_heads import PartnerAnchorRow

router = APIRouter(tags=["oversight"])

Reader = Annotated[Caller, Depends(needs("audit.read"))]
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/oversight/report", response_class=Response, responses=_PDF)
async def get_report(
    caller: Reader,
    period: Annotated[str, Query(pattern=r"^\d{4}(-(0[1-9]|1[0-2]))?$")],
    language: Literal["en", "uk", "ro"] = "en",
    edition: Literal["authority", "public"] = "authority",
) -> Response:
    """The report of a month (2026-11) or a year (2026) as a PDF; its SHA-256 goes on the record.

    It counts the whole node for whoever runs it, else the share of the officer's own organisation, which it names.
    """
    node = caller.node
    upto, now = await catch_up(node.database, node.owners), node.environment.clock.now()
    detail: dict[str, object] = {"period": period, "language": language, "edition": edition}

    def work(tx: Transaction) -> Period:
        share = share_of(tx, caller)
        return period_of(tx, period, edition, limits_of(node, tx, now, share), now, upto, share)

    counted = await caller.disclose("report", work, detail)
    facts = ReportFacts(node.identity.name, counted.organisation or node.identity.organisation, language, now)
    pdf = await node.environment.workers.run(period_report, facts, counted)
    sha256 = hashlib.sha256(pdf).hexdigest()
    await node.database.write(
        lambda tx: record(tx, node.environment, caller.author, caller.action, "report", detail | {"sha256": sha256})
    )
    name = f"istros-{period}-{language}-{edition}.pdf"
    return Response(pdf, media_type="application/pdf", headers=_headers(name, sha256))


@router.get("/oversight/anchors")
async def get_anchors(caller: Reader, days: Annotated[int, Query(ge=1, le=3650)] = anchors.DAYS) -> Response:
    """The signed heads of the last days as one file, for the partner organisation to keep."""
    node = caller.node
    keys, now = keys_of(node), node.environment.clock.now()

    def work(tx: Transaction) -> dict[str, Any]:
        made = anchors.export(tx, keys, node.identity.name, now, days)
        record(tx, node.environment, caller.author, EXPORTED, "audit", {"heads": len(made["heads"]), "days": days})
        return made

    content = await caller.disclose("anchors", work, {"days": days})
    text = anchors.text_of(content)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Response(text, media_type="application/json", headers=_headers("istros-anchors.json", sha256))


@router.get("/oversight/heads")
async def get_signed_heads(caller: Reader) -> SignedHeads:
    """How far the audit chain is signed and stamped, and what partners handed over."""
    node = caller.node
    now = node.environment.clock.now()

    def work(tx: Transaction) -> SignedHeads:
        head, rows = tx.audit_heads.newest(), tx.audit.tip()[0]
        newest: dict[str, PartnerAnchorRow] = {}
        for row in tx.audit_heads.anchors(1000):
            known = newest.get(row.partner)
            newest[row.partner] = row if known is None or row.number > known.number else known
        return SignedHeads(
            number=head.number if head else 0, sequence=head.sequence if head else 0,
            time=head.time if head else None, key_id=head.key_id if head else "", rows=rows,
            stamps=[StampState.model_validate(state) for state in stamp_states(tx, node.authorities, now)],
            partners=[PartnerAnchor.model_validate(row) for _, row in sorted(newest.items())],
        )  # fmt: skip

    return await caller.disclose("signed heads", work)


def _headers(name: str, sha256: str) -> dict[str, str]:
    return {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
        "x-istros-sha256": sha256,
    }
