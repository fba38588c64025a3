"""Trains the plate detector and then the net that moves its corners: `python -m tools.training.plates detector --eval DIR`.

`--eval` holds the sets plates_ro_train and plates_eu_train. Checkpoints, the log and the best weights go to `--out`; a
training that was broken off goes on from its last checkpoint. One thread trains and one process draws the scenes. About 70
minutes for 5,500 steps on one core with bfloat16 units (AVX-512 BF16).
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from istros.recognition.plates.plate_detector import FoundPlate, decoded, prepared
from tools.training.plates import detector_corners
from tools.training.plates.detector_net import PlateNet, export, loss_of, targets
from tools.training.plates.detector_scenes import Scene, bounds_of, make_scene
from tools.training.plates.detector_sources import (
    Floats,
    Sources,
    draw_plates,
    drawn_plate,
    read_clips,
    read_crops,
    read_frames,
    read_photos,
)
from tools.training.plates.places import MADE

STEPS, BATCH, SEED = 5_500, 16, 5
DRAWN_PLATES, JUDGED_SCENES = 4_000, 240
_RATE, _DECAY = 2e-3, 1e-4
_WARM_STEPS, _TRUST_FROM, _CHECK_EVERY, _SAVE_EVERY = 150, 1_500, 750, 250
_AVERAGE = 0.998
_JUDGED_SIDE = 640
_CLIPS = Path(__file__).resolve().parents[3] / "src/istros/sim/clips"


class Scenes(Dataset[tuple[Tensor, list[Tensor], bool]]):
    """Scene N of a seed, ready for the net."""

    def __init__(self, sources: Sources, seed: int, first: int, count: int) -> None:
        self._sources, self._seed, self._first, self._count = sources, seed, first, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> tuple[Tensor, list[Tensor], bool]:
        cv2.setNumThreads(1)
        scene = make_scene(self._sources, np.random.default_rng((self._seed, self._first + number)))
        return torch.from_numpy(scene.picture)[None], [torch.from_numpy(each) for each in targets(scene)], scene.real


def load_sources(folder: Path, *, drawn: int) -> Sources:
    """Everything to train with."""
    frames = read_frames(folder / "plates_ro_train", held_out=False)
    clips = read_clips(_CLIPS, held_out=False)
    plates = draw_plates(drawn, SEED, drawn_plate)
    return Sources(frames + clips, plates, read_crops(folder / "plates_eu_train"), read_photos())


class Training:
    """The net in training, its running average, and where they are kept."""

    def __init__(self, out: Path, steps: int) -> None:
        torch.manual_seed(SEED)
        self.net = PlateNet().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval()
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=_RATE, weight_decay=_DECAY)
        self.out, self.steps, self.step, self.best = out, steps, 0, -1.0
        if (out / "last.pt").is_file():
            kept = torch.load(out / "last.pt", weights_only=True)
            self.net.load_state_dict(kept["net"])
            self.average.load_state_dict(kept["average"])
            self.optimizer.load_state_dict(kept["optimizer"])
            self.step, self.best = kept["step"], kept["best"]

    def learn(self, pictures: Tensor, wanted: list[Tensor], real: Tensor) -> dict[str, float]:
        """One step; gives the parts of the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = _RATE * _rate_share(self.step, self.steps)
        grey = (pictures.float() / 255).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            levels = self.net(grey)
        parts = loss_of(levels, wanted, real, self.step > _TRUST_FROM)
        self.optimizer.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimizer.step()
        self.step += 1
        keep = min(_AVERAGE, self.step / (self.step + 20))
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(value, 1 - keep)
                else:
                    mean.copy_(value)
        return {name: value.item() for name, value in parts.items()}

    def save(self) -> None:
        """Keep everything that is needed to go on."""
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "step": self.step}
        state |= {"optimizer": self.optimizer.state_dict(), "best": self.best}
        torch.save(state, self.out / "next.pt")
        (self.out / "next.pt").replace(self.out / "last.pt")


def _rate_share(step: int, steps: int) -> float:
    """Warm up, then a half cosine down to a fiftieth."""
    if step < _WARM_STEPS:
        return (step + 1) / _WARM_STEPS
    return float(0.02 + 0.98 * (1 + np.cos(np.pi * min(1.0, step / steps))) / 2)


class Judge:
    """Measures a net on the held-out drives (at 640) and on drawn scenes that no training has seen."""

    def __init__(self, folder: Path, sources: Sources) -> None:
        frames = read_frames(folder / "plates_ro_train", held_out=True) + read_clips(_CLIPS, held_out=True)[::3]
        self._frames = [(frame.grey, frame.boxes) for frame in frames]
        numbers = range(JUDGED_SCENES)
        self._scenes = [make_scene(sources, np.random.default_rng((SEED + 1, number))) for number in numbers]

    def judge(self, net: PlateNet) -> dict[str, float]:
        """Average precisions, corner error in shares of the height; `total` is what decides."""
        frames = [_found(net, grey, _JUDGED_SIDE) for grey, _ in self._frames]
        scenes = [_found(net, scene.picture, scene.picture.shape[0]) for scene in self._scenes]
        bounds = [np.array([bounds_of(quad) for quad in scene.quads]).reshape(-1, 4) for scene in self._scenes]
        ignored = [scene.ignored for scene in self._scenes]
        real = average_precision(frames, [boxes for _, boxes in self._frames])
        drawn = average_precision(scenes, bounds, ignored)
        error = corner_error(scenes, self._scenes)
        return {"real": real, "drawn": drawn, "corners": error, "total": real + drawn - error}


