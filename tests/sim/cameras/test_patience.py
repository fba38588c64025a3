"""A stream that nobody watches is taken by the handful, without a loss; whoever watches live gets every picture at once."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.sim.cameras import SimulatedCamera
from istros.video.packet import Packet, PacketFeed
from istros.video.rtsp import open_rtsp
from tests.sim.cameras.conftest import Serving
from tests.sim.cameras.test_rtsp import stream_at

COUNT = 75


@pytest.mark.parametrize(("patience_s", "least_together", "most_together"), [(10.0, 3.0, 8.0), (0.0, 0.9, 2.0)])
def test_patience(
    environment: Environment,
    films: dict[str, Path],
    serving: Serving,
    patience_s: float,
    least_together: float,
    most_together: float,
) -> None:
    packets: list[Packet] = []
    turns: set[int] = set()

    async def scenario() -> None:
        loop, turn = asyncio.get_running_loop(), 0
        done = asyncio.Event()

        def next_turn() -> None:
            nonlocal turn
            turn += 1

        def take(packet: Packet) -> None:
            packets.append(packet)
            turns.add(turn)
            loop.call_soon(next_turn)
            if len(packets) >= COUNT:
                done.set()

        camera = SimulatedCamera("IZ-07", films["main"], films["sub"], fps=25.0)
        async with serving(camera) as server, asyncio.timeout(20):
            feed = open_rtsp(environment)(stream_at(server.port))
            assert isinstance(feed, PacketFeed)
            running = asyncio.create_task(feed.feed(take, lambda: patience_s))
            await done.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())
    steps = {later.media_time - sooner.media_time for sooner, later in itertools.pairwise(packets)}
    assert sum(packet.lost_before for packet in packets) == 0
    assert max(steps) <= 3700
    assert least_together <= len(packets) / len(turns) <= most_together
