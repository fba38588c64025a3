"""Whether a camera still stands and looks where its assessment was made for (rule L18, docs/design/0039).

An assessment answers for one place and one view. When the camera's position changes, or another view is confirmed as the
declared one, the assessment is due at once: what follows a late review follows, until a version that was written after the
change is approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import cos, hypot, radians

from istros.base.environment import Environment
from istros.base.time import Time
from istros.compliance import audit
from istros.compliance.assessment_drafts import waits
from istros.compliance.assessments import content_of
from istros.store import Transaction
from istros.store.assessments import AssessedViewRow, AssessmentRow

NODE = "istros"

CORRECTED_M = 10.0
"""Metres by which a position may be corrected on the map without being another place."""

_DEGREE_M = 111_195.0
"""Metres of a degree of latitude on a sphere of 6371 km."""

Position = tuple[float, float] | None
"""WGS 84 latitude and longitude in degrees; None: the configuration does not tell."""


def position_news(tx: Transaction, positions: Mapping[str, Position], now: Time) -> list[AssessedViewRow]:
    """What is to be written of where the cameras stand: the place of a new assessment, or that a camera left its place."""
    known = {row.camera_id: row for row in tx.assessments.views()}
    news = (
        _news(row, known.get(row.camera_id), positions[row.camera_id], now)
        for row in _counting(tx)
        if row.camera_id in positions
    )
    return [each for each in news if each is not None]


def note_positions(tx: Transaction, environment: Environment, positions: Mapping[str, Position]) -> None:
    """Write it, a change on the audit record."""
    for view in position_news(tx, positions, environment.clock.now()):
        if view.changed is None:
            tx.assessments.put_view(view)
        else:
            _change(tx, environment, view)


def note_confirmed_view(tx: Transaction, environment: Environment, camera_id: str) -> None:
    """Somebody has confirmed another view as the declared one, so the assessment of that camera needs a look."""
    if not any(row.camera_id == camera_id for row in _counting(tx)):
        return
    known = next((row for row in tx.assessments.views() if row.camera_id == camera_id), AssessedViewRow(camera_id))
    _change(tx, environment, replace(known, changed=environment.clock.now(), cause="view"))


def _counting(tx: Transaction) -> list[AssessmentRow]:
    """Those that count, and of cameras without one the newest that waits: it is of the place that its writer saw.

    One of a simulated camera is made anew by the simulated city itself.
    """
    approved = [row for row in tx.assessments.newest_approved() if row.ended is None]
    cameras = {row.camera_id for row in approved}
    first = [row for row in tx.assessments.newest() if row.camera_id not in cameras and waits(row)]
    return [row for row in (*approved, *first) if not content_of(row).simulated]


def _news(row: AssessmentRow, known: AssessedViewRow | None, position: Position, now: Time) -> AssessedViewRow | None:
    latitude, longitude = position or (None, None)
    if known is None or (known.changed is not None and known.changed < row.written):
        return AssessedViewRow(row.camera_id, latitude, longitude)
    if known.changed is not None or position is None:
        return None
    if known.latitude is None or known.longitude is None:
        return replace(known, latitude=latitude, longitude=longitude)
    if _metres((known.latitude, known.longitude), position) <= CORRECTED_M:
        return None
    return replace(known, changed=now, cause="position")


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two places some kilometres apart at most; further apart it is far in any case."""
    return _DEGREE_M * hypot(other[0] - one[0], (other[1] - one[1]) * cos(radians(one[0])))


def _change(tx: Transaction, environment: Environment, view: AssessedViewRow) -> None:
    tx.assessments.put_view(view)
    audit.append(
        tx, environment, actor=NODE, origin="server", action="assessment.look-needed", subject=view.camera_id,
        detail={"cause": view.cause},
    )  # fmt: skip
