"""A change of health, put down once everywhere: the state, its history, and the signal that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import rfc8785

from istros.base.environment import Environment
from istros.store import Transaction
from istros.store.health import HealthChangeRow, HealthStateRow
from istros.store.signals import SignalRow


def note_changes(
    tx: Transaction, environment: Environment, rows: Sequence[HealthStateRow], source: Literal["health", "picture"]
) -> None:
    """These states have just become what their rows say. What was not bad and is not bad is no signal."""
    if not rows:
        return
    bad = {(row.camera_id, row.stream, row.kind) for row in tx.health.bad_ones()}
    told = [row for row in rows if row.state == "bad" or (row.camera_id, row.stream, row.kind) in bad]
    tx.health.put(rows)
    tx.health.changed(
        [
            HealthChangeRow(
                environment.ids.new(), row.camera_id, row.stream, row.kind, row.state, row.since, row.value, row.bound
            )
            for row in rows
        ]
    )
    tx.signals.add([_signal(environment, row, source) for row in told])


def _signal(environment: Environment, row: HealthStateRow, source: Literal["health", "picture"]) -> SignalRow:
    detail: dict[str, object] = {"state": row.state, "value": row.value, "bound": row.bound}
    return SignalRow(
        number=0, id=environment.ids.new(), camera_id=row.camera_id, source=source, kind=row.kind,
        state="on" if row.state == "bad" else "off", time=row.since, received=environment.clock.now(),
        subject=row.stream, detail=canonical(detail),
    )  # fmt: skip


def canonical(facts: dict[str, object]) -> str:
    """Facts as canonical JSON (RFC 8785); numbers without an exact form are told as text."""
    return rfc8785.dumps({name: _plain(value) for name, value in facts.items()}).decode()


def _plain(value: object) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value
