"""Trains the net that moves a found plate's corners, the second half of `python -m tools.training.plates detector`.

It learns from the detector's own scenes: each plate whose corners are known is cut out by corners that are wrong in the
ways in which the detector's are. About 15 minutes on one core.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from istros.recognition.plates.plate_corners import COLUMNS, INNER, ROWS, UNIT_PX, warped
from tools.training.plates.detector_scenes import make_scene, sides_of
from tools.training.plates.detector_sources import (
    Floats,
    Sources,
    draw_plates,
    drawn_plate,
    read_clips,
    read_frames,
    read_photos,
)

STEPS, SCENES, SEED = 4_000, 8, 11
_CUTS = 6
"""Cuts of each plate, each with other wrong corners."""
_DRAWN, _JUDGED = 3_000, 150
_RATE, _DECAY = 2e-3, 1e-4
_CLIPS = Path(__file__).resolve().parents[3] / "src/istros/sim/clips"
_LEAST_SPREAD = 0.03
"""Added to a cut's contrast before it is divided by it, so that noise in the dark does not count as contrast."""
_REFERENCE_NAME = "plate_corners_reference.json"


class CornerNet(nn.Module):
    """Five plain convolutions and two layers over the whole cut."""

    def __init__(self) -> None:
        super().__init__()
        widths = (1, 16, 32, 48, 64, 64)
        blocks: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            stride = 2 if inputs != outputs else 1
            blocks += [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        self.seen = nn.Sequential(*blocks)
        self.said = nn.Sequential(
            nn.Flatten(), nn.Linear(64 * (ROWS // 16) * (COLUMNS // 16), 96), nn.ReLU(), nn.Linear(96, 8)
        )

    def forward(self, cuts: Tensor) -> Tensor:
        """How far the corners (count, 8) of cuts (count, 1, 80, 192), 0 to 1, are from where they should lie."""
        middle = cuts.mean(dim=(2, 3), keepdim=True)
        spread = (cuts - middle).square().mean(dim=(2, 3), keepdim=True).sqrt()
        said: Tensor = self.said(self.seen((cuts - middle) / (spread + _LEAST_SPREAD)))
        return said


def wrong_corners(rng: np.random.Generator, quad: Floats) -> Floats:
    """Corners that are off as a detector's are: shifted, too large or small, not steep enough, each for itself."""
    width, height = sides_of(quad)
    strength = rng.choice([0.3, 1.0], p=[0.35, 0.65])
    along = (quad[1] + quad[2] - quad[0] - quad[3]) / (2 * max(width, 1e-3))
    across = (quad[3] + quad[2] - quad[0] - quad[1]) / (2 * max(height, 1e-3))
    sides = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    shift = rng.normal(0, 1, 2) * strength * [0.07, 0.16]
    grow = rng.normal(0, 1, 2) * strength * [0.07, 0.14]
    slope = rng.normal(0, 0.22) * strength
    lean = rng.normal(0, 0.12) * strength
    each = rng.normal(0, 1, (4, 2)) * strength * [0.02, 0.06]
    x = sides[:, 0] * grow[0] / 2 + shift[0] + each[:, 0]
    y = sides[:, 1] * grow[1] / 2 + shift[1] + each[:, 1] + sides[:, 0] * slope
    x = x + sides[:, 1] * lean * height / max(width, 1e-3)
    return np.asarray(quad + x[:, None] * width * along + y[:, None] * height * across, np.float32)


class Cuts(Dataset[tuple[Tensor, Tensor]]):
    """Cuts of scene N with the offsets that put their corners right."""

    def __init__(self, sources: Sources, seed: int, count: int) -> None:
        self._sources, self._seed, self._count = sources, seed, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        cv2.setNumThreads(1)
        rng = np.random.default_rng((self._seed, number))
        scene = make_scene(self._sources, rng)
        cuts, wanted = [np.zeros((0, ROWS, COLUMNS), np.uint8)], [np.zeros((0, 8), np.float32)]
        for quad in scene.quads[scene.exact]:
            for _ in range(_CUTS):
                wrong = wrong_corners(rng, quad)
                cuts.append(warped(scene.picture, wrong, INNER, (ROWS, COLUMNS))[None])
                there = cv2.perspectiveTransform(quad[None], cv2.getPerspectiveTransform(wrong, INNER))[0]
                wanted.append(((there - INNER) / UNIT_PX).reshape(1, 8))
        return torch.from_numpy(np.concatenate(cuts)), torch.from_numpy(np.concatenate(wanted).astype(np.float32))


def _joined(items: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    return torch.cat([cuts for cuts, _ in items]), torch.cat([wanted for _, wanted in items])


def _loss(found: Tensor, wanted: Tensor) -> Tensor:
    known = wanted.abs().amax(dim=1) < 2.5
    return functional.smooth_l1_loss(found[known], wanted[known], beta=0.05)


def train(folder: Path, out: Path, steps: int = STEPS) -> None:
    """Train to the end and write plate-corners.onnx with the numbers of its check into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    plates = draw_plates(_DRAWN, SEED, drawn_plate)
    frames = read_frames(folder / "plates_ro_train", held_out=False) + read_clips(_CLIPS, held_out=False)
    sources = Sources(frames, plates, plates, read_photos())
    torch.manual_seed(SEED)
    net = CornerNet().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps + 1, pct_start=0.05)
    judged = _joined([Cuts(sources, SEED + 1, _JUDGED)[number] for number in range(_JUDGED)])
    loader: DataLoader[Any] = DataLoader(
        Cuts(sources, SEED, steps * SCENES), SCENES, num_workers=1, prefetch_factor=8, collate_fn=_joined
    )
    began, mean = perf_counter(), 0.0
    for step, (cuts, wanted) in enumerate(loader, start=1):
        if len(cuts) > 1:
            with torch.autocast("cpu", torch.bfloat16):
                found = net((cuts[:, None].float() / 255).to(memory_format=torch.channels_last))
            loss = _loss(found.float(), wanted)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            mean = 0.98 * mean + 0.02 * loss.item()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} {perf_counter() - began:.0f} s loss {mean:.4f}", flush=True)
        if step % 1000 == 0 or step == steps:
            print(f"step {step} judged {_judged(net, *judged):.4f} of the height", flush=True)
            export(net, out)
            net.train()


def _judged(net: CornerNet, cuts: Tensor, wanted: Tensor) -> float:
    """Mean distance of the corners after one look, in shares of the height that the plate was thought to have."""
    with torch.no_grad():
        off = (net.eval()(cuts[:, None].float() / 255) - wanted).reshape(-1, 4, 2).norm(dim=2)
    return float(off.mean()) * UNIT_PX / float(INNER[2, 1] - INNER[0, 1])


def export(net: CornerNet, out: Path) -> None:
    """Write the net as ONNX, and what PyTorch computes for a cut made from a formula."""
    net.eval()
    path = out / "plate-corners.onnx"
    torch.onnx.export(
        net, (torch.zeros(2, 1, ROWS, COLUMNS),), str(path), input_names=["cuts"], output_names=["offsets"],
        dynamic_axes={"cuts": {0: "count"}, "offsets": {0: "count"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    cut = ((columns * 3 + rows * 5 + ((columns * rows) >> 6) * 7) % 256).astype(np.float32) / 255
    with torch.no_grad():
        offsets = net(torch.from_numpy(cut)[None, None])[0].tolist()
    text = json.dumps({"offsets": [round(value, 6) for value in offsets]})
    (out / _REFERENCE_NAME).write_text(text + "\n", encoding="utf-8")
