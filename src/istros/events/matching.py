"""A plate read against the plates that are sought; pure, so that every rule can be tested alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

from istros.base.plate_text import UNREAD, fold, fold_read
from istros.store.rows import PlateReadRow, WatchlistEntryRow

SHORTEST_NEAR = 5
"""Folded texts shorter than this match exactly or not at all: one letter of four is too much doubt."""

ALTERNATIVE_SHARE = 0.25
"""A second reading counts when its confidence is at least this share of the best one's."""

MatchKind = Literal["exact", "near"]


@dataclass(frozen=True, slots=True)
class Match:
    """A read that fits an entry. `rank` orders matches of one read, best first at 0; `why` is a sentence for people."""

    entry: WatchlistEntryRow
    kind: MatchKind
    rank: int
    why: str


def match_read(read: PlateReadRow, entries: Iterable[WatchlistEntryRow]) -> list[Match]:
    """Every entry that the read fits, best first.

    Where one entry fits exactly, near ones are left out: the plate is then known to be another.
    """
    matches = [match for entry in entries if (match := match_entry(read, entry)) is not None]
    exact = [match for match in matches if match.kind == "exact"]
    return sorted(exact or matches, key=lambda match: (match.rank, match.entry.created, match.entry.id))


def match_entry(read: PlateReadRow, entry: WatchlistEntryRow) -> Match | None:
    """How the read fits one entry, or None."""
    sought, seen = fold(entry.plate), fold_read(read.text)
    if not sought or not seen:
        return None
    if seen == sought:
        return Match(entry, "exact", 0, f"The plate read, {read.text}, is the plate sought, {entry.plate}.")
    if not entry.near_allowed or len(sought) < SHORTEST_NEAR:
        return None
    if UNREAD in seen:
        return _one_letter_unread(read, entry, seen, sought)
    return _other_reading(read, entry, sought) or _one_letter_off(read, entry, seen, sought)


def letters_apart(one: str, other: str) -> int:
    """Letters to change, add or leave out to make one folded text the other (Levenshtein 1966); 2 means 2 or more."""
    return Levenshtein.distance(one, other, score_cutoff=1)


def _other_reading(read: PlateReadRow, entry: WatchlistEntryRow, sought: str) -> Match | None:
    for text, confidence in read.alternatives:
        if fold(text) == sought and confidence >= ALTERNATIVE_SHARE * read.confidence:
            why = (
                f"The plate was read as {read.text} ({read.confidence:.0%}) or as {text} ({confidence:.0%}); "
                f"the second is the plate sought, {entry.plate}."
            )
            return Match(entry, "near", 1, why)
    return None


def _one_letter_unread(read: PlateReadRow, entry: WatchlistEntryRow, seen: str, sought: str) -> Match | None:
    """As much doubt as one letter off, and no more: with two unread, too many plates would fit."""
    fits = len(seen) == len(sought) and all(one in (UNREAD, other) for one, other in zip(seen, sought, strict=True))
    if not fits or seen.count(UNREAD) > 1:
        return None
    why = f"Of the plate read, {read.text}, one letter is not known; the others are those of the plate sought, {entry.plate}."
    return Match(entry, "near", 2, why)


def _one_letter_off(read: PlateReadRow, entry: WatchlistEntryRow, seen: str, sought: str) -> Match | None:
    if len(seen) < SHORTEST_NEAR or letters_apart(seen, sought) > 1:
        return None
    return Match(entry, "near", 2, f"The plate read, {read.text}, is one letter off the plate sought, {entry.plate}.")
