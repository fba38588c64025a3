"""What no assessment covers is never asked of a camera; what is approved or stopped holds while the recorder runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from istros.app.clearances import FollowedClearances
from istros.app.leaves import leave_of
from istros.app.recorder import admitted
from istros.base.signing import SigningKey
from istros.base.time import MINUTE, Time
from istros.compliance import assessment_drafts, profile_drafts
from istros.compliance.assessments import Clearance
from istros.compliance.functions import Function
from istros.compliance.simulated_profile import simulated_draft
from istros.devices.camera import Stream
from istros.recognition.leave import Leave
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import run_virtually, virtual_environment
from istros.store import Transaction
from istros.store.rows import GapCause
from istros.video.packet import Packet
from tests.assessed import ADMINISTRATOR, OFFICER, assess
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
        assert "assessment" in state.problem.text
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


def test_sound_and_plates_follow_a_profile_that_is_signed_expires_or_is_taken_back_while_the_recorder_runs() -> None:
    heard: list[bool] = []
    looked_for: list[Leave] = []

    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, "recording", START)
        node = Node(environment, MemoryDisk(), RecordingPolicy(free_bytes_min=0))
        pictures = steady(environment.clock)

        def opener(stream: Stream) -> AsyncIterator[Packet]:
            heard.append(stream.sound)
            return pictures(stream)

        def use(held: Mapping[str, Clearance]) -> None:
            recorder.admit(admitted(held))
            looked_for.append(leave_of(held[KEY.camera_id]))

        def sign(minutes: int) -> int:
            """A profile without plates, and until when it counts."""
            draft = simulated_draft(environment.clock.now())
            functions = {name: ground for name, ground in draft.functions.items() if name != Function.PLATES_READ}
            review = Time(environment.clock.now() + minutes * MINUTE)

            def work(tx: Transaction) -> int:
                wanted = replace(draft, functions=functions, review=review)
                row = profile_drafts.save(tx, environment, ADMINISTRATOR, wanted, training=True)
                for person in (ADMINISTRATOR, OFFICER):
                    profile_drafts.sign(tx, environment, person, row.version, SigningKey.generate())
                return row.version

            return node.database.write_now(work)

        async def later(seconds: float) -> tuple[bool, Leave]:
            await environment.clock.sleep(seconds)
            return heard[-1], looked_for[-1]

        loud = replace(camera(), streams=tuple(replace(each, sound=True) for each in camera().streams))
        assess(node.database, environment, [KEY.camera_id])
        recorder = Recorder(environment, node.database, node.archive, [loud], opener, node.policy)
        leaves = FollowedClearances(environment, node.database, [loud], use)
        await leaves.take_over()
        tasks = [asyncio.create_task(work(node.stop)) for work in (recorder.run, leaves.run)]
        sound, leave = await later(30)
        assert (sound, leave.plates) == (False, True), "the strictest"
        sign(minutes=3)
        sound, leave = await later(20)
        assert (sound, leave.plates, leave.vehicles) == (True, False, True), "signed"
        sound, leave = await later(180)
        assert (sound, leave.plates) == (False, True), "past its review"
        version = sign(minutes=600)
        assert (await later(20))[0]
        node.database.write_now(lambda tx: profile_drafts.withdraw(tx, environment, OFFICER, version, "complaint"))
        sound, leave = await later(20)
        assert (sound, leave.plates) == (False, True), "taken back"
        node.stop.set()
        await asyncio.gather(*tasks)
        holes = [gap for gap in await node.gaps() if gap.end is not None and gap.code != "recorder-stopped"]
        assert all(gap.end - gap.start < 2_000_000 for gap in holes if gap.end is not None)

    run_virtually(scene)
    assert heard == [False, True, False, True, False]
