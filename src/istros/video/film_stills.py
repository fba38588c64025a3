"""Still pictures out of a finished film, each the frame that is on the screen at its moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av

from istros.video.packet import MEDIA_RATE
from istros.video.stills import Picture


def pictures_of_film(path: Path, moments: Sequence[int]) -> Iterator[tuple[int, Picture]]:
    """(moment, picture) for each moment that the film reaches; moments in ticks of 90 kHz since its start, ascending.

    The film is decoded once, from its beginning to the last moment. Blocks.
    """
    waiting = sorted(set(moments))
    held: Picture | None = None
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        stream.thread_count = 1
        for frame in film.decode(stream):
            if frame.pts is None or frame.time_base is None:
                continue
            shown = round(frame.pts * frame.time_base * MEDIA_RATE)
            while waiting and held is not None and waiting[0] < shown:
                yield waiting.pop(0), held
            if not waiting:
                return
            held = Picture(shown, frame.width, frame.height, bool(frame.key_frame), frame)
    if held is not None:
        yield from ((moment, held) for moment in waiting if moment - held.shown < MEDIA_RATE)
