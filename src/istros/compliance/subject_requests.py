"""Requests of people about themselves: taken in, the person recognised, footage kept, decided, answered, erased (docs/design/0037).

What the audit chain says of them is number, kind and step: it is never erased, so no name and no plate may stand in it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from istros.base.environment import Environment
from istros.base.local_time import to_local
from istros.base.plain_words import bounded
from istros.base.said import say
from istros.base.time import DAY, Span, Time, from_datetime, to_datetime, to_iso
from istros.compliance import audit, corrections, holds, request_acts
from istros.compliance.access import Access
from istros.compliance.corrections import Cause, Remedy, Wrong
from istros.compliance.errors import RequestRefused as RequestRefused
from istros.compliance.errors import RequestStateConflict as RequestStateConflict
from istros.compliance.errors import RequestUnknown as RequestUnknown
from istros.compliance.holds import HoldRequest
from istros.compliance.permits import REQUEST_US
from istros.store import Transaction
from istros.store.rows import OperatorRow
from istros.store.subject_requests import Asked as Asked
from istros.store.subject_requests import Decision as Decision
from istros.store.subject_requests import Law as Law
from istros.store.subject_requests import SubjectRequestRow

MARGIN_US = REQUEST_US
"""How far before and after the time that a person names footage is looked for and kept."""

WARNED_US = 7 * DAY
"""So long before its deadline an open request is brought before the data-protection officer."""

KEPT_DAYS = 3 * 365
"""How long an answered request is kept: as long as a claim about it can be raised in both countries."""

LONGEST_US = 2 * DAY
MOST_CAMERAS = 64
MOST_LETTERS = 2000

GROUNDS: Mapping[Law, Mapping[Asked, str]] = {
    Law.GDPR: {
        Asked.ACCESS: "GDPR, article 15", Asked.RECTIFICATION: "GDPR, article 16",
        Asked.ERASURE: "GDPR, article 17", Asked.RESTRICTION: "GDPR, article 18",
        Asked.OBJECTION: "GDPR, article 21",
    },
    Law.LED: {
        Asked.ACCESS: "Directive (EU) 2016/680, article 14",
        Asked.RECTIFICATION: "Directive (EU) 2016/680, article 16(1)", Asked.ERASURE: "Directive (EU) 2016/680, article 16(2)",
        Asked.RESTRICTION: "Directive (EU) 2016/680, article 16(3)",
        Asked.OBJECTION: "Directive (EU) 2016/680, article 16",
    },
    Law.UA: {
        Asked.ACCESS: "Law of Ukraine 2297-VI, article 8(2)(3)",
        Asked.RECTIFICATION: "Law of Ukraine 2297-VI, article 8(2)", Asked.ERASURE: "Law of Ukraine 2297-VI, article 8(2)(6)",
        Asked.RESTRICTION: "Law of Ukraine 2297-VI, article 8(2)(10)",
        Asked.OBJECTION: "Law of Ukraine 2297-VI, article 8(2)(5)",
    },
}  # fmt: skip
"""By which article somebody asks; the officer writes another ground where a decision needs one.

GDPR (EU) 2016/679, articles 15 to 18, 21. Directive (EU) 2016/680: article 14 access (15 its limits), article 16 correction,
erasure and restriction; it knows no right to object, so that an objection is taken as a request under article 16. The numbers
of Law of Ukraine 2297-VI were not read in its text, and of Romania's Law 363/2018 the text was not at hand either, so the
directive's article is named: a lawyer of each country checks both before a node answers anybody with them.
"""

REMEDIES: Mapping[Asked, Remedy] = {
    Asked.RECTIFICATION: Remedy.CORRECT, Asked.ERASURE: Remedy.ERASE, Asked.RESTRICTION: Remedy.RESTRICT,
}  # fmt: skip
"""What those who got the data are told to do once it is granted (GDPR article 19, Directive 2016/680 article 16(5) and (6))."""

_UA_DAYS = 30
"""Within so many calendar days this node meets a request under Ukrainian law, and takes no longer time.

