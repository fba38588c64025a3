"""What the node would erase of each class of rows by a moment: counts alone, from the indexes over time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, exists, func, select

from istros.base.time import Span, Time
from istros.store.exports import EXPORT_JOB, ExportState
from istros.store.people import PERSON_SEEN
from istros.store.repository import Repository
from istros.store.rows import SegmentState, StreamName
from istros.store.schema import ALARM, PLATE_CROP, PLATE_READ, SEGMENT
from istros.store.vehicles import VEHICLE

_R, _S, _J = PLATE_READ.c, SEGMENT.c, EXPORT_JOB.c


@dataclass(frozen=True, slots=True)
class DueRows:
    """How much of a class goes: `size_bytes` None where rows have no files of their own; `kept` stay beyond their time."""

    count: int
    oldest: Time | None
    size_bytes: int | None = None
    kept: int = 0


@dataclass(frozen=True, slots=True)
class DueSegments:
    """Segments of one stream on one disk."""

    disk: str
    count: int
    size_bytes: int
    oldest: Time


class Due(Repository):
    """Questions over tables of others; changes nothing."""

    def segments(self, camera_id: str, stream: StreamName, within: Span, after: Time = Time(0)) -> list[DueSegments]:  # noqa: B008
        """Closed segments wholly inside a span that end later than `after`, by disk."""
        place = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start >= within.start, _S.start < within.end)
        inside = and_(place, _S.end <= within.end, _S.end > after, _S.state == SegmentState.CLOSED)
        query = select(_S.disk, func.count(), func.sum(_S.size_bytes), func.min(_S.start)).where(inside)
        found = self._connection.execute(query.group_by(_S.disk).order_by(_S.disk))
        return [DueSegments(str(row[0]), int(row[1]), int(row[2]), Time(row[3])) for row in found]

    def begins_before(self, camera_id: str, stream: StreamName, time: Time) -> Time:
        """Start of the last segment of a stream that starts by `time`; `time` when there is none."""
        here = and_(_S.camera_id == camera_id, _S.stream == stream, _S.start <= time)
        return Time(self._connection.execute(select(func.coalesce(func.max(_S.start), time)).where(here)).scalar_one())

    def reads(self, before: Time) -> DueRows:
        """Plate reads of an earlier time with their pictures; `kept` are those that an alarm stands on."""
        stands = exists().where(ALARM.c.observation_id == _R.id)
        old = _R.time < before
        count, oldest = self._connection.execute(select(func.count(), func.min(_R.time)).where(old, ~stands)).one()
        kept = self._connection.execute(select(func.count()).select_from(PLATE_READ).where(old, stands)).scalar_one()
        crops = PLATE_CROP.join(PLATE_READ, PLATE_CROP.c.read_id == _R.id)
        size = select(func.coalesce(func.sum(func.length(PLATE_CROP.c.jpeg)), 0)).select_from(crops).where(old, ~stands)
        return DueRows(int(count), _time(oldest), int(self._connection.execute(size).scalar_one()), int(kept))

    def vehicles(self, before: Time) -> DueRows:
        """Passages of vehicles that ended earlier."""
        return self._rows(VEHICLE, VEHICLE.c.last_seen, VEHICLE.c.last_seen < before)

    def people(self, before: Time) -> DueRows:
        """Descriptions of people who were seen last earlier."""
        return self._rows(PERSON_SEEN, PERSON_SEEN.c.last_seen, PERSON_SEEN.c.last_seen < before)

    def exports(self, until: Time) -> DueRows:
        """Packages whose time is over by then; `oldest` is when the first of them was finished."""
        over = and_(_J.state == ExportState.DONE, _J.expires <= until)
        query = select(func.count(), func.min(_J.finished), func.coalesce(func.sum(_J.size_bytes), 0)).where(over)
        count, oldest, size = self._connection.execute(query).one()
        return DueRows(int(count), _time(oldest), int(size))

    def _rows(self, table: Table, time: ColumnElement[int], old: ColumnElement[bool]) -> DueRows:
        query = select(func.count(), func.min(time)).select_from(table).where(old)
        count, oldest = self._connection.execute(query).one()
        return DueRows(int(count), _time(oldest))


def _time(value: int | None) -> Time | None:
    return None if value is None else Time(value)
