"""Permits: a recorded lawful reason, for a time (DESIGN rule 2).

Signing in opens a standing permit for the shift. Recorded pictures and plate searches need one of their own, with a
purpose that the role may pursue, a legal ground and a case number. Opening and closing are recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import HOUR, MINUTE, Span, Time, to_datetime, to_iso
from istros.compliance import audit
from istros.compliance.access import Access, Subject, standard_access
from istros.compliance.errors import CameraNotAllowed as CameraNotAllowed
from istros.compliance.errors import PermitExpired as PermitExpired
from istros.compliance.errors import PermitNeeded as PermitNeeded
from istros.compliance.errors import PermitNotOpened as PermitNotOpened
from istros.compliance.errors import PermitRefused as PermitRefused
from istros.compliance.errors import PermitTooNarrow as PermitTooNarrow
from istros.compliance.purposes import ALARM_REVIEW, DUTY, PURPOSES, SUBJECT_REQUEST, TO_OPEN
from istros.store import Transaction
from istros.store.rows import OperatorRow, PermitRow

MOST_HOURS = 12.0
"""Longest permit: one long shift."""

REVIEW_US = 15 * MINUTE
"""How far before and after its alarm a permit for `alarm-review` reaches (docs/design/0002)."""

REQUEST_US = HOUR
"""How far before and after the time of a person's request a permit for `subject-request` reaches."""

_MOST_LETTERS = 300
_MOST_CAMERAS = 64


