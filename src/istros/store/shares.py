"""Which organisation a row of the audit log belongs to, and the counts over the rows of one organisation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from istros.base.time import Span
from istros.store.access_tables import ACCESS_FACT, AUDIT_SHARE, ShareRow
from istros.store.accesses import AccessCount
from istros.store.repository import Repository, batches
from istros.store.schema import METADATA

_F = ACCESS_FACT.c
_S = AUDIT_SHARE.c

_MATTERS = (
    ("permit", "organisation"),
    ("release", "organisation"),
    ("watchlist_entry", "owner"),
    ("person_entry", "owner"),
    ("face_search", "organisation"),
    ("export_job", "organisation"),
    ("departure", "organisation"),
    ("hold", "organisation"),
    ("breach", "organisation"),
    ("program_key", "organisation"),
    ("operator", "organisation"),
)
"""Tables whose rows belong to one organisation, and the column that says to which."""


class Shares(Repository):
    """The table `audit_share`, which `compliance.access_index` fills; docs/design/0032 says by which rule."""

    def owners(self, ids: Collection[str]) -> dict[str, str]:
        """Whose each of these matters is; ids of other things are left out. A face candidate is its search's or entry's."""
        found: dict[str, str] = {}
        for some in batches(ids):
            for table, owner in _MATTERS:
                columns = METADATA.tables[table].c
                found |= self._pairs(select(columns.id, columns[owner]).where(columns.id.in_(some)))
            face, by = METADATA.tables["face_candidate"].c, METADATA.tables
            search, entry = by["face_search"].c, by["person_entry"].c
            whose = func.coalesce(search.organisation, entry.owner)
            seen = by["face_candidate"].outerjoin(by["face_search"], search.id == face.search_id)
            seen = seen.outerjoin(by["person_entry"], entry.id == face.entry_id)
            found |= self._pairs(select(face.id, whose).select_from(seen).where(face.id.in_(some), whose.is_not(None)))
        return found

    def _pairs(self, query: Any) -> dict[str, str]:
        return {str(row[0]): str(row[1]) for row in self._connection.execute(query)}

    def between(self, first: int, last: int) -> list[ShareRow]:
        """The shares in the audit rows `first` to `last`, for `check`."""
        return self._all(ShareRow, select(AUDIT_SHARE).where(_S.sequence.between(first, last)).order_by(_S.sequence))

    def parts(self, organisation: str, sequences: Collection[int]) -> set[int]:
        """Those of these audit rows that are the organisation's for its cameras alone."""
        found: set[int] = set()
        for some in batches(sequences):
            query = select(_S.sequence).where(_S.organisation == organisation, _S.sequence.in_(some), ~_S.whole)
            found |= {int(number) for number in self._connection.execute(query).scalars()}
        return found

    def by_person(self, span: Span, organisation: str) -> list[AccessCount]:
        """What each person did, in the rows of one organisation."""
        return self._totals(_F.actor, span, organisation)

    def by_purpose(self, span: Span, organisation: str) -> list[AccessCount]:
        """What was done for each purpose, in the rows of one organisation; empty for what needs no permit."""
        return self._totals(_F.purpose, span, organisation)

    def by_camera(self, span: Span, organisation: str, own: Sequence[str]) -> list[AccessCount]:
        """What was done with each camera, in the rows of one organisation: of others' acts only with its `own` cameras."""
        return self._totals(_F.camera_id, span, organisation, _F.camera_id != "", or_(_S.whole, _F.camera_id.in_(own)))

    def _totals(
        self, name: ColumnElement[Any], span: Span, organisation: str, *more: ColumnElement[bool]
    ) -> list[AccessCount]:
        refused = func.count(case((_F.refused, _F.sequence)).distinct())
        joined = ACCESS_FACT.join(AUDIT_SHARE, and_(_S.sequence == _F.sequence, _S.organisation == organisation))
        query = (
            select(name, _F.action, func.count(_F.sequence.distinct()), refused)
            .select_from(joined)
            .where(_F.time >= span.start, _F.time < span.end, *more)
            .group_by(name, _F.action)
            .order_by(name, _F.action)
        )
        return [
            AccessCount(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in self._connection.execute(query)
        ]
