"""Everything at once: thirty cameras recorded, relayed and looked at for minutes, and where the time goes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tools.bench_video import ours
from tools.bench_video.clips import main_film
from tools.bench_video.seams import look

SEARCHED = 2
"""Cameras that are searched for vehicles and plates; the test picture moves always, so each costs what it may."""

SETTLE_S = 20.0
LOOKED_AT = (3, 17)
PARTS = ("recorder", "analyser", "server")


def measure(folder: Path, port: int, cameras: int, minutes: float) -> dict[str, object]:
    """Run a node as it is, count its processes' CPU, then read index and files back."""
    configuration = ours.write_configuration(
        folder / "ours", port, cameras, ("main", "sub"), analysis="motion", full=SEARCHED
    )
    groups = [ours.start(part, part, configuration) for part in PARTS]
    try:
        time.sleep(SETTLE_S)
        before, began = [group.cpu_s() for group in groups], time.monotonic()
        time.sleep(60 * minutes)
        passed = time.monotonic() - began
        cores = {
            group.name: round((group.cpu_s() - cpu_s) / passed, 3) for group, cpu_s in zip(groups, before, strict=True)
        }
        memory = {group.name: round(group.pss_mb(), 1) for group in groups}
        alive = all(group.running() for group in groups)
    finally:
        for group in groups:
            group.end()
    return {
        "minutes": minutes,
        "cores": cores,
        "pss_mb": memory,
        "every_process_lived": alive,
        "searched_for_vehicles": SEARCHED,
        "watched_for_motion": cameras - SEARCHED,
        **_index(configuration.parent / "data/istros.sqlite3"),
        "seams": [
            str(look(main_film(), ours.recorded(configuration, number))) for number in LOOKED_AT if number < cameras
        ],
    }


def _index(path: Path) -> dict[str, object]:
    """What the index says: nothing lost on the way in, no gap but before the start and after the end."""
    with closing(sqlite3.connect(path)) as index:
        lost, reconnects = index.execute("SELECT sum(lost_packets), sum(reconnects) FROM stream_state").fetchone()
        gaps = index.execute("SELECT count(*) FROM gap WHERE cause NOT IN ('recorder', 'planned')").fetchone()[0]
        segments, frames = index.execute("SELECT count(*), sum(frames) FROM segment WHERE state = 'closed'").fetchone()
        behind, dropped = index.execute("SELECT max(behind_s), sum(dropped_frames) FROM analyser_state").fetchone()
    return {
        "rtp_packets_lost": lost,
        "reconnects": reconnects,
        "gaps": gaps,
        "segments": segments,
        "frames_recorded": frames,
        "analyser_behind_s": behind,
        "analyser_left_out_frames": dropped,
    }
