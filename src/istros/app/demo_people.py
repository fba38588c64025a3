"""The demo's operators, one for each role, and its watchlist."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from istros.app.wiring import open_node_database
from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.base.signing import SigningKey, load_or_make
from istros.base.time import DAY, Time, after
from istros.compliance.accounts import Accounts
from istros.compliance.simulated_assessments import assess_simulated
from istros.compliance.simulated_profile import sign_simulated
from istros.events.plate_renewal import LATELY
from istros.events.reasons import Reasons
from istros.events.record import Author
from istros.events.watchlist import EntryRequest, open_entry
from istros.recording.chain import KEY_NAME
from istros.settings import Settings
from istros.store import Database, Transaction
from istros.store.rows import OperatorRow, Priority

ORGANISATION = "Joint centre of the simulated city"
PEOPLE = (
    ("operator", "Operator 1", "operator"),
    ("leader", "Shift leader", "shift_leader"),
    ("investigator", "Investigator 1", "investigator"),
    ("engineer", "Traffic engineer", "traffic_engineer"),
    ("officer", "Data-protection officer", "protection_officer"),
    ("admin", "Administrator", "administrator"),
)
"""Sign-in name, name on the screens, role."""

_MAKERS = ("istros demo", "simulated city")
"""Two, for nobody goes on alone with the search for a plate."""

_SYLLABLES = [a + b for a in "bdfghklmnprstvz" for b in "aeiou"]


async def prepare_people(
    settings: Settings, environment: Environment, sought: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Make the operators (or give them new passwords) and list the sought plates; (name, role, password) of each."""
    database = open_node_database(settings, environment)
    try:
        printed = [await _person(environment, database, *person) for person in PEOPLE]
        if settings.node.simulated:
            key = load_or_make(settings.data / "keys", KEY_NAME)
            await database.write(lambda tx: _sign_profile(tx, environment, key))
        cameras = [camera.id for camera in settings.camera]
        await database.write(lambda tx: assess_simulated(tx, environment, cameras, *_pair(tx), origin="command line"))
        await database.write(lambda tx: list_plates(tx, environment, sought))
        return printed
    finally:
        database.close()


async def _person(
    environment: Environment, database: Database, name: str, shown: str, role: str
) -> tuple[str, str, str]:
    accounts = Accounts(environment, database)
    password = "-".join("".join(secrets.choice(_SYLLABLES) for _ in range(3)) for _ in range(3))
    known = await database.read(lambda tx: tx.operators.by_name(name))
    if known is None:
        await accounts.create_operator(
            name=name, display_name=shown, organisation=ORGANISATION, role=role, password=password, by="istros demo"
        )
    else:
        await accounts.change_password(known, password, by="istros demo", origin="command line")
    return name, role, password


def _sign_profile(tx: Transaction, environment: Environment, key: SigningKey) -> None:
    sign_simulated(tx, environment, *_pair(tx), key, origin="command line")


def _pair(tx: Transaction) -> tuple[OperatorRow, OperatorRow]:
    """The demo's administrator and data-protection officer."""
    administrator, officer = tx.operators.by_name("admin"), tx.operators.by_name("officer")
    assert administrator is not None, "just made"
    assert officer is not None, "just made"
    return administrator, officer


def list_plates(tx: Transaction, environment: Environment, sought: Sequence[str]) -> None:
    """Seek the plates that are not sought yet, each for a week; what one maker entered before the other one does. EntryRefused."""
    now = environment.clock.now()
    listed = {entry.folded for entry in tx.watchlist.open_ones(now)}
    last = {entry.folded: entry.created_by for entry in tx.watchlist.lately(ORGANISATION, Time(now - LATELY))}
    priorities: tuple[Priority, ...] = ("critical", "high", "medium")
    for number, plate in enumerate(sought):
        if fold(plate) in listed:
            continue
        reasons = Reasons(
            purpose="stolen-vehicle",
            ground="Criminal proceedings of the simulated city",
            case_ref=f"SIM-{number + 1:04d}",
            owner=ORGANISATION,
            priority=priorities[number % len(priorities)],
            category="none",
            requester="The simulated city",
            handling="H0",
            provenance="Made up with the simulated city",
            expires=after(now, 7 * DAY / 1_000_000),
            review=after(now, 3 * DAY / 1_000_000),
        )
        asked = EntryRequest(plate, "near", reasons)
        maker = next(each for each in _MAKERS if each != last.get(fold(plate)))
        open_entry(tx, environment, Author(maker, "command line"), asked)
