"""Assessments of the simulated city's cameras: they count for cameras of this very machine alone (rule L26)."""

from __future__ import annotations

from collections.abc import Iterable

from istros.base.environment import Environment
from istros.base.time import Time
from istros.compliance import assessment_drafts
from istros.compliance.assessment_drafts import LANGUAGES, LONGEST, MOST_KEEP_HOURS, CameraFacts
from istros.compliance.assessments import ALL_USES, Assessment, clearances
from istros.compliance.simulated_profile import GROUND, MADE_UP
from istros.store import Transaction
from istros.store.rows import OperatorRow


def assess_simulated(
    tx: Transaction, environment: Environment, cameras: Iterable[str], administrator: OperatorRow,
    officer: OperatorRow, origin: str = "server",
) -> None:  # fmt: skip
    """Write and approve one for each camera that has none in force, by the simulated city's two people."""
    now = environment.clock.now()
    says = _simulated(now)
    for camera_id, clearance in clearances(tx, now, dict.fromkeys(cameras, True)).items():
        if clearance.version and clearance.due is not None and clearance.due > now:
            continue
        row = assessment_drafts.write(tx, environment, administrator, camera_id, says, origin=origin)
        facts = CameraFacts("", zones_drawn=False, keep_hours=0)
        assessment_drafts.answer(
            tx, environment, officer, camera_id, row.version, facts, approve=True, origin=origin
        )  # fmt: skip


def _simulated(now: Time) -> Assessment:
    return Assessment(
        owner=GROUND, purpose=MADE_UP, looks_at=GROUND, sign=dict.fromkeys(LANGUAGES, "SIMULATED"), sign_place=GROUND,
        zones="none", zones_reason=GROUND, keep_hours=MOST_KEEP_HOURS, dpia_ref="SIM-DPIA", dpia_date=now,
        review=Time(now + LONGEST), uses=ALL_USES, simulated=True,
    )  # fmt: skip
