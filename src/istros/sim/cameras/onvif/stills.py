"""The still picture that a simulated camera gives: the first frame of its film."""

from __future__ import annotations

from pathlib import Path

from istros.video.clip_file import read_clip
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.stills import jpeg_of, picture_at


def still_of(film: Path) -> bytes:
    """A JPEG. Blocks. UnreadableFile."""
    clip = read_clip(film)
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in clip.units[0].nals)
    picture = picture_at(init_segment(clip.parameters) + fragment(1, 0, [Sample(3600, data, True, 0)]), 0)
    return b"" if picture is None else jpeg_of(picture)
