"""Still pictures out of the recordings: one exact frame, or many small ones to find the moment by.

Decoding is work for the workers, at most `AT_ONCE` pictures at a time; who comes when `MOST_WAITING` wait is sent away.
Small pictures are kept in memory within `CACHE_BYTES` and nowhere else.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from istros.base.errors import IstrosError
from istros.base.said import say
from istros.base.time import SECOND, Time
from istros.base.workers import Workers
from istros.devices.masks import Masks
from istros.recording.export.covering import Finder
from istros.store.rows import SegmentRow
from istros.video.cover import cover, paint
from istros.video.packet import MEDIA_RATE
from istros.video.stills import Picture, jpeg_of, keyframe_near, picture_at, with_metadata

AT_ONCE = 2
"""Of four workers: the database always keeps two."""

MOST_WAITING = 120
CACHE_BYTES = 24 << 20
_MILLISECOND = 1000

T = TypeVar("T")


class NoPicture(IstrosError):
    """Nothing was recorded at that moment, or it cannot be decoded."""

    code = "no-picture"


class HidingAway(IstrosError):
    """What finds people and plates is not on this node, so that no picture leaves it."""

    code = "hiding-away"


class PicturesBusy(IstrosError):
    """Too many pictures are being decoded."""

    code = "pictures-busy"


@dataclass(frozen=True, slots=True)
class Still:
    """One frame as JPEG: its exact time, its size and its hash."""

    segment: SegmentRow
    time: Time
    width: int
    height: int
    jpeg: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The hash of the file, as it goes on the record."""
        return hashlib.sha256(self.jpeg).hexdigest()


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture and the exact time of its frame."""

    time: Time
    width: int
    height: int
    jpeg: bytes = field(repr=False)


_Key = tuple[str, int, int, int, Masks]

Facts = Callable[[Time], dict[str, str]]
"""What a file says of itself, once the exact time of its frame is known."""


class Pictures:
    """Makes pictures from segments, `read` being what gives their bytes, and paints the `masks` that lie over them.

    `finder` opens what finds people and plates, where a picture that leaves must hide them; it is opened once.
    """

    def __init__(
        self, read: Callable[[SegmentRow], bytes], masks: Callable[[SegmentRow], Masks], workers: Workers,
        finder: Callable[[], Finder] | None = None,
    ) -> None:  # fmt: skip
        self._open_finder = finder
        self._finder: Finder | None = None
        self._one_looks = threading.Lock()
        self._read = read
        self._masks = masks
        self._workers = workers
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._kept: OrderedDict[_Key, Thumbnail] = OrderedDict()
        self._kept_bytes = 0

    async def still(
        self, row: SegmentRow, time: Time, width: int = 0, facts: Facts | None = None, *, mark: str, hidden: bool = False
    ) -> Still:  # fmt: skip
        """The frame that was on the screen at a moment of the segment; with people and plates `hidden`.

        The `mark` (`video.mark.mark_text`) says in the picture who had it made, and when. NoPicture, SegmentGone,
        PicturesBusy, HidingAway.
        """
        return await self._in_turn(lambda: self._still(row, time, width, facts, mark, hidden))

    async def thumbnail(self, row: SegmentRow, time: Time, width: int) -> Thumbnail:
        """The keyframe nearest to a moment of the segment, small. NoPicture, SegmentGone, PicturesBusy."""
        masks = await self._workers.run(self._masks, row)
        key = (row.id, row.size_bytes, (time - row.start) // (SECOND // 4), width, masks)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = await self._in_turn(lambda: self._thumbnail(row, time, width, masks))
        self._keep(key, made)
        return made

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise PicturesBusy("Too many pictures are being made at this moment.", "Ask again in a few seconds.")
        self._waiting += 1
        try:
            async with self._turns:
                return await self._workers.run(work)
        finally:
            self._waiting -= 1

    def _still(
        self, row: SegmentRow, time: Time, width: int, facts: Facts | None, mark: str, hidden: bool
    ) -> Still:  # fmt: skip
        # Times come in milliseconds: a frame that begins within that millisecond is the one meant.
        masks = self._masks(row)
        picture = _found(
            row, masks, lambda data: picture_at(data, _ticks(row, Time(time + _MILLISECOND - 1))), self._read
        )
        if hidden:
            picture = self._without_people(picture)
        jpeg, exact = jpeg_of(picture, width, mark=mark), time_of(row, picture.shown)
        if facts is not None:
            painted = {"istros:masks": "painted"} if masks else {}
            covered = {"istros:hidden": "people plates"} if hidden else {}
            jpeg = with_metadata(jpeg, facts(exact) | {"istros:mark": mark} | painted | covered)
        return Still(row, exact, *_size(picture, width), jpeg)

    def _without_people(self, picture: Picture) -> Picture:
        """The picture with heads and plates covered, as redacted exports cover them (`video.cover`)."""
        with self._one_looks:
            if self._finder is None:
                if self._open_finder is None:
                    raise HidingAway("This node cannot hide people and plates.", "Order a redacted export.")
                self._finder = self._open_finder()
            found = self._finder.find(np.asarray(picture.frame.to_ndarray(format="bgr24"), np.uint8))
        boxes = [(each.left, each.top, each.right, each.bottom) for each in found]
        return replace(picture, frame=cover(picture.frame, boxes, ()))

    def _thumbnail(self, row: SegmentRow, time: Time, width: int, masks: Masks) -> Thumbnail:
        picture = _found(row, masks, lambda data: keyframe_near(data, _ticks(row, time)), self._read)
        return Thumbnail(time_of(row, picture.shown), *_size(picture, width), jpeg_of(picture, width, fine=False))

    def _keep(self, key: _Key, made: Thumbnail) -> None:
        if key in self._kept:
            return
        self._kept[key] = made
        self._kept_bytes += len(made.jpeg)
        while self._kept_bytes > CACHE_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.jpeg)


def time_of(row: SegmentRow, ticks: int) -> Time:
    """Wall time of a moment of a segment's media time."""
    return Time(row.start + ticks * SECOND // MEDIA_RATE)


def _ticks(row: SegmentRow, time: Time) -> int:
    return (time - row.start) * MEDIA_RATE // SECOND


def _size(picture: Picture, width: int) -> tuple[int, int]:
    if not 0 < width < picture.width:
        return picture.width, picture.height
    return width, round(picture.height * width / picture.width)


def _found(
    row: SegmentRow, masks: Masks, decode: Callable[[bytes], Picture | None], read: Callable[[SegmentRow], bytes]
) -> Picture:
    """A picture under its masks."""
    try:
        picture = decode(read(row))
    except ValueError:
        picture = None
    if picture is None:
        raise NoPicture(
            say(
                "recording-undecodable",
                f"The recording of {row.camera_id} at this time cannot be decoded.",
                camera=row.camera_id,
            ),
            "Try a moment beside it; `istros check` tells whether the file is damaged.",
        )
    return replace(picture, frame=paint(picture.frame, masks)) if masks else picture
