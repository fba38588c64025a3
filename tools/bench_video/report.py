"""The table for people and the figures for programs, from one run."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from istros.base.clock import SystemClock
from istros.base.time import to_iso

FOLDER = Path(__file__).parent.parent.parent / "docs/benchmarks"


def write(found: dict[str, Any], cameras: int) -> None:
    """Merge this run's parts into docs/benchmarks/video.json and print them."""
    path = FOLDER / "video.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for part, content in found.items():
        known[part] = {
            "measured": to_iso(SystemClock().now())[:10],
            "cameras": cameras,
            "machine": machine(),
            **content,
        }
    if "record" in found:
        costs = found["record"]["costs"]
        known["record_ms_per_camera_second"] = {cost["name"]: cost["median_ms"] for cost in costs}
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    json.dump(found, sys.stdout, indent=2)
    print()


def machine() -> str:
    """Processor, cores, Python and how busy the machine was."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, load average {load:.1f}"
