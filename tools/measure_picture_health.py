"""Measure how picture health does on films with made disturbances.

    python tools/measure_picture_health.py [--films FOLDER] [--write docs/benchmarks/picture-health.md]

Each film is looked at once a second (each look at another place in it, for the rendered ones repeat), learnt for three
minutes, then disturbed for three: blurred, covered, moved, turned, frozen, darkened. Undisturbed stretches, and those with
headlights, rain, noise, changed light, a lorry for 20 s and the switch to infrared, tell of false alarms.
"""

from __future__ import annotations

import argparse
import copy
import platform
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter_ns

import av
import cv2
import numpy as np

from istros.base.time import SECOND, Time
from istros.events.bounds import STANDARD
from istros.events.hysteresis import Hysteresis
from istros.recognition.picture import Picture
from istros.recognition.picture_health import PictureHealth
from istros.sim.clips import clips

START = Time(1_795_510_800_000_000)
LEARN_S, DISTURB_S, CALM_S = 180, 180, 120
KINDS = ("covered", "moved", "defocused", "dark", "frozen")

Change = Callable[[Picture, int], Picture]
"""A disturbed picture from a picture and the second since the disturbance began."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One made fault, and the states that may tell of it; none for what must not be told."""

    name: str
    told: tuple[str, ...]
    change: Change
    seconds: int = DISTURB_S


@dataclass(slots=True)
class Outcome:
    """What became of one disturbance on one film."""

    told: str
    delay_s: float | None


def frames_of(path: Path) -> list[Picture]:
    """Every second frame's luma at 640 columns, at most 400 of them."""
    found: list[Picture] = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 2 == 0:
                luma = frame.to_ndarray(format="gray")
                rows = round(luma.shape[0] * 640 / luma.shape[1])
                found.append(np.asarray(cv2.resize(luma, (640, rows), interpolation=cv2.INTER_AREA), np.uint8))
            if len(found) >= 700:
                break
    return found


