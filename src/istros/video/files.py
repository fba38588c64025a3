"""Films and pictures from anywhere: read frame by frame, or made into clips that the simulated cameras serve."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.video.clip_file import UnreadableFile
from istros.video.frame import Frame

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
PICTURE_S = 1.5
"""How long a still picture stays: long enough for an operator and for several looks of the analyser."""

LONGEST_S = 600.0
_PICTURE_FPS = 10.0
_SUB_FPS = 10.0
_SUB_SIZE = (640, 360)
_MOST_FPS = 25.0
_LARGEST = (1920, 1080)
_TICK = Fraction(1, 90_000)
_VERSION = b"clips-1"


@dataclass(frozen=True, slots=True)
class FileFrame:
    """A frame of a file: its number from 0 and its place in seconds (0 for a picture)."""

    number: int
    time_s: float
    frame: Frame


@dataclass(frozen=True, slots=True)
class PreparedClip:
    """Two MP4 files for a simulated camera, with their frames per second."""

    main: Path
    sub: Path
    main_fps: float
    sub_fps: float


def is_picture(path: Path) -> bool:
    """Whether the name is that of a still picture."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def pictures_in(folder: Path) -> list[Path]:
    """Every picture of a folder, by name."""
    return sorted(path for path in folder.iterdir() if is_picture(path))


def frames_of(path: Path) -> Iterator[FileFrame]:
    """Every frame of a film, the one frame of a picture. Raises UnreadableFile; a damaged end only ends it."""
    key = StreamKey(path.name, "main")
    for number, (time_s, decoded) in enumerate(_decoded(path)):
        time = Time(round(time_s * SECOND))
        frame = Frame(key, time, decoded.width, decoded.height, bool(decoded.key_frame), decoded)
        yield FileFrame(number, time_s, frame)


def _decoded(path: Path) -> Iterator[tuple[float, VideoFrame]]:
    """(seconds from the start, frame). Raises UnreadableFile unless at least one frame could be read."""
    found = 0
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate or _MOST_FPS
            first: float | None = None
            for decoded in container.decode(stream):
                at_s = decoded.time if decoded.time is not None else float(found / rate)
                first = at_s if first is None else first
                yield at_s - first, decoded
                found += 1
    except (av.FFmpegError, OSError, IndexError) as problem:
        if not found:
            reason = getattr(problem, "strerror", "") or "it has no pictures"
            raise _unreadable(path, reason) from None
    if not found:
        raise _unreadable(path, "it has no pictures")


def _unreadable(path: Path, reason: str) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name} cannot be read: {reason}.", "Give a film (MP4, AVI, MKV) or a picture (JPEG, PNG)."
    )


def prepare_clip(
    source: Path | Sequence[Path],
    folder: Path,
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    bitrate: int = 4_000_000,
    longest_s: float = LONGEST_S,
) -> PreparedClip:
    """Make a film, a folder of pictures or a list of files into clips in `folder`, or find them there by content hash.

    The main clip keeps the source's size (at most 1920x1080) and rate (at most 25 fps) unless told otherwise; the sub
    clip is 640x360 at 10 fps. The aspect is kept by black edges. H.264 main profile, level 4.1, no B-frames, a keyframe
    every 2 s (main) and 1 s (sub). Raises UnreadableFile.
    """
    files = _files_of(source)
    identity = _identity(files, f"{size} {fps} {bitrate} {longest_s}")
    pictures = all(is_picture(path) for path in files)
    main_fps = fps or (_PICTURE_FPS if pictures else min(_MOST_FPS, _rate_of(files[0])))
    clip = PreparedClip(
        folder / f"{identity}-main.mp4", folder / f"{identity}-sub.mp4", main_fps, min(_SUB_FPS, main_fps)
    )
    if not (clip.main.exists() and clip.sub.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        _transcode(files, clip, size or _size_of(files), bitrate, longest_s)
    return clip


def _files_of(source: Path | Sequence[Path]) -> list[Path]:
    if not isinstance(source, Path):
        return [path for one in source for path in _files_of(one)]
    files = pictures_in(source) if source.is_dir() else [source]
    if not files:
        raise UnreadableFile(f"{source.name} holds no pictures.", "Give a folder with JPEG or PNG files.")
    return files


def _identity(files: Sequence[Path], settings: str) -> str:
    digest = hashlib.sha256(_VERSION + settings.encode())
    for path in files:
        try:
            with path.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        except OSError as problem:
            raise _unreadable(path, problem.strerror or "it is not there") from None
    return digest.hexdigest()[:24]


def _rate_of(path: Path) -> float:
    try:
        with av.open(str(path)) as container:
            rate = container.streams.video[0].average_rate
            return float(rate) if rate and rate >= 1 else _MOST_FPS
    except (av.FFmpegError, OSError, IndexError):
        return _MOST_FPS


def _size_of(files: Sequence[Path]) -> tuple[int, int]:
    """The largest picture among the first files, fitted into 1920x1080, in even numbers."""
    sizes = [(frame.width, frame.height) for path in files[:8] for _, frame in _first(path)]
    if not sizes:
        raise _unreadable(files[0], "it has no pictures")
    width, height = max(sizes)
    share = min(1.0, _LARGEST[0] / width, _LARGEST[1] / height)
    return max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2)


