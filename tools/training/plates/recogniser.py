"""Trains the plate recogniser: `python -m tools.training.plates recogniser` (`just train plates`).

From a seed: the pool of rendered plates, the order of samples and the first weights. Two runs differ only by what bf16
and the number of threads make of sums. Checkpoints allow to go on after a break (`--resume`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from tools.training.plates.calibration import calibrated, exact_shares
from tools.training.plates.checking import Checks, checks_of, other_cameras
from tools.training.plates.exporting import write_onnx, write_reference
from tools.training.plates.labelled import RealPlate, backgrounds, european_crops, romanian_frames
from tools.training.plates.places import MADE
from tools.training.plates.pool import pool
from tools.training.plates.recogniser_net import RecogniserNet
from tools.training.plates.samples import COUNTRIES, SIGNS, UNKNOWN, Sources, sample

FOLDER = MADE / "recogniser"
POOL, SEED = 40_000, 20261127
_BATCH = 64
_PEAK_RATE, _WEIGHT_DECAY = 2e-3, 0.01
_WARM_STEPS = 300
_MEAN_DECAY = 0.998
_COLUMNS_UNTIL = 4000
_EASY_UNTIL, _HARD_FROM = 400, 2200
"""Steps between which samples become as hard as they get."""
_COUNTRY_WEIGHT = 0.1
_CHECK_EVERY, _KEEP_EVERY, _SAY_EVERY = 500, 250, 50


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops (count, 48, 144) uint8, the signs of all one after the other, how many each has, the countries, the lines."""

    crops: npt.NDArray[np.uint8]
    signs: list[int]
    lengths: list[int]
    countries: list[int]
    lines: list[int]


class _Batches(IterableDataset[Batch]):
    """Endless batches; the one of a step depends on the seed and the step alone."""

    def __init__(self, sources: Sources, seed: int, first_step: int) -> None:
        self._sources, self._seed, self._first = sources, seed, first_step

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        step = self._first
        while True:
            rng = np.random.default_rng((self._seed, step))
            hardness = float(np.clip((step - _EASY_UNTIL) / (_HARD_FROM - _EASY_UNTIL), 0, 1))
            samples = [sample(rng, self._sources, hardness) for _ in range(_BATCH)]
            yield Batch(
                np.stack([item.crop.picture for item in samples]),
                [sign for item in samples for sign in item.signs],
                [len(item.signs) for item in samples],
                [item.country for item in samples],
                [item.lines for item in samples],
            )
            step += 1


def _learnt_from(plates: list[RealPlate]) -> list[RealPlate]:
    return [plate for plate in plates if not plate.is_for_checking]


def sources_of(seed: int, folder: Path) -> Sources:
    """What is learnt from: the share that is not for checking; crops of two lines stand twice."""
    european = _learnt_from(european_crops(folder))
    european += [plate for plate in european if plate.lines > 1]
    rng = np.random.default_rng(seed)
    return Sources(pool(POOL, seed), european, _learnt_from(romanian_frames(folder)), backgrounds(1200, rng, folder))


def rate(step: int, steps: int, peak: float = _PEAK_RATE) -> float:
    """The learning rate: a short rise, then half a cosine down to nearly nothing."""
    rise = min(1.0, (step + 1) / _WARM_STEPS)
    return float(peak * rise * (0.5 + 0.5 * np.cos(np.pi * min(1.0, step / steps))) + 1e-6)


def loss_of(net: RecogniserNet, batch: Batch, column_weight: float = 0.0) -> Tensor:
    """CTC's loss of the signs; lightly, the cross entropy of the country where it is known; at first, CTC's loss of the
    columns of one-line plates."""
    with torch.autocast("cpu", torch.bfloat16):
        signs, countries, columns = net.with_columns(torch.from_numpy(batch.crops))
    each = _ctc(signs, batch)
    loss = each.mean()
    target = torch.tensor(batch.countries)
    if bool((target != UNKNOWN).any()):
        country = functional.cross_entropy(countries.float(), target, ignore_index=UNKNOWN)
        loss = loss + _COUNTRY_WEIGHT * country
    if column_weight:
        has_one_line = torch.tensor(batch.lines) == 1
        loss = loss + column_weight * (_ctc(columns, batch) * has_one_line).mean()
    return loss


