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
from istros.store.exports import ExportJobRow
from istros.store.faces import FaceCandidateRow
from istros.store.rows import AlarmRow, OperatorRow, PlateReadRow

CONFIRM_WITHIN = 72 * HOUR
MOST_LETTERS = 500
_HELD = ("plate",)
"""What a notice names as the recipient has it."""


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
    """What holds it is handed out no more, and each who got it gets a notice; those that were written or written anew.

    A notice that is still open says what is right now, and its time begins again; after a confirmation there is a new one.
    A person who got what they asked about themselves is told by their letter.
    """
    told: list[CorrectionRow] = []
    for leaving in holders:
        tx.departures.spoil(leaving.id, wrong.cause)
        if leaving.gone is None or leaving.kind is RecipientKind.PERSON:
            continue
        known = tx.corrections.open_of(leaving.id, wrong.cause, wrong.subject)
        row = (
            _written(tx, environment, wrong, leaving, by) if known is None else _anew(tx, environment, wrong, known, by)
        )
        if row is not None:
            detail = {"departure": leaving.number, "cause": wrong.cause.value, "remedy": wrong.remedy.value}
            step = "notify" if known is None else "renew"
            _record(tx, environment, by, origin, step, row, detail | {"due": to_iso(row.due)})
            told.append(row)
    return told


def _written(tx: Transaction, environment: Environment, wrong: Wrong, leaving: DepartureRow, by: str) -> CorrectionRow:
    now = environment.clock.now()
    row = CorrectionRow(
        environment.ids.new(), tx.corrections.next_number(to_datetime(now).year), leaving.id, wrong.cause,
        wrong.subject, wrong.remedy, canonical(dict(wrong.facts)).decode(), now, by, Time(now + CONFIRM_WITHIN),
    )  # fmt: skip
    tx.corrections.add(row)
    return row


def _anew(tx: Transaction, environment: Environment, wrong: Wrong, row: CorrectionRow, by: str) -> CorrectionRow | None:
    """The recipient still has what the first notice names; None where that is said already."""
    now, named = environment.clock.now(), {name: row.known_facts[name] for name in _HELD if name in row.known_facts}
    facts = dict(wrong.facts) | named
    if facts == row.known_facts:
        return None
    tx.corrections.set(
        row.id, facts=canonical(facts).decode(), found=now, found_by=by, due=Time(now + CONFIRM_WITHIN), sent=None,
        sent_by="", told=None,
    )  # fmt: skip
    return known(tx, row.id)


def holders_of_footage(tx: Transaction, cameras: tuple[str, ...], span: Span) -> list[DepartureRow]:
    """Whose packages, gone or ordered, have footage of these cameras (none: of any) in a span."""
    return tx.departures.touching(cameras, span)


def holders_of_read(tx: Transaction, read: PlateReadRow) -> list[DepartureRow]:
    """Whose packages, gone or ordered, tell the plate of a read, by itself or in an alarm that it raised."""
    found = tx.departures.touching((read.camera_id,), Span(read.time, Time(read.time + 1)))
    alarms = tx.alarms.of_read(read)
    return [row for row in found if _tells_read(tx, row, read, alarms)]


def _tells_read(tx: Transaction, row: DepartureRow, read: PlateReadRow, alarms: Iterable[AlarmRow]) -> bool:
    """A package without an order is from before orders were kept: rather one letter too many."""
    job = tx.exports.get(row.subject)
    tells_alarm = any(job is None or job.tells_alarm_of(alarm.plate) for alarm in alarms)
    # Once corrected, the machine's word is the first of the others: a package may have been ordered by that.
    texts = (read.text, *(text for text, _ in read.alternatives[:1] if read.corrected is not None))
    return any(_tells_plate(row, job, text) for text in texts) or ("alarms" in row.data and tells_alarm)


def tells_plate(tx: Transaction, row: DepartureRow, plate: str) -> bool:
    """Whether a package tells of reads of that plate, if there are any."""
    return _tells_plate(row, tx.exports.get(row.subject), plate)


def _tells_plate(row: DepartureRow, job: ExportJobRow | None, plate: str) -> bool:
    return "plates" in row.data and (job is None or job.tells_plate(plate))


def holders_of_alarm(tx: Transaction, alarm: AlarmRow) -> list[DepartureRow]:
    """Whose packages, gone or ordered, tell of an alarm."""
    found = tx.departures.touching((alarm.camera_id,), Span(alarm.time, Time(alarm.time + 1)))
    return [row for row in found if "alarms" in row.data]


def holders_of_face(tx: Transaction, candidate: FaceCandidateRow) -> list[DepartureRow]:
    """Whose packages, gone or ordered, tell of a confirmed face: by its alarm, or as a finding of a search in the films of its case."""
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
