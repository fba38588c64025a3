"""Each missing second counts for what held the recording back then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

from istros.base.time import SECOND
from istros.recording.policy import RecordingPolicy
from istros.sim.town.memory_disk import MemoryDisk
from istros.store.rows import GapCause
from istros.video.packet import Packet
from tests.recording.streams import packet
from tests.recording.test_recorder import Node, world


def test_a_full_disk_is_the_cause_again_once_the_camera_is_back() -> None:
    """Disk full from second 10, the camera away from 30 to 34, room again from 50."""

    async def scene(node: Node) -> None:
        clock = node.environment.clock
        began = clock.elapsed()

        async def opened(stream: object) -> AsyncIterator[Packet]:
            start = clock.elapsed()
            is_first = start - began < 30
            if 30 <= start - began < 34:
                await clock.sleep(34 - (start - began))
            start, count = clock.elapsed(), 0
            while not is_first or clock.elapsed() - began < 30:
                if 10 <= clock.elapsed() - began < 50:
                    node.disk.capacity_bytes = 1
                else:
                    node.disk.capacity_bytes = 1 << 40
                yield packet(count / 10, clock.now(), is_key=count % 10 == 0)
                count += 1
                await clock.sleep(max(0.0, start + count / 10 - clock.elapsed()))

        await node.record(opened, 70)
        gaps = await node.gaps()
        causes = [gap.cause for gap in gaps]
        assert causes == [
            GapCause.RECORDER, GapCause.DISK, GapCause.NETWORK, GapCause.DISK, GapCause.PLANNED,
        ]  # fmt: skip
        assert [gap.code for gap in gaps][1:4] == ["disk-refuses", "stream-broken", "disk-refuses"]
        assert dict(gaps[1].facts)["reason"] == "no space left on the simulated disk"
        assert all(first.end == second.start for first, second in pairwise(gaps[1:4]))
        lengths = [((gap.end or gap.start) - gap.start) / SECOND for gap in gaps[1:4]]
        assert lengths[1] < 7 < 14 < lengths[2] < 25
        await node.check()

    world(scene, MemoryDisk(), RecordingPolicy(free_bytes_min=0, memory_bytes=20_000))
