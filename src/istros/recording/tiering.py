"""Moves old segments to the second tier: copied, their SHA-256 compared, then switched in the index, then deleted.

Before a copy begins, its target is written down as leaving; the switch takes that note away and writes one for the source.
So a kill at any step leaves either the old file or the new one in the index, and a note for the other (docs/design/0020).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import Time, after
from istros.recording.archive import Archive, NamedDisk
from istros.recording.files import sha256_of
from istros.recording.policy import RecordingPolicy
from istros.store import Database, Transaction
from istros.store.disk import Disk
from istros.store.rows import SegmentRow
from istros.store.storage import Leaving

BATCH = 20
EVERY_S = 30.0
PIECE_BYTES = 1 << 20

PRESSED_SHARE = 0.9
"""A disk that is filled to this share of its room gives up what is not old enough yet."""

FLOORS_S = 3600.0
"""How long it is remembered where a stream's segments on the first tier begin, so that no pass walks past the millions
that have been moved. A segment that a camera's card filled in before is found when the hour is over."""

_DAY_S = 86_400
_LOG = structlog.get_logger("istros.recording")


class _SourceSilent(Exception):
    """The file to be moved cannot be read."""


@dataclass(frozen=True, slots=True)
class _Move:
    row: SegmentRow
    target: NamedDisk


class Tiering:
    """Moves segments from the first tier to the second. `moved` counts since the start."""

    def __init__(self, environment: Environment, database: Database, archive: Archive, policy: RecordingPolicy) -> None:
        self._environment = environment
        self._database = database
        self._archive = archive
        self._policy = policy
        self._refused: set[str] = set()
        """Segments whose own file is not what was recorded: they stay where they are, for `check` to find."""
        self._floors: dict[tuple[str, str, str], Time] = {}
        self._floors_since = environment.clock.elapsed()
        self.moved = 0
        self.waiting_bytes: dict[str, int] = {}
        """What is old enough but still lies on the first tier, by disk; 0 when the last pass moved everything."""

    async def run(self) -> None:
        """Move until cancelled."""
        while True:
            await self._environment.clock.sleep(EVERY_S)
            await self.once()

    async def once(self) -> int:
        """Move everything that is due; returns how many segments that were."""
        before = self.moved
        if self._environment.clock.elapsed() - self._floors_since > FLOORS_S:
            self._floors, self._floors_since = {}, self._environment.clock.elapsed()
        if self._archive.second_tier:
            for named in self._archive.first_tier:
                await self._empty(named)
        return self.moved - before

    async def _empty(self, named: NamedDisk) -> None:
        while True:
            rows, floors = await self._database.read(lambda tx: self._due(tx, named))
            self._floors |= floors
            moves = await self._with_targets(rows)
            if not moves or not await self._move(moves):
                break
        self.waiting_bytes[named.name] = await self._database.read(lambda tx: self._waiting(tx, named))

    def _due(self, tx: Transaction, named: NamedDisk) -> tuple[list[SegmentRow], dict[tuple[str, str, str], Time]]:
        """The oldest segments that must go, and where each stream's segments on this disk begin."""
        limit = self._limit(tx, named)
        found: list[SegmentRow] = []
        floors: dict[tuple[str, str, str], Time] = {}
        for camera, stream in tx.storage.streams_on(named.name):
            key = (named.name, camera, stream)
            rows = tx.segments.closed_from(camera, stream, self._floors.get(key, Time(0)), BATCH, named.name)
            if rows:
                floors[key] = rows[0].start
            found += [row for row in rows if row.end <= limit and row.id not in self._refused]
        return sorted(found, key=lambda row: (row.start, row.camera_id, row.stream))[:BATCH], floors

    def _limit(self, tx: Transaction, named: NamedDisk) -> Time:
        """Segments that end before this are due; all of them while the disk is pressed."""
        now = self._environment.clock.now()
        used, room = tx.storage.bytes_on(named.name), named.bytes_max
        if room is None:
            free_min = self._policy.free_bytes_min if named.free_bytes_min is None else named.free_bytes_min
            room = used + named.disk.free_bytes() - free_min
        if used > PRESSED_SHARE * room:
            return now
        return after(now, -self._policy.move_after_days * _DAY_S)

    def _waiting(self, tx: Transaction, named: NamedDisk) -> int:
        """An estimate: the bytes of what is due on each stream, by the first batch of each."""
        limit, total = after(self._environment.clock.now(), -self._policy.move_after_days * _DAY_S), 0
        for camera, stream in tx.storage.streams_on(named.name):
            floor = self._floors.get((named.name, camera, stream), Time(0))
            total += tx.segments.bytes_before(camera, stream, floor, limit, named.name)
        return total

    async def _with_targets(self, rows: Sequence[SegmentRow]) -> list[_Move]:
        """Each segment with the disk of the second tier that takes it, as far as they work and have room."""
        room = await self._database.read(
            lambda tx: {
                named.name: None if named.bytes_max is None else named.bytes_max - tx.storage.bytes_on(named.name)
                for named in self._archive.second_tier
                if not self._archive.problem(named.name)
            }
        )
        moves: list[_Move] = []
        for row in rows:
            fitting = {name for name, left in room.items() if left is None or left >= row.size_bytes}
            target = self._archive.choose_second(row.camera_id, fitting)
            if target is not None:
                moves.append(_Move(row, target))
                left = room[target.name]
                room[target.name] = None if left is None else left - row.size_bytes
        return moves

    async def _move(self, moves: Sequence[_Move]) -> bool:
        """Move a batch; False when nothing of it could be moved."""
        began = self._environment.clock.elapsed()
        copies = [Leaving(move.target.name, move.row.path) for move in moves]
        with self._archive.arriving(copies):
            await self._database.write(lambda tx: tx.storage.leave(copies))
            whole = await asyncio.gather(*(self._copy(move) for move in moves))
            done = [move for move, is_whole in zip(moves, whole, strict=True) if is_whole]
            switched = await self._database.write(lambda tx: _switch(tx, done))
        await self._delete_sources(switched)
        self.moved += len(switched)
        await self._pace(sum(move.row.size_bytes for move in switched), began)
        return bool(switched)

    async def _copy(self, move: _Move) -> bool:
        """Whether the copy is there and is what was recorded."""
        row, source = move.row, self._archive.disk(move.row.disk)
        try:
            read, written = await self._environment.workers.run(_copy, source, move.target.disk, row)
        except _SourceSilent as error:
            _LOG.warning("segment-not-moved", path=row.path, disk=row.disk, error=str(error))
            return False  # Evicted meanwhile, or its disk fails.
        except OSError as error:
            disk, reason = move.target.name, error.strerror or str(error)
            sentence = f"The disk '{disk}' does not take old recordings: {reason}."
            self._archive.failed(disk, say("disk-takes-no-old", sentence, disk=disk, reason=reason))
            return False
        if read != row.sha256:
            self._refused.add(row.id)
            _LOG.error("segment-damaged", path=row.path, disk=row.disk, remedy="istros check tells which")
            return False
        if written != row.sha256:
            disk = move.target.name
            sentence = f"The disk '{disk}' gives back other bytes than it took."
            self._archive.failed(disk, say("disk-gives-other", sentence, disk=disk))
            return False
        return True

    async def _delete_sources(self, moves: Sequence[_Move]) -> None:
        gone = await self._environment.workers.run(_remove, self._archive, [move.row for move in moves])
        if gone:
            await self._database.write(lambda tx: tx.storage.left(gone))

    async def _pace(self, count: int, began: float) -> None:
        """Wait as long as the batch ought to have taken at the speed that the settings allow."""
        if self._policy.move_bytes_per_s:
            spent = self._environment.clock.elapsed() - began
            await self._environment.clock.sleep(count / self._policy.move_bytes_per_s - spent)


