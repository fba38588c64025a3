"""The second reader of age and sex: face-api's small Xception, built anew from the weights that it ships as bytes.

Sources: F. Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017; face-api's `TinyXception`
and `AgeGenderNet` for the layers and the names of the weights (docs/models/age-sex-reader.md).
"""

from __future__ import annotations

from pathlib import Path

import onnx

from istros.recognition.models.net_builder import NetBuilder, read_weights
from istros.recognition.models.tfjs import same_padding

SIDE = 112
"""Rows and columns of the chip that the net takes."""

_MAIN_BLOCKS = 2


def build_age_sex_reader(manifest: Path) -> onnx.ModelProto:
    """`age_gender_model-weights_manifest.json` to a model: aligned chips to `ages` (count, 1) in years and
    `probabilities` (count, 2) of male and female."""  # fmt: skip
    net = NetBuilder(read_weights(manifest))
    name = net.emit("Relu", [_convolution(net, net.normalised(255), "entry_flow/conv_in", stride=2)])
    name = _reduction(net, name, "entry_flow/reduction_block_0", activated=False)
    name = _reduction(net, name, "entry_flow/reduction_block_1", activated=True)
    for number in range(_MAIN_BLOCKS):
        layers = [f"middle_flow/main_block_{number}/separable_conv{part}" for part in range(3)]
        passed = name
        for layer in layers:
            passed = _separable(net, net.emit("Relu", [passed]), layer)
        name = net.emit("Add", [passed, name])
    name = _reduction(net, name, "exit_flow/reduction_block", activated=True)
    name = net.emit("Relu", [_separable(net, name, "exit_flow/separable_conv")])
    mean = net.emit("ReduceMean", [name], axes=[2, 3], keepdims=0)
    ages = _dense(net, mean, "fc/age")
    probabilities = net.emit("Softmax", [_dense(net, mean, "fc/gender")], axis=1)
    return net.model(SIDE, {"ages": (ages, 1), "probabilities": (probabilities, 2)})


def _reduction(net: NetBuilder, name: str, block: str, *, activated: bool) -> str:
    out = net.emit("Relu", [name]) if activated else name
    out = _separable(net, out, f"{block}/separable_conv0")
    out = _separable(net, net.emit("Relu", [out]), f"{block}/separable_conv1")
    pooled = net.emit("MaxPool", [out], kernel_shape=[3, 3], strides=[2, 2], pads=_pads(3, 2))
    return net.emit("Add", [pooled, _convolution(net, name, f"{block}/expansion_conv", stride=2)])


def _convolution(net: NetBuilder, name: str, layer: str, *, stride: int) -> str:
    kernel = net.weights[f"{layer}/filters"].transpose(3, 2, 0, 1)
    pads = _pads(kernel.shape[2], stride)
    return net.convolution(name, kernel, net.weights[f"{layer}/bias"], stride=stride, pads=pads)


def _separable(net: NetBuilder, name: str, layer: str) -> str:
    depthwise = net.weights[f"{layer}/depthwise_filter"].transpose(2, 3, 0, 1)
    pointwise = net.weights[f"{layer}/pointwise_filter"].transpose(3, 2, 0, 1)
    name = net.convolution(name, depthwise, None, pads=[1] * 4, groups=depthwise.shape[0])
    return net.convolution(name, pointwise, net.weights[f"{layer}/bias"], pads=[0] * 4)


def _dense(net: NetBuilder, name: str, layer: str) -> str:
    weights = [net.constant(net.weights[f"{layer}/{part}"]) for part in ("weights", "bias")]
    return net.emit("Gemm", [name, *weights])


def _pads(kernel: int, stride: int) -> list[int]:
    before, after = same_padding(kernel, stride, 1)
    return [before, before, after, after]
