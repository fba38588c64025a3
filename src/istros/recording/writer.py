"""Applies the cuts of one stream to the disk, in order, through the Environment's workers.

Nobody waits for it: while the disk is slow or full the cuts stay in memory up to a bound, then they are refused, which
leaves a gap with cause `disk`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field, replace

import structlog

from istros.base.environment import Environment
from istros.base.retry import Backoff
from istros.base.said import NOTHING, Said, say
from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.recording.archive import Archive, NamedDisk
from istros.recording.files import free_path
from istros.recording.gaps import GapLedger, What
from istros.recording.journal import Journal
from istros.recording.policy import RecordingPolicy
from istros.recording.segmenter import Cut, FragmentCut, SegmentBegins, SegmentEnds
from istros.recording.syncing import Syncer
from istros.store.disk import Disk
from istros.store.rows import GapCause, SegmentRow, SegmentState
from istros.video.codec_names import mime_type
from istros.video.packet import MEDIA_RATE

_LOG = structlog.get_logger("istros.recording")


@dataclass(slots=True)
class _File:
    """The segment being written. `written` bytes of it are known to be whole; `row` is None before the first fragment."""

    begins: SegmentBegins
    disk: NamedDisk
    path: str = ""
    written: int = 0
    frames: int = 0
    is_suspect: bool = False
    """An append failed: the disk may hold more than `written`."""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    row: SegmentRow | None = None
    sequence: int = 0
    ticks: int = 0
    """Where the file begins in the segmenter's own segment: not at 0 when it was begun because another disk failed."""

    def own(self, cut: FragmentCut) -> FragmentCut:
        """The cut as this file counts. Sound that began before the file is heard at its start."""
        sound = cut.sound
        if sound is not None and self.begins.sound is not None:
            earlier = self.ticks * self.begins.sound.rate // MEDIA_RATE
            sound = replace(sound, base_time=max(0, sound.base_time - earlier))
        return replace(cut, sequence=cut.sequence - self.sequence, base_time=cut.base_time - self.ticks, sound=sound)


