"""The face embedder's ONNX: dlib's ResNet for faces, built anew from the weights that face-api ships as bytes.

The net has 29 layers, each a convolution with a scale for every channel (dlib's "affine" layer), in residual blocks; its
result is 128 numbers for a face. Sources: D. King, "High Quality Face Recognition with Deep Metric Learning", 2017, and
dlib's `dnn_face_recognition_ex.cpp` for the layers; face-api's `FaceRecognitionNet` for the names of the weights
(docs/models/face-embedder.md). Multiplying each scale into its convolution is the only thing done to the numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from istros.recognition.models.net_builder import NetBuilder, read_weights

SIDE = 150
"""Rows and columns of the chip that the net takes."""

NUMBERS = 128
"""Numbers in the result."""

_STAGES: tuple[tuple[int, str | None, tuple[str, ...]], ...] = (
    (32, None, ("conv32_1", "conv32_2", "conv32_3")),
    (64, "conv64_down", ("conv64_1", "conv64_2", "conv64_3")),
    (128, "conv128_down", ("conv128_1", "conv128_2")),
    (256, "conv256_down", ("conv256_1", "conv256_2")),
    (256, "conv256_down_out", ()),
)
"""Channels of each stage, the block that halves the picture before it, and its blocks."""


def build_face_embedder(manifest: Path) -> onnx.ModelProto:
    """`face_recognition_model-weights_manifest.json` to a model: aligned chips to `embeddings` (count, 128)."""
    net = NetBuilder(read_weights(manifest))
    # dlib divides by 256 in training; face-api by 255, which only turns its results by a hair.
    first = _convolution(net, net.normalised(256), "conv32_down", stride=2, padded=False, activated=True)
    name = net.emit("MaxPool", [first], kernel_shape=[3, 3], strides=[2, 2])
    side, channels = ((SIDE - 7) // 2 + 1 - 3) // 2 + 1, 32
    for wanted, halving, blocks in _STAGES:
        if halving is not None:
            name = _halved(net, name, halving, side, wanted - channels)
            side, channels = max(side // 2, (side - 3) // 2 + 1), wanted
        for block in blocks:
            name = _block(net, name, block)
    mean = net.emit("ReduceMean", [name], axes=[2, 3], keepdims=0)
    result = net.emit("MatMul", [mean, net.constant(net.weights["fc"])])
    return net.model(SIDE, {"embeddings": (result, NUMBERS)})


def _block(net: NetBuilder, name: str, block: str) -> str:
    first = _convolution(net, name, f"{block}/conv1", stride=1, padded=True, activated=True)
    second = _convolution(net, first, f"{block}/conv2", stride=1, padded=True, activated=False)
    return net.emit("Relu", [net.emit("Add", [second, name])])


def _halved(net: NetBuilder, name: str, block: str, side: int, more_channels: int) -> str:
    """A block with stride 2: its input is averaged, and whichever of both is smaller is filled up with zeros."""
    first = _convolution(net, name, f"{block}/conv1", stride=2, padded=False, activated=True)
    second = _convolution(net, first, f"{block}/conv2", stride=1, padded=True, activated=False)
    pooled = net.emit("AveragePool", [name], kernel_shape=[2, 2], strides=[2, 2])
    missing = side // 2 - ((side - 3) // 2 + 1)
    if missing:
        second = _filled(net, second, 0, missing)
    if more_channels:
        pooled = _filled(net, pooled, more_channels, 0)
    return net.emit("Relu", [net.emit("Add", [second, pooled])])


def _filled(net: NetBuilder, name: str, channels: int, side: int) -> str:
    after = np.array([0, 0, 0, 0, 0, channels, side, side], np.int64)
    return net.emit("Pad", [name, net.constant(after)])


def _convolution(net: NetBuilder, name: str, layer: str, *, stride: int, padded: bool, activated: bool) -> str:
    weights = net.weights
    scale = weights[f"{layer}/scale/weights"].reshape(-1)
    kernel = weights[f"{layer}/conv/filters"].transpose(3, 2, 0, 1) * scale[:, None, None, None]
    bias = weights[f"{layer}/conv/bias"].reshape(-1) * scale + weights[f"{layer}/scale/biases"].reshape(-1)
    pads = [kernel.shape[2] // 2 if padded else 0] * 4
    result = net.convolution(name, kernel, bias, stride=stride, pads=pads)
    return net.emit("Relu", [result]) if activated else result
