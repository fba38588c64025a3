"""Which passages were read: in the measured run, and by an analyser that has all the time it wants."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.recognition.analyser import Analyser, AnalysisPolicy
from istros.recognition.observation import PlateRead
from istros.sim.clips import FOLDER
from istros.sim.town.virtual_time import VirtualLoop, run_virtually, virtual_environment
from istros.store.rows import AnalyserStateRow
from istros.video.packet import Packet
from tools.bench_analysis.films import STREAMS, Filmed, filmed, packets
from tools.bench_analysis.looker import SAME_PLATE_S
from tools.measure_reading import START, scene_of

LEAST_PX = 60.0
_LEFT_OUT_S = 10.0
"""Of the beginning, and half of it at the end."""
_UNHURRIED = AnalysisPolicy(
    same_plate_s=SAME_PLATE_S, idle_look_s=0.2, restless_look_s=0.2, longest_idle_check_s=2.0, reading_share=100.0
)
"""Five looks a second whatever moves, and as many readings as there are chances."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Passages of vehicles whose plate gets wide enough, those read exactly, and texts that no vehicle of the film has."""

    passages: int
    exact: int
    strangers: int


def hurried(run: dict[str, Any]) -> Recall:
    """What the measured process read, of passages that lie wholly in its time."""
    found = [
        _recall(one, [(read["text"], Time(read["time"])) for read in run["reads"] if read["camera"] == one.id],
                Time(run["start"]), float(run["seconds"]))
        for one in filmed(run["cameras"], run["busy"]) if one.is_busy
    ]  # fmt: skip
    return _sum(found)


def unhurried(cameras: int, busy: float, seconds: float) -> Recall:
    """The same films on a virtual clock, one camera at a time."""
    found = []
    for one in filmed(cameras, busy):
        if one.is_busy:
            reads = _alone(one, seconds)
            found.append(_recall(one, [(read.best.text, read.time) for read in reads], START, seconds))
    return _sum(found)


def _sum(found: list[Recall]) -> Recall:
    return Recall(*(sum(getattr(each, name) for each in found) for name in ("passages", "exact", "strangers")))


def _recall(one: Filmed, reads: list[tuple[str, Time]], start: Time, seconds: float) -> Recall:
    """Each time that a vehicle is nearest is a passage; those that the warm-up or the end may have cut are left out."""
    scene = scene_of(FOLDER / f"{one.scene}.json")
    lasts = scene.frames / scene.fps
    driving = {fold(each.plate): each for each in scene.vehicles if each.widest_px >= LEAST_PX and not each.parked}
    known = {fold(vehicle.plate) for vehicle in scene.vehicles}
    passages = {
        (plate, number)
        for plate, vehicle in driving.items()
        for number in range(int(seconds / lasts) + 1)
        if _LEFT_OUT_S <= one.offset_s + vehicle.widest_frame / scene.fps + number * lasts <= seconds - _LEFT_OUT_S / 2
    }
    seen: set[tuple[str, int]] = set()
    strangers = 0
    for text, time in reads:
        vehicle = driving.get(fold(text))
        if vehicle is not None:
            since = (time - start) / SECOND - one.offset_s - vehicle.widest_frame / scene.fps
            seen.add((fold(text), round(since / lasts)))
        strangers += fold(text) not in known
    return Recall(len(passages), len(passages & seen), strangers)


def _alone(one: Filmed, seconds: float) -> list[PlateRead]:
    reads: list[PlateRead] = []

    async def main(loop: VirtualLoop) -> None:
        await _analyse(one, seconds, virtual_environment(loop, one.scene, START)[0], reads)

    run_virtually(main)
    return reads


async def _analyse(one: Filmed, seconds: float, environment: Environment, reads: list[PlateRead]) -> None:
    stop = asyncio.Event()

    async def read_stream(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        sources = [packets(one, name, START, seconds) for name in STREAMS]
        for packet in heapq.merge(*sources, key=lambda packet: packet.time):
            await environment.clock.sleep((packet.time - environment.clock.now()) / SECOND)
            yield packet
        await asyncio.Event().wait()

    async def emit(read: PlateRead) -> None:
        reads.append(read)

    async def report(rows: list[AnalyserStateRow]) -> None:
        """Nobody asks."""

    analyser = Analyser(environment, [one.camera()], read_stream, emit, report, _UNHURRIED)
    task = asyncio.create_task(analyser.run(stop))
    await environment.clock.sleep(seconds + 6)
    stop.set()
    await task
