"""Detectors by card: small graphs whose outputs are known, and cards that are wrong."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from istros.recognition.detector import StreetDetector
from istros.recognition.models.cards import STREET_DETECTOR
from istros.recognition.models.detector_card import CardWrong, DetectorCard, read_card
from istros.recognition.models.registry import open_session
from istros.recognition.models.runtimes import ModelUnusable, RuntimeMissing, open_runtime
from istros.recognition.observation import Box, Detection
from istros.recognition.own_detector import OwnDetector, detector_of, tensor_of
from istros.settings import SettingsError, load_settings
from tests.recognition.pictures import needs_models, street

onnx = pytest.importorskip("onnx", reason="onnx is in the dependency group `build`")

Array = NDArray[np.float32]
LABELS = {"0": "person", "1": "car", "2": "bicycle"}


def constant_model(path: Path, outputs: dict[str, NDArray[Any]], side: int = 64, size_name: str = "") -> Path:
    """A net that says the same whatever it sees; it looks at its input, so that the input's name and size matter."""
    make, numpy = onnx.helper, onnx.numpy_helper
    kinds = {name: onnx.helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in outputs.items()}
    inputs = [make.make_tensor_value_info("images", onnx.TensorProto.FLOAT, [1, 3, side, side])]
    if size_name:
        inputs.append(make.make_tensor_value_info(size_name, onnx.TensorProto.INT64, [1, 2]))
    nodes = [
        make.make_node("ReduceSum", ["images"], ["total"], keepdims=0),
        make.make_node("Mul", ["total", "nothing"], ["zero"]),
    ]
    for name, kind in kinds.items():
        nodes.append(make.make_node("Cast", ["zero"], [f"{name}_zero"], to=kind))
        nodes.append(make.make_node("Add", [f"{name}_said", f"{name}_zero"], [name]))
    said = [numpy.from_array(array, f"{name}_said") for name, array in outputs.items()]
    infos = [make.make_tensor_value_info(name, kind, list(outputs[name].shape)) for name, kind in kinds.items()]
    nothing = numpy.from_array(np.zeros((), np.float32), "nothing")
    graph = make.make_graph(nodes, "constant", inputs, infos, [*said, nothing])
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def card_for(model: Path, output: dict[str, Any], /, **changes: Any) -> Path:
    content: dict[str, Any] = {
        "name": "trial",
        "title": "A net that always says the same",
        "file": model.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "source": "made by the test",
        "licence": "EUPL-1.2",
        "input": {"columns": 64, "rows": 64},
        "output": output,
        "labels": LABELS,
    }
    content |= changes
    path = model.with_suffix(".json")
    path.write_text(json.dumps(content))
    return path


def wide_street() -> NDArray[np.uint8]:
    """Twice as wide as high: letterboxed into 64x64 it covers the upper 32 rows."""
    return street(640, 320)


def the_one(found: list[Detection]) -> Detection:
    assert len(found) == 1, found
    return found[0]


def close(box: Box, sides: tuple[float, float, float, float]) -> bool:
    return bool(np.allclose((box.left, box.top, box.right, box.bottom), sides, atol=1e-3))


def yolox_output() -> Array:
    """64 places at stride 8 (8x8), 16 at 16, 4 at 32; a car at column 2, row 1 of stride 8, twice, and a faint person."""
    output = np.zeros((1, 84, 8), np.float32)
    output[0, 1 * 8 + 2] = [0.5, 0.25, np.log(2.0), np.log(1.0), 0.9, 0.0, 0.8, 0.1]
    output[0, 64 + 0 * 4 + 1] = [0.25, 0.6, np.log(1.0), np.log(0.5), 0.9, 0.1, 0.6, 0.0]
    output[0, 80] = [0.5, 0.5, 0.0, 0.0, 0.5, 0.3, 0.0, 0.0]
    return output


def test_yolox_places_become_one_box(tmp_path: Path) -> None:
    model = constant_model(tmp_path / "yolox.onnx", {"output": yolox_output()})
    card = card_for(model, {"decoding": "yolox"})
    found = the_one(OwnDetector(card).detect(wide_street(), 0.3))
    # Middle (2.5 * 8, 1.25 * 8) = (20, 10), size (16, 8), in an input of which the picture covers 64 x 32.
    assert (found.label, round(found.score, 3)) == ("car", 0.72)
    assert close(found.box, (12 / 64, 6 / 32, 28 / 64, 14 / 32))


def test_yolox_decoded_in_the_graph_is_taken_as_pixels(tmp_path: Path) -> None:
    output = np.zeros((1, 84, 8), np.float32)
    output[0, 5] = [32, 16, 20, 10, 1.0, 0.0, 0.0, 0.7]
    model = constant_model(tmp_path / "yolox.onnx", {"output": output})
    found = the_one(OwnDetector(card_for(model, {"decoding": "yolox", "decoded": True})).detect(wide_street()))
    assert found.label == "bicycle"
    assert close(found.box, (22 / 64, 11 / 32, 42 / 64, 21 / 32))


