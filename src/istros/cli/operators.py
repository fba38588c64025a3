"""`istros operator add`: the first people of a node."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from istros.settings import load_settings

Config = Annotated[Path, Parameter(help="The node's configuration file.")]


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="operator", help="People who may sign in.")
    group.command(add)
    group.command(password)
    app.command(group)


def add(
    name: Annotated[str, Parameter(help="The name to sign in with.")],
    *,
    role: Annotated[
        str,
        Parameter(help="operator, shift_leader, investigator, patrol, traffic_engineer, …"),
    ],
    display_name: Annotated[str, Parameter(help="The name that screens and records show.")],
    organisation: Annotated[str, Parameter(help="The organisation this person works for.")],
    language: Annotated[str, Parameter(help="en, uk or ro.")] = "en",
    config: Config = Path("istros.toml"),
) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    from istros.app.people import NewOperator, add_operator

    settings = load_settings(config)
    new = NewOperator(name, display_name, organisation, role, language)
    asyncio.run(add_operator(settings, new, _ask_password()))
    sys.stdout.write(f"{name} may now sign in as {role}.\n")


def password(name: str, *, config: Config = Path("istros.toml")) -> None:
    """Give a person a new password; their open sessions end."""
    from istros.app.people import set_password

    asyncio.run(set_password(load_settings(config), name, _ask_password()))
    sys.stdout.write(f"{name} has a new password.\n")


def _ask_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
