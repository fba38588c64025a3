"""Opening and closing watchlist entries."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.time import DAY, Time
from istros.events.errors import EntryRefused, EntryStateConflict, EntryUnknown
from istros.events.record import Author
from istros.events.watchlist import EntryRequest, close_entry, open_entry
from istros.store import Database
from tests.events.city import START, HandClock

OFFICER = Author("officer", "10.0.0.5", "permit-1")
ASKED = EntryRequest(
    plate=" bh 1234  ak ", purpose="stolen-vehicle", ground="CPC Art. 40", case_ref="12026", owner="police",
    priority="high", near_allowed=True, expires=Time(START + 30 * DAY),
)  # fmt: skip


def test_an_entry_is_opened_and_recorded(database: Database, still: Environment) -> None:
    entry = database.write_now(lambda tx: open_entry(tx, still, OFFICER, ASKED))
    assert (entry.plate, entry.folded, entry.created_by, entry.created) == ("BH 1234 AK", "BH1234AK", "officer", START)
    assert database.read_now(lambda tx: tx.watchlist.open_ones(START)) == [entry]
    (row,) = database.read_now(lambda tx: tx.audit.about(entry.id))
    assert (row.action, row.actor, row.origin, row.permit_id) == ("watchlist.open", "officer", "10.0.0.5", "permit-1")
    assert json.loads(row.detail)["case"] == "12026"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plate": " - "}, "at least 3"),
        ({"plate": "A1"}, "at least 3"),
        ({"purpose": " "}, "no purpose"),
        ({"ground": ""}, "no ground"),
        ({"case_ref": "\t"}, "no case number"),
        ({"expires": START}, "expired already"),
        ({"expires": Time(START + 30 * DAY + 1)}, "30 days at most"),
    ],
)
def test_what_the_law_asks_is_asked(
    database: Database, still: Environment, change: dict[str, object], said: str
) -> None:
    with pytest.raises(EntryRefused, match=said):
        asked = replace(ASKED, **change)  # type: ignore[arg-type]
        database.write_now(lambda tx: open_entry(tx, still, OFFICER, asked))
    assert database.read_now(lambda tx: tx.watchlist.all(10)) == []


def test_closing_needs_a_reason_and_happens_once(database: Database, still: Environment, clock: HandClock) -> None:
    entry = database.write_now(lambda tx: open_entry(tx, still, OFFICER, ASKED))
    with pytest.raises(EntryRefused):
        database.write_now(lambda tx: close_entry(tx, still, OFFICER, entry.id, "  "))
    closed = database.write_now(lambda tx: close_entry(tx, still, OFFICER, entry.id, "Found in Reni"))
    assert (closed.closed, closed.closed_by, closed.close_reason) == (clock.time, "officer", "Found in Reni")
    with pytest.raises(EntryStateConflict):
        database.write_now(lambda tx: close_entry(tx, still, OFFICER, entry.id, "Found in Reni"))
    with pytest.raises(EntryUnknown):
        database.write_now(lambda tx: close_entry(tx, still, OFFICER, "none", "Found in Reni"))
    actions = [row.action for row in database.read_now(lambda tx: tx.audit.about(entry.id))]
    assert actions == ["watchlist.open", "watchlist.close"]
