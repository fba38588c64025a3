"""The programs that compute models: onnxruntime always, OpenVINO where somebody installed it. One interface for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import onnxruntime

from istros.base.errors import IstrosError
from istros.recognition.picture import Floats

RuntimeName = Literal["onnxruntime", "openvino"]


class RuntimeMissing(IstrosError):
    """The program that is to compute a model is not installed."""

    code = "runtime-missing"


class ModelUnusable(IstrosError):
    """A model's file that no runtime can load."""

    code = "model-unusable"


class Session(Protocol):
    """A loaded model on one thread."""

    def run(self, outputs: Sequence[str] | None, feeds: Mapping[str, Any]) -> list[Floats]:
        """The named outputs (all of them, in the model's order, for None) for inputs by name."""
        ...


def open_onnxruntime(path: Path, dimensions: Mapping[str, int] | None = None) -> onnxruntime.InferenceSession:
    """A session on one thread (the analyser's workers are the threads); `dimensions` fixes free sides by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without the arena the process gives memory back between pictures of different sizes; no cost was measurable.
    options.enable_cpu_mem_arena = dimensions is not None
    for name, size in (dimensions or {}).items():
        options.add_free_dimension_override_by_name(name, size)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class OpenVinoSession:
    """An ONNX model computed by OpenVINO on one thread."""

    def __init__(self, path: Path, dimensions: Mapping[str, int] | None = None) -> None:
        openvino = _openvino()
        core = openvino.Core()
        model = core.read_model(str(path))
        if dimensions:
            model.reshape(_fixed_shapes(model, path, dimensions))
        self._outputs = [each.get_any_name() for each in model.outputs]
        # On processors with bfloat16 OpenVINO would compute in it, and the measured thresholds would not hold any more.
        wishes = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        self._compiled = core.compile_model(model, "CPU", wishes)

    def run(self, outputs: Sequence[str] | None, feeds: Mapping[str, Any]) -> list[Floats]:
        """As `Session.run`; safe to call from several threads, each call with a request of its own."""
        results = self._compiled.create_infer_request().infer(dict(feeds))
        return [results[name] for name in (outputs or self._outputs)]


def _openvino() -> Any:
    try:
        import openvino
    except ImportError:
        raise RuntimeMissing(
            "OpenVINO is to compute the models and is not installed.",
            'Install it with `pip install "istros[openvino]"`, or write runtime = "onnxruntime".',
        ) from None
    return openvino


def _fixed_shapes(model: Any, path: Path, dimensions: Mapping[str, int]) -> dict[Any, Any]:
    """The shape of each input, its free sides fixed by name: ONNX gives them names, which OpenVINO does not keep."""
    names, shapes = _side_names(path), {}
    for each in model.inputs:
        shape = each.get_partial_shape()
        for position, side in enumerate(names.get(each.get_any_name(), ())):
            if isinstance(side, str) and side in dimensions:
                shape[position] = dimensions[side]
        shapes[each] = shape
    return shapes


def _side_names(path: Path) -> dict[str, tuple[str | int, ...]]:
    """The names (or sizes) of each input's sides, as onnxruntime reads them from the file."""
    inputs = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).get_inputs()
    return {each.name: tuple(each.shape) for each in inputs}


def open_runtime(path: Path, runtime: RuntimeName, dimensions: Mapping[str, int] | None = None) -> Session:
    """A session of the wanted runtime. Raises RuntimeMissing, and ModelUnusable with the runtime's own words."""
    try:
        if runtime == "openvino":
            return OpenVinoSession(path, dimensions)
        session: Session = open_onnxruntime(path, dimensions)
        return session
    except RuntimeMissing:
        raise
    except Exception as error:  # both runtimes raise classes of their own that share no root
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise ModelUnusable(
            f"The model {path.name} cannot be loaded: {reason}.", "Give an ONNX file that onnxruntime 1.32 can run."
        ) from error
