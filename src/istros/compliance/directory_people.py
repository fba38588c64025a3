"""Who comes from a directory: their account is made at the first sign-in and follows their groups from then on."""

from __future__ import annotations

from dataclasses import replace

from istros.base.said import say
from istros.compliance import audit
from istros.compliance.accounts import Accounts, check_name
from istros.compliance.directory import Directory, DirectoryRefused, Known
from istros.compliance.entry import SignedIn, Way
from istros.compliance.errors import AccountRefused
from istros.store import Transaction
from istros.store.rows import OperatorRow


async def let_in(accounts: Accounts, directory: Directory, known: Known, way: Way) -> SignedIn:
    """Open a session for who the directory knows, on the record. DirectoryRefused when no group of theirs has a role."""
    role = directory.role_of(known.groups)
    try:
        return await accounts.database.write(lambda tx: _open(tx, accounts, directory, known, role, way))
    except DirectoryRefused as refusal:
        why = {"why": refusal.message, "directory": directory.id}
        await accounts.database.write(
            lambda tx: audit.append(
                tx, accounts.environment, actor="unknown", origin=way.origin, action="session.open",
                subject=directory.id, result="refused", detail=why,
            )
        )  # fmt: skip
        raise


def _open(
    tx: Transaction, accounts: Accounts, directory: Directory, known: Known, role: str | None, way: Way
) -> SignedIn:
    operator = tx.operators.by_directory(known.subject)
    if role is None:
        raise DirectoryRefused(
            say("directory-no-role", "Your organisation knows you, but none of your groups has a role here."),
            "Ask your administrator.",
        )
    if operator is not None and operator.disabled:
        raise DirectoryRefused(say("directory-closed", "This account may not sign in."), "Ask your administrator.")
    if operator is None:
        operator = _make(tx, accounts, directory, known, role, way)
    elif operator.role != role:
        operator = _move(tx, accounts, operator, role, way)
    method = "directory+mfa" if known.second_factor else "directory"
    return accounts.entry.open(tx, operator, replace(way, method=method))


def _make(tx: Transaction, accounts: Accounts, directory: Directory, known: Known, role: str, way: Way) -> OperatorRow:
    try:
        name = check_name(known.name)
    except AccountRefused as refusal:
        raise DirectoryRefused(
            say("directory-name-form", "The directory's name of this person cannot be a sign-in name here."),
            "Ask your administrator.",
        ) from refusal
    if tx.operators.by_name(name) is not None:
        raise DirectoryRefused(
            say("directory-name-taken", f"The name '{name}' belongs to another account of this node."),
            "Ask your administrator.",
        )
    row = OperatorRow(
        accounts.environment.ids.new(), name, known.display_name, directory.organisation, role, "", directory.language,
        directory=known.subject,
    )  # fmt: skip
    tx.operators.add(row)
    detail = {"name": name, "role": role, "organisation": directory.organisation, "directory": directory.id}
    audit.append(
        tx, accounts.environment, actor="istros", origin=way.origin, action="operators.create", subject=row.id,
        detail=detail,
    )  # fmt: skip
    return row


def _move(tx: Transaction, accounts: Accounts, operator: OperatorRow, role: str, way: Way) -> OperatorRow:
    """The groups changed: another role, and sessions and permits of the old one end."""
    tx.operators.set_role(operator.id, role)
    ended = accounts.entry.end_rights(tx, operator)
    audit.append(
        tx, accounts.environment, actor="istros", origin=way.origin, action="operators.role", subject=operator.id,
        detail={"name": operator.name, "from": operator.role, "to": role, "sessions": len(ended)},
    )  # fmt: skip
    return replace(operator, role=role)
