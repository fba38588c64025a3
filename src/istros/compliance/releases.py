"""Releases by a second person: one asks and says why, another one decides, and nothing is released for ever.

An emergency (threat to life) works at once on one person's word. It is loud, and another person reviews it, or the node
undoes it. When a release ends, for whatever reason, what was done under it is undone in the same transaction
(`compliance.cascade`). docs/design/0031.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.plain_words import bounded
from istros.base.said import NOTHING, Said, say
from istros.base.time import HOUR, Time, to_iso
from istros.compliance import audit
from istros.compliance.access import Access, Subject, standard_access
from istros.compliance.cascade import be_loud, carry_out, cascade
from istros.compliance.cascade import on_emergency as on_emergency
from istros.compliance.cascade import on_granted as on_granted
from istros.compliance.cascade import on_undone as on_undone
from istros.compliance.errors import OverLimit
from istros.compliance.errors import ReleaseNeeded as ReleaseNeeded
from istros.compliance.errors import ReleaseRefused as ReleaseRefused
from istros.compliance.errors import ReleaseStateConflict as ReleaseStateConflict
from istros.compliance.errors import ReleaseUnknown as ReleaseUnknown
from istros.compliance.profile import Limits, Profile, in_force, require_function
from istros.compliance.release_rules import RULES, check_scope
from istros.compliance.search_reach import require_matching_reach
from istros.store import Transaction
from istros.store.releases import Ending as Ending
from istros.store.releases import Matter as Matter
from istros.store.releases import ReleaseRow as ReleaseRow
from istros.store.rows import OperatorRow, PermitRow

EMERGENCY_PURPOSE = "threat-to-life"
"""The one purpose for which a single person may release."""

MOST_LETTERS = 500
NODE = "istros"


def ask(
    tx: Transaction, environment: Environment, operator: OperatorRow, matter: Matter, subject: str, reason: str,
    permit_id: str = "", *, emergency: bool = False, scope: Mapping[str, object] | None = None,
    hours: float | None = None, origin: str = "server", access: Access | None = None,
) -> ReleaseRow:  # fmt: skip
    """Ask for a release, or release in an emergency at once. Raises `ReleaseRefused`, `ReleaseStateConflict`.

    `FunctionNotAllowed` when the deployment profile does not allow what it is for.
    `OverLimit` when live matching would go over the profile's figures. `subject` is the id of what it is for, `hours`
    how long it shall work (as long as it may be when None). A permit is
    the asker's own and open; an emergency needs one, for a threat to life. `scope` is plain data without fractions; for
    live face matching it holds `objective`, `cameras` and `authorisation` (`compliance.release_rules`).
    """
    rule, now = RULES[matter], environment.clock.now()
    require_may(access or standard_access(), operator, "releases.emergency" if emergency else rule.ask)
    if rule.function is not None:
        require_function(tx, now, rule.function)
    limits = in_force(tx, now).limits
    reason = _text(reason, "reason")
    facts = _scope(matter, scope or {}, emergency)
    permit = _permit(tx, operator, permit_id, now)
    if emergency:
        _check_emergency(matter, permit)
    tx.wait_for(f"release {matter} {subject}")
    if emergency and permit is not None:
        _check_not_again(tx, matter, subject, permit)
    if any(row.to_answer for row in tx.releases.alive(matter, subject)):
        raise ReleaseStateConflict(
            say("release-waits-already", "A release for this waits for its answer already."), "Look at what waits."
        )
    lasts_us = longest_us(matter, limits) if hours is None else round(hours * HOUR)
    _check_limits(limits, matter, scope or {}, lasts_us)
    _check_length(matter, lasts_us)
    row = ReleaseRow(
        id=environment.ids.new(), matter=matter, subject=subject, reason=reason, organisation=operator.organisation,
        permit_id=permit.id if permit else None, scope=facts, emergency=emergency, asked=now, asked_by=operator.name,
        answer_by=Time(now + (rule.review_within_us if emergency else rule.answer_within_us)), lasts_us=lasts_us,
        expires=Time(now + lasts_us) if emergency else None,
    )  # fmt: skip
    tx.releases.add(row)
    _record(tx, environment, row, operator.name, origin, "emergency" if emergency else "ask", _asked_for(row))
    if emergency:
        be_loud(tx, environment, row)
    return row


def decide(
    tx: Transaction, environment: Environment, operator: OperatorRow, release_id: str, grant: bool, note: str, *,
    origin: str = "server", access: Access | None = None,
) -> ReleaseRow:  # fmt: skip
    """Answer as the second person: release or refuse, or review an emergency. The first answer counts.

    `ReleaseUnknown`, `ReleaseRefused` (the same person, no right, no reason for a refusal), `ReleaseStateConflict`
    (answered before, or too late), and what the released act itself raises.
    """
    row, now = _known(tx, release_id), environment.clock.now()
    require_may(access or standard_access(), operator, RULES[row.matter].grant)
    if row.asked_by == operator.name:
        raise ReleaseRefused(
            say("release-own", "Whoever asks for a release cannot answer it."), "A second person decides."
        )
    note = note.strip() if grant and not note.strip() else _text(note, "note")
    expires = None if row.emergency else Time(now + row.lasts_us)
    if not tx.releases.answer(release_id, now, operator.name, grant, note, expires):
        raise ReleaseStateConflict(_why_not(_known(tx, release_id)), "Look at the list of releases again.")
    answered = _known(tx, release_id)
    detail = {"matter": row.matter.value, "subject": row.subject, "asked_by": row.asked_by, "note": note,
              "emergency": row.emergency, "expires": to_iso(answered.expires) if answered.expires else ""}  # fmt: skip
    _record(tx, environment, row, operator.name, origin, "grant" if grant else "refuse", detail)
    follow = carry_out if grant else cascade
    follow(tx, environment, answered)
    return _known(tx, release_id)


def withdraw(
    tx: Transaction, environment: Environment, operator: OperatorRow, release_id: str, reason: str, *,
    origin: str = "server", access: Access | None = None,
) -> ReleaseRow:  # fmt: skip
    """Stop a release, or take a request back: whoever asked, or a role with the right to stop any. It stays stopped.

    An emergency that is stopped is reviewed none the less. `ReleaseUnknown`, `ReleaseRefused`, `ReleaseStateConflict`.
    """
    row = _known(tx, release_id)
    if row.asked_by != operator.name:
        require_may(access or standard_access(), operator, "releases.withdraw")
    reason = _text(reason, "reason")
    return _end(tx, environment, row, Ending.WITHDRAWN, by=operator.name, note=Said(reason), origin=origin)


def close(tx: Transaction, environment: Environment, release: ReleaseRow, reason: Said) -> ReleaseRow:
    """End a release because what it was for is over; the node's own act, e.g. when a watchlist entry is closed."""
    return _end(tx, environment, release, Ending.WITHDRAWN, by=NODE, note=reason, origin="server")


