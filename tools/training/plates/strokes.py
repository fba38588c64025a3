"""Letters drawn by strokes: the look of DIN 1451 and of plate fonts that no package holds, with free weight and roundness.

A letter is a set of lines over a box from 0 to 1, y downwards. Lines marked "o" have rounded corners, lines marked "o="
are closed as well; the others have sharp ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]
_ROWS = 96
_NARROW = {"1": 0.45, "I": 0.0, "J": 0.8, "E": 0.85, "F": 0.85, "L": 0.85, "M": 1.2, "W": 1.4, "Ж": 1.5, "Ш": 1.3}
_NARROW |= {"Щ": 1.35, "Ю": 1.5, "Ф": 1.3, "T": 1.0}

_LETTERS: dict[str, str] = {
    "0": "o= 0,0 1,0 1,1 0,1",
    "1": "0,.3 1,0 1,1",
    "2": "o 0,.25 0,0 1,0 1,.42 0,1; 0,1 1,1",
    "3": "o 0,.2 0,0 1,0 1,.46 .4,.46; o .4,.46 1,.46 1,1 0,1 0,.8",
    "4": ".62,0 0,.72 1,.72; .78,.42 .78,1",
    "5": "1,0 .08,0 .04,.48; o .04,.5 .04,.38 1,.38 1,1 0,1 0,.8",
    "6": "o .8,0 0,.45 0,1 1,1 1,.42 .05,.42 .0,.6",
    "7": "0,0 1,0 .35,1",
    "8": "o= .06,0 .94,0 .94,.46 .06,.46; o= 0,.46 1,.46 1,1 0,1",
    "9": "o .2,1 1,.55 1,0 0,0 0,.58 .95,.58 1,.4",
    "A": "0,1 .5,0 1,1; .18,.68 .82,.68",
    "B": "0,1 0,0; o 0,0 .93,0 .93,.47 0,.47; o 0,.47 1,.47 1,1 0,1",
    "C": "o 1,.28 1,0 0,0 0,1 1,1 1,.72",
    "D": "0,1 0,0; o 0,0 1,0 1,1 0,1",
    "E": "1,0 0,0 0,1 1,1; 0,.48 .85,.48",
    "F": "1,0 0,0 0,1; 0,.48 .85,.48",
    "G": "o 1,.25 1,0 0,0 0,1 1,1 1,.54; 1,.54 .55,.54",
    "H": "0,0 0,1; 1,0 1,1; 0,.48 1,.48",
    "I": "0,0 0,1",
    "J": "o 1,0 1,1 0,1 0,.72",
    "K": "0,0 0,1; 1,0 0,.62; .35,.42 1,1",
    "L": "0,0 0,1 1,1",
    "M": "0,1 0,0 .5,.62 1,0 1,1",
    "N": "0,1 0,0 1,1 1,0",
    "O": "o= 0,0 1,0 1,1 0,1",
    "P": "0,1 0,0; o 0,0 1,0 1,.54 0,.54",
    "Q": "o= 0,0 1,0 1,1 0,1; .55,.7 1.05,1.05",
    "R": "0,1 0,0; o 0,0 1,0 1,.52 0,.52; .5,.52 1,1",
    "S": "o 1,.24 1,0 0,0 0,.46 1,.5 1,1 0,1 0,.76",
    "T": "0,0 1,0; .5,0 .5,1",
    "U": "o 0,0 0,1 1,1 1,0",
    "V": "0,0 .5,1 1,0",
    "W": "0,0 .25,1 .5,.1 .75,1 1,0",
    "X": "0,0 1,1; 1,0 0,1",
    "Y": "0,0 .5,.5 1,0; .5,.5 .5,1",
    "Z": "0,0 1,0 0,1 1,1",
    "Б": ".95,0 0,0 0,1; o 0,.44 1,.44 1,1 0,1",
    "Г": "0,1 0,0 1,0",
    "Д": "-.1,1.12 -.1,.9 1.1,.9 1.1,1.12; .12,.9 .25,0 .88,0 .88,.9",
    "Ж": ".5,0 .5,1; 0,0 .5,.55 1,0; 0,1 .5,.45 1,1",
    "И": "0,0 0,1 1,0 1,1",
    "Л": "0,1 .12,.9 .25,0 1,0 1,1",
    "П": "0,1 0,0 1,0 1,1",
    "Ф": ".5,0 .5,1; o= 0,.18 1,.18 1,.76 0,.76",
    "Ц": "0,0 0,.92 1.1,.92 1.1,1.12; .9,0 .9,.92",
    "Ч": "o 0,0 0,.55 .95,.55; 1,0 1,1",
    "Ш": "0,0 0,1 1,1 1,0; .5,0 .5,1",
    "Щ": "0,0 0,.92 1.08,.92 1.08,1.12; .93,0 .93,.92; .46,0 .46,.92",
    "Э": "o 0,.26 0,0 1,0 1,1 0,1 0,.74; .4,.48 1,.48",
    "Ю": "0,0 0,1; 0,.48 .35,.48; o= .35,0 1,0 1,1 .35,1",
    "Я": "1,1 1,0; o 1,0 0,0 0,.52 1,.52; .5,.52 0,1",
    "Є": "o 1,.26 1,0 0,0 0,1 1,1 1,.74; .6,.48 0,.48",
}


@dataclass(frozen=True, slots=True)
class Strokes:
    """A lettering: a letter's width, its strokes' weight and its corners' radius, each as a share of its height."""

    width: float
    weight: float
    radius: float