def _ctc(logits: Tensor, batch: Batch) -> Tensor:
    """CTC's loss a character, for each sample."""
    chances = logits.float().log_softmax(-1).transpose(0, 1)
    places = torch.full((len(batch.lengths),), logits.shape[1])
    lengths = torch.tensor(batch.lengths)
    signs = torch.tensor(batch.signs)
    each = functional.ctc_loss(chances, signs, places, lengths, reduction="none", zero_infinity=True)
    return each / lengths.clamp(min=2)


class Training:
    """The net, its running mean (which is what is used), the optimiser and the step it stands at."""

    def __init__(self, steps: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.net = RecogniserNet(len(SIGNS), len(COUNTRIES)).to(memory_format=torch.channels_last)
        self.mean = deepcopy(self.net)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), _PEAK_RATE, weight_decay=_WEIGHT_DECAY)
        self.steps, self.step = steps, 0

    def learn(self, batch: Batch) -> float:
        """One step; gives its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.step, self.steps)
        self.net.train()
        loss = loss_of(self.net, batch, max(0.0, 1 - self.step / _COLUMNS_UNTIL))
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self._follow()
        self.step += 1
        return float(loss.detach())

    def _follow(self) -> None:
        keep = min(_MEAN_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.mean.state_dict().values(), self.net.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.mul_(keep).add_(now, alpha=1 - keep)
                else:
                    mean.copy_(now)

    def save(self, path: Path) -> None:
        """Write everything that going on needs."""
        state = {"net": self.net, "mean": self.mean, "optimiser": self.optimiser}
        kept = {name: part.state_dict() for name, part in state.items()}
        torch.save({**kept, "step": self.step, "steps": self.steps}, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        """Go on where the checkpoint was written."""
        kept = torch.load(path)
        for name in ("net", "mean", "optimiser"):
            getattr(self, name).load_state_dict(kept[name])
        self.step = kept["step"]


def train(training: Training, sources: Sources, checks: Checks, seed: int, folder: Path) -> None:
    """Learn to the last step, saying how it goes, checking and keeping in between."""
    loader = DataLoader(_Batches(sources, seed, training.step), batch_size=None, num_workers=1, prefetch_factor=8)
    began, first = time.monotonic(), training.step
    told = 0.0
    for batch in loader:
        loss = training.learn(batch)
        told = 0.97 * told + 0.03 * loss if told else loss
        step = training.step
        if step % _SAY_EVERY == 0:
            each = (time.monotonic() - began) / (step - first)
            print(f"step {step} loss {told:.3f} {each * 1000:.0f} ms a step", flush=True)
        if step % _KEEP_EVERY == 0:
            training.save(folder / "last.pt")
        if step % _CHECK_EVERY == 0 or step == training.steps:
            shares = exact_shares(training.mean, checks)
            print(f"step {step} " + " ".join(f"{name} {share:.3f}" for name, share in shares.items()), flush=True)
            training.save(folder / f"step-{step}.pt")
        if step >= training.steps:
            return


def export(net: RecogniserNet, path: Path, folder: Path) -> None:
    """Calibrate the net on the plates for checking and write it and its numbers; says how it reads and what is sure."""
    checks = checks_of(folder)
    calibration, said = calibrated(net, [*checks, *other_cameras(folder)])
    write_onnx(net, calibration, path)
    write_reference(net, path.with_name("plate_recogniser_reference.json"))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB\n{said}")
    print(exact_shares(net, checks))


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Train the plate recogniser.")
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"), help="the folder of the labelled sets")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--export", type=Path, help="write the weights of --checkpoint there instead of training")
    parser.add_argument("--checkpoint", type=Path, help="default: last.pt in the folder")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    last = options.checkpoint or options.folder / "last.pt"
    training = Training(options.steps, options.seed)
    if options.resume or options.export:
        training.load(last)
    if options.export:
        export(training.mean, options.export, options.eval)
    else:
        sources, checks = sources_of(options.seed, options.eval), checks_of(options.eval)
        train(training, sources, checks, options.seed, options.folder)
    return 0