@dataclass(frozen=True, slots=True)
class Scope:
    """What an answer would show: which cameras (empty: all), and which time (None: now)."""

    cameras: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where and when a permit counts: cameras (empty: all), and recorded time (None: without a bound on that side)."""

    cameras: tuple[str, ...] = ()
    start: Time | None = None
    end: Time | None = None


EVERYWHERE = Reach()
_ALL_TIME = Span(Time(0), Time(2**62))


def open_permit(
    tx: Transaction,
    environment: Environment,
    operator: OperatorRow,
    purpose: str,
    ground: str,
    case_ref: str,
    hours: float,
    *,
    origin: str = "server",
    access: Access | None = None,
    reach: Reach = EVERYWHERE,
) -> PermitRow:
    """Open a permit and record it. `PermitNotOpened` says what is missing.

    `reach` narrows it to some cameras and a stretch of recorded time; it is not widened later.

    For `alarm-review` `case_ref` is the alarm's id and the ground may be left empty.
    """
    subject = Subject(operator.role, operator.organisation)
    _check_purpose(access or standard_access(), subject, purpose)
    ground, case_ref = ground.strip(), case_ref.strip()
    _check_reason(tx, purpose, ground, case_ref)
    if not 0 < hours <= MOST_HOURS:
        raise PermitNotOpened(
            say("permit-length", f"A permit cannot last {hours:g} hours.", hours=f"{hours:g}", most=f"{MOST_HOURS:g}"),
            f"Ask for more than 0 and at most {MOST_HOURS:g} hours.",
        )
    _check_reach(reach)
    return _add(tx, environment, operator, purpose, ground, case_ref, round(hours * HOUR), origin, reach)


def standing_permit(
    tx: Transaction, environment: Environment, operator: OperatorRow, hours: float = MOST_HOURS, origin: str = "server"
) -> PermitRow:
    """The permit that comes with signing in: live view and alarms, as far as the role may, until the shift ends."""
    return _add(tx, environment, operator, DUTY, "Duty on shift", "", round(hours * HOUR), origin)


def require(
    tx: Transaction, permit_id: str, operator: OperatorRow, action: str, now: Time, scope: Scope | None = None
) -> PermitRow:
    """The permit, when it is the operator's own, open, and covers the action (and the scope, where one is given).

    `PermitNeeded`, `PermitExpired` or `PermitTooNarrow` otherwise, all of them `PermitRefused`. Whether the role may
    do the action at all is `compliance.access`'s question; whoever discloses records it with `compliance.audit`.
    """
    permit = tx.permits.get(permit_id) if permit_id else None
    if permit is None or permit.holder != operator.name:
        raise PermitNeeded(
            say("permit-missing", f"The action '{action}' needs a permit of your own."),
            "Open a permit with purpose, ground and case number.",
        )
    _check_open(permit, now)
    purpose = PURPOSES.get(permit.purpose)
    if purpose is None or action not in purpose.covers:
        raise PermitTooNarrow(
            say(
                "permit-not-for-this",
                f"The permit {permit.number} ({permit.purpose}) does not cover the action '{action}'.",
                permit=permit.number,
                purpose=permit.purpose,
            ),
            "Open a permit for a purpose that covers it.",
        )
    _check_scope(tx, permit, scope)
    return permit


def refuse_cameras(role: str, action: str, barred: Sequence[str]) -> None:
    """Raise CameraNotAllowed when there are cameras that the policy bars the role from, by the groups they stand in."""
    if barred:
        raise CameraNotAllowed(
            say(
                "role-bars-cameras",
                f"The role '{role}' does not allow this ({action}) with {', '.join(barred[:8])}.",
                role=role,
                cameras=", ".join(barred[:8]),
            ),
            "Choose other cameras, or ask the shift leader.",
        )


def close_permit(
    tx: Transaction, environment: Environment, operator: OperatorRow, permit_id: str, *, origin: str = "server"
) -> PermitRow:
    """End the operator's own permit early and record it; closing twice changes nothing. Raises PermitNeeded.

    The permit of the shift ends with the session alone: live views that began under it would go on without it.
    """
    permit = tx.permits.get(permit_id)
    if permit is None or permit.holder != operator.name:
        raise PermitNeeded(
            say("permit-not-own", "That permit is not one of yours."), "Choose one from the list of your open permits."
        )
    if permit.standing:
        raise PermitNeeded(
            say("permit-of-shift", f"The permit {permit.number} is that of your shift.", permit=permit.number),
            "It ends when you sign out.",
        )
    if tx.permits.close(permit_id, environment.clock.now()):
        audit.append(
            tx, environment, actor=operator.name, origin=origin, action="permits.close", subject=permit.id,
            permit=permit.id, detail={"number": permit.number},
        )  # fmt: skip
    return tx.permits.get(permit_id) or permit


def reviewed(tx: Transaction, permit: PermitRow) -> list[Reach] | None:
    """Where and when a permit for one alarm or for one person's request reaches; None for the other purposes.

    Of an alarm that came again and again, the time round its first and its last: not the days between. Of a request, what
    the person named, for nothing else is asked.
    """
    nothing = [Reach((), permit.opened, permit.opened)]
    if permit.purpose == ALARM_REVIEW:
        alarm = tx.alarms.get(permit.case_ref)
        ends = sorted({alarm.time, max(alarm.time, alarm.last_time)}) if alarm is not None else []
        return _joined([Reach((), Time(each - REVIEW_US), Time(each + REVIEW_US)) for each in ends]) or nothing
    if permit.purpose == SUBJECT_REQUEST:
        asked = tx.subject_requests.numbered(permit.case_ref)
        if asked is None or asked.erased is not None:
            return nothing
        return [Reach(asked.cameras, Time(asked.start - REQUEST_US), Time(asked.end + REQUEST_US))]
    return None


def reached(tx: Transaction, permit_id: str) -> list[Span]:
    """The recorded time that a permit reaches, the earliest first; all time where it is bound to none, or is not there."""
    permit = tx.permits.get(permit_id)
    if permit is None:
        return [_ALL_TIME]
    found = []
    for reach in reviewed(tx, permit) or [EVERYWHERE]:
        start = max(_ALL_TIME.start, reach.start or 0, permit.reach_from or 0)
        end = min(each for each in (_ALL_TIME.end, reach.end, permit.reach_to) if each is not None)
        found += [Span(Time(start), end)] if start < end else []
    return found


def _joined(reaches: list[Reach]) -> list[Reach]:
    """Two times as one where they touch."""
    if len(reaches) == 2 and reaches[0].end is not None and (reaches[1].start or 0) <= reaches[0].end:
        return [Reach((), reaches[0].start, reaches[1].end)]
    return reaches


def _check_purpose(access: Access, subject: Subject, purpose: str) -> None:
    if purpose not in TO_OPEN:
        raise PermitNotOpened(
            say("purpose-unknown", f"The purpose '{purpose}' is not known.", purposes=", ".join(TO_OPEN)),
            f"Choose one of {', '.join(TO_OPEN)}.",
        )
    if not access.allowed(subject, "permits.open", purpose=purpose):
        own = ", ".join(sorted(access.purposes_of(subject.role))) or "–"
        raise PermitNotOpened(
            say(
                "purpose-not-yours",
                f"The role '{subject.role}' may not open a permit for '{purpose}'.",
                role=subject.role,
                purpose=purpose,
                purposes=own,
            ),
            f"Purposes of your role: {own}. Ask somebody whose role covers it.",
        )


def _check_reason(tx: Transaction, purpose: str, ground: str, case_ref: str) -> None:
    if max(len(ground), len(case_ref)) > _MOST_LETTERS:
        raise PermitNotOpened(
            say("permit-text-long", "The ground or the case number is too long.", most=_MOST_LETTERS),
            f"Keep each to {_MOST_LETTERS} letters.",
        )
    if not (ground + case_ref).isprintable():
        raise PermitNotOpened(
            say("permit-text-lines", "The ground or the case number holds control characters."),
            "Write each on one line.",
        )
    if PURPOSES[purpose].needs_ground and not ground:
        raise PermitNotOpened(
            say("permit-ground-missing", "A permit needs a legal ground."), "Name the law and article, or the order."
        )
    if not case_ref:
        wanted = "the alarm" if purpose == ALARM_REVIEW else "a case number"
        raise PermitNotOpened(
            say("permit-case-missing", f"A permit for '{purpose}' needs {wanted}.", purpose=purpose),
            "Give it, so that the reason can be checked.",
        )
    alarm = tx.alarms.get(case_ref) if purpose == ALARM_REVIEW else None
    if purpose == ALARM_REVIEW and (alarm is None or not alarm.camera_id):
        raise PermitNotOpened(
            say("permit-alarm-unknown", f"There is no alarm '{case_ref}' of a camera to review.", alarm=case_ref),
            "Open the permit from the alarm itself.",
        )
    if purpose == SUBJECT_REQUEST and tx.subject_requests.numbered(case_ref) is None:
        raise PermitNotOpened(
            say("permit-request-unknown", f"There is no request '{case_ref}' of a person.", request=case_ref),
            "Write the number of the request, e.g. R-2026-0001.",
        )


def _check_open(permit: PermitRow, now: Time) -> None:
    ended = permit.expires if permit.closed is None else min(permit.closed, permit.expires)
    if now >= ended:
        raise PermitExpired(
            say(
                "permit-ended",
                f"The permit {permit.number} ended at {to_iso(ended)}.",
                permit=permit.number,
                time=to_iso(ended),
            ),
            "Open a new one.",
        )


def _check_scope(tx: Transaction, permit: PermitRow, scope: Scope | None) -> None:
    _check_place_and_time(permit, scope)
    reaches = reviewed(tx, permit)
    span = scope.span if scope is not None else None
    if reaches is None or scope is None or span is None:
        return
    if any(_lies_in(scope, span, each) for each in reaches):
        return
    near = min(reaches, key=lambda each: abs((each.start or 0) - span.start))
    start, end = to_iso(near.start or permit.opened), to_iso(near.end or permit.opened)
    if permit.purpose == ALARM_REVIEW:
        raise PermitTooNarrow(
            say(
                "permit-alarm-time",
                f"The permit {permit.number} covers {start} to {end} only.",
                permit=permit.number,
                start=start,
                end=end,
            ),
            "Stay near the alarm, or open a permit with a case number.",
        )
    cameras = ", ".join(near.cameras)
    raise PermitTooNarrow(
        say(
            "permit-request-time",
            f"The permit {permit.number} covers what the person asked for: {start} to {end}, cameras: {cameras or 'all'}.",
            permit=permit.number,
            start=start,
            end=end,
            cameras=cameras or "*",
        ),
        "Stay within it, or write down another request.",
    )


def _lies_in(scope: Scope, span: Span, reach: Reach) -> bool:
    here = not reach.cameras or (bool(scope.cameras) and set(scope.cameras) <= set(reach.cameras))
    early = reach.start is not None and span.start < reach.start
    return here and not early and not (reach.end is not None and span.end > reach.end)


def _check_reach(reach: Reach) -> None:
    if len(reach.cameras) > _MOST_CAMERAS:
        raise PermitNotOpened(
            say("permit-cameras-many", f"A permit names {_MOST_CAMERAS} cameras at most.", most=_MOST_CAMERAS),
            "Leave them out to reach all of them.",
        )
    if reach.start is not None and reach.end is not None and reach.end <= reach.start:
        raise PermitNotOpened(
            say("permit-time-backwards", "The time that the permit reaches ends before it begins."),
            "Exchange the two times.",
        )


def _check_place_and_time(permit: PermitRow, scope: Scope | None) -> None:
    """What would be shown lies within the permit's cameras and time; a narrow permit needs to be told what that is."""
    if not permit.cameras and permit.reach_from is None and permit.reach_to is None:
        return
    if permit.cameras and (scope is None or not scope.cameras or not set(scope.cameras) <= set(permit.cameras)):
        raise PermitTooNarrow(
            say(
                "permit-cameras",
                f"The permit {permit.number} covers the cameras {', '.join(permit.cameras)} only.",
                permit=permit.number,
                cameras=", ".join(permit.cameras),
            ),
            "Choose one of them, or open a permit that covers the others.",
        )
    span = scope.span if scope is not None else None
    early = permit.reach_from is not None and (span is None or span.start < permit.reach_from)
    late = permit.reach_to is not None and (span is None or span.end > permit.reach_to)
    if early or late:
        start = to_iso(permit.reach_from) if permit.reach_from is not None else "beginning"
        end = to_iso(permit.reach_to) if permit.reach_to is not None else "now"
        raise PermitTooNarrow(
            say(
                "permit-time",
                f"The permit {permit.number} covers {start} to {end} only.",
                permit=permit.number,
                start=start,
                end=end,
            ),
            "Choose a time within it, or open a permit that covers more.",
        )


