"""The text of a PDF that typst made, as a reader's search finds it: by each font's own map from glyphs to letters."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_PAIR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>(?!>)|\(", re.DOTALL)
"""A font; glyphs in hexadecimal digits, as they are written once one has a number above 127; or where a string begins."""
_BRACKET = re.compile(rb"\\.|[()]", re.DOTALL)
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
    at = 0
    while found := _SHOWN.search(content, at) if b" Tf" in content else None:
        at = found.end()
        if found[1]:
            letters = fonts[found[1]]
            continue
        if found[2]:
            glyphs = bytes.fromhex(found[2].decode())
        else:
            end = _end_of_string(content, at)
            glyphs, at = _ESCAPE.sub(_unescaped, content[at:end]), end + 1
        pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
        written.append("".join(letters.get(high * 256 + low, "") for high, low in pairs))
    return "".join(written)


def _end_of_string(content: bytes, at: int) -> int:
    """Where the bracket closes that opened before `at`: brackets inside that balance (a glyph has their number) stand bare."""
    depth = 1
    for found in _BRACKET.finditer(content, at):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise AssertionError("a string of the PDF does not end")


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if found[1].isdigit() else _NAMED.get(found[1], found[1])