STROKES = tuple(
    Strokes(width, weight, radius)
    for width in (0.4, 0.47, 0.54, 0.62)
    for weight in (0.11, 0.14, 0.17)
    for radius in (0.12, 0.2, 0.3)
)


def drawn_by_strokes(text: str, strokes: Strokes) -> npt.NDArray[np.uint8] | None:
    """The mask of a letter, 96 rows from the upper to the lower edge of a capital; None where the letter is unknown."""
    if text not in _LETTERS:
        return None
    weight = max(2, round(strokes.weight * _ROWS))
    size = np.array(
        [strokes.width * _NARROW.get(text, 1.0) * _ROWS - weight * (text != "I"), _ROWS - weight], np.float32
    )
    size[0] = max(size[0], 0 if text == "I" else 8)
    margin = weight + 14
    canvas = np.zeros((_ROWS + 2 * margin, int(size[0]) + 2 * margin), np.uint8)
    for part in _LETTERS[text].split(";"):
        words = part.split()
        kind = words[0] if words[0] in ("o", "o=") else ""
        points = np.array([word.split(",") for word in words[bool(kind) :]], np.float32) * size
        if kind:
            points = _rounded(points, strokes.radius * _ROWS, kind == "o=")
        fixed = ((points + margin) * 16).round().astype(np.int32)
        cv2.polylines(canvas, [fixed], kind == "o=", 255, weight, cv2.LINE_AA, 4)
    columns = np.flatnonzero(canvas.max(axis=0) > 100)
    rows = np.flatnonzero(canvas.max(axis=1) > 100)
    return canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _rounded(points: Points, radius: float, is_closed: bool) -> Points:
    """The line with each corner replaced by a quadratic curve that begins and ends `radius` pixels from it."""
    count = len(points)
    corners = range(count) if is_closed else range(1, count - 1)
    result: list[Points] = [] if is_closed else [points[:1]]
    steps = np.linspace(0, 1, 7, dtype=np.float32)[:, None]
    for index in corners:
        corner = points[index]
        ends = []
        for other in (points[index - 1], points[(index + 1) % count]):
            length = max(float(np.linalg.norm(other - corner)), 1e-3)
            ends.append(corner + (other - corner) * min(0.5, radius / length))
        result.append((1 - steps) ** 2 * ends[0] + 2 * steps * (1 - steps) * corner + steps**2 * ends[1])
    if not is_closed:
        result.append(points[-1:])
    return np.concatenate(result)
