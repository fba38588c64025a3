"""What a recorder does about the one before it that was killed (docs/design/0001, "Durability"). Doing it twice changes nothing.

`survey` is quick and tells where each stream stands, so that recording can begin; `mend` reads and hashes what was left
over while the new recorder already records behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from istros.base.environment import Environment
from istros.base.time import DAY, MINUTE, Span, Time
from istros.devices.camera import StreamKey
from istros.recording.archive import Archive, NamedDisk, unreadable
from istros.recording.files import FileFacts, folder_of, look_into, path_of, read_path, sha256_of
from istros.recording.schedule import expected
from istros.store import Database, Transaction
from istros.store.disk import Disk
from istros.store.links import RemovalReason
from istros.store.rows import GapCause, GapRow, SegmentRow, SegmentState

MOST_FILES = 360
"""Files without a row that are looked into at a start, for each stream: an hour. `check --repair` finds the others."""

MOST_DAYS = 400
_FAR = Time(1 << 62)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A row that was left open, a file that has no row, or both together."""

    key: StreamKey
    disk: str
    path: str
    row: SegmentRow | None
    facts: FileFacts | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Where each stream stands: the end of what is recorded, the gap that lasts, and what must be mended."""

    floors: dict[StreamKey, Time]
    gaps: dict[StreamKey, GapRow]
    leftovers: tuple[Leftover, ...]


@dataclass(slots=True)
class RepairReport:
    """What was done. `unusable` are files that could get no row, because another segment covers their time."""

    closed: int = 0
    adopted: int = 0
    lost: int = 0
    removed: int = 0
    cut_bytes: int = 0
    unusable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Index:
    """What the database knows of one stream's end."""

    newest: SegmentRow | None
    gap: GapRow | None
    known: frozenset[str]
    open_rows: tuple[SegmentRow, ...]


async def repair(
    environment: Environment, database: Database, archive: Archive, streams: Sequence[StreamKey]
) -> RepairReport:
    """Survey and mend, for streams that nobody records at the moment."""
    return await mend(environment, database, archive, await survey(environment, database, archive, streams))


async def survey(
    environment: Environment, database: Database, archive: Archive, streams: Sequence[StreamKey]
) -> Survey:
    """Where each stream stands; opens a gap with cause `recorder` where none lasts."""
    index = await database.read(lambda tx: _read_index(tx, streams))
    now = environment.clock.now()
    floors: dict[StreamKey, Time] = {}
    leftovers: list[Leftover] = []
    for key, known in index.items():
        found = await environment.workers.run(_leftovers, archive, key, known, now)
        leftovers += found
        ends = [known.newest.end] if known.newest else []
        ends += [left.facts.end for left in found if left.facts is not None and left.facts.whole_bytes]
        if ends:
            floors[key] = max(ends)
    fresh = {key: environment.ids.new() for key in streams}
    gaps = await database.write(lambda tx: _open_gaps(tx, index, floors, fresh, now))
    return Survey(floors, gaps, tuple(leftovers))


async def mend(environment: Environment, database: Database, archive: Archive, found: Survey) -> RepairReport:
    """Cut torn tails, hash and close what was left open, give rows to files, and gaps to what is gone."""
    report = RepairReport()
    for leftover in found.leftovers:
        await mend_one(environment, database, archive, leftover, report)
    return report


async def mend_one(
    environment: Environment, database: Database, archive: Archive, leftover: Leftover, report: RepairReport
) -> None:
    """Mend one leftover and count it in the report."""
    digest = await environment.workers.run(_make_whole, archive.disk(leftover.disk), leftover, report)
    row, facts = leftover.row, leftover.facts
    if facts is None or digest is None:
        if row is not None:
            report.lost += 1
            gap_id, now = environment.ids.new(), environment.clock.now()
            await database.write(lambda tx: _lose(tx, row, gap_id, now))
        return
    whole, ids = facts, (environment.ids.new(), environment.ids.new())
    if row is not None:
        report.closed += 1
        await database.write(lambda tx: _close(tx, row, whole, digest, ids[0]))
    elif await database.write(lambda tx: _adopt(tx, leftover, whole, digest, ids[0])):
        report.adopted += 1
    else:
        report.unusable.append(leftover.path)


def _read_index(tx: Transaction, streams: Sequence[StreamKey]) -> dict[StreamKey, _Index]:
    open_rows, leaving = tx.segments.open_ones(), {file.path for file in tx.storage.leaving()}
    index = {}
    for key in streams:
        newest = tx.segments.newest(key.camera_id, key.name)
        mine = tuple(row for row in open_rows if StreamKey(row.camera_id, row.stream) == key)
        since = _look_from(newest, mine)
        rows = tx.segments.between(key.camera_id, key.name, Span(since, _FAR)) if newest else []
        gap = tx.gaps.open_one(key.camera_id, key.name)
        index[key] = _Index(newest, gap, frozenset({row.path for row in rows} | leaving), mine)
    return index


def _look_from(newest: SegmentRow | None, open_rows: Iterable[SegmentRow]) -> Time:
    starts = [row.start for row in open_rows] + ([newest.start] if newest else [])
    return Time(max(0, min(starts, default=0) - MINUTE))


def _leftovers(archive: Archive, key: StreamKey, index: _Index, now: Time) -> list[Leftover]:
    """Open rows and the newest files without a row; a disk that does not answer is left out. Blocks."""
    found: list[Leftover] = []
    for named in archive.disks:
        try:
            found += _leftovers_on(named, key, index, now)
        except OSError as error:
            archive.failed(named.name, unreadable(named.name, error))
    return sorted(found, key=lambda left: left.path)


