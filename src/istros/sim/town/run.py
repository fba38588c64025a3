"""Hours of the town in one call: the real recorder, rules, desk and audit on a virtual clock, checkers on."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, TypedDict

from istros.base.plate_text import fold
from istros.base.time import DAY, HOUR, SECOND, Span, Time, from_iso
from istros.events.escalation import Escalation
from istros.events.health_watch import HealthWatch
from istros.events.judging import Judge
from istros.events.signal_rules import SignalRules
from istros.recording.archive import Archive
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.settings import HealthSettings, Settings
from istros.sim.town.cameras import TownCameras, town_cameras
from istros.sim.town.checkers import Moment, check_town
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.shift import Operator
from istros.sim.town.traffic import Traffic, ukrainian_plate
from istros.sim.town.virtual_time import (
    VirtualLoop,
    run_virtually,
    virtual_environment,
)
from istros.store import Transaction, open_database
from istros.store.rows import OperatorRow, WatchlistEntryRow

START = from_iso("2026-11-24T00:00:00Z")
CHECK_EVERY_S = 300.0


@dataclass(frozen=True, slots=True)
class TownPlan:
    """What to run: everything by chance comes from `seed`."""

    seed: str
    hours: float
    cameras: int = 6
    vehicles: int = 120
    sought: int = 12


@dataclass(frozen=True, slots=True)
class TownReport:
    """What happened; `broken` names every promise that did not hold, `digest` is equal for equal runs."""

    plan: TownPlan
    segments: int
    gaps: int
    reads: int
    alarms: int
    answered: int
    escalated: int
    audit_rows: int
    digest: str
    broken: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)

    def in_words(self) -> str:
        """For a terminal."""
        head = (
            f"{self.plan.hours:g} h of {self.plan.cameras} cameras from seed {self.plan.seed}: {self.segments} segments, "
            f"{self.gaps} gaps, {self.reads} plate reads, {self.alarms} alarms ({self.answered} answered, "
            f"{self.escalated} escalated), {self.audit_rows} audit rows, digest {self.digest}."
        )
        if not self.broken:
            return f"{head}\nEvery promise held."
        return "\n".join(
            [
                head,
                *self.broken,
                f"Repeat: just city {self.plan.seed} {self.plan.hours:g}",
            ]
        )


def run_town(plan: TownPlan) -> TownReport:
    """Run the plan; the same plan gives the same report."""
    return run_virtually(lambda loop: _Town(loop, plan).live())


class _Town:
    def __init__(self, loop: VirtualLoop, plan: TownPlan) -> None:
        self.plan = plan
        self.environment, self.clock = virtual_environment(loop, plan.seed, START)
        self.random = Random(f"{plan.seed}/town")
        self.database = open_database("sqlite://", self.environment.workers)
        self.disk = MemoryDisk()
        self.cameras = town_cameras(plan.cameras)
        self.opener = TownCameras(self.environment.clock, plan.seed)
        self.stop = asyncio.Event()
        self.broken: list[str] = []
        self.end_s = plan.hours * 3600

    async def live(self) -> TownReport:
        plates = [ukrainian_plate(self.random) for _ in range(self.plan.vehicles)]
        person = OperatorRow("operator-1", "operator", "Operator 1", "Izmail", "operator", "")
        await self.database.write(lambda tx: self._settle(tx, person, plates[: self.plan.sought]))
        operator = Operator(self.environment, self.database, person, self.plan.seed)
        traffic = Traffic(self.environment, self.database, self.plan.seed, plates)
        async with asyncio.TaskGroup() as group:
            for work in self._node():
                group.create_task(work)
            background = [group.create_task(operator.work(self.end_s))]
            background += [group.create_task(traffic.drive(camera, self.end_s)) for camera in self.cameras]
            background.append(group.create_task(self._trouble()))
            await self._watch()
            for task in background:
                task.cancel()
            self.stop.set()
        return await self._report(operator, traffic)

    def _node(self) -> list[Coroutine[Any, Any, None]]:
        policy = RecordingPolicy(bytes_max=1 << 40, free_bytes_min=0, segment_s=10, fragment_s=1)
        recorder = Recorder(
            self.environment,
            self.database,
            Archive.of(self.disk),
            self.cameras,
            self.opener,
            policy,
        )
        judge = Judge(self.environment, self.database)
        escalation = Escalation(self.environment, self.database)
        health = HealthWatch(self.environment, self.database, self.cameras, HealthSettings())
        rules = SignalRules(self.environment, self.database, Settings())
        return [part.run(self.stop) for part in (recorder, judge, escalation, health, rules)]

    def _settle(self, tx: Transaction, person: OperatorRow, sought: list[str]) -> None:
        tx.operators.add(person)
        for plate in sought:
            tx.watchlist.add(self._entry(plate))

    def _entry(self, plate: str) -> WatchlistEntryRow:
        return WatchlistEntryRow(
            id=self.environment.ids.new(),
            plate=plate,
            folded=fold(plate),
            purpose="stolen-vehicle",
            ground="Criminal proceedings of the town that does not exist",
            case_ref="T-1",
            owner="Izmail",
            priority=self.random.choice(["critical", "high", "medium"]),
            manner="near" if self.random.random() < 0.5 else "exact",
            created=self.clock.now(),
            created_by="town",
            expires=Time(self.clock.now() + 30 * DAY),
        )

    async def _trouble(self) -> None:
        """Now and then the network is cut for a while, or somebody sets the clock."""
        while True:
            await self.clock.sleep(self.random.expovariate(1 / 1200))
            if self.random.random() < 0.5:
                self.opener.cut_until = self.clock.elapsed() + self.random.uniform(5, 60)
            else:
                self.clock.step_us += round(self.random.uniform(0, 3) * SECOND)

    async def _watch(self) -> None:
        while self.clock.elapsed() < self.end_s and not self.broken:
            await self.clock.sleep(min(CHECK_EVERY_S, self.end_s - self.clock.elapsed()))
            self.broken += await check_town(Moment(self.database, self.cameras, START, self.clock.now()))

    async def _report(self, operator: Operator, traffic: Traffic) -> TownReport:
        figures = await self.database.read(self._figures)
        return TownReport(
            plan=self.plan,
            reads=traffic.passed,
            answered=operator.answered,
            broken=tuple(self.broken),
            **figures,
        )

    def _figures(self, tx: Transaction) -> _Figures:
        span = Span(START, Time(self.clock.now() + HOUR))
        names = [(camera.id, stream.key.name) for camera in self.cameras for stream in camera.streams]
        alarms = [
            alarm for camera in ("", *(each.id for each in self.cameras)) for alarm in tx.alarms.between(camera, span)
        ]
        head = tx.audit.head()
        return _Figures(
            segments=sum(len(tx.segments.between(camera, stream, span)) for camera, stream in names),
            gaps=sum(len(tx.gaps.between(camera, stream, span)) for camera, stream in names),
            alarms=len(alarms),
            escalated=sum(alarm.escalated is not None for alarm in alarms),
            audit_rows=0 if head is None else head.sequence,
            digest=hashlib.sha256(("" if head is None else head.hash).encode()).hexdigest()[:16],
        )


class _Figures(TypedDict):
    segments: int
    gaps: int
    alarms: int
    escalated: int
    audit_rows: int
    digest: str
