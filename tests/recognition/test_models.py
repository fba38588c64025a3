"""The converter, the build and the registry."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from istros.recognition.models import build as models_build
from istros.recognition.models.cards import (
    AGE_SEX_READER,
    CARDS,
    FACE_DETECTOR,
    FACE_EMBEDDER,
    STREET_DETECTOR,
    STREET_LABELS,
)
from istros.recognition.models.registry import MODELS_FOLDER, ModelDamaged, ModelMissing, model_path, open_session
from tests.recognition.pictures import needs_models

onnx = pytest.importorskip("onnx", reason="onnx is in the dependency group `build`")
checks = pytest.importorskip("istros.recognition.models.conversion_checks")
tfjs = pytest.importorskip("istros.recognition.models.tfjs")
NODE_MODULES = Path(__file__).resolve().parents[2] / "tools" / "models" / "node_modules"


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "expected"),
    [(3, 1, 1, (1, 1)), (3, 2, 1, (0, 1)), (5, 2, 1, (1, 2)), (1, 1, 1, (0, 0)), (1, 2, 1, (0, 0)), (3, 1, 2, (2, 2))],
)
def test_same_padding_is_tensorflows(kernel: int, stride: int, dilation: int, expected: tuple[int, int]) -> None:
    assert tfjs.same_padding(kernel, stride, dilation) == expected


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _small_graph(folder: Path, operation: str = "Relu") -> Path:
    """images -> 1x1 convolution with bias -> an operation."""
    kernel = np.arange(6, dtype=np.float32).reshape(1, 1, 3, 2) - 2
    bias = np.array([1, -1], np.float32)
    (folder / "weights.bin").write_bytes(kernel.astype(np.float16).tobytes() + bias.tobytes())
    half = {"dtype": "float16", "original_dtype": "float32"}
    convolution = {
        "strides": {"list": {"i": ["1", "1", "1", "1"]}},
        "dilations": {"list": {"i": ["1", "1", "1", "1"]}},
        "padding": {"s": _coded("SAME")},
        "fused_ops": {"list": {"s": [_coded("BiasAdd")]}},
    }
    nodes = [
        {"name": "images", "op": "Placeholder", "attr": {}},
        {"name": "kernel", "op": "Const", "attr": {}},
        {"name": "bias", "op": "Const", "attr": {}},
        {"name": "conv", "op": "_FusedConv2D", "input": ["images", "kernel", "bias"], "attr": convolution},
        {"name": "out", "op": operation, "input": ["conv:0"], "attr": {}},
    ]
    weights = [
        {"name": "kernel", "shape": [1, 1, 3, 2], "dtype": "float32", "quantization": half},
        {"name": "bias", "shape": [2], "dtype": "float32"},
    ]
    path = folder / "model.json"
    manifest = [{"paths": ["weights.bin"], "weights": weights}]
    path.write_text(json.dumps({"modelTopology": {"node": nodes}, "weightsManifest": manifest}))
    return path


def test_a_converted_graph_computes_what_the_original_says(tmp_path: Path) -> None:
    converter = tfjs.Converter(tfjs.read_graph_model(_small_graph(tmp_path)))
    model = tfjs.picture_model(converter.convert({"out": "result"}), converter.constants, {"result": 2})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(1).random((1, 3, 4, 5), np.float32)
    (result,) = session.run(None, {"images": picture})
    kernel = np.arange(6, dtype=np.float32).reshape(3, 2) - 2
    expected = np.maximum(np.einsum("nchw,cd->ndhw", picture, kernel) + np.array([1, -1]).reshape(1, 2, 1, 1), 0)
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_an_unknown_operation_is_named(tmp_path: Path) -> None:
    converter = tfjs.Converter(tfjs.read_graph_model(_small_graph(tmp_path, "FancyOp")))
    with pytest.raises(tfjs.ConversionError, match="FancyOp of out"):
        converter.convert({"out": "result"})


@pytest.mark.skipif(
    not NODE_MODULES.is_dir(), reason="tools/models is not installed: npm ci there brings the originals"
)
def test_the_build_makes_checked_models_once(tmp_path: Path) -> None:
    assert models_build.build(NODE_MODULES, tmp_path) is True
    assert models_build.build(NODE_MODULES, tmp_path) is False
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert set(manifest["models"]) == {card.name for card in CARDS}


def test_a_missing_original_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models_build.main(["--npm", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "missing" in capsys.readouterr().err


def test_missing_weights_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"\./istros setup"):
        model_path(STREET_DETECTOR, tmp_path)


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / STREET_DETECTOR.file).write_bytes(b"not the weights")
    (tmp_path / "manifest.json").write_text(json.dumps({"models": {STREET_DETECTOR.name: {"sha256": "0" * 64}}}))
    with pytest.raises(ModelDamaged):
        model_path(STREET_DETECTOR, tmp_path)


@needs_models
def test_the_detector_has_one_output_a_label() -> None:
    models_build.check_street_detector(MODELS_FOLDER / STREET_DETECTOR.file)
    session = open_session(STREET_DETECTOR, dimensions={"width": 384, "height": 224})
    peaks, sides = session.run(None, {"images": np.zeros((1, 3, 224, 384), np.float32)})
    assert peaks.shape == (1, len(STREET_LABELS), 56, 96)
    assert sides.shape == (1, 4, 56, 96)


@needs_models
def test_the_face_models_compute_what_their_originals_do() -> None:
    assert checks.check_face_detector(MODELS_FOLDER / FACE_DETECTOR.file) < 1e-5
    assert checks.check_face_embedder(MODELS_FOLDER / FACE_EMBEDDER.file) < 1e-5
    assert checks.check_age_sex_reader(MODELS_FOLDER / AGE_SEX_READER.file) < 1e-4


@needs_models
def test_a_face_model_with_another_weight_is_refused(tmp_path: Path) -> None:
    model = onnx.load(str(MODELS_FOLDER / FACE_EMBEDDER.file))
    largest = max(model.graph.initializer, key=lambda each: len(each.raw_data))
    values = onnx.numpy_helper.to_array(largest).copy()
    values *= 1.05
    largest.CopyFrom(onnx.numpy_helper.from_array(values, largest.name))
    onnx.save(model, str(tmp_path / "changed.onnx"))
    with pytest.raises(checks.ConversionDiffers, match="face embedder differs"):
        checks.check_face_embedder(tmp_path / "changed.onnx")


@needs_models
def test_the_face_detector_takes_pictures_of_any_size() -> None:
    for columns, rows in ((640, 352), (960, 544)):
        session = open_session(FACE_DETECTOR, dimensions={"width": columns, "height": rows})
        outputs = session.run(None, {"images": np.zeros((1, 3, rows, columns), np.float32)})
        assert [each.shape for each in outputs] == [(1, n, rows // 4, columns // 4) for n in (1, 2, 2, 10)]


@needs_models
def test_the_face_embedder_takes_several_faces_at_once() -> None:
    pictures = np.random.default_rng(3).uniform(0, 255, (2, 3, 150, 150)).astype(np.float32)
    session = open_session(FACE_EMBEDDER)
    (both,) = session.run(None, {"images": pictures})
    (second,) = session.run(None, {"images": pictures[1:]})
    np.testing.assert_allclose(both[1], second[0], atol=1e-5)
