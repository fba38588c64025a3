"""Plates of the simulated city: well-formed texts of three countries, and their pictures.

Ukraine: two letters of the region, four digits, two letters, from the twelve letters that Cyrillic and Latin share
(DSTU 4278:2019). Romania: county code, two digits (Bucharest two or three), three letters without Q, of which the first
is neither I nor O. Moldova: three letters, three digits (pattern since 2015). Numbers are drawn from the seed; region
codes are real, so a text may by chance exist on a road.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SHARED_LETTERS = "ABCEHIKMOPTX"
ROMANIAN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
MOLDOVAN_LETTERS = "ABCDEFGHJKLMNPRSTUVXYZ"
GRAMMAR = {
    "UA": re.compile(rf"[{SHARED_LETTERS}]{{2}} \d{{4}} [{SHARED_LETTERS}]{{2}}"),
    "RO": re.compile(r"(B \d{2,3}|[A-Z]{2} \d{2}) [A-HJ-NPR-Z][A-PR-Z]{2}"),
    "MD": re.compile(r"[A-Z]{3} \d{3}"),
}
"""What a full plate text of each country matches, spaces as printed."""

FONT = Path(__file__).parent / "fonts" / "OSP-DIN.ttf"
SIZE = (520, 112)
"""Pixels of a plate's picture: one a millimetre."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A text with its printed spaces and the country's letters on the band (UA, RO, MD)."""

    text: str
    country: str


def _pick(generator: random.Random, letters: str, count: int) -> str:
    return "".join(generator.choice(letters) for _ in range(count))


def draw_plate(generator: random.Random, countries: str = "UUUURRRM") -> Plate:
    """A plate of one of the countries (U, R, M; repeat a letter to make it likelier)."""
    digits = "0123456789"
    match generator.choice(countries):
        case "U":
            region = generator.choice(["BH", "BH", "BH", "HH", "AA", "BE", "AX"])
            return Plate(f"{region} {_pick(generator, digits, 4)} {_pick(generator, SHARED_LETTERS, 2)}", "UA")
        case "R":
            county = generator.choice(["TL", "TL", "TL", "GL", "CT", "BR", "B"])
            count = 3 if county == "B" else 2
            letters = _pick(generator, ROMANIAN_LETTERS, 3)
            return Plate(f"{county} {_pick(generator, digits, count)} {letters}", "RO")
        case _:
            return Plate(f"{_pick(generator, MOLDOVAN_LETTERS, 3)} {_pick(generator, digits, 3)}", "MD")


def font(size: int) -> ImageFont.FreeTypeFont:
    """The lettering of plates and signs."""
    return ImageFont.truetype(str(FONT), size)


def _band(draw: ImageDraw.ImageDraw, country: str, width: int, height: int) -> None:
    """The blue band on the left with the flag or the twelve stars and the country's letters."""
    draw.rectangle((0, 0, width, height), fill=(18, 52, 140))
    if country == "UA":
        draw.rectangle((10, 18, width - 10, height * 0.24), fill=(20, 110, 205))
        draw.rectangle((10, height * 0.24, width - 10, height * 0.40), fill=(250, 205, 20))
    elif country == "RO":
        for i in range(12):
            x, y = (
                width / 2 + width * 0.3 * math.cos(i * math.pi / 6),
                height * 0.3 + width * 0.3 * math.sin(i * math.pi / 6),
            )
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(250, 205, 20))
    else:
        stripe = (width - 20) / 3
        for i, colour in enumerate([(0, 70, 174), (255, 210, 0), (204, 9, 47)]):
            draw.rectangle((10 + i * stripe, 18, 10 + (i + 1) * stripe, height * 0.42), fill=colour)
    draw.text((width / 2, height * 0.74), country, font=font(56), fill=(240, 240, 240), anchor="mm")


def plate_picture(plate: Plate) -> Image.Image:
    """The plate in 520 x 112 pixels: black lettering of 76 mm on white, widened to DIN 1451's proportions."""
    scale = 2
    width, height = SIZE[0] * scale, SIZE[1] * scale
    picture = Image.new("RGB", (width, height), (236, 236, 232))
    draw = ImageDraw.Draw(picture)
    band = 44 * scale
    _band(draw, plate.country, band, height)
    face = font(int(height * 0.92))
    left, _, right, _ = draw.textbbox((0, 0), plate.text, font=face)
    line = Image.new("L", (int(right - left) + 20, height), 0)
    ImageDraw.Draw(line).text((10, height / 2), plate.text, font=face, fill=255, anchor="lm")
    line = line.filter(ImageFilter.MaxFilter(5))
    room = width - band - 28
    line = line.resize((min(int(line.width * 1.5), room), height))
    picture.paste((16, 16, 18), (band + (width - band - line.width) // 2, 0), line)
    draw.rectangle((0, 0, width - 1, height - 1), outline=(26, 26, 28), width=7)
    return picture.resize(SIZE, Image.Resampling.LANCZOS)