def _copy(source: Disk, target: Disk, row: SegmentRow) -> tuple[str, str]:
    """(SHA-256 of what was read, SHA-256 of what the target gives back). Blocks."""
    digest = sha256()

    def pieces() -> Iterator[bytes]:
        offset = 0
        while piece := _piece(source, row, offset):
            digest.update(piece)
            offset += len(piece)
            yield piece

    _piece(source, row, 0)  # Before anything is written: most of what can be wrong with the source shows here.
    target.write(row.path, pieces())
    return digest.hexdigest(), sha256_of(target, row.path, row.size_bytes)


def _piece(source: Disk, row: SegmentRow, offset: int) -> bytes:
    try:
        return source.read(row.path, offset, min(PIECE_BYTES, row.size_bytes - offset))
    except OSError as error:
        raise _SourceSilent(str(error)) from error


def _switch(tx: Transaction, moves: Sequence[_Move]) -> list[_Move]:
    """The index names the copies from now on. What was evicted meanwhile stays written down as leaving."""
    switched: list[_Move] = []
    for move in moves:
        row = tx.segments.get(move.row.id)
        if row is not None and row.disk == move.row.disk and tx.segments.move(row.id, move.target.name):
            switched.append(move)
    tx.storage.left([Leaving(move.target.name, move.row.path) for move in switched])
    tx.storage.leave([Leaving(move.row.disk, move.row.path) for move in switched])
    return switched


def _remove(archive: Archive, rows: Sequence[SegmentRow]) -> list[Leaving]:
    gone: list[Leaving] = []
    for row in rows:
        try:
            archive.disk(row.disk).remove(row.path)
            gone.append(Leaving(row.disk, row.path))
        except OSError as error:
            _LOG.warning("file-not-deleted", disk=row.disk, path=row.path, error=str(error))
    return gone
