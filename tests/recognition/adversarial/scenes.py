"""Scenes that try to fool a plate reader, all drawn here: what stands in them is known, so nonsense can be told from truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from istros.recognition.picture import Picture
from tests.recognition.pictures import draw_plate, street

Random = np.random.Generator
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """A picture and the plates that are really in it; whatever else is read with confidence is nonsense."""

    name: str
    picture: Picture
    plates: tuple[str, ...] = ()


SIGNS = (
    "SALE 50%", "-30%", "OPEN 24H", "WC", "P 50m", "TAXI 838", "EXIT", "STOP", "+380 48 123 45 67", "0 800 500 123",
    "0744 123 456", "tel. 021 9555", "49.99", "A95 54.20", "DIESEL 7.45", "12:45", "22 11 2026", "+7 C", "27 m2",
    "I LOVE IZMAIL", "BABY ON BOARD", "KREDIT 0%", "WWW.TULCEA.RO", "BUS 120", "No 7", "24/7", "MAX 3.5t", "40", "M15 E87",
)  # fmt: skip
"""Texts of stickers, adverts, phone numbers, price signs, clocks and road signs: none is a plate."""


def signs() -> Iterator[Scene]:
    """Stickers and adverts on a wall or a car's back, in the colours and shapes that plates have, too."""
    random = np.random.default_rng(11)
    for text in SIGNS:
        picture = street()
        back = _one_of(random, (245, 245, 245), (40, 200, 250), (60, 40, 190), (150, 90, 20), (240, 240, 200))
        ink = (15, 15, 15) if sum(back) > 350 else (245, 245, 245)
        _board(picture, text, (int(random.integers(180, 460)), int(random.integers(90, 280))), back, ink, random)
        yield Scene(f"sign {text}", picture)


def walls_of_adverts() -> Iterator[Scene]:
    """Many lines of text at once, as a shop window or a lorry's side has them."""
    random = np.random.default_rng(12)
    for number in range(6):
        picture = street(960, 540)
        for _ in range(14):
            text = str(random.choice(SIGNS))
            place = int(random.integers(100, 860)), int(random.integers(30, 510))
            _board(picture, text, place, (235, 235, 235), (20, 20, 20), random)
        yield Scene(f"adverts {number}", picture)


def phone_screens() -> Iterator[Scene]:
    """A hand holds a telephone that shows a plate."""
    for plate in ("AE1234KB", "B123ABC"):
        picture = street()
        cv2.rectangle(picture, (220, 60), (420, 320), (10, 10, 10), -1)
        cv2.rectangle(picture, (228, 80), (412, 300), (250, 240, 230), -1)
        draw_plate(picture, (plate,), 320, 190, 0.8)
        yield Scene(f"phone {plate}", picture, (plate,))


def mirrored() -> Iterator[Scene]:
    """Plates in a shop window or a mirror."""
    for plate in ("AE1234KB", "BH5274CE", "TL35RFE", "B237SPK", "CPE346"):
        picture = street()
        draw_plate(picture, (plate,), 320, 180, 1.2)
        yield Scene(f"mirror {plate}", np.ascontiguousarray(picture[:, ::-1]), ())


def _weathers() -> dict[str, Callable[[Picture, Random, float], Picture]]:
    return {"rain": rain, "headlights": headlights, "motion blur": motion_blur, "darkness": darkness, "JPEG": jpeg}


def weathers() -> Iterator[Scene]:
    """A true plate under what cameras suffer: it is read, or it is not; it is not read as another one."""
    random = np.random.default_rng(13)
    for name, spoil in _weathers().items():
        for number, plate in enumerate(("AE1234KB", "BH5274CE", "TL35RFE", "KAB123")):
            picture = street()
            scale = 0.7 + 0.2 * number
            draw_plate(picture, (plate,), 320, 190, scale)
            yield Scene(f"{name} {plate}", spoil(picture, random, scale), (plate,))


