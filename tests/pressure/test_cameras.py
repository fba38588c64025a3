"""Cameras that misbehave together: ten times the bitrate, thirty that come back at once."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

from istros.base.environment import Environment
from istros.sim.clips import clips
from tests.pressure.site import recording, tell

MANY = 30


def test_a_camera_with_ten_times_the_bitrate_costs_the_others_nothing(environment: Environment, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with recording(environment, tmp_path, count=3) as site:
            await site.until_recorded(1)
            loud = site.server.stream("P-00/main")
            usual = sum(len(unit.template) for unit in loud.film.units) / loud.film.duration
            loud.change_parameters(site.server.film(clips()[0].main_path, fps=75.0))
            now = sum(len(unit.template) for unit in loud.film.units) / loud.film.duration
            before = await site.fewest_segments()
            await site.until_recorded(before + 3)
            rows = {key.camera_id: await site.segments(key) for key in site.keys}
            assert await site.longest_gap_s() < 3.0
            for name in ("P-01", "P-02"):
                assert all(sooner.end == later.start for sooner, later in pairwise(rows[name]))
        tell("loud camera", times_the_bitrate=round(now / usual, 1), segments=sum(map(len, rows.values())))
        assert now > 10 * usual

    asyncio.run(scenario())


def test_thirty_cameras_come_back_after_a_cut_without_a_storm(environment: Environment, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with recording(environment, tmp_path, count=MANY) as site:
            await site.until_recorded(1)
            streams = [site.server.stream(str(key)) for key in site.keys]
            for stream in streams:
                stream.stop()
            await site.wait(6)
            attempts_before = site.server.connections
            for stream in streams:
                stream.start()
            began = environment.clock.elapsed()
            back: dict[str, float] = {}
            busiest = 0
            async with asyncio.timeout(60):
                while len(back) < MANY:
                    sample = site.server.connections
                    await site.wait(0.1)
                    busiest = max(busiest, site.server.connections - sample)
                    for stream, key in zip(streams, site.keys, strict=True):
                        if stream.listeners and str(key) not in back:
                            back[str(key)] = environment.clock.elapsed() - began
            attempts = site.server.connections - attempts_before
            tell(
                "thirty back at once",
                cut_s=6,
                first_back_s=round(min(back.values()), 1),
                last_back_s=round(max(back.values()), 1),
                connections=attempts,
                most_in_100_ms=busiest,
            )
            assert attempts <= 2 * MANY
            assert max(back.values()) < 20
            assert busiest < MANY
            before = await site.fewest_segments()
            await site.until_recorded(before + 1)
            assert await site.longest_gap_s() < 30

    asyncio.run(scenario())
