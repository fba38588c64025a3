"""The audit log, itself read on the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.node import Node
from istros.api.problem_shapes import AuditCheck, problem_of
from istros.api.shapes import audit_shape, part_shape
from istros.api.spans import ends_of
from istros.base.said import NOTHING
from istros.base.signing import PublicKey, public_keys
from istros.compliance import chain, head_check
from istros.compliance.access_index import catch_up, people_of
from istros.compliance.divided import Share
from istros.recording.chain import KEY_NAME
from istros.store import Transaction
from istros.store.rows import AuditRow

router = APIRouter(tags=["audit"])


@router.get("/audit")
async def list_audit(
    caller: Annotated[Caller, Depends(needs("audit.read"))],
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    since: Annotated[schemas.MomentText | None, Query(alias="from")] = None,
    until: Annotated[schemas.MomentText | None, Query(alias="to")] = None,
) -> list[schemas.AuditRecord]:
    """Rows of the audit log, newest first: all of them for whoever runs the node, else those of the own organisation."""
    first, end = ends_of(since, until)
    if await caller.node.database.read(lambda tx: share_of(tx, caller)) is not None:
        # Whoever runs the node reads the log itself: only shares stand in the index.
        await catch_up(caller.node.database, caller.node.owners)

    def work(tx: Transaction) -> list[schemas.AuditRecord]:
        share = share_of(tx, caller)
        whose = None if share is None else share.organisation
        return shown(tx, share, tx.audit.page(before, limit, actor, action, whose, first, end))

    asked = {"before": before, "actor": actor, "action": action, "from": since, "to": until}
    return await caller.disclose("audit", work, asked)


@router.get("/audit/verify")
async def verify_audit(caller: Annotated[Caller, Depends(needs("audit.read"))]) -> AuditCheck:
    """Walk the whole chain, check every hash and signed head; that it was checked is on the record too."""
    report = await chain.verify(caller.node.database)
    heads = await head_check.verify(caller.node.database, keys_of(caller.node))
    problem = report.problem or next((finding.sentence for finding in heads.findings), NOTHING)
    ok = report.ok and heads.ok
    checked = {"verify": {"rows": report.rows, "ok": ok}}
    share = await caller.disclose("audit", lambda tx: share_of(tx, caller), checked)
    only = "" if share is None else share.organisation
    return AuditCheck(rows=report.rows, ok=ok, only=only, **problem_of(problem))


def share_of(tx: Transaction, caller: Caller) -> Share | None:
    """Whose part of the record the caller sees; None: all of it, for whoever runs the node."""
    if caller.reach(tx, "audit.read")(""):
        return None
    own = caller.operator.organisation
    people = frozenset(name for name, whose in people_of(tx).items() if whose == own)
    return Share(own, people, frozenset(camera for camera, owner in caller.node.owners.items() if owner == own))


def shown(tx: Transaction, share: Share | None, rows: Sequence[AuditRow]) -> list[schemas.AuditRecord]:
    """Rows as the share's organisation may read them: of others' acts with its cameras who, when and which, and no more."""
    names = {operator.id: operator.name for operator in tx.operators.all()}
    if share is None:
        return [audit_shape(row, names) for row in rows]
    parts = tx.shares.parts(share.organisation, [row.sequence for row in rows])
    return [part_shape(row, share.cameras) if row.sequence in parts else audit_shape(row, names) for row in rows]


def keys_of(node: Node) -> dict[str, PublicKey]:
    """The public keys that this node signs with, and signed with before."""
    return {} if node.keys is None else public_keys(node.keys, KEY_NAME)