def _first(path: Path) -> list[tuple[float, VideoFrame]]:
    frames = _decoded(path)
    try:
        return [next(frames)]
    except (UnreadableFile, StopIteration):
        return []
    finally:
        frames.close()  # type: ignore[attr-defined]


def _transcode(
    files: Sequence[Path], clip: PreparedClip, size: tuple[int, int], bitrate: int, longest_s: float
) -> None:
    outputs = (
        _Output(clip.main, size, clip.main_fps, bitrate, keyframe_s=2),
        _Output(clip.sub, _SUB_SIZE, clip.sub_fps, min(bitrate, 600_000), keyframe_s=1),
    )
    written = 0
    try:
        start_s = 0.0
        for path in files:
            start_s = _append(path, start_s, outputs, longest_s)
            written = outputs[0].frames
            if start_s >= longest_s:
                break
        if not written:
            raise _unreadable(files[0], "it has no pictures")
    except BaseException:
        for output in outputs:
            output.discard()
        raise
    for output in outputs:
        output.finish()


def _append(path: Path, start_s: float, outputs: Sequence[_Output], longest_s: float) -> float:
    """Add one file; the time at which the next one starts. A picture among many that cannot be read is left out."""
    end_s = start_s
    try:
        for at_s, frame in _decoded(path):
            if start_s + at_s >= longest_s:
                break
            end_s = start_s + at_s + (PICTURE_S if is_picture(path) else 1 / _MOST_FPS)
            for output in outputs:
                output.show(frame, start_s + at_s)
    except UnreadableFile:
        return start_s
    for output in outputs:
        output.hold(end_s)
    return end_s


class _Output:
    """One clip being written: frames are fitted into its size and repeated or left out to keep its constant rate."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float, bitrate: int, keyframe_s: int) -> None:
        self._path = path
        self._partial = path.with_suffix(".partial")
        self._size = size
        self._fps = fps
        self._rate = Fraction(fps).limit_denominator(1001)
        self._fit: _Fit | None = None
        self._current: VideoFrame | None = None
        self._container = av.open(str(self._partial), "w", format="mp4")
        self._stream = _encoder(self._container, size, self._rate, bitrate, keyframe_s)
        self.frames = 0

    def show(self, frame: VideoFrame, at_s: float) -> None:
        """From `at_s` on, this is the picture."""
        self.hold(at_s)
        if round(at_s * self._fps) < self.frames and self._current is not None:
            return
        if self._fit is None or not self._fit.takes(frame):
            self._fit = _Fit(frame, self._size)
        self._current = self._fit.apply(frame)

    def hold(self, until_s: float) -> None:
        """Repeat the picture up to a time."""
        while self._current is not None and self.frames < round(until_s * self._fps):
            self._current.pts = self.frames
            self._current.time_base = 1 / self._rate
            for packet in self._stream.encode(self._current):
                self._container.mux(packet)
            self.frames += 1

    def finish(self) -> None:
        """Write what the encoder still has (one frame at least), and give the file its name."""
        self.hold(max(1, self.frames) / self._fps)
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
        self._partial.replace(self._path)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._container.close()
        self._partial.unlink(missing_ok=True)


class _Fit:
    """Scales pictures of one size and format into another size, with black edges."""

    def __init__(self, frame: VideoFrame, size: tuple[int, int]) -> None:
        self._shape = (frame.width, frame.height, frame.format.name)
        box = f"{size[0]}:{size[1]}"
        self._graph = Graph()
        source = self._graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=_TICK)
        scale = self._graph.add(
            "scale", f"{box}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic"
        )
        pad = self._graph.add("pad", f"{box}:(ow-iw)/2:(oh-ih)/2")
        pixels = self._graph.add("format", "yuv420p")
        self._graph.link_nodes(source, scale, pad, pixels, self._graph.add("buffersink")).configure()

    def takes(self, frame: VideoFrame) -> bool:
        """Whether the frame is of the size and format that this was made for."""
        return self._shape == (frame.width, frame.height, frame.format.name)

    def apply(self, frame: VideoFrame) -> VideoFrame:
        """The fitted picture."""
        self._graph.push(frame)
        fitted = cast(VideoFrame, self._graph.pull())
        fitted.pict_type = 0
        return fitted


def _encoder(
    container: OutputContainer, size: tuple[int, int], rate: Fraction, bitrate: int, keyframe_s: int
) -> VideoStream:
    """x264 as cameras encode: main profile, no B-frames, keyframes at a constant distance."""
    stream = container.add_stream("libx264", rate=rate)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1
    between = max(1, round(rate * keyframe_s))
    stream.options = {
        "preset": "veryfast",
        "profile": "main",
        "level": "4.1",
        "crf": "23",
        "maxrate": str(bitrate),
        "bufsize": str(bitrate * 2),
        "x264-params": f"keyint={between}:min-keyint={between}:scenecut=0:bframes=0",
    }
    return stream
