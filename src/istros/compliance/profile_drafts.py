"""Drafting, signing and taking back deployment profiles. What a version says never changes: a change is a new version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import say
from istros.base.signing import SigningKey
from istros.base.time import DAY, Time, to_iso
from istros.compliance import audit
from istros.compliance.access import Access, Subject, standard_access
from istros.compliance.errors import ProfileRefused as ProfileRefused
from istros.compliance.errors import ProfileStateConflict as ProfileStateConflict
from istros.compliance.errors import ProfileUnknown as ProfileUnknown
from istros.compliance.functions import (
    BASE,
    MOST,
    MOST_LETTERS,
    ONLY_FOR_FACES,
    QUESTIONS,
    Function,
    Limits,
    live_lacks,
)
from istros.compliance.profile import SIGNERS, profile_of, row_in_force, statement
from istros.store import Transaction
from istros.store.profiles import ProfileRow, ProfileSignatureRow
from istros.store.rows import OperatorRow

LONGEST = 365 * DAY
"""Microseconds until the review at the latest (rule L18)."""

RENEWED = DAY
"""By how much the review of an unchanged profile moves at least, so that signing it anew is worth two signatures."""


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """What a profile shall say. `functions` are those allowed, each with its ground in law; unknown codes are refused."""

    answers: Mapping[str, str]
    functions: Mapping[str, str]
    review: Time
    limits: Limits = field(default_factory=Limits)
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a version from being signed: the `place` (a question, `function:CODE`, `review`) and what it lacks."""

    place: str
    lacks: str
    """`answer`, `ground`, `law`, `fria`, `registration`, `late`, `past`, `same`."""


def save(
    tx: Transaction, environment: Environment, operator: OperatorRow, draft: ProfileDraft, *, origin: str = "server",
    training: bool = False, access: Access | None = None,
) -> ProfileRow:  # fmt: skip
    """Keep a new version, finished or not; nobody has signed it yet. Raises `ProfileRefused`.

    A profile for a simulated city is for a training node alone.
    """
    _check_may(access, operator, "profile.draft")
    if draft.simulated and not training:
        raise ProfileRefused(
            say("profile-simulated", "A profile for a simulated city is for a training node alone."),
            "Leave out that its people are made up.",
        )
    content = _content(draft)
    tx.wait_for("profile")
    row = ProfileRow(
        version=tx.profiles.next_version(), content=content, sha256=hashlib.sha256(content.encode()).hexdigest(),
        drafted=environment.clock.now(), drafted_by=operator.name, review=draft.review,
    )  # fmt: skip
    tx.profiles.add(row)
    _record(tx, environment, operator.name, origin, "draft", row, {"functions": sorted(draft.functions)})
    return row


def lacks(row: ProfileRow, now: Time, current: ProfileRow | None) -> list[Lack]:
    """What keeps a version from being signed; empty when it can be. `current` is the one in force."""
    profile = profile_of(row.version, row.content)
    found = [
        Lack(name, "answer")
        for name in QUESTIONS
        if name not in ONLY_FOR_FACES and not profile.answers.get(name, "").strip()
    ]
    grounds = dict(profile.grounds) | {function: profile.grounds.get(function, "") for function in BASE}
    found += [
        Lack(f"function:{function}", "ground") for function, ground in sorted(grounds.items()) if not ground.strip()
    ]
    if (live := Function.FACES_MATCHED_LIVE) in grounds:
        found += [Lack(f"function:{live}", each) for each in live_lacks(grounds[live], profile.answers)]
    if row.review <= now:
        found.append(Lack("review", "past"))
    elif row.review > now + LONGEST:
        found.append(Lack("review", "late"))
    if current is not None and _says_the_same(row, current) and abs(row.review - current.review) < RENEWED:
        found.append(Lack("review", "same"))
    return found


def renews(row: ProfileRow, current: ProfileRow | None) -> bool:
    """Whether a version says what the one in force says, and moves its review alone."""
    return current is not None and _says_the_same(row, current) and abs(row.review - current.review) >= RENEWED


def _says_the_same(row: ProfileRow, current: ProfileRow) -> bool:
    """But for the review."""
    return replace(profile_of(row.version, row.content), version=0, review=None) == replace(
        profile_of(current.version, current.content), version=0, review=None
    )


