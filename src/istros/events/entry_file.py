"""What files of watchlist entries, of plates or of persons, have in common: CSV (RFC 4180) or JSON, out and in, line by line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from istros.base.said import say
from istros.base.spreadsheets import as_written, harmless
from istros.base.time import Time, from_iso, to_iso
from istros.events.errors import EntryRefused, ImportRefused
from istros.events.reasons import Reasons
from istros.store.persons import PersonEntryRow
from istros.store.rows import Category, Handling, Priority, WatchlistEntryRow

REASONS = (
    "purpose", "ground", "case", "priority", "category", "requester", "handling", "handling_note", "provenance",
    "cameras", "hours", "expires", "review",
)  # fmt: skip
"""Columns that say why: the same for both."""

TOLD = ("id", "owner", "created", "created_by", "closed", "closed_by", "close_reason", "renews")
"""Columns of an exported file that are passed over when it is read."""

MOST_LINES, MOST_BYTES = 1000, 1_000_000

PURPOSES = ("offence", "missing-person", "threat-to-life", "stolen-vehicle", "smuggling")


def as_table(names: Sequence[str], entries: Iterable[Mapping[str, object]]) -> str:
    """CSV with a heading; no field can be taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for facts in entries:
        writer.writerow([harmless(";".join(map(str, value)) if isinstance(value := facts[name], list) else str(value))
                         for name in names])  # fmt: skip
    return out.getvalue()


def as_list(entries: Iterable[Mapping[str, object]]) -> str:
    """JSON: a list of objects of the same names."""
    return json.dumps(list(entries), ensure_ascii=False, indent=1)


def records_of(format: str, text: str, columns: Sequence[str]) -> list[tuple[int, Mapping[str, object]]]:
    """(line, fields) of a file. Raises ImportRefused where the file as a whole cannot be read."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise ImportRefused(
            say("file-large", f"The file is larger than {MOST_BYTES // 1000} kB.", most=MOST_BYTES // 1000),
            "Divide it.",
        )
    records = _of_csv(text, columns) if format == "csv" else _of_json(text)
    if len(records) > MOST_LINES:
        raise ImportRefused(
            say("file-long", f"The file has more than {MOST_LINES} entries.", most=MOST_LINES), "Divide it."
        )
    return records


def digest_of(format: str, text: str) -> str:
    """Names a file, so that what is imported is what was previewed."""
    return hashlib.sha256(f"{format}\n{text}".encode("utf-8", "replace")).hexdigest()


def reason_facts(entry: WatchlistEntryRow | PersonEntryRow) -> dict[str, object]:
    """The common columns of an entry, as they are written."""
    return {
        "purpose": entry.purpose, "ground": entry.ground, "case": entry.case_ref, "priority": entry.priority,
        "category": entry.category, "requester": entry.requester, "handling": entry.handling,
        "handling_note": entry.handling_note, "provenance": entry.provenance, "cameras": list(entry.cameras),
        "hours": entry.hours, "expires": to_iso(entry.expires),
        "review": "" if entry.review is None else to_iso(entry.review), "id": entry.id, "owner": entry.owner,
        "created": to_iso(entry.created), "created_by": entry.created_by,
        "closed": "" if entry.closed is None else to_iso(entry.closed), "closed_by": entry.closed_by or "",
        "close_reason": entry.close_reason.text, "renews": entry.renews or "",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one line. Everything raises EntryRefused, with the name of the field and what is wrong."""

    facts: Mapping[str, object]

    def text(self, name: str) -> str:
        """A text; empty where there is none."""
        value = self.facts.get(name, "")
        if not isinstance(value, str):
            raise EntryRefused(f"The field '{name}' is no text.", "Write it in quotes.", name, "not-text")
        return value.strip()

    def word(self, name: str, words: Sequence[str]) -> str:
        """One of some words."""
        value = self.text(name)
        if value not in words:
            raise EntryRefused(
                f"'{value[:40]}' is no {name}.", f"It is one of {', '.join(words)}.", name, "unknown-word", words
            )
        return value

    def moment(self, name: str) -> Time:
        """A moment in ISO 8601."""
        text = self.text(name)
        try:
            return from_iso(text)
        except (ValueError, OverflowError) as error:
            raise EntryRefused(
                f"'{text[:40]}' is no moment.", "Write it like 2026-11-24T14:31:00+02:00.", name, "not-moment"
            ) from error

    def names(self, name: str) -> tuple[str, ...]:
        """Several ids: a list, or a text with semicolons."""
        value = self.facts.get(name, "")
        listed = value.split(";") if isinstance(value, str) else value if isinstance(value, list) else [None]
        if not all(isinstance(each, str) for each in listed):
            raise EntryRefused(f"The {name} are no list.", "Write them as IZ-01;IZ-02.", name, "not-text")
        return tuple(each.strip() for each in listed if each and each.strip())

    def reasons(self, owner: str) -> Reasons:
        """The common columns."""
        return Reasons(
            purpose=self.word("purpose", PURPOSES), ground=self.text("ground"), case_ref=self.text("case"), owner=owner,
            priority=self.word("priority", get_args(Priority)),  # type: ignore[arg-type]
            category=self.word("category", get_args(Category)),  # type: ignore[arg-type]
            requester=self.text("requester"), handling=self.word("handling", get_args(Handling)),  # type: ignore[arg-type]
            handling_note=self.text("handling_note"), provenance=self.text("provenance"),
            expires=self.moment("expires"), review=self.moment("review"), cameras=self.names("cameras"),
            hours=self.text("hours"),
        )  # fmt: skip


def require_whole(bad: int, lines: int) -> None:
    """Raise ImportRefused when everything was to be written and some lines have an error."""
    if bad:
        raise ImportRefused(
            say("file-lines-bad", f"{bad} of {lines} lines have an error; nothing was imported.", bad=bad, lines=lines),
            "Correct them, or import the good lines alone.",
        )


def _of_csv(text: str, columns: Sequence[str]) -> list[tuple[int, Mapping[str, object]]]:
    try:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        heading = [(name or "").strip() for name in reader.fieldnames or ()]
        missing = [name for name in columns if name not in heading]
        if missing:
            raise ImportRefused(
                say("file-no-column", f"The file has no column {', '.join(missing)}.", column=", ".join(missing)),
                f"Its first line names the columns: {','.join(columns)}.",
            )
        reader.fieldnames = heading
        return [(reader.line_num, {name: _plain(value) for name, value in row.items() if name}) for row in reader]
    except csv.Error as error:
        raise ImportRefused(
            say("file-no-csv", f"The file is no CSV: {error}."), "Save it as CSV with commas, in UTF-8."
        ) from error


def _plain(value: object) -> str:
    """A field without the apostrophe that keeps a spreadsheet from calculating it."""
    return as_written(value) if isinstance(value, str) else ""


def _of_json(text: str) -> list[tuple[int, Mapping[str, object]]]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(
            say("file-no-json", "The file is no JSON."), "It is a list of objects, one an entry."
        ) from error
    if not isinstance(loaded, list) or not all(isinstance(each, dict) for each in loaded):
        raise ImportRefused(
            say("file-no-list", "The file is no list of entries."), "It is a list of objects, one an entry."
        )
    return list(enumerate(loaded, 1))