It is meant to be what Law 2297-VI asks at the strictest; its text was not read, so a lawyer checks it (docs/design/0037).
"""

_UA_NOTICE_WORKING_DAYS = 10
"""Within so many working days the person is told whether it will be met; taken and to be checked like `_UA_DAYS`."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What is written down when somebody asks."""

    asked: Asked
    law: Law
    channel: str
    language: str
    received: Time
    name: str
    contact: str
    cameras: Sequence[str]
    span: Span
    description: str
    plate: str = ""
    plate_proof: str = ""
    wrong: str = ""
    """For a correction: what is wrong, and in `right` what it should be; nothing otherwise."""
    right: str = ""


def deadline(law: Law, received: Time, *, extended: bool = False) -> Time:
    """The end of the last day on which it can be answered in time, by the town's clock.

    GDPR article 12(3): without undue delay and within a month, three in all with an extension of which the person is told
    in the first. Directive 2016/680 articles 12(3), 14 and 16 name no figure but "without undue delay", so the GDPR's holds
    here. Ukraine: `_UA_DAYS`, never longer. The day of receipt does not count (Regulation 1182/71, article 3).
    """
    local = to_local(received)
    if law is Law.UA:
        later = to_local(Time(received + _UA_DAYS * DAY))
        year, month, day = later.year, later.month, later.day
    else:
        months = local.month - 1 + (3 if extended else 1)
        year, month = local.year + months // 12, months % 12 + 1
        day = min(local.day, monthrange(year, month)[1])
    return _end_of_day(year, month, day)


def notice_by(law: Law, received: Time) -> Time | None:
    """By when the person is told whether the request will be met, where the law asks it before the answer; None elsewhere.

    Saturdays and Sundays do not count; holidays do, as if they were worked on: the node would rather be early.
    """
    if law is not Law.UA:
        return None
    left, day = _UA_NOTICE_WORKING_DAYS, received
    while left:
        day = Time(day + DAY)
        left -= to_local(day).weekday() < 5
    local = to_local(day)
    return _end_of_day(local.year, local.month, local.day)


def _end_of_day(year: int, month: int, day: int) -> Time:
    noon = from_datetime(datetime(year, month, day, 12, tzinfo=UTC))
    offset = to_local(noon).utcoffset()
    assert offset is not None
    return Time(
        from_datetime(datetime(year, month, day, 23, 59, 59, tzinfo=UTC)) - round(offset.total_seconds()) * 1_000_000
    )


def wide(row: SubjectRequestRow) -> Span:
    """The time that is looked at: what the person says, an hour more on each side."""
    return Span(Time(row.start - MARGIN_US), Time(row.end + MARGIN_US))


def take_in(
    tx: Transaction, environment: Environment, operator: OperatorRow, asked: Intake, *, origin: str
) -> SubjectRequestRow:
    """Write a request down; its deadline runs from `received`. RequestRefused."""
    now = environment.clock.now()
    _check(asked, now)
    row = SubjectRequestRow(
        id=environment.ids.new(), number=tx.subject_requests.next_number(to_datetime(now).year), asked=asked.asked,
        law=asked.law, channel=asked.channel, language=asked.language, received=asked.received,
        due=deadline(asked.law, asked.received), taken_by=operator.name, name=_text(asked.name, "name"),
        contact=_text(asked.contact, "address for the answer"), cameras=tuple(dict.fromkeys(asked.cameras)),
        start=asked.span.start, end=asked.span.end, description=asked.description.strip(), plate=asked.plate.strip(),
        plate_proof=asked.plate_proof.strip(), wrong=asked.wrong.strip(), right=asked.right.strip(),
        organisation=operator.organisation,
    )  # fmt: skip
    tx.subject_requests.add(row)
    detail = {"asked": row.asked.value, "law": row.law.value, "channel": row.channel, "due": to_iso(row.due)}
    _record(tx, environment, operator.name, origin, "take", row, detail)
    return row


