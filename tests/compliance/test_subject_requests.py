"""Requests of people: deadlines by the law's own count, footage kept before a decision, and nothing left in the end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.base.said import Said
from istros.base.time import DAY, HOUR, SECOND, Span, Time, from_iso
from istros.compliance import departures, request_acts
from istros.compliance import subject_requests as requests
from istros.compliance.corrections import CorrectionRow, Remedy
from istros.compliance.departures import Carrier, Parcel, Recipient, RecipientKind
from istros.compliance.request_acts import Act
from istros.compliance.subject_requests import (
    Asked,
    Decision,
    Intake,
    Law,
    RequestRefused,
    RequestStateConflict,
    RequestUnknown,
    deadline,
)
from istros.compliance.transfers import Sending
from istros.reports.letter import Sender, letter, paragraphs
from istros.reports.letter_words import AUTHORITIES, LAWS, WORDS
from istros.store import Database, Transaction
from istros.store.rows import OperatorRow
from istros.store.subject_requests import SubjectRequestRow
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url
from tests.store.rows_made import alarm, at, entry, read

OFFICER = OperatorRow("o1", "iryna", "Iryna", "izmail", "protection_officer", "", "uk")


@pytest.mark.parametrize(
    ("law", "received", "extended", "due"),
    [
        (Law.GDPR, "2026-11-24T10:00:00Z", False, "2026-12-24T21:59:59Z"),
        (Law.GDPR, "2026-11-24T10:00:00Z", True, "2027-02-24T21:59:59Z"),
        (Law.GDPR, "2027-01-31T10:00:00Z", False, "2027-02-28T21:59:59Z"),
        (Law.GDPR, "2026-12-31T23:30:00Z", False, "2027-02-01T21:59:59Z"),  # 1 January by the town's clock
        (Law.LED, "2027-03-05T10:00:00Z", False, "2027-04-05T20:59:59Z"),  # summer time
        (Law.UA, "2026-11-24T10:00:00Z", False, "2026-12-24T21:59:59Z"),
        (Law.UA, "2027-02-10T10:00:00Z", False, "2027-03-12T21:59:59Z"),
    ],
)
def test_deadlines(law: Law, received: str, extended: bool, due: str) -> None:
    assert deadline(law, from_iso(received), extended=extended) == from_iso(due)


@pytest.mark.parametrize(
    ("received", "by"),
    [
        ("2026-11-24T10:00:00Z", "2026-12-08T21:59:59Z"),  # a Tuesday: two weekends lie between
        ("2026-11-27T23:30:00Z", "2026-12-11T21:59:59Z"),  # Saturday by the town's clock
    ],
)
def test_whoever_asks_in_ukraine_is_told_in_ten_working_days_whether_it_will_be_met(received: str, by: str) -> None:
    assert requests.notice_by(Law.UA, from_iso(received)) == from_iso(by)
    assert {requests.notice_by(law, from_iso(received)) for law in Law if law is not Law.UA} == {None}


def test_nobody_puts_off_access_to_ones_own_data_in_ukraine(database: Database, environment: Environment) -> None:
    row = take(database, environment, law=Law.UA)
    with pytest.raises(RequestRefused, match="puts off no request"):
        step(database, environment, "extend", row.id, "many requests")
    assert database.read_now(lambda tx: tx.subject_requests.get(row.id)) == row


def intake(environment: Environment, **more: Any) -> Intake:
    now = environment.clock.now()
    asked = Intake(
        Asked.ACCESS, Law.GDPR, "desk", "uk", now, "Марія Коваль", "вул. Миру 1, Ізмаїл", ("IZ-07",),
        Span(Time(now - 5 * HOUR), Time(now - 4 * HOUR)), "червоне пальто",
    )  # fmt: skip
    return replace(asked, **more)


def take(database: Database, environment: Environment, **more: Any) -> SubjectRequestRow:
    asked = intake(environment, **more)
    return database.write_now(lambda tx: requests.take_in(tx, environment, OFFICER, asked, origin="here"))


def step(database: Database, environment: Environment, name: str, id: str, *words: Any) -> SubjectRequestRow:
    work: Any = getattr(requests, name)
    made: SubjectRequestRow = database.write_now(lambda tx: work(tx, environment, OFFICER, id, *words, origin="here"))
    return made


def test_the_whole_way(database: Database, environment: Environment) -> None:
    row = take(database, environment)
    assert row.number.endswith("-0001") and row.state == "received"
    with pytest.raises(RequestStateConflict, match="kept first"):
        step(database, environment, "decide", row.id, Decision.GRANTED, "GDPR 15", "")
    kept = step(database, environment, "preserve", row.id, ["IZ-07"])
    assert kept.state == "preserved" and kept.hold_id is not None
    hold = database.read_now(lambda tx: tx.holds.get(kept.hold_id or ""))
    assert hold is not None and (hold.case_ref, hold.start) == (row.number, row.start - HOUR)
    with pytest.raises(RequestRefused, match="who the person is"):
        step(database, environment, "decide", row.id, Decision.GRANTED, "GDPR 15", "")
    step(database, environment, "check_identity", row.id, "паспорт пред’явлено")
    with pytest.raises(RequestRefused, match="neither to confirm"):
        step(database, environment, "decide", row.id, Decision.NEITHER, "GDPR 15", "")
    with pytest.raises(RequestRefused, match="told why"):
        step(database, environment, "decide", row.id, Decision.REFUSED, "GDPR 15", " ")
    with pytest.raises(RequestStateConflict, match="Nothing is decided"):
        step(database, environment, "answer", row.id, "ab")
    longer = step(database, environment, "extend", row.id, "many requests")
    assert longer.due == deadline(Law.GDPR, row.received, extended=True)
    with pytest.raises(RequestStateConflict, match="once"):
        step(database, environment, "extend", row.id, "again")
    assert step(database, environment, "decide", row.id, Decision.GRANTED, "GDPR 15", "").state == "decided"
    assert step(database, environment, "answer", row.id, "ab" * 32).state == "answered"
    with pytest.raises(RequestStateConflict, match="answered"):
        step(database, environment, "decide", row.id, Decision.GRANTED, "GDPR 15", "")
    with pytest.raises(RequestUnknown):
        step(database, environment, "answer", "none", "ab")


CORRECTION: dict[str, Any] = {
    "asked": Asked.RECTIFICATION, "wrong": "The plate is noted as BH1234AA", "right": "It is BH1284AA",
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({**CORRECTION, "wrong": " "}, "what is wrong is missing"),
        ({**CORRECTION, "right": ""}, "what it should be is missing"),
        ({**CORRECTION, "right": "a\x00b"}, "control characters"),
        ({**CORRECTION, "asked": Asked.ACCESS}, "belongs to a request for correction"),
    ],
)
def test_a_request_for_correction_says_what_is_wrong_and_what_it_should_be(
    database: Database, environment: Environment, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestRefused, match=said):
        take(database, environment, **wrong)


def corrected(
    tx: Transaction, environment: Environment, decision: Decision, reasons: str, to: str
) -> tuple[SubjectRequestRow, list[CorrectionRow]]:
    """The decided request, and the notices to whoever has a package of that time and place."""
    row = requests.take_in(tx, environment, OFFICER, intake(environment, **CORRECTION), origin="desk")
    recipient = Recipient("Police", RecipientKind.POLICE, "UA", "ua-14-2", "Letter 3")
    for name, cameras in ((row.number, ("IZ-07",)), (f"{row.number}-elsewhere", ("TL-01",))):
        parcel = Parcel(Carrier.EXPORT, name, ("pictures",), cameras, requests.wide(row))
        leaving = departures.add(tx, environment, OFFICER, Sending("UA"), recipient, parcel)
        departures.leave(tx, environment, leaving, "olena", "desk", "")
    requests.check_identity(tx, environment, OFFICER, row.id, "passport shown", origin="desk")
    requests.preserve(tx, environment, OFFICER, row.id, [], origin="desk")
    done = requests.decide(
        tx, environment, OFFICER, row.id, decision, "GDPR, article 16", reasons, origin="desk", corrected=to
    )
    return done, [each for each in tx.corrections.all(99, tx.departures.organisations()) if each.subject == row.number]


@pytest.mark.parametrize(
    ("decision", "reasons", "to", "told"),
    [
        (Decision.GRANTED, "", "", "It is BH1284AA"),
        (Decision.GRANTED, "", "BH 1284 AA, a white van", "BH 1284 AA, a white van"),
        (Decision.PART, "The colour stays", "BH 1284 AA", "BH 1284 AA"),
        (Decision.REFUSED, "The picture shows a 3", "BH 1284 AA", None),
    ],
)
def test_whoever_got_the_wrong_data_is_told_of_a_granted_correction(
    environment: Environment, database: Database, decision: Decision, reasons: str, to: str, told: str | None
) -> None:
    """GDPR articles 16 and 19: what it is corrected to goes to everybody who got it, and to nobody else."""
    row, notices = database.write_now(lambda tx: corrected(tx, environment, decision, reasons, to))
    assert row.corrected == (told or "")
    assert [each.remedy for each in notices] == ([] if told is None else [Remedy.CORRECT])
    for each in notices:
        assert (each.known_facts["wrong"], each.known_facts["right"]) == (CORRECTION["wrong"], told)
        assert each.known_facts["camera"] == "IZ-07" and not {"person", "plate"} & set(each.known_facts), (
            "footage alone"
        )
    for language in ("en", "uk", "ro"):
        said = " ".join(paragraphs(replace(row, language=language), "answer"))
        assert CORRECTION["wrong"] in said and CORRECTION["right"] in said
        assert told is None or told in said


def test_a_correction_in_part_says_what_is_corrected(environment: Environment, database: Database) -> None:
    with pytest.raises(RequestRefused, match="says what it is corrected to"):
        database.write_now(lambda tx: corrected(tx, environment, Decision.PART, "The colour stays", " "))


def test_a_correction_is_due_and_forgotten_like_every_request(environment: Environment, database: Database) -> None:
    row = take(database, environment, **CORRECTION)
    assert row.due == deadline(Law.GDPR, row.received)
    database.write_now(lambda tx: tx.subject_requests.erase(row.id, environment.clock.now()))
    gone = database.read_now(lambda tx: tx.subject_requests.get(row.id))
    assert gone is not None and (gone.wrong, gone.right, gone.asked) == ("", "", Asked.RECTIFICATION)
    told = str(database.read_now(lambda tx: tx.audit.page(limit=99)))
    assert "BH1284AA" not in told, "the chain is never erased"


def granted(database: Database, environment: Environment, **more: Any) -> SubjectRequestRow:
    """A correction that was granted, and nothing done for it yet."""
    row = take(database, environment, **(CORRECTION | more))
    step(database, environment, "preserve", row.id, [])
    step(database, environment, "check_identity", row.id, "passport shown")
    return step(database, environment, "decide", row.id, Decision.GRANTED, "GDPR, article 16", "")


def answered(database: Database, environment: Environment, id: str, why: str = "") -> SubjectRequestRow:
    return database.write_now(
        lambda tx: requests.answer(tx, environment, OFFICER, id, "ab" * 32, origin="here", unchanged=why)
    )


def test_a_correction_for_which_nothing_was_done_is_answered_with_a_reason_alone(
    environment: Environment, database: Database
) -> None:
    row = granted(database, environment)
    with pytest.raises(RequestRefused, match="Nothing was corrected in the node"):
        answered(database, environment, row.id, " ")
    done = answered(database, environment, row.id, "the film shows no plate")
    assert (done.state, done.unchanged) == ("answered", "the film shows no plate")
    (told,) = database.read_now(lambda tx: tx.audit.about(row.id, action="requests.answer"))
    assert json.loads(told.detail)["mended"] == 0 and "film" not in told.detail, "the chain is never erased"
    database.write_now(lambda tx: tx.subject_requests.erase(row.id, environment.clock.now()))
    left = database.read_now(lambda tx: tx.subject_requests.get(row.id))
    assert left is not None and left.unchanged == ""


def test_what_was_mended_for_a_request_stands_with_it_and_it_is_answered_without_a_reason(
    environment: Environment, database: Database
) -> None:
    row = granted(database, environment)

    def mend(tx: Transaction) -> None:
        wanted = request_acts.named(tx, f" {row.number.lower()} ")
        request_acts.note(tx, environment, wanted, Act.READ, "p1", "mara", "desk")
        request_acts.note(tx, environment, request_acts.named(tx, ""), Act.FACE, "c1", "mara", "desk")

    database.write_now(mend)
    acts = database.read_now(lambda tx: request_acts.done_for(tx, row))
    assert [(each.act, each.by) for each in acts] == [(Act.READ, "mara")], "nothing that named no request"
    done = answered(database, environment, row.id, "a reason that is not true any more")
    assert (done.state, done.unchanged) == ("answered", "")


def test_acts_are_done_for_open_requests_for_correction_alone(environment: Environment, database: Database) -> None:
    """Refused, answered, of another kind, or none at all: one sentence for each, which tells nothing of the request."""
    over, access = granted(database, environment), take(database, environment)
    refused = take(database, environment, **CORRECTION)
    step(database, environment, "preserve", refused.id, [])
    step(database, environment, "decide", refused.id, Decision.REFUSED, "GDPR, article 16", "it shows a 3")
    answered(database, environment, over.id, "nothing is wrong")
    for number in (over.number, access.number, refused.number, "R-1999-0001"):
        with pytest.raises(RequestRefused, match=f"no open request for correction {number}"):
            database.write_now(lambda tx, number=number: request_acts.named(tx, number))  # type: ignore[misc]


def test_what_a_request_for_correction_may_mean_is_counted(environment: Environment, database: Database) -> None:
    row = granted(database, environment, plate="ВН 1234 АА", plate_proof="certificate seen")
    bare = granted(database, environment)

    def fill(tx: Transaction) -> None:
        for number, plate in ((1, "BH1234AA"), (2, "BH1284AA"), (3, "BH1234AA")):
            tx.watchlist.add(entry(number, plate))
        tx.watchlist.close("w3", at(9), "olena", Said("found"))

    database.write_now(fill)
    for each, entries in ((row, 1), (bare, 0)):
        found = database.read_now(lambda tx, each=each: request_acts.to_mend(tx, each, requests.wide(each), at(60)))  # type: ignore[misc]
        assert (found.entries, found.faces) == (entries, 0)


def test_a_granted_erasure_takes_the_reads_away_but_not_an_alarms(database: Database, environment: Environment) -> None:
    start = read(0).time
    span = Span(Time(start - HOUR), Time(start + HOUR))

    def fill(tx: Transaction) -> None:
        for number, plate in ((1, "BH1234AA"), (2, "BH1234AA"), (3, "BH9999AA"), (9000, "BH1234AA")):
            tx.reads.add(read(number, plate, crop=b"picture"))
        tx.alarms.add(replace(alarm(1), observation_id="r1"))

    database.write_now(fill)
    row = take(
        database,
        environment,
        asked=Asked.ERASURE,
        span=span,
        plate="вн 1234 аа",
        plate_proof="certificate seen",
        cameras=(),
    )
    step(database, environment, "preserve", row.id, [])
    step(database, environment, "check_identity", row.id, "known")
    decided = step(database, environment, "decide", row.id, Decision.GRANTED, "GDPR 17", "")
    assert decided.erased_reads == 1
    left = database.read_now(lambda tx: [each.id for each in tx.reads.newest(9)])
    assert left == ["r9000", "r3", "r1"]
    assert database.read_now(lambda tx: tx.reads.crop("r2")) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"description": " "}, "tells the person apart"),
        ({"plate": "BH1234AA"}, "needs proof"),
        ({"name": " "}, "name is missing"),
        ({"description": "x" * 2001}, "too long"),
        ({"description": "a\x00b"}, "control characters"),
    ],
)
def test_what_is_missing_is_named(
    database: Database, environment: Environment, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestRefused, match=said):
        take(database, environment, **wrong)


def test_near_deadlines_are_brought_before_the_officer_once(database: Database, environment: Environment) -> None:
    now = environment.clock.now()
    late = take(database, environment, received=Time(now - 29 * DAY))
    take(database, environment)
    warned = [database.write_now(lambda tx: [row.id for row in requests.warn(tx, environment)]) for _ in range(2)]
    assert warned == [[late.id], []]
    rows = database.read_now(lambda tx: tx.audit.page(action="requests.escalate"))
    assert [row.subject for row in rows] == [late.id]


def test_what_tells_who_asked_goes_in_the_end_and_never_stood_on_the_record(
    database: Database, environment: Environment
) -> None:
    row = take(database, environment, plate="BH1234AA", plate_proof="certificate seen")
    step(database, environment, "preserve", row.id, [])
    step(database, environment, "check_identity", row.id, "passport shown")
    step(database, environment, "decide", row.id, Decision.PART, "GDPR 15(4)", "others show too")
    answered = step(database, environment, "answer", row.id, "ab" * 32)
    assert answered.erase_after is not None
    assert database.write_now(lambda tx: requests.forget(tx, environment)) == 0
    database.write_now(lambda tx: tx.subject_requests.set(row.id, erase_after=Time(1 * SECOND)))
    assert database.write_now(lambda tx: requests.forget(tx, environment)) == 1
    left = database.read_now(lambda tx: tx.subject_requests.get(row.id))
    assert left is not None and left.state == "erased" and left.decision is Decision.PART
    told = " ".join(str(getattr(left, name)) for name in SubjectRequestRow.__dataclass_fields__)
    record = " ".join(each.detail for each in database.read_now(lambda tx: tx.audit.page(limit=100)))
    for secret in ("Марія", "Миру", "пальто", "BH1234AA", "passport", "others show"):
        assert secret not in told and secret not in record


@pytest.mark.parametrize("language", ["en", "uk", "ro"])
@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("asked", list(Asked))
def test_letters(environment: Environment, language: str, decision: Decision, asked: Asked, tmp_path: Path) -> None:
    now = environment.clock.now()
    row = SubjectRequestRow(
        "r", "R-2026-0001", asked, Law.LED, "desk", language, now, now, "o", "Марія #strong[x]", "Str. Păcii 1\nTulcea", (),
        now, Time(now + 1), "", "", "", extended=now, extension_reason="many", decision=decision, ground="art. 15",
        reasons="others show", erased_reads=3,
    )  # fmt: skip
    for kind in ("receipt", "extension", "answer"):
        said = " ".join(paragraphs(row, kind))  # type: ignore[arg-type]
        assert "{" not in said and AUTHORITIES["ro"][language] in said
    assert WORDS[language]["neither"] in said or decision is not Decision.NEITHER
    if asked is Asked.ACCESS:
        pdf = letter(row, "answer", Sender("Izmail", "Izmail", now))
        assert pdf.startswith(b"%PDF") and pdf == letter(row, "answer", Sender("Izmail", "Izmail", now))


def test_every_language_says_the_same() -> None:
    assert WORDS["en"].keys() == WORDS["uk"].keys() == WORDS["ro"].keys()
    assert LAWS.keys() == WORDS.keys()


def test_whoever_got_the_footage_is_told_of_a_granted_erasure(environment: Environment, database: Database) -> None:
    """GDPR article 19: the recipients of what is erased or restricted are told; an answer alone tells nobody."""
    recipient = Recipient("Police", RecipientKind.POLICE, "UA", "ua-14-2", "Letter 3")

    def work(tx: Transaction, kind: Asked) -> list[CorrectionRow]:
        row = requests.take_in(tx, environment, OFFICER, intake(environment, asked=kind), origin="desk")
        parcel = Parcel(Carrier.EXPORT, f"x-{kind}", ("pictures",), ("IZ-07",), requests.wide(row))
        leaving = departures.add(tx, environment, OFFICER, Sending("UA"), recipient, parcel)
        departures.leave(tx, environment, leaving, "olena", "desk", "")
        before = len(tx.corrections.all(99, tx.departures.organisations()))
        requests.check_identity(tx, environment, OFFICER, row.id, "passport shown", origin="desk")
        requests.preserve(tx, environment, OFFICER, row.id, [], origin="desk")
        requests.decide(tx, environment, OFFICER, row.id, Decision.GRANTED, "GDPR", "", origin="desk")
        return tx.corrections.all(99, tx.departures.organisations())[
            : len(tx.corrections.all(99, tx.departures.organisations())) - before
        ]

    assert database.write_now(lambda tx: work(tx, Asked.ACCESS)) == []
    (told,) = {row.remedy for row in database.write_now(lambda tx: work(tx, Asked.ERASURE))}
    assert told is Remedy.ERASE
    assert Remedy.RESTRICT in {row.remedy for row in database.write_now(lambda tx: work(tx, Asked.RESTRICTION))}


@pytest.mark.parametrize("plate", ["BH1234AA", ""])
def test_a_request_without_a_camera_marks_orders_by_plate_or_time_and_tells_who_has_the_plate(
    environment: Environment, database: Database, plate: str
) -> None:
    recipient = Recipient("Police", RecipientKind.POLICE, "UA", "ua-14-2", "Letter 3")
    proof = "the certificate" if plate else ""

    def work(tx: Transaction) -> tuple[set[str], set[str]]:
        asked = intake(environment, asked=Asked.ERASURE, cameras=(), plate=plate, plate_proof=proof)
        row = requests.take_in(tx, environment, OFFICER, asked, origin="desk")
        span = requests.wide(row)
        later = Span(Time(span.end + 1), Time(span.end + 2))
        names = {}
        for name, data, when in (
            ("gone-plates", ("plates",), span), ("gone-film", ("pictures",), span), ("plates", ("plates",), span),
            ("film", ("pictures",), span), ("later", ("plates",), later),
        ):  # fmt: skip
            parcel = Parcel(Carrier.EXPORT, name, data, ("TL-01",), when)
            leaving = departures.add(tx, environment, OFFICER, Sending("UA"), recipient, parcel)
            names[leaving.id] = name
            if name.startswith("gone"):
                departures.leave(tx, environment, leaving, "olena", "desk", "")
        requests.check_identity(tx, environment, OFFICER, row.id, "passport shown", origin="desk")
        requests.preserve(tx, environment, OFFICER, row.id, [], origin="desk")
        requests.decide(tx, environment, OFFICER, row.id, Decision.GRANTED, "GDPR", "", origin="desk")
        told = {names[each.departure_id] for each in tx.corrections.all(99, tx.departures.organisations())}
        rows = [tx.departures.get(id) for id in names]
        return told, {each.subject for each in rows if each is not None and each.wrong is not None}

    told, marked = database.write_now(work)
    assert (told, marked) == (({"gone-plates"}, {"gone-plates", "plates"}) if plate else (set(), {"plates", "film"}))


def test_nobody_is_told_of_a_request_that_names_no_camera(environment: Environment, database: Database) -> None:
    """Everybody who ever got anything would learn of the person."""
    recipient = Recipient("Police", RecipientKind.POLICE, "UA", "ua-14-2", "Letter 3")

    def work(tx: Transaction) -> list[CorrectionRow]:
        asked = intake(environment, asked=Asked.ERASURE, cameras=())
        row = requests.take_in(tx, environment, OFFICER, asked, origin="desk")
        parcel = Parcel(Carrier.EXPORT, "x-all", ("pictures",), ("IZ-07",), requests.wide(row))
        leaving = departures.add(tx, environment, OFFICER, Sending("UA"), recipient, parcel)
        departures.leave(tx, environment, leaving, "olena", "desk", "")
        requests.check_identity(tx, environment, OFFICER, row.id, "passport shown", origin="desk")
        requests.preserve(tx, environment, OFFICER, row.id, [], origin="desk")
        requests.decide(tx, environment, OFFICER, row.id, Decision.GRANTED, "GDPR", "", origin="desk")
        return tx.corrections.all(99, tx.departures.organisations())

    assert database.write_now(work) == []