def _leftovers_on(named: NamedDisk, key: StreamKey, index: _Index, now: Time) -> list[Leftover]:
    disk, name = named.disk, named.name
    mine = [row for row in index.open_rows if row.disk == name]
    found = [Leftover(key, name, row.path, row, look_into(disk, row.path)) for row in mine]
    if named.tier == 1:
        since = _look_from(index.newest, index.open_rows)
        paths = [path for path in _files_since(disk, key, since, now) if path not in index.known][-MOST_FILES:]
        found += [Leftover(key, name, path, None, look_into(disk, path)) for path in paths]
    return found


def _files_since(disk: Disk, key: StreamKey, since: Time, now: Time) -> Iterable[str]:
    first, folder = path_of(key, since), folder_of(key)
    days = max(now - since, 0) // DAY + 2
    by_day = (path_of(key, Time(since + day * DAY)).rpartition("/")[0] for day in range(days))
    prefixes = [folder] if days > MOST_DAYS else list(by_day)
    for prefix in prefixes:
        for path in disk.walk(prefix):
            named = read_path(path)
            if path >= first and named is not None and named[0] == key:
                yield path


def _open_gaps(
    tx: Transaction,
    index: dict[StreamKey, _Index],
    floors: dict[StreamKey, Time],
    fresh: dict[StreamKey, str],
    now: Time,
) -> dict[StreamKey, GapRow]:
    gaps: dict[StreamKey, GapRow] = {}
    for key, known in index.items():
        gap, floor = known.gap, floors.get(key)
        if gap is not None and floor is not None and floor > gap.start:
            after = tx.segments.between(key.camera_id, key.name, Span(gap.start, _FAR))
            tx.gaps.end(gap.id, max(after[0].start, gap.start) if after else gap.start)
            gap = None
        if gap is None and not _was_wanted(tx, key, now if floor is None else floor, now):
            continue
        if gap is None:
            start, detail = now if floor is None else floor, "The recorder was not running."
            gap = GapRow(fresh[key], key.camera_id, key.name, start, None, GapCause.RECORDER, detail, "recorder-down")
            tx.gaps.open(gap)
        gaps[key] = gap
    return gaps


def _was_wanted(tx: Transaction, key: StreamKey, since: Time, now: Time) -> bool:
    """Whether the schedule asked for the stream at any moment since then."""
    return bool(expected(tx, key.camera_id, key.name, Span(since, Time(max(now, since + 1)))))


def _make_whole(disk: Disk, leftover: Leftover, report: RepairReport) -> str | None:
    """Cut the file at its last whole fragment, or remove it when it has none; its hash. Blocks."""
    facts = leftover.facts
    if facts is None:
        return None
    if not facts.whole_bytes:
        disk.remove(leftover.path)
        report.removed += 1
        return None
    if facts.size_bytes > facts.whole_bytes:
        disk.truncate(leftover.path, facts.whole_bytes)
        report.cut_bytes += facts.size_bytes - facts.whole_bytes
    disk.sync(leftover.path)
    return sha256_of(disk, leftover.path, facts.whole_bytes)


def _lose(tx: Transaction, row: SegmentRow, gap_id: str, now: Time) -> None:
    if tx.segments.get(row.id) is None:
        return
    tx.segments.remove([row.id], now, RemovalReason.LOST)
    detail = f"The file {row.path} is gone."
    facts = (("path", row.path),)
    tx.gaps.open(
        GapRow(gap_id, row.camera_id, row.stream, row.start, row.end, GapCause.DISK, detail, "file-gone", facts)
    )


def _close(tx: Transaction, row: SegmentRow, facts: FileFacts, digest: str, gap_id: str) -> None:
    following = tx.segments.between(row.camera_id, row.stream, Span(row.start, max(facts.end, row.end)))
    limit = min((other.start for other in following if other.start > row.start), default=_FAR)
    # The end that was written may follow the wall clock a little closer than the pictures' own length.
    end = min(max(facts.end, row.start), limit)
    tx.segments.close(row.id, end=Time(end), size_bytes=facts.whole_bytes, frames=facts.frames, sha256=digest)
    if facts.whole_bytes < row.size_bytes and end < row.end <= limit:
        detail = "The disk lost the end of a segment."
        tx.gaps.open(GapRow(gap_id, row.camera_id, row.stream, Time(end), row.end, GapCause.DISK, detail, "tail-lost"))


def _adopt(tx: Transaction, leftover: Leftover, facts: FileFacts, digest: str, id: str) -> bool:
    """Give a file its row, in the time that no other segment covers; False when there is none."""
    if tx.segments.by_path(facts.path) is not None:
        return True
    key, start, end = leftover.key, facts.start, facts.end
    for other in tx.segments.between(key.camera_id, key.name, Span(start, end)):
        if other.start <= start:
            start = max(start, other.end)
        else:
            end = min(end, other.start)
    if end <= start:
        return False
    row = SegmentRow(
        id, key.camera_id, key.name, start, end, facts.path, facts.whole_bytes, facts.frames, facts.mime,
        SegmentState.OPEN, disk=leftover.disk,
    )  # fmt: skip
    tx.segments.add(replace(row, state=SegmentState.CLOSED, sha256=digest))
    return True
