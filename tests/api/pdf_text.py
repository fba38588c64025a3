"""The text of a PDF that typst made, as a reader's search finds it: by each font's own map from glyphs to letters."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_PAIR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """All that is written in it, in the order in which it is drawn."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {name: _letters(objects, int(number)) for name, number in _FONT.findall(pdf)}
    return "".join(_drawn(_plain(body), fonts) for body in objects.values())


def _plain(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    try:
        return zlib.decompress(found[1])
    except zlib.error:
        return b""


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    told = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert told is not None
    pairs = _PAIR.findall(_plain(objects[int(told[1])]))
    return {int(glyph, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for glyph, letters in pairs}


def _drawn(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    letters: dict[int, str] = {}
    written = []
    for font, string in _SHOWN.findall(content) if b" Tf" in content else []:
        if font:
            letters = fonts[font]
            continue
        glyphs = _ESCAPE.sub(_unescaped, string)
        pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
        written.append("".join(letters.get(high * 256 + low, "") for high, low in pairs))
    return "".join(written)


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if found[1].isdigit() else _NAMED.get(found[1], found[1])
