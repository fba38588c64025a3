"""A plate read against the plates that are sought; pure, so that every rule can be tested alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Levenshtein

from istros.base.plate_text import UNREAD, fold, fold_read
from istros.base.said import Said, say
from istros.events.reasons import in_scope
from istros.store.rows import PlateReadRow, WatchlistEntryRow

SHORTEST_NEAR = 5
"""Folded texts shorter than this match exactly or not at all: one letter of four is too much doubt."""

ALTERNATIVE_SHARE = 0.25
"""A second reading counts when its confidence is at least this share of the best one's."""

MatchKind = Literal["exact", "near", "pattern"]


@dataclass(frozen=True, slots=True)
class Match:
    """A read that fits an entry. `rank` orders matches of one read, best first at 0; `why` is for people."""

    entry: WatchlistEntryRow
    kind: MatchKind
    rank: int
    why: Said


def match_read(read: PlateReadRow, entries: Iterable[WatchlistEntryRow]) -> list[Match]:
    """Every entry that the read fits and whose scope of cameras and hours it lies in, best first.

    Where one entry fits exactly, near ones are left out: the plate is then known to be another. A pattern seeks more
    than one plate, and stays.
    """
    here = [entry for entry in entries if in_scope(entry.cameras, entry.hours, read.camera_id, read.time)]
    matches = [match for entry in here if (match := match_entry(read, entry)) is not None]
    if any(match.kind == "exact" for match in matches):
        matches = [match for match in matches if match.kind != "near"]
    return sorted(matches, key=lambda match: (match.rank, match.entry.created, match.entry.id))


def match_entry(read: PlateReadRow, entry: WatchlistEntryRow) -> Match | None:
    """How the read fits one entry, or None. What a person wrote of the picture is not taken for another plate."""
    sought, seen = entry.folded, fold_read(read.text)
    if entry.manner == "pattern":
        return _pattern(read, entry, seen)
    if not sought or not seen:
        return None
    if seen == sought:
        why = f"The plate read, {read.text}, is the plate sought, {entry.plate}."
        return Match(entry, "exact", 0, say("plate-same", why, read=read.text, sought=entry.plate))
    if entry.manner != "near" or len(sought) < SHORTEST_NEAR or read.corrected is not None:
        return None
    if UNREAD in seen:
        return _one_letter_unread(read, entry, seen, sought)
    return _other_reading(read, entry, sought) or _one_letter_off(read, entry, seen, sought)


def letters_apart(one: str, other: str) -> int:
    """Letters to change, add or leave out to make one folded text the other (Levenshtein 1966); 2 means 2 or more."""
    return Levenshtein.distance(one, other, score_cutoff=1)


def fits_pattern(pattern: str, seen: str) -> bool:
    """Whether a folded read fits a folded pattern; one character that was not read may be whatever is sought."""
    return seen.count(UNREAD) <= 1 and _compiled(pattern).fullmatch(seen) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    # No two stars stand together (`fold_pattern`) and a plate is short: no text makes this slow.
    signs = {"?": ".", "*": ".*"}
    return re.compile("".join(signs.get(letter) or f"[{re.escape(letter)}{UNREAD}]" for letter in pattern))


def _pattern(read: PlateReadRow, entry: WatchlistEntryRow, seen: str) -> Match | None:
    if not fits_pattern(entry.folded, seen):
        return None
    why = f"The plate read, {read.text}, fits the pattern sought, {entry.plate}."
    return Match(entry, "pattern", 3, say("plate-pattern", why, read=read.text, sought=entry.plate))


def _other_reading(read: PlateReadRow, entry: WatchlistEntryRow, sought: str) -> Match | None:
    for text, confidence in read.alternatives:
        if fold(text) == sought and confidence >= ALTERNATIVE_SHARE * read.confidence:
            why = (
                f"The plate was read as {read.text} ({read.confidence:.0%}) or as {text} ({confidence:.0%}); "
                f"the second is the plate sought, {entry.plate}."
            )
            percent, others = round(100 * read.confidence), round(100 * confidence)
            said = say(
                "plate-other-reading",
                why,
                read=read.text,
                percent=percent,
                other=text,
                others=others,
                sought=entry.plate,
            )
            return Match(entry, "near", 1, said)
    return None


def _one_letter_unread(read: PlateReadRow, entry: WatchlistEntryRow, seen: str, sought: str) -> Match | None:
    """As much doubt as one letter off, and no more: with two unread, too many plates would fit."""
    fits = len(seen) == len(sought) and all(one in (UNREAD, other) for one, other in zip(seen, sought, strict=True))
    if not fits or seen.count(UNREAD) > 1:
        return None
    why = f"Of the plate read, {read.text}, one letter is not known; the others are those of the plate sought, {entry.plate}."
    return Match(entry, "near", 2, say("plate-letter-unread", why, read=read.text, sought=entry.plate))


def _one_letter_off(read: PlateReadRow, entry: WatchlistEntryRow, seen: str, sought: str) -> Match | None:
    if len(seen) < SHORTEST_NEAR or letters_apart(seen, sought) > 1:
        return None
    why = f"The plate read, {read.text}, is one letter off the plate sought, {entry.plate}."
    return Match(entry, "near", 2, say("plate-letter-off", why, read=read.text, sought=entry.plate))
