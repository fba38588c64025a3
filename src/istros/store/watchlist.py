"""Plates that are sought."""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from istros.base.said import Said
from istros.base.time import Time
from istros.store.repository import Repository
from istros.store.rows import WatchlistEntryRow
from istros.store.schema import WATCHLIST_ENTRY

_W = WATCHLIST_ENTRY.c


class Watchlist(Repository):
    """The table `watchlist_entry`. Entries are closed, never deleted."""

    def add(self, row: WatchlistEntryRow) -> None:
        """A new entry."""
        self._insert(WATCHLIST_ENTRY, row)

    def get(self, id: str) -> WatchlistEntryRow | None:
        """The entry of that id."""
        return self._one(WatchlistEntryRow, select(WATCHLIST_ENTRY).where(_W.id == id))

    def open_ones(self, now: Time) -> list[WatchlistEntryRow]:
        """Entries that count now: neither closed nor expired, oldest first."""
        counting = and_(_W.closed.is_(None), _W.expires > now)
        return self._all(WatchlistEntryRow, select(WATCHLIST_ENTRY).where(counting).order_by(_W.created, _W.id))

    def lately(self, owner: str, since: Time) -> list[WatchlistEntryRow]:
        """Entries of an organisation that count, or that ended after `since`, by themselves or closed; oldest first."""
        counting = and_(_W.owner == owner, _W.expires > since, or_(_W.closed.is_(None), _W.closed > since))
        return self._all(WatchlistEntryRow, select(WATCHLIST_ENTRY).where(counting).order_by(_W.created, _W.id))

    def all(self, limit: int) -> list[WatchlistEntryRow]:
        """Every entry, newest first."""
        query = select(WATCHLIST_ENTRY).order_by(_W.created.desc(), _W.id.desc()).limit(limit)
        return self._all(WatchlistEntryRow, query)

    def close(self, id: str, time: Time, by: str, reason: Said) -> bool:
        """End an entry; False when it was closed already or is not there."""
        still_open = and_(_W.id == id, _W.closed.is_(None))
        change = WATCHLIST_ENTRY.update().where(still_open).values(closed=time, closed_by=by, close_reason=reason)
        return self._changed(change) == 1
