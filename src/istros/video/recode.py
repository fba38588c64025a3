"""Decoding a few access units and coding them again so that they fit beside copied ones of the same stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import log10
from platform import machine
from typing import Any, cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from istros.video.bits import BitReader, payload_of
from istros.video.clip_file import split_annex_b
from istros.video.codec_configuration import configuration_of
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters
from istros.video.parameter_sets import is_parameter_set, nal_type, parameters_of
from istros.video.segment_units import Unit

LEAST_PSNR_DB = 38.0
"""What a picture that was coded again must reach against the recorded one, measured on its brightness."""

MOST_PSNR_DB = 99.0

_QUALITIES = (12, 8, 4, 1)
"""CRF values tried in turn until every picture reaches LEAST_PSNR_DB."""

_INSTRUCTIONS = ":asm=SSE4.2" if machine() in {"x86_64", "AMD64"} else ""
"""x264's macroblock tree reads memory that nobody wrote when it runs on AVX-512, so that the same pictures give other
bytes now and then (filling fresh memory with 0xFE, by MALLOC_PERTURB_=1, shows it each time). Up to SSE4.2 it does not,
and gives the same bytes on every x86-64 machine."""

_TICK = Fraction(1, MEDIA_RATE)
_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc"}
_PROFILES = {66: "baseline", 77: "main", 100: "high"}
_PICTURE_TYPES = {Codec.H264: range(1, 6), Codec.H265: range(32)}

Shown = tuple[int, VideoFrame]
"""When a picture is shown, in ticks, and the picture."""


@dataclass(frozen=True, slots=True)
class Recoded:
    """Access units coded again, with the parameter sets that they need and the worst picture's PSNR."""

    parameters: CodecParameters
    units: tuple[Unit, ...] = field(repr=False)
    psnr_db: float


class CannotRecode(ValueError):
    """The pictures cannot be decoded or coded again."""


def decode(parameters: CodecParameters, units: Iterable[Unit]) -> Iterator[Shown]:
    """Every picture with the time it is shown, in that order; what is damaged is left out."""
    context = cast(VideoCodecContext, av.CodecContext.create(_DECODERS[parameters.codec], "r"))
    context.extradata = configuration_of(parameters)
    context.thread_count = 1
    for unit in units:
        packet = av.Packet(unit.data)
        packet.pts, packet.dts, packet.time_base = unit.shown, unit.decode, _TICK
        yield from _pictures(context, packet)
    yield from _pictures(context, None)


def _pictures(context: VideoCodecContext, packet: Any) -> list[Shown]:
    try:
        return [(frame.pts, frame) for frame in context.decode(packet) if frame.pts is not None]
    except (av.FFmpegError, ValueError):
        return []


def recode(parameters: CodecParameters, units: Sequence[Unit], keep: range) -> Recoded:
    """Those pictures of `units` that are shown within `keep`, coded again beginning with a keyframe.

    The codec, size, profile and colours stay; H.264 gets parameter sets of another number, so that both fit into one
    description of the file. Every picture reaches LEAST_PSNR_DB. CannotRecode otherwise.
    """
    best: Recoded | None = None
    for quality in _QUALITIES:
        best = _coded(parameters, units, keep, quality)
        if best.psnr_db >= LEAST_PSNR_DB:
            return best
    raise CannotRecode(f"coding again reaches {0 if best is None else best.psnr_db:.1f} dB only")


def _coded(parameters: CodecParameters, units: Sequence[Unit], keep: range, quality: int) -> Recoded:
    wanted = ((shown, frame) for shown, frame in decode(parameters, units) if shown in keep)
    encoder = Encoder(parameters.codec, quality, profile_of(parameters), free_set_number(parameters))
    coded = list(encoder.encode(wanted))
    found = parameters_of(parameters.codec, encoder.parameter_sets)
    if not coded or found is None:
        raise CannotRecode("no picture of the cut could be decoded")
    timed = _timed(coded, keep.stop)
    again = (frame for _, frame in decode(found, timed))
    original = (frame for shown, frame in decode(parameters, units) if shown in keep)
    compared = [psnr(one, other) for one, other in zip(original, again, strict=False)]
    if len(compared) < len(coded):
        raise CannotRecode("not every picture that was coded again can be decoded")
    return Recoded(found, timed, min(compared))