@pytest.mark.parametrize(("activation", "score"), [("sigmoid", 1 / (1 + np.exp(-2.0))), ("softmax", None)])
def test_detr_queries_become_boxes(tmp_path: Path, activation: str, score: float | None) -> None:
    logits = np.full((1, 5, 4), -6.0, np.float32)
    logits[..., 3] = 4.0 if activation == "softmax" else -6.0
    logits[0, 2] = [-3.0, 2.0, -3.0, -4.0]
    boxes = np.tile(np.array([0.5, 0.5, 0.1, 0.1], np.float32), (1, 5, 1))
    boxes[0, 2] = [0.5, 0.25, 0.5, 0.25]
    model = constant_model(tmp_path / "detr.onnx", {"logits": logits, "pred_boxes": boxes})
    card = card_for(
        model, {"decoding": "detr", "activation": activation}, input={"columns": 64, "rows": 64, "fit": "stretch"}
    )
    found = the_one(OwnDetector(card).detect(wide_street(), 0.3))
    wanted = score or np.exp(2.0) / np.exp([-3.0, 2.0, -3.0, -4.0]).sum()
    assert (found.label, found.score) == ("car", pytest.approx(wanted, abs=1e-4))
    assert close(found.box, (0.25, 0.125, 0.75, 0.375))


def test_a_finished_detr_gets_the_size_and_gives_boxes(tmp_path: Path) -> None:
    outputs = {
        "labels": np.array([[7, 1, 0]], np.int64),
        "boxes": np.array([[[0, 0, 9, 9], [16, 8, 48, 24], [1, 1, 2, 2]]], np.float32),
        "scores": np.array([[0.9, 0.8, 0.1]], np.float32),
    }
    model = constant_model(tmp_path / "dfine.onnx", outputs, size_name="orig_target_sizes")
    shape = {"columns": 64, "rows": 64, "size_name": "orig_target_sizes"}
    found = the_one(OwnDetector(card_for(model, {"decoding": "finished"}, input=shape)).detect(wide_street()))
    assert found.label == "car"  # class 7 has no label and is ignored
    assert close(found.box, (0.25, 0.25, 0.75, 0.75))


def test_centernet_peaks_become_boxes(tmp_path: Path) -> None:
    peaks, sides = np.zeros((1, 3, 16, 16), np.float32), np.zeros((1, 4, 16, 16), np.float32)
    peaks[0, 0, 4, 8], sides[0, :, 4, 8] = 0.75, (4, 12, 4, 12)
    model = constant_model(tmp_path / "center.onnx", {"peaks": peaks, "sides": sides})
    found = the_one(OwnDetector(card_for(model, {"decoding": "centernet"})).detect(wide_street()))
    assert (found.label, found.score) == ("person", 0.75)
    assert close(found.box, (28 / 64, 4 / 32, 36 / 64, 28 / 32))


def test_a_card_in_toml_is_read_alike(tmp_path: Path) -> None:
    model = constant_model(tmp_path / "yolox.onnx", {"output": yolox_output()})
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    (tmp_path / "card.toml").write_text(
        f'name = "trial"\ntitle = "T"\nfile = "yolox.onnx"\nsha256 = "{digest}"\nsource = "s"\nlicence = "l"\n'
        '[input]\ncolumns = 64\nrows = 64\nchannels = "bgr"\n[output]\ndecoding = "yolox"\n[labels]\n1 = "van"\n'
    )
    assert the_one(detector_of(tmp_path / "card.toml").detect(wide_street())).label == "van"


