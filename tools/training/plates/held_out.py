"""Scores plate reading on what nothing was learnt from: `python -m tools.training.plates held_out [--weights FILE]`.

Three tables: the recogniser alone on the plates kept back, as they are and as other cameras would see them; the same with
the second reader asked in doubt, as for a still; and the whole reader on the drives that the detector never saw. The
`--weights` of a recogniser that is not in use yet stand in for the committed ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from istros.base.plate_text import fold
from istros.recognition.evaluation.labels import LABELS, read_table
from istros.recognition.evaluation.parts import Part
from istros.recognition.evaluation.plates import CONFIDENT, evaluate_plates
from istros.recognition.models.cards import PLATE_RECOGNISER
from istros.recognition.models.registry import MANIFEST, MODELS_FOLDER
from istros.recognition.plates.plate_detector import FoundPlate
from istros.recognition.plates.plate_recogniser import CropText, PlateRecogniser
from istros.recognition.plates.reader import PlateReader, is_sure, is_worth_asking
from istros.recognition.plates.reading import Reading
from istros.recognition.plates.second_reader import SecondReader
from istros.recognition.plates.weighing import agreed, first_reading
from tools.training.plates.checking import Check, checks_of, folded, other_cameras
from tools.training.plates.detector_sources import HELD_OUT

_SCORE = 0.8
"""What the detector is taken to have said where there is none."""
_DRIVES = Part(("day_1_*",), HELD_OUT)


@dataclass(frozen=True, slots=True)
class _Read:
    """What one plate kept back was read as, and whether that is right."""

    source: str
    text: str
    confidence: float
    is_right: bool


@contextmanager
def models_with(weights: Path | None) -> Iterator[Path]:
    """A folder of models in which these weights stand for the recogniser's; the usual one without any."""
    if weights is None:
        yield MODELS_FOLDER
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in MODELS_FOLDER.iterdir():
            if path.name not in (MANIFEST, PLATE_RECOGNISER.file):
                (folder / path.name).symlink_to(path)
        (folder / PLATE_RECOGNISER.file).symlink_to(weights.resolve())
        manifest = json.loads((MODELS_FOLDER / MANIFEST).read_text(encoding="utf-8"))
        manifest["models"][PLATE_RECOGNISER.name]["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        yield folder


def table(reads: list[_Read]) -> str:
    """In Markdown, a line a source: how many plates, how many exact, how many confident, and how many of these wrong."""
    lines = ["| source | plates | exact | confident | of these wrong |", "|---|---|---|---|---|"]
    for source in sorted({read.source for read in reads}):
        of_source = [read for read in reads if read.source == source]
        exact = sum(read.is_right for read in of_source)
        sure = [read for read in of_source if read.confidence >= CONFIDENT]
        wrong = sum(not read.is_right for read in sure)
        share = f"{exact} ({exact / len(of_source):.1%})"
        lines.append(f"| {source} | {len(of_source)} | {share} | {len(sure)} | {wrong} |")
    return "\n".join(lines)


def alone(checks: list[Check], texts: list[CropText]) -> list[_Read]:
    """The recogniser's own words."""
    return [
        _Read(check.source, text.text, text.confidence, folded(text.text) == folded(check.text))
        for check, text in zip(checks, texts, strict=True)
    ]


def with_second(checks: list[Check], texts: list[CropText], second: SecondReader) -> list[_Read]:
    """With the format's weight, and a second reader in doubt."""
    reads = []
    for check, text in zip(checks, texts, strict=True):
        plate = FoundPlate(np.asarray(check.corners, np.float64), _SCORE, check.lines > 1)
        reading = first_reading(text, _SCORE)
        if not is_sure(reading) and is_worth_asking(plate, reading):
            picture = check.picture if check.picture.ndim == 3 else cv2.cvtColor(check.picture, cv2.COLOR_GRAY2BGR)
            reading = agreed(reading, second.read(np.asarray(picture, np.uint8), plate))
        reads.append(_of_reading(check, reading))
    return reads


def _of_reading(check: Check, reading: Reading | None) -> _Read:
    if reading is None:
        return _Read(check.source, "", 0.0, False)
    return _Read(check.source, reading.text, reading.confidence, fold(reading.text) == fold(check.text))


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Score plate reading on what nothing was learnt from.")
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"), help="the folder of the labelled sets")
    parser.add_argument("--weights", type=Path, help="another recogniser's ONNX file")
    parser.add_argument("--show", action="store_true", help="print every confident wrong text")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    checks = [*checks_of(options.eval), *other_cameras(options.eval)]
    with models_with(options.weights) as folder:
        recogniser = PlateRecogniser(folder)
        texts = [text for check in checks for text in recogniser.read([check.crop])]
        for title, reads in (
            ("The recogniser alone", alone(checks, texts)),
            ("With the format and the second reader", with_second(checks, texts, SecondReader(folder))),
        ):
            print(f"## {title}\n{table(reads)}\n")
            for check, read in zip(checks, reads, strict=True) if options.show else ():
                if read.confidence >= CONFIDENT and not read.is_right:
                    print(f"    {read.source}: {check.text} read as {read.text} at {read.confidence:.2f}")
        drives = _DRIVES.of(read_table(options.eval / "plates_ro_train" / LABELS))
        print(evaluate_plates(drives, PlateReader(folder)).as_markdown())
    return 0
