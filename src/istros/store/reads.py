"""Plate reads: what the analyser saw, what the rules have judged, and the search over all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite

from istros.base.plate_text import UNREAD, fold_read
from istros.base.time import Span, Time
from istros.store.plate_pattern import PlatePattern, literal, pattern_of
from istros.store.repository import Repository, batches, values_of
from istros.store.rows import PlateQuery, PlateReadRow
from istros.store.schema import ALARM, PLATE, PLATE_CROP, PLATE_READ

_R = PLATE_READ.c
_ROW = [held for held in PLATE_READ.columns if held.name not in ("plate_id", "judged")]
_FEW_PLATES = 400
"""Up to so many fitting plates a search reads their own index entries; with more it walks the reads by time."""


class Reads(Repository):
    """The tables `plate`, `plate_read` and `plate_crop`. Rows in lists come without their crop."""

    def add(self, row: PlateReadRow) -> bool:
        """A new read, unjudged; False when its id is there already. `row.folded` is made here when it is empty."""
        if self._connection.execute(select(_R.id).where(_R.id == row.id)).first() is not None:
            return False
        values = values_of(row) | {"folded": row.folded or fold_read(row.text), "plate_id": self._plate_id(row.text)}
        crop = values.pop("crop_jpeg")
        self._connection.execute(PLATE_READ.insert(), values)
        if crop:
            self._connection.execute(PLATE_CROP.insert(), {"read_id": row.id, "jpeg": crop})
        return True

    def _plate_id(self, text: str) -> int:
        """The distinct plate's number, made when it is new; the upsert locks it against being cleared away."""
        insert: Any = postgresql.insert(PLATE) if self._on_postgresql else sqlite.insert(PLATE)
        made = insert.values(literal=literal(text), folded=fold_read(text))
        upsert = made.on_conflict_do_update(index_elements=["literal"], set_={"folded": made.excluded.folded})
        return int(self._connection.execute(upsert.returning(PLATE.c.id)).scalar_one())

    def get(self, id: str) -> PlateReadRow | None:
        """The read of that id, without its crop."""
        return self._one(PlateReadRow, select(*_ROW).where(_R.id == id))

    def crop(self, id: str) -> bytes | None:
        """The JPEG of the plate, where one was kept."""
        found = self._connection.execute(select(PLATE_CROP.c.jpeg).where(PLATE_CROP.c.read_id == id)).scalar()
        return None if found is None else bytes(found)

    def unjudged(self, limit: int) -> list[PlateReadRow]:
        """Reads that no rule has looked at, oldest first.

        While writing on PostgreSQL they are locked, and those that another server has locked are passed over, so that
        two servers never judge the same read.
        """
        query = select(*_ROW).where(_R.judged.is_(None)).order_by(_R.time, _R.id).limit(limit)
        return self._all(PlateReadRow, query.with_for_update(skip_locked=True) if self._writing else query)

    def mark_judged(self, ids: list[str], time: Time) -> None:
        """The rules have looked at these."""
        for some in batches(ids):
            change = PLATE_READ.update().where(_R.id.in_(some), _R.judged.is_(None)).values(judged=time)
            self._connection.execute(change)

    def between(self, camera_id: str, span: Span) -> list[PlateReadRow]:
        """One camera's reads in the span, by time."""
        here = and_(_R.camera_id == camera_id, *_within(span))
        return self._all(PlateReadRow, select(*_ROW).where(here).order_by(_R.time, _R.id))

    def newest(self, limit: int) -> list[PlateReadRow]:
        """The newest reads of all cameras, newest first."""
        return self._all(PlateReadRow, select(*_ROW).order_by(_R.time.desc(), _R.id.desc()).limit(limit))

    def search(self, query: PlateQuery) -> tuple[list[PlateReadRow], int]:
        """(reads that fit, newest first, at most `query.limit`; how many reads lay in the span and were searched)."""
        place: list[ColumnElement[bool]] = list(_within(query.span))
        if query.cameras:
            place.append(_R.camera_id.in_(query.cameras))
        searched = int(
            self._connection.execute(select(func.count()).select_from(PLATE_READ).where(*place)).scalar_one()
        )
        pattern = pattern_of(query.text, query.alike)
        newest_first = (
            select(*_ROW).where(*place, *_looks(query)).order_by(_R.time.desc(), _R.id.desc()).limit(query.limit)
        )
        fitting = newest_first if pattern is None else self._fitting(newest_first, pattern, query)
        return ([] if fitting is None else self._all(PlateReadRow, fitting)), searched

    def _fitting(self, reads: Select[Any], pattern: PlatePattern, query: PlateQuery) -> Select[Any] | None:
        """The reads of the plates that fit; the plates are looked up first, so that the way to the reads is chosen by
        their number and not by a guess of the query planner. None when no plate fits."""
        fits = self._fits(PLATE.c.folded if query.alike else PLATE.c.literal, pattern, query.parts)
        found: set[int] = set()
        for each in fits:
            found |= set(self._connection.execute(select(PLATE.c.id).where(each).limit(_FEW_PLATES + 1)).scalars())
        if not found:
            return None
        if len(found) <= _FEW_PLATES:
            return reads.where(_R.plate_id.in_(sorted(found)))
        by_time = _R.plate_id if self._on_postgresql else literal_column("+plate_read.plate_id", _R.plate_id.type)
        return reads.where(or_(*(by_time.in_(select(PLATE.c.id).where(each)) for each in fits)))

    def _fits(self, form: ColumnElement[str], pattern: PlatePattern, parts: bool) -> list[ColumnElement[bool]]:
        """What a plate must be, one condition for each way through the index: as it was asked for; so far as it could be
        read; and, where `parts` are asked for, a part of it."""
        unread = form.op("~")(pattern.regex) if self._on_postgresql else form.op("GLOB")(pattern.glob)
        # As the index plate_unread has it, or its few rows would be looked for among all.
        some: Any = literal_column(f"{'strpos' if self._on_postgresql else 'instr'}(folded, '{UNREAD}') > 0")
        ways = [_in_range(form, pattern), and_(some, unread)]
        runs = pattern.parts() if parts else []
        return [*ways, form.in_(runs)] if runs else ways

    def of_plate(self, text: str, cameras: Sequence[str], span: Span) -> list[PlateReadRow]:
        """Reads of that very plate, look-alike letters being one, by time; no cameras: of all."""
        place = [*_within(span), PLATE.c.folded == fold_read(text), *([_R.camera_id.in_(cameras)] if cameras else [])]
        query = select(*_ROW).join(PLATE, PLATE.c.id == _R.plate_id).where(*place)
        return self._all(PlateReadRow, query.order_by(_R.time, _R.id))

    def correct(self, id: str, text: str, country: str | None, time: Time, by: str) -> None:
        """Somebody looked, and the plate is another one; what the machine read becomes the first of its alternatives."""
        row = self.get(id)
        assert row is not None, "whoever corrects a read has looked at it"
        machines = row.alternatives if row.corrected is not None else ((row.text, row.confidence), *row.alternatives)
        values = {
            "text": text, "folded": fold_read(text), "plate_id": self._plate_id(text), "country": country,
            "alternatives": machines, "corrected": time, "corrected_by": by,
        }  # fmt: skip
        self._forget_plates(self._changed(PLATE_READ.update().where(_R.id == id).values(**values)))

    def remove(self, ids: Sequence[str]) -> int:
        """Delete these reads and their crops, but those that an alarm stands on; how many reads went."""
        gone = 0
        for some in batches(list(ids)):
            stands = exists().where(ALARM.c.observation_id == _R.id)
            free = select(_R.id).where(_R.id.in_(some), ~stands)
            self._connection.execute(PLATE_CROP.delete().where(PLATE_CROP.c.read_id.in_(free)))
            gone += self._changed(PLATE_READ.delete().where(_R.id.in_(some), ~stands))
        self._forget_plates(gone)
        return gone

    def _forget_plates(self, gone: int) -> None:
        """Plates that nobody has read since go too: a list of them would tell who drove here."""
        if gone:
            still_read = exists().where(_R.plate_id == PLATE.c.id)
            self._connection.execute(PLATE.delete().where(~still_read))

    def remove_before(self, time: Time) -> int:
        """Delete reads older than `time`, their crops, and plates that nobody has read since; how many reads.

        A read that an alarm stands on stays: it belongs to the alarm's case.
        """
        stands = exists().where(ALARM.c.observation_id == _R.id)
        is_old = and_(_R.time < time, ~stands)
        old = select(_R.id).where(is_old)
        self._connection.execute(PLATE_CROP.delete().where(PLATE_CROP.c.read_id.in_(old)))
        gone = self._changed(PLATE_READ.delete().where(is_old))
        self._forget_plates(gone)
        return gone


def _within(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _R.time >= span.start, _R.time < span.end


def _looks(query: PlateQuery) -> list[ColumnElement[bool]]:
    asked = ((_R.country, query.countries), (_R.vehicle_class, query.classes), (_R.vehicle_colour, query.colours))
    return [column.in_(values) for column, values in asked if values]


def _in_range(form: ColumnElement[str], pattern: PlatePattern) -> ColumnElement[bool]:
    """Range first, so that both databases use the index whatever they think of LIKE."""
    if pattern.exact:
        return form == pattern.prefix
    ranged = and_(form >= pattern.prefix, form < pattern.after_prefix) if pattern.prefix else true()
    return ranged if pattern.like is None else and_(ranged, form.like(pattern.like))
