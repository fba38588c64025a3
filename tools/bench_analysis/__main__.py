"""`just bench analysis [--cameras 30] [--busy 0.2] [--seconds 60] [--parts batch,decode,run,recall]`; writes docs/benchmarks/analysis.md.

Thirty simulated cameras with both streams behind a real relay, a fifth of them busy: the clips of the simulated city, of
which idle cameras show one picture with a sensor's noise. The analyser runs as a process of its own, as a node runs it.
Its reads are compared with those of an analyser on a virtual clock that has all the time it wants.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import heapq
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from istros.base.clock import SystemClock
from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.video.fanout import Fanout
from istros.video.relay import RelayServer
from tools.bench_analysis.films import STREAMS, filmed, packets
from tools.bench_analysis.report import write
from tools.bench_analysis.steps import batches, decoding

WARM_S = 8.0
_PARTS = ("batch", "decode", "run", "recall")


async def serve_and_look(cameras: int, busy: float, seconds: float) -> dict[str, Any]:
    """Play the films into a relay while the measured process reads it; what that process says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "relay.sock"
        shown = filmed(cameras, busy)
        fanouts = {key: Fanout(key) for one in shown for key in (StreamKey(one.id, name) for name in STREAMS)}
        server = RelayServer(path, fanouts.get)
        await server.start()
        lasting = WARM_S + seconds + 6
        start = Time(SystemClock().now() + 2 * SECOND)
        playing = asyncio.create_task(_play(fanouts, cameras, busy, start, lasting))
        arguments = [str(path), str(cameras), str(busy), str(WARM_S), str(seconds)]
        looker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tools.bench_analysis.looker", *arguments, stdout=subprocess.PIPE
        )
        said, _ = await looker.communicate()
        lost = server.lost
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        await server.close()
    found: dict[str, Any] = json.loads(said)
    return found | {"start": start, "relay_lost": lost, "cameras": cameras, "busy": busy, "seconds": seconds}


async def _play(fanouts: dict[StreamKey, Fanout], cameras: int, busy: float, start: Time, seconds: float) -> None:
    clock = SystemClock()
    sources = [packets(one, name, start, seconds) for one in filmed(cameras, busy) for name in STREAMS]
    for packet in heapq.merge(*sources, key=lambda packet: packet.time):
        wait = (packet.time - clock.now()) / SECOND
        if wait > 0.002:
            await asyncio.sleep(wait)
        fanouts[packet.key].publish(packet)


def main() -> None:
    """Measure what was asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=30)
    parser.add_argument("--busy", type=float, default=0.2)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--parts", default=",".join(_PARTS))
    parser.add_argument("--note", default="", help="a sentence about the circumstances, for the page")
    arguments = parser.parse_args()
    wanted = arguments.parts.split(",")
    found: dict[str, Any] = {}
    if "batch" in wanted:
        found["batch"] = batches()
    if "decode" in wanted:
        found["decode"] = decoding()
    if "run" in wanted:
        for one in filmed(arguments.cameras, arguments.busy):
            for name in STREAMS:
                next(packets(one, name, Time(0), 1.0))  # Films that are not there yet are made before the clock runs.
        found["run"] = asyncio.run(serve_and_look(arguments.cameras, arguments.busy, arguments.seconds))
        found["run"]["note"] = arguments.note
    write(found, with_recall="recall" in wanted)


if __name__ == "__main__":
    main()
