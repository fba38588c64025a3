"""Recording with the sub stream decoded and watched for motion: Istros beside Debian's motion, in the same minutes."""

from __future__ import annotations

import time
from pathlib import Path

from tools.bench_video import ours, peers, recording
from tools.bench_video.processes import Group

MOTION_FPS = 10
"""What the sub streams send; both look at every picture."""


def measure(folder: Path, port: int, cameras: int, windows: int, seconds: float) -> list[recording.Cost]:
    """The recorder and the motion watch of Istros counted together, and motion."""
    configuration = ours.write_configuration(folder / "ours", port, cameras, ("main", "sub"), analysis="motion")
    node = ours.start("ours", "recorder", configuration)
    time.sleep(3)
    ours.start_beside(node, "analyser", configuration)
    motion = peers.start_motion(folder / "motion", port, cameras, MOTION_FPS)
    groups: list[Group] = [node, motion]
    try:
        time.sleep(recording.SETTLE_S)
        return recording.run_windows(groups, cameras, windows, seconds)
    finally:
        for group in groups:
            group.end()
