"""From a detector's raw outputs to boxes in pixels of its input, and from many boxes to one a thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from istros.recognition.models.detector_card import DetrOutput, FinishedOutput, YoloxOutput
from istros.recognition.observation import Box, Detection, overlap
from istros.recognition.picture import Floats


class OutputsWrong(ValueError):
    """Outputs of another form than the card says."""


@dataclass(frozen=True, slots=True)
class Found:
    """Boxes (n, 4: left, top, right, bottom), class numbers (n) and scores (n, 0 to 1)."""

    boxes: Floats
    classes: NDArray[np.int64]
    scores: Floats


def decode_yolox(output: Floats, card: YoloxOutput, size: tuple[int, int], least: float) -> Found:
    """(1, places, 5 + classes) to boxes in pixels of the input of `size` (columns, rows).

    Source: Z. Ge et al., "YOLOX: Exceeding YOLO Series in 2021", and its deployment's `demo_postprocess`: middles are
    offsets from a place in strides, sizes exponents in strides, the score is objectness times class.
    """
    places = _shaped(output, 3)[0]
    grid, strides = _grid(card.strides, size)
    if len(places) != len(grid) or places.shape[1] < 6:
        raise OutputsWrong(
            f"is {places.shape[0]} x {places.shape[1]}, and strides {list(card.strides)} at {size[0]}x{size[1]} need "
            f"{len(grid)} x 6 or more"
        )
    scores = places[:, 4:5] * places[:, 5:]
    kept = np.flatnonzero(scores.max(axis=1) >= least)
    middles, sizes = places[kept, :2], places[kept, 2:4]
    if not card.decoded:
        middles = (middles + grid[kept]) * strides[kept]
        sizes = np.exp(np.minimum(sizes, 20.0)) * strides[kept]
    classes = scores[kept].argmax(axis=1)
    return Found(_cornered(middles, sizes), classes, scores[kept, classes])


def _grid(strides: tuple[int, ...], size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Column and row of every place (n, 2), finest stride first, and its stride (n, 1)."""
    places, widths = [], []
    for stride in strides:
        rows, columns = np.mgrid[0 : size[1] // stride, 0 : size[0] // stride]
        places.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        widths.append(np.full((columns.size, 1), stride))
    return np.concatenate(places).astype(np.float32), np.concatenate(widths).astype(np.float32)


def decode_detr(logits: Floats, boxes: Floats, card: DetrOutput, size: tuple[int, int], least: float) -> Found:
    """(1, queries, classes) and (1, queries, 4) to boxes in pixels of the input.

    Source: N. Carion et al., "End-to-End Object Detection with Transformers", 2020 (softmax with a last class for nothing);
    Y. Zhao et al., "DETRs Beat YOLOs on Real-time Object Detection", 2023 (sigmoid).
    """
    logits, boxes = _shaped(logits, 3)[0], _shaped(boxes, 3)[0]
    if boxes.shape[1] != 4 or len(boxes) != len(logits):
        raise OutputsWrong(f"has boxes {boxes.shape[0]} x {boxes.shape[1]} for {len(logits)} queries; it needs 4 each")
    if card.activation == "sigmoid":
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits, -60, 60)))
    else:
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores = (exponents / exponents.sum(axis=1, keepdims=True))[:, :-1]
    if not scores.shape[1]:
        raise OutputsWrong("has no class beside the one for nothing")
    kept = np.flatnonzero(scores.max(axis=1) >= least)
    classes = scores[kept].argmax(axis=1)
    scaled = boxes[kept] * np.array([*size, *size], np.float32)
    return Found(_cornered(scaled[:, :2], scaled[:, 2:]), classes, scores[kept, classes])


def decode_finished(labels: Floats, boxes: Floats, scores: Floats, card: FinishedOutput, least: float) -> Found:
    """(1, n) labels, (1, n, 4) boxes and (1, n) scores as they are."""
    all_labels, all_boxes, all_scores = _shaped(labels, 2)[0], _shaped(boxes, 3)[0], _shaped(scores, 2)[0]
    if not len(all_labels) == len(all_boxes) == len(all_scores) or all_boxes.shape[1:] != (4,):
        raise OutputsWrong(f"has {len(all_labels)} labels, {len(all_boxes)} boxes and {len(all_scores)} scores")
    kept = np.flatnonzero(all_scores >= least)
    return Found(all_boxes[kept], all_labels[kept].astype(np.int64), all_scores[kept])


def decode_centernet(peaks: Floats, sides: Floats, stride: int, least: float) -> Found:
    """(1, classes, rows, columns) and (1, 4, rows, columns) to boxes in pixels of the input."""
    peaks, sides = _shaped(peaks, 4)[0], _shaped(sides, 4)[0]
    if len(sides) != 4 or sides.shape[1:] != peaks.shape[1:]:
        raise OutputsWrong(f"has peaks {peaks.shape} and sides {sides.shape}; they need the same rows and columns")
    classes, rows, columns = np.nonzero(peaks >= least)
    x, y = columns * float(stride), rows * float(stride)
    left, top, right, bottom = sides[:, rows, columns]
    return Found(np.stack([x - left, y - top, x + right, y + bottom], axis=1), classes, peaks[classes, rows, columns])


def _shaped(output: Floats, sides: int) -> Floats:
    if output.ndim != sides or output.shape[0] != 1:
        raise OutputsWrong(f"has the sides {list(output.shape)}; one picture gives {sides} sides and the first is 1")
    return output


def _cornered(middles: Floats, sizes: Floats) -> Floats:
    corners: Floats = np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)
    return corners


def detections_of(found: Found, labels: Mapping[int, str], reach: tuple[float, float]) -> list[Detection]:
    """What has a label, as shares of the picture; `reach` is the columns and rows of the input that the picture covers."""
    return [
        Detection(box, labels[number], min(1.0, float(score)))
        for sides, number, score in zip(found.boxes, found.classes.tolist(), found.scores, strict=True)
        if number in labels and (box := _share(sides, reach)).area > 0
    ]


def _share(sides: Floats, reach: tuple[float, float]) -> Box:
    left, top, right, bottom = (float(side) for side in sides)
    width, height = reach
    return Box(
        min(1.0, max(0.0, left / width)),
        min(1.0, max(0.0, top / height)),
        max(0.0, min(1.0, right / width)),
        max(0.0, min(1.0, bottom / height)),
    )


def one_a_thing(
    detections: list[Detection], group: Callable[[str], str], limit: Callable[[str], float]
) -> list[Detection]:
    """Non-maximum suppression: of a group's boxes that overlap by its limit or more only the surest. Surest first.

    `group` gives a label's group, `limit` a group's limit.
    """
    kept: list[tuple[str, Detection]] = []
    for detection in sorted(detections, key=lambda item: -item.score):
        name = group(detection.label)
        if all(other_name != name or overlap(detection.box, other.box) < limit(name) for other_name, other in kept):
            kept.append((name, detection))
    return [detection for _, detection in kept]
