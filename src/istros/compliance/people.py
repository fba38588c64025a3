"""What administration does with people's accounts, always on the record, and never alone where a role counts as one of two.

A role that oversees (administrator, data-protection officer) or releases (investigator, shift leader) is given or taken by two: one
asks, another one agrees; else whoever makes accounts would be both people of every release. Nobody changes their own role
or disables themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from istros.base.said import say
from istros.compliance import audit
from istros.compliance.access import ROLES
from istros.compliance.accounts import Accounts
from istros.compliance.errors import AccountRefused
from istros.compliance.passwords import new_password
from istros.store import Transaction
from istros.store.rows import OperatorRow
from istros.store.rows_identity import RoleWishRow

BY_TWO = frozenset({"administrator", "protection_officer", "investigator", "shift_leader"})
"""Roles that are given and taken by two people: those that oversee, and those that release what another one asked for."""

MEANWHILE = "patrol"
"""The role that may least, until another person agrees."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts on somebody's account: the sign-in name and the address."""

    name: str
    origin: str


class People:
    """Makes accounts, takes the right to sign in, resets what was lost, and changes roles."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._environment = accounts.environment

    async def add(
        self, name: str, display_name: str, organisation: str, role: str, language: str, by: Acting
    ) -> tuple[OperatorRow, str]:
        """(the new operator, a password to be shown once; the first sign-in asks for another). Raises AccountRefused.

        A role of BY_TWO is only asked for: until another person agrees, the account has the role MEANWHILE.
        """
        if role not in ROLES:
            raise AccountRefused(
                say("role-unknown", f"The role '{role}' is not known."), f"Choose one of {', '.join(ROLES)}."
            )
        password = new_password(self._environment.random)
        made = await self._accounts.create_operator(
            name=name, display_name=display_name, organisation=organisation, language=language, password=password,
            role=MEANWHILE if role in BY_TWO else role, by=by.name, origin=by.origin, must_change=True,
        )  # fmt: skip
        if role in BY_TWO:
            await self.change_role(made.id, role, by)
        return made, password

    async def set_disabled(self, operator_id: str, disabled: bool, by: Acting) -> list[str]:
        """Take the right to sign in, or give it back; the SHA-256 of the tokens that ended."""

        def work(tx: Transaction) -> list[str]:
            operator = self._other(tx, operator_id, by)
            tx.operators.set_disabled(operator.id, disabled)
            ended = self._accounts.entry.end_rights(tx, operator) if disabled else []
            action = "operators.disable" if disabled else "operators.enable"
            self._record(tx, by, action, operator, {"sessions": len(ended)})
            return ended

        return await self._accounts.database.write(work)

    async def reset_password(self, operator_id: str, by: Acting) -> tuple[str, list[str]]:
        """(a password to be shown once, the SHA-256 of the tokens that ended).

        Whoever knows it could sign in as the person: a role of BY_TWO comes back once another person agrees.
        """
        operator = await self._accounts.database.read(lambda tx: self._other(tx, operator_id, by))
        if operator.directory is not None:
            raise AccountRefused(
                say("password-of-other-in-directory", "A directory keeps this person's password."),
                "It is changed there.",
            )
        password = new_password(self._environment.random)
        await self._accounts.database.write(lambda tx: self._hold_role(tx, operator, by))
        ended = await self._accounts.change_password(operator, password, by=by.name, origin=by.origin, must_change=True)
        return password, ended

    async def reset_factors(self, operator_id: str, by: Acting) -> list[str]:
        """Take every second factor away, for a phone that was lost; the SHA-256 of the tokens that ended.

        A role of BY_TWO comes back once another person agrees, as with a new password.
        """

        def work(tx: Transaction) -> list[str]:
            operator = self._other(tx, operator_id, by)
            self._hold_role(tx, operator, by)
            tx.factors.remove_all(operator.id)
            ended = self._accounts.entry.end_all(tx, operator.id)
            self._record(tx, by, "factors.reset", operator, {"sessions": len(ended)})
            return ended

        return await self._accounts.database.write(work)

    async def change_role(self, operator_id: str, role: str, by: Acting) -> list[str]:
        """Give another role, or ask for it where the old or the new one oversees; the tokens that ended."""
        if role not in ROLES:
            raise AccountRefused(
                say("role-unknown", f"The role '{role}' is not known."), f"Choose one of {', '.join(ROLES)}."
            )

        def work(tx: Transaction) -> list[str]:
            operator = self._other(tx, operator_id, by)
            if operator.role == role:
                raise AccountRefused(say("role-same", "The person has that role already."), "Choose another.")
            if not BY_TWO & {operator.role, role}:
                return self._give(tx, operator, role, by)
            self._wish(tx, operator, role, by)
            return []

        return await self._accounts.database.write(work)

    async def decide_role(self, operator_id: str, agree: bool, by: Acting) -> list[str]:
        """Agree to a role that somebody else asked for, or refuse it; whoever asked may take it back."""

        def work(tx: Transaction) -> list[str]:
            wish, operator = tx.role_wishes.open_of(operator_id), self._other(tx, operator_id, by)
            if wish is None:
                raise AccountRefused(
                    say("role-waits-not", "No change of this person's role waits."), "Look at the list again."
                )
            if agree and wish.asked_by == by.name:
                raise AccountRefused(
                    say("role-own", "Whoever asked for a role cannot agree to it."), "Another person decides."
                )
            tx.role_wishes.decide(wish.id, self._environment.clock.now(), by.name, agree)
            if agree:
                return self._give(tx, operator, wish.role, by, wish.asked_by)
            self._record(tx, by, "operators.role", operator, {"to": wish.role}, "refused")
            return []

        return await self._accounts.database.write(work)

    def _hold_role(self, tx: Transaction, operator: OperatorRow, by: Acting) -> None:
        """Until another person agrees, the account whose password or factors one person took has no role that counts as a second."""
        if operator.role in BY_TWO:
            self._wish(tx, operator, operator.role, by)
            self._give(tx, operator, MEANWHILE, by)

    def _wish(self, tx: Transaction, operator: OperatorRow, role: str, by: Acting) -> None:
        if tx.role_wishes.open_of(operator.id) is not None:
            raise AccountRefused(
                say("role-waits", "A change of this person's role waits already."), "Another person decides it first."
            )
        now = self._environment.clock.now()
        tx.role_wishes.add(RoleWishRow(self._environment.ids.new(), operator.id, role, now, by.name))
        self._record(tx, by, "operators.ask-role", operator, {"from": operator.role, "to": role})

    def _give(self, tx: Transaction, operator: OperatorRow, role: str, by: Acting, asked_by: str = "") -> list[str]:
        """Sessions and permits end, for their rights were those of the old role."""
        tx.operators.set_role(operator.id, role)
        ended = self._accounts.entry.end_rights(tx, operator)
        detail: dict[str, object] = {"from": operator.role, "to": role, "sessions": len(ended)}
        self._record(tx, by, "operators.role", operator, detail | ({"asked": asked_by} if asked_by else {}))
        return ended

    def _other(self, tx: Transaction, operator_id: str, by: Acting) -> OperatorRow:
        """The operator, who must be somebody else. Raises AccountRefused."""
        operator = tx.operators.get(operator_id)
        if operator is None:
            raise AccountRefused(say("person-none", "There is no such person."), "Look at the list again.")
        if operator.name == by.name:
            raise AccountRefused(
                say("account-own", "Nobody does this to their own account."), "Ask another administrator."
            )
        return operator

    def _record(
        self, tx: Transaction, by: Acting, action: str, operator: OperatorRow, detail: Mapping[str, object],
        result: str = "done",
    ) -> None:  # fmt: skip
        audit.append(
            tx, self._environment, actor=by.name, origin=by.origin, action=action, subject=operator.id, result=result,
            detail={"name": operator.name} | dict(detail),
        )  # fmt: skip
