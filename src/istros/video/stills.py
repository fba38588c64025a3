"""Still pictures out of segments: decoded from the keyframe up to the very frame, and coded as JPEG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast
from xml.sax.saxutils import quoteattr

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from istros.video.codec_configuration import configuration_of
from istros.video.mark import marked
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters
from istros.video.samples import SegmentTable, bytes_of, nearest_key, read_table

_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc"}
_TICK = Fraction(1, MEDIA_RATE)
_FINE, _COARSE = 2, 5
"""Quantiser scales of FFmpeg's JPEG encoder (2 is its best); a thumbnail needs less."""

_XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\x00"


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded frame of a segment; `shown` in 90 kHz ticks since the segment's start."""

    shown: int
    width: int
    height: int
    is_key: bool
    frame: VideoFrame = field(repr=False)


def picture_at(data: bytes, ticks: int) -> Picture | None:
    """The frame that is on the screen at a moment of a segment, decoded exactly; None when it has none. Blocks."""
    table = read_table(data)
    place = table.shown_at(ticks)
    return None if place is None else _decode(data, table, table.key_before(place), place)


def keyframe_near(data: bytes, ticks: int) -> Picture | None:
    """The keyframe nearest to a moment of a segment: one frame to decode. Blocks."""
    table = read_table(data)
    place = nearest_key(table, ticks)
    return None if place is None else _decode(data, table, place, place)


def pictures_apart(data: bytes, apart: int) -> Iterator[Picture]:
    """The frames of a segment from its first keyframe on, at least `apart` ticks from one to the next. Blocks.

    ValueError when it has no video track that Istros knows.
    """
    table = read_table(data)
    due = 0
    for frame in _frames(data, table, table.key_before(0), len(table.samples) - 1):
        if frame.pts is not None and frame.pts >= due:
            due = frame.pts + apart
            yield Picture(frame.pts, frame.width, frame.height, bool(frame.key_frame), frame)


def _decode(data: bytes, table: SegmentTable, first: int, last: int) -> Picture | None:
    wanted = table.samples[last].shown
    best: VideoFrame | None = None
    for frame in _frames(data, table, first, last):
        best = frame
        if frame.pts == wanted:
            break
    if best is None or best.pts is None:
        return None
    return Picture(best.pts, best.width, best.height, bool(best.key_frame), best)


def _frames(data: bytes, table: SegmentTable, first: int, last: int) -> Iterator[VideoFrame]:
    """Decode from a keyframe up to a picture; a stream with pictures out of order gives it when it is flushed."""
    context = _decoder(table.parameters)
    for sample in table.samples[first : last + 1]:
        packet = av.Packet(bytes_of(data, sample))
        packet.pts, packet.dts, packet.time_base = sample.shown, sample.decoded, _TICK
        try:
            yield from context.decode(packet)
        except (av.FFmpegError, ValueError):
            continue
    try:
        yield from context.decode(None)
    except (av.FFmpegError, ValueError):
        return


def _decoder(parameters: CodecParameters) -> VideoCodecContext:
    context = cast(VideoCodecContext, av.CodecContext.create(_DECODERS[parameters.codec], "r"))
    context.extradata = configuration_of(parameters)
    context.thread_count = 1
    return context


def jpeg_of(picture: Picture, width: int = 0, *, fine: bool = True, mark: str = "") -> bytes:
    """The picture as JPEG, made smaller to `width` pixels (0: as it is; it never grows), with a `mark` drawn in. Blocks."""
    wide, high = _fitted(picture, width)
    frame = picture.frame.reformat(wide, high, format="yuvj420p")
    if mark:
        frame = marked(frame, mark)
    frame.pts, frame.time_base, frame.pict_type = 0, Fraction(1, 25), 0
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuvj420p"
    context.time_base, context.thread_count = Fraction(1, 25), 1
    scale = str(_FINE if fine else _COARSE)
    context.options = {"qmin": scale, "qmax": scale}
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def _fitted(picture: Picture, width: int) -> tuple[int, int]:
    """Even sizes, for the colours have half of them."""
    if not 0 < width < picture.width:
        return max(2, picture.width // 2 * 2), max(2, picture.height // 2 * 2)
    return max(2, width // 2 * 2), max(2, round(picture.height * width / picture.width / 2) * 2)


def with_metadata(jpeg: bytes, facts: dict[str, str]) -> bytes:
    """The JPEG with facts about it as XMP (ISO 16684-1), in an APP1 segment behind the start of the image.

    A key is the name of a property with its prefix: `dc:`, `xmp:` or our own `istros:`.
    """
    properties = " ".join(f"{name}={quoteattr(value)}" for name, value in facts.items())
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:istros="urn:istros:still" '
        f"{properties}/></rdf:RDF></x:xmpmeta>"
    )
    content = _XMP_HEAD + packet.encode()
    if len(content) > 65_533 or jpeg[:2] != b"\xff\xd8":
        return jpeg
    return jpeg[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + jpeg[2:]
