"""Wrong data are corrected with everybody who got them (rule L17, docs/design/0042).

When something turns out wrong, the record of departures tells who has it; each recipient gets a notice and has 72 hours to
confirm (Directive 2016/680 articles 7(3) and 16(5), GDPR article 19, Law of Ukraine 2297-VI article 21). What the audit chain
says of it is numbers and steps: it is never erased, so no plate and no name may stand in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import say
from istros.base.time import HOUR, Span, Time, to_datetime, to_iso
from istros.compliance import audit
from istros.compliance.errors import CorrectionRefused as CorrectionRefused
from istros.compliance.errors import CorrectionUnknown as CorrectionUnknown
from istros.store import Transaction
from istros.store.corrections import Cause as Cause
from istros.store.corrections import CorrectionRow as CorrectionRow
from istros.store.corrections import Remedy as Remedy
from istros.store.departures import Carrier, DepartureRow, RecipientKind
from istros.store.faces import FaceCandidateRow
from istros.store.rows import AlarmRow, OperatorRow, PlateReadRow

CONFIRM_WITHIN = 72 * HOUR
MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class Wrong:
    """What turned out wrong. `facts` tell the recipient what to look for; they stand in no audit row."""

    cause: Cause
    subject: str
    remedy: Remedy
    facts: Mapping[str, str]


def notify(
    tx: Transaction, environment: Environment, wrong: Wrong, holders: Iterable[DepartureRow], by: str, origin: str
) -> list[CorrectionRow]:
    """A notice for each who has it, once; a person who got what they asked about themselves is told by their letter."""
    now = environment.clock.now()
    made: list[CorrectionRow] = []
    for leaving in holders:
        if leaving.kind is RecipientKind.PERSON or tx.corrections.of(leaving.id, wrong.cause, wrong.subject):
            continue
        row = CorrectionRow(
            environment.ids.new(), tx.corrections.next_number(to_datetime(now).year), leaving.id, wrong.cause,
            wrong.subject, wrong.remedy, canonical(dict(wrong.facts)).decode(), now, by, Time(now + CONFIRM_WITHIN),
        )  # fmt: skip
        tx.corrections.add(row)
        detail = {"departure": leaving.number, "cause": wrong.cause.value, "remedy": wrong.remedy.value}
        _record(tx, environment, by, origin, "notify", row, detail | {"due": to_iso(row.due)})
        made.append(row)
    return made


def holders_of_footage(tx: Transaction, cameras: tuple[str, ...], span: Span) -> list[DepartureRow]:
    """Who has packages with footage of these cameras (none: of any) in a span."""
    return tx.departures.touching(cameras, span)


def holders_of_read(tx: Transaction, read: PlateReadRow) -> list[DepartureRow]:
    """Who has packages that tell of a plate read, by itself or in an alarm."""
    found = tx.departures.touching((read.camera_id,), Span(read.time, Time(read.time + 1)))
    return [row for row in found if {"plates", "alarms"} & set(row.data)]


def holders_of_alarm(tx: Transaction, alarm: AlarmRow) -> list[DepartureRow]:
    """Who has packages that tell of an alarm."""
    found = tx.departures.touching((alarm.camera_id,), Span(alarm.time, Time(alarm.time + 1)))
    return [row for row in found if "alarms" in row.data]


def holders_of_face(tx: Transaction, candidate: FaceCandidateRow) -> list[DepartureRow]:
    """Who has packages that tell of a confirmed face: by its alarm, or as a finding of a search in the films of its case."""
    alarm, search = tx.alarms.get(candidate.alarm_id or ""), tx.face_searches.get(candidate.search_id or "")
    if search is None:
        return [] if alarm is None else holders_of_alarm(tx, alarm)
    films = holders_of_footage(tx, (candidate.camera_id,), Span(candidate.time, Time(candidate.time + 1)))
    return [row for row in films if row.case_ref == search.case_ref and "pictures" in row.data]


def holders_of_entry(tx: Transaction, entry_id: str, since: Time, now: Time) -> list[DepartureRow]:
    """Who has files that list a watchlist entry, of a plate or a person, or packages with what it brought."""
    packages = [row for row in tx.departures.touching((), Span(since, now)) if "alarms" in row.data]
    alarmed = [row for row in packages if _tells_of(tx, row, entry_id)]
    faces = [face for face in tx.faces.of_entry(entry_id) if face.outcome == "confirmed"]
    return [*tx.departures.holding(entry_id), *alarmed, *(row for face in faces for row in holders_of_face(tx, face))]


def _tells_of(tx: Transaction, row: DepartureRow, entry_id: str) -> bool:
    assert row.carrier is Carrier.EXPORT and row.start is not None and row.end is not None, "packages have a span"
    span = Span(row.start, row.end)
    alarms = (alarm for camera in row.cameras for alarm in tx.alarms.between(camera, span))
    return any(alarm.watchlist_entry_id == entry_id for alarm in alarms)


def mark_sent(tx: Transaction, environment: Environment, who: OperatorRow, id: str, *, origin: str) -> CorrectionRow:
    """The notice went out. CorrectionUnknown, CorrectionRefused (confirmed already)."""
    row = _open(tx, id)
    tx.corrections.set(id, sent=environment.clock.now(), sent_by=who.name)
    _record(tx, environment, who.name, origin, "send", row, {})
    return known(tx, id)


def confirm(
    tx: Transaction, environment: Environment, who: OperatorRow, id: str, how: str, *, origin: str
) -> CorrectionRow:
    """The recipient has done it: who said so and how. What was wrong is needed no more, and is blanked."""
    row, now = _open(tx, id), environment.clock.now()
    said = how.strip()
    if not said or not is_plain(said, MOST_LETTERS):
        raise CorrectionRefused(
            say("correction-words", "A confirmation names who gave it and how.", most=MOST_LETTERS),
            f"Write it down in up to {MOST_LETTERS} letters.",
        )
    tx.corrections.set(id, confirmed=now, confirmed_by=who.name, confirmation=said, facts="{}")
    _record(tx, environment, who.name, origin, "confirm", row, {"in_time": now <= row.due})
    return known(tx, id)


def mark_overdue(tx: Transaction, environment: Environment) -> list[CorrectionRow]:
    """Put notices that nobody confirmed in time on the record, each once; those that were."""
    now = environment.clock.now()
    late = [row for row in tx.corrections.overdue(now) if row.told is None]
    for row in late:
        tx.corrections.set(row.id, told=now)
        _record(tx, environment, "istros", "server", "overdue", row, {"due": to_iso(row.due)})
    return late


def known(tx: Transaction, id: str) -> CorrectionRow:
    """The notice of that id. CorrectionUnknown."""
    row = tx.corrections.get(id)
    if row is None:
        raise CorrectionUnknown("There is no such notice.", "Look at the list of notices again.")
    return row


def _open(tx: Transaction, id: str) -> CorrectionRow:
    row = known(tx, id)
    if row.confirmed is not None:
        raise CorrectionRefused(
            say("correction-confirmed", "The recipient has confirmed this already."), "Look at the notice again."
        )
    return row


def _record(
    tx: Transaction, environment: Environment, by: str, origin: str, step: str, row: CorrectionRow,
    detail: Mapping[str, object],
) -> None:  # fmt: skip
    audit.append(
        tx, environment, actor=by, origin=origin, action=f"corrections.{step}", subject=row.id,
        detail={"number": row.number} | dict(detail),
    )  # fmt: skip
