"""Where data may go, on which ground, and that no order leaves without one (rule L16)."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import product

import pytest

from istros.base.environment import Environment
from istros.base.time import HOUR, Span, Time
from istros.compliance import departures
from istros.compliance.departures import Carrier, Parcel, Recipient, RecipientNeeded, TransferRefused, person_of
from istros.compliance.errors import TransferTableFault
from istros.compliance.transfers import GROUPS, LAWS, Sending, read_table, transfer_table
from istros.reports.departure_words import law_text
from istros.store import Database, Transaction
from istros.store.departures import DepartureRow, RecipientKind
from istros.store.rows import AuditRow, OperatorRow
from tests.house.places import ROOT

OPERATOR = OperatorRow("o1", "olena", "Olena", "izmail", "investigator", "", "uk")
ROMANIAN_POLICE, TULCEA, IZMAIL = Sending("RO", "police"), Sending("RO", "civil"), Sending("UA", "civil")
POLICE, TOWN = RecipientKind.POLICE, RecipientKind.TOWN


def to(kind: RecipientKind, country: str, basis: str, paper: str = "Agreement 3/2026") -> Recipient:
    """A recipient of that kind."""
    return Recipient("The office", kind, country, basis, paper)


def test_the_table_leaves_nothing_open() -> None:
    table = transfer_table()
    assert {cell.refused for cell in table.cells.values()} - {""} == set(departures.REFUSALS)
    for law, kind, group in product(LAWS, RecipientKind, GROUPS):
        cell = table.cells[law, kind.value, group]
        assert bool(cell.bases) != bool(cell.refused)
        assert set(cell.bases) <= set(table.bases)
    used = {code for cell in table.cells.values() for code in cell.bases}
    assert used == set(table.bases)


def test_a_table_with_a_hole_or_a_double_is_refused() -> None:
    text = files("istros.compliance").joinpath("transfers.toml").read_text(encoding="utf-8")
    cell = '[[cell]]\nlaw = "led"\nrecipient = ["own"]\nto = ["home"]\nbases = ["led-4-2"]\n'
    assert cell in text
    for wrong in (text.replace(cell, ""), text + cell, text.replace(cell, cell.replace("led-4-2", "because"))):
        with pytest.raises(TransferTableFault):
            read_table(wrong)


@pytest.mark.parametrize(
    ("sending", "recipient"),
    [
        (ROMANIAN_POLICE, to(POLICE, "RO", "led-8")),
        (ROMANIAN_POLICE, to(POLICE, "BG", "led-8")),
        (ROMANIAN_POLICE, to(POLICE, "UA", "led-37-1-a")),
        (ROMANIAN_POLICE, to(POLICE, "UA", "led-38-1-c", "")),
        (ROMANIAN_POLICE, to(RecipientKind.RESCUE, "UA", "led-39")),
        (TULCEA, to(RecipientKind.RESCUE, "UA", "gdpr-49-1-f", "")),
        (TULCEA, to(RecipientKind.COURT, "UA", "gdpr-48")),
        (IZMAIL, to(POLICE, "RO", "ua-29-3")),
        (IZMAIL, to(RecipientKind.OWN, "UA", "ua-10", "")),
    ],
)  # fmt: skip
def test_what_the_law_allows_may_go(sending: Sending, recipient: Recipient) -> None:
    departures.check(sending, recipient)


@pytest.mark.parametrize(
    ("sending", "recipient", "said"),
    [
        # Inside the Union article 8 is enough; Ukraine is a third country (Directive 2016/680, chapter V).
        (ROMANIAN_POLICE, to(POLICE, "UA", "led-8"), "led-37-1-a"),
        (ROMANIAN_POLICE, to(TOWN, "UA", "led-39"), "competent"),
        (TULCEA, to(POLICE, "UA", "gdpr-6-1-e"), "gdpr-49-1-d"),
        (IZMAIL, to(POLICE, "RO", "ua-14-2"), "ua-29-3"),
        (IZMAIL, to(RecipientKind.OWN, "RO", "ua-10"), "competent"),
        (ROMANIAN_POLICE, to(POLICE, "UA", "led-37-1-a", " "), "Name the order"),
        (ROMANIAN_POLICE, Recipient(" ", POLICE, "RO", "led-8", "x"), "Write the organisation"),
        (ROMANIAN_POLICE, to(RecipientKind.PERSON, "RO", "led-14"), "permit for the request"),
    ],
)  # fmt: skip
def test_what_the_law_does_not_allow_stays(sending: Sending, recipient: Recipient, said: str) -> None:
    with pytest.raises(TransferRefused) as refusal:
        departures.check(sending, recipient)
    assert said in refusal.value.remedy


def test_it_is_on_the_record_once_with_all_that_the_law_wants_known(town: Environment, database: Database) -> None:
    span = Span(Time(0), Time(HOUR))
    parcel = Parcel(Carrier.EXPORT, "x1", ("pictures", "plates"), ("IZ-07",), span)

    def work(tx: Transaction) -> tuple[DepartureRow, list[AuditRow]]:
        row = departures.order(tx, town, OPERATOR, IZMAIL, to(POLICE, "RO", "ua-29-3"), parcel)
        found = departures.require(tx, Carrier.EXPORT, "x1")
        for _ in range(2):
            departures.leave(tx, town, found, "olena", "desk", "ab" * 32)
        return row, tx.audit.about(row.id)

    row, audited = database.write_now(work)
    assert row.number.startswith("D-") and row.language == "ro"
    (only,) = audited
    assert only.action == "departures.leave"
    for said in ("The office", "RO", "ua-29-3", "article 29(3)", "Agreement 3/2026", "pictures", "plates", "ab" * 32):
        assert said in only.detail
    now = town.clock.now()
    (counted,) = database.read_now(lambda tx: tx.departures.counts(Span(Time(0), Time(now + 1))))
    assert (counted.kind, counted.country, counted.count) == ("police", "RO", 1)


def test_what_was_ordered_without_a_recipient_does_not_leave(database: Database) -> None:
    with pytest.raises(RecipientNeeded):
        database.read_now(lambda tx: departures.require(tx, Carrier.EXPORT, "from before"))


def test_a_person_is_told_by_the_number_alone() -> None:
    recipient = person_of(IZMAIL, "R-2026-0001", "gdpr")
    assert (recipient.name, recipient.kind, recipient.basis) == ("R-2026-0001", RecipientKind.PERSON, "gdpr-15")


@pytest.mark.parametrize("language", ["en", "uk", "ro"])
def test_the_screens_tell_every_ground_as_the_record_does(language: str) -> None:
    """Every ground has a plain word and its article in each language, the same on the screen and in the PDF."""
    told = json.loads((ROOT / f"web/src/words/{language}.json").read_text(encoding="utf-8"))["leaving"]
    bases = transfer_table().bases
    assert set(told["bases"]) == set(told["laws"]) == set(bases)
    assert set(told["kinds"]) == {kind.value for kind in RecipientKind} and set(told["refused"]) == set(
        departures.REFUSALS
    )
    for code, basis in bases.items():
        assert told["laws"][code].casefold() == law_text(basis.law, language).casefold()
