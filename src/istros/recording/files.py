"""Segment files: their names, and what they say of themselves (docs/design/0001, "Files")."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from istros.base.time import SECOND, Time, to_datetime
from istros.devices.camera import StreamKey
from istros.store.disk import Disk
from istros.store.rows import StreamName
from istros.video.codec_names import mime_type
from istros.video.fmp4 import ReadAt, init_length, read_init, walk_fragments
from istros.video.packet import MEDIA_RATE

READ_BYTES = 1 << 20

_NAME = re.compile(r"(?P<camera>[^/]+)/(?P<stream>[^/]+)/(?P<day>\d{4}-\d\d-\d\d)/(?P<time>\d{6}\.\d{3})(-\d+)?\.mp4")
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a segment file says of itself. `whole_bytes` ends the last whole fragment; 0 when there is none."""

    path: str
    size_bytes: int
    whole_bytes: int
    start: Time
    end: Time
    frames: int
    mime: str


def folder_of(key: StreamKey) -> str:
    """Where a stream's days lie."""
    return f"{key.camera_id}/{key.name}"


def path_of(key: StreamKey, start: Time, attempt: int = 0) -> str:
    """The file of the segment that starts then, e.g. `IZ-07/main/2026-11-24/123218.040.mp4`."""
    moment = to_datetime(start)
    again = f"-{attempt}" if attempt else ""
    return f"{folder_of(key)}/{moment:%Y-%m-%d/%H%M%S}.{moment.microsecond // 1000:03d}{again}.mp4"


def free_path(disk: Disk, key: StreamKey, start: Time) -> str:
    """As `path_of`, but never a file that is already there, however it came to be. Blocks."""
    attempt = 0
    while disk.size(path_of(key, start, attempt)) is not None:
        attempt += 1
    return path_of(key, start, attempt)


def read_path(path: str) -> tuple[StreamKey, Time] | None:
    """The stream and, to the millisecond, the start that a path names; None when it is no segment's path."""
    found = _NAME.fullmatch(path)
    if found is None:
        return None
    name = next((name for name in get_args(StreamName) if name == found["stream"]), None)
    try:
        moment = datetime.strptime(f"{found['day']} {found['time']}000+0000", "%Y-%m-%d %H%M%S.%f%z")
    except ValueError:
        return None
    delta = moment - _EPOCH
    time = Time((delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds)
    return None if name is None else (StreamKey(found["camera"], name), time)


def read_at(disk: Disk, path: str) -> ReadAt:
    """The file as `video.fmp4` reads it."""
    return lambda offset, length: disk.read(path, offset, length)


def look_into(disk: Disk, path: str) -> FileFacts | None:
    """Read the boxes' heads; None when the file is gone or its path is no segment's. Blocks."""
    named, size = read_path(path), disk.size(path)
    if named is None or size is None:
        return None
    read = read_at(disk, path)
    fragments = list(walk_fragments(read)) if init_length(read) else []
    if not fragments:
        return FileFacts(path, size, 0, named[1], named[1], 0, "")
    start = fragments[0].wall_time or named[1]
    ticks = fragments[-1].base_time + fragments[-1].duration
    frames = sum(fragment.frames for fragment in fragments)
    try:
        mime = mime_type(read_init(read))
    except ValueError:
        return FileFacts(path, size, 0, named[1], named[1], 0, "")
    return FileFacts(path, size, fragments[-1].end, start, Time(start + ticks * SECOND // MEDIA_RATE), frames, mime)


def sha256_of(disk: Disk, path: str, length: int) -> str:
    """The hash of the first `length` bytes. Blocks."""
    digest, offset = hashlib.sha256(), 0
    while offset < length:
        piece = disk.read(path, offset, min(READ_BYTES, length - offset))
        if not piece:
            break
        digest.update(piece)
        offset += len(piece)
    return digest.hexdigest()
