"""What is known of the devices beside their pictures, where their streams were found, and who steers which head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, Table, select

from istros.base.said import NOTHING, Said
from istros.base.time import Time
from istros.store.camera_zones import Zone
from istros.store.columns import KEY, NUMBER, TEXT, WHOLE, Flag, Listed, Spoken
from istros.store.repository import Repository
from istros.store.rows import StreamName
from istros.store.schema import METADATA

DeviceStatus = Literal["starting", "online", "offline", "refused"]
EventsStatus = Literal["none", "pulling", "lost"]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """How a camera does as a device; overwritten by the process `devices`."""

    camera_id: str
    updated: Time
    status: DeviceStatus
    since: Time
    problem: Said
    """One sentence that names the camera and what to do; empty when all is well."""
    manufacturer: str
    model: str
    firmware: str
    serial: str
    clock_offset_ms: int | None
    """The device's clock minus ours; None where it does not tell."""
    clock_doubt_ms: int | None
    steers: bool
    """Whether it has a head that can be steered."""
    events: EventsStatus
    keeps: bool
    """Whether it keeps pictures on a card of its own and hands them out (ONVIF Profile G)."""


@dataclass(frozen=True, slots=True)
class FoundStreamRow:
    """Where ONVIF says that a stream is; the address bears no account."""

    camera_id: str
    stream: StreamName
    url: str
    profile: str
    codec: str
    width: int
    height: int
    fps: float
    found: Time


@dataclass(frozen=True, slots=True)
class HeadLeaseRow:
    """Who steers a camera's head, and until when."""

    camera_id: str
    holder: str
    holder_name: str
    taken: Time
    expires: Time
    before: str
    """The name of the one from whom it was taken over; empty when it was free."""
    moved: Time | None = None
    """When a movement under this lease was last put on the record."""


@dataclass(frozen=True, slots=True)
class HeldMask:
    """A privacy mask that the node put into a camera: its name there, of which picture, and what it is to hide."""

    token: str
    source: str
    zone: Zone


@dataclass(frozen=True, slots=True)
class HeldMasksRow:
    """What a camera can hold of privacy masks itself, and what it was seen to hold; overwritten by the process `devices`."""

    camera_id: str
    most_masks: int | None = None
    """How many it can hold; 0: none at all, None: it has not been asked yet."""
    most_corners: int | None = None
    only_rectangles: bool = False
    wanted: int = 0
    """How many it is to hold."""
    held: int = 0
    """How many of these it showed at the last look."""
    tokens: tuple[tuple[str, str, Zone], ...] = ()
    """What the node put into it, as `HeldMask` has it."""
    problem: Said = NOTHING
    """One sentence that names the camera and what to do; empty when all is well."""
    checked: Time | None = None
    """When it was looked at last."""

    @property
    def put(self) -> tuple[HeldMask, ...]:
        """The masks that the node put into it."""
        return tuple(HeldMask(*each) for each in self.tokens)


DEVICE = Table(
    "device",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("updated", WHOLE, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("since", WHOLE, nullable=False),
    Column("problem", Spoken(), nullable=False),
    Column("manufacturer", TEXT, nullable=False),
    Column("model", TEXT, nullable=False),
    Column("firmware", TEXT, nullable=False),
    Column("serial", TEXT, nullable=False),
    Column("clock_offset_ms", WHOLE),
    Column("clock_doubt_ms", WHOLE),
    Column("steers", Flag(), nullable=False),
    Column("events", TEXT, nullable=False),
    Column("keeps", Flag(), nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

FOUND_STREAM = Table(
    "found_stream",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("url", TEXT, nullable=False),
    Column("profile", TEXT, nullable=False),
    Column("codec", TEXT, nullable=False),
    Column("width", WHOLE, nullable=False),
    Column("height", WHOLE, nullable=False),
    Column("fps", NUMBER, nullable=False),
    Column("found", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

HEAD_LEASE = Table(
    "head_lease",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("holder", KEY, nullable=False),
    Column("holder_name", TEXT, nullable=False),
    Column("taken", WHOLE, nullable=False),
    Column("expires", WHOLE, nullable=False),
    Column("before", TEXT, nullable=False),
    Column("moved", WHOLE),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

HELD_MASKS = Table(
    "held_masks",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("most_masks", WHOLE),
    Column("most_corners", WHOLE),
    Column("only_rectangles", Flag(), nullable=False),
    Column("wanted", WHOLE, nullable=False),
    Column("held", WHOLE, nullable=False),
    Column("tokens", Listed(), nullable=False),
    Column("problem", Spoken(), nullable=False),
    Column("checked", WHOLE),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)


class Devices(Repository):
    """The tables `device`, `found_stream`, `head_lease` and `held_masks`."""

    def put(self, rows: Sequence[DeviceRow]) -> None:
        """Overwrite the rows of these cameras."""
        self._put(DEVICE, rows)

    def all(self) -> list[DeviceRow]:
        """Every device, by camera."""
        return self._all(DeviceRow, select(DEVICE).order_by(DEVICE.c.camera_id))

    def get(self, camera_id: str) -> DeviceRow | None:
        """One device."""
        return self._one(DeviceRow, select(DEVICE).where(DEVICE.c.camera_id == camera_id))

    def put_found(self, rows: Sequence[FoundStreamRow]) -> None:
        """Where streams are now."""
        self._put(FOUND_STREAM, rows)

    def found(self, camera_id: str, stream: StreamName) -> FoundStreamRow | None:
        """Where a stream was found last."""
        here = (FOUND_STREAM.c.camera_id == camera_id, FOUND_STREAM.c.stream == stream)
        return self._one(FoundStreamRow, select(FOUND_STREAM).where(*here))

    def lease(self, camera_id: str) -> HeadLeaseRow | None:
        """Who steers, or steered last."""
        return self._one(HeadLeaseRow, select(HEAD_LEASE).where(HEAD_LEASE.c.camera_id == camera_id))

    def put_lease(self, row: HeadLeaseRow) -> None:
        """This one steers now."""
        self._put(HEAD_LEASE, [row])

    def end_lease(self, camera_id: str) -> None:
        """Nobody steers any more."""
        self._connection.execute(HEAD_LEASE.delete().where(HEAD_LEASE.c.camera_id == camera_id))

    def held_masks(self, camera_id: str) -> HeldMasksRow | None:
        """What a camera holds of privacy masks; None where it was never asked."""
        return self._one(HeldMasksRow, select(HELD_MASKS).where(HELD_MASKS.c.camera_id == camera_id))

    def put_held_masks(self, row: HeldMasksRow) -> None:
        """What it holds now."""
        self._put(HELD_MASKS, [row])
