"""The street detector's ONNX: CenterNet converted, with a head for our twelve labels and the peak filter in the graph.

Source: MobileNetV3 CenterNet trained on COCO, from the npm package `@vladmandic/human` (docs/models/street-detector.md);
peak filter: X. Zhou et al., "Objects as Points", 2019, section 4.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from istros.recognition.models.tfjs import Array, Converter, GraphModel, picture_model, read_graph_model

COCO_KEPT = (0, 1, 2, 3, 5, 6, 7, 15, 16, 24, 26, 28)
"""Positions of our labels among the 80 classes of COCO, in the order of `registry.STREET_LABELS`."""

_HEAD = "CenternetHead/centernet_cls_output/"


def build_street_detector(source: Path) -> onnx.ModelProto:
    """`centernet.json` to a model with outputs `peaks` (labels, at a quarter of the input) and `sides` (4: l, t, r, b)."""
    converter = Converter(_pruned(read_graph_model(source)))
    nodes = converter.convert({"tower_0/keypoints": "scores", "tower_0/wh": "sides"})
    nodes += [
        helper.make_node("MaxPool", ["scores"], ["highest"], kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1]),
        helper.make_node("Equal", ["scores", "highest"], ["is_peak"]),
        helper.make_node("Cast", ["is_peak"], ["peak_mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scores", "peak_mask"], ["peaks"]),
    ]
    return picture_model(nodes, converter.constants, {"peaks": len(COCO_KEPT), "sides": 4})


def _pruned(model: GraphModel) -> GraphModel:
    """Leave only the wanted classes in the last layer; the rest of the net is untouched."""
    weights = dict(model.weights)
    for name in ("pointwise_weights", "biases"):
        weights[_HEAD + name] = weights[_HEAD + name][..., COCO_KEPT]
    return GraphModel(model.nodes, weights)


def reference_picture(side: int = 512) -> Array:
    """The picture of the numeric check, (1, 3, side, side) float32 in 0..255, from a formula that any language can repeat."""
    rows, columns = np.mgrid[0:side, 0:side]
    planes = [(columns * (3 + c) + rows * (5 - c) + ((columns * rows) >> 6) * 7) % 256 for c in range(3)]
    return np.stack(planes)[None].astype(np.float32)
