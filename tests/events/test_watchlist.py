"""Opening, renewing and closing watchlist entries."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.said import Said
from istros.base.time import DAY, HOUR, Time
from istros.base.week_hours import in_week_hours
from istros.events.errors import EntryRefused, EntryStateConflict, EntryUnknown
from istros.events.matching import match_read
from istros.events.reasons import Reasons
from istros.events.record import Author
from istros.events.watchlist import EntryRequest, close_entry, open_entry
from istros.store import Database
from tests.events.city import START, HandClock, entry_of, read_of

OFFICER, SECOND = Author("officer", "10.0.0.5", "permit-1"), Author("leader", "10.0.0.6", "permit-2")
WHY = Reasons(
    purpose="stolen-vehicle", ground="CPC Art. 40", case_ref="12026", owner="police", priority="high",
    category="none", requester="Unit 3", handling="H0", provenance="Report of the owner",
    expires=Time(START + 30 * DAY), review=Time(START + 7 * DAY),
)  # fmt: skip
ASKED = EntryRequest(plate=" bh 1234  ak ", manner="near", reasons=WHY)


def asked(**change: object) -> EntryRequest:
    return replace(ASKED, reasons=replace(WHY, **change))  # type: ignore[arg-type]


def test_an_entry_is_opened_and_recorded(database: Database, still: Environment) -> None:
    entry = database.write_now(lambda tx: open_entry(tx, still, OFFICER, ASKED))
    assert (entry.plate, entry.folded, entry.created_by, entry.created) == ("BH 1234 AK", "BH1234AK", "officer", START)
    assert database.read_now(lambda tx: tx.watchlist.open_ones(START)) == [entry]
    (row,) = database.read_now(lambda tx: tx.audit.about(entry.id))
    assert (row.action, row.actor, row.origin, row.permit_id) == ("watchlist.open", "officer", "10.0.0.5", "permit-1")
    told = json.loads(row.detail)
    assert (told["case"], told["requester"], told["provenance"]) == ("12026", "Unit 3", "Report of the owner")


@pytest.mark.parametrize(
    ("change", "said", "field"),
    [
        ({"purpose": " "}, "no purpose", "purpose"),
        ({"ground": ""}, "no legal ground", "ground"),
        ({"case_ref": "\t"}, "no case number", "case"),
        ({"requester": ""}, "no requester", "requester"),
        ({"provenance": ""}, "no provenance", "provenance"),
        ({"handling": "H3"}, "H3", "handling_note"),
        ({"ground": "x" * 301}, "too long", "ground"),
        ({"requester": "Unit\x00"}, "control characters", "requester"),
        ({"expires": START}, "expired already", "expires"),
        ({"expires": Time(START + 30 * DAY + 1)}, "30 days at most", "expires"),
        ({"review": Time(START + 31 * DAY)}, "looked at again", "review"),
        ({"review": Time(START - 1)}, "looked at again", "review"),
        ({"cameras": ("XX-99",)}, "no camera XX-99", "cameras"),
        ({"hours": "7-19"}, "no hours", "hours"),
        ({"hours": "07:00-07:00"}, "no hours", "hours"),
        ({"renews": "other"}, "new decision", "renewal_reason"),
    ],
)
def test_what_the_law_asks_is_asked(
    database: Database, still: Environment, change: dict[str, object], said: str, field: str
) -> None:
    with pytest.raises(EntryRefused, match=said) as refused:
        database.write_now(lambda tx: open_entry(tx, still, OFFICER, asked(**change), {"IZ-07"}))
    assert refused.value.field == field
    assert database.read_now(lambda tx: tx.watchlist.all(10)) == []


@pytest.mark.parametrize(
    ("plate", "manner"),
    [(" - ", "near"), ("A1", "exact"), ("A1*", "pattern"), ("BH1234AK", "pattern"), ("BH??34AK", "exact"),
     ("BH123456789012345678901", "exact")],
)  # fmt: skip
def test_what_is_no_plate_is_refused(database: Database, still: Environment, plate: str, manner: str) -> None:
    request = EntryRequest(plate, manner, WHY)  # type: ignore[arg-type]
    with pytest.raises(EntryRefused):
        database.write_now(lambda tx: open_entry(tx, still, OFFICER, request))


def test_a_renewal_is_another_persons_new_decision(database: Database, still: Environment, clock: HandClock) -> None:
    old = database.write_now(lambda tx: open_entry(tx, still, OFFICER, ASKED))
    clock.time = Time(START + 29 * DAY)
    again = asked(
        expires=Time(START + 40 * DAY), review=Time(START + 35 * DAY), renews=old.id, renewal_reason="Still not found"
    )
    with pytest.raises(EntryRefused, match="alone"):
        database.write_now(lambda tx: open_entry(tx, still, OFFICER, again))
    with pytest.raises(EntryRefused, match="for the same plate"):
        database.write_now(lambda tx: open_entry(tx, still, SECOND, replace(again, plate="BH1235AK")))
    with pytest.raises(EntryUnknown):
        other = replace(again, reasons=replace(again.reasons, renews="none"))
        database.write_now(lambda tx: open_entry(tx, still, SECOND, other))
    new = database.write_now(lambda tx: open_entry(tx, still, SECOND, again))
    assert (new.renews, new.renewal_reason, new.created_by) == (old.id, "Still not found", "leader")
    assert database.read_now(lambda tx: tx.watchlist.open_ones(clock.time)) == [new]


def test_closing_needs_a_reason_and_happens_once(database: Database, still: Environment, clock: HandClock) -> None:
    entry = database.write_now(lambda tx: open_entry(tx, still, OFFICER, ASKED))
    with pytest.raises(EntryRefused):
        database.write_now(lambda tx: close_entry(tx, still, OFFICER, entry.id, "  "))
    closed = database.write_now(lambda tx: close_entry(tx, still, OFFICER, entry.id, "Found in Reni"))
    assert (closed.closed, closed.closed_by, closed.close_reason) == (clock.time, "officer", Said("Found in Reni"))
    with pytest.raises(EntryStateConflict):
        database.write_now(lambda tx: close_entry(tx, still, OFFICER, entry.id, "Found in Reni"))
    with pytest.raises(EntryUnknown):
        database.write_now(lambda tx: close_entry(tx, still, OFFICER, "none", "Found in Reni"))
    actions = [row.action for row in database.read_now(lambda tx: tx.audit.about(entry.id))]
    assert actions == ["watchlist.open", "watchlist.close"]


def test_hours_are_the_towns_and_may_go_over_midnight() -> None:
    noon = Time(1_795_608_000_000_000)  # 2026-11-25 14:00 by the town's clock
    assert in_week_hours("", noon)
    assert in_week_hours("07:00-19:00", noon)
    assert not in_week_hours("22:00-06:00", noon)
    assert in_week_hours("22:00-06:00", Time(noon + 9 * HOUR))
    assert not in_week_hours("07:00-14:00", noon)
    assert in_week_hours("14:00-15:00", noon)


def test_a_read_outside_an_entrys_cameras_or_hours_matches_nothing() -> None:
    read = read_of("BH1234AK", Time(1_795_608_000_000_000), read_id="r1", camera="IZ-07")
    entry = entry_of("BH1234AK", read.time, entry_id="e1")
    assert match_read(read, [entry])
    assert match_read(read, [replace(entry, cameras=("IZ-07",), hours="07:00-19:00")])
    assert not match_read(read, [replace(entry, cameras=("TL-01",))])
    assert not match_read(read, [replace(entry, hours="22:00-06:00")])
