"""What changed, to every screen: one look at the database four times a second, shared by all that follow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog
from fastapi import APIRouter, WebSocket

from istros.api.gate import Caller
from istros.api.schemas import AlarmChange, CamerasChange, ReadChange, ReadNotice, Shape, Tick
from istros.api.shapes import alarm_shape
from istros.api.socket_gate import Seat, leave_when_told, seated, turn_away
from istros.api.sockets import NOT_ALLOWED
from istros.base.environment import Environment
from istros.base.ring import Ring
from istros.compliance.errors import PermitRefused
from istros.store import Database, Transaction
from istros.store.rows import PlateReadRow

PERIOD_S = 0.25
TICK_EVERY = 4
"""Looks between two ticks."""

RING_SIZE = 512
"""Changes kept for a screen that is slow; one that falls further behind is cut off and asks anew."""

NEWEST_READS = 64
"""Reads looked at each time; more in a quarter of a second are told by number only, in the log."""

_FOR_EVER = 1 << 62
"""After every change number there will be."""

log = structlog.get_logger("istros.api.changes")
router = APIRouter()


@router.websocket("/changes")
async def follow_changes(socket: WebSocket) -> None:
    """What changed, as far as the role may know it (docs/design/0002)."""
    async with seated(socket, (), "changes") as seat:
        if seat is None:
            return
        if seat.caller.may("alarms.read"):
            # The alarms that are pushed carry plates: following them is a look, and on the record.
            seat = replace(seat, caller=replace(seat.caller, action="alarms.read"))
            try:
                await seat.begin("changes")
            except PermitRefused as refusal:
                await turn_away(socket, seat.caller, NOT_ALLOWED, refusal.message)
                return
        feed: ChangeFeed = socket.app.state.changes
        with feed.follow() as ring:
            await leave_when_told(socket, seat, _send(socket, seat, ring))


async def _send(socket: WebSocket, seat: Seat, ring: Ring[Change]) -> None:
    while not ring.dropped:
        change = await ring.pull()
        if not change.action or _may_know(seat.caller, change):
            await socket.send_text(change.text)


def _may_know(caller: Caller, change: Change) -> bool:
    return caller.may_on(change.action, change.camera_id) if change.camera_id else caller.may(change.action)


@dataclass(frozen=True, slots=True)
class Change:
    """A message as text, and the action that a role needs to get it (empty: everybody who is signed in).

    `camera_id` is the camera that it is about, if it is about one.
    """

    action: str
    text: str
    camera_id: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last look saw: the number of the newest alarm change, the newest reads, the streams' states."""

    sequence: int
    reads: frozenset[str]
    streams: frozenset[tuple[object, ...]]


class ChangeFeed:
    """Looks for changes while anybody follows, and gives each follower all of them."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database
        self._followers: set[Ring[Change]] = set()
        self._known: _Known | None = None

    @contextmanager
    def follow(self) -> Iterator[Ring[Change]]:
        """Changes from now on, in a bounded ring."""
        ring: Ring[Change] = Ring(RING_SIZE)
        self._followers.add(ring)
        try:
            yield ring
        finally:
            self._followers.discard(ring)

    async def run(self) -> None:
        """Look until cancelled; a database that fails is looked at again."""
        count = 0
        while True:
            await self._environment.clock.sleep(PERIOD_S)
            if not self._followers:
                self._known = None
                continue
            try:
                await self._look()
            except Exception as error:  # the next look may succeed, and every screen waits for it
                log.error("looking for changes failed", problem=f"{type(error).__name__}: {error}")
            count += 1
            if count % TICK_EVERY == 0:
                now = self._environment.clock.now()
                self._tell("", Tick(type="tick", now=now, sequence=self._known.sequence if self._known else 0))

    async def _look(self) -> None:
        known = self._known
        found, self._known = await self._database.read(lambda tx: _changes(tx, known))
        for action, shape in found:
            self._tell(action, shape)

    def _tell(self, action: str, shape: Shape) -> None:
        change = Change(action, shape.model_dump_json(by_alias=True), _camera_of(shape))
        for ring in self._followers:
            ring.push(change)


def _camera_of(shape: Shape) -> str:
    match shape:
        case AlarmChange():
            return shape.alarm.camera_id
        case ReadChange():
            return shape.read.camera_id
        case _:
            return ""


def _changes(tx: Transaction, known: _Known | None) -> tuple[list[tuple[str, Shape]], _Known]:
    """What differs from what was known, and what is known now; what is there at the first look is no change."""
    rows, sequence = tx.alarms.changed_since(_FOR_EVER if known is None else known.sequence)
    reads = tx.reads.newest(NEWEST_READS)
    now = _Known(sequence, frozenset(read.id for read in reads), _stream_signs(tx))
    if known is None:
        return [], now
    found: list[tuple[str, Shape]] = [
        ("alarms.read", AlarmChange(type="alarm", alarm=alarm_shape(tx, row))) for row in rows
    ]
    found += [("cameras.read", _notice(read)) for read in reversed(reads) if read.id not in known.reads]
    if now.streams != known.streams:
        found.append(("cameras.read", CamerasChange(type="cameras")))
    return found, now


def _notice(read: PlateReadRow) -> ReadChange:
    notice = ReadNotice(id=read.id, camera_id=read.camera_id, time=read.time, confidence=read.confidence)
    return ReadChange(type="read", read=notice)


def _stream_signs(tx: Transaction) -> frozenset[tuple[object, ...]]:
    """What of the streams is worth asking again for; figures that always move are not."""
    ill = frozenset((row.camera_id, row.stream, row.kind, row.since) for row in tx.health.bad_ones())
    return ill | frozenset(
        (row.camera_id, row.stream, row.status, row.recording, row.codec, row.width, row.height, row.problem.text)
        for row in tx.streams.all()
    )
