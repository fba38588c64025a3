"""How each camera's analysis does at this moment."""

from __future__ import annotations

from sqlalchemy import select

from istros.store.repository import Repository
from istros.store.rows import AnalyserStateRow
from istros.store.schema import ANALYSER_STATE


class Analysers(Repository):
    """The table `analyser_state`: one row a camera, overwritten by its analyser."""

    def put(self, rows: list[AnalyserStateRow]) -> None:
        """Overwrite the rows of these cameras."""
        self._put(ANALYSER_STATE, rows)

    def all(self) -> list[AnalyserStateRow]:
        """Every camera that is analysed."""
        return self._all(AnalyserStateRow, select(ANALYSER_STATE).order_by(ANALYSER_STATE.c.camera_id))
