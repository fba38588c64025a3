"""The recogniser's net: convolutions, one attention over the whole plate, and CTC over its rows read from top to bottom.

The picture is cut into three rows of 36 places. A line of text is read along the rows that it lies in, so one net reads
one, two and three lines, and a row without text is all gaps. CTC: A. Graves et al., Connectionist Temporal
Classification, 2006. Attention over few places after convolutions: Y. Du et al., SVTR, 2022.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

ROWS, COLUMNS = 3, 36
_HEADS = 4
_LEAST_CONTRAST = 4.0


class _Convolution(nn.Sequential):
    def __init__(self, before: int, after: int, step: tuple[int, int] = (1, 1)) -> None:
        super().__init__(nn.Conv2d(before, after, 3, step, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _Convolution(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return functional.relu(x + self.second(self.first(x)))


class _Attention(nn.Module):
    """Every place sees every other: which line it belongs to, and what stands beside it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.randn(1, ROWS * COLUMNS, width) * 0.02)
        self.before = nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)
        self.told = nn.Linear(width, width)
        self.after = nn.LayerNorm(width)
        self.mixed = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(inplace=True), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """(count, 108, width) to the same."""
        count, places, width = x.shape
        x = x + self.place
        parts = self.asked(self.before(x)).view(count, places, 3, _HEADS, width // _HEADS).permute(2, 0, 3, 1, 4)
        asking, answering, value = parts[0], parts[1], parts[2]
        weights = (asking @ answering.transpose(2, 3) * (width // _HEADS) ** -0.5).softmax(-1)
        x = x + self.told((weights @ value).transpose(1, 2).reshape(count, places, width))
        return x + self.mixed(self.after(x))


class RecogniserNet(nn.Module):
    """`forward` takes grey crops (count, 48, 144) uint8; gives the logits of (count, 108, signs + 1), class 0 the gap, and
    of (count, countries)."""

    def __init__(self, signs: int, countries: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            _Convolution(1, 24, (2, 2)),
            _Convolution(24, 48, (2, 2)),
            _Residual(48),
            _Convolution(48, 80, (2, 1)),
            _Residual(80),
            _Convolution(80, 128, (2, 1)),
        )
        self.mix = _Attention(128)
        self.last = _Convolution(128, 128)
        self.drop = nn.Dropout(0.1)
        self.sign = nn.Linear(128, signs + 1)
        self.country = nn.Linear(128, countries)
        self.column = nn.Linear(128, signs + 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The logits of the signs and of the countries."""
        x = self.features(x)
        return self.sign(x), self.country(x.mean(1))

    def with_columns(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """For the training: what `forward` gives, and logits (count, 36, signs + 1) of the columns alone, from which
        one-line plates teach letters much sooner than from three times as many places."""
        x = self.features(x)
        columns = x.view(x.shape[0], ROWS, COLUMNS, x.shape[2]).mean(1)
        return self.sign(x), self.country(x.mean(1)), self.column(columns)

    def features(self, x: Tensor) -> Tensor:
        """(count, 108, 128) from grey crops."""
        x = x.float().unsqueeze(1)
        # Each crop by its own brightness and contrast: night and glare are then no different from day.
        centred = x - x.mean((2, 3), keepdim=True)
        x = centred / ((centred**2).mean((2, 3), keepdim=True).sqrt() + _LEAST_CONTRAST)
        x = self.look(x)
        count, width = x.shape[:2]
        x = self.mix(x.flatten(2).transpose(1, 2))
        x = self.last(x.transpose(1, 2).reshape(count, width, ROWS, COLUMNS)).flatten(2).transpose(1, 2)
        dropped: Tensor = self.drop(x)
        return dropped