def rain(picture: Picture, random: Random, scale: float) -> Picture:
    """Bright streaks."""
    for _ in range(260):
        x, y, length = (int(value) for value in random.integers((0, 0, 8), (640, 360, 34)))
        cv2.line(picture, (x, y), (x + length // 5, y + length), (215, 215, 215), 1, cv2.LINE_AA)
    return picture


def headlights(picture: Picture, random: Random, scale: float) -> Picture:
    """Two lamps where a car has them, 0.6 m beside the plate's middle, so bright that they dazzle."""
    rows, columns = np.mgrid[0:360, 0:640]
    light = np.zeros((360, 640))
    reach = 230 * scale
    for x in (320 - reach, 320 + reach):
        spread = float(random.uniform(0.25, 0.5)) * reach
        light += 420 * np.exp(-((columns - x) ** 2 + (rows - 150) ** 2) / (2 * spread**2))
    return np.clip(0.35 * picture + light[:, :, None], 0, 255).astype(np.uint8)


def motion_blur(picture: Picture, random: Random, scale: float) -> Picture:
    """A shutter that was open for too long."""
    length = int(random.integers(7, 25))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    return np.asarray(cv2.filter2D(picture, -1, kernel), np.uint8)


def darkness(picture: Picture, random: Random, scale: float) -> Picture:
    """Little light and a sensor's noise."""
    return np.clip(picture * 0.12 + random.normal(0, 7, picture.shape), 0, 255).astype(np.uint8)


def jpeg(picture: Picture, random: Random, scale: float) -> Picture:
    """A coder that had too few bits."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(4, 12))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def voids() -> Iterator[Scene]:
    """Pictures in which nothing is, or nothing that makes sense."""
    random = np.random.default_rng(14)
    yield Scene("black", np.zeros((360, 640, 3), np.uint8))
    yield Scene("white", np.full((360, 640, 3), 255, np.uint8))
    yield Scene("noise", random.integers(0, 256, (360, 640, 3)).astype(np.uint8))
    stripes = np.zeros((360, 640, 3), np.uint8)
    stripes[:, ::6] = 255
    yield Scene("stripes", stripes)
    board = np.kron((np.indices((18, 32)).sum(axis=0) % 2) * 255, np.ones((20, 20)))
    yield Scene("chequers", np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8))
    torn = street()
    draw_plate(torn, ("AE1234KB",), 320, 180, 1.2)
    torn[175:] = np.roll(torn[175:], 90, axis=1)
    yield Scene("torn", torn, ("AE1234KB",))
    lost = street()
    draw_plate(lost, ("AE1234KB",), 320, 180, 1.2)
    lost[180:] = (0, 135, 0)
    yield Scene("half lost", lost, ("AE1234KB",))


def sizes() -> Iterator[Scene]:
    """Pictures of shapes that no camera sends on purpose."""
    for rows, columns in ((1, 1), (1, 2000), (2000, 1), (17, 5000), (3000, 40), (2, 2), (33, 31), (4000, 6000)):
        yield Scene(f"{columns}x{rows}", np.full((rows, columns, 3), 127, np.uint8))
    wide = street(1280, 720)
    draw_plate(wide, ("AE1234KB",), 640, 360)
    yield Scene("upside down view", wide[::-1])
    yield Scene("every other column", wide[:, ::2], ("AE1234KB",))


def _board(picture: Picture, text: str, place: tuple[int, int], back: Colour, ink: Colour, random: Random) -> None:
    font, scale = cv2.FONT_HERSHEY_DUPLEX, float(random.uniform(0.7, 1.3))
    (width, height), _ = cv2.getTextSize(text, font, scale, 2)
    left, top = place[0] - width // 2 - 8, place[1] - height // 2 - 9
    cv2.rectangle(picture, (left, top), (left + width + 16, top + height + 18), back, -1)
    cv2.putText(picture, text, (left + 8, top + height + 8), font, scale, ink, 2, cv2.LINE_AA)


def _one_of(random: Random, *colours: Colour) -> Colour:
    return colours[int(random.integers(len(colours)))]
