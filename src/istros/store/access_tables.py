"""Tables of the index of accesses and of what the data-protection officer keeps (docs/design/0032).

The index is made from the audit chain and can be made from it again at any time; nothing else writes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, text

from istros.base.time import Time
from istros.store.columns import KEY, TEXT, WHOLE, Flag
from istros.store.schema import METADATA

ACCESS_FACT = Table(
    "access_fact",
    METADATA,
    Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    Column("camera_id", KEY, primary_key=True),
    Column("time", WHOLE, nullable=False),
    Column("actor", KEY, nullable=False),
    Column("action", KEY, nullable=False),
    Column("purpose", KEY, nullable=False),
    Column("refused", Flag(), nullable=False),
    Column("searched", KEY, nullable=False),
    Index("access_fact_actor", "actor", "sequence"),
    Index("access_fact_camera", "camera_id", "sequence"),
    Index("access_fact_purpose", "purpose", "sequence"),
    Index("access_fact_time", "time"),
    Index(
        "access_fact_searched",
        "time",
        "actor",
        "searched",
        sqlite_where=text("searched <> ''"),
        postgresql_where=text("searched <> ''"),
    ),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""One row of the audit log for each camera that it is about (`*`: all of them, empty: none)."""

ACCESS_HOUR = Table(
    "access_hour",
    METADATA,
    Column("hour", WHOLE, primary_key=True, autoincrement=False),
    Column("actor", KEY, primary_key=True),
    Column("action", KEY, primary_key=True),
    Column("purpose", KEY, primary_key=True),
    Column("count", WHOLE, nullable=False),
    Column("refused", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""How often each person did what for which purpose in each hour; `refused` of them were refused."""

PLACE_HOUR = Table(
    "place_hour",
    METADATA,
    Column("hour", WHOLE, primary_key=True, autoincrement=False),
    Column("camera_id", KEY, primary_key=True),
    Column("action", KEY, primary_key=True),
    Column("count", WHOLE, nullable=False),
    Column("refused", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

ACCESS_MARK = Table(
    "access_mark",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("sequence", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""One row: the last audit row that is in the index. Its row lock lets one process index at a time."""

AUDIT_SHARE = Table(
    "audit_share",
    METADATA,
    Column("organisation", KEY, primary_key=True),
    Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    Column("whole", Flag(), nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Which organisations a row of the log belongs to; whoever runs the node reads all rows and needs none here.

`whole` is unset where the organisation only owns a camera that the row is about (docs/design/0032).
"""

OVERSIGHT_MARK = Table(
    "oversight_mark",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("by", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    sqlite_strict=True,
)
"""Unusual looks that an officer looked at, and what came of it."""

WATCHED_PLATE = Table(
    "watched_plate",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("folded", KEY, nullable=False),
    Column("plate", TEXT, nullable=False),
    Column("why", TEXT, nullable=False),
    Column("added", WHOLE, nullable=False),
    Column("added_by", TEXT, nullable=False),
    Column("removed", WHOLE),
    Index("watched_plate_folded", "folded"),
    sqlite_strict=True,
)
"""Plates of colleagues and neighbours: whoever searches for one is shown to the officer."""


@dataclass(frozen=True, slots=True)
class AccessFactRow:
    """One audit row as far as accesses are counted, for one camera."""

    sequence: int
    camera_id: str
    time: Time
    actor: str
    action: str
    purpose: str
    refused: bool
    searched: str
    """The folded plate, where one whole plate was searched for."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """That a row of the log belongs to an organisation: as a whole, or as far as it is about a camera of its own."""

    organisation: str
    sequence: int
    whole: bool


@dataclass(frozen=True, slots=True)
class WatchedPlateRow:
    """A plate that the officer watches over; `removed` ends that."""

    id: str
    folded: str
    plate: str
    why: str
    added: Time
    added_by: str
    removed: Time | None = None


@dataclass(frozen=True, slots=True)
class OversightMarkRow:
    """That an unusual look was looked at."""

    id: str
    kind: str
    actor: str
    time: Time
    by: str
    note: str
