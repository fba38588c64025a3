"""How faces are found by size, and what that costs: figures for docs/benchmarks/faces.md.

`python -m tools.measure_faces counts FOLDER` compares pictures with the numbers of faces in their labels.csv.
`python -m tools.measure_faces sizes FOLDER FRAMES` pastes the faces of pictures with one or more counted faces, reduced to
given heights, into frames without a face (1280x720, JPEG 60), and counts which are found again.
`python -m tools.measure_faces cost` needs no folder.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from istros.recognition.faces.age_sex import AgeSexEstimator
from istros.recognition.faces.detector import TILE, USUAL, FaceDetector, FaceZone
from istros.recognition.faces.embedder import FaceEmbedder
from istros.recognition.faces.face import Face
from istros.recognition.faces.quality import quality_of
from istros.recognition.picture import Picture
from istros.recognition.read_files import picture_of

HEIGHTS = (18, 24, 32, 48, 64)
FRAME = (1280, 720)
JPEG = 60
_ROUND = 0.5
"""Shares of the face's height that are pasted with it on each side."""


def main() -> None:
    """Measure what the command line names."""
    match sys.argv[1:]:
        case ["counts", folder]:
            counts(Path(folder))
        case ["sizes", folder, frames]:
            sizes(Path(folder), Path(frames))
        case ["cost"]:
            cost()
        case _:
            sys.exit(__doc__)


def counts(folder: Path) -> None:
    """Faces found in each picture beside the labelled number, by three ways of looking."""
    detector = FaceDetector()
    ways: dict[str, Callable[[Picture], list[Face]]] = {
        "640x352": lambda picture: detector.detect(picture),
        "960x544": lambda picture: detector.detect(picture, size=TILE),
        "thoroughly": detector.detect_thoroughly,
    }
    totals = dict.fromkeys(ways, (0, 0))
    labelled = 0
    for file, number in _labelled(folder):
        picture = picture_of(file)
        labelled += number
        for way, look in ways.items():
            seen = len(look(picture))
            found, beyond = totals[way]
            totals[way] = found + min(seen, number), beyond + max(0, seen - number)
            if seen != number:
                print(f"  {file.name} {way}: {seen} instead of {number}", flush=True)
    for way, (found, beyond) in totals.items():
        print(f"{way}: {found} of {labelled} found, {beyond} beyond", flush=True)


def _labelled(folder: Path) -> Iterator[tuple[Path, int]]:
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            inside = folder / "images" / row["file"]
            yield inside if inside.exists() else folder / row["file"], int(row["faces"])


def sizes(folder: Path, frames: Path) -> None:
    """Share of the pasted faces that are found, by height; and what is found in the same frames without them."""
    detector, source = FaceDetector(), np.random.default_rng(11)
    ways: dict[str, Callable[[Picture], list[Face]]] = {
        "640x352": lambda picture: detector.detect(picture, size=USUAL),
        "zone, 1120x640": lambda picture: detector.detect_in_zone(picture, FaceZone()),
    }
    cuts = [
        _cut(picture_of(file), face) for file, number in _labelled(folder) if number for face in _faces(file, number)
    ]
    backgrounds = _backgrounds(frames, len(cuts))
    found = {(way, height): 0 for way in ways for height in HEIGHTS}
    false = dict.fromkeys(ways, 0)
    for (picture, face), background in zip(cuts, backgrounds, strict=True):
        for way, look in ways.items():
            false[way] += len(look(background))
        for height in HEIGHTS:
            pasted, x, y = _pasted(background, picture, face, height, source)
            for way, look in ways.items():
                found[way, height] += any(
                    each.left < x < each.right and each.top < y < each.bottom for each in look(pasted)
                )
    print(f"{len(cuts)} faces")
    for way in ways:
        shares = ", ".join(f"{height} px {found[way, height] / len(cuts):.2f}" for height in HEIGHTS)
        print(f"{way}: {shares}; {false[way]} found in {len(backgrounds)} frames without them", flush=True)


def _faces(file: Path, number: int) -> list[Face]:
    faces = FaceDetector().detect_thoroughly(picture_of(file))
    return sorted(faces, key=lambda face: -face.score)[:number]


def _cut(picture: Picture, face: Face) -> tuple[Picture, Face]:
    margin = _ROUND * face.height
    left, top = max(0, int(face.left - margin)), max(0, int(face.top - margin))
    part = picture[top : int(face.bottom + margin), left : int(face.right + margin)]
    return part, face.moved(-left, -top)


def _backgrounds(frames: Path, number: int) -> list[Picture]:
    files = sorted(frames.glob("images/*")) or sorted(frames.glob("*.jpg"))
    chosen = [files[place * len(files) // number] for place in range(number)]
    return [np.asarray(cv2.resize(picture_of(file), FRAME, interpolation=cv2.INTER_AREA), np.uint8) for file in chosen]


def _pasted(
    background: Picture, part: Picture, face: Face, height: int, source: np.random.Generator
) -> tuple[Picture, float, float]:
    """The frame with the face at that height somewhere in it, and where its middle is."""
    factor = height / face.height
    small = np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    rows, columns = small.shape[:2]
    x, y = int(source.integers(0, FRAME[0] - columns)), int(source.integers(0, FRAME[1] - rows))
    frame = background.copy()
    frame[y : y + rows, x : x + columns] = small
    coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG])[1]
    middle = (face.left + face.right) / 2 * factor + x, (face.top + face.bottom) / 2 * factor + y
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8), *middle


def cost() -> None:
    """CPU of one process, one thread, for each part."""
    cv2.setNumThreads(1)
    detector, embedder, estimator = FaceDetector(), FaceEmbedder(), AgeSexEstimator()
    picture = np.random.default_rng(1).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    face = Face(500, 200, 600, 330, 0.9, ((530, 250), (570, 250), (550, 275), (533, 298), (567, 298)))
    person = picture[100:400, 400:700]
    parts: dict[str, Callable[[], object]] = {
        "whole frame at 640x352": lambda: detector.detect(picture),
        "whole frame at 960x544": lambda: detector.detect(picture, size=TILE),
        "zone of the whole 1280x720 frame at 1120x640": lambda: detector.detect_in_zone(picture, FaceZone()),
        "one person's head (300x300)": lambda: detector.detect(person),
        "quality": lambda: quality_of(picture, face),
        "template": lambda: embedder.template_of(picture, face),
        "age and sex": lambda: estimator.sample_of(picture, face),
    }
    for name, run in parts.items():
        run()
        taken = []
        for _ in range(8):
            began = time.process_time()
            run()
            taken.append(time.process_time() - began)
        print(f"{name}: {1000 * min(taken):.1f} ms least, {1000 * float(np.mean(taken)):.1f} ms mean", flush=True)


if __name__ == "__main__":
    main()