def _check(asked: Intake, now: Time) -> None:
    if asked.span.end - asked.span.start > LONGEST_US:
        raise RequestRefused(
            say("request-time-long", "The time is longer than two days."),
            "Ask the person for a narrower one; an hour is added anyway.",
        )
    if asked.received > now or asked.span.start > now:
        raise RequestRefused(
            say("request-times", "A request comes from the past and is about it."), "Correct the times."
        )
    if len(asked.cameras) > MOST_CAMERAS:
        raise RequestRefused(
            say("request-cameras", f"More than {MOST_CAMERAS} cameras are named.", most=MOST_CAMERAS),
            "Leave them out; then all are looked at.",
        )
    if not asked.description.strip() and not asked.plate.strip():
        raise RequestRefused(
            say("request-looks", "Nothing tells the person apart."),
            "Write what they looked like or carried, or the plate of their vehicle.",
        )
    if asked.plate.strip() and not asked.plate_proof.strip():
        raise RequestRefused(
            say("request-plate-proof", "A plate needs proof that the vehicle is the person's own."),
            "Look at the registration certificate, and write what you saw; keep no copy.",
        )
    _check_correction(asked)
    for name, text in (("description", asked.description), ("plate", asked.plate), ("proof", asked.plate_proof)):
        bounded(text, name, MOST_LETTERS, RequestRefused)


def _check_correction(asked: Intake) -> None:
    told = (("description of what is wrong", asked.wrong), ("word on what it should be", asked.right))
    for name, text in told:
        if asked.asked is Asked.RECTIFICATION:
            _text(text, name)
        elif text.strip():
            raise RequestRefused(
                say("request-correction-alone", f"A {name} belongs to a request for correction alone.", what=name),
                "Choose correction.",
            )


def check_identity(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, how: str, *, origin: str
) -> SubjectRequestRow:
    """Write down how the person was recognised: words, no copy of a document. Raises as `decide` does."""
    row = _open(tx, id)
    if row.identity_checked is not None:
        raise RequestStateConflict(
            say("request-recognised", "The person was recognised already."), "Look at the request again."
        )
    values = {"identity": _text(how, "way of recognising the person"), "identity_by": operator.name}
    tx.subject_requests.set(id, identity_checked=environment.clock.now(), **values)
    _record(tx, environment, operator.name, origin, "identify", row, {})
    return _known(tx, id)


def preserve(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, cameras: Sequence[str], *, origin: str,
    access: Access | None = None,
) -> SubjectRequestRow:  # fmt: skip
    """Keep what may show the person, before anything is decided: recordings would go while people think.

    `cameras` are those that have something; with none the request says that there was nothing to keep.
    """
    row = _open(tx, id)
    if row.preserved is not None:
        raise RequestStateConflict(say("request-kept", "The footage is kept already."), "Look at the request again.")
    hold_id = None
    if cameras:
        reason = f"Request {row.number}: kept until it is answered and any complaint is over"
        asked = HoldRequest(tuple(cameras), wide(row), "legal", reason, None, GROUNDS[row.law][row.asked], row.number)
        hold_id = holds.place(tx, environment, operator, asked, origin=origin, access=access).id
    tx.subject_requests.set(id, preserved=environment.clock.now(), hold_id=hold_id)
    _record(tx, environment, operator.name, origin, "preserve", row, {"cameras": list(cameras), "hold": hold_id or ""})
    return _known(tx, id)


def extend(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, reason: str, *, origin: str
) -> SubjectRequestRow:
    """Take the longer time, once, before the first is over; the person is told why."""
    row, now = _open(tx, id), environment.clock.now()
    if row.law is Law.UA:
        raise RequestRefused(
            say("request-no-delay", "This node puts off no request under the law of Ukraine (2297-VI)."),
            "Answer by the deadline.",
        )
    if row.extended is not None:
        raise RequestStateConflict(
            say("request-extended", "The time was extended already; the law allows it once."), "Answer by the deadline."
        )
    if now > row.due:
        raise RequestStateConflict(
            say("request-late", "The deadline is over: it cannot be extended any more."), "Answer at once."
        )
    due = deadline(row.law, row.received, extended=True)
    values = {"extension_reason": _text(reason, "reason"), "extended": now, "due": due, "warned": None}
    tx.subject_requests.set(id, **values)
    _record(tx, environment, operator.name, origin, "extend", row, {"due": to_iso(due)})
    return _known(tx, id)


