"""Whether the index and the files agree, and every hole has its gap; mends what can be mended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from istros.base.environment import Environment
from istros.base.time import MINUTE, SECOND, Span, to_iso
from istros.devices.camera import StreamKey
from istros.recording.archive import Archive, DiskUnknown
from istros.recording.files import look_into, read_path, sha256_of
from istros.recording.repair import Leftover, RepairReport, mend_one
from istros.recording.schedule import expected
from istros.store import Database, Transaction
from istros.store.rows import GapCause, GapRow, SegmentRow, SegmentState, StreamName

FRESH_US = 10 * SECOND
"""A stream whose state is younger has a recorder at work."""

SETTLING_US = 2 * MINUTE
"""Files of a working recorder that are younger may still be waiting for their row."""

HOLE_US = 3 * SECOND
"""Silence of up to two seconds and the tick that notices it are no hole."""

_PAGE = 500


class Fault(StrEnum):
    """What can be wrong."""

    MISSING_FILE = "missing-file"
    ORPHAN_FILE = "orphan-file"
    SIZE_DIFFERS = "size-differs"
    HASH_DIFFERS = "hash-differs"
    OVERLAP = "overlap"
    UNEXPLAINED_HOLE = "unexplained-hole"
    LEFT_OPEN = "left-open"
    DISK_AWAY = "disk-away"
    SPANS_DIFFER = "spans-differ"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `subject` is a path or a stream."""

    fault: Fault
    subject: str
    detail: str
    mended: bool

    def __str__(self) -> str:
        return f"{self.subject}: {self.detail}{' Mended.' if self.mended else ''}"


