"""Makes the recogniser's chances honest: one temperature for its signs, a logistic function for whole texts.

Fitted on plates that were not learnt from. C. Guo et al., On Calibration of Modern Neural Networks, 2017.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from istros.recognition.plates.plate_recogniser import Decoder, confidence_features
from tools.training.plates.checking import Checks, best_path, folded
from tools.training.plates.recogniser_net import COLUMNS, ROWS
from tools.training.plates.samples import SIGNS

Floats = npt.NDArray[np.floating]
_TEMPERATURES = np.linspace(0.6, 3.0, 49)
_SURE = 0.93
_SURE_ODDS = float(np.log(_SURE / (1 - _SURE)))
"""From here on at most `_MOST_WRONG` of the texts may be wrong. Chosen by what is wrong at 0.8 after the whole reader's word
(format, detector, a second reader in doubt), which `held_out` tells."""
_MOST_WRONG = 0.008
_MOST_OF_ONE = 7
_ONLY_LOWERING = ("blurred", "small")
_PULL = 0.5
"""Strength of the pull of the logistic function's weights towards nought: few texts are wrong."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The divisor of the logits, and the weights of the confidence's features."""

    temperature: float
    confidence: dict[str, float]


def logits_of(net: nn.Module, checks: Checks) -> Floats:
    """(count, places, signs + 1) for all crops."""
    net.eval()
    with torch.no_grad():
        parts = [
            net(torch.from_numpy(np.stack([check.crop.picture for check in checks[start : start + 64]])))[0].numpy()
            for start in range(0, len(checks), 64)
        ]
    return np.concatenate(parts)


def exact_shares(net: nn.Module, checks: Checks) -> dict[str, float]:
    """The share of exact texts by source, letters drawn alike set equal."""
    right: dict[str, list[bool]] = {}
    for row, check in zip(logits_of(net, checks), checks, strict=True):
        right.setdefault(check.source, []).append(folded(best_path(row)) == folded(check.text))
    return {name: sum(values) / len(values) for name, values in sorted(right.items())}


def best_temperature(logits: Floats, checks: Checks) -> float:
    """The one under which the true texts are likeliest (least CTC loss)."""
    signs = torch.tensor([SIGNS.index(sign) + 1 for check in checks for sign in check.text])
    lengths = torch.tensor([len(check.text) for check in checks])
    places = torch.full((len(checks),), ROWS * COLUMNS)

    def loss(temperature: float) -> float:
        chances = torch.from_numpy(logits / np.float32(temperature)).log_softmax(-1).transpose(0, 1)
        each = functional.ctc_loss(chances, signs, places, lengths, reduction="none", zero_infinity=True)
        return float(each.clamp(max=20).mean())

    return float(min(_TEMPERATURES, key=loss))


def fitted_confidence(features: list[dict[str, float]], is_right: list[bool], counts: Floats) -> dict[str, float]:
    """Weights of a logistic function by Newton's method, pulled towards nought; `counts` says how much each text counts."""
    names = list(features[0])
    values = np.array([[row[name] for name in names] for row in features])
    target = np.array(is_right, float)
    weights = np.zeros(len(names))
    pull = np.diag([0.0 if name == "one" else _PULL for name in names])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ ((target - chances) * counts) - pull @ weights
        bend = (values * (chances * (1 - chances) * counts)[:, None]).T @ values + pull + 1e-6 * np.eye(len(names))
        weights = weights + np.linalg.solve(bend, slope)
    return dict(zip(names, (round(float(value), 4) for value in weights), strict=True))


@dataclass(frozen=True, slots=True)
class Texts:
    """What was read on crops: the features of each text's confidence, whether it is right, how much it counts, and the
    label. No plate counts for more than `_MOST_OF_ONE` crops, however many show it."""

    features: list[dict[str, float]]
    is_right: npt.NDArray[np.bool_]
    counts: Floats
    labels: list[str]

    def part(self, chosen: npt.NDArray[np.bool_]) -> Texts:
        """The chosen ones."""
        places = np.flatnonzero(chosen)
        features, labels = [self.features[place] for place in places], [self.labels[place] for place in places]
        return Texts(features, self.is_right[chosen], self.counts[chosen], labels)

    def odds(self, weights: dict[str, float]) -> Floats:
        """Each text's log-odds under the weights of its features."""
        return np.array([sum(weight * row[name] for name, weight in weights.items()) for row in self.features])

    def wrong_share(self, sure: npt.NDArray[np.bool_]) -> float:
        """The share of wrong ones among the sure ones."""
        whole = float(self.counts[sure].sum())
        return float((~self.is_right * self.counts)[sure].sum()) / whole if whole else 0.0


