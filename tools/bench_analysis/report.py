"""The page about what analysis costs, from the last run of each part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tools.bench_analysis import recall
from tools.bench_video.report import FOLDER, machine, today

_DATA, _PAGE = FOLDER / "analysis.json", FOLDER / "analysis.md"


def write(found: dict[str, Any], with_recall: bool) -> None:
    """Merge this run's parts into docs/benchmarks/analysis.json, write analysis.md beside it and print it."""
    known: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8")) if _DATA.exists() else {}
    for name in ("batch", "decode"):
        if name in found:
            known[name] = {"measured": today(), "machine": machine(), "figures": found[name]}
    if "run" in found:
        known["run"] = _kept(found["run"])
        if with_recall:
            known["recall"] = _recalls(found["run"])
    _DATA.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    page = "\n".join(_lines(json.loads(json.dumps(known)))) + "\n"
    _PAGE.write_text(page, encoding="utf-8")
    print(page)


def _kept(run: dict[str, Any]) -> dict[str, Any]:
    camera_seconds = run["cameras"] * run["wall_s"]
    states = run["states"].values()
    return {
        "measured": today(),
        "machine": machine(),
        "cameras": run["cameras"],
        "busy": run["busy"],
        "seconds": run["seconds"],
        "cores": run["cpu_s"] / run["wall_s"],
        "ms_per_camera_second": run["cpu_s"] * 1000 / camera_seconds,
        "parts": {
            name: {"cores": seconds / run["wall_s"], "a_second": run["times"][name] / run["wall_s"]}
            for name, seconds in run["parts"].items()
        },
        "looks_wanted": sum(state["looks_wanted"] for state in states),
        "looks_done": sum(state["looks_done"] for state in states),
        "behind_s": max((state["behind_s"] for state in states), default=0.0),
        "dropped": sum(state["dropped_frames"] for state in states) + run["relay_lost"],
        "peak_mb": run["peak_mb"],
        "note": run["note"],
    }


def _recalls(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "measured": today(),
        "hurried": asdict(recall.hurried(run)),
        "unhurried": asdict(recall.unhurried(run["cameras"], run["busy"], run["seconds"])),
    }


def _lines(known: dict[str, Any]) -> Iterator[str]:
    yield "# What analysis costs"
    yield ""
    yield (
        "`just bench analysis` (`--parts batch,decode,run,recall` chooses; it writes this page and `analysis.json`). Cameras "
        "with 640x360 at 10 and 1920x1080 at 25 pictures a second, keyframes each 1 and 2 s, all of which read plates. Busy "
        "ones show the simulated city's clips without a pause; idle ones show one picture of them with a sensor's noise. "
        "The analyser is a process of its own behind a real relay."
    )
    if "run" in known:
        yield from _run(known["run"])
    if "recall" in known:
        yield from _recall(known["recall"])
    if "batch" in known:
        yield from _batch(known["batch"])
    if "decode" in known:
        yield from _decode(known["decode"])


def _run(part: dict[str, Any]) -> Iterator[str]:
    yield from ("", "## Cameras together", "")
    yield (
        f"{part['measured']}, {part['cameras']} cameras, {part['busy']:.0%} of them busy, {part['seconds']:g} s; "
        f"{part['machine']}: **{part['cores']:.2f} cores**, {part['ms_per_camera_second']:.1f} ms of CPU a camera-second, "
        f"{part['peak_mb']:.0f} MB at most. {part['looks_done']} of {part['looks_wanted']} looks of the last minute were "
        f"done, the camera furthest behind was {part['behind_s']:.1f} s behind, {part['dropped']} packets were dropped. "
        f"{part.get('note', '')}".strip()
    )
    yield from ("", "| part | cores | times a second |", "|---|---|---|")
    for name, each in sorted(part["parts"].items(), key=lambda item: -item[1]["cores"]):
        yield f"| {name} | {each['cores']:.3f} | {each['a_second']:.1f} |"
    rest = part["cores"] - sum(each["cores"] for each in part["parts"].values())
    yield f"| the rest: packets, turns, tracks, votes | {rest:.3f} | |"


def _recall(part: dict[str, Any]) -> Iterator[str]:
    yield from ("", "## What the hurry costs", "")
    yield (
        f"{part['measured']}. Passages of vehicles that drive and whose plate gets at least {recall.LEAST_PX:g} px wide, in the "
        "busy cameras of that run, whole rounds of the films alone; the unhurried analyser looks five times a second on a "
        "virtual clock, one camera at a time. Strangers are texts that no vehicle of the film has."
    )
    yield from ("", "| analyser | passages | read exactly | strangers |", "|---|---|---|---|")
    for name in ("unhurried", "hurried"):
        each = part[name]
        share = each["exact"] / max(1, each["passages"])
        yield f"| {name} | {each['passages']} | {each['exact']} ({share:.1%}) | {each['strangers']} |"


def _batch(part: dict[str, Any]) -> Iterator[str]:
    yield from ("", "## Several pictures in one run of the street detector", "")
    yield f"{part['measured']}; {part['machine']}. 384x224, one thread, median."
    yield from ("", "| pictures in a run | ms of CPU a picture |", "|---|---|")
    for size, spent in sorted(part["figures"].items(), key=lambda item: int(item[0])):
        yield f"| {size} | {spent:.1f} |"
    yield from ("", "It does not pay, so each camera's picture is looked at by itself (docs/design/0012).")


def _decode(part: dict[str, Any]) -> Iterator[str]:
    yield from ("", "## Decoding less", "")
    yield f"{part['measured']}; {part['machine']}. H.264, ms of CPU a second of film, one thread, best of two."
    ways = next(iter(part["figures"].values()))
    yield from ("", "| stream | " + " | ".join(ways) + " |", "|---|" + "---|" * len(ways))
    for name, spent in part["figures"].items():
        yield f"| {name} | " + " | ".join(f"{value:.1f}" for value in spent.values()) + " |"
