"""The scores on what was kept back, and the confidence that is fitted on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL", reason="the renderer draws with Pillow, which the group `render` brings")

from istros.recognition.models.cards import PLATE_RECOGNISER
from istros.recognition.models.registry import MODELS_FOLDER, ModelDamaged
from istros.recognition.plates.plate_crop import box_corners, plate_crop
from istros.recognition.plates.plate_recogniser import CropText, PlateRecogniser
from istros.recognition.plates.text_recogniser import ReadCharacter
from tests.recognition.pictures import needs_models
from tools.training.plates.checking import Check
from tools.training.plates.held_out import alone, models_with, table


def _check(text: str, source: str = "ro") -> Check:
    corners = box_corners(10, 10, 100, 24)
    picture = np.full((44, 120), 128, np.uint8)
    return Check(plate_crop(picture, corners), text, source, 1, picture, corners)


def _read(text: str, confidence: float) -> CropText:
    return CropText(tuple(ReadCharacter(sign, 0.9, ()) for sign in text), (), confidence)


def test_the_table_counts_exact_and_confident_texts_by_source() -> None:
    checks = [_check("AB10XYZ"), _check("B10IOO"), _check("TR95XMI"), _check("CT12ABC", "hard")]
    texts = [_read("AB10XYZ", 0.95), _read("BIO100", 0.5), _read("TR95XM", 0.8), _read("", 0.0)]
    assert table(alone(checks, texts)).splitlines()[2:] == [
        "| hard | 1 | 0 (0.0%) | 0 | 0 |",
        "| ro | 3 | 2 (66.7%) | 2 | 1 |",
    ]


@needs_models
def test_other_weights_stand_in_for_the_committed_ones(tmp_path: Path) -> None:
    weights = tmp_path / "other.onnx"
    shutil.copyfile(MODELS_FOLDER / PLATE_RECOGNISER.file, weights)
    with models_with(weights) as folder:
        assert folder != MODELS_FOLDER
        assert PlateRecogniser(folder).read([]) == []
    weights.write_bytes(weights.read_bytes() + b"\0")
    with models_with(weights) as folder:
        shutil.copyfile(MODELS_FOLDER / PLATE_RECOGNISER.file, tmp_path / "copy")
        (folder / PLATE_RECOGNISER.file).unlink()
        (tmp_path / "copy").rename(folder / PLATE_RECOGNISER.file)
        with pytest.raises(ModelDamaged):
            PlateRecogniser(folder)
    with models_with(None) as folder:
        assert folder == MODELS_FOLDER


def _texts(wrong_when: str) -> object:
    """Many texts: how often one is right depends on its weakest character and, for `wrong_when`, on that too."""
    calibration = pytest.importorskip("tools.training.plates.calibration", reason="PyTorch is in the group `training`")
    rng = np.random.default_rng(3)
    weakest = rng.normal(1.5, 2.5, 4000)
    spoilt = np.minimum(0, rng.normal(-0.2, 0.6, 4000))
    features = [
        {"one": 1.0, "weakest": float(a), "blurred": float(b), "small": 0.0}
        for a, b in zip(weakest, spoilt, strict=True)
    ]
    odds = weakest + {"blurred": 2.0, "sharp": -2.0, "never": 0.0}[wrong_when] * spoilt
    is_right = rng.random(4000) < 1 / (1 + np.exp(-odds))
    return calibration.Texts(features, is_right, np.ones(4000), [str(number) for number in range(4000)])


def test_what_is_called_sure_is_hardly_ever_wrong_and_blur_only_lowers_it() -> None:
    pytest.importorskip("torch", reason="PyTorch is in the dependency group `training`")
    from tools.training.plates.calibration import Texts, lowered_confidence

    weights = {}
    for when in ("blurred", "sharp", "never"):
        texts = _texts(when)
        assert isinstance(texts, Texts)
        weights[when] = lowered_confidence(texts)
        sure = texts.odds(weights[when]) > np.log(9)
        assert 100 < sure.sum() < 2000 and texts.wrong_share(sure) <= 0.008
    assert weights["blurred"]["blurred"] > 1
    assert weights["sharp"]["blurred"] == 0
    assert weights["never"]["small"] == 0
