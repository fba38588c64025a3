"""The face embedder's ONNX: dlib's ResNet for faces, built anew from the weights that face-api ships as bytes.

The net has 29 layers, each a convolution with a scale for every channel (dlib's "affine" layer), in residual blocks; its
result is 128 numbers for a face. Sources: D. King, "High Quality Face Recognition with Deep Metric Learning", 2017, and
dlib's `dnn_face_recognition_ex.cpp` for the layers; face-api's `FaceRecognitionNet` for the names of the weights
(docs/models/face-embedder.md). Multiplying each scale into its convolution is the only thing done to the numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from istros.recognition.models.tfjs import OPSET, Array, weights_of

SIDE = 150
"""Rows and columns of the chip that the net takes."""

NUMBERS = 128
"""Numbers in the result."""

_MEAN = (122.782, 117.001, 104.298)
"""Mean RGB of the net's training pictures, as dlib's input layer subtracts it."""

_STAGES = (
    (32, None, ("conv32_1", "conv32_2", "conv32_3")),
    (64, "conv64_down", ("conv64_1", "conv64_2", "conv64_3")),
    (128, "conv128_down", ("conv128_1", "conv128_2")),
    (256, "conv256_down", ("conv256_1", "conv256_2")),
    (256, "conv256_down_out", ()),
)
"""Channels of each stage, the block that halves the picture before it, and its blocks."""


def build_face_embedder(manifest: Path) -> onnx.ModelProto:
    """`face_recognition_model-weights_manifest.json` to a model: `images` (count, 3, 150, 150) RGB float32 0..255 to
    `embeddings` (count, 128)."""  # fmt: skip
    group = json.loads(manifest.read_text(encoding="utf-8"))[0]
    data = b"".join((manifest.parent / name).read_bytes() for name in group["paths"])
    net = _Net(weights_of(group["weights"], data))
    top = net.residual_blocks(net.stem())
    mean = net.emit("ReduceMean", [top], axes=[2, 3], keepdims=0)
    net.nodes.append(helper.make_node("MatMul", [mean, net.constant(net.weights["fc"])], ["embeddings"]))
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["count", 3, SIDE, SIDE])
    embeddings = helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["count", NUMBERS])
    graph = helper.make_graph(net.nodes, "istros", [images], [embeddings], net.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="istros")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


class _Net:
    """The nodes and constants that have been made so far."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: Array) -> str:
        name = f"constant_{len(self.constants)}"
        kept = values if values.dtype == np.int64 else values.astype(np.float32)
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(kept), name))
        return name

    def emit(self, operation: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name

    def stem(self) -> str:
        mean = self.constant(np.array(_MEAN).reshape(1, 3, 1, 1))
        centred = self.emit("Sub", ["images", mean])
        scaled = self.emit("Mul", [centred, self.constant(np.array(1 / 256))])
        first = self._convolution(scaled, "conv32_down", stride=2, padded=False, activated=True)
        return self.emit("MaxPool", [first], kernel_shape=[3, 3], strides=[2, 2])

    def residual_blocks(self, name: str) -> str:
        side, channels = ((SIDE - 7) // 2 + 1 - 3) // 2 + 1, 32
        for wanted, halving, blocks in _STAGES:
            if halving is not None:
                name = self._halved(name, halving, side, wanted - channels)
                side, channels = max(side // 2, (side - 3) // 2 + 1), wanted
            for block in blocks:
                name = self._block(name, block)
        return name

    def _block(self, name: str, block: str) -> str:
        first = self._convolution(name, f"{block}/conv1", stride=1, padded=True, activated=True)
        second = self._convolution(first, f"{block}/conv2", stride=1, padded=True, activated=False)
        return self.emit("Relu", [self.emit("Add", [second, name])])

    def _halved(self, name: str, block: str, side: int, more_channels: int) -> str:
        """A block with stride 2: its input is averaged, and whichever of both is smaller is filled up with zeros."""
        first = self._convolution(name, f"{block}/conv1", stride=2, padded=False, activated=True)
        second = self._convolution(first, f"{block}/conv2", stride=1, padded=True, activated=False)
        pooled = self.emit("AveragePool", [name], kernel_shape=[2, 2], strides=[2, 2])
        missing = side // 2 - ((side - 3) // 2 + 1)
        if missing:
            second = self._filled(second, 0, missing)
        if more_channels:
            pooled = self._filled(pooled, more_channels, 0)
        return self.emit("Relu", [self.emit("Add", [second, pooled])])

    def _filled(self, name: str, channels: int, side: int) -> str:
        after = np.array([0, 0, 0, 0, 0, channels, side, side], np.int64)
        return self.emit("Pad", [name, self.constant(after)])

    def _convolution(self, name: str, layer: str, *, stride: int, padded: bool, activated: bool) -> str:
        scale = self.weights[f"{layer}/scale/weights"].reshape(-1)
        kernel = self.weights[f"{layer}/conv/filters"].transpose(3, 2, 0, 1) * scale[:, None, None, None]
        bias = self.weights[f"{layer}/conv/bias"].reshape(-1) * scale + self.weights[f"{layer}/scale/biases"].reshape(
            -1
        )
        pads = [kernel.shape[2] // 2] * 4 if padded else [0] * 4
        result = self.emit(
            "Conv", [name, self.constant(kernel), self.constant(bias)], strides=[stride, stride], pads=pads
        )
        return self.emit("Relu", [result]) if activated else result
