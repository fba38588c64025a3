"""Who may sign in, and who is signed in.

A session is a random token of 256 bits in the browser; the database knows its SHA-256 alone. It ends after half an
hour without use and after twelve hours in any case. The CSRF token is derived from the session's token, so that a
page that is loaded again gets the same one without its being stored.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from istros.base.environment import Environment
from istros.base.time import HOUR, MINUTE, Time
from istros.compliance import audit
from istros.compliance.access import ROLES
from istros.compliance.attempts import Failures
from istros.compliance.errors import AccountRefused as AccountRefused
from istros.compliance.errors import SignInRefused as SignInRefused
from istros.compliance.errors import TooManyAttempts as TooManyAttempts
from istros.compliance.passwords import LETTERS_MAX, Passwords, check_password
from istros.compliance.passwords import new_password as new_password
from istros.compliance.permits import standing_permit
from istros.store import Database, Transaction
from istros.store.rows import OperatorRow, PermitRow, SessionRow

IDLE_US = 30 * MINUTE
"""A session without use ends after this."""

LASTS_US = 12 * HOUR
"""A session ends after this whatever happens, and its standing permit with it."""

_SEEN_EVERY_US = MINUTE
"""Use is noted at most this often: not every request need write."""

_WINDOW_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; the two tokens exist here and in the browser alone."""

    operator: OperatorRow
    session: SessionRow
    permit: PermitRow
    token: str = field(repr=False)
    csrf_token: str = field(repr=False)


