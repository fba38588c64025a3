"""Exports that were ordered: what, by whom, why, and how far each one is (docs/design/0025)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal

from sqlalchemy import Column, Index, Table, or_, select, text

from istros.base.canonical import canonical
from istros.base.plate_text import fold_read
from istros.base.said import NOTHING, Said
from istros.base.time import Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Choice, Flag, Listed, Spoken
from istros.store.repository import Repository
from istros.store.rows import StreamName
from istros.store.schema import METADATA

ExportKind = Literal["exact", "redacted"]
"""`exact`: the recorded pictures, cut; `redacted`: coded again with people, plates and drawn fields covered."""


class ExportState(StrEnum):
    """`waiting` and `running` are open; a `done` one becomes `expired` when its package is deleted."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Papers:
    """What was ordered: alarms with their history, plate reads (all, or `only` these), pictures out of the films."""

    alarms: bool = False
    reads: bool = False
    only: tuple[str, ...] = ()
    stills: bool = False

    def as_text(self) -> str:
        """As it stands in the order."""
        return canonical(asdict(self)).decode()


@dataclass(frozen=True, slots=True)
class ExportJobRow:
    """One export. `covered` is canonical JSON: what a redacted one covers (docs/design/0025)."""

    id: str
    state: ExportState
    kind: ExportKind
    cameras: tuple[str, ...]
    stream: StreamName
    start: Time
    end: Time
    originals: bool
    """Whether the untouched segments lie beside the films."""
    covered: str
    reason: str
    language: str
    ordered: Time
    ordered_by: str
    organisation: str
    permit_id: str
    permit_number: str
    purpose: str
    ground: str
    case_ref: str
    progress: float = 0.0
    step: str = ""
    """What is being done: `planning`, `searching`, `cutting`, `covering`, `copying`, `packing`."""
    cancel_wished: bool = False
    attempts: int = 0
    started: Time | None = None
    finished: Time | None = None
    expires: Time | None = None
    size_bytes: int = 0
    manifest_sha256: str = ""
    to_review: int = 0
    """Moments of a redacted export that a person should look at before it goes out."""
    problem: Said = NOTHING
    papers: str = "{}"
    """What of the case lies beside the films, as canonical JSON: `Papers`."""
    lifted_under: str = ""
    """The release under which privacy masks are lifted; empty: they are painted."""

    @property
    def asked_papers(self) -> Papers:
        """What of the case lies beside the films; an order from before there were papers wants none."""
        data = json.loads(self.papers)
        return Papers(**(data | {"only": tuple(data.get("only", ()))}))

    def tells_plate(self, plate: str) -> bool:
        """Whether the package tells of a read of that plate; a redacted one tells nothing but what was named."""
        wanted = {fold_read(text) for text in self.asked_papers.only}
        return fold_read(plate) in wanted if wanted else self.kind == "exact"

    def tells_alarm_of(self, plate: str) -> bool:
        """Whether the package's alarms say which plate was sought (empty: an alarm of something else)."""
        return self.kind == "exact" or (bool(plate) and self.tells_plate(plate))


