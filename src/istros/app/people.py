"""The first people of a node, made on its own machine."""

from __future__ import annotations

from dataclasses import dataclass

from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import open_node_database
from istros.base.environment import real_environment
from istros.base.errors import IstrosError
from istros.compliance.accounts import Accounts
from istros.settings import Settings

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
