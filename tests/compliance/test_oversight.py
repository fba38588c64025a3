"""The index of accesses, unusual looking, false alarms, retention, and the month's report: counted right and held back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.local_time import local_moment, to_local
from istros.base.time import DAY, HOUR, MINUTE, Span, Time, to_datetime
from istros.compliance import audit, oversight
from istros.compliance.access_index import catch_up_now, check_page
from istros.compliance.camera_owners import record_owners
from istros.compliance.divided import Share
from istros.compliance.oversight import FindingUnknown, KeepingLimits, OversightRefused, last_months, month_span
from istros.compliance.period import accesses, period_of
from istros.compliance.unusual import Unusual, UnusualKind, unusual
from istros.store import Database
from istros.store.accesses import AccessQuery
from istros.store.database import connection_of
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import AlarmState, OperatorRow, PermitRow, WatchlistEntryRow
from tests.compliance.conftest import HandClock
from tests.store.rows_made import alarm

NOON = local_moment(
    to_local(Time(1_795_000_000_000_000)).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
)


OWNERS = {"IZ-07": "izmail", "TL-01": "tulcea"}
"""Whose each camera is."""


class Town:
    """A log that grows by hand."""

    def __init__(self, database: Database, environment: Environment, clock: HandClock) -> None:
        self.database = database
        self.environment = environment
        self.clock = clock
        permit = PermitRow(
            "p1", "P-2026-0001", "vasyl", "police", "offence", "art. 93", "C-1", False, NOON, Time(NOON + DAY)
        )
        database.write_now(lambda tx: tx.permits.add(permit))

    def at(self, time: int) -> None:
        self.clock.seconds = time / 1_000_000 - 1_795_000_000

    def act(self, actor: str, action: str, subject: str = "plates", result: str = "done", **detail: object) -> None:
        self.database.write_now(
            lambda tx: audit.append(
                tx, self.environment, actor=actor, origin="10.0.0.7", action=action, subject=subject,
                permit="p1" if action == "plates.search" else None, result=result, detail=detail,
            )
        )  # fmt: skip

    def search(
        self, time: int, plate: str = "BH*", actor: str = "vasyl", cameras: tuple[str, ...] = ("IZ-07",)
    ) -> None:
        self.at(time)
        self.act(actor, "plates.search", text=plate, cameras=list(cameras))

    def unusual(self, since: int, until: int) -> list[Unusual]:
        catch_up_now(self.database, OWNERS)
        return self.database.read_now(lambda tx: unusual(tx, Span(Time(since), Time(until))))


@pytest.fixture
def log(database: Database, town: Environment, clock: HandClock) -> Iterator[Town]:
    yield Town(database, town, clock)


def test_accesses_are_counted_by_person_place_and_purpose(log: Town) -> None:
    log.search(NOON)
    log.search(NOON + MINUTE, cameras=("IZ-07", "TL-01"))
    log.search(NOON + 2 * MINUTE, cameras=())
    log.act("olena", "live.view", "IZ-07/main", step="begin")
    log.act("olena", "live.view", "IZ-07/main", step="end")
    log.act("olena", "playback.view", "019bd2a0-6f3c-7c41-8d11-0123456789ab", camera="TL-01")
    log.act("olena", "plates.search", result="refused", why="the role does not allow it")
    log.act("istros", "alarm.raise", "a1")
    assert catch_up_now(log.database, OWNERS) == 8
    span = Span(Time(NOON), Time(NOON + HOUR))
    people, places, purposes = log.database.read_now(
        lambda tx: (tx.accesses.by_person(span), tx.accesses.by_camera(span), tx.accesses.by_purpose(span))
    )
    assert [(each.name, each.action, each.count, each.refused) for each in people] == [
        ("olena", "live.view", 1, 0), ("olena", "plates.search", 1, 1), ("olena", "playback.view", 1, 0),
        ("vasyl", "plates.search", 3, 0),
    ]  # fmt: skip
    assert [(each.name, each.action, each.count) for each in places] == [
        ("*", "plates.search", 1), ("IZ-07", "live.view", 1), ("IZ-07", "plates.search", 2),
        ("TL-01", "plates.search", 1), ("TL-01", "playback.view", 1),
    ]  # fmt: skip
    assert [(each.name, each.action, each.count) for each in purposes if each.name] == [("offence", "plates.search", 4)]

    def numbers(**about: str) -> list[int]:
        query = AccessQuery(span, **about)
        return [row.sequence for row in log.database.read_now(lambda tx: tx.accesses.rows(query))]

    assert numbers(camera_id="TL-01") == [6, 2]
    assert numbers(actor="olena", action="live.view") == [4]
    assert numbers(purpose="offence") == [7, 3, 2, 1]
    assert numbers(purpose="none") == [6, 4]
    assert numbers(camera_id="*") == [3]
    later = Span(Time(NOON + HOUR), Time(NOON + 2 * HOUR))
    assert log.database.read_now(lambda tx: tx.accesses.rows(AccessQuery(later))) == []


def test_the_index_goes_on_where_it_stopped_and_a_row_that_was_taken_out_of_it_is_found(log: Town) -> None:
    for number in range(1203):
        log.search(NOON + number)
    assert (catch_up_now(log.database, OWNERS), catch_up_now(log.database, OWNERS)) == (1203, 1203)
    span = Span(Time(NOON), Time(NOON + HOUR))
    assert log.database.read_now(lambda tx: tx.accesses.by_person(span))[0].count == 1203

    def walk() -> int | None:
        after: int | None = 0
        while after is not None:
            place = after
            after, wrong = log.database.read_now(lambda tx, place=place: check_page(tx, place))  # type: ignore[misc]
            if wrong is not None:
                return wrong
        return None

    assert walk() is None
    with connection_of(log.database) as connection:
        connection.exec_driver_sql("DELETE FROM access_fact WHERE sequence = 700")
    assert walk() == 700
    log.database.write_now(lambda tx: tx.accesses.clear())
    assert catch_up_now(log.database, OWNERS) == 1203
    assert walk() is None


def kinds(found: list[Unusual]) -> list[tuple[str, str]]:
    return [(str(each.kind), each.actor) for each in found]


def test_many_searches_against_the_person_s_own_usual(log: Town) -> None:
    for day in range(1, 8):
        for number in range(6):
            log.search(NOON - day * DAY + number * MINUTE)
            log.search(NOON - day * DAY + number * MINUTE, actor="ion")
    for number in range(20):
        log.search(NOON + number * MINUTE)
    for number in range(12):
        log.search(NOON + number * MINUTE, actor="ion")
    found = log.unusual(NOON, NOON + DAY)
    assert kinds(found) == [("many-searches", "vasyl")]
    assert found[0].facts == {"count": 20, "usual": 6.0}


def test_nights_of_somebody_who_works_by_day(log: Town) -> None:
    night = NOON + 14 * HOUR
    for day in range(1, 5):
        log.search(night - day * DAY, actor="night-worker")
    log.search(night, actor="night-worker")
    log.search(night)
    log.search(night + HOUR)
    found = [each for each in log.unusual(NOON, NOON + DAY) if each.kind is UnusualKind.NIGHT]
    assert kinds(found) == [("night", "vasyl")]
    assert found[0].facts == {"count": 2, "nights": 0}


def test_looks_outside_the_usual_hours(log: Town) -> None:
    for day in range(1, 8):
        log.search(NOON - day * DAY)
    log.search(NOON + HOUR)
    log.search(NOON + 7 * HOUR)
    found = log.unusual(NOON, NOON + DAY)
    assert kinds(found) == [("off-hours", "vasyl")]
    assert found[0].facts == {"count": 1, "hour": 19}


def test_plates(log: Town) -> None:
    sought = WatchlistEntryRow(
        "w1", "BH1111AA", "BH1111AA", "offence", "art. 93", "C-1", "police", "high", "exact", Time(NOON - DAY), "vasyl",
        Time(NOON + DAY),
    )  # fmt: skip
    log.database.write_now(lambda tx: tx.watchlist.add(sought))
    watched = log.database.write_now(
        lambda tx: oversight.watch_over(tx, log.environment, "ВН 7777 КК", "my neighbour", by="oana", origin="10.0.0.9")
    )
    assert watched.folded == "BH7777KK"
    for number in range(6):
        log.search(NOON + number * MINUTE, "BH1111AA")
    for number in range(4):
        log.search(NOON + (10 + number) * MINUTE, f"BH222{number}AA", actor="ion")
    log.search(NOON + 20 * MINUTE, "bh7777kk", actor="ion")
    log.search(NOON + 21 * MINUTE, "BH7777*", actor="maria")
    found = log.unusual(NOON, NOON + HOUR)
    assert sorted(kinds(found)) == [("same-plate", "vasyl"), ("unlisted-plates", "ion"), ("watched-plate", "ion")]
    by = {each.kind: each for each in found}
    assert (by[UnusualKind.SAME_PLATE].plate, by[UnusualKind.SAME_PLATE].facts) == ("BH1111AA", {"count": 6})
    assert by[UnusualKind.WATCHED_PLATE].facts == {"count": 1, "why": "my neighbour"}
    assert by[UnusualKind.UNLISTED].facts == {"count": 5}
    span = Span(Time(NOON), Time(NOON + HOUR))
    mine = by[UnusualKind.WATCHED_PLATE].id
    noted = log.database.write_now(
        lambda tx: oversight.mark_looked(
            tx, log.environment, mine, span, "It was his own accident.", by="oana", origin="10.0.0.9"
        )
    )
    assert noted.looked is not None
    again = {each.id: each for each in log.unusual(NOON, NOON + HOUR)}
    assert again[mine].looked == noted.looked
    row = log.database.read_now(lambda tx: tx.audit.head())
    assert row is not None and (row.action, row.actor) == ("oversight.look", "oana")
    assert json.loads(row.detail)["note"] == "It was his own accident."
    for wrong, problem in (("nothing", FindingUnknown), (mine, OversightRefused)):
        with pytest.raises(problem):
            log.database.write_now(
                lambda tx, wrong=wrong: oversight.mark_looked(
                    tx, log.environment, wrong, span, " " if wrong == mine else "x", by="oana", origin="o"
                )
            )
    log.database.write_now(
        lambda tx: oversight.stop_watching(tx, log.environment, watched.id, by="oana", origin="10.0.0.9")
    )
    assert log.database.read_now(lambda tx: tx.accesses.watched()) == []


def test_months_are_those_of_the_town_hall_s_clock() -> None:
    assert [str(to_datetime(moment)) for moment in (month_span("2026-11").start, month_span("2026-11").end)] == [
        "2026-10-31 22:00:00+00:00", "2026-11-30 22:00:00+00:00",
    ]  # fmt: skip
    assert str(to_datetime(month_span("2026-07").start)) == "2026-06-30 21:00:00+00:00"
    assert month_span("2026-12").end == month_span("2027-01").start
    assert last_months(NOON, 3) == ["2026-09", "2026-10", "2026-11"]


def test_false_alarms_and_retention(log: Town) -> None:
    for number, verdict in enumerate(["true", "false", "false", "test", None]):
        closed = replace(
            alarm(number), id=f"a{number}", dedupe_key="", state=AlarmState.CLOSED, closed=NOON, verdict=verdict
        )
        log.database.write_now(lambda tx, closed=closed: tx.alarms.add(closed))
    rates = log.database.read_now(lambda tx: oversight.false_rates(tx, ["2026-10", "2026-11"]))
    assert [(each.month, each.confirmed, each.false, each.other, each.rate) for each in rates] == [
        ("2026-11", 1, 2, 2, pytest.approx(2 / 3))
    ]
    log.search(NOON)
    limits = KeepingLimits([("IZ-07", "main", 14.0)], 30.0)
    kept = log.database.read_now(lambda tx: oversight.retention(tx, limits, Time(NOON + 3 * DAY)))
    assert [(each.kind, each.age_days, each.limit_days, each.is_late) for each in kept] == [
        ("alarms", 3.0, None, False), ("audit", 3.0, 730.0, False),
    ]  # fmt: skip


def test_the_public_edition_holds_small_counts_back(log: Town) -> None:
    for number in range(4):
        log.search(NOON + number * MINUTE)
    for number in range(7):
        log.at(NOON + number)
        log.act("olena", "live.view", "IZ-07/main", step="begin")
    upto = catch_up_now(log.database, OWNERS)
    limits = KeepingLimits([], 30.0)
    whole, public = (
        log.database.read_now(lambda tx, e=edition: period_of(tx, "2026-11", e, limits, NOON, upto))  # type: ignore[misc]
        for edition in ("authority", "public")
    )
    assert {line.name: line.count for line in whole.people} == {"olena": 7, "vasyl": 4}
    assert {line.name: line.count for line in whole.acts} == {"live.view": 7, "plates.search": 4}
    assert (public.people, public.places, public.kept) == ((), (), ())
    assert {line.name: line.count for line in public.acts} == {"live.view": 7, "plates.search": None}
    assert {line.name: line.count for line in public.permits} == {"offence": None}


def test_a_share_holds_what_its_people_did_and_who_looked_at_its_cameras_and_a_row_taken_out_is_found(
    log: Town,
) -> None:
    for name, whose in (("vasyl", "izmail"), ("olena", "tulcea")):
        log.database.write_now(
            lambda tx, name=name, whose=whose: tx.operators.add(
                OperatorRow(f"o-{name}", name, name, whose, "operator", "")
            )
        )
    log.search(NOON)  # 1: Izmail's person on Izmail's camera
    log.search(NOON + 1, cameras=("TL-01",))  # 2: on Tulcea's
    log.search(NOON + 2, cameras=())  # 3: on all cameras
    log.search(NOON + 3, actor="olena")  # 4
    log.act("vasyl", "releases.grant", subject="r-theirs")  # 5: about a release that Tulcea asked for
    log.act("istros", "cameras.scale", subject="TL-01")  # 6: the node's own act on Tulcea's camera
    log.act("istros", "heads.sign", subject="audit")  # 7: nobody's
    asked = ReleaseRow("r-theirs", Matter.LIFT_MASK, "p", "x", "tulcea", None, "{}", False, NOON, "olena", NOON, 1)
    log.database.write_now(lambda tx: tx.releases.add(asked))
    catch_up_now(log.database, OWNERS)
    shares = log.database.read_now(lambda tx: {(s.organisation, s.sequence): s.whole for s in tx.shares.between(1, 99)})
    assert {key: whole for key, whole in shares.items() if key[0] != "police"} == {
        ("izmail", 1): True, ("izmail", 2): True, ("tulcea", 2): False, ("izmail", 3): True, ("tulcea", 3): False,
        ("tulcea", 4): True, ("izmail", 4): False, ("izmail", 5): True, ("tulcea", 5): True, ("tulcea", 6): False,
    }  # fmt: skip
    span = Span(NOON, Time(NOON + HOUR))
    people = log.database.read_now(lambda tx: tx.shares.by_person(span, "tulcea"))
    assert [(each.name, each.action, each.count) for each in people] == [
        ("olena", "plates.search", 1), ("vasyl", "plates.search", 2), ("vasyl", "releases.grant", 1),
    ]  # fmt: skip
    theirs = Share("tulcea", {"olena"}, {"TL-01"})
    _, places, purposes = log.database.read_now(lambda tx: accesses(tx, span, theirs))
    assert [(each.name, each.count) for each in places] == [("IZ-07", 1), ("TL-01", 1)]
    assert {each.name: each.count for each in purposes if each.action == "plates.search"} == {"offence": 3}
    pages = log.database.read_now(lambda tx: [row.sequence for row in tx.audit.page(whose="tulcea")])
    assert pages == [6, 5, 4, 3, 2]
    assert log.database.read_now(lambda tx: check_page(tx, 0)) == (7, None)
    with connection_of(log.database) as connection:
        connection.exec_driver_sql("DELETE FROM audit_share WHERE organisation = 'tulcea' AND sequence = 4")
    assert log.database.read_now(lambda tx: check_page(tx, 0)) == (None, 4)


def test_a_camera_owners_share_that_was_taken_out_is_found_whoever_owns_the_camera_now(log: Town) -> None:
    def record(owners: dict[str, str]) -> bool:
        return log.database.write_now(lambda tx: record_owners(tx, log.environment, owners, by="istros"))

    def missing(number: int, organisation: str) -> int | None:
        assert log.database.read_now(lambda tx: check_page(tx, 0)) == (7, None)
        with connection_of(log.database) as connection:
            gone = f"FROM audit_share WHERE organisation = '{organisation}' AND sequence = {number}"
            connection.exec_driver_sql(f"CREATE TABLE kept AS SELECT * {gone}")
            connection.exec_driver_sql(f"DELETE {gone}")
        found = log.database.read_now(lambda tx: check_page(tx, 0))
        with connection_of(log.database) as connection:
            connection.exec_driver_sql("INSERT INTO audit_share SELECT * FROM kept")
            connection.exec_driver_sql("DROP TABLE kept")
        return found[1]

    log.search(NOON)  # 1: nobody has written down yet whose IZ-07 is
    assert (record(OWNERS), record(OWNERS)) == (True, False)  # 2
    log.search(NOON + 1, cameras=("TL-01",))  # 3: Tulcea's
    log.search(NOON + 2, cameras=())  # 4: of all cameras
    assert record({"IZ-07": "izmail", "TL-01": "izmail"})  # 5
    log.search(NOON + 3, cameras=("TL-01",))  # 6: Izmail's now
    log.act("vasyl", "live.view", "IZ-07/main", step="begin")  # 7
    catch_up_now(log.database, {"IZ-07": "another", "TL-01": "another"})
    rows = log.database.read_now(lambda tx: tx.shares.between(1, 9))
    assert [(row.sequence, row.organisation) for row in rows if row.organisation != "police"] == [
        (1, "another"), (3, "tulcea"), (4, "izmail"), (4, "tulcea"), (6, "izmail"), (7, "izmail"),
    ]  # fmt: skip
    assert [missing(*each) for each in ((3, "tulcea"), (4, "izmail"), (6, "izmail"), (7, "izmail"))] == [3, 4, 6, 7]
    assert missing(1, "another") is None, "nothing but the settings told whose it was"


def test_a_share_counts_its_own_peoples_unusual_looks_and_no_plate_that_others_watch_over(log: Town) -> None:
    for second in range(12):
        log.search(NOON + second, plate=f"BH{second:02d}AA", actor="vasyl")
        log.search(NOON + second, plate=f"TL{second:02d}AA", actor="olena")
    catch_up_now(log.database, OWNERS)
    ours, theirs = Share("izmail", {"vasyl"}, {"IZ-07"}), Share("tulcea", {"olena"}, {"TL-01"})
    span = Span(NOON, Time(NOON + HOUR))
    watched = log.database.write_now(
        lambda tx: oversight.watch_over(tx, log.environment, "BH01AA", "a neighbour", by="officer", origin="desk")
    )

    def found(share: Share | None) -> list[tuple[str, str]]:
        return sorted(
            (each.kind.value, each.actor) for each in log.database.read_now(lambda tx: unusual(tx, span, share))
        )

    assert ("watched-plate", "vasyl") in found(None) and ("many-searches", "olena") in found(None)
    assert {actor for _, actor in found(theirs)} == {"olena"}
    assert {actor for _, actor in found(ours)} == {"vasyl"} and ("watched-plate", "vasyl") not in found(ours)
    own = Share("izmail", {"vasyl", "officer"}, {"IZ-07"})
    assert ("watched-plate", "vasyl") in found(own)
    with pytest.raises(FindingUnknown):
        log.database.write_now(
            lambda tx: oversight.stop_watching(tx, log.environment, watched.id, by="x", origin="desk", share=theirs)
        )
