"""Whether the recorded files of one camera hold every picture of its film exactly once, across all their seams."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av

TAIL_BYTES = 48
"""The end of a coded picture tells it from the others, however a recorder frames it."""


@dataclass(frozen=True, slots=True)
class Seams:
    """What was found in the files of one camera."""

    files: int
    frames: int
    missing: int
    doubled: int

    def __str__(self) -> str:
        return f"{self.missing} missing, {self.doubled} doubled of {self.frames} in {self.files} files"


def look(film: Path, files: Sequence[Path]) -> Seams:
    """Compare recorded files, in order, with the film that the camera plays in a circle."""
    order = {signature: number for number, signature in enumerate(_signatures(film))}
    previous: int | None = None
    frames = missing = doubled = 0
    for path in files:
        for signature in _signatures(path):
            number = order.get(signature)
            frames += 1
            if number is None:
                continue
            if previous is not None:
                step = (number - previous) % len(order)
                if step == 0 or step > len(order) // 2:
                    doubled += (1 - step) % len(order)
                else:
                    missing += step - 1
            previous = number
    return Seams(len(files), frames, missing, doubled)


def _signatures(path: Path) -> Iterator[bytes]:
    try:
        with av.open(str(path)) as film:
            for packet in film.demux(video=0):
                if packet.size:
                    yield hashlib.sha256(bytes(packet)[-TAIL_BYTES:]).digest()
    except av.FFmpegError:
        return  # A file that its recorder has not finished.