def finish(tx: Transaction, environment: Environment, release: ReleaseRow, reason: Said) -> ReleaseRow:
    """End a release because the one act that it was for is done."""
    return _end(tx, environment, release, Ending.DONE, by=NODE, note=reason, origin="server")


def standing(tx: Transaction, matter: Matter, subject: str, now: Time) -> ReleaseRow | None:
    """The release of this subject that works at this moment, the newest; None when there is none."""
    return next((row for row in tx.releases.alive(matter, subject) if row.stands(now)), None)


def all_standing(tx: Transaction, matter: Matter, now: Time) -> list[ReleaseRow]:
    """Every release of a matter that works at this moment, the newest first."""
    return [row for row in tx.releases.alive_of(matter) if row.stands(now)]


def require(tx: Transaction, matter: Matter, subject: str, now: Time) -> ReleaseRow:
    """The standing release. `ReleaseNeeded` when there is none."""
    row = standing(tx, matter, subject, now)
    if row is None:
        raise ReleaseNeeded(
            say("release-missing", f"This needs a second person's release ({matter}).", matter=matter.value),
            "Ask for it under Releases; where a life is in danger, release it there yourself.",
        )
    return row


def undo_overdue(tx: Transaction, environment: Environment, release_id: str | None = None) -> list[ReleaseRow]:
    """End what is due now: emergencies without a review, requests without an answer, releases past their time.

    Everything done under them is undone in the same transaction; `release_id` ends that one alone, so that one whose
    undoing fails holds up no other. What was ended, as it is afterwards.
    """
    now, ended = environment.clock.now(), []
    for row in tx.releases.due(now):
        ending = _ending_due(row, now)
        if ending is not None and release_id in {None, row.id}:
            with suppress(ReleaseStateConflict):  # answered or stopped in the very same moment
                ended.append(_end(tx, environment, row, ending, by=NODE, note=NOTHING, origin="server"))
    return ended


