"""What the plate detector's training pictures are made of: real frames, backgrounds without plates, and plates to paste.

Everything is grey: the detector sees the luma plane alone, so that an infra-red camera's picture and a tinted one look
like any other. All pictures are decoded once and kept in memory (about 1 GB).
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

HELD_OUT = ((560, 720), (1257, 1613))
"""Numbers of the frames `day_1_N` on which nothing is trained: a stretch by day and all of one drive by night."""
HELD_OUT_CLIPS = ("tulcea-dusk", "izmail-harbour-gate")
"""Scenes of the simulated city on which nothing is trained: the tests use them."""
_CLIP_PICTURES = 12
_CLIP_SIZE = (1280, 720)
_PHOTOS = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png",
    "motorcycle_left.png", "motorcycle_right.png", "page.png", "rocket.jpg", "text.png", "retina.jpg",
)  # fmt: skip
"""Pictures inside the wheel of scikit-image (all free to use, see its data/README.txt): daylight, structure, print."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A grey picture; `boxes` (count, 4) are its plates' left, top, right, bottom in pixels; `bare` has them painted over."""

    name: str
    grey: Grey
    boxes: Floats
    bare: Grey
    whole: bool = True
    """Whether every plate of the picture has a box. In a real street far ones have none."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate to paste: grey picture and mask (255 where the plate is), both (rows, columns); `corners` (4, 2) in pixels."""

    grey: Grey
    mask: Grey
    corners: Floats
    lines: int
    exact: bool
    """Whether the corners are the plate's own, and not only those of a crop that it nearly fills."""


@dataclass(frozen=True, slots=True)
class Sources:
    """All that a scene is made of."""

    frames: list[Frame]
    plates: list[Plate]
    real_plates: list[Plate]
    photos: list[Grey] = field(default_factory=list)


def read_frames(folder: Path, *, held_out: bool) -> list[Frame]:
    """The frames of `plates_ro_train`: those to train on, or those held out."""
    boxes: dict[str, list[list[float]]] = defaultdict(list)
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            x, y, width, height = (float(row[key]) for key in ("x", "y", "w", "h"))
            boxes[row["file"]].append([x, y, x + width, y + height])
    names = sorted(name for name in boxes if is_held_out(name) == held_out)
    return [_frame(name, _grey(folder / "images" / name), boxes[name], whole=False) for name in names]


def is_held_out(name: str) -> bool:
    """Whether a frame of plates_ro_train belongs to the drives that validate."""
    drive, number = name.rsplit(".", 1)[0].rsplit("_", 1)
    return drive == "day_1" and any(first <= int(number) <= last for first, last in HELD_OUT)


def read_clips(folder: Path, *, held_out: bool) -> list[Frame]:
    """Pictures of the simulated city's main streams at 1280x720, with the plates that are to be seen in them."""
    frames: list[Frame] = []
    for truth_path in sorted(folder.glob("*.json")):
        if (truth_path.stem in HELD_OUT_CLIPS) == held_out:
            frames += list(_clip_frames(truth_path))
    return frames


def _clip_frames(truth_path: Path) -> Iterator[Frame]:
    truth = json.loads(truth_path.read_text(encoding="utf-8"))
    by_frame: dict[int, list[list[float]]] = defaultdict(list)
    scale = _CLIP_SIZE[0] / float(truth["width"])
    for vehicle in truth["vehicles"]:
        for seen in vehicle["frames"]:
            if seen.get("plate_box"):
                by_frame[seen["frame"]].append([scale * float(value) for value in seen["plate_box"]])
    film = cv2.VideoCapture(str(truth_path.with_name(f"{truth_path.stem}_main.mp4")))
    wanted = {round(each) for each in np.linspace(0, int(truth["frames"]) - 1, _CLIP_PICTURES)}
    for number in range(int(truth["frames"])):
        if not film.grab():
            break
        if number in wanted:
            _, picture = film.retrieve()
            small = cv2.resize(picture, _CLIP_SIZE, interpolation=cv2.INTER_AREA)
            grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
            yield _frame(f"{truth_path.stem}:{number}", grey, by_frame[number], whole=True)
    film.release()


def read_photos() -> list[Grey]:
    """Daylight pictures without plates out of scikit-image's wheel."""
    folder = Path(str(importlib.metadata.distribution("scikit-image").locate_file("skimage/data")))
    return [_grey(folder / name) for name in _PHOTOS]


def read_crops(folder: Path) -> list[Plate]:
    """The real crops of `plates_eu_train`; each is taken for a plate as a whole."""
    plates = []
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            grey = _grey(folder / "images" / row["file"])
            rows, columns = grey.shape
            lines = int(row["lines"]) if row["lines"] else (2 if columns < 2 * rows else 1)
            plates.append(Plate(grey, np.full_like(grey, 255), _outline(columns, rows), lines, exact=False))
    return plates


def draw_plates(count: int, seed: int, draw: Callable[[np.random.Generator], Plate]) -> list[Plate]:
    """`count` rendered plates, each from its own random source."""
    return [draw(np.random.default_rng((seed, number))) for number in range(count)]


def drawn_plate(rng: np.random.Generator) -> Plate:
    """One plate of the recogniser's renderer, worn, its colours mixed to grey at random as sensors in infra-red do."""
    from tools.training.plates.drawing import draw_plate
    from tools.training.plates.wear import worn

    drawn = draw_plate(rng)
    picture = worn(rng, drawn.picture) if rng.random() < 0.6 else drawn.picture
    weights = np.array([0.114, 0.587, 0.299]) if rng.random() < 0.5 else rng.dirichlet((1.0, 1.5, 1.5))
    grey = np.clip(picture.astype(np.float32) @ weights.astype(np.float32), 0, 255).astype(np.uint8)
    corners = np.asarray(drawn.corners, np.float32)
    return Plate(grey, np.asarray(drawn.mask, np.uint8), corners, len(drawn.lines), exact=True)


def _frame(name: str, grey: Grey, boxes: list[list[float]], *, whole: bool) -> Frame:
    return Frame(name, grey, np.array(boxes, np.float32).reshape(-1, 4), _painted_over(grey, boxes), whole)


def _painted_over(grey: Grey, boxes: list[list[float]]) -> Grey:
    """The picture with its plates filled from their surroundings."""
    bare = grey.copy()
    for left, top, right, bottom in boxes:
        margin = 2 + 0.12 * (bottom - top)
        x, y = max(0, int(left - 4 * margin)), max(0, int(top - 4 * margin))
        part = bare[y : int(bottom + 4 * margin), x : int(right + 4 * margin)]
        if not part.size:
            continue
        mask = np.zeros_like(part)
        inside = (int(left - margin) - x, int(top - margin) - y, int(right + margin) - x, int(bottom + margin) - y)
        mask[max(0, inside[1]) : inside[3], max(0, inside[0]) : inside[2]] = 255
        part[:] = cv2.inpaint(part, mask, 3, cv2.INPAINT_TELEA)
    return bare


def _grey(path: Path) -> Grey:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise SystemExit(f"The picture {path} cannot be read: fetch the training sets again.")
    return np.asarray(picture, np.uint8)


def _outline(columns: int, rows: int) -> Floats:
    return np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