def _timed(coded: Sequence[tuple[int, bool, bytes]], stop: int) -> tuple[Unit, ...]:
    """Units whose pictures follow each other as they are shown; the last one lasts until `stop`."""
    ends = [shown for shown, _, _ in coded[1:]] + [stop]
    return tuple(
        Unit(shown, shown, max(1, end - shown), is_key, data)
        for (shown, is_key, data), end in zip(coded, ends, strict=True)
    )


class Encoder:
    """x264 or x265 on one thread: no B-frames, one keyframe at the start, the same bytes for the same pictures."""

    def __init__(self, codec: Codec, quality: int, profile: str = "", set_number: int = 0) -> None:
        self._codec, self._quality, self._profile, self._number = codec, quality, profile, set_number
        self._sets: dict[int, bytes] = {}

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """The parameter sets seen so far."""
        return tuple(self._sets.values())

    def encode(self, frames: Iterable[Shown]) -> Iterator[tuple[int, bool, bytes]]:
        """(when shown, whether a keyframe, data with NAL lengths) for each picture."""
        context: Any = None
        for shown, frame in frames:
            context = context or self._open(frame)
            frame.pts, frame.time_base, frame.pict_type = shown, _TICK, 0
            for packet in context.encode(frame):
                yield self._unit(packet)
        for packet in context.encode(None) if context else ():
            yield self._unit(packet)

    def _unit(self, packet: Any) -> tuple[int, bool, bytes]:
        return unit_of(self._codec, packet, self._sets)

    def _open(self, frame: VideoFrame) -> Any:
        context: Any = av.CodecContext.create("libx264" if self._codec is Codec.H264 else "libx265", "w")
        context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
        context.time_base, context.framerate, context.thread_count = _TICK, Fraction(25, 1), 1
        for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
            setattr(context, name, getattr(frame, name))
        context.options = self._options()
        return context

    def _options(self) -> dict[str, str]:
        common = "keyint=100000:min-keyint=1:scenecut=0:bframes=0:repeat-headers=1"
        options = {"preset": "veryfast", "crf": str(self._quality)}
        if self._codec is Codec.H265:
            return options | {"x265-params": f"{common}:open-gop=0:log-level=none:pools=none:frame-threads=1"}
        if self._profile:
            options["profile"] = self._profile
        return options | {
            "x264-params": f"{common}:open-gop=0:sps-id={self._number}:threads=1:lookahead-threads=1{_INSTRUCTIONS}"
        }


def unit_of(codec: Codec, packet: Any, sets: dict[int, bytes]) -> tuple[int, bool, bytes]:
    """(when shown, whether a keyframe, data with NAL lengths) of an encoder's packet; its parameter sets go into `sets`."""
    nals = split_annex_b(bytes(packet))
    sets |= {nal_type(codec, nal): nal for nal in nals if is_parameter_set(codec, nal)}
    kept = [nal for nal in nals if nal_type(codec, nal) in _PICTURE_TYPES[codec]]
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in kept)
    return cast(int, packet.pts), bool(packet.is_keyframe), data


def profile_of(parameters: CodecParameters) -> str:
    """x264's name of the stream's profile; empty when it has none or the codec is another."""
    return _PROFILES.get(parameters.parameter_sets[0][1], "") if parameters.codec is Codec.H264 else ""


def free_set_number(parameters: CodecParameters) -> int:
    """A number that neither the SPS nor the PPS of an H.264 stream carries (ITU-T H.264 7.4.2.1, 7.4.2.2)."""
    if parameters.codec is not Codec.H264:
        return 0
    sps, pps = parameters.parameter_sets
    taken = {BitReader(payload_of(sps, 4)).unsigned(), BitReader(payload_of(pps, 1)).unsigned()}
    return next(number for number in range(3) if number not in taken)


def psnr(one: VideoFrame, other: VideoFrame) -> float:
    """Peak signal-to-noise ratio of two pictures' brightness, in decibels; MOST_PSNR_DB when they are the same."""
    first, second = _luma(one), _luma(other)
    error = float(np.mean(np.square(first.astype(np.int32) - second.astype(np.int32))))
    peak = 255.0 if first.dtype == np.uint8 else 1023.0
    return MOST_PSNR_DB if error == 0 else 10 * log10(peak * peak / error)


def _luma(frame: VideoFrame) -> Any:
    plane = frame.planes[0]
    kind: Any = np.uint8 if plane.line_size < 2 * frame.width else np.uint16
    rows = np.frombuffer(cast(memoryview, plane), kind).reshape(frame.height, -1)
    return rows[:, : frame.width]