def stop_not_allowed(tx: Transaction, environment: Environment) -> list[ReleaseRow]:
    """Stop the releases of what the deployment profile does not allow any more; what was stopped."""
    return [
        _end(
            tx,
            environment,
            row,
            Ending.WITHDRAWN,
            by=NODE,
            note=say("not-in-profile", "the deployment profile does not allow it"),
            origin="server",
        )
        for row in not_allowed_now(tx, in_force(tx, environment.clock.now()))
    ]


def not_allowed_now(tx: Transaction, profile: Profile) -> list[ReleaseRow]:
    """Releases that have not ended though the profile does not allow what they are for, or not as far as they go."""
    return [
        row
        for matter, rule in RULES.items()
        if rule.function is not None
        for row in tx.releases.alive_of(matter)
        if not profile.allows(rule.function) or not _is_within(profile.limits, row)
    ]


def _ending_due(row: ReleaseRow, now: Time) -> Ending | None:
    if row.to_answer and now >= row.answer_by:
        return Ending.UNDONE if row.emergency else Ending.LAPSED
    return Ending.EXPIRED if row.ended is None and row.expires is not None and now >= row.expires else None


def _end(
    tx: Transaction, environment: Environment, row: ReleaseRow, ending: Ending, *, by: str, note: Said, origin: str
) -> ReleaseRow:
    now = environment.clock.now()
    undo = ending is Ending.UNDONE
    done = tx.releases.undo(row.id, now, by) if undo else tx.releases.end(row.id, now, by, ending, note)
    ended = _known(tx, row.id)
    if not done:
        raise ReleaseStateConflict(
            say("release-over", "This release is over already."), "Look at the list of releases again."
        )
    detail = {"matter": row.matter.value, "subject": row.subject, "asked_by": row.asked_by, "reason": note.text}
    word = {
        Ending.WITHDRAWN: "withdraw", Ending.LAPSED: "lapse", Ending.EXPIRED: "expire", Ending.UNDONE: "undo",
        Ending.DONE: "finish",
    }  # fmt: skip
    _record(tx, environment, row, by, origin, word[ending], detail)
    cascade(tx, environment, ended)
    return ended


def _known(tx: Transaction, release_id: str) -> ReleaseRow:
    row = tx.releases.get(release_id)
    if row is None:
        raise ReleaseUnknown(say("release-none", "There is no such release."), "Look at the list of releases again.")
    return row


def require_may(access: Access, operator: OperatorRow, action: str) -> None:
    """Raise ReleaseRefused unless the operator's role allows the action."""
    if not access.allowed(Subject(operator.role, operator.organisation), action):
        raise ReleaseRefused(
            say("role-bars", f"The role '{operator.role}' does not allow this ({action}).", role=operator.role),
            "Ask the shift leader.",
        )


def _text(text: str, name: str) -> str:
    plain = text.strip()
    if not plain:
        raise ReleaseRefused(
            say("text-missing", f"The {name} is missing.", what=name), "Write why: it is kept on the record."
        )
    return bounded(plain, name, MOST_LETTERS, ReleaseRefused)


def _scope(matter: Matter, scope: Mapping[str, object], emergency: bool) -> str:
    check_scope(matter, scope, emergency)
    try:
        facts = canonical(scope).decode()
    except TypeError as error:
        raise ReleaseRefused(
            say("release-not-plain", f"What the release covers cannot be written: {error}."),
            "Give texts, numbers and lists.",
        ) from error
    if len(facts) > 20 * MOST_LETTERS:
        raise ReleaseRefused(
            say("release-too-long", "What the release covers is too long."), "Name fewer cameras or people."
        )
    return facts


