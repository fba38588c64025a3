"""Assessments of cameras: every version that was ever written, and what became of it (docs/design/0039)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, Table, and_, func, select

from istros.base.time import Time
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE
from istros.store.repository import Repository
from istros.store.schema import METADATA


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One version of one camera. What it says never changes; it counts from `approved` until `ended`."""

    camera_id: str
    version: int
    content: str
    """Canonical JSON (`compliance.assessments.Assessment`)."""
    sha256: str
    written: Time
    written_by: str
    approved: Time | None = None
    refused: Time | None = None
    answered_by: str | None = None
    answer_reason: str = ""
    ended: Time | None = None
    ended_by: str | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentNoticeRow:
    """A camera that an older version of Istros had: it films on, and its assessment is to be made."""

    camera_id: str
    since: Time | None = None
    """None until the node has looked at it for the first time."""
    ended: Time | None = None
    ended_by: str | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentStandingRow:
    """How a camera stood when it was last put on the audit record."""

    camera_id: str
    standing: str
    since: Time


ViewChange = Literal["", "position", "view"]
"""Why an assessment needs a look: the camera stands elsewhere, or another view was confirmed."""


@dataclass(frozen=True, slots=True)
class AssessedViewRow:
    """Where a camera stood when it was assessed, in degrees of WGS 84, and since when it stands or looks elsewhere."""

    camera_id: str
    latitude: float | None = None
    longitude: float | None = None
    changed: Time | None = None
    cause: ViewChange = ""


ASSESSMENT = Table(
    "assessment",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("version", WHOLE, primary_key=True, autoincrement=False),
    Column("content", TEXT, nullable=False),
    Column("sha256", KEY, nullable=False),
    Column("written", WHOLE, nullable=False),
    Column("written_by", KEY, nullable=False),
    Column("approved", WHOLE),
    Column("refused", WHOLE),
    Column("answered_by", KEY),
    Column("answer_reason", TEXT, nullable=False),
    Column("ended", WHOLE),
    Column("ended_by", KEY),
    Column("end_reason", TEXT, nullable=False),
    sqlite_strict=True,
)
"""Triggers refuse to delete a version and to change what it says."""

ASSESSMENT_NOTICE = Table(
    "assessment_notice",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("since", WHOLE),
    Column("ended", WHOLE),
    Column("ended_by", KEY),
    Column("end_reason", TEXT, nullable=False),
    sqlite_strict=True,
)

ASSESSMENT_STANDING = Table(
    "assessment_standing",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("standing", KEY, nullable=False),
    Column("since", WHOLE, nullable=False),
    sqlite_strict=True,
)

ASSESSED_VIEW = Table(
    "assessed_view",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("latitude", NUMBER),
    Column("longitude", NUMBER),
    Column("changed", WHOLE),
    Column("cause", KEY, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

_A, _N = ASSESSMENT.c, ASSESSMENT_NOTICE.c


class Assessments(Repository):
    """The tables `assessment`, `assessment_notice`, `assessment_standing` and `assessed_view`."""

    def add(self, row: AssessmentRow) -> None:
        """A new version; its number comes from `next_version` in the same transaction."""
        self._insert(ASSESSMENT, row)

    def next_version(self, camera_id: str) -> int:
        """One more than the camera's newest."""
        query = select(func.coalesce(func.max(_A.version), 0)).where(_A.camera_id == camera_id)
        return int(self._connection.execute(query).scalar_one()) + 1

    def get(self, camera_id: str, version: int) -> AssessmentRow | None:
        """One version."""
        query = select(ASSESSMENT).where(_A.camera_id == camera_id, _A.version == version)
        return self._one(AssessmentRow, query)

    def of_camera(self, camera_id: str, limit: int = 100) -> list[AssessmentRow]:
        """Every version of one camera, the newest first."""
        query = select(ASSESSMENT).where(_A.camera_id == camera_id).order_by(_A.version.desc()).limit(limit)
        return self._all(AssessmentRow, query)

    def newest(self) -> list[AssessmentRow]:
        """The newest version of each camera, whatever became of it."""
        return self._newest_of(select(_A.camera_id, func.max(_A.version).label("version")))

    def newest_approved(self) -> list[AssessmentRow]:
        """The newest version of each camera that was approved, whatever became of it since."""
        approved = _A.approved.is_not(None)
        return self._newest_of(select(_A.camera_id, func.max(_A.version).label("version")).where(approved))

    def _newest_of(self, versions: object) -> list[AssessmentRow]:
        newest = versions.group_by(_A.camera_id).subquery()  # type: ignore[attr-defined]  # a Select of two columns
        here = and_(_A.camera_id == newest.c.camera_id, _A.version == newest.c.version)
        return self._all(AssessmentRow, select(ASSESSMENT).join(newest, here).order_by(_A.camera_id))

    def answer(self, camera_id: str, version: int, time: Time, by: str, reason: str, *, approve: bool) -> bool:
        """The second person's word; False when one was given before."""
        waits = and_(
            _A.camera_id == camera_id, _A.version == version,
            _A.approved.is_(None), _A.refused.is_(None), _A.ended.is_(None),
        )  # fmt: skip
        values = {"approved" if approve else "refused": time, "answered_by": by, "answer_reason": reason}
        return self._changed(ASSESSMENT.update().where(waits).values(**values)) == 1

    def end(self, camera_id: str, version: int, time: Time, by: str, reason: str) -> bool:
        """Take a version back; False when it was already."""
        standing = and_(_A.camera_id == camera_id, _A.version == version, _A.ended.is_(None))
        values = {"ended": time, "ended_by": by, "end_reason": reason}
        return self._changed(ASSESSMENT.update().where(standing).values(**values)) == 1

    def notices(self) -> list[AssessmentNoticeRow]:
        """The cameras of an older version, by their ids."""
        return self._all(AssessmentNoticeRow, select(ASSESSMENT_NOTICE).order_by(_N.camera_id))

    def begin_notices(self, time: Time) -> int:
        """The notice runs from now on for those whose time has not begun; how many these are."""
        return self._changed(ASSESSMENT_NOTICE.update().where(_N.since.is_(None)).values(since=time))

    def end_notice(self, camera_id: str, time: Time, by: str, reason: str) -> bool:
        """A person stops a camera that films by notice alone; False when it had none, or was stopped before."""
        standing = and_(_N.camera_id == camera_id, _N.ended.is_(None))
        values = {"ended": time, "ended_by": by, "end_reason": reason}
        return self._changed(ASSESSMENT_NOTICE.update().where(standing).values(**values)) == 1

    def standings(self) -> list[AssessmentStandingRow]:
        """How each camera stood when that was last put on the record."""
        return self._all(AssessmentStandingRow, select(ASSESSMENT_STANDING))

    def put_standing(self, row: AssessmentStandingRow) -> None:
        """It stands so now."""
        self._put(ASSESSMENT_STANDING, [row])

    def views(self) -> list[AssessedViewRow]:
        """What is known of where assessed cameras stand."""
        return self._all(AssessedViewRow, select(ASSESSED_VIEW))

    def put_view(self, row: AssessedViewRow) -> None:
        """It is known so now."""
        self._put(ASSESSED_VIEW, [row])