EXPORT_JOB = Table(
    "export_job",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("state", Choice(ExportState), nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("cameras", Listed(), nullable=False),
    Column("stream", KEY, nullable=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE, nullable=False),
    Column("originals", Flag(), nullable=False),
    Column("covered", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("ordered", WHOLE, nullable=False),
    Column("ordered_by", KEY, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("permit_id", KEY, nullable=False),
    Column("permit_number", TEXT, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("progress", NUMBER, nullable=False),
    Column("step", TEXT, nullable=False),
    Column("cancel_wished", Flag(), nullable=False),
    Column("attempts", WHOLE, nullable=False),
    Column("started", WHOLE),
    Column("finished", WHOLE),
    Column("expires", WHOLE),
    Column("size_bytes", WHOLE, nullable=False),
    Column("manifest_sha256", TEXT, nullable=False),
    Column("to_review", WHOLE, nullable=False),
    Column("problem", Spoken(), nullable=False),
    Column("papers", TEXT, nullable=False, server_default="{}"),
    Column("lifted_under", TEXT, nullable=False, server_default=""),
    Index("export_job_holder", "ordered_by", "ordered"),
    Index(
        "export_job_open",
        "ordered",
        sqlite_where=text("state IN ('waiting', 'running')"),
        postgresql_where=text("state IN ('waiting', 'running')"),
    ),
    sqlite_strict=True,
)

_J = EXPORT_JOB.c
_IS_OPEN = text("state IN ('waiting', 'running')")
"""Written out, because a bound parameter cannot use the partial index."""


class Exports(Repository):
    """The table `export_job`. Rows are never deleted: they say what left the node."""

    def add(self, row: ExportJobRow) -> None:
        """A new order."""
        self._insert(EXPORT_JOB, row)

    def get(self, id: str) -> ExportJobRow | None:
        """The export of that id."""
        return self._one(ExportJobRow, select(EXPORT_JOB).where(_J.id == id))

    def of(self, holder: str, limit: int) -> list[ExportJobRow]:
        """The exports that somebody ordered, newest first."""
        query = select(EXPORT_JOB).where(_J.ordered_by == holder)
        return self._all(ExportJobRow, query.order_by(_J.ordered.desc(), _J.id.desc()).limit(limit))

    def of_case(self, case_ref: str) -> list[ExportJobRow]:
        """The exports that were ordered for a case, oldest first."""
        return self._all(ExportJobRow, select(EXPORT_JOB).where(_J.case_ref == case_ref).order_by(_J.ordered, _J.id))

    def open_ones(self) -> list[ExportJobRow]:
        """What waits or was being made, oldest first."""
        return self._all(ExportJobRow, select(EXPORT_JOB).where(_IS_OPEN).order_by(_J.ordered, _J.id))

    def begin(self, id: str, time: Time) -> None:
        """An exporter takes it up (again); `attempts` counts."""
        self._set(id, state=ExportState.RUNNING, started=time, attempts=_J.attempts + 1)

    def advance(self, id: str, progress: float, step: str) -> bool:
        """How far it is; returns whether somebody wishes to cancel it."""
        self._set(id, progress=progress, step=step)
        return bool(self._connection.execute(select(_J.cancel_wished).where(_J.id == id)).scalar_one())

    def finish(
        self, id: str, time: Time, *, expires: Time, size_bytes: int, manifest_sha256: str, to_review: int
    ) -> None:
        """The package is whole."""
        self._set(
            id, state=ExportState.DONE, progress=1.0, step="", finished=time, expires=expires, size_bytes=size_bytes,
            manifest_sha256=manifest_sha256, to_review=to_review,
        )  # fmt: skip

    def end(self, id: str, state: ExportState, time: Time, problem: Said = NOTHING) -> None:
        """It failed, was cancelled, or its package was deleted."""
        self._set(id, state=state, step="", finished=time, problem=problem)

    def wish_cancel(self, id: str) -> bool:
        """Ask for an end; False when it is over already."""
        return self._changed(EXPORT_JOB.update().where(_J.id == id, _IS_OPEN).values(cancel_wished=True)) == 1

    def expire_lifted(self, release_id: str, now: Time) -> list[str]:
        """Packages that were made under a release which is undone are to be deleted now, those being made given up; which."""
        under = _J.lifted_under == release_id
        ids = select(_J.id).where(under, _J.state.in_((ExportState.WAITING, ExportState.RUNNING, ExportState.DONE)))
        found = [str(id) for id in self._connection.execute(ids).scalars()]
        self._changed(EXPORT_JOB.update().where(under, _J.state == ExportState.DONE).values(expires=now))
        self._changed(EXPORT_JOB.update().where(under, _IS_OPEN).values(cancel_wished=True))
        return found

    def expired(self, now: Time, finished_before: Time) -> list[ExportJobRow]:
        """Packages whose time is over, or that were finished by a moment before which none may stay."""
        over = or_(_J.expires <= now, _J.finished <= finished_before)
        return self._all(ExportJobRow, select(EXPORT_JOB).where(_J.state == ExportState.DONE, over))

    def _set(self, id: str, **values: object) -> None:
        self._connection.execute(EXPORT_JOB.update().where(_J.id == id).values(**values))
