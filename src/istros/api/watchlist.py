"""The plates that are sought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.problems import NotAllowed
from istros.api.shapes import entry_shape
from istros.base.errors import IstrosError
from istros.base.time import from_iso
from istros.events import watchlist
from istros.store import Transaction

router = APIRouter(tags=["watchlist"])

MOST = 1000
"""Entries in one answer, newest first."""


@router.get("/watchlist")
async def list_watchlist(caller: Annotated[Caller, Depends(needs("watchlist.read"))]) -> list[schemas.WatchlistEntry]:
    """Every entry, the open ones and those that ended."""
    now = caller.node.environment.clock.now()
    return await caller.disclose("watchlist", lambda tx: [entry_shape(row, now) for row in tx.watchlist.all(MOST)])


@router.post("/watchlist", status_code=201)
async def open_watchlist_entry(
    body: schemas.WatchlistRequest, caller: Annotated[Caller, Depends(needs("watchlist.write"))]
) -> schemas.WatchlistEntry:
    """Begin to seek a plate."""
    asked = watchlist.EntryRequest(
        plate=body.plate, purpose=body.purpose, ground=body.ground, case_ref=body.case_ref,
        owner=caller.operator.organisation, priority=body.priority, near_allowed=body.near_allowed,
        expires=from_iso(body.expires),
    )  # fmt: skip

    def work(tx: Transaction) -> schemas.WatchlistEntry:
        row = watchlist.open_entry(tx, caller.node.environment, caller.author, asked)
        return entry_shape(row, caller.node.environment.clock.now())

    return await _on_record(caller, asked.plate, work)


@router.post("/watchlist/{entry_id}/close")
async def close_watchlist_entry(
    entry_id: str, body: schemas.CloseReason, caller: Annotated[Caller, Depends(needs("watchlist.write"))]
) -> schemas.WatchlistEntry:
    """Stop seeking a plate."""

    def work(tx: Transaction) -> schemas.WatchlistEntry:
        entry = tx.watchlist.get(entry_id)
        if entry is not None and not caller.may_to(caller.action, entry.owner):
            raise NotAllowed(f"The entry belongs to {entry.owner}.", "Ask somebody of that organisation.")
        row = watchlist.close_entry(tx, caller.node.environment, caller.author, entry_id, body.reason)
        return entry_shape(row, caller.node.environment.clock.now())

    return await _on_record(caller, entry_id, work)


async def _on_record(
    caller: Caller, subject: str, work: Callable[[Transaction], schemas.WatchlistEntry]
) -> schemas.WatchlistEntry:
    try:
        return await caller.node.database.write(work)
    except IstrosError as refusal:
        await caller.refuse(caller.action, subject, refusal.message)
        raise