def _found(net: PlateNet, grey: npt.NDArray[np.uint8], side: int) -> list[FoundPlate]:
    tensor = prepared(grey, side)
    with torch.no_grad():
        levels = net(torch.from_numpy(tensor).to(memory_format=torch.channels_last))
    scale = np.array([grey.shape[1] / tensor.shape[3], grey.shape[0] / tensor.shape[2]])
    plates = decoded([level[0].float().numpy() for level in levels], 0.05)
    return [FoundPlate(plate.corners * scale, plate.score, plate.has_lines) for plate in plates]


def average_precision(
    found: Sequence[Sequence[FoundPlate]], wanted: Sequence[Floats], ignored: Sequence[Floats] = ()
) -> float:
    """Area under precision over recall at an overlap (intersection over union of upright bounds) of one half."""
    marks: list[tuple[float, bool]] = []
    for number, plates in enumerate(found):
        open_boxes = list(wanted[number])
        for plate in plates:
            overlaps = [overlap_of(plate.bounds, box) for box in open_boxes]
            best = int(np.argmax(overlaps)) if overlaps else -1
            hit = best >= 0 and overlaps[best] >= 0.5
            if hit:
                open_boxes.pop(best)
            elif ignored and any(overlap_of(plate.bounds, box) > 0.1 for box in ignored[number]):
                continue
            marks.append((plate.score, hit))
    marks.sort(key=lambda mark: -mark[0])
    hits = np.cumsum([hit for _, hit in marks])
    total = max(1, sum(len(boxes) for boxes in wanted))
    precision = hits / np.arange(1, len(marks) + 1)
    best_after = np.maximum.accumulate(precision[::-1])[::-1]
    return float(sum(best_after[place] for place, (_, hit) in enumerate(marks) if hit) / total)


def overlap_of(one: Sequence[float], other: Sequence[float] | Floats) -> float:
    """Intersection over union of two upright boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(width * height / (sum(areas) - width * height))


def corner_error(found: Sequence[Sequence[FoundPlate]], scenes: Sequence[Scene]) -> float:
    """Mean distance of found corners from the true ones, in shares of the plate's height, where the corners are known."""
    errors = []
    for plates, scene in zip(found, scenes, strict=True):
        for quad in scene.quads[scene.exact]:
            height = max(5.0, float(np.linalg.norm(quad[3] + quad[2] - quad[0] - quad[1])) / 2)
            near = [float(np.linalg.norm(plate.corners - quad, axis=1).mean()) / height for plate in plates]
            if near and min(near) < 1:
                errors.append(min(near))
    return float(np.mean(errors)) if errors else 1.0


def train(folder: Path, out: Path, steps: int, drawn: int) -> None:
    """Train to the end; the weights with the best judgement lie in `out` as plate-detector.onnx."""
    out.mkdir(parents=True, exist_ok=True)
    sources = load_sources(folder, drawn=drawn)
    training, judge = Training(out, steps), Judge(folder, sources)
    scenes = Scenes(sources, SEED, training.step * BATCH, (steps - training.step) * BATCH)
    loader: DataLoader[Any] = DataLoader(scenes, BATCH, num_workers=1, prefetch_factor=8, drop_last=True)
    began, sums = perf_counter(), dict.fromkeys(("heat", "corner", "line"), 0.0)
    for pictures, wanted, real in loader:
        parts = training.learn(pictures, wanted, real)
        sums = {name: 0.98 * sums[name] + 0.02 * value for name, value in parts.items()}
        if training.step % 50 == 0:
            shown = " ".join(f"{name} {value:.3f}" for name, value in sums.items())
            _log(out, f"step {training.step} {perf_counter() - began:.0f} s {shown}")
        if training.step % _SAVE_EVERY == 0:
            training.save()
        if training.step % _CHECK_EVERY == 0 or training.step == steps:
            _judge(training, judge)
    training.save()


def _judge(training: Training, judge: Judge) -> None:
    result = judge.judge(training.average)
    _log(training.out, f"step {training.step} judged {json.dumps(result)}")
    if result["total"] > training.best:
        training.best = result["total"]
        export(copy.deepcopy(training.average), training.out / "plate-detector.onnx")


def _log(out: Path, line: str) -> None:
    print(line, flush=True)
    with (out / "log.txt").open("a", encoding="utf-8") as log:
        log.write(line + "\n")


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.training.plates detector", description=__doc__)
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"), help="the folder of the training sets")
    parser.add_argument("--out", type=Path, default=MADE / "plate-detector")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--only", choices=("detector", "corners"), help="one of the two nets instead of both")
    parser.add_argument("--drawn", type=int, default=DRAWN_PLATES, help="how many plates to draw beforehand")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if options.only != "corners":
        train(options.eval, options.out, options.steps, options.drawn)
    if options.only != "detector":
        detector_corners.train(options.eval, options.out)
    return 0
