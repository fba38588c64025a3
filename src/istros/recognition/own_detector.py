"""A detector that an administrator put in by a card and an ONNX file, in the street detector's place."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from istros.recognition import decoding
from istros.recognition.detector import DetectorLike, StreetDetector, is_dark, treated_for_night
from istros.recognition.models.detector_card import (
    CardWrong,
    CenternetOutput,
    DetectorCard,
    DetrOutput,
    FinishedOutput,
    YoloxOutput,
    read_card,
)
from istros.recognition.models.runtimes import RuntimeName, open_runtime
from istros.recognition.observation import Detection
from istros.recognition.picture import Floats, Picture
from istros.recognition.tracker import kind_of

_TRIAL_SCORE = 0.5


def detector_of(
    card: Path | None, runtime: RuntimeName = "onnxruntime", size: tuple[int, int] | None = None
) -> DetectorLike:
    """The detector of the card, or the street detector (at `size`, columns and rows) where there is none."""
    if card is not None:
        return OwnDetector(card, runtime)
    return StreetDetector(runtime=runtime) if size is None else StreetDetector(size, runtime=runtime)


class OwnDetector:
    """Finds what its card's labels name; safe to share between threads.

    Raises CardWrong when card or model are at fault: one picture is tried at once, so that a wrong card is told when the
    program starts and not at night.
    """

    def __init__(self, path: Path, runtime: RuntimeName = "onnxruntime") -> None:
        self._path = path
        self.card, model = read_card(path)
        self._session = open_runtime(model, runtime)
        self.detect(np.full((self.card.input.rows, self.card.input.columns, 3), 114, np.uint8), _TRIAL_SCORE)

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        """Detections in a BGR picture, surest first; one box a thing."""
        tensor, reach = tensor_of(picture, self.card)
        found = self._found(tensor, least_score)
        detections = decoding.detections_of(found, self.card.labels, reach)
        return decoding.one_a_thing(detections, kind_of, lambda kind: self.card.same)

    def _found(self, tensor: Floats, least: float) -> decoding.Found:
        card = self.card
        feeds: dict[str, Floats] = {card.input.name: tensor}
        if card.input.size_name:
            feeds[card.input.size_name] = np.array([[card.input.columns, card.input.rows]], np.int64)
        try:
            return _decoded(self._session.run(_names(card), feeds), card, least)
        except decoding.OutputsWrong as error:
            raise self._wrong(f"its output {error}") from None
        except Exception as error:  # whatever the runtime raises for names and sizes that are not the model's
            raise self._wrong(str(error).strip().splitlines()[0][:200] if str(error).strip() else "it fails") from error

    def _wrong(self, reason: str) -> CardWrong:
        return CardWrong(
            f"The model {self.card.file} does not do what its card {self._path} says: {reason}.",
            "Correct input, output and decoding on the card.",
        )


def _names(card: DetectorCard) -> list[str]:
    match card.output:
        case YoloxOutput(name=name):
            return [name]
        case DetrOutput(logits=logits, boxes=boxes):
            return [logits, boxes]
        case FinishedOutput(labels=labels, boxes=boxes, scores=scores):
            return [labels, boxes, scores]
        case CenternetOutput(peaks=peaks, sides=sides):
            return [peaks, sides]


def _decoded(outputs: list[Floats], card: DetectorCard, least: float) -> decoding.Found:
    size = (card.input.columns, card.input.rows)
    match card.output:
        case YoloxOutput() as output:
            return decoding.decode_yolox(outputs[0], output, size, least)
        case DetrOutput() as output:
            return decoding.decode_detr(outputs[0], outputs[1], output, size, least)
        case FinishedOutput() as output:
            return decoding.decode_finished(outputs[0], outputs[1], outputs[2], output, least)
        case CenternetOutput() as output:
            return decoding.decode_centernet(outputs[0], outputs[1], output.stride, least)


def tensor_of(picture: Picture, card: DetectorCard) -> tuple[Floats, tuple[float, float]]:
    """(the net's input as the card wants it, columns and rows of the input that the picture covers)."""
    wanted = card.input
    rows, columns = picture.shape[:2]
    width, height = wanted.columns, wanted.rows
    if wanted.fit == "letterbox":
        scale = min(width / columns, height / rows)
        width, height = max(1, round(columns * scale)), max(1, round(rows * scale))
    flags = cv2.INTER_AREA if width < columns else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=flags), np.uint8)
    if card.treat_night and is_dark(small):
        small = treated_for_night(small)
    canvas = np.full((wanted.rows, wanted.columns, 3), wanted.fill, np.uint8)
    canvas[:height, :width] = small
    values = canvas[:, :, ::-1] if wanted.channels == "rgb" else canvas
    mean, deviation = np.array(wanted.mean, np.float32), np.array(wanted.deviation, np.float32)
    scaled = (values.astype(np.float32) - mean) / deviation * np.float32(wanted.scale)
    tensor = scaled.transpose(2, 0, 1) if wanted.layout == "nchw" else scaled
    return np.ascontiguousarray(tensor[None], np.float32), (float(width), float(height))
