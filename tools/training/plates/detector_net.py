"""The plate detector's net, what it shall say of a scene, and how far it is from that. PyTorch is needed only here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from istros.recognition.models.centernet import reference_picture
from istros.recognition.models.conversion_checks import PLATE_SIDE
from istros.recognition.plates.plate_detector import CHANNELS, CORNER_UNIT, STRIDES
from tools.training.plates.detector_scenes import Scene, bounds_of, sides_of
from tools.training.plates.detector_sources import Floats

WIDTHS = (16, 16, 48, 80, 112)
"""Channels after each halving. Multiples of 16: onnxruntime computes AVX-512 convolutions in blocks of 16."""
NECK = 48
SIZES_PX = ((0.0, 72.0), (52.0, 160.0), (120.0, 1e9))
"""Sizes of the plates that each map answers for; where they overlap, both do. A size is 2.1 times the root of the area,
which for a plate of one line is its width."""
_SIGMA = np.array([0.22, 0.45], np.float32)
"""Spread of the target round a plate's middle, in half widths and half heights."""
_CORNERS_FROM = 0.3
_UNSURE, _UNSURE_WEIGHT = 0.5, 0.25
"""Where the net sees a plate in a real frame without a label there, it may be right: that counts a quarter."""
_TARGET_CHANNELS = 13
_REFERENCE_POINTS = 24
_CORNERS_COUNT = 2.0
"""Weight of the corners in the loss: what is read depends on them."""


