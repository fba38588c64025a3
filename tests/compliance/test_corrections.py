"""Who got wrong data is found by the record, told once, and has 72 hours to confirm (rule L17)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from istros.app.duties import look
from istros.base.environment import Environment
from istros.base.time import DAY, HOUR, MINUTE, SECOND, Span, Time
from istros.compliance import corrections, departures
from istros.compliance.corrections import Cause, CorrectionRefused, CorrectionRow, CorrectionUnknown, Remedy, Wrong
from istros.compliance.departures import Carrier, DepartureRow, Parcel, Recipient, RecipientKind, person_of
from istros.compliance.duties import duties
from istros.compliance.transfers import Sending
from istros.events import watchlist
from istros.events.errors import PlateSame
from istros.events.misreads import correct_read
from istros.events.record import Author, record
from istros.reports.departure_words import NOTICE, WORDS
from istros.reports.letter import Sender
from istros.reports.notice import notice, paragraphs
from istros.store import Database, Transaction
from istros.store.exports import Papers
from istros.store.face_searches import FaceSearchRow
from istros.store.faces import FaceCandidateRow
from istros.store.rows import AlarmRow, OperatorRow
from tests.compliance.conftest import HandClock
from tests.store.rows_made import alarm, entry, read
from tests.store.test_exports import job

OFFICER = OperatorRow("o1", "iryna", "Iryna", "izmail", "protection_officer", "", "uk")
IZMAIL = Sending("UA")
POLICE = Recipient("Police of Tulcea", RecipientKind.POLICE, "RO", "ua-29-3", "Agreement 3/2026")
WRONG = Wrong(Cause.MISREAD, "r1", Remedy.CORRECT, {"plate": "BH1234AA", "right": "BH1284AA"})


def gone(tx: Transaction, town: Environment, parcel: Parcel, recipient: Recipient = POLICE) -> DepartureRow:
    """Something that has left."""
    row = departures.add(tx, town, OFFICER, IZMAIL, recipient, parcel)
    departures.leave(tx, town, row, "olena", "desk", "ab" * 32)
    left = tx.departures.get(row.id)
    assert left is not None
    return left


def package(id: str, data: tuple[str, ...], since: float = 0, seconds: float = 60, camera: str = "IZ-07") -> Parcel:
    """A package of one camera."""
    start = Time(read(0).time + round(since * SECOND))
    return Parcel(Carrier.EXPORT, id, data, (camera,), Span(start, Time(start + round(seconds * SECOND))))


def test_only_packages_that_tell_of_the_read_are_found(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> list[str]:
        tx.alarms.add(replace(alarm(5), observation_id="r5"))
        gone(tx, town, package("with", ("pictures", "plates")))
        gone(tx, town, package("alarm", ("pictures", "alarms")))
        gone(tx, town, package("film", ("pictures",)))
        gone(tx, town, package("later", ("plates",), since=70))
        gone(tx, town, package("elsewhere", ("plates",), camera="TL-01"))
        departures.add(tx, town, OFFICER, IZMAIL, POLICE, package("ordered", ("plates",)))
        return sorted(row.subject for row in corrections.holders_of_read(tx, read(5)))

    assert database.write_now(work) == ["alarm", "ordered", "with"], "what is ordered must not leave either"


AUTHOR = Author("olena", "desk")


def correct(tx: Transaction, town: Environment, plate: str, country: str | None = "UA") -> list[CorrectionRow]:
    """The read of second 5 is corrected; every notice."""
    row = tx.reads.get("r5")
    assert row is not None
    correct_read(tx, town, AUTHOR, row, plate, country)
    return tx.corrections.all(9, tx.departures.organisations())


def judged(tx: Transaction, town: Environment, text: str = "BH1234AA") -> None:
    """A read whose alarm was closed as true."""
    tx.reads.add(read(5, text))
    tx.watchlist.add(replace(entry(1), id="w1", created=read(0).time))
    tx.alarms.add(replace(alarm(5), observation_id="r5", watchlist_entry_id="w1"))
    tx.alarms.acknowledge("a5", Time(1), "olena")
    tx.alarms.close("a5", Time(2), "olena", "true", "stopped")


@pytest.mark.parametrize(
    ("was", "plate", "verdict", "title"),
    [
        ("BH1234AA", "BH1284AA", "false", "Misread"),
        ("BH1Z34AA", "BH1234AA", "true", "Sought vehicle BH1234AA"),
    ],
)
def test_an_alarm_that_a_misread_raised_is_true_no_more(
    town: Environment, database: Database, was: str, plate: str, verdict: str, title: str
) -> None:
    """What is corrected to the plate sought leaves its alarm true."""

    def work(tx: Transaction) -> AlarmRow | None:
        judged(tx, town, was)
        correct(tx, town, plate)
        return tx.alarms.get("a5")

    found = database.write_now(work)
    assert found is not None and (found.plate_read, found.verdict) == (plate, verdict)
    assert found.title.startswith(title)
    rows = database.read_now(lambda tx: tx.audit.about("a5"))
    (detail,) = [json.loads(row.detail) for row in rows if row.action == "alarm.revise"]
    assert (detail.get("verdict"), detail["why_code"]) == (
        "false" if verdict == "false" else None, "alarm-plate-corrected",
    )  # fmt: skip


@pytest.mark.parametrize("later", [0, 201])
def test_an_alarm_stays_true_by_another_read_that_it_took_up(town: Environment, database: Database, later: int) -> None:
    """However many it took up since."""

    def work(tx: Transaction) -> AlarmRow | None:
        judged(tx, town)
        tx.reads.add(read(6))
        record(tx, town, AUTHOR, "alarm.fold", "a5", {"observation": "r6", "count": 2})
        for number in range(later):
            record(tx, town, AUTHOR, "alarm.fold", "a5", {"observation": "erased", "count": 3 + number})
        correct(tx, town, "BH1284AA")
        return tx.alarms.get("a5")

    found = database.write_now(work)
    assert found is not None and (found.verdict, found.plate_read) == ("true", "BH1284AA")


def test_a_second_correction_is_told_anew(town: Environment, clock: HandClock, database: Database) -> None:
    def begin(tx: Transaction) -> CorrectionRow:
        tx.reads.add(read(5))
        gone(tx, town, package("x1", ("plates",)))
        (row,) = correct(tx, town, "BH1284AA")
        return corrections.mark_sent(tx, town, OFFICER, row.id, origin="desk")

    first = database.write_now(begin)
    clock.seconds += 3600
    (again,) = database.write_now(lambda tx: correct(tx, town, "BH1289AA"))
    assert (again.id, again.number, again.sent, again.due - first.due) == (first.id, first.number, None, HOUR)
    assert (again.known_facts["plate"], again.known_facts["right"]) == ("BH1234AA", "BH1289AA"), "what they still have"
    database.write_now(lambda tx: corrections.confirm(tx, town, OFFICER, again.id, "by letter", origin="desk"))
    new, old = database.write_now(lambda tx: correct(tx, town, "BH1286AA"))
    assert old.id == first.id and new.number != old.number
    assert (new.known_facts["plate"], new.known_facts["right"]) == ("BH1289AA", "BH1286AA")
    steps = database.read_now(lambda tx: [row.action for row in tx.audit.about(first.id)])
    assert steps == [f"corrections.{step}" for step in ("notify", "send", "renew", "confirm")]


def test_a_package_that_was_ordered_by_a_middle_text_is_told_of_the_third_correction(
    town: Environment, database: Database
) -> None:
    def notices(tx: Transaction) -> list[CorrectionRow]:
        return tx.corrections.all(9, tx.departures.organisations())

    def work(tx: Transaction) -> list[list[tuple[str, str]]]:
        tx.reads.add(read(5))
        correct(tx, town, "BH1284AA")
        papers = Papers(reads=True, only=("BH1284AA",)).as_text()
        tx.exports.add(replace(job(1), id="middle", kind="redacted", papers=papers))
        gone(tx, town, package("middle", ("plates",)))
        told = []
        for plate in ("BH1289AA", "BH1286AA"):
            correct(tx, town, plate)
            told.append([(row.known_facts["plate"], row.known_facts["right"]) for row in notices(tx)])
        (first,) = notices(tx)
        corrections.confirm(tx, town, OFFICER, first.id, "by letter", origin="desk")
        correct(tx, town, "BH1281AA")
        anew = [row for row in notices(tx) if row.confirmed is None]
        return [*told, [(row.known_facts.get("plate", ""), row.known_facts["camera"]) for row in anew]]

    assert database.write_now(work) == [
        [("BH1284AA", "BH1289AA")], [("BH1284AA", "BH1286AA")], [("", "IZ-07")],
    ]  # fmt: skip


@pytest.mark.parametrize("own", [False, True])
def test_an_alarm_that_a_correction_made_false_is_true_again_when_another_reverses_it(
    town: Environment, database: Database, own: bool
) -> None:
    def work(tx: Transaction) -> list[str | None]:
        judged(tx, town)
        if own:
            tx.alarms.revise("a5", "false")  # a person's own verdict, whatever the plate
        told: list[str | None] = []
        for plate in ("BH1284AA", "BH1234AA"):
            correct(tx, town, plate)
            row = tx.alarms.get("a5")
            assert row is not None
            told.append(row.verdict)
        said = [row.detail for row in tx.audit.about("a5") if row.action == "alarm.revise"]
        assert ('"verdict":"true","was":"false"' in said[-1].replace(" ", "")) is not own
        return told

    assert database.write_now(work) == (["false", "false"] if own else ["false", "true"])


def test_a_wrong_country_alone_is_corrected_and_told(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> CorrectionRow:
        tx.reads.add(read(5))
        gone(tx, town, package("x1", ("plates",)))
        with pytest.raises(PlateSame):
            correct(tx, town, "BH1234AA", "UA")
        tx.alarms.add(replace(alarm(5), observation_id="r5"))
        (row,) = correct(tx, town, "BH1234AA", "RO")
        assert tx.audit.about("a5") == [], "it is the plate that raised it"
        return row

    row = database.write_now(work)
    assert (row.known_facts["plate"], row.known_facts["right"]) == ("BH1234AA (UA)", "BH1234AA (RO)")


def test_what_turned_out_wrong_leaves_no_more_whatever_the_cause(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> dict[str, Cause | None]:
        rows = [
            departures.add(tx, town, OFFICER, IZMAIL, recipient, package(name, ("plates",)))
            for name, recipient in (("ordered", POLICE), ("own", person_of(IZMAIL, "R-2026-0001")), ("other", POLICE))
        ]
        assert corrections.notify(tx, town, replace(WRONG, cause=Cause.REQUEST), rows[:2], "olena", "desk") == []
        corrections.notify(tx, town, WRONG, rows[:1], "olena", "desk")
        found = [tx.departures.get(row.id) for row in rows]
        return {row.subject: row.wrong for row in found if row is not None}

    assert database.write_now(work) == {"ordered": Cause.REQUEST, "own": Cause.REQUEST, "other": None}


def test_a_face_that_a_search_found_is_in_the_films_of_its_case(town: Environment, database: Database) -> None:
    start = read(0).time
    search = FaceSearchRow(
        "s1", "authorised", None, "p1", "offence", "Art. 40", "C-17", "police", ("IZ-07",), start, Time(start + HOUR),
        "a theft", "", "Order 1", start, "olena",
    )  # fmt: skip
    face = FaceCandidateRow(
        "f1", None, "r1", "IZ-07", "t1", Time(start + SECOND), 0.4, 0.508, 0.001, 1, None, 1, "{}", "cd" * 32,
        "confirmed", search_id="s1",
    )  # fmt: skip

    def work(tx: Transaction) -> list[str]:
        tx.face_searches.add(search)
        tx.faces.add(face, b"sealed")
        cases = {"case": ("pictures", "C-17"), "covered": ("pictures-covered", "C-17"), "other": ("pictures", "C-18")}
        for name, (data, case) in cases.items():
            row = gone(tx, town, package(f"x-{name}", (data,)))
            tx.departures.add(replace(row, id=name, number=f"D-{name}", subject=name, case_ref=case, gone=row.ordered))
        return [row.subject for row in corrections.holders_of_face(tx, face)]

    assert database.write_now(work) == ["case"]


def test_an_entry_that_was_wrong_is_found_in_files_and_in_alarms(
    town: Environment, clock: HandClock, database: Database
) -> None:
    author = Author("olena", "desk")
    clock.seconds = 300

    def work(tx: Transaction) -> list[CorrectionRow]:
        tx.watchlist.add(replace(entry(1), id="w1", created=read(0).time))
        tx.alarms.add(replace(alarm(5), watchlist_entry_id="w1"))
        gone(tx, town, Parcel(Carrier.WATCHLIST, "watchlist.csv", ("sought-vehicles",), contents=("w1", "w2")))
        gone(tx, town, Parcel(Carrier.WATCHLIST, "watchlist.json", ("sought-vehicles",), contents=("w2",)))
        gone(tx, town, package("alarmed", ("alarms",)))
        gone(tx, town, package("quiet", ("alarms",), since=30))
        watchlist.close_entry(tx, town, author, "w1", "the owner had sold it", wrong=True)
        return tx.corrections.all(9, tx.departures.organisations())

    rows = database.write_now(work)
    subjects = database.read_now(lambda tx: {tx.departures.get(row.departure_id).subject for row in rows})  # type: ignore[union-attr]
    assert subjects == {"watchlist.csv", "alarmed"}
    assert {(row.cause, row.remedy) for row in rows} == {(Cause.ENTRY, Remedy.ERASE)}
    assert all(row.known_facts["reason"] == "the owner had sold it" for row in rows)


def test_an_entry_that_has_merely_ended_tells_nobody(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> list[CorrectionRow]:
        tx.watchlist.add(replace(entry(1), id="w1", created=read(0).time))
        gone(tx, town, Parcel(Carrier.WATCHLIST, "watchlist.csv", ("sought-vehicles",), contents=("w1",)))
        watchlist.close_entry(tx, town, Author("olena", "desk"), "w1", "found")
        return tx.corrections.all(9, tx.departures.organisations())

    assert database.write_now(work) == []


def test_each_recipient_is_told_once_and_the_person_by_their_letter(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> list[CorrectionRow]:
        found = [gone(tx, town, package("x1", ("plates",)))]
        found.append(gone(tx, town, package("x2", ("plates",)), person_of(IZMAIL, "R-2026-0001")))
        for _ in range(2):
            corrections.notify(tx, town, WRONG, found, "olena", "desk")
        return tx.corrections.all(9, tx.departures.organisations())

    (row,) = database.write_now(work)
    assert row.number.startswith("N-") and row.due - row.found == 72 * HOUR
    rows = database.read_now(lambda tx: tx.audit.about(row.id))
    assert [each.action for each in rows] == ["corrections.notify"]
    assert not any("BH1234AA" in each.detail for each in rows), "the chain is never erased, so no plate is in it"


def test_what_is_not_confirmed_in_time_is_loud_once(town: Environment, clock: HandClock, database: Database) -> None:
    database.write_now(
        lambda tx: corrections.notify(tx, town, WRONG, [gone(tx, town, package("x1", ("plates",)))], "olena", "desk")
    )
    (row,) = database.read_now(lambda tx: tx.corrections.all(9, tx.departures.organisations()))
    clock.seconds += 72 * 3600 - 60
    assert database.write_now(lambda tx: look(tx, town)) == 0
    clock.seconds += 120
    assert database.write_now(lambda tx: (look(tx, town), look(tx, town))) == (1, 0)
    now = town.clock.now()
    (due,) = database.read_now(lambda tx: duties(tx, now))
    assert (due.kind, due.number, row.state(now)) == ("correction", row.number, "overdue")
    (raised,) = database.read_now(lambda tx: tx.alarms.by_states(("new",), 9))
    assert (raised.kind, raised.priority) == ("correction-due", "medium")
    assert row.number not in raised.title + raised.facts, "alarms are read by people of every organisation"
    database.write_now(
        lambda tx: corrections.confirm(tx, town, OFFICER, row.id, "Ms Popa, by telephone", origin="desk")
    )
    assert database.read_now(lambda tx: duties(tx, now)) == []


def test_a_confirmation_names_who_gave_it_and_blanks_what_was_wrong(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> CorrectionRow:
        (row,) = corrections.notify(tx, town, WRONG, [gone(tx, town, package("x1", ("plates",)))], "olena", "desk")
        with pytest.raises(CorrectionRefused):
            corrections.confirm(tx, town, OFFICER, row.id, "  ", origin="desk")
        assert corrections.mark_sent(tx, town, OFFICER, row.id, origin="desk").state(town.clock.now()) == "sent"
        done = corrections.confirm(tx, town, OFFICER, row.id, "Ms Popa, by letter 4/2026", origin="desk")
        for step in (lambda: corrections.mark_sent(tx, town, OFFICER, row.id, origin="desk"),
                     lambda: corrections.confirm(tx, town, OFFICER, row.id, "again", origin="desk")):  # fmt: skip
            with pytest.raises(CorrectionRefused):
                step()
        with pytest.raises(CorrectionUnknown):
            corrections.known(tx, "nothing")
        return done

    done = database.write_now(work)
    assert (done.known_facts, done.confirmed_by, done.state(town.clock.now())) == ({}, "iryna", "confirmed")


@pytest.mark.parametrize("language", ["en", "uk", "ro"])
@pytest.mark.parametrize("remedy", list(Remedy))
@pytest.mark.parametrize("cause", list(Cause))
def test_a_notice_tells_what_and_until_when(
    town: Environment, database: Database, language: str, remedy: Remedy, cause: Cause
) -> None:
    wrong = replace(WRONG, cause=cause, remedy=remedy)

    def work(tx: Transaction) -> tuple[CorrectionRow, DepartureRow]:
        leaving = gone(tx, town, package("x1", ("plates",)))
        return corrections.notify(tx, town, wrong, [leaving], "olena", "desk")[0], leaving

    row, leaving = database.write_now(work)
    said = " ".join(paragraphs(row, replace(leaving, sha256="ab" * 32), language))
    for fact in (leaving.number, "ab" * 32, "BH1234AA", "BH1284AA", "72", NOTICE[language][remedy.value]):
        assert fact in said
    assert set(NOTICE[language]) == set(NOTICE["en"]) and set(WORDS[language]) == set(WORDS["en"])


def test_a_notice_is_a_letter(town: Environment, database: Database) -> None:
    def work(tx: Transaction) -> tuple[CorrectionRow, DepartureRow]:
        leaving = gone(tx, town, package("x1", ("plates",)))
        return corrections.notify(tx, town, WRONG, [leaving], "olena", "desk")[0], leaving

    row, leaving = database.write_now(work)
    sender = Sender("Izmail", "Izmail", row.found)
    made = notice(row, leaving, sender, "Izmail city council")
    assert made.startswith(b"%PDF") and made == notice(row, leaving, sender, "Izmail city council")
    assert leaving.language == "ro", "in the recipient's language"


def test_a_read_keeps_what_the_machine_read(database: Database) -> None:
    def work(tx: Transaction) -> None:
        tx.reads.add(read(1, crop=b"jpeg"))
        tx.reads.add(read(2))
        tx.reads.correct("r1", "BH 1285 AA", "UA", Time(7), "olena")
        tx.reads.correct("r1", "BH 1284 AA", None, Time(8), "ion")

    database.write_now(work)
    found = database.read_now(lambda tx: tx.reads.get("r1"))
    assert found is not None
    assert (found.text, found.country, found.corrected, found.corrected_by) == ("BH 1284 AA", None, Time(8), "ion")
    assert found.alternatives == (("BH1234AA", 0.93), ("BH1Z34AA", 0.25)), "the machine's words alone"
    assert found.sureness is None, "the machine was sure of another text"
    span = Span(Time(found.time - MINUTE), Time(found.time + DAY))
    by = {
        plate: [row.id for row in database.read_now(lambda tx, plate=plate: tx.reads.of_plate(plate, (), span))]
        for plate in ("BH1284AA", "BH1234AA")
    }
    assert by == {"BH1284AA": ["r1"], "BH1234AA": ["r2"]}
    assert database.read_now(lambda tx: tx.reads.crop("r1")) == b"jpeg"
