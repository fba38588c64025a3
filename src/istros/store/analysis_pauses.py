"""Cameras whose analysis is paused because they show another view than was declared (docs/design/0039)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, Table, select

from istros.base.time import Time
from istros.store.columns import KEY, WHOLE, Flag
from istros.store.repository import Repository
from istros.store.schema import METADATA

PauseCause = Literal["moved", "head"]
"""`moved`: the picture shows another view. `head`: somebody steered the head away."""


@dataclass(frozen=True, slots=True)
class AnalysisPauseRow:
    """One camera's pause, while it lasts."""

    camera_id: str
    cause: PauseCause
    since: Time
    ordered: Time
    """When the head was last given an order; `since`, where none was given."""
    to_home: bool = False
    """Whether that order was to go home."""


ANALYSIS_PAUSE = Table(
    "analysis_pause",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("cause", KEY, nullable=False),
    Column("since", WHOLE, nullable=False),
    Column("ordered", WHOLE, nullable=False),
    Column("to_home", Flag(), nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
_P = ANALYSIS_PAUSE.c


class AnalysisPauses(Repository):
    """The table `analysis_pause`."""

    def put(self, row: AnalysisPauseRow) -> None:
        """It is paused so."""
        self._put(ANALYSIS_PAUSE, [row])

    def get(self, camera_id: str) -> AnalysisPauseRow | None:
        """The pause of one camera; None where its analysis is not paused."""
        return self._one(AnalysisPauseRow, select(ANALYSIS_PAUSE).where(_P.camera_id == camera_id))

    def all(self) -> list[AnalysisPauseRow]:
        """Every pause, by camera."""
        return self._all(AnalysisPauseRow, select(ANALYSIS_PAUSE).order_by(_P.camera_id))

    def end(self, camera_id: str) -> bool:
        """It is over; False when there was none."""
        return self._changed(ANALYSIS_PAUSE.delete().where(_P.camera_id == camera_id)) == 1
