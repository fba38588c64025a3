"""Pictures that people bring: judged by content, bounded, drawn anew, and a bomb ends in a sentence."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.recognition.checked_picture import BYTES_MOST, PictureRefused, checked_picture

PIXELS = np.random.default_rng(7).integers(0, 255, (60, 80, 3), np.uint8)


def encoded(ending: str) -> bytes:
    made, data = cv2.imencode(ending, cv2.GaussianBlur(PIXELS, (9, 9), 0))
    assert made
    return data.tobytes()


def png(width: int, height: int, body: bytes) -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(body)) + part(b"IEND", b"")


def with_exif(jpeg: bytes, orientation: int, note: bytes) -> bytes:
    """A JPEG with an EXIF part: an orientation and a description."""
    at = 8 + 2 + 2 * 12 + 4
    tags = struct.pack("<HHI", 0x010E, 2, len(note)) + struct.pack("<I", at)
    tags += struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + tags + struct.pack("<I", 0) + note
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize(("ending", "kind"), [(".jpg", "JPEG"), (".png", "PNG"), (".webp", "WebP")])
def test_pictures_are_known_by_their_content(ending: str, kind: str) -> None:
    found = checked_picture(encoded(ending))
    assert (found.format, found.pixels.shape, found.pixels.dtype) == (kind, (60, 80, 3), np.uint8)
    assert found.jpeg.startswith(b"\xff\xd8\xff")


def test_what_a_telephone_adds_is_gone_and_the_picture_stands_upright() -> None:
    brought = with_exif(encoded(".jpg"), 6, b"taken at 45.3497 N 28.8361 E by Ivan\0") + b"PK\x03\x04 a second file"
    found = checked_picture(brought)
    assert found.pixels.shape == (80, 60, 3)
    for trace in (b"Exif", b"45.3497", b"Ivan", b"PK\x03\x04"):
        assert trace in brought and trace not in found.jpeg


def test_a_bomb_ends_in_a_sentence() -> None:
    with pytest.raises(PictureRefused, match="claims 60000 x 60000 pixels"):
        checked_picture(png(60_000, 60_000, b"\0" * 50_000_000))
    with pytest.raises(PictureRefused, match="claims 16383 x 16383 pixels"):
        checked_picture(
            b"RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f" + (0x3FFE | 0x3FFE << 14).to_bytes(4, "little") + bytes(20)
        )
    jpeg = bytearray(encoded(".jpg"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65_535, 65_535)
    with pytest.raises(PictureRefused, match="claims 65535 x 65535"):
        checked_picture(bytes(jpeg))
    with pytest.raises(PictureRefused, match="far too many passes"):
        checked_picture(encoded(".jpg")[:-2] + b"\xff\xda\0\x02" * 100)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"), (b"x" * (BYTES_MOST + 1), "is larger than 12 MB"), (b"GIF89a" + bytes(50), "is no JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no JPEG"), (b"%PDF-1.7", "is no JPEG"), (b"II*\0" + bytes(99), "is no"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "breaks off"), (b"\xff\xd8\xff\xe0\0\x10JFIF", "does not tell its size"),
        (b"RIFF\0\0\0\0WEBPVP8L", "breaks off"), (png(80, 60, b""), "is damaged"), (png(3, 3, bytes(30)), "has 3 x 3"),
        (b"\xff\xd8\xff\xd8" + bytes(40), "does not tell"), (b"MZ\x90\0" + encoded(".jpg"), "is no JPEG"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(PictureRefused, match=why):
        checked_picture(data)


SEEDS = [encoded(ending) for ending in (".jpg", ".png", ".webp")]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8),
    st.integers(0, 4000),
)
def test_damaged_pictures_are_taken_or_refused(seed: bytes, changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    try:
        checked_picture(bytes(data[: len(data) - end % 300]))
    except PictureRefused:
        return
