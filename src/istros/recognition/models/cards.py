"""The models' cards in code: what each one is, where it comes from, and the hash it must have.

The cards for people are in docs/models.
"""

from __future__ import annotations

from dataclasses import dataclass

STREET_LABELS = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "bus",
    "train",
    "lorry",
    "cat",
    "dog",
    "backpack",
    "handbag",
    "suitcase",
)
"""What the street detector tells apart; COCO's "truck" is our lorry."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What must be known of a model before it may be used.

    `sha256` is the hash of the file as it comes from its package; None where we convert it (the manifest has the hash).
    """

    name: str
    file: str
    title: str
    source: str
    licence: str
    input: str
    sha256: str | None = None


STREET_DETECTOR = ModelCard(
    name="street-detector",
    file="street-detector.onnx",
    title="CenterNet with MobileNetV3, twelve classes of COCO",
    source="npm @vladmandic/human 3.3.6, models/centernet (upstream: 610265158/mobilenetv3_centernet)",
    licence="MIT (the package); the terms of the training pictures of COCO apply beside it",
    input="images: (1, 3, height, width) RGB float32 0..255, sides multiples of 32",
)
TEXT_DETECTOR = ModelCard(
    name="text-detector",
    file="text-detector.onnx",
    title="PP-OCRv6 small, text detection (differentiable binarisation)",
    source="PyPI rapidocr 3.10.0, models/PP-OCRv6_det_small.onnx (upstream: PaddleOCR)",
    licence="Apache-2.0, copyright Baidu and the PaddleOCR authors",
    input="(1, 3, height, width) BGR float32, normalised by ImageNet's mean and deviation, sides multiples of 32",
    sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
TEXT_RECOGNISER = ModelCard(
    name="text-recogniser",
    file="text-recogniser.onnx",
    title="PP-OCRv6 small, text recognition (CTC)",
    source="PyPI rapidocr 3.10.0, models/PP-OCRv6_rec_small.onnx (upstream: PaddleOCR)",
    licence="Apache-2.0, copyright Baidu and the PaddleOCR authors",
    input="(count, 3, 48, width) BGR float32 -1..1",
    sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)
CARDS = (STREET_DETECTOR, TEXT_DETECTOR, TEXT_RECOGNISER)