def decide(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, decision: Decision, ground: str,
    reasons: str, *, origin: str, corrected: str = "",
) -> SubjectRequestRow:  # fmt: skip
    """Grant, grant in part, refuse, or neither confirm nor deny. A granted erasure takes the person's plate reads away.

    `corrected` is what a granted correction makes of it; empty: what the person asked for, which cannot be in part.
    RequestUnknown, RequestRefused (what is missing), RequestStateConflict (decided already, footage not kept yet).
    """
    row = _open(tx, id)
    if row.decision is not None:
        raise RequestStateConflict(
            say("request-decided", "This request is decided already."), "Look at the request again."
        )
    if row.preserved is None:
        raise RequestStateConflict(
            say("request-keep-first", "Footage is kept first and decided on then."),
            "Keep what there is, or look that there is none.",
        )
    if decision in {Decision.GRANTED, Decision.PART} and row.identity_checked is None:
        raise RequestRefused(
            say("request-identity", "Nobody has checked who the person is."),
            "Check it first, or refuse for that reason.",
        )
    if decision is Decision.NEITHER and row.law is not Law.LED:
        raise RequestRefused(
            say("request-neither", "Only the law of police work allows neither to confirm nor to deny."),
            "Grant, grant in part, or refuse with reasons.",
        )
    if decision in {Decision.PART, Decision.REFUSED} and not reasons.strip():
        raise RequestRefused(
            say("request-reasons", "Whoever is refused must be told why."),
            "Write the reasons, in the person's language.",
        )
    erased = _erase_reads(tx, row) if decision is Decision.GRANTED and row.asked is Asked.ERASURE else 0
    values = {
        "decision": decision,
        "ground": _text(ground, "legal ground"),
        "reasons": bounded(reasons, "reasons", MOST_LETTERS, RequestRefused).strip(),
        "corrected": _corrected(row, decision, corrected),
    }
    tx.subject_requests.set(
        id, decided=environment.clock.now(), decided_by=operator.name, erased_reads=erased, **values
    )
    _record(tx, environment, operator.name, origin, "decide", row, {"decision": decision.value, "erased_reads": erased})
    decided = _known(tx, id)
    if decision in {Decision.GRANTED, Decision.PART} and row.asked in REMEDIES:
        _tell_holders(tx, environment, decided, operator.name, origin)
    return decided


def _tell_holders(tx: Transaction, environment: Environment, row: SubjectRequestRow, by: str, origin: str) -> None:
    """Whoever has footage of the named cameras and time gets a notice, and what is ordered of them leaves no more.

    Where no camera is named, only whoever has the person's plate is told: others would learn of somebody whom they may not
    have. What is ordered of that time, of any camera, and tells the plate (or any, where none is named) leaves no more.
    """
    for leaving in corrections.holders_of_footage(tx, row.cameras, wide(row)):
        has_plate = bool(row.plate) and corrections.tells_plate(tx, leaving, row.plate)
        if row.cameras or has_plate:
            wrong = _wrong_of(row, {"plate": row.plate} if has_plate else {})
            corrections.notify(tx, environment, wrong, [leaving], by, origin)
        elif not row.plate and leaving.gone is None:
            tx.departures.spoil(leaving.id, Cause.REQUEST)


def _corrected(row: SubjectRequestRow, decision: Decision, corrected: str) -> str:
    if row.asked is not Asked.RECTIFICATION or decision not in {Decision.GRANTED, Decision.PART}:
        return ""
    usual = row.right if decision is Decision.GRANTED else ""
    if not (corrected.strip() or usual):
        raise RequestRefused(
            say("correction-in-part", "A correction in part says what it is corrected to."),
            "Write what it says from now on.",
        )
    return _text(corrected.strip() or usual, "word on what it is corrected to")


def _wrong_of(row: SubjectRequestRow, known: Mapping[str, str]) -> Wrong:
    """What whoever got the data is told of a granted request: where and when, what to correct, and what they know of the
    person. How the person looks is not said: most who have footage of that place have nothing else of them."""
    facts = {
        "camera": ", ".join(row.cameras), "from": to_iso(row.start), "to": to_iso(row.end), **known, "wrong": row.wrong,
        "right": row.corrected,
    }  # fmt: skip
    told = {name: text for name, text in facts.items() if text}
    return Wrong(Cause.REQUEST, row.number, REMEDIES[row.asked], told)


