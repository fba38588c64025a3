"""What keeps an alarm standing: a cause belongs to exactly one alarm, and an alarm may have many (docs/design/0022)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, select, text

from istros.base.time import Time
from istros.store.columns import KEY, WHOLE
from istros.store.repository import Repository, batches
from istros.store.schema import METADATA


@dataclass(frozen=True, slots=True)
class AlarmCauseRow:
    """A bad state or a signal: what (`kind`, `subject`) of which camera since when, and until when it lasted."""

    camera_id: str
    kind: str
    subject: str
    since: Time
    alarm_id: str
    until: Time | None = None

    @property
    def thing(self) -> tuple[str, str, str]:
        """What it is, whenever it was."""
        return self.camera_id, self.kind, self.subject


ALARM_CAUSE = Table(
    "alarm_cause",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("kind", KEY, primary_key=True),
    Column("subject", KEY, primary_key=True),
    Column("since", WHOLE, primary_key=True, autoincrement=False),
    Column("alarm_id", KEY, nullable=False),
    Column("until", WHOLE),
    Index("alarm_cause_alarm", "alarm_id"),
    Index("alarm_cause_open", "since", sqlite_where=text("until IS NULL"), postgresql_where=text("until IS NULL")),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""The key makes a second alarm for one cause impossible, also after its alarm was closed while the cause lasts."""

_C = ALARM_CAUSE.c


class AlarmCauses(Repository):
    """The table `alarm_cause`."""

    def put(self, rows: Sequence[AlarmCauseRow]) -> None:
        """Add causes, or overwrite those of the same thing and beginning: so they move to another alarm, and end."""
        self._put(ALARM_CAUSE, rows)

    def get(self, thing: tuple[str, str, str], since: Time) -> AlarmCauseRow | None:
        """The cause, whatever alarm it belongs to."""
        camera, kind, subject = thing
        here = (_C.camera_id == camera) & (_C.kind == kind) & (_C.subject == subject) & (_C.since == since)
        return self._one(AlarmCauseRow, select(ALARM_CAUSE).where(here))

    def open_ones(self) -> list[AlarmCauseRow]:
        """Causes that last, oldest first."""
        return self._all(AlarmCauseRow, select(ALARM_CAUSE).where(_C.until.is_(None)).order_by(_C.since))

    def of(self, alarm_ids: Iterable[str]) -> dict[str, list[AlarmCauseRow]]:
        """The causes of these alarms, oldest first."""
        found: dict[str, list[AlarmCauseRow]] = {}
        for batch in batches(alarm_ids):
            query = select(ALARM_CAUSE).where(_C.alarm_id.in_(batch)).order_by(_C.since, _C.camera_id)
            for row in self._all(AlarmCauseRow, query):
                found.setdefault(row.alarm_id, []).append(row)
        return found
