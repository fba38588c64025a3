"""The pictures of a simulated camera under its privacy masks: its films are painted and coded anew when the masks change.

A real camera paints before it codes. Here that takes seconds for a large film; until then the old pictures go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from istros.devices.masks import Masks
from istros.sim.cameras.film import Film, film_of
from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.masks import SimulatedMasks
from istros.sim.cameras.stream import SimulatedStream
from istros.video.clip_file import Clip, ClipUnit, read_clip
from istros.video.cover import paint
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.recode import decode
from istros.video.repaint import FastEncoder
from istros.video.segment_units import Unit
from istros.video.stills import jpeg_of, picture_at

_QUALITY = 23
_STEP = 3600


@dataclass(frozen=True, slots=True)
class PaintedStream:
    """A stream, the film it plays without masks, and where that film lies."""

    stream: SimulatedStream
    path: Path
    film: Film


class MaskPainter:
    """Has the streams and the still picture of one camera show what its masks hide."""

    def __init__(self, device: SimulatedDevice, masks: SimulatedMasks, streams: Sequence[PaintedStream]) -> None:
        self._device = device
        self._masks = masks
        self._streams = streams
        self._changed = asyncio.Event()
        self._painted: Masks = ()
        masks.on_change = self._changed.set

    async def run(self) -> None:
        """Until cancelled; several changes while it paints are one."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if (covered := self._masks.covered) != self._painted:
                await self._paint(covered)
                self._painted = covered

    async def _paint(self, covered: Masks) -> None:
        # The small stream first: it is ready at once.
        for each in sorted(self._streams, key=lambda each: each.film.parameters.width):
            film = each.film
            if covered:
                film = await self._device.environment.workers.run(partial(_painted, each, covered))
            each.stream.change_parameters(film)
        largest = max(self._streams, key=lambda each: each.film.parameters.width)
        self._device.show(partial(still_of, largest.path, covered))


def still_of(film: Path, masks: Masks = ()) -> bytes:
    """The first picture of a film under masks, as a JPEG. Blocks. UnreadableFile."""
    clip = read_clip(film)
    first = replace(clip, units=clip.units[:1])
    clip = masked(first, masks) if masks else first
    picture = picture_at(
        init_segment(clip.parameters) + fragment(1, 0, [Sample(_STEP, _data(clip.units[0]), True, 0)]), 0
    )
    return b"" if picture is None else jpeg_of(picture)


def masked(clip: Clip, masks: Masks) -> Clip:
    """The same film with the masks painted into each picture. Blocks. ValueError where nothing of it can be decoded."""
    encoder = FastEncoder(_QUALITY)
    keys = {unit.shown for unit in clip.units if unit.is_key}
    units = [Unit(unit.shown, unit.shown, _STEP, unit.is_key, _data(unit)) for unit in clip.units]
    coded = [
        made
        for shown, frame in decode(clip.parameters, units)
        for made in encoder.encode(shown, paint(frame, masks), shown in keys)
    ]
    if encoder.parameters is None:
        raise ValueError("no picture of the film can be decoded")
    painted = tuple(ClipUnit(_nals(data), is_key, shown) for shown, is_key, data in coded)
    return replace(clip, parameters=encoder.parameters, units=painted)


def _painted(each: PaintedStream, covered: Masks) -> Film:
    return film_of([masked(read_clip(each.path), covered)], each.film.fps)


def _data(unit: ClipUnit) -> bytes:
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals)


def _nals(data: bytes) -> tuple[bytes, ...]:
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return tuple(found)
