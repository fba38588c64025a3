"""Letterings for the renderer: fonts out of npm packages, OSP-DIN of the simulated city, and letters drawn by strokes.

No package holds the true fonts of plates (FE-Schrift, Ukraine's, Great Britain's), so many condensed ones with random
width and weight stand for them. `python -m tools.training.plates fonts` installs and unpacks them; without that the
renderer has OSP-DIN and the strokes.
"""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from tools.node import find_node
from tools.training.plates.places import MADE, ROOT
from tools.training.plates.series import CYRILLIC, LOOK_ALIKES
from tools.training.plates.strokes import STROKES, drawn_by_strokes

Mask = npt.NDArray[np.uint8]
"""(rows, columns), 255 where there is ink."""

PACKAGES = Path(__file__).parent / "fonts"
FOLDER = MADE / "fonts"
_OSP_DIN = ROOT / "src/istros/sim/city/fonts/OSP-DIN.ttf"
ROWS = 96
"""Height of a capital letter's mask in pixels."""
_NO_BOLD = ("share-tech", "share-tech-mono", "pathway-gothic-one")
_DIN = (
    "barlow-semi-condensed",
    "barlow-condensed",
    "saira-semi-condensed",
    "pathway-extreme",
    "sofia-sans",
    "rajdhani",
)
LETTERINGS: dict[str, tuple[str, ...]] = {
    "ua": ("strokes",) * 6 + ("OSP-DIN",) * 2 + _DIN,
    "ro": ("OSP-DIN",) * 5 + ("strokes",) * 2 + _DIN,
    "fe": ("share-tech-mono", "overpass-mono", "b612-mono", "OSP-DIN", "strokes", "chakra-petch"),
    "gb": ("roboto-condensed", "encode-sans-condensed", "ubuntu-condensed", "pt-sans-narrow", "fira-sans-condensed"),
    "any": (),
}
"""Families of fonts that look most like a country's; an empty one means all."""


@cache
def font_files() -> dict[str, tuple[Path, ...]]:
    """The unpacked fonts by family, OSP-DIN among them."""
    files: dict[str, tuple[Path, ...]] = {"OSP-DIN": (_OSP_DIN,)}
    for path in sorted(FOLDER.glob("*.ttf")):
        family = path.stem.rpartition("-")[0]
        files[family] = (*files.get(family, ()), path)
    return files


def chosen_lettering(rng: np.random.Generator, lettering: str) -> str:
    """A lettering for one plate: "strokes" or a font file's name; one time in five any, so that no look is tied to one."""
    files = font_files()
    everything = ("strokes",) * 3 + tuple(family for family in files if not family.endswith("-cyrillic"))
    families = LETTERINGS[lettering] if rng.random() > 0.2 else ()
    families = tuple(family for family in families if family == "strokes" or family in files) or everything
    family = families[rng.integers(len(families))]
    if family == "strokes":
        return f"strokes-{rng.integers(len(STROKES))}"
    return str(files[family][rng.integers(len(files[family]))])


@cache
def glyph(lettering: str, text: str) -> Mask:
    """One character's mask, cut to its ink, capital letters `ROWS` high. Cyrillic comes from a font that has it."""
    text = text if text == "У" else text.translate(LOOK_ALIKES)
    if lettering.startswith("strokes-"):
        mask = drawn_by_strokes(text, STROKES[int(lettering.removeprefix("strokes-"))])
        if mask is not None:
            return mask
        lettering = str(_OSP_DIN)
    if text in CYRILLIC + "У":
        found = _with_cyrillic(lettering)
        if found is None:
            return glyph("strokes-16", text.translate(LOOK_ALIKES))
        lettering = found
    font = _font(lettering)
    left, top, right, bottom = (int(value) for value in font.getbbox(text))
    picture = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(picture).text((-left, -top), text, font=font, fill=255)
    return np.asarray(picture)


@cache
def _font(file: str) -> ImageFont.FreeTypeFont:
    trial = ImageFont.truetype(file, 200)
    _, top, _, bottom = trial.getbbox("H")
    return ImageFont.truetype(file, round(200 * ROWS / (bottom - top)))


def _with_cyrillic(lettering: str) -> str | None:
    """A font file with Cyrillic letters that goes with this one: its own second half, or any; None where there is none."""
    files = font_files()
    name = Path(lettering).stem
    family, _, weight = name.rpartition("-")
    own = [path for path in files.get(f"{family}-cyrillic", ()) if path.stem.endswith(weight)]
    every = own or [path for key, paths in files.items() if key.endswith("-cyrillic") for path in paths]
    return str(every[len(name) % len(every)]) if every else None


def _unpack(target: Path) -> int:
    from fontTools.ttLib import TTFont

    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for folder in sorted((PACKAGES / "node_modules" / "@fontsource").iterdir()):
        for script in ("latin", "cyrillic"):
            for weight in (400,) if folder.name in _NO_BOLD else (500, 700):
                source = folder / "files" / f"{folder.name}-{script}-{weight}-normal.woff2"
                if not source.is_file():
                    continue
                font = TTFont(str(source))
                font.flavor = None
                suffix = "-cyrillic" if script == "cyrillic" else ""
                font.save(str(target / f"{folder.name}{suffix}-{weight}.ttf"))
                count += 1
    return count


def main(arguments: list[str] | None = None) -> int:
    """Install the packages of fonts/package-lock.json and unpack their fonts."""
    argparse.ArgumentParser(description="Make the fonts that the plate renderer draws with.").parse_args(arguments)
    find_node().install(PACKAGES)
    print(f"{_unpack(FOLDER)} fonts in {FOLDER}")
    return 0
