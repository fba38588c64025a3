"""Whose each camera is, on the record: a node that starts with other owners than before says so in the audit log.

The index of accesses divides the log by it, and `istros check` can tell afterwards whose a look at a camera was then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from istros.base.environment import Environment
from istros.compliance import audit
from istros.store import Transaction
from istros.store.rows import AuditRow

SUBJECT = "camera owners"
ACTION = "owners.change"

Owners = Mapping[str, str]
"""Whose each camera is, by its id."""


def record_owners(tx: Transaction, environment: Environment, owners: Owners, *, by: str) -> bool:
    """Write down whose each camera is, when it is otherwise than before; whether it was.

    `by` is the account that started the node.
    """
    tip, _ = tx.audit.tip()
    if owners_before(tx, tip + 1) == owners:
        return False
    audit.append(
        tx, environment, actor="istros", origin="server", action=ACTION, subject=SUBJECT,
        detail={"after": dict(owners), "started_by": by},
    )  # fmt: skip
    return True


def owners_before(tx: Transaction, sequence: int) -> Owners | None:
    """Whose each camera was when that row of the log was written; None where nobody had written it down yet."""
    rows = tx.audit.page(before=sequence, limit=1, action=ACTION)
    return told(rows[0]) if rows else None


def told(row: AuditRow) -> Owners:
    """What such a row tells."""
    owners: Owners = json.loads(row.detail)["after"]
    return owners
