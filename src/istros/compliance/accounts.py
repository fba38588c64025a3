"""Who may sign in, and who is signed in.

A session is a random token of 256 bits in the browser; the database knows its SHA-256 alone. It ends after half an
hour without use and after twelve hours in any case. The CSRF token is derived from the session's token, so that a
page that is loaded again gets the same one without its being stored. A session that lacks a step of the sign-in
(`compliance.entry`) opens nothing but that step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.sealing import SealingKey
from istros.base.time import MINUTE
from istros.compliance import audit
from istros.compliance.access import ROLES
from istros.compliance.attempts import AttemptCounter, Limit, address_to_count
from istros.compliance.entry import LASTS_US as LASTS_US
from istros.compliance.entry import Entry, SignInRules, Way
from istros.compliance.entry import SignedIn as SignedIn
from istros.compliance.entry import csrf_of as csrf_of
from istros.compliance.entry import digest as digest
from istros.compliance.errors import AccountRefused as AccountRefused
from istros.compliance.errors import ProofRefused
from istros.compliance.errors import SignInRefused as SignInRefused
from istros.compliance.errors import TooManyAttempts as TooManyAttempts
from istros.compliance.passwords import LETTERS_MAX, Passwords, check_password
from istros.compliance.passwords import new_password as new_password
from istros.store import Database, Transaction
from istros.store.rows import OperatorRow, SessionRow

IDLE_US = 30 * MINUTE
"""A session without use ends after this."""

_SEEN_EVERY_US = MINUTE
"""Use is noted at most this often: not every request need write."""


class Accounts:
    """Signs operators in and out; lives in the server process, on its event loop.

    Wrong passwords are counted over 15 minutes by name and address (5), by name (20) and by address (30), in the database.
    `rules` says which roles need a second factor, `key` seals and hides; without one, nothing outlives the process.
    """

    def __init__(
        self,
        environment: Environment,
        database: Database,
        passwords: Passwords | None = None,
        rules: SignInRules | None = None,
        key: SealingKey | None = None,
    ) -> None:
        self.environment = environment
        self.database = database
        self.rules = rules or SignInRules()
        self.key = key or SealingKey.generate()
        self.entry = Entry(environment, self.rules)
        self.attempts = AttemptCounter(environment, self.key)
        self._passwords = passwords or Passwords(environment.workers)

    async def create_operator(
        self, *, name: str, display_name: str, organisation: str, role: str, password: str, language: str = "en",
        by: str = "istros", origin: str = "server", must_change: bool = False,
    ) -> OperatorRow:  # fmt: skip
        """A new operator, on the record. `AccountRefused` says what is wrong; names are kept in small letters.

        With `must_change` the first sign-in asks for a password of the person's own.
        """
        plain = check_name(name)
        if role not in ROLES:
            raise AccountRefused(
                say("role-unknown", f"The role '{role}' is not known."), f"Choose one of {', '.join(ROLES)}."
            )
        check_password(password, plain)
        stored = await self._passwords.hash(password)
        row = OperatorRow(
            self.environment.ids.new(), plain, display_name, organisation, role, stored, language, False, must_change
        )

        def add(tx: Transaction) -> OperatorRow:
            if tx.operators.by_name(plain) is not None:
                raise AccountRefused(
                    say("sign-in-name-taken", f"The sign-in name '{plain}' is taken.", name=plain), "Choose another."
                )
            tx.operators.add(row)
            detail = {"name": plain, "role": role, "organisation": organisation}
            self._record(tx, by, origin, "operators.create", row.id, detail=detail)
            return row

        return await self.database.write(add)

    async def sign_in(self, name: str, password: str, origin: str, browser: str = "") -> SignedIn:
        """Check the password and open a session with its standing permit, all on the record.

        The session may lack a step (`session.missing`): then there is no permit yet. `SignInRefused` when name and
        password do not go together, `TooManyAttempts` (with `wait_s`) after too many.
        """
        plain = plain_name(name)
        limits = _limits(plain, origin)
        await self.take_turn(limits, "There were too many wrong passwords for this name or from this address.")
        operator = await self.database.read(lambda tx: tx.operators.by_name(plain)) if plain else None
        stored = operator.password_hash if operator and not operator.disabled else None
        fits, renewed = await self._passwords.verify(password[:LETTERS_MAX], stored)
        if operator is None or not fits or len(password) > LETTERS_MAX:
            await self.refuse(operator, origin)
            raise SignInRefused("The name and the password do not go together.", "Check both and try again.")
        way = Way(origin, browser, "password")

        def open_session(tx: Transaction) -> SignedIn:
            self.attempts.forget(tx, limits[0], limits[1])
            self.attempts.take_back(tx, limits[2])
            if renewed is not None:
                tx.operators.set_password(operator.id, renewed)
            return self.entry.open(tx, operator, way)

        return await self.database.write(open_session)

    async def resume(self, token: str) -> tuple[OperatorRow, SessionRow] | None:
        """Who is behind a session's token; None when the session has ended, which also forgets it.

        A session that lacks a step of the sign-in is found, too: look at its `missing`.
        """
        key, now = digest(token), self.environment.clock.now()
        found = await self.database.read(lambda tx: _find(tx, key))
        if found is None:
            return None
        operator, session = found
        if operator.disabled or now >= session.expires or now - session.seen >= IDLE_US:
            await self.database.write(lambda tx: tx.sessions.remove(key))
            return None
        if now - session.seen < _SEEN_EVERY_US:
            return operator, session
        await self.database.write(lambda tx: tx.sessions.seen(key, now))
        return operator, replace(session, seen=now)

    async def sign_out(self, token: str, origin: str) -> None:
        """End the session and its standing permit, on the record; silent when there is none."""
        key = digest(token)

        def close(tx: Transaction) -> None:
            found = _find(tx, key)
            if found is None:
                return
            operator, session = found
            self.entry.end(tx, session)
            permit = session.permit_id or None
            self._record(tx, operator.name, origin, "session.close", operator.id, permit=permit)

        await self.database.write(close)

    async def forget_unfinished(self, token: str) -> None:
        """Forget a sign-in that waits for a step; silent when there is none. A whole session stays."""
        key = digest(token)

        def forget(tx: Transaction) -> None:
            session = tx.sessions.get(key)
            if session is not None and session.missing:
                self.entry.end(tx, session)

        await self.database.write(forget)

    async def change_password(
        self, operator: OperatorRow, password: str, *, by: str, origin: str, must_change: bool = False
    ) -> list[str]:
        """Set a new password and sign the operator out everywhere, on the record.

        The SHA-256 of the tokens that ended. With `must_change` the next sign-in asks for one of the person's own.
        """
        check_password(password, operator.name)
        stored = await self._passwords.hash(password)

        def change(tx: Transaction) -> list[str]:
            tx.operators.set_password(operator.id, stored)
            tx.operators.set_must_change(operator.id, must_change)
            ended = self.entry.end_all(tx, operator.id)
            self._record(tx, by, origin, "operators.password", operator.id, detail={"sessions": len(ended)})
            return ended

        return await self.database.write(change)

    async def change_own_password(
        self, operator: OperatorRow, session: SessionRow, current: str, password: str, way: Way
    ) -> tuple[SignedIn | None, list[str]]:
        """Set a password of one's own; every other session ends, on the record.

        The whole session where a sign-in had only waited for this, and the SHA-256 of the tokens that ended.
        `ProofRefused` when `current` is not right, `AccountRefused` when the new one will not do.
        """
        if not operator.password_hash:
            raise AccountRefused(
                say("password-in-directory", "Your organisation's directory keeps your password."), "Change it there."
            )
        check_password(password, operator.name)
        limit = Limit("password", operator.id, 10)
        await self.take_turn([limit], "There were too many wrong passwords.")
        fits, _ = await self._passwords.verify(current[:LETTERS_MAX], operator.password_hash)
        if not fits:
            await self.refuse(operator, way.origin, "operators.password")
            raise ProofRefused(say("password-so-far", "The password so far is not right."), "Type it again.")
        if current == password:
            raise AccountRefused(say("password-same", "The new password is the old one."), "Choose another.")
        stored = await self._passwords.hash(password)

        def change(tx: Transaction) -> tuple[SignedIn | None, list[str]]:
            self.attempts.forget(tx, limit)
            tx.operators.set_password(operator.id, stored)
            tx.operators.set_must_change(operator.id, False)
            ended = self.entry.end_all(tx, operator.id, but=session.token_sha256)
            self._record(
                tx, operator.name, way.origin, "operators.password", operator.id, detail={"sessions": len(ended)}
            )
            if session.missing != "password":
                return None, ended
            changed = replace(operator, password_hash=stored, must_change=False)
            return self.entry.go_on(tx, changed, session, session.method), ended

        return await self.database.write(change)

    async def forget_expired(self) -> int:
        """Remove sessions past their end; call it now and then. How many there were."""
        now = self.environment.clock.now()
        return await self.database.write(lambda tx: tx.sessions.remove_expired(now))

    async def take_turn(self, limits: list[Limit], message: str) -> None:
        """Count an attempt. Raises TooManyAttempts with the message and how long to wait."""
        wait_s = await self.database.write(lambda tx: self.attempts.begin(tx, limits))
        if wait_s > 0:
            remedy = f"Wait {wait_s / 60:.0f} minutes, or ask an administrator." if wait_s > 60 else "Wait a minute."
            raise TooManyAttempts(message, remedy, wait_s)

    async def refuse(self, operator: OperatorRow | None, origin: str, action: str = "session.open") -> None:
        """Record a refusal. What was typed for an unknown name is not kept: people type their password there."""
        name, subject = (operator.name, operator.id) if operator else ("unknown", "unknown")
        await self.database.write(lambda tx: self._record(tx, name, origin, action, subject, result="refused"))

    def _record(
        self, tx: Transaction, actor: str, origin: str, action: str, subject: str, *, permit: str | None = None,
        result: str = "done", detail: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        audit.append(
            tx, self.environment, actor=actor, origin=origin, action=action, subject=subject, permit=permit,
            result=result, detail=detail,
        )  # fmt: skip


def _find(tx: Transaction, key: str) -> tuple[OperatorRow, SessionRow] | None:
    session = tx.sessions.get(key)
    operator = tx.operators.get(session.operator_id) if session else None
    return (operator, session) if operator and session else None


def _limits(name: str, origin: str) -> list[Limit]:
    """Attempts by name and address, by name, by address."""
    address = address_to_count(origin)
    return [Limit("pair", f"{name}\n{address}", 5), Limit("name", name, 20), Limit("address", address, 30)]


def plain_name(name: str) -> str:
    """The name as stored: compatibility forms unified, small letters; empty when it cannot be a name."""
    plain = unicodedata.normalize("NFKC", name[:100]).strip().casefold()
    return plain if plain.isprintable() else ""


def check_name(name: str) -> str:
    """The name as stored. Raises AccountRefused when it cannot be one."""
    plain = plain_name(name)
    fits = 2 <= len(plain) <= 60 and all(letter.isalnum() or letter in ".-_@" for letter in plain)
    if not fits or plain in ("istros", "unknown"):
        raise AccountRefused(
            say("sign-in-name-form", f"'{plain}' cannot be a sign-in name."),
            "Use 2 to 60 letters, digits, dots, dashes or underlines.",
        )
    return plain