def _erase_reads(tx: Transaction, row: SubjectRequestRow) -> int:
    """Those that raised an alarm stay: they belong to the alarm's case, as with retention."""
    return (
        tx.reads.remove([read.id for read in tx.reads.of_plate(row.plate, row.cameras, wide(row))]) if row.plate else 0
    )


def answer(
    tx: Transaction, environment: Environment, operator: OperatorRow, id: str, letter_sha256: str, *, origin: str,
    unchanged: str = "",
) -> SubjectRequestRow:  # fmt: skip
    """The letter went out; its hash goes on the record, and the request's own time begins to run.

    `unchanged` says why nothing had to be changed in the node for a granted correction; it is kept where nothing was.
    RequestUnknown, RequestRefused (a granted correction for which nothing was done and no reason is given),
    RequestStateConflict.
    """
    row, now = _open(tx, id), environment.clock.now()
    if row.decision is None:
        raise RequestStateConflict(say("request-undecided", "Nothing is decided yet."), "Decide first.")
    erase_after, done = Time(now + KEPT_DAYS * DAY), len(request_acts.done_for(tx, row))
    is_correction = row.asked is Asked.RECTIFICATION and row.decision in {Decision.GRANTED, Decision.PART}
    why = _why_unchanged(unchanged) if is_correction and not done else ""
    tx.subject_requests.set(id, answered=now, letter_sha256=letter_sha256, erase_after=erase_after, unchanged=why)
    detail = {"sha256": letter_sha256, "in_time": now <= row.due, "days": (now - row.received) // DAY}
    _record(tx, environment, operator.name, origin, "answer", row, detail | ({"mended": done} if is_correction else {}))
    return _known(tx, id)


def _why_unchanged(reason: str) -> str:
    if not reason.strip():
        raise RequestRefused(
            say("request-nothing-mended", "Nothing was corrected in the node for this request."),
            "Have it corrected under the request's number first, or write why there is nothing to change.",
        )
    return bounded(reason, "reason", MOST_LETTERS, RequestRefused).strip()


def warn(tx: Transaction, environment: Environment) -> list[SubjectRequestRow]:
    """Bring open requests whose deadline is near before the officer, each once; those that were."""
    now = environment.clock.now()
    near = [row for row in tx.subject_requests.due_before(Time(now + WARNED_US)) if row.warned is None]
    for row in near:
        tx.subject_requests.set(row.id, warned=now)
        _record(tx, environment, "istros", "server", "escalate", row, {"due": to_iso(row.due), "late": now > row.due})
    return near


def forget(tx: Transaction, environment: Environment) -> int:
    """Erase what tells who asked, once a request's own time is over; how many."""
    now = environment.clock.now()
    due = tx.subject_requests.to_erase(now)
    for row in due:
        tx.subject_requests.erase(row.id, now)
        _record(tx, environment, "istros", "server", "forget", row, {})
    return len(due)


def _known(tx: Transaction, id: str) -> SubjectRequestRow:
    row = tx.subject_requests.get(id)
    if row is None:
        raise RequestUnknown(say("request-none", "There is no such request."), "Look at the list of requests again.")
    return row


def _open(tx: Transaction, id: str) -> SubjectRequestRow:
    """One that is not answered; whoever takes a step at the same moment waits, and decides by what this one wrote."""
    tx.wait_for(f"request {id}")
    row = _known(tx, id)
    if row.answered is not None:
        raise RequestStateConflict(say("request-answered", "This request is answered."), "Take in a new one.")
    return row


def _text(text: str, name: str) -> str:
    if not text.strip():
        raise RequestRefused(say("text-missing", f"The {name} is missing.", what=name), "Write it down.")
    return bounded(text, name, MOST_LETTERS, RequestRefused).strip()


def _record(
    tx: Transaction, environment: Environment, actor: str, origin: str, step: str, row: SubjectRequestRow,
    detail: Mapping[str, object],
) -> None:  # fmt: skip
    audit.append(
        tx, environment, actor=actor, origin=origin, action=f"requests.{step}", subject=row.id,
        detail={"number": row.number} | dict(detail),
    )  # fmt: skip