def sign(
    tx: Transaction, environment: Environment, operator: OperatorRow, version: int, key: SigningKey, *,
    origin: str = "server", access: Access | None = None,
) -> ProfileRow:  # fmt: skip
    """Sign the newest version; with the second of the two signatures it is in force.

    `ProfileUnknown`, `ProfileRefused` (no right, something is missing), `ProfileStateConflict` (not the newest, ended,
    signed for that role already).
    """
    _check_may(access, operator, "profile.sign")
    tx.wait_for("profile")  # else two who sign at once would each see no signature but their own
    row, now = _known(tx, version), environment.clock.now()
    newest = tx.profiles.newest()
    if row.ended is not None or newest is None or newest.version != version:
        raise ProfileStateConflict(
            say("profile-not-newest", f"The profile {version} cannot be signed any more.", version=version),
            "Look at the newest version.",
        )
    current = row_in_force(tx, now)
    missing = lacks(row, now, current)
    if Lack("review", "same") in missing:
        raise ProfileRefused(
            say(
                "profile-changes-nothing",
                f"The profile {version} changes nothing against the one in force.",
                version=version,
            ),
            "Change what shall be different; or, to renew it as it is, choose another review date.",
        )
    if missing:
        named = ", ".join(f"{each.place} ({each.lacks})" for each in missing)
        raise ProfileRefused(
            say("profile-unfinished", f"The profile {version} is not finished: {named}.", version=version),
            "Fill in what is missing and save it.",
        )
    standing = tx.profiles.signatures(version)
    if any(each.role == operator.role or each.signer == operator.name for each in standing):
        raise ProfileStateConflict(
            say("profile-signed-already", "This profile has that signature already."),
            "The other of the two signs next.",
        )
    facts = statement(row, operator.role, operator.name, now)
    tx.profiles.sign(ProfileSignatureRow(version, operator.role, operator.name, now, key.public.text, key.sign(facts)))
    renewal: dict[str, object] = {"renews": current.version} if current is not None and renews(row, current) else {}
    _record(
        tx, environment, operator.name, origin, "sign", row, {"role": operator.role, "key": key.public.id} | renewal
    )
    if {operator.role, *(each.role for each in standing)} >= set(SIGNERS):
        tx.profiles.enter(version, now)
        _record(tx, environment, operator.name, origin, "enter", row, {"review": to_iso(row.review)} | renewal)
    return _known(tx, version)


def withdraw(
    tx: Transaction, environment: Environment, operator: OperatorRow, version: int, reason: str, *,
    origin: str = "server", access: Access | None = None,
) -> ProfileRow:  # fmt: skip
    """Take a version back, one person alone: the strictest holds at once. It stays in the history."""
    _check_may(access, operator, "profile.sign")
    row = _known(tx, version)
    if not reason.strip() or not is_plain(reason, MOST_LETTERS):
        raise ProfileRefused(
            say("profile-reason", "A profile is not taken back without a reason."), "Write why, in plain letters."
        )
    return end(tx, environment, row, operator.name, reason.strip(), origin=origin)


def end(tx: Transaction, environment: Environment, row: ProfileRow, by: str, reason: str, *, origin: str) -> ProfileRow:
    """Take a version back; also the node's own act. `ProfileStateConflict` when it was taken back before."""
    if not tx.profiles.end(row.version, environment.clock.now(), by, reason):
        raise ProfileStateConflict(
            say("profile-taken-back", f"The profile {row.version} was taken back before.", version=row.version),
            "Look at the newest version.",
        )
    _record(tx, environment, by, origin, "withdraw", row, {"reason": reason})
    return _known(tx, row.version)


def _content(draft: ProfileDraft) -> str:
    """The canonical words, once every key is known and every number within its bound."""
    unknown = [code for code in draft.functions if code not in set(Function)]
    unknown += [name for name in draft.answers if name not in QUESTIONS]
    if unknown:
        raise ProfileRefused(
            say(
                "profile-unknown-names",
                f"The profile names what is not known: {', '.join(unknown)}.",
                names=", ".join(unknown),
            ),
            "Leave it out.",
        )
    for text in (*draft.functions.values(), *draft.answers.values()):
        if not is_plain(text, MOST_LETTERS, "\n\t"):
            raise ProfileRefused(
                say("answer-too-long", "An answer is too long or holds control characters.", most=MOST_LETTERS),
                f"Keep each to {MOST_LETTERS} letters.",
            )
    for bound in fields(Limits):
        value, most = getattr(draft.limits, bound.name), getattr(MOST, bound.name)
        if not 1 <= value <= most:
            raise ProfileRefused(
                say(
                    "profile-limit",
                    f"The limit '{bound.name}' is 1 to {most}, not {value}.",
                    limit=bound.name,
                    most=most,
                    value=value,
                ),
                "Choose a number within it.",
            )
    facts: dict[str, object] = {
        "simulated": draft.simulated, "answers": dict(draft.answers), "functions": dict(draft.functions),
        "limits": asdict(draft.limits), "review": draft.review,
    }  # fmt: skip
    return canonical(facts).decode()


def _known(tx: Transaction, version: int) -> ProfileRow:
    row = tx.profiles.get(version)
    if row is None:
        raise ProfileUnknown(
            say("profile-none", f"There is no profile {version}.", version=version), "Look at the history of profiles."
        )
    return row


def _check_may(access: Access | None, operator: OperatorRow, action: str) -> None:
    if not (access or standard_access()).allowed(Subject(operator.role, operator.organisation), action):
        raise ProfileRefused(
            say("role-bars-profile", f"The role '{operator.role}' does not allow this ({action}).", role=operator.role),
            "The administrator and the data-protection officer write and sign profiles.",
        )


def _record(
    tx: Transaction, environment: Environment, actor: str, origin: str, word: str, row: ProfileRow,
    detail: Mapping[str, object],
) -> None:  # fmt: skip
    audit.append(
        tx, environment, actor=actor, origin=origin, action=f"profile.{word}", subject=f"profile-{row.version}",
        detail={"sha256": row.sha256, **detail},
    )  # fmt: skip
