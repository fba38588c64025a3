"""Pictures of plates as people may see them: none of one that lies under a privacy mask."""

from __future__ import annotations

from collections.abc import Iterable

from istros.base.time import Span, Time
from istros.devices.camera import Camera
from istros.devices.masks import masks_of
from istros.store import Transaction
from istros.store.rows import PlateReadRow
from istros.video.cover import touches

_MARGIN, _LARGEST_SHAPE = 0.13, 2.4
"""Of a plate's width, that its picture shows on each side (`recognition.plate_crops`); width by height of the widest picture."""


def shown_crop(tx: Transaction, cameras: Iterable[Camera], read: PlateReadRow) -> bytes:
    """The picture of a plate as JPEG; empty where none was kept, or where a mask lies over any of it, then or now."""
    masks = masks_of(tx, cameras, read.camera_id).over(Span(read.time, Time(read.time + 1)))
    left, top, right, bottom = read.plate_box
    across = _MARGIN * (right - left)
    down = across * _LARGEST_SHAPE
    shown = left - across, top - down, right + across, bottom + down
    return b"" if touches(masks, shown) else tx.reads.crop(read.id) or b""