def _told(permit: PermitRow) -> dict[str, object]:
    """Place and time for the record, where the permit is narrowed to them."""
    told: dict[str, object] = {"cameras": list(permit.cameras)} if permit.cameras else {}
    if permit.reach_from is not None:
        told["from"] = to_iso(permit.reach_from)
    if permit.reach_to is not None:
        told["to"] = to_iso(permit.reach_to)
    return told


def _add(
    tx: Transaction, environment: Environment, operator: OperatorRow, purpose: str, ground: str, case_ref: str,
    lasts_us: int, origin: str, reach: Reach = EVERYWHERE,
) -> PermitRow:  # fmt: skip
    now = environment.clock.now()
    permit = PermitRow(
        id=environment.ids.new(),
        number=tx.permits.next_number(to_datetime(now).year),
        holder=operator.name,
        organisation=operator.organisation,
        purpose=purpose,
        ground=ground,
        case_ref=case_ref,
        standing=purpose == DUTY,
        opened=now,
        expires=Time(now + lasts_us),
        cameras=tuple(sorted(set(reach.cameras))),
        reach_from=reach.start,
        reach_to=reach.end,
    )
    tx.permits.add(permit)
    audit.append(
        tx, environment, actor=operator.name, origin=origin, action="permits.open", subject=permit.id,
        permit=permit.id,
        detail={
            "number": permit.number, "purpose": purpose, "ground": ground, "case": case_ref,
            "expires": to_iso(permit.expires), **_told(permit),
        },
    )  # fmt: skip
    return permit
