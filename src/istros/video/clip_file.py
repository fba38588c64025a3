"""Films as access units, without decoding: what the simulated cameras serve."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext
from av.video.stream import VideoStream

from istros.video.errors import StreamError
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters
from istros.video.parameter_sets import is_parameter_set, parameters_of

_CODECS = {"h264": Codec.H264, "hevc": Codec.H265}
_TO_ANNEX_B = {Codec.H264: "h264_mp4toannexb", Codec.H265: "hevc_mp4toannexb"}
_DEFAULT_FPS = 25.0


class UnreadableFile(StreamError):
    """A film or picture cannot be read."""

    code = "unreadable-file"


@dataclass(frozen=True, slots=True)
class ClipUnit:
    """One access unit: NAL units without parameter sets and start codes; `shown` in ticks from the start."""

    nals: tuple[bytes, ...] = field(repr=False)
    is_key: bool
    shown: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole film, beginning with a keyframe."""

    parameters: CodecParameters
    fps: float
    units: tuple[ClipUnit, ...] = field(repr=False)

    @property
    def duration(self) -> int:
        """Length in 90 kHz ticks."""
        return round(len(self.units) * MEDIA_RATE / self.fps)


def read_clip(path: Path) -> Clip:
    """Read H.264 or H.265 from MP4, MKV or Annex B. Raises UnreadableFile."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.best("video")
            if not isinstance(stream, VideoStream) or stream.codec_context.name not in _CODECS:
                raise _unreadable(path, "it has no H.264 or H.265 video")
            fps = float(stream.average_rate or stream.guessed_rate or _DEFAULT_FPS)
            return _read_units(path, stream, fps)
    except (av.FFmpegError, OSError) as problem:
        raise _unreadable(path, getattr(problem, "strerror", "") or "it is damaged") from None


def _read_units(path: Path, stream: VideoStream, fps: float) -> Clip:
    codec = _CODECS[stream.codec_context.name]
    annex_b = BitStreamFilterContext(_TO_ANNEX_B[codec], stream)
    sets: dict[int, bytes] = {}
    units: list[ClipUnit] = []
    first: int | None = None
    for packet in stream.container.demux(stream):  # type: ignore[attr-defined]
        for converted in annex_b.filter(packet if packet.size else None):
            nals = split_annex_b(bytes(converted))
            sets |= {nal[0]: nal for nal in nals if is_parameter_set(codec, nal)}
            if not units and not converted.is_keyframe:
                continue
            shown = round(len(units) * MEDIA_RATE / fps)
            if converted.pts is not None and converted.time_base is not None:
                first = converted.pts if first is None else first
                shown = round((converted.pts - first) * converted.time_base * MEDIA_RATE)
            kept = tuple(nal for nal in nals if not is_parameter_set(codec, nal))
            if kept:
                units.append(ClipUnit(kept, converted.is_keyframe, shown))
    parameters = parameters_of(codec, sets.values())
    if parameters is None or not units:
        raise _unreadable(path, "it has no whole keyframe")
    return Clip(parameters, fps, tuple(units))


def split_annex_b(data: bytes) -> list[bytes]:
    """NAL units between start codes (H.264 and H.265 annex B), without trailing zeros."""
    return [part.rstrip(b"\x00") for part in data.split(b"\x00\x00\x01")[1:] if part.rstrip(b"\x00")]


def _unreadable(path: Path, reason: str) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name} cannot be read: {reason}.", "Give a film (MP4, AVI, MKV) or a picture (JPEG, PNG)."
    )