def texts_of(logits: Floats, checks: Checks, temperature: float) -> Texts:
    """What the logits say of the crops; those on which nothing is read are left out."""
    decoder = Decoder(SIGNS, temperature)
    read = [
        (check, decoded) for check, row in zip(checks, logits, strict=True) if (decoded := decoder.decode(row)).text
    ]
    shown = Counter(check.text for check, _ in read)
    return Texts(
        [confidence_features(decoded, check.crop) for check, decoded in read],
        np.array([folded(decoded.text) == folded(check.text) for check, decoded in read]),
        np.array([min(1.0, _MOST_OF_ONE / shown[check.text]) for check, _ in read]),
        [check.text for check, _ in read],
    )


def lowered_confidence(texts: Texts) -> dict[str, float]:
    """The fitted weights, the constant lowered until at most `_MOST_WRONG` of what is called sure is wrong.

    Blur and few pixels may only lower a confidence: where the fit would have it otherwise, they get no weight.
    """
    names = list(texts.features[0])
    while True:
        rows = [{name: row[name] for name in names} for row in texts.features]
        weights = fitted_confidence(rows, list(texts.is_right), texts.counts)
        against = [name for name in _ONLY_LOWERING if weights.get(name, 0.0) < 0]
        if not against:
            break
        names = [name for name in names if name not in against]
    weights |= dict.fromkeys(set(_ONLY_LOWERING) - weights.keys(), 0.0)
    shift = _shift(texts.odds(weights), texts.is_right, texts.counts)
    return weights | {"one": round(weights["one"] - shift, 4)}


def calibrated(net: nn.Module, checks: Checks) -> tuple[Calibration, str]:
    """Fit both on these crops; also says what share of all texts is sure and what share of the sure ones is wrong, there
    and on texts that the function was not fitted on (four parts, each by the other three)."""
    logits = logits_of(net, checks)
    temperature = best_temperature(logits, checks)
    texts = texts_of(logits, checks, temperature)
    weights = lowered_confidence(texts)
    odds = texts.odds(weights)
    other = _odds_by_others(texts)
    said = [f"temperature {temperature:.2f}, {weights}"]
    for name, values in (("fitted on", odds), ("by the other three quarters", other)):
        sure = values > _SURE_ODDS
        said.append(f"{name}: sure {sure.sum()} of {len(checks)}, of these wrong {texts.wrong_share(sure):.4f}")
    return Calibration(temperature, weights), "\n".join(said)


def _odds_by_others(texts: Texts) -> Floats:
    """Each text's log-odds under weights fitted on the quarters, by text, that it is not in."""
    quarters = np.array([crc32(label.encode()) % 4 for label in texts.labels])
    odds = np.zeros(len(quarters))
    for quarter in range(4):
        own = quarters == quarter
        odds[own] = texts.part(own).odds(lowered_confidence(texts.part(~own)))
    return odds


def _shift(odds: Floats, is_right: npt.NDArray[np.bool_], counts: Floats) -> float:
    """What to take from the odds so that of the texts above `_SURE` at most `_MOST_WRONG` are wrong; never less than nothing.

    A fitted chance of 0.9 and more is right in some 96 % on average, but a text that is called sure is acted on.
    """
    order = np.argsort(-odds)
    wrong = np.cumsum(~is_right[order] * counts[order]) / np.cumsum(counts[order])
    good = np.flatnonzero(wrong <= _MOST_WRONG)
    last = int(good[-1]) if len(good) else 0
    return max(0.0, float(odds[order[last]]) - _SURE_ODDS)
