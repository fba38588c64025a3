"""How each stream does at this moment."""

from __future__ import annotations

from sqlalchemy import select

from istros.store.repository import Repository
from istros.store.rows import StreamName, StreamStateRow
from istros.store.schema import STREAM_STATE

_S = STREAM_STATE.c


class Streams(Repository):
    """The table `stream_state`: one row a stream, overwritten by its recorder."""

    def put(self, rows: list[StreamStateRow]) -> None:
        """Overwrite the rows of these streams."""
        self._put(STREAM_STATE, rows)

    def all(self) -> list[StreamStateRow]:
        """Every stream, by camera and name."""
        return self._all(StreamStateRow, select(STREAM_STATE).order_by(_S.camera_id, _S.stream))

    def get(self, camera_id: str, stream: StreamName) -> StreamStateRow | None:
        """One stream."""
        return self._one(StreamStateRow, select(STREAM_STATE).where(_S.camera_id == camera_id, _S.stream == stream))
