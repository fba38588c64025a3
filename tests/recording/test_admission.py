"""What no assessment covers is never asked of a camera; what is approved or stopped holds while the recorder runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from istros.app.clearances import FollowedClearances
from istros.app.recorder import admitted
from istros.compliance import assessment_drafts
from istros.devices.camera import Stream
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import run_virtually, virtual_environment
from istros.store.rows import GapCause
from istros.video.packet import Packet
from tests.assessed import OFFICER, assess
from tests.recording.streams import KEY, START, camera, steady
from tests.recording.test_recorder import Node


def test_a_camera_is_opened_once_it_is_approved_and_left_when_it_is_stopped() -> None:
    opened: list[Stream] = []

    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "recording", START)
        node = Node(environment, MemoryDisk(), RecordingPolicy(free_bytes_min=0))
        pictures = steady(environment.clock)

        def opener(stream: Stream) -> AsyncIterator[Packet]:
            opened.append(stream)
            return pictures(stream)

        recorder = Recorder(environment, node.database, node.archive, [camera()], opener, node.policy)
        leaves = FollowedClearances(environment, node.database, [camera()], lambda held: recorder.admit(admitted(held)))
        await leaves.take_over()
        tasks = [asyncio.create_task(work(node.stop)) for work in (recorder.run, leaves.run)]
        await environment.clock.sleep(30)
        state = await node.state()
        assert (opened, state.status, state.recording) == ([], "barred", False)
        assert "assessment" in state.problem
        assess(node.database, environment, [KEY.camera_id])
        await environment.clock.sleep(60)
        assert (len(opened), (await node.state()).status) == (1, "live")
        stopped = environment.clock.now()
        node.database.write_now(
            lambda tx: assessment_drafts.withdraw(tx, environment, OFFICER, KEY.camera_id, "The sign was torn off")
        )
        await environment.clock.sleep(60)
        assert (len(opened), (await node.state()).status) == (1, "barred")
        node.stop.set()
        await asyncio.gather(*tasks)
        rows = await node.segments()
        assert rows[-1].end - stopped < 5_000_000, "it ends within seconds"
        assert sum(row.end - row.start for row in rows) > 50_000_000
        planned = [gap.code for gap in await node.gaps() if gap.cause is GapCause.PLANNED]
        assert planned == ["not-assessed"] * 2
        await node.check()

    run_virtually(scene)


def test_a_fault_of_the_database_neither_stops_nor_starts_a_recording() -> None:
    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "recording", START)
        node = Node(environment, MemoryDisk(), RecordingPolicy(free_bytes_min=0))
        told: list[object] = []
        assess(node.database, environment, [KEY.camera_id])
        leaves = FollowedClearances(environment, node.database, [camera()], told.append)
        await leaves.take_over()
        node.database.close()
        stop = asyncio.Event()
        running = asyncio.create_task(leaves.run(stop))
        await environment.clock.sleep(60)
        stop.set()
        await running
        assert len(told) == 1

    run_virtually(scene)


def test_sound_that_is_not_assessed_is_not_taken() -> None:
    heard: list[bool] = []

    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "recording", START)
        node = Node(environment, MemoryDisk(), RecordingPolicy(free_bytes_min=0))
        pictures = steady(environment.clock)

        def opener(stream: Stream) -> AsyncIterator[Packet]:
            heard.append(stream.sound)
            return pictures(stream)

        loud = replace(camera(), streams=tuple(replace(each, sound=True) for each in camera().streams))
        recorder = Recorder(environment, node.database, node.archive, [loud], opener, node.policy)
        running = asyncio.create_task(recorder.run(node.stop))
        await environment.clock.sleep(20)
        recorder.admit({KEY.camera_id: False})
        await environment.clock.sleep(20)
        node.stop.set()
        await running
        holes = [gap for gap in await node.gaps() if gap.end is not None and gap.code != "recorder-stopped"]
        assert all(gap.end - gap.start < 2_000_000 for gap in holes if gap.end is not None)

    run_virtually(scene)
    assert heard == [True, False]
