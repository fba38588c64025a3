"""Writes a trained recogniser as ONNX, with its signs, countries and calibration inside, and numbers to check it by."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import onnx
import torch

from istros.recognition.models.conversion_checks import plate_crops
from tools.training.plates.calibration import Calibration
from tools.training.plates.recogniser_net import RecogniserNet
from tools.training.plates.samples import COUNTRIES, SIGNS

_OPERATORS = 17


def write_onnx(net: RecogniserNet, calibration: Calibration, path: Path) -> None:
    """The net as ONNX: `crops` (count, 48, 144) uint8 to `signs` (count, 108, signs + 1) and `countries`, both logits."""
    net.eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    dynamic = {name: {0: "count"} for name in ("crops", "signs", "countries")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (torch.from_numpy(plate_crops()),),
            str(path),
            input_names=["crops"],
            output_names=["signs", "countries"],
            dynamic_axes=dynamic,
            opset_version=_OPERATORS,
            dynamo=False,
        )
    model = onnx.load(str(path))
    said = {
        "signs": SIGNS,
        "countries": list(COUNTRIES),
        "temperature": calibration.temperature,
        "confidence": calibration.confidence,
    }
    entry = model.metadata_props.add()
    entry.key, entry.value = "istros", json.dumps(said, ensure_ascii=False)
    model.doc_string = "Istros plate recogniser; licence: see docs/models/plate-recogniser.md"
    onnx.save(model, str(path))


def write_reference(net: RecogniserNet, path: Path) -> None:
    """What torch itself computes for the formula crops: a few logits, for the check of the ONNX file."""
    net.eval()
    with torch.no_grad():
        signs, countries = (part.numpy() for part in net(torch.from_numpy(plate_crops())))
    places = [[count, place, sign] for count in (0, 1) for place in range(0, 108, 9) for sign in (0, 1, 11, 25, 40)]
    values = {
        "signs": [[*place, round(float(signs[tuple(place)]), 5)] for place in places],
        "countries": [[round(float(value), 5) for value in row] for row in countries],
    }
    path.write_text(json.dumps(values) + "\n", encoding="utf-8")