def _permit(tx: Transaction, operator: OperatorRow, permit_id: str, now: Time) -> PermitRow | None:
    if not permit_id:
        return None
    permit = tx.permits.get(permit_id)
    if permit is None or permit.holder != operator.name:
        raise ReleaseRefused(
            say("permit-not-own", "That permit is not one of yours."), "Choose one from the list of your open permits."
        )
    if permit.closed is not None or now >= permit.expires:
        raise ReleaseRefused(
            say("permit-over", f"The permit {permit.number} is over.", permit=permit.number), "Open a new one."
        )
    return permit


def _check_emergency(matter: Matter, permit: PermitRow | None) -> None:
    if not RULES[matter].emergency:
        raise ReleaseRefused(
            say("no-emergency", f"There is no emergency release for '{matter}'.", matter=matter.value),
            "Ask a second person.",
        )
    if permit is None or permit.purpose != EMERGENCY_PURPOSE:
        raise ReleaseRefused(
            say(
                "emergency-not-life",
                "One person alone releases only where a life is in danger.",
                purpose=EMERGENCY_PURPOSE,
            ),
            f"Open a permit for '{EMERGENCY_PURPOSE}' first, or ask a second person.",
        )


def _check_not_again(tx: Transaction, matter: Matter, subject: str, permit: PermitRow) -> None:
    """One person does not go on alone: what was refused, undone, or stopped before its review takes a second person.

    By subject and by case, for another permit, another entry or a new operation would be another subject.
    """
    for row in tx.releases.emergencies_not_confirmed(matter):
        before = tx.permits.get(row.permit_id) if row.permit_id else None
        if row.subject == subject or (before is not None and before.case_ref == permit.case_ref):
            raise ReleaseRefused(
                say(
                    "emergency-again",
                    "An emergency release for this case ended before, and nobody has found it right.",
                ),
                "Ask a second person, or have the one before reviewed first.",
            )


def longest_us(matter: Matter, limits: Limits) -> int:
    """How long a release works at most, within the profile's limits."""
    longest = RULES[matter].longest_us
    return min(longest, limits.matching_hours * HOUR) if matter is Matter.FACE_MATCHING else longest


def _check_limits(limits: Limits, matter: Matter, scope: Mapping[str, object], lasts_us: int) -> None:
    cameras = scope.get("cameras")
    if matter is Matter.FACE_MATCHING:
        require_matching_reach(limits, len(cameras) if isinstance(cameras, list) else 0, lasts_us)


def _is_within(limits: Limits, row: ReleaseRow) -> bool:
    try:
        _check_limits(limits, row.matter, row.scope_facts, row.lasts_us)
    except OverLimit:
        return False
    return True


def _check_length(matter: Matter, lasts_us: int) -> None:
    longest = RULES[matter].longest_us
    if not 0 < lasts_us <= longest:
        raise ReleaseRefused(
            say(
                "release-length",
                f"A release for '{matter}' cannot last {lasts_us / HOUR:g} hours.",
                matter=matter.value,
                hours=f"{lasts_us / HOUR:g}",
                most=longest // HOUR,
            ),
            f"Ask for at most {longest // HOUR} hours.",
        )


def _why_not(row: ReleaseRow) -> Said:
    if row.answered_by:
        return say("release-answered", f"{row.answered_by} has answered this release already.", name=row.answered_by)
    return say("release-not-answered", "This release was taken back or its time to be answered is over.")


def _asked_for(row: ReleaseRow) -> dict[str, object]:
    return {
        "matter": row.matter.value, "subject": row.subject, "reason": row.reason, "scope": row.scope_facts,
        "answer_by": to_iso(row.answer_by), "hours": row.lasts_us // HOUR,
    }  # fmt: skip


def _record(
    tx: Transaction, environment: Environment, row: ReleaseRow, actor: str, origin: str, word: str,
    detail: Mapping[str, object],
) -> None:  # fmt: skip
    audit.append(
        tx, environment, actor=actor, origin=origin, action=f"releases.{word}", subject=row.id, permit=row.permit_id,
        detail=detail,
    )  # fmt: skip
