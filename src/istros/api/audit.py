"""The audit log, itself read on the record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.node import Node
from istros.api.shapes import audit_shape
from istros.base.signing import PublicKey, public_keys
from istros.compliance import chain, head_check
from istros.recording.chain import KEY_NAME
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
        return [audit_shape(row) for row in rows]

    return await caller.disclose("audit", work, {"before": before, "actor": actor, "action": action})


@router.get("/audit/verify")
async def verify_audit(caller: Annotated[Caller, Depends(needs("audit.read"))]) -> schemas.AuditCheck:
    """Walk the whole chain, check every hash and signed head; that it was checked is on the record too."""
    report = await chain.verify(caller.node.database)
    heads = await head_check.verify(caller.node.database, keys_of(caller.node))
    problem = report.problem or next((str(finding) for finding in heads.findings), None)
    ok = report.ok and heads.ok
    await caller.disclose("audit", lambda tx: None, {"verify": {"rows": report.rows, "ok": ok}})
    return schemas.AuditCheck(rows=report.rows, ok=ok, problem=problem)


def keys_of(node: Node) -> dict[str, PublicKey]:
    """The public keys that this node signs with, and signed with before."""
    return {} if node.keys is None else public_keys(node.keys, KEY_NAME)
