"""Signals: what devices and watches say, in the order in which it became known (docs/design/0017, 0022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Column, Index, Table, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from istros.base.time import Span, Time
from istros.store.columns import KEY, TEXT, WHOLE
from istros.store.repository import Repository, batches, values_of
from istros.store.schema import METADATA

SignalSource = Literal["onvif", "health", "picture", "recorder", "storage"]
SignalState = Literal["on", "off", "pulse"]
"""`on` and `off` are the two ends of something that lasts; `pulse` has no length."""


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One thing said once. `number` is 0 until the database gives it one; readers go on from the last they know."""

    number: int
    id: str
    """The same id added twice is one signal: a device's own notification may be fetched again after a kill."""
    camera_id: str
    """Empty for the node itself."""
    source: SignalSource
    kind: str
    """`motion`, `tamper`, `digital-input`, `covered`, `frame-rate`, `offline`, `disk-full`… (docs/design/0022)."""
    state: SignalState
    time: Time
    """When it happened, by this node's clock as well as a device's can be corrected to it; not after `received`."""
    received: Time
    """When this node learnt of it, by its own clock."""
    subject: str = ""
    """What of the camera or node: an input's token, a stream, a disk."""
    detail: str = "{}"
    """Canonical JSON, small (RFC 8785)."""


SIGNAL = Table(
    "signal",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("id", KEY, nullable=False),
    Column("camera_id", KEY, nullable=False),
    Column("source", KEY, nullable=False),
    Column("kind", KEY, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("received", WHOLE, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("detail", TEXT, nullable=False),
    Index("signal_id", "id", unique=True),
    Index("signal_place", "camera_id", "time"),
    Index("signal_time", "time"),
    Index("signal_kind", "kind", "number"),
    sqlite_strict=True,
)

SIGNAL_COUNT = Table(
    "signal_count",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("number", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""One row: the newest number. Its row lock makes numbers and commits come in one order, as `alarm_change` does."""

SIGNAL_LATEST = Table(
    "signal_latest",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("subject", KEY, primary_key=True),
    Column("time", WHOLE, nullable=False),
    Column("number", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Where each thing stands: a walk through millions of signals would take seconds."""

SIGNAL_READER = Table(
    "signal_reader",
    METADATA,
    Column("name", KEY, primary_key=True),
    Column("number", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""How far each reader has come that must act on every signal exactly once."""

_S = SIGNAL.c


class Signals(Repository):
    """The tables `signal`, `signal_count`, `signal_latest` and `signal_reader`."""

    def add(self, rows: Sequence[SignalRow]) -> int:
        """Store signals in the order given and number them on; those whose id is there already are left out.

        Returns how many were new.
        """
        if not rows:
            return 0
        newest = self._lock()
        known = self._known([row.id for row in rows])
        fresh = {row.id: row for row in rows if row.id not in known}
        if not fresh:
            return 0
        numbered = [replace(row, number=newest + place) for place, row in enumerate(fresh.values(), start=1)]
        self._connection.execute(SIGNAL.insert(), [values_of(row) for row in numbered])
        self._connection.execute(SIGNAL_COUNT.update().values(number=newest + len(numbered)))
        self._stand(numbered)
        return len(numbered)

    def newest(self) -> int:
        """The newest number; 0 when nothing was ever said."""
        return int(self._connection.execute(select(SIGNAL_COUNT.c.number)).scalar_one())

    def after(self, number: int, limit: int, kinds: Sequence[str] = ()) -> list[SignalRow]:
        """Signals numbered higher than `number`, in order; of these kinds only, where any are named.

        A lower number never appears after a higher one was seen. A reader that gets fewer than `limit` may go on from
        `newest()` of the same transaction, so that kinds it does not want cost it nothing.
        """
        query = select(SIGNAL).where(_S.number > number)
        if kinds:
            query = query.where(_S.kind.in_(list(kinds)))
        return self._all(SignalRow, query.order_by(_S.number).limit(limit))

    def between(self, camera_id: str | None, span: Span, limit: int) -> list[SignalRow]:
        """Signals of one camera (`""`: the node, None: all) whose time lies in the span, the newest first."""
        query = select(SIGNAL).where(_S.time >= span.start, _S.time < span.end)
        if camera_id is not None:
            query = query.where(_S.camera_id == camera_id)
        return self._all(SignalRow, query.order_by(_S.time.desc(), _S.number.desc()).limit(limit))

    def latest(self, camera_id: str | None = None) -> list[SignalRow]:
        """The newest signal by time of each camera, kind and subject; of one camera only, where it is named."""
        query = select(SIGNAL).join(SIGNAL_LATEST, SIGNAL_LATEST.c.number == _S.number)
        if camera_id is not None:
            query = query.where(SIGNAL_LATEST.c.camera_id == camera_id)
        return self._all(SignalRow, query.order_by(_S.camera_id, _S.kind, _S.subject))

    def remove_before(self, time: Time, limit: int = 10_000) -> int:
        """Remove up to `limit` signals older than `time`, but never what tells where a thing stands; how many went."""
        standing = exists().where(SIGNAL_LATEST.c.number == _S.number).where(SIGNAL_LATEST.c.camera_id == _S.camera_id)
        old = select(_S.number).where(_S.time < time, ~standing).order_by(_S.time).limit(limit)
        return self._changed(delete(SIGNAL).where(_S.number.in_(old)))

    def read_to(self, reader: str) -> int:
        """The number that a named reader has come to; 0 before its first signal."""
        found = self._connection.execute(select(SIGNAL_READER.c.number).where(SIGNAL_READER.c.name == reader)).scalar()
        return 0 if found is None else int(found)

    def mark_read(self, reader: str, number: int) -> None:
        """The named reader has acted on everything up to `number`, in this very transaction."""
        self._put(SIGNAL_READER, [_Reader(reader, number)])

    def _lock(self) -> int:
        """The newest number, nobody else numbering until the commit."""
        held = SIGNAL_COUNT.update().values(number=SIGNAL_COUNT.c.number).returning(SIGNAL_COUNT.c.number)
        return int(self._connection.execute(held).scalar_one())

    def _known(self, ids: Sequence[str]) -> set[str]:
        known: set[str] = set()
        for batch in batches(ids):
            known.update(self._connection.execute(select(_S.id).where(_S.id.in_(batch))).scalars())
        return known

    def _stand(self, rows: Sequence[SignalRow]) -> None:
        insert: Any = (postgresql if self._on_postgresql else sqlite).insert(SIGNAL_LATEST)
        later = insert.on_conflict_do_update(
            index_elements=["camera_id", "kind", "subject"],
            set_={"time": insert.excluded.time, "number": insert.excluded.number},
            where=insert.excluded.time >= SIGNAL_LATEST.c.time,
        )
        names = ("camera_id", "kind", "subject", "time", "number")
        self._connection.execute(later, [{name: getattr(row, name) for name in names} for row in rows])


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    number: int
