"""Keys of programs that ask the node: what each may do is its scope, and every use is on the record.

A key without a purpose reaches nothing of people. One with a purpose may open permits for that purpose, with the ground
and the case that its scope names, and for nothing else; it counts only once somebody who oversees has released it. So a
program never gives itself a reason, and whoever made the key is not the one who finds it lawful.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import DAY, Time
from istros.compliance import audit
from istros.compliance.access import PROGRAM, Access, Subject
from istros.compliance.errors import AccountRefused
from istros.compliance.key_uses import count_use
from istros.store import Transaction
from istros.store.rows import OperatorRow, SessionRow
from istros.store.rows_identity import ProgramKeyRow

MARK = "istros"
"""What every key begins with, so that one that was published by mistake is found."""

MOST_DAYS = 365

KeyState = Literal["waiting", "valid", "expired", "revoked"]

_MOST_LETTERS = 300


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a new key shall be allowed. `cameras` are ids, or camera groups as `group:NAME`; empty: all of them."""

    name: str
    organisation: str
    actions: tuple[str, ...]
    cameras: tuple[str, ...] = ()
    purpose: str = ""
    ground: str = ""
    case_ref: str = ""
    days: int = 90


def make_key(
    tx: Transaction, environment: Environment, access: Access, wish: KeyWish, *, by: str, origin: str
) -> tuple[ProgramKeyRow, str]:
    """(the key as kept, the key itself, to be shown once), on the record. Raises AccountRefused."""
    name = wish.name.strip().casefold()
    _check_name(tx, name)
    _check_scope(access, wish)
    now = environment.clock.now()
    id, secret = environment.ids.new(), environment.random.getrandbits(256).to_bytes(32)
    token = f"{MARK}.{id}.{urlsafe_b64encode(secret).decode().rstrip('=')}"
    row = ProgramKeyRow(
        id=id, digest=_digest(token), name=name, organisation=wish.organisation, actions=tuple(sorted(set(wish.actions))),
        cameras=tuple(sorted(set(wish.cameras))), purpose=wish.purpose, ground=wish.ground.strip(),
        case_ref=wish.case_ref.strip(), created=now, created_by=by, expires=Time(now + wish.days * DAY),
    )  # fmt: skip
    tx.program_keys.add(row)
    detail: dict[str, object] = {
        "name": name, "actions": list(row.actions), "cameras": list(row.cameras), "purpose": row.purpose,
        "ground": row.ground, "case": row.case_ref, "days": wish.days,
    }  # fmt: skip
    _record(tx, environment, by, origin, "keys.create", id, detail)
    return row, token


def release_key(tx: Transaction, environment: Environment, id: str, *, by: str, origin: str) -> ProgramKeyRow:
    """Somebody else than its maker finds the key lawful, on the record. Raises AccountRefused."""
    row = _known(tx, id)
    if row.created_by == by:
        raise AccountRefused(say("key-own", "Whoever made a key cannot release it."), "Another person decides.")
    if key_state(row, environment.clock.now()) != "waiting":
        raise AccountRefused(say("key-waits-not", "The key does not wait to be released."), "Look at the list again.")
    tx.program_keys.release(id, environment.clock.now(), by)
    _record(tx, environment, by, origin, "keys.release", id, {"name": row.name, "purpose": row.purpose})
    return _known(tx, id)


def revoke_key(tx: Transaction, environment: Environment, id: str, *, by: str, origin: str) -> ProgramKeyRow:
    """The key counts no more, and its open permits end, on the record. Raises AccountRefused."""
    row, now = _known(tx, id), environment.clock.now()
    if not tx.program_keys.revoke(id, now, by):
        raise AccountRefused(say("key-revoked", "The key is revoked already."), "Look at the list again.")
    for permit in tx.permits.open_for(name_of(row), now):
        tx.permits.close(permit.id, now)
    _record(tx, environment, by, origin, "keys.revoke", id, {"name": row.name})
    return _known(tx, id)


def use_key(
    tx: Transaction, environment: Environment, token: str, *, asked: str, permit: str, origin: str
) -> tuple[ProgramKeyRow | None, bool]:
    """(the key where it is known, whether it counts); that it was used, or refused, is on the record.

    Each refusal is a row; of the uses in an hour for one path, `permit` and address the first one is, and the others are
    counted (`compliance.key_uses`). An unknown key leaves no row here: the caller counts those by address.
    """
    row = find_key(tx, token)
    if row is None:
        return None, False
    now = environment.clock.now()
    state = key_state(row, now)
    result = "done" if state == "valid" else "refused"
    if state != "valid" or count_use(tx, row, now, asked, permit, origin):
        detail: dict[str, object] = {"asked": asked, "state": state, **({"permit": permit} if permit else {})}
        _record(tx, environment, name_of(row), origin, "keys.use", row.id, detail, result)
    if state == "valid":
        tx.program_keys.used(row.id, now, origin)
    return row, state == "valid"


