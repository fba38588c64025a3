"""The simulated city's deployment profile: everything on, because its people are made up."""

from __future__ import annotations

from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.base.time import Time
from istros.compliance.functions import LAW, MOST, QUESTIONS, Function
from istros.compliance.profile import in_force
from istros.compliance.profile_drafts import LONGEST, ProfileDraft, save, sign
from istros.store import Transaction
from istros.store.profiles import ProfileRow
from istros.store.rows import OperatorRow

MADE_UP = "Simulated city: cameras, vehicles and people are made up; no law is touched and none is claimed."
GROUND = "Simulated city: its people are made up"


def simulated_draft(now: Time) -> ProfileDraft:
    """Everything that the software can do, to the outermost limits, reviewed in a year."""
    answers = dict.fromkeys(QUESTIONS, MADE_UP) | {"fria": "SIM-FRIA", "registration": "SIM-EU"}
    grounds = {str(function): GROUND for function in Function}
    grounds[str(Function.FACES_MATCHED_LIVE)] = f"{LAW}{GROUND}"
    return ProfileDraft(answers, grounds, Time(now + LONGEST), MOST, simulated=True)


def sign_simulated(
    tx: Transaction, environment: Environment, administrator: OperatorRow, officer: OperatorRow, key: SigningKey,
    origin: str = "server",
) -> ProfileRow | None:  # fmt: skip
    """Sign it by the simulated city's two people; None when a signed profile counts already."""
    now = environment.clock.now()
    if in_force(tx, now).version:
        return None
    row = save(tx, environment, administrator, simulated_draft(now), origin=origin, training=True)
    for person in (administrator, officer):
        row = sign(tx, environment, person, row.version, key, origin=origin)
    return row
