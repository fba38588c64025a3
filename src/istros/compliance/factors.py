"""Second factors of an account: one-time codes and recovery codes (`compliance.codes`), and taking all of them away.

Only who signed in within the last quarter of an hour may change them, so that a screen left open gives nobody the
account. No code is accepted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from istros.base.said import say
from istros.compliance import audit
from istros.compliance.accounts import Accounts
from istros.compliance.attempts import Limit
from istros.compliance.codes import (
    SECRET_BYTES,
    fitting_step,
    plain_recovery,
    recovery_codes,
    secret_address,
    secret_text,
)
from istros.compliance.entry import SignedIn
from istros.compliance.errors import AccountRefused, ProofRefused, SignInStale
from istros.store import Transaction
from istros.store.rows import OperatorRow, SessionRow
from istros.store.rows_identity import CodeSecretRow

T = TypeVar("T")

MOST_WRONG = 5
"""Wrong codes of one account within a quarter of an hour."""


class SecondFactors:
    """Enrols, checks and takes away; lives beside `Accounts`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._environment = accounts.environment

    async def begin_codes(self, operator: OperatorRow, session: SessionRow) -> tuple[str, str]:
        """(a fresh secret to type, its `otpauth:` address); it counts once a first code confirms it."""
        self.require_fresh(session)
        secret = self._environment.random.randbytes(SECRET_BYTES)
        sealed = self._accounts.key.seal(secret, operator.id)
        row = CodeSecretRow(operator.id, sealed, self._environment.clock.now(), None, 0)

        def put(tx: Transaction) -> None:
            known = tx.factors.secret(operator.id)
            if known is not None and known.confirmed is not None:
                raise AccountRefused(
                    say("codes-set-up", "One-time codes are set up already."),
                    "Take them away first, then set them up anew.",
                )
            tx.factors.put_secret(row)

        await self._accounts.database.write(put)
        return secret_text(secret), secret_address(secret, self._accounts.rules.name, operator.name)

    async def confirm_codes(
        self, operator: OperatorRow, session: SessionRow, code: str
    ) -> tuple[list[str], SignedIn | None]:
        """(recovery codes to be shown once, the whole session where the sign-in had waited). Raises ProofRefused."""
        self.require_fresh(session)
        codes = recovery_codes(self._environment.random)
        digests = [self.recovery_digest(operator, each) for each in codes]

        def confirm(tx: Transaction) -> SignedIn | None:
            known = tx.factors.secret(operator.id)
            if known is None or known.confirmed is not None:
                raise AccountRefused(
                    say("codes-not-begun", "No one-time codes wait to be confirmed."), "Begin to set them up again."
                )
            self._take_step(tx, operator, known, code)
            tx.factors.confirm_secret(operator.id, self._environment.clock.now())
            tx.factors.set_recovery(operator.id, digests)
            self.record(tx, operator, session, "factors.add", {"factor": "code"})
            if session.missing != "enrol":
                return None
            return self._accounts.entry.go_on(tx, operator, session, f"{session.method}+code")

        await self._count(operator)
        return codes, await self._checked(operator, session, confirm)

    async def take_code(self, operator: OperatorRow, session: SessionRow, code: str) -> SignedIn:
        """The step `factor` with a one-time code or a recovery code. Raises ProofRefused, TooManyAttempts."""
        if session.missing != "factor":
            raise AccountRefused(
                say("sign-in-no-code", "This sign-in waits for no code."), "Go on with what it asks for."
            )

        def take(tx: Transaction) -> SignedIn:
            known = tx.factors.secret(operator.id)
            digest = self.recovery_digest(operator, code)
            if tx.factors.use_recovery(operator.id, digest, self._environment.clock.now()):
                self._accounts.attempts.forget(tx, _limit(operator))
                left = tx.factors.recovery_left(operator.id)
                self.record(tx, operator, session, "factors.recover", {"left": left})
                return self._accounts.entry.go_on(tx, operator, session, f"{session.method}+recovery")
            self._take_step(tx, operator, known if known is not None and known.confirmed is not None else None, code)
            return self._accounts.entry.go_on(tx, operator, session, f"{session.method}+code")

        await self._count(operator)
        return await self._checked(operator, session, take)

    async def remove_codes(self, operator: OperatorRow, session: SessionRow) -> None:
        """Take one-time codes away, on the record. AccountRefused when the role needs them."""
        self.require_fresh(session)

        def remove(tx: Transaction) -> None:
            if self._accounts.entry.needs_factor(operator) and not tx.factors.passkeys(operator.id):
                raise AccountRefused(say("factor-needed", "Your role needs a second factor."), "Add a passkey first.")
            tx.factors.remove_codes(operator.id)
            self.record(tx, operator, session, "factors.remove", {"factor": "code"})

        await self._accounts.database.write(remove)

    async def new_recovery_codes(self, operator: OperatorRow, session: SessionRow) -> list[str]:
        """Fresh recovery codes in the place of the old ones, to be shown once."""
        self.require_fresh(session)
        codes = recovery_codes(self._environment.random)
        digests = [self.recovery_digest(operator, each) for each in codes]

        def put(tx: Transaction) -> None:
            known = tx.factors.secret(operator.id)
            if (known is None or known.confirmed is None) and not tx.factors.passkeys(operator.id):
                raise AccountRefused(say("factor-none", "There is no second factor to recover."), "Set one up first.")
            tx.factors.set_recovery(operator.id, digests)
            self.record(tx, operator, session, "factors.add", {"factor": "recovery"})

        await self._accounts.database.write(put)
        return codes

    def require_fresh(self, session: SessionRow) -> None:
        """Raises SignInStale when the person signed in too long ago to change how they sign in."""
        if not self._accounts.entry.is_fresh(session):
            raise SignInStale(
                "To change how you sign in, you must have signed in within the last 15 minutes.",
                "Sign out and in again.",
            )

    def record(
        self, tx: Transaction, operator: OperatorRow, session: SessionRow, action: str, detail: Mapping[str, object],
        result: str = "done",
    ) -> None:  # fmt: skip
        """An audit row of what the person did to their own account."""
        audit.append(
            tx, self._environment, actor=operator.name, origin=session.origin, action=action, subject=operator.id,
            permit=session.permit_id or None, result=result, detail=detail,
        )  # fmt: skip

    def _take_step(self, tx: Transaction, operator: OperatorRow, known: CodeSecretRow | None, code: str) -> None:
        """Accept a one-time code, once. Raises ProofRefused."""
        step = None
        if known is not None:
            secret = self._accounts.key.open(known.sealed, operator.id)
            step = fitting_step(secret, code, self._environment.clock.now())
        if step is None or not tx.factors.take_step(operator.id, step):
            raise ProofRefused(
                say("code-wrong", "The code is not right, or was used before."),
                "Wait for the next one; if it is refused again, check that the phone's clock is right.",
            )
        self._accounts.attempts.forget(tx, _limit(operator))

    async def _checked(self, operator: OperatorRow, session: SessionRow, work: Callable[[Transaction], T]) -> T:
        """Do it; a refused code is on the record."""
        try:
            return await self._accounts.database.write(work)
        except ProofRefused:
            detail = {"factor": "code"}
            await self._accounts.database.write(
                lambda tx: self.record(tx, operator, session, "factors.use", detail, "refused")
            )
            raise

    async def _count(self, operator: OperatorRow) -> None:
        await self._accounts.take_turn([_limit(operator)], "There were too many wrong codes for this account.")

    def recovery_digest(self, operator: OperatorRow, code: str) -> str:
        """How a recovery code is stored."""
        return self._accounts.key.digest("recovery", f"{operator.id}\n{plain_recovery(code)}")


def _limit(operator: OperatorRow) -> Limit:
    return Limit("code", operator.id, MOST_WRONG)
