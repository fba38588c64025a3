"""What leaves the node names its recipient and its ground, and is written down (rule L16, docs/design/0042).

The record is what Directive 2016/680 asks for in articles 37(3) and 38(3): when, to whom, why, and which data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import say
from istros.base.time import Span, to_datetime
from istros.compliance import audit
from istros.compliance.errors import RecipientNeeded as RecipientNeeded
from istros.compliance.errors import TransferRefused as TransferRefused
from istros.compliance.purposes import SUBJECT_REQUEST
from istros.compliance.transfers import Sending, TransferTable, transfer_table
from istros.store import Transaction
from istros.store.departures import Carrier as Carrier
from istros.store.departures import DepartureRow as DepartureRow
from istros.store.departures import RecipientKind as RecipientKind
from istros.store.rows import OperatorRow, PermitRow

MOST_LETTERS = 200
LANGUAGES = {"UA": "uk", "RO": "ro", "MD": "ro"}
"""In which language a recipient is written to, by country; English elsewhere."""

PERSON_BASES = {"led": "led-14", "gdpr": "gdpr-15", "ua": "ua-8"}
"""On which ground the person concerned gets an answer, by the law of the request or of the sender."""

REFUSALS = {
    "own-is-home": "One's own organisation is in its own country.",
    "not-competent": "Data of police work do not go to an office of another country that is not competent for them.",
}
"""Why nothing goes to some recipients, by the word that stands in the table."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom something goes and on which ground, as somebody chose it."""

    name: str
    kind: RecipientKind
    country: str
    basis: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves. `data` are its classes, `contents` ids of what lies in a file."""

    carrier: Carrier
    subject: str
    data: tuple[str, ...]
    cameras: tuple[str, ...] = ()
    span: Span | None = None
    contents: tuple[str, ...] = ()
    language: str = ""
    """Of the person who gets it; empty: by the recipient's country."""


def person_of(sending: Sending, request_number: str, law: str = "") -> Recipient:
    """The person who asked, told by the request's number: the record outlives the name. `law`: of the request."""
    return Recipient(request_number, RecipientKind.PERSON, sending.country, PERSON_BASES[law or sending.law])


def check(sending: Sending, recipient: Recipient, purpose: str = "") -> None:
    """Whether data may go there on that ground. TransferRefused, with what may be done instead."""
    table = transfer_table()
    cell = table.cell(sending, recipient.kind, recipient.country)
    _check_words(recipient)
    if (recipient.kind is RecipientKind.PERSON) != (purpose == SUBJECT_REQUEST):
        raise TransferRefused(
            say(
                "transfer-person",
                "The person concerned gets what they asked for, under a permit for their request, and nobody else gets it.",
            ),
            "Open a permit for the request, or choose another recipient.",
        )
    if cell.refused:
        raise TransferRefused(
            REFUSALS[cell.refused],
            "Send it to the authority that is competent there.",
        )
    if recipient.basis not in cell.bases:
        raise TransferRefused(
            say(
                "transfer-ground",
                f"The ground '{recipient.basis}' does not allow sending to {recipient.kind.value} in {recipient.country}.",
                country=recipient.country,
            ),
            f"Choose one of {', '.join(cell.bases)}.",
        )
    _check_paper(table, recipient)


def _check_words(recipient: Recipient) -> None:
    if not recipient.name.strip():
        raise TransferRefused(
            say("transfer-no-name", "The recipient has no name."), "Write the organisation that gets it."
        )
    for text in (recipient.name, recipient.reference):
        if not is_plain(text, MOST_LETTERS, ""):
            raise TransferRefused(
                say("transfer-text", "The recipient or the paper is too long, or holds control characters."),
                "Shorten it.",
            )


def _check_paper(table: TransferTable, recipient: Recipient) -> None:
    basis = table.bases[recipient.basis]
    if basis.needs_paper and not recipient.reference.strip():
        raise TransferRefused(
            say("transfer-paper", f"The ground '{basis.law}' rests on a paper, and none is named."),
            "Name the order, law, agreement or assessment.",
        )


def order(
    tx: Transaction, environment: Environment, operator: OperatorRow, sending: Sending, recipient: Recipient,
    parcel: Parcel, permit: PermitRow | None = None,
) -> DepartureRow:  # fmt: skip
    """Write down to whom something will go; the caller records it on the audit chain. TransferRefused."""
    check(sending, recipient, "" if permit is None else permit.purpose)
    return add(tx, environment, operator, sending, recipient, parcel, permit)


def add(
    tx: Transaction, environment: Environment, operator: OperatorRow, sending: Sending, recipient: Recipient,
    parcel: Parcel, permit: PermitRow | None = None,
) -> DepartureRow:  # fmt: skip
    """The row of a departure that was checked, or whose ground is the request's own."""
    now, span = environment.clock.now(), parcel.span
    row = DepartureRow(
        id=environment.ids.new(), number=tx.departures.next_number(to_datetime(now).year), carrier=parcel.carrier,
        subject=parcel.subject, recipient=recipient.name.strip(), kind=recipient.kind, country=recipient.country,
        language=parcel.language or LANGUAGES.get(recipient.country, "en"), law=sending.law, basis=recipient.basis,
        reference=recipient.reference.strip(), data=parcel.data, cameras=parcel.cameras,
        start=None if span is None else span.start, end=None if span is None else span.end, contents=parcel.contents,
        purpose="" if permit is None else permit.purpose, case_ref="" if permit is None else permit.case_ref,
        permit_number="" if permit is None else permit.number, ordered=now, ordered_by=operator.name,
        organisation=operator.organisation,
    )  # fmt: skip
    tx.departures.add(row)
    return row


def require(tx: Transaction, carrier: Carrier, subject: str) -> DepartureRow:
    """The order under which something may leave. RecipientNeeded for what was ordered before recipients were named."""
    row = tx.departures.of(carrier, subject)
    if row is None:
        raise RecipientNeeded(
            say(
                "transfer-old-order",
                "This was ordered before recipients were named, so nobody knows to whom it goes and on what ground.",
            ),
            "Order it again, and name the recipient.",
        )
    return row


def leave(tx: Transaction, environment: Environment, row: DepartureRow, by: str, origin: str, sha256: str) -> None:
    """It is handed out: on the record with everything that the law wants known, once."""
    if tx.departures.leave(row.id, environment.clock.now(), by, sha256):
        audit.append(
            tx, environment, actor=by, origin=origin, action="departures.leave", subject=row.id,
            detail=told(row) | {"sha256": sha256},
        )  # fmt: skip


def hand_out(
    tx: Transaction, environment: Environment, operator: OperatorRow, sending: Sending, recipient: Recipient,
    parcel: Parcel, data: bytes, origin: str,
) -> DepartureRow:  # fmt: skip
    """Order something and hand it out in one step, as what is made at once is. TransferRefused."""
    row = order(tx, environment, operator, sending, recipient, parcel)
    leave(tx, environment, row, operator.name, origin, hashlib.sha256(data).hexdigest())
    return row


def told(row: DepartureRow) -> dict[str, object]:
    """What audit rows and manifests say of a departure."""
    return {
        "number": row.number, "carrier": row.carrier.value, "recipient": row.recipient, "kind": row.kind.value,
        "country": row.country, "law": row.law, "basis": row.basis, "basis_law": transfer_table().bases[row.basis].law,
        "reference": row.reference, "data": list(row.data),
    }  # fmt: skip
