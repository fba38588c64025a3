"""Nobody goes on alone with the search for a plate, by whatever way the new entry comes (rules L9, L10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.time import DAY, Time
from istros.events.errors import EntryRefused
from istros.events.plate_renewal import LATELY, LONGEST
from istros.events.record import Author
from istros.events.watchlist import EntryRequest, close_entry, open_entry
from istros.events.watchlist_file import import_lines, judge_renewals, lines_of
from istros.store import Database
from istros.store.rows import WatchlistEntryRow
from tests.events.city import START, HandClock
from tests.events.test_watchlist import ASKED, OFFICER, SECOND, WHY
from tests.events.test_watchlist_file import CAMERAS, GOOD, csv_of


class Desk:
    """Enters plates on given days."""

    def __init__(self, database: Database, environment: Environment, clock: HandClock) -> None:
        self._database, self._environment, self._clock = database, environment, clock

    def on(self, day: float) -> Time:
        """Make it that day."""
        self._clock.time = Time(START + round(day * DAY))
        return self._clock.time

    def enter(self, day: float, author: Author = OFFICER, days: float = 10, **asked: object) -> WatchlistEntryRow:
        """An entry on that day, for so many."""
        now = self.on(day)
        why = replace(WHY, expires=Time(now + round(days * DAY)), review=now, **asked.pop("why", {}))  # type: ignore[arg-type]
        request: EntryRequest = replace(ASKED, reasons=why, **asked)  # type: ignore[arg-type]
        return self._database.write_now(lambda tx: open_entry(tx, self._environment, author, request))

    def close(self, day: float, entry: WatchlistEntryRow, *, wrong: bool) -> None:
        """Close it on that day."""
        self.on(day)
        self._database.write_now(
            lambda tx: close_entry(tx, self._environment, OFFICER, entry.id, "a reason", wrong=wrong)
        )


@pytest.fixture
def desk(database: Database, still: Environment, clock: HandClock) -> Desk:
    return Desk(database, still, clock)


@pytest.mark.parametrize("day", [0, 9, 10, 39.9], ids=["at once", "while it runs", "when it ended", "a month later"])
def test_a_fresh_entry_of_the_same_plate_is_a_renewal(desk: Desk, database: Database, day: float) -> None:
    old = desk.enter(0)
    with pytest.raises(EntryRefused, match=r"BH 1234 AK sought yourself, by your entry from .* to .*") as refused:
        desk.enter(
            day, plate="ВН-1234-АК", manner="exact", days=10.1
        )  # Cyrillic letters, another manner: the same plate
    assert (refused.value.field, refused.value.what, refused.value.said.code) == ("plate", "goes-on", "entry-goes-on")
    assert "ask one of your organisation to renew that entry" in refused.value.remedy
    assert database.read_now(lambda tx: tx.watchlist.all(9)) == [old], "nothing was written"
    assert desk.enter(day, SECOND).created_by == SECOND.actor


def test_more_is_sought_for_no_longer_by_the_same_person(desk: Desk) -> None:
    desk.enter(0)
    with pytest.raises(EntryRefused, match="sought yourself"):
        desk.enter(3, plate="BH12?4AK", manner="pattern", days=7.1)
    wider = desk.enter(3, plate="BH12?4AK", manner="pattern", days=7)
    assert wider.created_by == OFFICER.actor, "a witness was not sure of one sign"


def test_after_as_long_as_an_entry_may_run_it_is_a_new_search(desk: Desk) -> None:
    desk.enter(0, days=10)
    assert desk.enter(10 + LATELY / DAY).created_by == OFFICER.actor


def test_ending_an_entry_oneself_makes_no_room_for_the_next(desk: Desk) -> None:
    entry = desk.enter(0, days=30)
    desk.close(29, entry, wrong=False)
    with pytest.raises(EntryRefused, match="sought yourself"):
        desk.enter(30)


def test_another_plate_another_organisation_and_another_person_are_free(desk: Desk) -> None:
    desk.enter(0)
    desk.enter(1, plate="BH1235AK")
    desk.enter(1, why={"owner": "town hall"})
    second = desk.enter(5, SECOND)
    assert desk.enter(12).created_by == OFFICER.actor, "the other person's was the last, and this one goes on with it"
    with pytest.raises(EntryRefused, match="sought yourself"):
        desk.enter(13, why={"renews": second.id, "renewal_reason": "Still sought"})


def test_a_pattern_counts_as_itself_and_as_what_it_covers(desk: Desk) -> None:
    desk.enter(0, plate="BH 12?4 AK", manner="pattern")
    for wider in ("ВН12?4АК", "BH12*AK"):
        with pytest.raises(EntryRefused, match="sought yourself"):
            desk.enter(1, plate=wider, manner="pattern")
    desk.enter(1, plate="BH12?5AK", manner="pattern")
    narrower = desk.enter(2, plate="BH1234AK", manner="exact")
    assert narrower.folded == "BH1234AK", "what is known better is sought more narrowly"
    with pytest.raises(EntryRefused, match="sought yourself"):
        desk.enter(3, plate="BH123?AK", manner="pattern")


def test_what_was_never_right_is_entered_anew_but_its_time_counts(desk: Desk, database: Database) -> None:
    first = desk.enter(0, days=30)
    desk.close(20, first, wrong=True)
    closed = database.read_now(lambda tx: tx.watchlist.get(first.id))
    assert closed is not None and closed.close_reason.code == "entry-wrong"
    with pytest.raises(EntryRefused, match="was closed as wrong; what you enter in its place ends by") as refused:
        desk.enter(20, days=LONGEST / DAY - 19.9)
    assert (refused.value.field, refused.value.said.code) == ("expires", "entry-goes-on-long")
    second = desk.enter(20, days=10)
    desk.close(29, second, wrong=True)
    with pytest.raises(EntryRefused, match="closed as wrong"):
        desk.enter(29, days=1.1)
    desk.enter(29, SECOND, days=30)
    assert desk.enter(30, days=30), "since then another person has decided"


def test_once_its_time_is_used_up_even_a_mistake_is_another_persons(desk: Desk) -> None:
    desk.close(29, desk.enter(0, days=30), wrong=True)
    with pytest.raises(EntryRefused, match="sought yourself"):
        desk.enter(30)


def test_a_file_is_held_to_it_line_by_line(desk: Desk, database: Database, still: Environment) -> None:
    desk.enter(0)
    desk.on(0)
    text = csv_of(GOOD, GOOD | {"plate": "BH2234AK"}, GOOD | {"plate": "BH 2234-AK"})
    lines = lines_of(still, "csv", text, "police", CAMERAS)
    assert all(line.asked for line in lines)
    judged = database.read_now(lambda tx: judge_renewals(tx, still, OFFICER, "police", lines))
    assert [line.problem and line.problem.told.code for line in judged] == ["entry-goes-on", None, "entry-goes-on"]
    database.write_now(lambda tx: import_lines(tx, still, OFFICER, judged, "d", whole=False))
    with pytest.raises(EntryRefused, match="sought yourself"):
        database.write_now(lambda tx: import_lines(tx, still, OFFICER, lines, "d", whole=False))
    others = database.read_now(lambda tx: judge_renewals(tx, still, SECOND, "police", lines))
    assert [line.problem is None for line in others] == [True, True, False]
