"""Plate entries as a file: CSV (RFC 4180) or JSON, out and in, with an error for each line that cannot be taken."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from istros.base.environment import Environment
from istros.base.time import Time, from_iso, to_iso
from istros.events.errors import EntryRefused, ImportRefused
from istros.events.reasons import Reasons
from istros.events.record import Author, record
from istros.events.watchlist import EntryRequest, check_request, open_entry
from istros.store import Transaction
from istros.store.rows import Category, Handling, Manner, Priority, WatchlistEntryRow

COLUMNS = (
    "plate", "manner", "purpose", "ground", "case", "priority", "category", "requester", "handling", "handling_note",
    "provenance", "cameras", "hours", "expires", "review",
)  # fmt: skip
"""What is read; a file that was exported has more, which is passed over."""

TOLD = ("id", "owner", "created", "created_by", "closed", "closed_by", "close_reason", "renews")

MOST_LINES, MOST_BYTES = 1000, 1_000_000

PURPOSES = ("offence", "missing-person", "threat-to-life", "stolen-vehicle", "smuggling")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a field that begins so for a formula (OWASP, CSV injection); an apostrophe before it is text."""

_WORDS: dict[str, tuple[str, ...]] = {
    "manner": get_args(Manner), "purpose": PURPOSES, "priority": get_args(Priority), "category": get_args(Category),
    "handling": get_args(Handling),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file: what it asks for, or why it cannot be taken."""

    number: int
    plate: str
    asked: EntryRequest | None
    problem: EntryRefused | None = None


def as_csv(entries: Iterable[WatchlistEntryRow]) -> str:
    """The entries as CSV with a heading; no field can be taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = (*COLUMNS, *TOLD)
    writer.writerow(names)
    for entry in entries:
        facts = _facts(entry)
        writer.writerow([_harmless(";".join(map(str, value)) if isinstance(value := facts[name], list) else str(value))
                         for name in names])  # fmt: skip
    return out.getvalue()


def as_json(entries: Iterable[WatchlistEntryRow]) -> str:
    """The entries as JSON: a list of objects of the same names."""
    return json.dumps([_facts(entry) for entry in entries], ensure_ascii=False, indent=1)


def lines_of(
    environment: Environment, format: str, text: str, owner: str, known_cameras: Collection[str]
) -> list[FileLine]:
    """Every line of a file, judged. Raises ImportRefused where the file as a whole cannot be read."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise ImportRefused(f"The file is larger than {MOST_BYTES // 1000} kB.", "Divide it.")
    records = _of_csv(text) if format == "csv" else _of_json(text)
    if len(records) > MOST_LINES:
        raise ImportRefused(f"The file has more than {MOST_LINES} entries.", "Divide it.")
    return [_line(environment, number, facts, owner, known_cameras) for number, facts in records]


def digest_of(format: str, text: str) -> str:
    """Names a file, so that what is imported is what was previewed."""
    return hashlib.sha256(f"{format}\n{text}".encode("utf-8", "replace")).hexdigest()


def import_lines(
    tx: Transaction, environment: Environment, author: Author, lines: list[FileLine], digest: str, whole: bool
) -> dict[int, str]:
    """Write the entries, all of them or the good ones; the new ids by line. Raises ImportRefused when `whole` and one is bad."""
    bad = [line for line in lines if line.asked is None]
    if bad and whole:
        raise ImportRefused(
            f"{len(bad)} of {len(lines)} lines have an error; nothing was imported.",
            "Correct them, or import the good lines alone.",
        )
    written = {line.number: open_entry(tx, environment, author, line.asked).id for line in lines if line.asked}
    detail = {"lines": len(lines), "written": len(written), "left_out": len(bad), "sha256": digest}
    record(tx, environment, author, "watchlist.import", "watchlist", detail)
    return written


def _facts(entry: WatchlistEntryRow) -> dict[str, object]:
    return {
        "plate": entry.plate, "manner": entry.manner, "purpose": entry.purpose, "ground": entry.ground,
        "case": entry.case_ref, "priority": entry.priority, "category": entry.category, "requester": entry.requester,
        "handling": entry.handling, "handling_note": entry.handling_note, "provenance": entry.provenance,
        "cameras": list(entry.cameras), "hours": entry.hours, "expires": to_iso(entry.expires),
        "review": "" if entry.review is None else to_iso(entry.review), "id": entry.id, "owner": entry.owner,
        "created": to_iso(entry.created), "created_by": entry.created_by,
        "closed": "" if entry.closed is None else to_iso(entry.closed), "closed_by": entry.closed_by or "",
        "close_reason": entry.close_reason, "renews": entry.renews or "",
    }  # fmt: skip


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) or text.startswith("'") else text


def _of_csv(text: str) -> list[tuple[int, Mapping[str, object]]]:
    try:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        heading = [(name or "").strip() for name in reader.fieldnames or ()]
        missing = [name for name in COLUMNS if name not in heading]
        if missing:
            raise ImportRefused(
                f"The file has no column '{missing[0]}'.", f"Its first line names the columns: {','.join(COLUMNS)}."
            )
        reader.fieldnames = heading
        return [(reader.line_num, {name: _plain(value) for name, value in row.items() if name}) for row in reader]
    except csv.Error as error:
        raise ImportRefused(f"The file is no CSV: {error}.", "Save it as CSV with commas, in UTF-8.") from error


def _plain(value: object) -> str:
    """A field without the apostrophe that keeps a spreadsheet from calculating it."""
    text = value if isinstance(value, str) else ""
    return text[1:] if text.startswith("'") else text


def _of_json(text: str) -> list[tuple[int, Mapping[str, object]]]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportRefused("The file is no JSON.", "It is a list of objects, one an entry.") from error
    if not isinstance(loaded, list) or not all(isinstance(each, dict) for each in loaded):
        raise ImportRefused("The file is no list of entries.", "It is a list of objects, one an entry.")
    return list(enumerate(loaded, 1))


def _line(
    environment: Environment, number: int, facts: Mapping[str, object], owner: str, known_cameras: Collection[str]
) -> FileLine:
    plate = str(facts.get("plate") or "")[:40]
    try:
        asked = _request(facts, owner)
        check_request(environment, asked, known_cameras)
    except EntryRefused as problem:
        return FileLine(number, plate, None, problem)
    return FileLine(number, plate, asked)


def _request(facts: Mapping[str, object], owner: str) -> EntryRequest:
    def text(name: str) -> str:
        value = facts.get(name, "")
        if not isinstance(value, str):
            raise EntryRefused(f"The field '{name}' is no text.", "Write it in quotes.", name, "not-text")
        return value.strip()

    def word(name: str) -> str:
        value = text(name)
        if value not in _WORDS[name]:
            raise EntryRefused(
                f"'{value[:40]}' is no {name}.", f"It is one of {', '.join(_WORDS[name])}.", name, "unknown-word"
            )
        return value

    cameras = facts.get("cameras", "")
    listed = cameras.split(";") if isinstance(cameras, str) else cameras if isinstance(cameras, list) else [None]
    if not all(isinstance(each, str) for each in listed):
        raise EntryRefused("The cameras are no list.", "Write them as IZ-01;IZ-02.", "cameras", "not-text")
    reasons = Reasons(
        purpose=word("purpose"), ground=text("ground"), case_ref=text("case"), owner=owner,
        priority=word("priority"), category=word("category"), requester=text("requester"),  # type: ignore[arg-type]
        handling=word("handling"), handling_note=text("handling_note"), provenance=text("provenance"),  # type: ignore[arg-type]
        expires=_moment(text("expires"), "expires"), review=_moment(text("review"), "review"),
        cameras=tuple(each.strip() for each in listed if each and each.strip()), hours=text("hours"),
    )  # fmt: skip
    return EntryRequest(text("plate"), word("manner"), reasons)  # type: ignore[arg-type]


def _moment(text: str, name: str) -> Time:
    try:
        return from_iso(text)
    except (ValueError, OverflowError) as error:
        raise EntryRefused(
            f"'{text[:40]}' is no moment.", "Write it like 2026-11-24T14:31:00+02:00.", name, "not-moment"
        ) from error