class Accounts:
    """Signs operators in and out; lives in the server process, on its event loop.

    Wrong passwords are counted over 15 minutes by name and address (5), by name (20) and by address (30).
    """

    def __init__(self, environment: Environment, database: Database, passwords: Passwords | None = None) -> None:
        self._environment = environment
        self._database = database
        self._passwords = passwords or Passwords(environment.workers)
        clock = environment.clock
        self._limits = tuple(Failures(clock, most, _WINDOW_S) for most in (5, 20, 30))

    async def create_operator(
        self, *, name: str, display_name: str, organisation: str, role: str, password: str, language: str = "en",
        by: str = "istros", origin: str = "server",
    ) -> OperatorRow:  # fmt: skip
        """A new operator, on the record. `AccountRefused` says what is wrong; names are kept in small letters."""
        plain = _check_name(name)
        if role not in ROLES:
            raise AccountRefused(f"The role '{role}' is not known.", f"Choose one of {', '.join(ROLES)}.")
        check_password(password, plain)
        stored = await self._passwords.hash(password)
        row = OperatorRow(self._environment.ids.new(), plain, display_name, organisation, role, stored, language)

        def add(tx: Transaction) -> OperatorRow:
            if tx.operators.by_name(plain) is not None:
                raise AccountRefused(f"The sign-in name '{plain}' is taken.", "Choose another.")
            tx.operators.add(row)
            detail = {"name": plain, "role": role, "organisation": organisation}
            self._record(tx, by, origin, "operators.create", row.id, detail=detail)
            return row

        return await self._database.write(add)

    async def sign_in(self, name: str, password: str, origin: str) -> SignedIn:
        """Check the password and open a session with its standing permit, all on the record.

        `SignInRefused` when name and password do not go together, `TooManyAttempts` (with `wait_s`) after too many.
        """
        plain = _plain_name(name)
        self._take_turn(plain, origin)
        operator = await self._database.read(lambda tx: tx.operators.by_name(plain)) if plain else None
        stored = operator.password_hash if operator and not operator.disabled else None
        fits, renewed = await self._passwords.verify(password[:LETTERS_MAX], stored)
        if operator is None or not fits or len(password) > LETTERS_MAX:
            await self._refuse(operator, origin)
            raise SignInRefused("The name and the password do not go together.", "Check both and try again.")
        self._limits[0].forget(_pair(plain, origin))
        self._limits[1].forget(plain)
        self._limits[2].take_back(origin)
        token = self._new_token()
        return await self._database.write(lambda tx: self._open(tx, operator, token, renewed, origin))

    async def resume(self, token: str) -> tuple[OperatorRow, SessionRow] | None:
        """Who is behind a session's token; None when the session has ended, which also forgets it."""
        key, now = digest(token), self._environment.clock.now()
        found = await self._database.read(lambda tx: _find(tx, key))
        if found is None:
            return None
        operator, session = found
        if operator.disabled or now >= session.expires or now - session.seen >= IDLE_US:
            await self._database.write(lambda tx: tx.sessions.remove(key))
            return None
        if now - session.seen < _SEEN_EVERY_US:
            return operator, session
        await self._database.write(lambda tx: tx.sessions.seen(key, now))
        return operator, replace(session, seen=now)

    async def sign_out(self, token: str, origin: str) -> None:
        """End the session and its standing permit, on the record; silent when there is none."""
        key = digest(token)

        def close(tx: Transaction) -> None:
            found = _find(tx, key)
            if found is None:
                return
            operator, session = found
            tx.sessions.remove(key)
            tx.permits.close(session.permit_id, self._environment.clock.now())
            self._record(tx, operator.name, origin, "session.close", operator.id, permit=session.permit_id)

        await self._database.write(close)

    async def change_password(self, operator: OperatorRow, password: str, *, by: str, origin: str) -> None:
        """Set a new password and sign the operator out everywhere, on the record."""
        check_password(password, operator.name)
        stored = await self._passwords.hash(password)

        def change(tx: Transaction) -> None:
            tx.operators.set_password(operator.id, stored)
            ended = tx.sessions.remove_of(operator.id)
            self._record(tx, by, origin, "operators.password", operator.id, detail={"sessions": ended})

        await self._database.write(change)

    async def forget_expired(self) -> int:
        """Remove sessions past their end; call it now and then. How many there were."""
        now = self._environment.clock.now()
        return await self._database.write(lambda tx: tx.sessions.remove_expired(now))

    def _take_turn(self, name: str, origin: str) -> None:
        keys = (_pair(name, origin), name, origin)
        wait_s = max(limit.wait_s(key) for limit, key in zip(self._limits, keys, strict=True))
        if wait_s > 0:
            raise TooManyAttempts(
                "There were too many wrong passwords for this name or from this address.",
                f"Wait {wait_s / 60:.0f} minutes, or ask an administrator." if wait_s > 60 else "Wait a minute.",
                wait_s,
            )
        for limit, key in zip(self._limits, keys, strict=True):
            limit.add(key)

    async def _refuse(self, operator: OperatorRow | None, origin: str) -> None:
        """What was typed for an unknown name is not kept: people type their password there."""
        name, subject = (operator.name, operator.id) if operator else ("unknown", "unknown")
        await self._database.write(lambda tx: self._record(tx, name, origin, "session.open", subject, result="refused"))

    def _open(self, tx: Transaction, operator: OperatorRow, token: str, renewed: str | None, origin: str) -> SignedIn:
        now = self._environment.clock.now()
        if renewed is not None:
            tx.operators.set_password(operator.id, renewed)
        permit = standing_permit(tx, self._environment, operator, LASTS_US / HOUR, origin)
        csrf_token = csrf_of(token)
        expires = Time(now + LASTS_US)
        session = SessionRow(digest(token), operator.id, digest(csrf_token), permit.id, now, now, expires)
        tx.sessions.add(session)
        self._record(tx, operator.name, origin, "session.open", operator.id, permit=permit.id)
        return SignedIn(operator, session, permit, token, csrf_token)

    def _record(
        self, tx: Transaction, actor: str, origin: str, action: str, subject: str, *, permit: str | None = None,
        result: str = "done", detail: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        audit.append(
            tx, self._environment, actor=actor, origin=origin, action=action, subject=subject, permit=permit,
            result=result, detail=detail,
        )  # fmt: skip

    def _new_token(self) -> str:
        return urlsafe_b64encode(self._environment.random.getrandbits(256).to_bytes(32)).decode().rstrip("=")


def csrf_of(token: str) -> str:
    """The CSRF token that belongs to a session's token."""
    return hmac.new(token.encode("utf-8", "replace"), b"istros csrf", hashlib.sha256).hexdigest()


def digest(token: str) -> str:
    """How a token is stored: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _find(tx: Transaction, key: str) -> tuple[OperatorRow, SessionRow] | None:
    session = tx.sessions.get(key)
    operator = tx.operators.get(session.operator_id) if session else None
    return (operator, session) if operator and session else None


def _pair(name: str, origin: str) -> str:
    return f"{name}\n{origin}"


def _plain_name(name: str) -> str:
    """The name as stored: compatibility forms unified, small letters; empty when it cannot be a name."""
    plain = unicodedata.normalize("NFKC", name[:100]).strip().casefold()
    return plain if plain.isprintable() else ""


def _check_name(name: str) -> str:
    plain = _plain_name(name)
    fits = 2 <= len(plain) <= 60 and all(letter.isalnum() or letter in ".-_@" for letter in plain)
    if not fits or plain in ("istros", "unknown"):
        raise AccountRefused(
            f"'{plain}' cannot be a sign-in name.", "Use 2 to 60 letters, digits, dots, dashes or underlines."
        )
    return plain