def _conv(inputs: int, outputs: int, stride: int = 1, spread: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, spread, spread, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    def __init__(self, width: int, spread: int = 1) -> None:
        super().__init__()
        self.first = _conv(width, width, 1, spread)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, spread, spread, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """The input and what two convolutions add to it."""
        return functional.relu(x + self.second(self.first(x)))


class PlateNet(nn.Module):
    """Plain convolutions down to 1/32, a feature pyramid up to 1/8 (T.-Y. Lin et al., CVPR 2017), a head on each level."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d, e = WIDTHS
        self.to_8 = nn.Sequential(_conv(1, a, 2), _conv(a, b, 2), _conv(b, c, 2), _conv(c, c))
        self.to_16 = nn.Sequential(_conv(c, d, 2), _Residual(d))
        self.to_32 = nn.Sequential(_conv(d, e, 2), _Residual(e), _Residual(e, 2))
        self.across = nn.ModuleList(nn.Conv2d(width, NECK, 1) for width in (c, d, e))
        self.joined = nn.ModuleList(_conv(NECK, NECK) for _ in STRIDES)
        self.apart = nn.ModuleList((nn.Identity(), _conv(NECK, NECK), _conv(NECK, NECK)))
        self.heads = nn.ModuleList(nn.Conv2d(NECK, CHANNELS, 1) for _ in STRIDES)
        for head in self.heads:
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            head.bias.data[0] = -4.0
            head.bias.data[1:9] = torch.tensor([-0.5, -0.1, 0.5, -0.1, 0.5, 0.1, -0.5, 0.1])

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Maps (count, 10, rows, columns) at 1/8, 1/16 and 1/32 of grey pictures (count, 1, rows, columns), 0 to 1."""
        eighth = self.to_8(x)
        sixteenth = self.to_16(eighth)
        top = self.across[2](self.to_32(sixteenth))
        middle = self.joined[1](self.across[1](sixteenth) + functional.interpolate(top, scale_factor=2.0))
        low = self.joined[0](self.across[0](eighth) + functional.interpolate(middle, scale_factor=2.0))
        levels = (low, middle, self.joined[2](top))
        return tuple(head(apart(level)) for head, apart, level in zip(self.heads, self.apart, levels, strict=True))


def targets(scene: Scene) -> list[Floats]:
    """For each map (13, rows, columns): heat, ignored, corners' weight, eight corner values, exact, several lines.

    Corner values are pixels of the scene.
    """
    side = scene.picture.shape[0]
    maps = [np.zeros((_TARGET_CHANNELS, side // stride, side // stride), np.float32) for stride in STRIDES]
    for box in scene.ignored:
        for stride, target in zip(STRIDES, maps, strict=True):
            left, top = (np.maximum(0, np.floor(box[:2] / stride))).astype(int)
            right, bottom = np.ceil(box[2:] / stride).astype(int)
            target[1, top:bottom, left:right] = 1
    for quad, exact, lines in zip(scene.quads, scene.exact, scene.lines, strict=True):
        width, height = sides_of(quad)
        size = 2.1 * float(np.sqrt(width * height))
        for stride, target, (least, most) in zip(STRIDES, maps, SIZES_PX, strict=True):
            if least <= size <= most:
                _write(target, quad, stride, bool(exact), int(lines))
    return maps


def _write(target: Floats, quad: Floats, stride: int, exact: bool, lines: int) -> None:
    cells = target.shape[1]
    left, top, right, bottom = bounds_of(quad) / stride
    columns = np.arange(max(0, int(left)), min(cells, int(right) + 1))
    rows = np.arange(max(0, int(top)), min(cells, int(bottom) + 1))
    if not len(columns) or not len(rows):
        return
    grid = np.stack(np.meshgrid((columns + 0.5) * stride, (rows + 0.5) * stride), axis=-1).astype(np.float32)
    unit = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    inside = cv2.perspectiveTransform(grid.reshape(1, -1, 2), cv2.getPerspectiveTransform(quad, unit))
    heat = np.exp(-np.square(inside.reshape(grid.shape) / _SIGMA).sum(axis=2) / 2)
    nearest = np.unravel_index(int(np.argmin(np.square(grid - quad.mean(axis=0)).sum(axis=2))), heat.shape)
    heat[nearest] = 1.0
    part = target[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    stronger = heat > part[0]
    part[0][stronger] = heat[stronger]
    known = stronger & (heat > _CORNERS_FROM)
    part[2][known] = heat[known]
    part[3:11, known] = quad.reshape(8, 1)
    part[11][known] = float(exact)
    part[12][known] = float(lines > 1)


def loss_of(levels: Sequence[Tensor], wanted: Sequence[Tensor], real: Tensor, trusts: bool) -> dict[str, Tensor]:
    """Loss by part. `real` (count) says which scenes can have unlabelled plates; `trusts`: the net is trained enough to tell."""
    heat, corner, line, peaks, weights = (torch.zeros(()) for _ in range(5))
    for stride, level, target in zip(STRIDES, levels, wanted, strict=True):
        level = level.float()
        heat = heat + _heat_loss(level[:, 0], target, real, trusts)
        peaks = peaks + (target[:, 0] == 1).sum()
        weight = target[:, 2]
        weights = weights + weight.sum()
        corner = corner + (_corner_loss(level[:, 1:9], target, stride) * weight).sum()
        lines = functional.binary_cross_entropy_with_logits(level[:, 9], target[:, 12], reduction="none")
        line = line + (lines * weight).sum()
    count = weights.clamp(min=1)
    return {"heat": heat / peaks.clamp(min=1), "corner": _CORNERS_COUNT * corner / count, "line": 0.1 * line / count}


def _heat_loss(logits: Tensor, target: Tensor, real: Tensor, trusts: bool) -> Tensor:
    """The focal loss of "Objects as Points" (its equation 1, alpha 2, beta 4)."""
    wanted, chance = target[:, 0], torch.sigmoid(logits)
    hit = functional.logsigmoid(logits) * (1 - chance).square()
    miss = functional.logsigmoid(-logits) * chance.square() * (1 - wanted).pow(4) * (1 - target[:, 1])
    if trusts:
        unsure = (chance.detach() > _UNSURE) & (wanted < 0.01) & real[:, None, None]
        miss = torch.where(unsure, miss * _UNSURE_WEIGHT, miss)
    return -torch.where(wanted == 1, hit, miss).sum()


def _corner_loss(offsets: Tensor, target: Tensor, stride: int) -> Tensor:
    """Mean distance (count, rows, columns) in shares of the plate's height; by the upright bounds where only they are known."""
    count, _, rows, columns = offsets.shape
    x = (torch.arange(columns) + 0.5) * stride
    y = (torch.arange(rows) + 0.5) * stride
    middle = torch.stack(torch.meshgrid(x, y, indexing="xy"))
    found = offsets.reshape(count, 4, 2, rows, columns) * (CORNER_UNIT * stride) + middle
    wanted = target[:, 3:11].reshape(count, 4, 2, rows, columns)
    height = (wanted[:, 3] + wanted[:, 2] - wanted[:, 0] - wanted[:, 1]).norm(dim=1).div(2).clamp(min=5)
    exact = _smooth(found - wanted, height).mean(dim=(1, 2))
    sides = torch.cat([found.amin(1) - wanted.amin(1), found.amax(1) - wanted.amax(1)], dim=1)
    loose = _smooth(sides[:, :, None], height).mean(dim=(1, 2))
    return torch.where(target[:, 11] > 0, exact, loose)


def _smooth(error: Tensor, height: Tensor) -> Tensor:
    return functional.smooth_l1_loss(
        error / height[:, None, None], torch.zeros_like(error), beta=0.05, reduction="none"
    )


def export(net: PlateNet, path: Path) -> None:
    """Write the net as ONNX, for pictures of any size that is a multiple of 32, and beside it what PyTorch computes for the
    picture of the numeric check (`plate_detector_reference.json`): some points of each map."""
    net = net.eval().to(memory_format=torch.contiguous_format)
    names = [f"level_{stride}" for stride in STRIDES]
    free: dict[str, Any] = {name: {2: f"rows_{name}", 3: f"columns_{name}"} for name in names}
    free["grey"] = {2: "rows", 3: "columns"}
    torch.onnx.export(
        net, (torch.zeros(1, 1, 352, 640),), str(path), input_names=["grey"], output_names=names, dynamic_axes=free,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    picture = torch.from_numpy(reference_picture(PLATE_SIDE)).mean(dim=1, keepdim=True) / 255
    with torch.no_grad():
        levels = net(picture)
    rng, reference = np.random.default_rng(0), {}
    for name, level in zip(names, levels, strict=True):
        places = [[int(rng.integers(size)) for size in level.shape[1:]] for _ in range(_REFERENCE_POINTS)]
        reference[name] = [[*place, round(float(level[0][tuple(place)]), 6)] for place in places]
    path.with_name("plate_detector_reference.json").write_text(json.dumps(reference) + "\n", encoding="utf-8")
