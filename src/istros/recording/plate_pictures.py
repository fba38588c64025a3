"""Pictures of plates as people may see them: none of one that lies under a privacy mask."""

from __future__ import annotations

from collections.abc import Iterable

from istros.base.time import Span, Time
from istros.devices.camera import Camera
from istros.devices.masks import masks_of
from istros.store import Transaction
from istros.store.rows import PlateReadRow
from istros.video.cover import touches


def shown_crop(tx: Transaction, cameras: Iterable[Camera], read: PlateReadRow) -> bytes:
    """The picture of a plate as JPEG; empty where none was kept, or where a mask lies over any of it, then or now."""
    masks = masks_of(tx, cameras, read.camera_id).over(Span(read.time, Time(read.time + 1)))
    return b"" if touches(masks, read.plate_box) else tx.reads.crop(read.id) or b""