class StreamWriter:
    """Writes one stream's segments. `problem` says so while the disk refuses."""

    def __init__(
        self,
        environment: Environment,
        archive: Archive,
        key: StreamKey,
        policy: RecordingPolicy,
        journal: Journal,
        ledger: GapLedger,
        syncer: Syncer,
    ) -> None:
        self._environment = environment
        self._archive = archive
        self._key = key
        self._bytes_max = policy.memory_bytes
        self._journal = journal
        self._ledger = ledger
        self._syncer = syncer
        self._backoff = Backoff(environment.random, 0.25, 5.0)
        self._cuts: deque[Cut] = deque()
        self._filled = asyncio.Event()
        self._bytes = 0
        self._is_full = False
        self._file: _File | None = None
        self._left: SegmentBegins | None = None
        """The segment whose disk failed, until a fragment with a keyframe leads in its second file."""
        self.problem, self._reason = NOTHING, ""
        self.refused_fragments = 0

    @property
    def accepts(self) -> bool:
        """Whether there is room again; after it was full, half of it must be free."""
        if self._is_full and self._bytes <= self._bytes_max // 2:
            self._is_full = False
        return not self._is_full

    @property
    def is_idle(self) -> bool:
        """Whether everything offered is on the disk."""
        return not self._cuts

    def offer(self, cut: Cut) -> bool:
        """Take the next cut without waiting; False when memory is full: its segment is then ended before it."""
        if isinstance(cut, FragmentCut):
            if self._bytes and self._bytes + cut.size_bytes > self._bytes_max:
                self._refuse(cut)
                return False
            self._bytes += cut.size_bytes
        self._push(cut)
        return True

    async def run(self) -> None:
        """Write until cancelled; no error ends it."""
        while True:
            while not self._cuts:
                self._filled.clear()
                await self._filled.wait()
            cut = self._cuts[0]
            try:
                await self._apply(cut)
            except Exception as error:
                fault = type(error).__name__
                self.problem = say("recording-failed", f"The recording of {self._key} failed: {fault}.", fault=fault)
                _LOG.exception("segment-abandoned", stream=str(self._key))
                self._file = None
            self._cuts.popleft()
            if isinstance(cut, FragmentCut):
                self._bytes -= cut.size_bytes

    def _push(self, cut: Cut) -> None:
        self._cuts.append(cut)
        self._filled.set()

    def _refuse(self, cut: FragmentCut) -> None:
        self._is_full = True
        self.refused_fragments += 1
        self._push(SegmentEnds(cut.start))
        self.refusing(cut.start)

    def refusing(self, since: Time | None) -> None:
        """Nothing can be written: that is the cause now, whatever it was before."""
        if self._ledger.cause is not GapCause.DISK:
            slow = What("disk-slow", "The disk is too slow.")
            what = What("disk-refuses", self.problem.text, (("reason", self._reason),)) if self.problem else slow
            self._ledger.missing(since, self._environment.clock.now(), GapCause.DISK, what)

    async def _apply(self, cut: Cut) -> None:
        match cut:
            case SegmentBegins():
                self._file, self._left = _File(cut, self._archive.choose(self._key.camera_id)), None
            case FragmentCut():
                self._file = self._file or self._second_file(cut)
                if self._file is not None:
                    await self._write(self._file, cut)
            case SegmentEnds():
                file, self._file, self._left = self._file, None, None
                if file is not None and file.row is not None:
                    self._close(file.row, file, cut.end)

    def _second_file(self, cut: FragmentCut) -> _File | None:
        """The rest of a segment whose disk failed goes to another one, from the next keyframe on."""
        if self._left is None:
            return None
        if not cut.samples[0].is_key:
            self.refused_fragments += 1
            self.refusing(cut.start)
            return None
        begins, self._left = replace(self._left, start=cut.start), None
        disk = self._archive.choose(self._key.camera_id)
        return _File(begins, disk, sequence=cut.sequence - 1, ticks=cut.base_time)

    async def _leave_disk(self, file: _File, cut: FragmentCut) -> None:
        """What is on the failed disk is closed; the cut in hand and what follows goes to another one."""
        self._archive.failed(file.disk.name, self.problem)
        self._file, self._left = None, file.begins
        if file.row is not None:
            self._close(file.row, file, file.row.end)
        self._file = self._second_file(cut)
        if self._file is not None:
            await self._write(self._file, cut)

    async def _write(self, file: _File, cut: FragmentCut) -> None:
        while True:
            try:
                work = self._environment.workers.run_together
                await work(f"append to {file.disk.name}", _append, file.disk.disk, self._key, file, cut)
                break
            except OSError as error:
                file.is_suspect = True
                self._reason = error.strerror or type(error).__name__
                self.problem = _refused(self._key, self._reason)
                if self._archive.has_another(file.disk.name):
                    return await self._leave_disk(file, cut)
                self._archive.failed(file.disk.name, self.problem)
                await self._environment.clock.sleep(self._backoff.next_s())
        if self.problem:
            self._archive.works(file.disk.name)
        self.problem, self._reason = NOTHING, ""
        self._backoff.reset()
        if file.row is None:
            file.row = self._new_row(file)
        file.row = replace(file.row, end=cut.end, size_bytes=file.written, frames=file.frames)
        self._journal.segment(file.row)
        self._syncer.wrote(file.disk, file.path)
        self._ledger.recorded(cut.start, cut.end)

    def _new_row(self, file: _File) -> SegmentRow:
        start, mime = file.begins.start, mime_type(file.begins.parameters)
        id, camera_id, stream = self._environment.ids.new(), self._key.camera_id, self._key.name
        return SegmentRow(id, camera_id, stream, start, start, file.path, 0, 0, mime, SegmentState.OPEN,
            disk=file.disk.name)  # fmt: skip

    def _close(self, row: SegmentRow, file: _File, end: Time) -> None:
        """The row says closed only when the bytes are on the disk itself."""
        digest = file.digest.hexdigest()
        closed = replace(row, end=end, state=SegmentState.CLOSED, sha256=digest)
        written = file.written

        def synced(size: int) -> None:
            if size >= written:
                self._journal.segment(closed)
                return
            self._journal.lost_segment(row.id, self._environment.clock.now())
            what = What(
                "file-taken", f"The file {file.path} was taken away while it was written.", (("path", file.path),)
            )
            self._ledger.lost(row.start, row.end, what)

        self._syncer.ended(file.disk, file.path, synced)


def _append(disk: Disk, key: StreamKey, file: _File, cut: FragmentCut) -> None:
    """One write. After an error the file may have a torn tail, which the next attempt cuts off. Blocks."""
    cut = file.own(cut)
    if file.is_suspect and file.path:
        if (disk.size(file.path) or 0) > file.written:
            disk.truncate(file.path, file.written)
        file.is_suspect = False
    file.path = file.path or free_path(disk, key, file.begins.start)
    data = cut.file_bytes(file.begins, is_first=not file.written)
    disk.append(file.path, data)
    file.digest.update(data)
    file.written += len(data)
    file.frames += len(cut.samples)


def _refused(key: StreamKey, reason: str) -> Said:
    return say("disk-refuses", f"The disk does not take the recording of {key}: {reason}.", reason=reason)
