"""The audit log, itself read on the record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.compliance import chain
from istros.store import Transaction

router = APIRouter(tags=["audit"])


@router.get("/audit")
async def list_audit(
    caller: Annotated[Caller, Depends(needs("audit.read"))],
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
) -> list[schemas.AuditRecord]:
    """Rows of the audit log, newest first."""

    def work(tx: Transaction) -> list[schemas.AuditRecord]:
        rows = tx.audit.page(before=before, limit=limit, actor=actor, action=action)
        return [
            schemas.AuditRecord(
                sequence=row.sequence, time=row.time, actor=row.actor, origin=row.origin, action=row.action,
                subject=row.subject, permit_id=row.permit_id, result=row.result, detail=row.detail,
            )
            for row in rows
        ]  # fmt: skip

    return await caller.disclose("audit", work, {"before": before, "actor": actor, "action": action})


@router.get("/audit/verify")
async def verify_audit(caller: Annotated[Caller, Depends(needs("audit.read"))]) -> schemas.AuditCheck:
    """Walk the whole chain and check every hash; that it was checked is on the record too."""
    report = await chain.verify(caller.node.database)
    result = {"rows": report.rows, "ok": report.ok}
    await caller.disclose("audit", lambda tx: None, {"verify": result})
    return schemas.AuditCheck(rows=report.rows, ok=report.ok, problem=report.problem)
