"""TensorFlow.js graph models to ONNX: reading the original, and translating the operations that our models use.

Tensors with four axes are carried as NCHW (TensorFlow.js has NHWC), and constants that meet them are laid out anew.
The result works for every picture whose sides are multiples of 32: there, TensorFlow's "SAME" padding is a constant.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from istros.base.errors import IstrosError

Array = NDArray[Any]
OPSET = 17
_TYPES = {"float32": np.float32, "int32": np.int32, "float16": np.float16, "uint8": np.uint8, "uint16": np.uint16}
_ELEMENTWISE = {"Add": "Add", "AddV2": "Add", "Mul": "Mul", "Sub": "Sub", "RealDiv": "Div"}
_UNARY = {"Relu": "Relu", "Sigmoid": "Sigmoid", "Elu": "Elu", "Tanh": "Tanh"}


class ConversionError(IstrosError):
    """The original holds something that the converter does not know."""

    code = "model-conversion"


@dataclass(frozen=True, slots=True)
class GraphModel:
    """A TensorFlow.js graph: its nodes by name, and its constants."""

    nodes: dict[str, dict[str, Any]]
    weights: dict[str, Array]


def read_graph_model(path: Path) -> GraphModel:
    """Read `model.json` and the weight files beside it; quantised weights become float32."""
    document = json.loads(path.read_text(encoding="utf-8"))
    weights: dict[str, Array] = {}
    for group in document["weightsManifest"]:
        data = b"".join((path.parent / name).read_bytes() for name in group["paths"])
        weights.update(weights_of(group["weights"], data))
    return GraphModel({node["name"]: node for node in document["modelTopology"]["node"]}, weights)


def weights_of(specifications: list[dict[str, Any]], data: bytes) -> dict[str, Array]:
    """The tensors of one weight file by name, as its manifest describes them; quantised ones become float32."""
    weights: dict[str, Array] = {}
    offset = 0
    for item in specifications:
        quantised = item.get("quantization")
        kind = _TYPES[quantised["dtype"] if quantised else item["dtype"]]
        count = int(np.prod(item["shape"], dtype=np.int64))
        values: Array = np.frombuffer(data, kind, count, offset)
        offset += values.nbytes
        if quantised:
            values = _dequantised(values, quantised)
        weights[item["name"]] = values.reshape(item["shape"])
    return weights


def _dequantised(values: Array, quantised: dict[str, Any]) -> Array:
    widened = values.astype(np.float32)
    return widened if quantised["dtype"] == "float16" else widened * quantised["scale"] + quantised["min"]


def _text(value: str) -> str:
    return base64.b64decode(value).decode()


def _integers(node: dict[str, Any], key: str) -> list[int]:
    return [int(value) for value in node["attr"].get(key, {}).get("list", {}).get("i", [])]


def _inputs(node: dict[str, Any]) -> list[str]:
    return [name.split(":")[0] for name in node.get("input", []) if not name.startswith("^")]


def same_padding(kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """What "SAME" adds before and after a side that the stride divides (TensorFlow, `tf.nn` notes on padding)."""
    total = max((kernel - 1) * dilation + 1 - stride, 0)
    return total // 2, total - total // 2


class Converter:
    """Translates the part of a graph that some outputs need."""

    def __init__(self, model: GraphModel) -> None:
        self._model = model
        self._names: dict[str, str] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._rules: dict[str, Callable[[dict[str, Any]], str]] = {
            "Placeholder": lambda node: "images",
            "Conv2D": self._convolution,
            "_FusedConv2D": self._convolution,
            "DepthwiseConv2dNative": self._convolution,
            "FusedDepthwiseConv2dNative": self._convolution,
            "Relu6": lambda node: self._relu6(self._value(node, 0)),
            "Identity": lambda node: self._value(node, 0),
            "Mean": self._mean,
            "ResizeBilinear": self._doubled,
            "ConcatV2": lambda node: self._emit("Concat", [self._name(i) for i in _inputs(node)[:-1]], axis=1),
        }
        self._rules |= dict.fromkeys(_ELEMENTWISE, self._elementwise)
        self._rules |= dict.fromkeys(_UNARY, lambda node: self._emit(_UNARY[node["op"]], [self._value(node, 0)]))

    def convert(self, outputs: dict[str, str]) -> list[onnx.NodeProto]:
        """Translate everything behind `outputs` (name in the original to name in the result)."""
        for original, result in outputs.items():
            self.nodes.append(helper.make_node("Identity", [self._name(original)], [result]))
        return self.nodes

    def _name(self, original: str) -> str:
        """The ONNX name of a tensor, translating its node and what it needs first when that is still to do."""
        if original not in self._names:
            node = self._model.nodes[original]
            rule = self._rules.get(node["op"])
            if rule is None:
                raise ConversionError(f"The operation {node['op']} of {original} has no translation to ONNX.")
            self._names[original] = rule(node)
        return self._names[original]

    def _value(self, node: dict[str, Any], index: int) -> str:
        return self._name(_inputs(node)[index])

    def _constant_of(self, name: str) -> Array | None:
        node = self._model.nodes[name]
        return self._model.weights[name] if node["op"] == "Const" else None

    def _weight(self, node: dict[str, Any], index: int) -> Array:
        values = self._constant_of(_inputs(node)[index])
        if values is None:
            raise ConversionError(f"The weights of {node['name']} are not a constant.")
        return values

    def _constant(self, values: Array) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def _emit(self, operation: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name

    def _relu6(self, name: str) -> str:
        return self._emit(
            "Clip", [name, self._constant(np.array(0, np.float32)), self._constant(np.array(6, np.float32))]
        )

    def _convolution(self, node: dict[str, Any]) -> str:
        depthwise = "epthwise" in node["op"]
        kernel = self._weight(node, 1)
        height, width = kernel.shape[:2]
        groups = kernel.shape[2] if depthwise else 1
        laid_out = (
            kernel.transpose(2, 3, 0, 1).reshape(-1, 1, height, width) if depthwise else kernel.transpose(3, 2, 0, 1)
        )
        fused = [_text(value) for value in node["attr"].get("fused_ops", {}).get("list", {}).get("s", [])]
        inputs = [self._value(node, 0), self._constant(laid_out.astype(np.float32))]
        if "BiasAdd" in fused:
            inputs.append(self._constant(self._weight(node, 2).reshape(-1).astype(np.float32)))
        strides, dilations = _integers(node, "strides")[1:3], _integers(node, "dilations")[1:3] or [1, 1]
        pads = self._pads(node, (height, width), strides, dilations)
        result = self._emit("Conv", inputs, strides=strides, dilations=dilations, pads=pads, group=groups)
        for operation in fused:
            result = self._activated(result, operation)
        return result

    def _activated(self, name: str, operation: str) -> str:
        match operation:
            case "BiasAdd":
                return name
            case "Relu6":
                return self._relu6(name)
            case _ if operation in _UNARY:
                return self._emit(_UNARY[operation], [name])
        raise ConversionError(f"The fused operation {operation} has no translation to ONNX.")

    @staticmethod
    def _pads(node: dict[str, Any], kernel: tuple[int, int], strides: list[int], dilations: list[int]) -> list[int]:
        if _text(node["attr"]["padding"]["s"]) != "SAME":
            return [0, 0, 0, 0]
        (top, bottom), (left, right) = (same_padding(kernel[i], strides[i], dilations[i]) for i in (0, 1))
        return [top, left, bottom, right]

    def _elementwise(self, node: dict[str, Any]) -> str:
        names = []
        for original in _inputs(node)[:2]:
            values = self._constant_of(original)
            names.append(self._name(original) if values is None else self._constant(_as_channels(values)))
        return self._emit(_ELEMENTWISE[node["op"]], names)

    def _mean(self, node: dict[str, Any]) -> str:
        axes = sorted(int(axis) for axis in self._weight(node, 1).reshape(-1))
        if axes != [1, 2] or not node["attr"].get("keep_dims", {}).get("b"):
            raise ConversionError(
                f"Only a mean over height and width is translated, and {node['name']} is another one."
            )
        return self._emit("ReduceMean", [self._value(node, 0)], axes=[2, 3], keepdims=1)

    def _doubled(self, node: dict[str, Any]) -> str:
        """Our models resize only to double the size; the coordinates are those of TensorFlow's legacy mode."""
        flags = node["attr"]
        if flags.get("half_pixel_centers", {}).get("b") or flags.get("align_corners", {}).get("b"):
            raise ConversionError(f"The coordinates of the resize {node['name']} have no translation to ONNX.")
        scales = self._constant(np.array([1, 1, 2, 2], np.float32))
        inputs = [self._value(node, 0), "", scales]
        return self._emit("Resize", inputs, mode="linear", coordinate_transformation_mode="asymmetric")


def _as_channels(values: Array) -> Array:
    """A constant that meets an NCHW tensor: its last axis becomes the channels."""
    widened = values.astype(np.float32)
    if widened.size == 1:
        return widened.reshape(())
    return widened.reshape(1, -1, 1, 1) if widened.ndim == 1 else np.moveaxis(widened, -1, -3)


def picture_model(
    nodes: list[onnx.NodeProto], constants: dict[str, onnx.TensorProto], outputs: dict[str, int]
) -> onnx.ModelProto:
    """Wrap nodes into a checked model: input `images` (1, 3, height, width) float32, outputs by name with channel counts."""
    shape: list[str | int | None] = [1, 3, "height", "width"]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)
    results = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "rows", "columns"])
        for name, channels in outputs.items()
    ]
    graph = helper.make_graph(nodes, "istros", [images], results, list(constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="istros")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model
