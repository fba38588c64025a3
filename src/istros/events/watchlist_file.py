"""Plate entries as a file: CSV (RFC 4180) or JSON, out and in, with an error for each line that cannot be taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import get_args

from istros.base.environment import Environment
from istros.base.time import Time
from istros.events.entry_file import REASONS, TOLD, Fields, as_list, as_table, reason_facts, records_of, require_whole
from istros.events.entry_file import digest_of as digest_of
from istros.events.errors import EntryRefused
from istros.events.plate_renewal import Searches
from istros.events.record import Author, record
from istros.events.watchlist import EntryRequest, check_request, open_entry, search_asked
from istros.store import Transaction
from istros.store.rows import Manner, WatchlistEntryRow

COLUMNS = ("plate", "manner", *REASONS)
"""What is read; a file that was exported has more, which is passed over."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file: what it asks for, or why it cannot be taken."""

    number: int
    plate: str
    asked: EntryRequest | None
    problem: EntryRefused | None = None


def as_csv(entries: Iterable[WatchlistEntryRow]) -> str:
    """The entries as CSV with a heading; no field can be taken for a formula."""
    return as_table((*COLUMNS, *TOLD), map(_facts, entries))


def as_json(entries: Iterable[WatchlistEntryRow]) -> str:
    """The entries as JSON: a list of objects of the same names."""
    return as_list(map(_facts, entries))


def lines_of(
    environment: Environment, format: str, text: str, owner: str, known_cameras: Collection[str]
) -> list[FileLine]:
    """Every line of a file, judged. Raises ImportRefused where the file as a whole cannot be read."""
    records = records_of(format, text, COLUMNS)
    return [_line(environment, number, facts, owner, known_cameras) for number, facts in records]


def judge_renewals(
    tx: Transaction, environment: Environment, author: Author, owner: str, lines: Iterable[FileLine]
) -> list[FileLine]:
    """The lines, with a problem where the author would go on alone with a search of the owner's, or of a line before."""
    now = environment.clock.now()
    searches = Searches.lately(tx, owner, now)
    return [_renewal_judged(line, searches, author, now) for line in lines]


def import_lines(
    tx: Transaction, environment: Environment, author: Author, lines: list[FileLine], digest: str, whole: bool
) -> dict[int, str]:
    """Write the entries, all of them or the good ones; the new ids by line. Raises ImportRefused when `whole` and one is bad."""
    bad = sum(line.asked is None for line in lines)
    if whole:
        require_whole(bad, len(lines))
    good = [(line.number, line.asked) for line in lines if line.asked]
    searches = Searches.lately(tx, good[0][1].reasons.owner, environment.clock.now()) if good else None
    written = {number: open_entry(tx, environment, author, asked, searches=searches).id for number, asked in good}
    detail = {"lines": len(lines), "written": len(written), "left_out": bad, "sha256": digest}
    record(tx, environment, author, "watchlist.import", "watchlist", detail)
    return written


def _renewal_judged(line: FileLine, searches: Searches, author: Author, now: Time) -> FileLine:
    if line.asked is None:
        return line
    search = search_asked(line.asked, author, now)
    try:
        searches.require_another(search)
    except EntryRefused as problem:
        return replace(line, asked=None, problem=problem)
    searches.add(search)
    return line


def _facts(entry: WatchlistEntryRow) -> dict[str, object]:
    return {"plate": entry.plate, "manner": entry.manner, **reason_facts(entry)}


def _line(
    environment: Environment, number: int, facts: Mapping[str, object], owner: str, known_cameras: Collection[str]
) -> FileLine:
    plate, fields = str(facts.get("plate") or "")[:40], Fields(facts)
    try:
        manner = fields.word("manner", get_args(Manner))
        asked = EntryRequest(fields.text("plate"), manner, fields.reasons(owner))  # type: ignore[arg-type]
        check_request(environment, asked, known_cameras)
    except EntryRefused as problem:
        return FileLine(number, plate, None, problem)
    return FileLine(number, plate, asked)