def walk(frames: list[Picture], noise: float, seed: int) -> Iterator[Picture]:
    """Endless looks at a film: forwards and back, so that there is no cut, with the noise of a sensor."""
    random = np.random.default_rng(seed)
    grains = [random.normal(0, noise, frames[0].shape).astype(np.float32) for _ in range(7)]
    forth = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
    place = 0
    while True:
        picture = frames[forth[place % len(forth)]]
        place += 7
        yield np.clip(picture + grains[place // 7 % len(grains)], 0, 255).astype(np.uint8)


def texture(shape: tuple[int, int], seed: int, softness: int) -> Picture:
    """Cloth before the lens: a coloured noise of its own, out of focus."""
    random = np.random.default_rng(seed)
    base = random.normal(110, 60, (shape[0] // 8, shape[1] // 8)).astype(np.float32)
    large = cv2.resize(base, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(cv2.GaussianBlur(large, (0, 0), softness), 0, 255).astype(np.uint8)


def moved(picture: Picture, columns: float, rows: float, degrees: float = 0.0, scale: float = 1.0) -> Picture:
    """The camera looks elsewhere; what comes into the picture is its mirrored edge."""
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += (columns * width, rows * height)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def brighter(picture: Picture, factor: float, noise: float = 0.0, seed: int = 0) -> Picture:
    """Other light, or a noisier sensor."""
    grain = np.random.default_rng(seed).normal(0, noise, picture.shape) if noise else 0
    return np.asarray(np.clip(picture * factor + grain, 0, 255), np.uint8)


def part(picture: Picture, share: float, cover: Picture) -> Picture:
    """The left share of the picture behind a cover."""
    covered = picture.copy()
    columns = round(share * picture.shape[1])
    covered[:, :columns] = cover[:, :columns]
    return covered


def lorry(picture: Picture, second: int) -> Picture:
    """A lorry that drives slowly through the picture."""
    box = picture.copy()
    rows, columns = picture.shape
    left = round((second / 20 - 0.4) * columns)
    box[rows // 8 :, max(0, left) : max(0, left) + round(0.75 * columns)] = 150
    return box


def headlights(picture: Picture, second: int) -> Picture:
    """Two seconds of headlights in every six."""
    if second % 6 >= 2:
        return picture
    lit = picture.astype(np.float32)
    rows, columns = picture.shape
    cv2.circle(lit, (columns // 3 + 20 * (second % 9), rows // 2), rows // 3, 255.0, -1)
    glow = cv2.GaussianBlur(lit, (0, 0), 30)
    return np.clip(np.maximum(picture, glow), 0, 255).astype(np.uint8)


def rain(picture: Picture, second: int) -> Picture:
    """Streaks, another picture of them each second."""
    random = np.random.default_rng(second)
    wet = cv2.GaussianBlur(picture, (0, 0), 0.6)
    for x, y in random.integers(0, (picture.shape[1], picture.shape[0]), (250, 2)):
        cv2.line(wet, (int(x), int(y)), (int(x) + 3, int(y) + 22), 200, 1)
    return np.asarray(wet, np.uint8)


def infrared(picture: Picture, second: int) -> Picture:
    """The light of the camera's own lamp, and more noise."""
    rows, columns = picture.shape
    y, x = np.mgrid[0:rows, 0:columns]
    lamp = np.exp(-(((x - columns / 2) / (0.45 * columns)) ** 2 + ((y - rows * 0.6) / (0.5 * rows)) ** 2))
    bright = cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32) * (0.35 + 0.9 * lamp)
    random = np.random.default_rng(second)
    return np.asarray(np.clip(bright + random.normal(0, 5, picture.shape), 0, 255), np.uint8)


def disturbances(other: list[Picture], frozen: list[Picture]) -> list[Disturbance]:
    """Every fault, and everything that is none."""
    return [
        Disturbance("out of focus, slightly (sigma 2 of 640 columns)", ("defocused",), lambda p, s: blurred(p, 2.0)),
        Disturbance("out of focus (sigma 4)", ("defocused",), lambda p, s: blurred(p, 4.0)),
        Disturbance("out of focus, badly (sigma 9)", ("defocused", "covered"), lambda p, s: blurred(p, 9.0)),
        Disturbance("covered by cloth", ("covered", "moved"), lambda p, s: texture(p.shape, 3, 6)),
        Disturbance("covered by printed paper", ("covered", "moved"), lambda p, s: texture(p.shape, 4, 1)),
        Disturbance("covered by spray (even grey)", ("covered",), lambda p, s: np.full_like(p, 120)),
        Disturbance("covered black", ("covered", "dark"), lambda p, s: np.full_like(p, 17)),
        Disturbance("two thirds covered", ("covered", "moved"), lambda p, s: part(p, 0.67, texture(p.shape, 5, 6))),
        Disturbance("pushed by 3 % of the width", ("moved",), lambda p, s: moved(p, 0.03, 0.0)),
        Disturbance("pushed by 10 %", ("moved",), lambda p, s: moved(p, 0.10, 0.04)),
        Disturbance("turned by 8 degrees", ("moved", "covered"), lambda p, s: moved(p, 0.0, 0.0, 8.0)),
        Disturbance("looks elsewhere", ("moved", "covered"), lambda p, s: other[s * 3 % len(other)]),
        Disturbance("frozen", ("frozen",), lambda p, s: frozen[0]),
        Disturbance("lights off (2 % of the light)", ("dark",), lambda p, s: (16 + p * 0.02).astype(np.uint8)),
        Disturbance("nothing", (), lambda p, s: p, 300),
        Disturbance("auto-exposure: half and double in turn", (), lambda p, s: brighter(p, 0.55 if s // 20 % 2 else 1.6)),
        Disturbance("headlights", (), headlights),
        Disturbance("rain", (), rain),
        Disturbance("a lorry before it for 20 s", (), lorry, 20),
        Disturbance("switch to infrared", (), infrared),
        Disturbance("noise (sigma 8)", (), lambda p, s: brighter(p, 1.0, 8.0, s)),
        Disturbance("mast sways by 0.6 %", (), lambda p, s: moved(p, 0.006 * np.sin(s * 1.3), 0.003 * np.cos(s))),
    ]  # fmt: skip


def learnt(frames: list[Picture], noise: float) -> tuple[PictureHealth, dict[str, Hysteresis]]:
    """A camera after three minutes."""
    health, machines = PictureHealth(), {kind: Hysteresis("unknown", START) for kind in KINDS}
    for second, picture in zip(range(LEARN_S), walk(frames, noise, 11), strict=False):
        step(health, machines, picture, second, [])
    return health, machines


def step(
    health: PictureHealth, machines: dict[str, Hysteresis], picture: Picture, second: int, costs: list[float]
) -> list[str]:
    """One look; the states that are bad after it."""
    began = perf_counter_ns()
    measures = health.see(picture, Time(START + second * SECOND))
    costs.append((perf_counter_ns() - began) / 1e6)
    for kind, machine in machines.items():
        if measures is not None:
            machine.step(measures.badness[kind], STANDARD[kind], measures.time, float(second))  # type: ignore[index]
    return [kind for kind, machine in machines.items() if machine.state == "bad"]


def try_one(known: tuple[PictureHealth, dict[str, Hysteresis]], frames: list[Picture], disturbance: Disturbance,
            noise: float, costs: list[float]) -> Outcome:  # fmt: skip
    """Disturb a camera that has been learnt, and see which state comes first."""
    health, machines = copy.deepcopy(known)
    looks = walk(frames, noise, 12)
    for since in range(disturbance.seconds + (0 if disturbance.told else CALM_S)):
        picture = next(looks)
        if since < disturbance.seconds:
            picture = disturbance.change(picture, since)
        bad = step(health, machines, picture, LEARN_S + since, costs)
        if bad:
            return Outcome(bad[0], float(since))
    return Outcome("", None)


def measure(films: dict[str, list[Picture]], noise: float) -> tuple[dict[str, dict[str, Outcome]], list[float], float]:
    """Outcomes by disturbance and film, costs of a look in ms, and undisturbed camera-hours."""
    found: dict[str, dict[str, Outcome]] = {}
    costs: list[float] = []
    names = list(films)
    for number, (name, frames) in enumerate(films.items()):
        other = films[names[(number + 1) % len(names)]]
        shaped = [np.asarray(cv2.resize(each, frames[0].shape[::-1]), np.uint8) for each in other[:100]]
        known = learnt(frames, noise)
        for disturbance in disturbances(shaped, frames[:1]):
            outcome = try_one(known, frames, disturbance, noise, costs)
            found.setdefault(disturbance.name, {})[name] = outcome
    calm_s = LEARN_S + sum(each.seconds + CALM_S for each in disturbances(shaped, shaped[:1]) if not each.told)
    return found, costs, len(films) * calm_s / 3600


def report(found: dict[str, dict[str, Outcome]], costs: list[float], hours: float, noise: float) -> str:
    """The table of docs/benchmarks/picture-health.md."""
    told = {each.name: each.told for each in disturbances([np.zeros((2, 2), np.uint8)], [])}
    lines = [
        "| disturbance | films | told | as the right state | delay, median s | told as |",
        "|---|---|---|---|---|---|",
    ]
    for name, outcomes in found.items():
        if told[name]:
            told_as = [each.told for each in outcomes.values() if each.told]
            right = sum(each.told in told[name] for each in outcomes.values())
            delays = [each.delay_s for each in outcomes.values() if each.delay_s is not None]
            median = f"{statistics.median(delays):.0f}" if delays else "–"
            words = ", ".join(f"{word} {told_as.count(word)}" for word in sorted(set(told_as)))
            lines.append(f"| {name} | {len(outcomes)} | {len(told_as)} | {right} | {median} | {words} |")
    lines += ["", "| must not be told | films | told falsely | which |", "|---|---|---|---|"]
    false = 0
    for name, outcomes in found.items():
        if not told[name]:
            wrong = {film: each.told for film, each in outcomes.items() if each.told}
            false += len(wrong)
            lines.append(
                f"| {name} | {len(outcomes)} | {len(wrong)} | {', '.join(f'{f}: {k}' for f, k in wrong.items())} |"
            )
    lines += ["", f"Sensor noise added: sigma {noise:g}. A look costs {statistics.median(costs):.2f} ms at the median, "
              f"{sorted(costs)[len(costs) * 99 // 100]:.2f} ms at the 99th percentile. False alarms: {false} in "
              f"{hours:.1f} camera-hours of trouble that must not be told."]  # fmt: skip
    return "\n".join(lines)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, help="a folder of films of fixed cameras, beside the clips of the demo")
    parser.add_argument("--noise", type=float, default=1.5, help="sensor noise that the rendered clips lack")
    parser.add_argument("--write", type=Path, help="the page to write the tables to")
    parser.add_argument("--only", type=int, help="only so many films")
    asked = parser.parse_args()
    films = {clip.name: frames_of(clip.sub_path) for clip in clips()}
    for path in sorted(asked.films.glob("*.*")) if asked.films else []:
        if path.suffix in (".mp4", ".avi"):
            films[path.stem] = frames_of(path)
    films = {name: frames for name, frames in list(films.items())[: asked.only] if len(frames) >= 25}
    text = report(*measure(films, asked.noise), asked.noise)
    print(text)
    if asked.write:
        day = datetime.now(UTC).date().isoformat()
        head = asked.write.read_text("utf-8").split("<!-- measured -->")[0]
        asked.write.write_text(
            f"{head}<!-- measured -->\n{day}, {platform.machine()}, films: {', '.join(films)}.\n\n{text}\n", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
