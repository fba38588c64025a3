"""Whether the node does what it is for; open to everybody, and tells nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request

from istros.api import schemas
from istros.api.gate import node_of
from istros.base.time import SECOND, Time
from istros.store import Transaction

router = APIRouter(tags=["health"])

FRESH = 15 * SECOND
"""Microseconds after which a process that writes its state every two seconds counts as gone."""


@router.get("/health")
async def get_health(request: Request) -> schemas.Health:
    """The processes and the database."""
    node = node_of(request)
    now = node.environment.clock.now()
    try:
        recorder, analyser = await node.database.read(_updates)
    except Exception:  # whatever keeps the database from answering: that is what this answer tells
        silent = schemas.PartHealth(ok=False)
        return schemas.Health(ok=False, recorder=silent, analyser=silent, database=schemas.DatabaseHealth(ok=False))
    reads_plates = any(camera.reads_plates for camera in node.cameras)
    parts = _part(recorder, now, bool(node.cameras)), _part(analyser, now, reads_plates)
    return schemas.Health(
        ok=all(part.ok for part in parts), recorder=parts[0], analyser=parts[1],
        database=schemas.DatabaseHealth(ok=True),
    )  # fmt: skip


def _updates(tx: Transaction) -> tuple[list[Time], list[Time]]:
    return [row.updated for row in tx.streams.all()], [row.updated for row in tx.analysers.all()]


def _part(updates: Sequence[Time], now: Time, has_work: bool) -> schemas.PartHealth:
    newest = max(updates, default=None)
    fresh = newest is not None and now - newest <= FRESH
    return schemas.PartHealth(ok=fresh or not has_work, updated=newest)
