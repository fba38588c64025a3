"""Filling holes with what a camera's own card kept while the link was down (docs/design/0021).

One hole at a time, from its start to its end, in whole segments: the file is written and synced, then one transaction
adds its row, notes that it came from the card, has the gap ledger give the span up, and says how far the hole is filled. A kill between the
two leaves a file without a row, whose name was noted before it was begun, so that the next run removes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.time import HOUR, SECOND, Span, Time
from istros.compliance.assessments import clearances, require_films
from istros.devices.camera import StreamKey
from istros.recording.archive import Archive, NamedDisk
from istros.recording.files import free_path
from istros.recording.policy import RecordingPolicy
from istros.recording.segmenter import Cut, FragmentCut, SegmentBegins, SegmentEnds, Segmenter
from istros.store import Database, Transaction
from istros.store.edge import EdgeFillRow
from istros.store.rows import GapCause, GapRow, SegmentRow, SegmentState
from istros.video.codec_names import mime_type
from istros.video.packet import Packet

LEAST_US = SECOND
"""Shorter holes are not worth a conversation."""

FILLABLE = frozenset({GapCause.CAMERA, GapCause.NETWORK})
"""Causes that lie beyond our recorder: the camera may have gone on by itself."""

ATTEMPTS = 3
"""Tries that bring nothing new before a hole, or what is left of it, is given up: cards write late, and lines break."""

LOOK_S = 5.0
RETRY_US = 30 * SECOND

log = structlog.get_logger("istros.backfill")


class CardSource(Protocol):
    """A camera's card as the devices reach it; times by our clock. Every method may raise an IstrosError."""

    @property
    def is_there(self) -> bool:
        """Whether the camera answers and has a card."""
        ...

    async def kept(self) -> list[tuple[str, Span]]:
        """Recordings on the card and their spans."""
        ...

    def replay(self, recording: str, span: Span) -> AsyncIterator[Packet]:
        """What it kept of the span, from the keyframe at or before its start."""
        ...


@dataclass(slots=True)
class _File:
    begins: SegmentBegins
    disk: NamedDisk
    path: str
    written: int = 0
    frames: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class BackFill:
    """Fills the holes of every camera that has a card."""

    def __init__(
        self,
        environment: Environment,
        database: Database,
        archive: Archive,
        policy: RecordingPolicy,
        sources: Mapping[StreamKey, CardSource],
        cameras: Mapping[str, bool],
        hours: float = 48.0,
    ) -> None:
        """`cameras` says of each id whether it is simulated, on this machine (`compliance.assessments.clearances`)."""
        self._environment = environment
        self._database = database
        self._archive = archive
        self._policy = policy
        self._sources = sources
        self._cameras = cameras
        self._back_us = round(hours * HOUR)

    async def run(self) -> None:
        """Until cancelled; no error ends it."""
        while True:
            worked = False
            try:
                worked = await self.step()
            except IstrosError as error:
                log.warning("back-fill-waits", problem=error.message)
            except Exception:
                log.exception("back-fill-failed")
            if not worked:
                await self._environment.clock.sleep(LOOK_S)

    async def step(self) -> bool:
        """Find new holes, and work on the oldest one whose camera is there; whether anything was done."""
        now = self._environment.clock.now()
        there = {key: source for key, source in self._sources.items() if source.is_there}
        if not there:
            return False
        films = await self._database.read(lambda tx: clearances(tx, now, self._cameras))
        there = {key: source for key, source in there.items() if films[key.camera_id].films}
        await self._database.write(lambda tx: self._note_new(tx, list(there), now))
        for row in await self._database.read(lambda tx: tx.edge.waiting()):
            source = there.get(StreamKey(row.camera_id, row.stream))
            if source is not None and (row.attempts == 0 or now - row.updated >= RETRY_US):
                await self._fill(row, source)
                return True
        return False

    def _note_new(self, tx: Transaction, keys: Sequence[StreamKey], now: Time) -> None:
        for key in keys:
            for gap in tx.gaps.between(key.camera_id, key.name, Span(Time(now - self._back_us), now)):
                if gap.end is None or gap.cause not in FILLABLE or gap.end - gap.start < LEAST_US:
                    continue
                known = any(row.start <= gap.start and gap.end <= row.end for row in tx.edge.between(
                    key.camera_id, Span(gap.start, gap.end)) if row.stream == key.name)  # fmt: skip
                if not known:
                    tx.edge.put(_wanted(gap, gap.end, now))

    async def _fill(self, row: EdgeFillRow, source: CardSource) -> None:
        row = await self._clean_up(row)
        before, problem = row.done_to, ""
        try:
            kept = await source.kept()
            hole = Span(row.done_to, row.end)
            parts = [(token, part) for token, span in kept if (part := _common(span, hole)) is not None]
            if parts:
                token, part = min(parts, key=lambda each: each[1].start)
                row = await self._fetch(row, source, token, part)
        except IstrosError as error:
            problem = error.message
            row = await self._read(row)
        await self._settle(row, row.done_to > before, problem)

    async def _fetch(self, row: EdgeFillRow, source: CardSource, token: str, part: Span) -> EdgeFillRow:
        """Write what the card replays of the part; the row as it is afterwards."""
        writer = _HoleWriter(self._environment, self._database, self._archive, row, self._cameras[row.camera_id])
        segmenter = Segmenter(self._policy, row.done_to)
        packets: Any = source.replay(token, part)
        try:
            async with aclosing(packets):
                async for packet in packets:
                    if packet.time >= row.end:
                        break
                    if packet.time >= part.start:
                        await writer.apply(segmenter.push(packet))
        finally:
            # What came before the line broke is whole and stays.
            await writer.apply(segmenter.finish())
        return writer.row

    async def _settle(self, row: EdgeFillRow, went_on: bool, problem: str) -> None:
        """Whether the hole is done with, or is tried again later."""
        attempts = 1 if went_on else row.attempts + 1
        filled = row.end - row.done_to <= LEAST_US
        state = row.state
        if filled or attempts >= ATTEMPTS:
            state = "done" if row.done_to > row.start else "nothing"
        now = self._environment.clock.now()
        settled = replace(row, attempts=attempts, problem=problem, state=state, updated=now)
        await self._database.write(lambda tx: tx.edge.put(settled))
        log.info(
            "back-filled", camera=row.camera_id, state=state, seconds=round((row.done_to - row.start) / SECOND, 1),
            of=round((row.end - row.start) / SECOND, 1), problem=problem,
        )  # fmt: skip

    async def _clean_up(self, row: EdgeFillRow) -> EdgeFillRow:
        """Remove the file that a killed run left without a row."""
        if not row.path:
            return row
        if await self._database.read(lambda tx: tx.segments.by_path(row.path)) is None:
            with suppress(OSError):
                await self._environment.workers.run(self._archive.disk(row.disk).remove, row.path)
        clean = replace(row, disk="", path="")
        await self._database.write(lambda tx: tx.edge.put(clean))
        return clean

    async def _read(self, row: EdgeFillRow) -> EdgeFillRow:
        return await self._database.read(lambda tx: tx.edge.get(row.id)) or row


