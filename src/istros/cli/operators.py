"""`istros operator add`: the first people of a node."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from istros.base.time import to_iso
from istros.settings import load_settings

Config = Annotated[Path, Parameter(help="The node's configuration file.")]


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="operator", help="People who may sign in.")
    group.command(add)
    group.command(password)
    keys = App(name="key", help="Keys of programs that ask the node.")
    keys.command(add_key, name="add")
    keys.command(list_keys, name="list")
    keys.command(revoke_key, name="revoke")
    group.command(keys)
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


def add_key(
    name: Annotated[str, Parameter(help="The program's name.")],
    *,
    action: Annotated[list[str], Parameter(help="What it may do; give it once for each, e.g. gaps.read.")],
    organisation: Annotated[str, Parameter(help="The organisation that the program works for.")],
    camera: Annotated[list[str] | None, Parameter(help="A camera, or group:NAME; none means all.")] = None,
    purpose: Annotated[str, Parameter(help="For which it may open permits; empty: nothing of people.")] = "",
    ground: Annotated[str, Parameter(help="The legal ground of that purpose.")] = "",
    case: Annotated[str, Parameter(help="The case number.")] = "",
    days: Annotated[int, Parameter(help="How long it lasts, 365 at most.")] = 90,
    config: Config = Path("istros.toml"),
) -> None:
    """Make a key and print it, this once; one with a purpose waits for the data-protection officer."""
    from istros.app.people import make_program_key
    from istros.compliance.program_keys import KeyWish

    wish = KeyWish(name, organisation, tuple(action), tuple(camera or ()), purpose, ground, case, days)
    row, key = asyncio.run(make_program_key(load_settings(config), wish))
    sys.stdout.write(f"{key}\n")
    if row.purpose:
        sys.stderr.write("It counts when the data-protection officer has released it (screen People).\n")


def list_keys(*, config: Config = Path("istros.toml")) -> None:
    """Every key: its name, its state, what it may do, when it ends."""
    from istros.app.people import program_keys

    for row, state in asyncio.run(program_keys(load_settings(config))):
        sys.stdout.write(f"{row.name}\t{state}\t{', '.join(row.actions)}\tuntil {to_iso(row.expires)}\n")


def revoke_key(name: str, *, config: Config = Path("istros.toml")) -> None:
    """A key counts no more, and its open permits end."""
    from istros.app.people import revoke_program_key

    asyncio.run(revoke_program_key(load_settings(config), name))
    sys.stdout.write(f"The key {name} counts no more.\n")


def _ask_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
