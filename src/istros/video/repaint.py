"""Pictures under privacy masks: decoded, painted over and coded again, as a stream or as a whole segment.

What comes out is H.264 without B-frames whatever the camera sends, coded as fast as x264 can, on one thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import av
from av.video.frame import PictureType, VideoFrame

from istros.devices.masks import Masks
from istros.video.cover import paint
from istros.video.decode import Decoder
from istros.video.fmp4 import Sample, fragment, init_segment, walk_fragments
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters, Packet
from istros.video.parameter_sets import parameters_of
from istros.video.recode import decode, unit_of
from istros.video.segment_units import Unit, read_units

PAINTED_MIME = 'video/mp4; codecs="avc1.640033"'
"""Says no less than any painted segment needs: H.264 High, level 5.1."""

_TICK = Fraction(1, MEDIA_RATE)
_LIVE_QUALITY, _RECORDED_QUALITY = 24, 21
_LONGEST_GROUP = 2 * MEDIA_RATE
"""Who begins to watch waits for a keyframe no longer than this, however long the camera's own groups of pictures are."""


class FastEncoder:
    """x264 without delay: each picture comes out at once. `quality` is its CRF."""

    def __init__(self, quality: int) -> None:
        self._quality = quality
        self._context: Any = None
        self._sets: dict[int, bytes] = {}

    @property
    def parameters(self) -> CodecParameters | None:
        """What a decoder must know; None before the first picture."""
        return parameters_of(Codec.H264, self._sets.values())

    def encode(self, shown: int, frame: VideoFrame, is_key: bool) -> list[tuple[int, bool, bytes]]:
        """(when shown, whether a keyframe, data with NAL lengths) of what has become ready. A picture of another size
        begins anew."""
        if self._context is None or (self._context.width, self._context.height) != (frame.width, frame.height):
            self._context, is_key = self._open(frame), True
        frame.pts, frame.time_base = shown, _TICK
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        return [unit_of(Codec.H264, packet, self._sets) for packet in self._context.encode(frame)]

    def _open(self, frame: VideoFrame) -> Any:
        context: Any = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
        context.time_base, context.framerate, context.thread_count = _TICK, Fraction(25, 1), 1
        for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
            setattr(context, name, getattr(frame, name))
        context.options = {
            "preset": "ultrafast", "tune": "zerolatency", "crf": str(self._quality), "forced-idr": "1",
            "x264-params": "keyint=100000:min-keyint=1:scenecut=0:repeat-headers=1:threads=1",
        }  # fmt: skip
        return context


class Repainter:
    """One stream's packets with the masks painted into their pictures."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._encoder = FastEncoder(_LIVE_QUALITY)
        self._decoder: Decoder | None = None
        self._parameters: CodecParameters | None = None
        self._last_key: int | None = None

    def take(self, packet: Packet, *, show: bool = True) -> list[Packet]:
        """What a packet gives: as a rule one painted packet; with `show` off none, so that decoding can catch up."""
        if self._decoder is None:
            self._decoder = Decoder(packet.parameters)
        frame = self._decoder.decode(packet)
        if frame is None or frame.decoded.pts is None or not show:
            return []
        shown = frame.decoded.pts
        is_key = self._last_key is None or frame.is_key or not 0 <= shown - self._last_key < _LONGEST_GROUP
        coded = self._encoder.encode(shown, paint(frame.decoded, self._masks), is_key)
        self._last_key = shown if is_key else self._last_key
        if is_key:
            self._parameters = self._encoder.parameters
        if self._parameters is None:
            return []
        return [
            Packet(packet.key, self._parameters, at, frame.time, key, data, clock_offset_us=packet.clock_offset_us)
            for at, key, data in coded
        ]


def paint_segment(data: bytes, masks: Masks) -> bytes:
    """A whole segment without sound, its pictures painted; as many fragments, at the same times. Blocks.

    ValueError when it cannot be decoded: a picture that cannot be painted is not shown.
    """
    segment = read_units(data)
    encoder = FastEncoder(_RECORDED_QUALITY)
    keys = {unit.shown for unit in segment.units if unit.is_key}
    coded = [
        unit
        for shown, frame in decode(segment.parameters, segment.units)
        for unit in encoder.encode(shown, paint(frame, masks), shown in keys)
    ]
    parameters = encoder.parameters
    if parameters is None:
        raise ValueError("no picture of the segment can be decoded")
    end = max(unit.shown + unit.duration for unit in segment.units)
    starts = [each.base_time for each in walk_fragments(data)]
    pieces = [init_segment(parameters)]
    for number, group in enumerate(_grouped(_timed(coded, end), starts), 1):
        samples = [Sample(unit.duration, unit.data, unit.is_key) for unit in group]
        pieces.append(fragment(number, group[0].shown, samples))
    return b"".join(pieces)


def _timed(coded: Sequence[tuple[int, bool, bytes]], end: int) -> list[Unit]:
    ends = [shown for shown, _, _ in coded[1:]] + [end]
    return [
        Unit(shown, shown, max(1, stop - shown), is_key, data)
        for (shown, is_key, data), stop in zip(coded, ends, strict=True)
    ]


def _grouped(units: Iterable[Unit], starts: Sequence[int]) -> list[list[Unit]]:
    """The units of each fragment; a fragment of which nothing could be decoded has none and is left out."""
    groups: list[list[Unit]] = [[] for _ in starts]
    place = 0
    for unit in units:
        while place + 1 < len(starts) and unit.shown >= starts[place + 1]:
            place += 1
        groups[place].append(unit)
    return [group for group in groups if group]