def test_a_picture_goes_in_as_the_card_says(tmp_path: Path) -> None:
    blue = np.zeros((32, 64, 3), np.uint8)
    blue[..., 0] = 200
    base = {"name": "x", "title": "x", "file": "x.onnx", "sha256": "0" * 64, "source": "x", "licence": "x"}
    shape = {"columns": 64, "rows": 64, "mean": [0, 100, 0], "deviation": [1, 2, 4], "scale": 0.5, "fill": 50}
    card = DetectorCard.model_validate(base | {"input": shape, "output": {"decoding": "detr"}, "labels": {"0": "car"}})
    tensor, reach = tensor_of(blue, card)
    assert (tensor.shape, reach) == ((1, 3, 64, 64), (64, 32))
    assert tensor[0, :, 0, 0].tolist() == [0, -25, 25]  # red, green, blue
    assert tensor[0, :, 63, 0].tolist() == [25, -12.5, 6.25]
    turned = card.model_copy(update={"input": card.input.model_copy(update={"layout": "nhwc", "channels": "bgr"})})
    tensor, _ = tensor_of(blue, turned)
    assert tensor.shape == (1, 64, 64, 3)
    assert tensor[0, 0, 0].tolist() == [100, -25, 0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": {"0": "truck"}}, "labels: truck is not known"),
        ({"labels": {}}, "labels: at least one class"),
        ({"sha256": "f" * 64}, "is not the one of its card: its sha256 is"),
        ({"file": "../yolox.onnx"}, "file: must be the name of a file in the card's own folder"),
        ({"file": "none.onnx"}, "none.onnx of the card"),
        ({"licence": ""}, "licence:"),
        ({"colour": "red"}, "colour: there is no such key"),
        ({"input": {"columns": 64}}, "input.rows: is missing"),
        ({"input": {"columns": 60, "rows": 64}}, "multiples of the largest stride, 32"),
        ({"input": {"columns": 64, "rows": 64, "deviation": [0, 1, 1]}}, "above 0"),
        ({"output": {"decoding": "ssd"}}, "output.decoding: must be yolox, detr, finished or centernet"),
        ({"output": {"decoding": "yolox", "stride": 4}}, "output.stride: there is no such key"),
        ({"output": {"decoding": "yolox", "name": "boxes"}}, "does not do what its card"),
        ({"output": {"decoding": "yolox", "strides": [16, 32]}}, "its output is 84 x 8"),
        ({"output": {"decoding": "detr", "logits": "output", "boxes": "output"}}, "it needs 4 each"),
        ({"input": {"columns": 96, "rows": 96}}, "does not do what its card"),
        ({"input": {"columns": 64, "rows": 64, "name": "x"}}, "does not do what its card"),
    ],
)
def test_a_wrong_card_is_one_sentence(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    model = constant_model(tmp_path / "yolox.onnx", {"output": yolox_output()})
    with pytest.raises(CardWrong) as wrong:
        OwnDetector(card_for(model, {"decoding": "yolox"}, **changes))
    assert said in str(wrong.value)
    assert "Traceback" not in str(wrong.value)


def test_a_file_that_is_no_card_or_no_model_is_one_sentence(tmp_path: Path) -> None:
    for name, text, said in (("a.toml", "name = ", "not valid TOML"), ("b.json", "[1]", "holds no keys")):
        (tmp_path / name).write_text(text)
        with pytest.raises(CardWrong, match=said):
            read_card(tmp_path / name)
    with pytest.raises(CardWrong, match="cannot be read: No such file"):
        read_card(tmp_path / "none.toml")
    (tmp_path / "no.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelUnusable, match=r"no\.onnx cannot be loaded"):
        OwnDetector(card_for(tmp_path / "no.onnx", {"decoding": "yolox"}))


def test_the_settings_find_the_card_beside_themselves(tmp_path: Path) -> None:
    (tmp_path / "istros.toml").write_text('[analysis]\ndetector = "models/street.toml"\n')
    assert load_settings(tmp_path / "istros.toml").analysis.detector == tmp_path / "models/street.toml"
    (tmp_path / "istros.toml").write_text('[analysis]\nruntime = "tensorrt"\n')
    with pytest.raises(SettingsError, match=r"line 2: analysis\.runtime"):
        load_settings(tmp_path / "istros.toml")


def test_openvino_that_is_not_there_says_how_to_install_it(tmp_path: Path) -> None:
    try:
        import openvino  # noqa: F401
    except ImportError:
        model = constant_model(tmp_path / "yolox.onnx", {"output": yolox_output()})
        with pytest.raises(RuntimeMissing, match=r"pip install"):
            open_runtime(model, "openvino")
    else:
        pytest.skip("OpenVINO is installed")


def test_openvino_finds_what_onnxruntime_finds(tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason='OpenVINO is an extra: pip install "istros[openvino]"')
    model = constant_model(tmp_path / "yolox.onnx", {"output": yolox_output()})
    card = card_for(model, {"decoding": "yolox"})
    assert OwnDetector(card, "openvino").detect(wide_street()) == OwnDetector(card).detect(wide_street())


@needs_models
def test_openvino_computes_the_street_detector_alike() -> None:
    pytest.importorskip("openvino", reason='OpenVINO is an extra: pip install "istros[openvino]"')
    picture = np.random.default_rng(1).random((1, 3, 224, 384), np.float32) * 255
    sizes = {"width": 384, "height": 224}
    results = [
        open_session(STREET_DETECTOR, dimensions=sizes, runtime=runtime).run(["peaks", "sides"], {"images": picture})
        for runtime in ("onnxruntime", "openvino")
    ]
    (peaks, sides), (other_peaks, other_sides) = results
    # A place is a peak or none by the last bit of its neighbours; where both have one, it is as high.
    both = (peaks > 0) & (other_peaks > 0)
    assert both.sum() > 0.9 * (peaks > 0).sum()
    np.testing.assert_allclose(peaks[both], other_peaks[both], atol=5e-3)
    np.testing.assert_allclose(sides, other_sides, atol=1.0)
    assert StreetDetector(runtime="openvino").detect(street(), 0.4) == []
