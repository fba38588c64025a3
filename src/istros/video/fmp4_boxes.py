"""Boxes of ISO/IEC 14496-12, made and found."""

from __future__ import annotations

from collections.abc import Iterator


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with that content."""
    content = b"".join(parts)
    return u32(8 + len(content)) + kind + content


def u32(value: int) -> bytes:
    """Four bytes."""
    return value.to_bytes(4, "big")


def inside(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start, end) of the content of each box between two offsets."""
    while end - start >= 8:
        size = int.from_bytes(data[start : start + 4], "big")
        if size < 8 or start + size > end:
            return
        yield data[start + 4 : start + 8], start + 8, start + size
        start += size


def find(data: bytes, path: tuple[bytes, ...], start: int, end: int) -> tuple[int, int] | None:
    """The content of the first box at the end of a path of kinds."""
    for kind, first, last in inside(data, start, end):
        if kind == path[0]:
            return (first, last) if len(path) == 1 else find(data, path[1:], first, last)
    return None
