"""A visible mark in a picture: who had it made, under which permit, and when, in small letters at the lower left.

It is drawn into the brightness alone, half transparent and without a box, so that little under it is lost.
"""

from __future__ import annotations

import textwrap
import unicodedata
from functools import lru_cache

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from istros.base.time import Time, to_iso
from istros.video.cover import frame_of, pixels_of

_GLYPHS = bytes.fromhex(
    "000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500008070300001c2241000041221c002a1c7f1c2a"
    "08083e080800807030000808080808000060600020100804023e5149453e00427f400072494949462141494d331814127f102745454539"
    "3c4a49493141211109073649494936464949291e0000140000004034000000081422411414141414004122140802015909063e415d594e"
    "7c1211127c7f494949363e414141227f4141413e7f494949417f090909013e414151737f0808087f00417f41002040413f017f08142241"
    "7f404040407f021c027f7f0408107f3e4141413e7f090909063e4151215e7f09192946264949493203017f01033f4040403f1f2040201f"
    "3f4038403f631408146303047804036159494d43007f4141410204081020004141417f0402010204404040404000030708002054547840"
    "7f284444383844444428384444287f385454541800087e090218a4a49c787f0804047800447d40002040403d007f1028440000417f4000"
    "7c047804787c080404783844444438fc1824241818242418fc7c08040408485454542404043f44243c4040207c1c2040201c3c4030403c"
    "44281028444c9090907c4464544c440008364100000077000000413608000201020402"
)
"""The plain 5 x 7 letters of small displays, one descender row below: from the space to the tilde, five columns each, the
lowest bit on top."""

_WIDE, _HIGH, _FIRST = 5, 8, 0x20
_ROWS_PER_SCALE = 480
"""A picture so high has letters of one pixel a dot; twice as high, of two."""

_BRIGHT, _DARK, _LETTER_SHARE, _EDGE_SHARE = 230, 16, 0.75, 0.6
_CYRILLIC = str.maketrans(
    dict(zip("абвгґдезийіклмнопрстуф", "abvhgdezyiiklmnoprstuf", strict=True))
    | {
        "є": "ie",
        "ж": "zh",
        "ї": "i",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ь": "",
        "ю": "iu",
        "я": "ia",
    }
)
"""Ukrainian letters as passports write them (resolution 55 of the Cabinet of Ministers, 2010); the soft sign is left out."""


def mark_text(by: str, permit: str, time: Time) -> str:
    """`olena.koval P-2026-0001 2026-11-27 20:14:05Z`: who by sign-in name, the permit's number, when (UTC)."""
    day, moment = to_iso(time)[:19].split("T")
    return f"{_latin(by)} {_latin(permit)} {day} {moment}Z"


def _latin(text: str) -> str:
    """In the letters of the mark: Ukrainian ones are written in Latin, others lose their accents or become a question mark."""
    spelt = unicodedata.normalize("NFKD", text.translate(_CYRILLIC))
    plain = (letter for letter in spelt if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain)


def marked(frame: VideoFrame, text: str) -> VideoFrame:
    """The picture with the mark, in 4:2:0; the frame itself stays as it is. Lines break where the picture is narrow."""
    pixels, format_name = pixels_of(frame)
    width, height = frame.width + frame.width % 2, frame.height + frame.height % 2
    luma = pixels.reshape(-1)[: width * height].reshape(height, width)
    letters, edge = _drawn(text, width, height)
    part = luma[luma.shape[0] - letters.shape[0] :, : letters.shape[1]]
    part[edge] = (part[edge] * (1 - _EDGE_SHARE) + _DARK * _EDGE_SHARE).astype(np.uint8)
    part[letters] = (part[letters] * (1 - _LETTER_SHARE) + _BRIGHT * _LETTER_SHARE).astype(np.uint8)
    return frame_of(pixels, format_name, frame)


@lru_cache(maxsize=16)
def _drawn(text: str, width: int, height: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pixels are letters and which lie around them, from the lower left corner of a picture of that size."""
    scale = max(1, round(height / _ROWS_PER_SCALE))
    across = (width // scale - 2) // (_WIDE + 1)
    if across < 1:
        return (nothing := np.zeros((0, 0), bool)), nothing
    lines = textwrap.wrap(text, across)[-max(1, height // scale // (_HIGH + 1)) :]
    dots = np.zeros((len(lines) * (_HIGH + 1) + 2, across * (_WIDE + 1) + 2), bool)
    for row, line in enumerate(lines):
        for column, letter in enumerate(line):
            top, left = 1 + row * (_HIGH + 1), 2 + column * (_WIDE + 1)
            dots[top : top + _HIGH, left : left + _WIDE] = _glyph(letter)
    letters = dots.repeat(scale, 0).repeat(scale, 1)[-height:, :width]
    around = letters.copy()
    for down in (-1, 0, 1):
        for aside in (-1, 0, 1):
            around |= np.roll(letters, (down, aside), (0, 1))
    return letters, around & ~letters


def _glyph(letter: str) -> NDArray[np.bool_]:
    at = (ord(letter) - _FIRST) * _WIDE
    columns = np.frombuffer(_GLYPHS[at : at + _WIDE], np.uint8)
    return np.asarray(columns[None, :] >> np.arange(_HIGH)[:, None] & 1, bool)
