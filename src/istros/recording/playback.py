"""Looking at what was recorded. Who may is decided above; here a permit that is over is refused once more.

What people get is painted where a privacy mask held or holds (docs/design/0038); `read` alone gives a segment as it was
recorded, for the exporter, which paints for itself, and for those who check the files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from istros.base.errors import IstrosError
from istros.base.said import say
from istros.base.time import Span, Time
from istros.base.workers import Workers
from istros.compliance.errors import PermitExpired, PermitTooNarrow
from istros.devices.camera import Camera, StreamKey
from istros.devices.masks import Masks, masks_of
from istros.recording.archive import Archive
from istros.store import Database
from istros.store.rows import GapRow, PermitRow, SegmentRow, SegmentState, StreamName
from istros.video.fmp4 import safe_length
from istros.video.samples import keyframes_only
from istros.video.segment_sound import with_sound_of, without_sound

PAINTED_AT_ONCE = 2
"""Segments; of four workers, the database always keeps two."""


class SegmentAway(IstrosError):
    """The segment is there, but its disk does not answer."""

    code = "segment-away"


class SegmentNotPainted(IstrosError):
    """A segment lies under a privacy mask and cannot be painted."""

    code = "not-painted"


class SegmentGone(IstrosError):
    """The index names a segment whose file is not there (any more)."""

    code = "segment-gone"


@dataclass(frozen=True, slots=True)
class StreamTimeline:
    """What there is of one stream in a span, and what is missing and why."""

    key: StreamKey
    recorded: tuple[Span, ...]
    gaps: tuple[GapRow, ...]


class Playback:
    """Reads recordings. `now` is the moment of the look, for the permit."""

    def __init__(self, database: Database, archive: Archive, cameras: Sequence[Camera] = ()) -> None:
        """`cameras` tell the masks of the configuration file; those that people drew are in the database."""
        self._database = database
        self._archive = archive
        self._cameras = cameras
        self._turns = asyncio.Semaphore(PAINTED_AT_ONCE)

    async def segments(
        self, permit: PermitRow, now: Time, camera_id: str, stream: StreamName, span: Span
    ) -> list[SegmentRow]:
        """The segments that overlap the span, by start. PermitExpired, PermitTooNarrow."""
        _require(permit, now)
        return await self._database.read(lambda tx: tx.segments.between(camera_id, stream, span))

    async def timeline(
        self, permit: PermitRow, now: Time, streams: Sequence[StreamKey], span: Span
    ) -> list[StreamTimeline]:
        """Recorded stretches and gaps of each stream. PermitExpired, PermitTooNarrow."""
        _require(permit, now)
        return await self._database.read(
            lambda tx: [
                StreamTimeline(
                    key,
                    tuple(tx.segments.recorded(key.camera_id, key.name, span)),
                    tuple(tx.gaps.between(key.camera_id, key.name, span)),
                )
                for key in streams
            ]
        )

    async def segment(self, permit: PermitRow, now: Time, id: str) -> SegmentRow:
        """One segment, to be handed to `read`. PermitExpired, PermitTooNarrow, SegmentGone."""
        _require(permit, now)
        row = await self._database.read(lambda tx: tx.segments.get(id))
        if row is None:
            raise SegmentGone(
                say("segment-none", "There is no such segment."), "It may have been deleted at the end of its time."
            )
        return row

    def read(self, row: SegmentRow) -> bytes:
        """The bytes of a segment as it was recorded, up to the last whole fragment: not for a person's eyes. Blocks.

        SegmentGone, SegmentAway.
        """
        try:
            return self._read(row)
        except FileNotFoundError:
            now = self._database.read_now(lambda tx: tx.segments.get(row.id))
        except OSError as error:
            raise _away(row) from error
        try:
            if now is not None and now.disk != row.disk:  # It was moved to the second tier in between.
                return self._read(now)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _away(now or row) from error
        raise SegmentGone(
            say(
                "recording-gone",
                f"The recording of {row.camera_id} at this time is no longer on the disk.",
                camera=row.camera_id,
            ),
            "It may have been deleted at the end of its time; `istros check` tells.",
        )

    def _read(self, row: SegmentRow) -> bytes:
        if row.state is SegmentState.CLOSED:
            return self._archive.read(row)
        whole = safe_length(lambda offset, length: self._archive.read(row, offset, length))
        return self._archive.read(row, 0, whole)

    def masks(self, row: SegmentRow) -> Masks:
        """The privacy masks that lie over a segment. Blocks."""
        span = Span(row.start, row.end)
        return self._database.read_now(lambda tx: masks_of(tx, self._cameras, row.camera_id)).over(span)

    async def in_turn(self, workers: Workers, read: Callable[[SegmentRow], bytes], row: SegmentRow) -> bytes:
        """What one of the reading functions below gives; those that must paint wait for each other, outside the workers."""
        if not await workers.run(self.masks, row):
            return await workers.run(read, row)
        async with self._turns:
            return await workers.run(read, row)

    def pictures(self, row: SegmentRow) -> bytes:
        """The segment without its sound: what browsers play whatever sound the camera sends. Blocks. SegmentGone."""
        return self._painted(row, without_sound(self.read(row)))

    def pictures_and_sound(self, row: SegmentRow) -> bytes:
        """The segment with its sound as AAC, where it has any: `codecs="PICTURE,mp4a.40.2"`. Blocks. SegmentGone."""
        # Only whoever listens to G.711 needs the decoder's 30 MB.
        from istros.video.sound_coding import for_browsers

        data = for_browsers(self.read(row))
        return self._painted(row, data, lambda painted: with_sound_of(painted, data))

    def keyframes(self, row: SegmentRow) -> bytes:
        """The segment's keyframes alone, as a file that plays. Blocks. SegmentGone."""
        try:
            data = keyframes_only(self.read(row))
        except ValueError:
            raise SegmentGone(
                say(
                    "recording-damaged",
                    f"The recording of {row.camera_id} at this time is damaged.",
                    camera=row.camera_id,
                ),
                "`istros check` tells what is wrong.",
            ) from None
        return self._painted(row, data)

    def _painted(
        self, row: SegmentRow, data: bytes, finish: Callable[[bytes], bytes] = lambda painted: painted
    ) -> bytes:
        """The segment under its masks; as it is where there is none. SegmentNotPainted."""
        masks = self.masks(row)
        if not masks:
            return data
        from istros.video.repaint import paint_segment  # FFmpeg, which a node without masks does not need here

        try:
            return finish(paint_segment(data, masks))
        except ValueError:
            raise SegmentNotPainted(
                say(
                    "recording-not-painted",
                    f"The recording of {row.camera_id} at this time lies under a privacy mask and cannot be painted, so it is "
                    "not shown.",
                    camera=row.camera_id,
                ),
                "Choose a moment beside it; `istros check` tells whether the file is damaged.",
            ) from None


def _away(row: SegmentRow) -> SegmentAway:
    return SegmentAway(
        say(
            "recording-disk-away",
            f"The recording of {row.camera_id} at this time lies on the disk '{row.disk}', which does not answer.",
            camera=row.camera_id,
            disk=row.disk,
        ),
        "Try again later; the screen of the storage says how the disk does.",
    )


def _require(permit: PermitRow, now: Time) -> None:
    if permit.standing:
        raise PermitTooNarrow(
            say(
                "permit-not-recorded", f"Permit {permit.number} does not cover recorded pictures.", permit=permit.number
            ),
            "Open a permit for the case.",
        )
    if permit.closed is not None or not permit.opened <= now < permit.expires:
        raise PermitExpired(
            say("permit-over", f"Permit {permit.number} is over.", permit=permit.number), "Open a new one."
        )