class _HoleWriter:
    """Writes the segments of one hole, each with its row before the next is begun."""

    def __init__(
        self, environment: Environment, database: Database, archive: Archive, row: EdgeFillRow, here: bool
    ) -> None:
        self._environment = environment
        self._here = here
        self._database = database
        self._archive = archive
        self._file: _File | None = None
        self.row = row

    async def apply(self, cuts: Any) -> None:
        """Carry out cuts in order."""
        for cut in cuts:
            await self._apply(cut)

    async def _apply(self, cut: Cut) -> None:
        match cut:
            case SegmentBegins():
                await self._begin(cut)
            case FragmentCut():
                if self._file is not None:
                    await self._environment.workers.run(_append, self._file, cut)
            case SegmentEnds():
                file, self._file = self._file, None
                if file is not None and file.written:
                    await self._end(file, cut.end)

    async def _begin(self, cut: SegmentBegins) -> None:
        await self._require_films()
        key = StreamKey(self.row.camera_id, self.row.stream)
        disk = self._archive.choose(key.camera_id)
        path = await self._environment.workers.run(free_path, disk.disk, key, cut.start)
        self.row = noted = replace(self.row, disk=disk.name, path=path)
        await self._database.write(lambda tx: tx.edge.put(noted))
        self._file = _File(cut, disk, path)

    async def _require_films(self) -> None:
        """Nothing more is taken from a camera that somebody stopped in between. CameraNotCleared."""
        id, now = self.row.camera_id, self._environment.clock.now()
        held = await self._database.read(lambda tx: clearances(tx, now, {id: self._here}))
        require_films(held[id], id)

    async def _end(self, file: _File, end: Time) -> None:
        await self._environment.workers.run(file.disk.disk.sync, file.path)
        end = min(end, self.row.end)
        segment = SegmentRow(
            self._environment.ids.new(), self.row.camera_id, self.row.stream, file.begins.start, end, file.path,
            file.written, file.frames, mime_type(file.begins.parameters), SegmentState.CLOSED, file.digest.hexdigest(),
            file.disk.name,
        )  # fmt: skip
        filled = replace(self.row, done_to=end, disk="", path="", attempts=0, updated=self._environment.clock.now())
        taken = await self._database.write(lambda tx: _place(tx, segment, filled, self._environment.ids.new))
        if not taken:
            await self._environment.workers.run(file.disk.disk.remove, file.path)
        self.row = filled


def _place(tx: Transaction, segment: SegmentRow, filled: EdgeFillRow, fresh_id: Callable[[], str]) -> bool:
    """Put the segment into its hole; False when something else lies there by now."""
    tx.edge.put(filled)
    span = Span(segment.start, segment.end)
    if tx.segments.between(segment.camera_id, segment.stream, span):
        return False
    tx.segments.add(segment)
    tx.edge.came(segment.id, filled.id)
    tx.gaps.fill(segment.camera_id, segment.stream, span, filled.updated, fresh_id)
    return True


def _wanted(gap: GapRow, end: Time, now: Time) -> EdgeFillRow:
    return EdgeFillRow(
        gap.id, gap.camera_id, gap.stream, gap.start, end, gap.cause, gap.detail, gap.start, "waiting", 0, "", "", "",
        now,
    )  # fmt: skip


def _common(one: Span, other: Span) -> Span | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Span(start, end) if end - start >= LEAST_US else None


def _append(file: _File, cut: FragmentCut) -> None:
    """Blocks."""
    data = cut.file_bytes(file.begins, is_first=not file.written)
    file.disk.disk.append(file.path, data)
    file.digest.update(data)
    file.written += len(data)
    file.frames += len(cut.samples)
