"""Seeking a plate for longer is another person's decision, however it is entered (rules L9 and L10, docs/design/0034)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain

from istros.base.said import Said, say
from istros.base.time import DAY, Time, to_iso
from istros.events.errors import EntryRefused
from istros.store import Transaction
from istros.store.rows import WatchlistEntryRow

LONGEST = 30 * DAY
"""Microseconds that an entry may stay open; a longer search is asked for again, by another person."""

LATELY = LONGEST
"""Microseconds after its end in which an entry still counts: else whoever waited a day would go on alone."""

_WRONG = "entry-wrong"


def never_right(reason: str) -> Said:
    """Why an entry was closed that was never right; `Searches` tells it from others by its code."""
    return say("entry-wrong", f"never right: {reason}", why=reason)


@dataclass(frozen=True, slots=True)
class Search:
    """Who has, had or would have a plate or pattern sought, from when until when; `wrong`: it was never right."""

    plate: str
    folded: str
    by: str
    begun: Time
    end: Time
    wrong: bool = False

    @classmethod
    def of(cls, row: WatchlistEntryRow) -> Search:
        """That of an entry: until it was closed, or until it ends by itself."""
        end = row.expires if row.closed is None else min(row.closed, row.expires)
        return cls(row.plate, row.folded, row.created_by, row.created, end, row.close_reason.code == _WRONG)


class Searches:
    """What an organisation has sought lately, by plate."""

    def __init__(self, searches: Iterable[Search] = ()) -> None:
        self._by_folded: dict[str, list[Search]] = defaultdict(list)
        for search in searches:
            self.add(search)

    @classmethod
    def lately(cls, tx: Transaction, owner: str, now: Time) -> Searches:
        """Those that run, and those that ended within `LATELY`."""
        return cls(map(Search.of, tx.watchlist.lately(owner, Time(now - LATELY))))

    def add(self, search: Search) -> None:
        """One more."""
        self._by_folded[search.folded].append(search)

    def require_another(self, asked: Search) -> None:
        """Raise EntryRefused where the same person would go on alone: with the same, or with more for longer.

        What was never right is not gone on with: it may be entered anew, but its time counts towards the longest.
        """
        alike = self._covered_by(asked.folded)
        right = (each for each in reversed(alike) if not each.wrong)
        last = max(right, key=lambda each: (each.end, each.begun), default=None)
        if last is not None and last.by == asked.by and (asked.folded == last.folded or asked.end > last.end):
            raise _alone(last)
        mistaken = [
            each for each in alike if each.wrong and each.by == asked.by and (last is None or each.begun > last.begun)
        ]
        first = min(mistaken, key=lambda each: each.begun, default=asked)
        if asked.begun >= first.begun + LONGEST:
            raise _alone(first)
        if asked.end > first.begun + LONGEST:
            raise _too_long(first)

    def _covered_by(self, folded: str) -> list[Search]:
        """Those of the same plate or pattern, and those that a pattern covers: by it they would go on."""
        if not any(sign in folded for sign in "?*"):
            return self._by_folded.get(folded, [])
        return list(chain.from_iterable(rows for each, rows in self._by_folded.items() if fnmatchcase(each, folded)))


def _alone(last: Search) -> EntryRefused:
    start, end = to_iso(last.begun), to_iso(last.end)
    told = say(
        "entry-goes-on",
        f"You have had {last.plate} sought yourself, by your entry from {start} to {end}.",
        plate=last.plate,
        start=start,
        end=end,
    )
    way_out = (
        "Whether the search goes on is another person's decision: ask one of your organisation to renew that entry"
    )
    return EntryRefused(told, f"{way_out}, or to enter the plate.", "plate", "goes-on")


def _too_long(first: Search) -> EntryRefused:
    start, end = to_iso(first.begun), to_iso(Time(first.begun + LONGEST))
    told = say(
        "entry-goes-on-long",
        f"Your entry for {first.plate} from {start} was closed as wrong; what you enter in its place ends by {end}.",
        plate=first.plate,
        start=start,
        end=end,
    )
    return EntryRefused(told, "Choose an earlier end, or ask another person to enter it.", "expires", "goes-on")
