"""Writes an ONNX net layer by layer, for nets whose packages ship weights without a graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from istros.recognition.models.cards import FACE_MEAN
from istros.recognition.models.tfjs import OPSET, Array, weights_of


def read_weights(manifest: Path) -> dict[str, Array]:
    """The tensors that `NAME-weights_manifest.json` describes (face-api's form of TensorFlow.js weights)."""
    group = json.loads(manifest.read_text(encoding="utf-8"))[0]
    data = b"".join((manifest.parent / name).read_bytes() for name in group["paths"])
    return weights_of(group["weights"], data)


class NetBuilder:
    """The nodes and constants that have been made so far; every method returns the name of its result."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, values: Array) -> str:
        """A constant: whole numbers stay int64, everything else becomes float32."""
        name = f"constant_{len(self._constants)}"
        kept = values if values.dtype == np.int64 else values.astype(np.float32)
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(kept), name))
        return name

    def emit(self, operation: str, inputs: list[str], **attributes: Any) -> str:
        """A node with one result."""
        name = f"{operation.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name

    def normalised(self, divisor: float) -> str:
        """The input `images` less the faces' mean colour, divided."""
        centred = self.emit("Sub", ["images", self.constant(np.array(FACE_MEAN).reshape(1, 3, 1, 1))])
        return self.emit("Mul", [centred, self.constant(np.array(1 / divisor))])

    def convolution(
        self, name: str, kernel: Array, bias: Array | None, *, stride: int = 1, pads: list[int], groups: int = 1
    ) -> str:
        """A convolution; `kernel` is (out, in, rows, columns) as ONNX has it."""
        inputs = [name, self.constant(kernel), *([] if bias is None else [self.constant(bias)])]
        return self.emit("Conv", inputs, strides=[stride, stride], pads=pads, group=groups)

    def model(self, side: int, outputs: dict[str, tuple[str, int]]) -> onnx.ModelProto:
        """The checked model: `images` (count, 3, side, side) RGB float32 0..255 to (count, numbers) by name of output."""
        for name, (result, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [result], [name]))
        images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["count", 3, side, side])
        results = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["count", numbers])
            for name, (_, numbers) in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, "istros", [images], results, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="istros")
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model
