"""The table for people and the figures for programs, from one run."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from istros.base.clock import SystemClock
from istros.base.time import to_iso

FOLDER = Path(__file__).parent.parent.parent / "docs/benchmarks"
NAMES = {
    "ours": "**Istros**",
    "ffmpeg": "ffmpeg, a process a camera, `-c copy -f segment`",
    "pyav": "PyAV, a thread a camera",
    "motion": "motion, `movie_passthrough`",
    "zoneminder": "ZoneMinder, recording only, with its MariaDB",
}


def write(found: dict[str, Any], cameras: int) -> None:
    """Merge this run's parts into docs/benchmarks/video.json, write video.md beside it and print it."""
    path = FOLDER / "video.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for part, content in found.items():
        known[part] = {
            "measured": today(),
            "cameras": cameras,
            "machine": machine(),
            **content,
        }
    if "record" in found:
        costs = found["record"]["costs"]
        known["record_ms_per_camera_second"] = {cost["name"]: cost["median_ms"] for cost in costs}
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    page = "\n".join(_page(known)) + "\n"
    (FOLDER / "video.md").write_text(page, encoding="utf-8")
    print(page)


def today() -> str:
    """The date of the measurement."""
    return to_iso(SystemClock().now())[:10]


def machine() -> str:
    """Processor, cores, Python and how busy the machine was."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, load average {load:.1f}"


def _page(known: dict[str, Any]) -> Iterator[str]:
    yield "# What the video plane costs"
    yield ""
    yield (
        "Command: `just bench video` (`--parts record,look,together` chooses; peers that are not installed are left out: "
        "`apt-get install ffmpeg motion zoneminder mariadb-server`). It writes this page and `video.json`. All recorders "
        "read the same simulated cameras in the same windows; figures are CPU seconds of each process with its children, "
        "so read the ratios rather than the milliseconds of a busy machine. The film is a moving test picture with noise: "
        "1920x1080, 25 frames a second, 3.1 Mbit/s; sub stream 640x360, 10 frames a second, 0.41 Mbit/s; a keyframe every "
        "2 s. Istros counts with everything that a recorder does: RTSP, SHA-256, index, chain and sync to disk."
    )
    if "record" in known:
        yield from _costs("Recording", known["record"])
    if "look" in known and "costs" in known["look"]:
        yield from _costs(
            "Recording, the sub stream decoded and watched for motion at 10 frames a second", known["look"]
        )
    if "together" in known:
        yield from _together(known["together"])
    yield from ("", "Live view: [live.md](live.md). Index and timeline: [index.md](index.md).")


def _costs(title: str, part: dict[str, Any]) -> Iterator[str]:
    costs = part["costs"]
    ours = next(cost["median_ms"] for cost in costs if cost["name"] == "ours")
    windows = f"{part['windows']} windows of {part['seconds']:g} s"
    yield from (
        "",
        f"## {title}",
        "",
        f"{part['measured']}, {part['cameras']} cameras, {windows}; {part['machine']}.",
        "",
    )
    yield "| recorder | ms of CPU a camera-second | windows | Istros costs | PSS, MB | pictures at the seams of two cameras |"
    yield "|---|---|---|---|---|---|"
    for cost in costs:
        each = " / ".join(f"{window:.2f}" for window in cost["ms_per_camera_second"])
        ratio = "" if cost["name"] == "ours" else f"{ours / cost['median_ms']:.2f} of it"
        name, seams = NAMES[cost["name"]], "; ".join(cost["seams"])
        yield f"| {name} | {cost['median_ms']:.2f} | {each} | {ratio} | {cost['pss_mb']:.0f} | {seams} |"
    for name, why in part.get("left_out", {}).items():
        yield from ("", f"Left out: {name} ({why}).")


def _together(part: dict[str, Any]) -> Iterator[str]:
    yield from ("", "## Recorded, relayed and looked at at once", "")
    yield (
        f"{part['measured']}, {part['cameras']} cameras with both streams for {part['minutes']:g} minutes; "
        f"{part['watched_for_motion']} watched for motion, {part['searched_for_vehicles']} searched for vehicles and plates; "
        f"{part['machine']}."
    )
    yield from ("", "| process | cores | PSS, MB |", "|---|---|---|")
    for name, cores in part["cores"].items():
        yield f"| {name} | {cores:.3f} | {part['pss_mb'][name]:.0f} |"
    yield ""
    yield (
        f"RTP packets lost {part['rtp_packets_lost']}, reconnects {part['reconnects']}, gaps {part['gaps']}, "
        f"{part['segments']} segments with {part['frames_recorded']} pictures; seams of two cameras: "
        f"{'; '.join(part['seams'])}. The analyser left out {part['analyser_left_out_frames']} pictures and was at most "
        f"{part['analyser_behind_s']:.1f} s behind at the end."
    )