@dataclass(slots=True)
class CheckReport:
    """What was looked at and what was found."""

    segments: int = 0
    files: int = 0
    bytes_hashed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong any more."""
        return all(finding.mended for finding in self.findings)


async def check(
    environment: Environment,
    database: Database,
    archive: Archive,
    repair: bool,
    progress: Callable[[str], None] = lambda text: None,
    hashes: bool = True,
) -> CheckReport:
    """Go through every row and every file. `hashes` reads all pictures, which takes as long as the disk needs.

    Streams that a recorder writes at the moment are checked too, but for what is in its hands.
    """
    run = _Check(environment, database, archive, repair, hashes, progress)
    await run.who_is_at_work()
    await run.files()  # First, because a file that gets its row back closes the hole that it left.
    await run.rows()
    await run.spans()
    return run.report


class _Check:
    """One run."""

    def __init__(
        self,
        environment: Environment,
        database: Database,
        archive: Archive,
        repair: bool,
        hashes: bool,
        progress: Callable[[str], None],
    ) -> None:
        self.report = CheckReport()
        self._environment = environment
        self._database = database
        self._archive = archive
        self._away: set[str] = set()
        self._repair = repair
        self._hashes = hashes
        self._progress = progress
        self._live: frozenset[StreamKey] = frozenset()

    async def who_is_at_work(self) -> None:
        """Learn which streams a recorder writes at the moment."""
        now = self._environment.clock.now()
        states = await self._database.read(lambda tx: tx.streams.all())
        self._live = frozenset(StreamKey(s.camera_id, s.stream) for s in states if now - s.updated <= FRESH_US)

    async def rows(self) -> None:
        """Each row against its file, and against the row before it in the same stream."""
        before: SegmentRow | None = None
        async for row in self._every_row():
            self.report.segments += 1
            if self.report.segments % 100 == 0:
                self._progress(f"{self.report.segments} segments: {row.path}")
            if before is not None and _key(before) == _key(row):
                await self._neighbours(before, row)
            if await self._row(row):
                before = row

    async def files(self) -> None:
        """Each file must have a row."""
        for named in self._archive.disks:
            try:
                await self._files_on(named.name)
            except OSError as error:
                self._disk_away(named.name, f"cannot be read: {error.strerror or error}.")

    async def _files_on(self, name: str) -> None:
        walk = await self._environment.workers.run(self._archive.disk(name).walk)
        while paths := await self._environment.workers.run(_some, walk):
            self.report.files += len(paths)
            self._progress(f"{self.report.files} files: {paths[-1]}")
            found = await self._database.read(lambda tx, paths=paths: _without_row(tx, name, paths))  # type: ignore[misc]
            for path, row in found:
                await (self._orphan(name, path) if row is None else self._copy(name, row))

    def _disk_away(self, name: str, why: str) -> None:
        """Said once a disk; nothing that lies on it is judged or mended."""
        if name not in self._away:
            self._away.add(name)
            self._find(Fault.DISK_AWAY, f"disk '{name}'", why, False)

    async def spans(self) -> None:
        """The spans that timelines read against the segments that they stand for."""
        for camera_id, stream in await self._database.read(lambda tx: tx.spans.streams()):
            if await self._database.read(lambda tx, at=(camera_id, stream): _spans_agree(tx, *at)):  # type: ignore[misc]
                continue
            if self._repair:
                await self._database.write(lambda tx, at=(camera_id, stream): _put_spans_right(tx, *at))  # type: ignore[misc]
            name = str(StreamKey(camera_id, stream))
            self._find(Fault.SPANS_DIFFER, name, "the timeline's spans are not those of its segments.", self._repair)

    async def _every_row(self) -> AsyncIterator[SegmentRow]:
        after = ""
        while rows := await self._database.read(lambda tx, after=after: tx.segments.every(after, _PAGE)):  # type: ignore[misc]
            after = rows[-1].path
            for row in rows:
                yield row

    async def _row(self, row: SegmentRow) -> bool:
        """Whether the row still stands after the look."""
        try:
            size = await self._environment.workers.run(self._archive.size, row)
        except DiskUnknown:
            self._disk_away(row.disk, "holds recordings, but the configuration does not name it.")
            return True
        except OSError as error:
            self._disk_away(row.disk, f"cannot be read: {error.strerror or error}.")
            return True
        if row.state is SegmentState.OPEN:
            if _key(row) not in self._live:
                self._find(Fault.LEFT_OPEN, row.path, "is open, but nobody records it.", await self._mend(row))
            return size is not None
        if size is None:
            now = await self._database.read(lambda tx: tx.segments.get(row.id))
            if now is None or now.disk != row.disk:
                return now is not None  # Deleted by age, or moved to the second tier, while this check ran.
            self._find(Fault.MISSING_FILE, row.path, "is in the index, but not on the disk.", await self._mend(row))
            return False
        if size != row.size_bytes:
            detail = f"has {size} bytes instead of {row.size_bytes}."
            self._find(Fault.SIZE_DIFFERS, row.path, detail, size > row.size_bytes and await self._cut(row))
        elif self._hashes:
            disk = self._archive.disk(row.disk)
            digest = await self._environment.workers.run(sha256_of, disk, row.path, size)
            self.report.bytes_hashed += size
            if digest != row.sha256:
                # Never mended: a new hash would hide that the pictures were changed.
                self._find(Fault.HASH_DIFFERS, row.path, "is not what was recorded: its SHA-256 differs.", False)
        return True

    async def _neighbours(self, before: SegmentRow, row: SegmentRow) -> None:
        name = str(_key(row))
        if row.start < before.end:
            detail = f"the segments of {to_iso(before.start)} and {to_iso(row.start)} overlap."
            self._find(Fault.OVERLAP, name, detail, False)
        elif row.start - before.end > HOLE_US:
            hole = Span(before.end, row.start)
            gaps, wanted = await self._database.read(
                lambda tx: (
                    tx.gaps.between(row.camera_id, row.stream, hole),
                    expected(tx, row.camera_id, row.stream, hole),
                )
            )
            if any(span.duration_us > HOLE_US and not _explained(span, gaps) for span in wanted):
                detail = f"nothing from {to_iso(hole.start)} to {to_iso(hole.end)}, and no gap says why."
                self._find(Fault.UNEXPLAINED_HOLE, name, detail, await self._explain(row, hole))

    async def _orphan(self, name: str, path: str) -> None:
        named = read_path(path)
        if named is None:
            self._find(Fault.ORPHAN_FILE, path, "is no recording.", False)
            return
        key, start = named
        if key in self._live and self._environment.clock.now() - start < SETTLING_US:
            return
        mended = False
        if self._repair:
            facts = await self._environment.workers.run(look_into, self._archive.disk(name), path)
            report = RepairReport()
            leftover = Leftover(key, name, path, None, facts)
            await mend_one(self._environment, self._database, self._archive, leftover, report)
            mended = not report.unusable
        self._find(Fault.ORPHAN_FILE, path, "is on the disk, but not in the index.", mended)

    async def _copy(self, name: str, row: SegmentRow) -> None:
        """A file beside the one that the index names: it goes, when the one in the index is what was recorded."""
        mended = False
        if self._repair and row.state is SegmentState.CLOSED and row.disk not in self._away:
            digest = await self._environment.workers.run(
                sha256_of, self._archive.disk(row.disk), row.path, row.size_bytes
            )
            if digest == row.sha256:
                await self._environment.workers.run(self._archive.disk(name).remove, row.path)
                mended = True
        detail = f"is on the disk '{name}' too, but the index names the one on '{row.disk}'."
        self._find(Fault.ORPHAN_FILE, row.path, detail, mended)

    async def _mend(self, row: SegmentRow) -> bool:
        if not self._repair:
            return False
        facts = await self._environment.workers.run(look_into, self._archive.disk(row.disk), row.path)
        leftover = Leftover(_key(row), row.disk, row.path, row, facts)
        await mend_one(self._environment, self._database, self._archive, leftover, RepairReport())
        return True

    async def _cut(self, row: SegmentRow) -> bool:
        """Bytes behind the recorded ones go, when the recorded ones still have their hash."""
        if not self._repair:
            return False
        disk = self._archive.disk(row.disk)
        digest = await self._environment.workers.run(sha256_of, disk, row.path, row.size_bytes)
        if digest != row.sha256:
            return False
        await self._environment.workers.run(disk.truncate, row.path, row.size_bytes)
        return True

    async def _explain(self, row: SegmentRow, hole: Span) -> bool:
        if not self._repair:
            return False
        detail = "Found by a check; the cause is not known."
        id, camera_id, stream = self._environment.ids.new(), row.camera_id, row.stream
        gap = GapRow(id, camera_id, stream, hole.start, hole.end, GapCause.RECORDER, detail, "found-by-check")
        await self._database.write(lambda tx: tx.gaps.open(gap))
        return True

    def _find(self, fault: Fault, subject: str, detail: str, mended: bool) -> None:
        self.report.findings.append(Finding(fault, subject, detail, mended))


def _key(row: SegmentRow) -> StreamKey:
    return StreamKey(row.camera_id, row.stream)


def _some(walk: Iterator[str]) -> list[str]:
    return list(islice(walk, _PAGE))


def _without_row(tx: Transaction, disk: str, paths: Sequence[str]) -> list[tuple[str, SegmentRow | None]]:
    """Files that the index does not name on this disk, with the row that names the path on another one."""
    found = [(path, tx.segments.by_path(path)) for path in paths]
    return [
        (path, row)
        for path, row in found
        if (row is None or row.disk != disk) and not tx.storage.is_leaving(disk, path)
    ]


def _spans_agree(tx: Transaction, camera_id: str, stream: StreamName) -> bool:
    return tx.spans.stored(camera_id, stream) == tx.spans.counted(camera_id, stream)


def _put_spans_right(tx: Transaction, camera_id: str, stream: StreamName) -> None:
    tx.spans.replace(camera_id, stream, tx.spans.counted(camera_id, stream))


def _explained(hole: Span, gaps: Sequence[GapRow]) -> bool:
    """Whether gap rows cover the hole but for the slack at its ends."""
    covered: int = hole.start
    for gap in sorted(gaps, key=lambda gap: gap.start):
        if gap.start - covered > HOLE_US:
            break
        covered = max(covered, hole.end if gap.end is None else gap.end)
    return hole.end - covered <= HOLE_US
