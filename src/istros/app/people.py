"""The first people of a node, made on its own machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import access_of, open_node_database
from istros.base.environment import Environment, real_environment
from istros.base.errors import IstrosError
from istros.compliance.accounts import Accounts
from istros.compliance.program_keys import KeyState, KeyWish, key_state, make_key, revoke_key
from istros.settings import Settings
from istros.store import Database
from istros.store.rows_identity import ProgramKeyRow

BY = "istros operator"
"""How the audit chain names changes made at the node's own command line."""


class NobodyOfThatName(IstrosError):
    """There is no operator of the name."""

    code = "no-operator"


@dataclass(frozen=True, slots=True)
class NewOperator:
    """Who shall be able to sign in."""

    name: str
    display_name: str
    organisation: str
    role: str
    language: str = "en"


async def add_operator(settings: Settings, new: NewOperator, password: str) -> None:
    """Add a person, on the record. Raises AccountRefused."""
    prepare_data_folder(settings.data)
    environment = real_environment(2)
    database = open_node_database(settings, environment)
    try:
        await Accounts(environment, database).create_operator(
            name=new.name,
            display_name=new.display_name,
            organisation=new.organisation,
            role=new.role,
            language=new.language,
            password=password,
            by=BY,
        )
    finally:
        database.close()


async def set_password(settings: Settings, name: str, password: str) -> None:
    """Give a person a new password and end their sessions, on the record. Raises NobodyOfThatName, AccountRefused."""
    prepare_data_folder(settings.data)
    environment = real_environment(2)
    database = open_node_database(settings, environment)
    try:
        operator = await database.read(lambda tx: tx.operators.by_name(name.casefold()))
        if operator is None:
            raise NobodyOfThatName(f"Nobody signs in as '{name}'.", "Add the person with `istros operator add`.")
        await Accounts(environment, database).change_password(operator, password, by=BY, origin="command line")
    finally:
        database.close()


class NoKeyOfThatName(IstrosError):
    """There is no key of the name."""

    code = "no-key"


async def make_program_key(settings: Settings, wish: KeyWish) -> tuple[ProgramKeyRow, str]:
    """(the key as kept, the key itself), on the record. Raises AccountRefused."""
    access = access_of(settings)
    with _database(settings) as (environment, database):
        return await database.write(lambda tx: make_key(tx, environment, access, wish, by=BY, origin="command line"))


async def program_keys(settings: Settings) -> list[tuple[ProgramKeyRow, KeyState]]:
    """Every key and its state, newest first."""
    with _database(settings) as (environment, database):
        now = environment.clock.now()
        return [(row, key_state(row, now)) for row in await database.read(lambda tx: tx.program_keys.all())]


async def revoke_program_key(settings: Settings, name: str) -> None:
    """End a key, on the record. Raises NoKeyOfThatName, AccountRefused."""
    with _database(settings) as (environment, database):
        row = await database.read(lambda tx: tx.program_keys.by_name(name.casefold()))
        if row is None:
            raise NoKeyOfThatName(f"There is no key '{name}'.", "`istros operator key list` names them.")
        await database.write(lambda tx: revoke_key(tx, environment, row.id, by=BY, origin="command line"))


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[Environment, Database]]:
    prepare_data_folder(settings.data)
    environment = real_environment(2)
    database = open_node_database(settings, environment)
    try:
        yield environment, database
    finally:
        database.close()
