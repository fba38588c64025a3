"""A picture that somebody brings, judged by its content before anything is unpacked, and drawn anew without its extras.

What a file is called and what its sender says of it does not count. What comes out holds pixels alone: no EXIF, no place,
no maker's notes, no second file behind the end.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from istros.base.errors import IstrosError
from istros.base.said import say
from istros.recognition.picture import Picture

Format = Literal["JPEG", "PNG", "WebP"]

BYTES_MOST = 12_000_000
PIXELS_MOST = 32_000_000
"""A telephone's 32 million pixels are 96 MB unpacked; a file of some kilobytes may claim a thousand times as many."""

SIDE_MOST = 12_000
SIDE_LEAST = 16
SCANS_MOST = 64
"""Passes of a progressive JPEG; honest encoders make ten, and each costs as much as the whole picture."""

_QUALITY = 95
_SIZES_OF_JPEG = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


class PictureRefused(IstrosError):
    """What was brought is no picture that is taken; one sentence says why."""

    code = "picture-refused"


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """`pixels` are (rows, columns, 3) BGR, upright; `jpeg` is the picture encoded anew from them, with nothing else in it."""

    pixels: Picture = field(repr=False)
    format: Format
    jpeg: bytes = field(repr=False)


def checked_picture(data: bytes) -> CheckedPicture:
    """The picture in the bytes of a JPEG, PNG or WebP file, turned as its EXIF says. Raises PictureRefused."""
    if not data:
        raise PictureRefused(say("picture-empty", "The picture is empty."), "Choose a file with a picture in it.")
    if len(data) > BYTES_MOST:
        most = BYTES_MOST // 1_000_000
        raise PictureRefused(
            say("picture-heavy", f"The picture is larger than {most} MB.", most=most), "Make it smaller."
        )
    kind, width, height = _header(data)
    if width * height > PIXELS_MOST or max(width, height) > SIDE_MOST:
        raise _too_large(width, height)
    if min(width, height) < SIDE_LEAST:
        raise PictureRefused(
            say(
                "picture-small",
                f"The picture has {width} x {height} pixels.",
                width=width, height=height, least=SIDE_LEAST,
            ),
            f"Choose one with {SIDE_LEAST} at least on each side.",
        )  # fmt: skip
    pixels = _unpacked(data)
    if pixels.shape[0] * pixels.shape[1] > PIXELS_MOST:
        raise _damaged("unpacks to more than it claims")
    made, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not made:
        raise _damaged("cannot be drawn anew")
    return CheckedPicture(pixels, kind, jpeg.tobytes())


def _unpacked(data: bytes) -> Picture:
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None or picture.ndim != 3 or picture.shape[2] != 3:
        raise _damaged("is damaged")
    return np.ascontiguousarray(picture, np.uint8)


def _header(data: bytes) -> tuple[Format, int, int]:
    """(format, width, height) as the file's own first bytes say."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return "JPEG", *_jpeg_size(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            return "PNG", *struct.unpack(">II", data[16:24])
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return "WebP", *_webp_size(data)
    except (struct.error, IndexError):
        raise _damaged("breaks off in its first bytes") from None
    raise PictureRefused(
        say("picture-kind", "The picture is no JPEG, PNG or WebP."),
        "Save it as one of these; what the file is called does not count.",
    )


def _jpeg_size(data: bytes) -> tuple[int, int]:
    if data.count(b"\xff\xda") > SCANS_MOST:
        raise PictureRefused(
            say("picture-passes", "The picture is drawn in far too many passes."), "Save it again as a usual JPEG."
        )
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _SIZES_OF_JPEG:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        elif marker in (0xD9, 0xDA):
            break
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    raise _damaged("does not tell its size")


def _webp_size(data: bytes) -> tuple[int, int]:
    kind, body = data[12:16], data[20:]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise _damaged("is a WebP that is not understood")


def _too_large(width: int, height: int) -> PictureRefused:
    most = PIXELS_MOST // 1_000_000
    return PictureRefused(
        say(
            "picture-large",
            f"The picture claims {width} x {height} pixels.",
            width=width, height=height, most=most, side=SIDE_MOST,
        ),
        f"At most {most} million are taken, and {SIDE_MOST} on a side.",
    )  # fmt: skip


def _damaged(how: str) -> PictureRefused:
    return PictureRefused(
        say("picture-damaged", f"The picture {how}."), "Save it again as a usual JPEG or PNG, or choose another."
    )