def find_key(tx: Transaction, token: str) -> ProgramKeyRow | None:
    """The key of that text; None when there is none."""
    mark, _, rest = token.partition(".")
    row = tx.program_keys.get(rest.partition(".")[0]) if mark == MARK else None
    return row if row is not None and hmac.compare_digest(row.digest, _digest(token)) else None


def key_state(row: ProgramKeyRow, now: Time) -> KeyState:
    """Whether a key counts, and why not."""
    if row.revoked is not None:
        return "revoked"
    if now >= row.expires:
        return "expired"
    return "waiting" if row.purpose and row.released is None else "valid"


def name_of(row: ProgramKeyRow) -> str:
    """How permits and the audit log name the program; no sign-in name can look like it."""
    return f"key:{row.name}"


def operator_of(row: ProgramKeyRow) -> OperatorRow:
    """The program in the place of an operator: it has no password, and its role is `program`."""
    return OperatorRow(row.id, name_of(row), row.name, row.organisation, PROGRAM, "")


def session_of(row: ProgramKeyRow, now: Time) -> SessionRow:
    """The one request of a program in the place of a session: there is no standing permit."""
    return SessionRow(row.digest, row.id, "", "", now, now, row.expires, method="key")


def cameras_of(row: ProgramKeyRow, access: Access) -> frozenset[str] | None:
    """The cameras that a key reaches, its groups resolved as they are now; None: all."""
    if not row.cameras:
        return None
    groups, found = access.cameras_by_group, set[str]()
    for name in row.cameras:
        group = name.removeprefix("group:")
        found |= set(groups.get(group, ())) if name.startswith("group:") else {name}
    return frozenset(found)


def _check_name(tx: Transaction, name: str) -> None:
    if not 2 <= len(name) <= 60 or not all(letter.isalnum() or letter in ".-_" for letter in name):
        raise AccountRefused(
            say("key-name-form", f"'{name}' cannot be a key's name."), "Use 2 to 60 letters, digits, dots, dashes."
        )
    if tx.program_keys.by_name(name) is not None:
        raise AccountRefused(
            say("key-name-taken", f"There is, or was, a key '{name}'.", name=name), "Choose another name."
        )


def _check_scope(access: Access, wish: KeyWish) -> None:
    subject = Subject(PROGRAM, wish.organisation)
    barred = [action for action in wish.actions if action not in access.actions_of(PROGRAM) - {"permits.open"}]
    if barred or not wish.actions:
        able = ", ".join(sorted(access.actions_of(PROGRAM) - {"permits.open"}))
        raise AccountRefused(
            say("key-actions", f"A key cannot be for {', '.join(barred) or 'nothing'}."), f"Choose among {able}."
        )
    if not 1 <= wish.days <= MOST_DAYS:
        raise AccountRefused(
            say("key-days", f"A key cannot last {wish.days} days.", most=MOST_DAYS), f"Choose 1 to {MOST_DAYS}."
        )
    if max(len(wish.ground), len(wish.case_ref)) > _MOST_LETTERS or not (wish.ground + wish.case_ref).isprintable():
        raise AccountRefused(
            say("key-text", "Ground or case number cannot be kept.", most=_MOST_LETTERS),
            f"Keep each to one line of {_MOST_LETTERS} letters.",
        )
    if not wish.purpose:
        if PERSONAL & set(wish.actions):
            raise AccountRefused(
                say("key-reaches-people", "This key would reach people."), "Name purpose, ground and case number."
            )
    elif not access.allowed(subject, "permits.open", purpose=wish.purpose):
        raise AccountRefused(
            say("key-purpose", f"A key cannot be for the purpose '{wish.purpose}'.", purpose=wish.purpose),
            "Choose one of the police purposes.",
        )
    elif not wish.ground.strip() or not wish.case_ref.strip():
        raise AccountRefused(
            say("key-ground", "A key that reaches people needs a ground and a case number."), "Name both."
        )


PERSONAL = frozenset({"playback.view", "plates.search"})
"""What needs a permit, and so a purpose in the key's scope."""


def _known(tx: Transaction, id: str) -> ProgramKeyRow:
    row = tx.program_keys.get(id)
    if row is None:
        raise AccountRefused(say("key-none", "There is no such key."), "Look at the list again.")
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _record(
    tx: Transaction, environment: Environment, by: str, origin: str, action: str, id: str, detail: dict[str, object],
    result: str = "done",
) -> None:  # fmt: skip
    audit.append(tx, environment, actor=by, origin=origin, action=action, subject=id, detail=detail, result=result)
