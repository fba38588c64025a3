"""Placing and releasing holds: footage that nothing may evict (docs/design/0020).

Placing needs a permit that covers recorded pictures, or, for the data-protection officer, a ground of its own. Releasing
needs two people: one asks and says why, another one agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.plain_words import bounded, is_plain
from istros.base.said import say
from istros.base.time import DAY, Span, Time, to_iso
from istros.compliance import audit, permits
from istros.compliance.access import Access, Subject, standard_access
from istros.compliance.errors import HoldRefused, HoldStateConflict, HoldUnknown
from istros.compliance.permits import Scope
from istros.store import Transaction
from istros.store.holds import HoldKind, HoldRow
from istros.store.rows import OperatorRow

ACTION = "holds.place"
BY_OFFICE = "protection_officer"
"""The role that holds footage by its office: a person may ask that it be kept (GDPR article 18)."""

LONGEST_AHEAD = 30 * DAY
"""Microseconds that a hold may reach into the future; a longer one is asked for again, by a person."""

REVIEW_AFTER = 90 * DAY
"""Microseconds until a person looks again, where nobody names a date."""

LONGEST_REVIEW = 366 * DAY
"""Twelve months: no hold goes unlooked at for longer."""

MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What a person asks to be kept. `ground` and `case_ref` count where no permit says them."""

    cameras: Sequence[str]
    span: Span
    kind: HoldKind
    reason: str
    permit_id: str | None = None
    ground: str = ""
    case_ref: str = ""
    review: Time | None = None
    """By when a person looks whether it is still needed; None: in 90 days."""


def place(
    tx: Transaction, environment: Environment, operator: OperatorRow, asked: HoldRequest, *, origin: str,
    access: Access | None = None,
) -> HoldRow:  # fmt: skip
    """Hold footage from now on. HoldRefused, PermitRefused (CameraNotAllowed: a camera in a group barred to the role)."""
    now = environment.clock.now()
    _check(asked)
    subject, policy = Subject(operator.role, operator.organisation), access or standard_access()
    barred = [each for each in asked.cameras if not policy.on_camera(subject, ACTION, each)]
    permits.refuse_cameras(subject.role, ACTION, barred)
    if asked.span.end > now + LONGEST_AHEAD:
        raise HoldRefused(
            say(
                "hold-too-far", f"A hold reaches {LONGEST_AHEAD // DAY} days ahead at most.", days=LONGEST_AHEAD // DAY
            ),
            "Choose an earlier end; it can be placed again.",
        )
    review_by = _review_by(asked.review, now)
    ground, case_ref = asked.ground.strip(), asked.case_ref.strip()
    if operator.role != BY_OFFICE or asked.permit_id:
        scope = Scope(tuple(asked.cameras), asked.span)
        permit = permits.require(tx, asked.permit_id or "", operator, ACTION, now, scope)
        ground, case_ref = permit.ground, permit.case_ref
    elif not ground:
        raise HoldRefused(
            say("hold-ground-missing", "A hold by office needs a legal ground."),
            "Name the law and article, or the order.",
        )
    row = HoldRow(
        id=environment.ids.new(), cameras=tuple(sorted(set(asked.cameras))), start=asked.span.start,
        end=asked.span.end, kind=asked.kind, reason=asked.reason.strip(), ground=ground, case_ref=case_ref,
        organisation=operator.organisation, permit_id=asked.permit_id, placed=now, placed_by=operator.name,
        review=review_by,
    )  # fmt: skip
    tx.holds.add(row)
    detail = {
        "cameras": list(row.cameras), "from": to_iso(row.start), "to": to_iso(row.end), "kind": row.kind,
        "reason": row.reason, "ground": ground, "case": case_ref, "review": to_iso(review_by),
    }  # fmt: skip
    audit.append(
        tx, environment, actor=operator.name, origin=origin, action=ACTION, subject=row.id, permit=asked.permit_id,
        detail=detail,
    )  # fmt: skip
    return row


def ask_release(
    tx: Transaction, environment: Environment, operator: OperatorRow, hold_id: str, reason: str, *, origin: str
) -> HoldRow:
    """Ask that a hold be released; it goes on until somebody else agrees. HoldUnknown, HoldRefused, HoldStateConflict."""
    _known(tx, hold_id)
    if not reason.strip():
        raise HoldRefused(
            say("hold-release-reason", "A hold is not released without a reason."),
            "Write why the footage need not be kept any more.",
        )
    if not tx.holds.ask_release(hold_id, environment.clock.now(), operator.name, reason.strip()[:MOST_LETTERS]):
        raise HoldStateConflict(
            say("hold-release-asked", "The release of this hold was asked for already, or it is released."),
            "Look at the list of holds again.",
        )
    _record(tx, environment, operator, origin, "ask-release", hold_id, {"reason": reason.strip()})
    return _known(tx, hold_id)


