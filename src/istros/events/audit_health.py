"""Whether the audit log is signed, stamped and handed to the partner in time, as states of health (docs/design/0040)."""

from __future__ import annotations

from collections.abc import Sequence

from istros.base.time import DAY, HOUR, Time
from istros.events.stream_measures import Measured
from istros.settings import HealthKind
from istros.store import Transaction

UNSIGNED: HealthKind = "audit-unsigned"
UNSTAMPED: HealthKind = "audit-unstamped"
ANCHORS_LATE: HealthKind = "anchors-late"
AUDIT_KINDS: tuple[HealthKind, ...] = (UNSIGNED, UNSTAMPED, ANCHORS_LATE)

EXPORTED = "anchors.export"
"""The act on the record by which anchors leave the node."""


def audit_measures(
    tx: Transaction, authorities: Sequence[str], anchors_days: float | None, now: Time
) -> dict[tuple[str, str, str], Measured]:
    """Hours that the oldest unsigned row and, for each authority, the oldest unstamped head have waited; days without an export."""
    found = {("", "", str(UNSIGNED)): _hours(_unsigned_since(tx), now)}
    for name in authorities:
        waiting = tx.audit_heads.waiting(name)
        found["", name, str(UNSTAMPED)] = _hours(None if waiting is None else waiting.time, now)
    if anchors_days is not None and (since := _exported(tx)) is not None:
        days = max(0.0, (now - since) / DAY)
        found["", "", str(ANCHORS_LATE)] = Measured(days / anchors_days, days, anchors_days)
    return found


def _hours(since: Time | None, now: Time) -> Measured:
    hours = 0.0 if since is None else max(0.0, (now - since) / HOUR)
    return Measured(hours, hours)


def _unsigned_since(tx: Transaction) -> Time | None:
    head = tx.audit_heads.newest()
    first = tx.audit.at((head.sequence if head is not None else 0) + 1)
    return None if first is None else first.time


def _exported(tx: Transaction) -> Time | None:
    """When anchors were last handed out; before the first time, since when there is something to hand out."""
    rows = tx.audit.page(limit=1, action=EXPORTED)
    if rows:
        return rows[0].time
    heads = tx.audit_heads.walk(limit=1)
    return heads[0].time if heads else None
