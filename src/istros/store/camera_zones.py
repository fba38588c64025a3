"""The zones that people drew on cameras' pictures: every set that was ever in force, and those that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, and_, false, func, select

from istros.base.time import Time
from istros.store.columns import KEY, TEXT, WHOLE, Flag, Listed
from istros.store.repository import Repository
from istros.store.schema import METADATA

Zone = tuple[tuple[float, float], ...]
"""Corners in shares of the picture's width and height."""


@dataclass(frozen=True, slots=True)
class CameraZonesRow:
    """All zones of one camera as one person wanted them at one time."""

    id: str
    camera_id: str
    time: Time
    """When they were kept, or asked for."""
    set_by: str
    from_file: bool
    """Whether the configuration file's zones were wanted back; then the zones here are what the file said."""
    plates: tuple[Zone, ...]
    ignored: tuple[Zone, ...]
    release_id: str | None = None
    """The release that they needed, because they uncover what nobody looked at."""
    since: Time | None = None
    """When they came into force; None while they wait for a second person, or never did."""
    agreed_by: str = ""
    """The second person; empty where none was needed."""
    private: tuple[Zone, ...] = ()
    """Privacy masks: what nobody sees."""
    in_camera: bool = False
    """Whether the camera itself is to hold the masks too."""


CAMERA_ZONES = Table(
    "camera_zones",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("set_by", KEY, nullable=False),
    Column("from_file", Flag(), nullable=False),
    Column("plates", Listed(), nullable=False),
    Column("ignored", Listed(), nullable=False),
    Column("release_id", KEY),
    Column("since", WHOLE),
    Column("agreed_by", TEXT, nullable=False),
    Column("private", Listed(), nullable=False, server_default="[]"),
    Column("in_camera", Flag(), nullable=False, server_default=false()),
    Index("camera_zones_since", "camera_id", "since"),
    sqlite_strict=True,
)
_Z = CAMERA_ZONES.c


class CameraZones(Repository):
    """The table `camera_zones`. Rows are never deleted: they are the history of what was looked at."""

    def add(self, row: CameraZonesRow) -> None:
        """Zones that come into force, or wait for a second person."""
        self._insert(CAMERA_ZONES, row)

    def bring_into_force(self, id: str, since: Time, agreed_by: str) -> bool:
        """Zones that waited hold from now on; False when they do already."""
        waits = and_(_Z.id == id, _Z.since.is_(None))
        return self._changed(CAMERA_ZONES.update().where(waits).values(since=since, agreed_by=agreed_by)) == 1

    def in_force(self, camera_id: str) -> CameraZonesRow | None:
        """What holds; None where nobody ever drew anything, so that the configuration file's zones do."""
        held = and_(_Z.camera_id == camera_id, _Z.since.is_not(None))
        newest = select(CAMERA_ZONES).where(held).order_by(_Z.since.desc(), _Z.id.desc()).limit(1)
        return self._one(CameraZonesRow, newest)

    def all_in_force(self) -> list[CameraZonesRow]:
        """What holds at each camera on which somebody drew."""
        newest = select(_Z.camera_id, func.max(_Z.since).label("since")).group_by(_Z.camera_id).subquery()
        held = and_(_Z.camera_id == newest.c.camera_id, _Z.since == newest.c.since)
        found = self._all(CameraZonesRow, select(CAMERA_ZONES).join(newest, held).order_by(_Z.camera_id, _Z.id))
        return list({row.camera_id: row for row in found}.values())

    def waiting(self, camera_id: str) -> list[CameraZonesRow]:
        """Zones that needed a release and never came into force, the newest first; whether they still wait, it tells."""
        unheld = and_(_Z.camera_id == camera_id, _Z.since.is_(None), _Z.release_id.is_not(None))
        return self._all(CameraZonesRow, select(CAMERA_ZONES).where(unheld).order_by(_Z.time.desc(), _Z.id.desc()))

    def held(self, camera_id: str, limit: int | None = None) -> list[CameraZonesRow]:
        """What held at one camera, the newest first; all of it unless there is a limit."""
        held = and_(_Z.camera_id == camera_id, _Z.since.is_not(None))
        newest_first = select(CAMERA_ZONES).where(held).order_by(_Z.since.desc(), _Z.id.desc())
        return self._all(CameraZonesRow, newest_first.limit(limit))