def answer_release(
    tx: Transaction, environment: Environment, operator: OperatorRow, hold_id: str, agree: bool, *, origin: str
) -> HoldRow:
    """Agree to a release as the second person, or refuse it (which whoever asked may do too, to take it back).

    HoldUnknown, HoldRefused (the same person), HoldStateConflict (nobody asked).
    """
    row = _known(tx, hold_id)
    if agree and row.released is None and row.release_asked_by == operator.name:
        raise HoldRefused(
            say("hold-own", "Whoever asks for a release cannot agree to it."),
            "Ask a second person with the right to release holds.",
        )
    done = (
        tx.holds.release(hold_id, environment.clock.now(), operator.name) if agree else tx.holds.refuse_release(hold_id)
    )
    if not done:
        raise HoldStateConflict(
            say("hold-not-asked", "Nobody asked to release this hold."), "Ask for its release first."
        )
    step = "release" if agree else "refuse-release"
    _record(tx, environment, operator, origin, step, hold_id, {"asked_by": row.release_asked_by or ""})
    return _known(tx, hold_id)


def review(
    tx: Transaction, environment: Environment, operator: OperatorRow, hold_id: str, until: Time, reason: str, *,
    origin: str,
) -> HoldRow:  # fmt: skip
    """Say that a hold is still needed, and by when it is looked at again. HoldUnknown, HoldRefused, HoldStateConflict."""
    row, now = _known(tx, hold_id), environment.clock.now()
    reason = reason.strip()
    if not reason or not is_plain(reason, MOST_LETTERS, ""):
        raise HoldRefused(
            say("hold-review-reason", "A review needs a reason in one line.", most=MOST_LETTERS),
            f"Write in at most {MOST_LETTERS} letters why it is kept.",
        )
    until = _review_by(until, now)
    if not tx.holds.keep_until(hold_id, until, now, operator.name, reason):
        raise HoldStateConflict(say("hold-released", "This hold is released."), "Look at the list of holds again.")
    detail: dict[str, object] = {"until": to_iso(until), "before": to_iso(row.review), "reason": reason}
    _record(tx, environment, operator, origin, "review", hold_id, detail)
    return _known(tx, hold_id)


def mark_overdue(tx: Transaction, environment: Environment) -> list[HoldRow]:
    """Put on the record, once for each date, which holds nobody has reviewed in time; those that were. None is released."""
    now = environment.clock.now()
    late = tx.holds.untold(now)
    for row in late:
        tx.holds.told(row.id, now)
        audit.append(
            tx, environment, actor="istros", origin="server", action="holds.overdue", subject=row.id,
            detail={"review": to_iso(row.review), "placed_by": row.placed_by, "cameras": list(row.cameras)},
        )  # fmt: skip
    return late


def _review_by(asked: Time | None, now: Time) -> Time:
    found = Time(now + REVIEW_AFTER) if asked is None else asked
    if not now < found <= now + LONGEST_REVIEW:
        raise HoldRefused(
            say("hold-review-date", "A hold is reviewed within twelve months from now."), "Choose a date in that time."
        )
    return found


def _check(asked: HoldRequest) -> None:
    if not asked.cameras:
        raise HoldRefused(say("hold-no-camera", "A hold names at least one camera."), "Choose the cameras.")
    if asked.span.end <= asked.span.start:
        raise HoldRefused(say("hold-backwards", "A hold ends after it begins."), "Choose a later end.")
    if not asked.reason.strip():
        raise HoldRefused(say("hold-reason", "A hold needs a reason."), "Write why this footage must be kept.")
    for name, text in (("reason", asked.reason), ("ground", asked.ground), ("case number", asked.case_ref)):
        bounded(text, name, MOST_LETTERS, HoldRefused)


def _known(tx: Transaction, hold_id: str) -> HoldRow:
    row = tx.holds.get(hold_id)
    if row is None:
        raise HoldUnknown(say("hold-none", "There is no such hold."), "Look at the list of holds again.")
    return row


def _record(
    tx: Transaction, environment: Environment, operator: OperatorRow, origin: str, step: str, hold_id: str,
    detail: dict[str, object],
) -> None:  # fmt: skip
    audit.append(
        tx, environment, actor=operator.name, origin=origin, action=f"holds.{step}", subject=hold_id, detail=detail
    )
