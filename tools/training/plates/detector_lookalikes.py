"""What is no plate and could be taken for one: signs, adverts, print, grilles, time stamps, stickers; and plain textures."""

from __future__ import annotations

import cv2
import numpy as np

from tools.training.plates.detector_sources import Floats

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzАБВГДЕЖИКЛМНОПРСТУФХЦ"
_STEADY = ("TAXI", "STOP", "BUS", "POLICE", "P", "30", "50", "DACIA", "TDI", "4x4", "EXIT", "BANK", "www.", "OIL 95")
_KINDS = ("print", "print", "sign", "sign", "stamp", "grille", "boxes", "bar code")


def add_lookalikes(picture: Floats, rng: np.random.Generator, most: int = 5) -> None:
    """Draw a few things that are no plates into the grey picture."""
    for _ in range(int(rng.integers(0, most + 1))):
        kind = str(rng.choice(_KINDS))
        {
            "print": _print, "sign": _sign, "stamp": _stamp, "grille": _grille, "boxes": _boxes, "bar code": _bars,
        }[kind](picture, rng)  # fmt: skip


def texture(rng: np.random.Generator, side: int) -> Floats:
    """Cloudy noise of several sizes with a few edges: a background that shows nothing."""
    result = np.full((side, side), rng.uniform(20, 230), np.float32)
    for cells in (3, 8, 24, 96):
        noise = rng.normal(0, rng.uniform(0, 40), (cells, cells)).astype(np.float32)
        result += cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(0, 12))):
        points = rng.integers(-side // 4, side + side // 4, (int(rng.integers(3, 6)), 2))
        cv2.fillPoly(result, [points.astype(np.int32)], rng.uniform(0, 255))
    return np.clip(result, 0, 255)


def _word(rng: np.random.Generator) -> str:
    """A word, a telephone number, a time; never letters and digits in the way of a plate."""
    drawn = rng.random()
    if drawn < 0.15:
        return str(rng.choice(_STEADY))
    if drawn < 0.3:
        return "0" + "".join(str(digit) for digit in rng.integers(0, 10, int(rng.integers(8, 11))))
    if drawn < 0.4:
        return f"{rng.integers(0, 24):02}:{rng.integers(0, 60):02}"
    word = "".join(rng.choice(list(_LETTERS), int(rng.integers(2, 12))))
    return word.upper() if rng.random() < 0.6 else word.lower()


def _write(target: Floats, text: str, x: int, y: int, height: int, ink: float, rng: np.random.Generator) -> None:
    layer = np.zeros(target.shape, np.uint8)
    if rng.random() < 0.6:
        face = cv2.FontFace(str(rng.choice(["sans", "italic"])))
        cv2.putText(layer, text, (x, y), (255,), face, max(5, height), int(rng.choice([300, 500, 800])))
    else:
        text = text.encode("ascii", "ignore").decode() or "Bar"
        font = int(rng.integers(0, 5))
        cv2.putText(layer, text, (x, y), font, height / 25, (255,), max(1, height // 10), cv2.LINE_AA)
    alpha = layer.astype(np.float32) / 255
    target[:] = target * (1 - alpha) + ink * alpha


def _print(picture: Floats, rng: np.random.Generator) -> None:
    side = picture.shape[0]
    x, y = (int(value) for value in rng.integers(-20, side, 2))
    _write(picture, _word(rng), x, y, int(np.exp(rng.uniform(np.log(7), np.log(70)))), rng.uniform(0, 255), rng)


def _sign(picture: Floats, rng: np.random.Generator) -> None:
    """A board with one to four lines of words, warped."""
    lines, height = int(rng.integers(1, 5)), int(np.exp(rng.uniform(np.log(9), np.log(60))))
    words = [" ".join(_word(rng) for _ in range(int(rng.integers(1, 4)))) for _ in range(lines)]
    if lines == 1:
        words = [word + " " + _word(rng) for word in words]
    width = int(0.65 * height * max(map(len, words))) + height
    board = np.full((int(1.4 * height * lines) + height // 2, width), rng.uniform(0, 255), np.float32)
    ink = float((board[0, 0] + rng.uniform(80, 180)) % 256)
    for number, word in enumerate(words):
        _write(board, word, height // 3, int(1.4 * height * number + 1.2 * height), height, ink, rng)
    if rng.random() < 0.5:
        cv2.rectangle(board, (0, 0), (board.shape[1] - 1, board.shape[0] - 1), ink, max(1, height // 12))
    _put(picture, board, rng)


def _put(picture: Floats, board: Floats, rng: np.random.Generator) -> None:
    side = picture.shape[0]
    rows, columns = board.shape
    shape = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    turned = shape * [rng.uniform(0.5, 1), 1] + rng.normal(0, 0.06, (4, 2)) * min(rows, columns)
    turned[1:3, 1] += rng.normal(0, 0.1) * columns
    goal = (turned + rng.uniform(-0.2, 1, 2) * [side, side]).astype(np.float32)
    transform = cv2.getPerspectiveTransform(shape, goal)
    cv2.warpPerspective(
        board, transform, (side, side), dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )


def _stamp(picture: Floats, rng: np.random.Generator) -> None:
    """The camera's own line of date and place in a corner."""
    side, height = picture.shape[0], int(rng.integers(8, 24))
    date = f"20{rng.integers(10, 27)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02} "
    text = (date if rng.random() < 0.7 else "") + f"{rng.integers(0, 24):02}:{rng.integers(0, 60):02}:00 {_word(rng)}"
    x, y = int(rng.integers(2, max(3, side - 8 * height))), int(rng.choice([height + 4, side - 6]))
    if rng.random() < 0.3:
        picture[max(0, y - height - 2) : y + 5, x - 2 : x + int(0.62 * height * len(text))] = rng.uniform(0, 60)
    _write(picture, text, x, y, height, rng.uniform(150, 255), rng)


def _grille(picture: Floats, rng: np.random.Generator) -> None:
    """Parallel bars: a radiator, a fence, a zebra crossing."""
    width, height = (int(np.exp(rng.uniform(np.log(16), np.log(200)))) for _ in range(2))
    period = rng.uniform(3, 24)
    across = np.arange(width if rng.random() < 0.5 else height)
    wave = np.where((across / period) % 1 < rng.uniform(0.2, 0.8), rng.uniform(0, 255), rng.uniform(0, 255))
    shape = (height, width)
    bars = np.broadcast_to(wave[None] if len(across) == width else wave[:, None], shape)
    _put(picture, np.ascontiguousarray(bars, np.float32), rng)


def _boxes(picture: Floats, rng: np.random.Generator) -> None:
    """Frames within frames: windows, lamps, number fields of a dashboard."""
    width, height = (int(np.exp(rng.uniform(np.log(10), np.log(160)))) for _ in range(2))
    board = np.full((height, width), rng.uniform(0, 255), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.rectangle(board, (x, y), (width - x, height - y), rng.uniform(0, 255), int(rng.choice([-1, 1, 2, 4])))
    _put(picture, board, rng)


def _bars(picture: Floats, rng: np.random.Generator) -> None:
    width, height = int(rng.integers(20, 160)), int(rng.integers(8, 50))
    code = np.repeat(rng.integers(0, 2, width // 2 + 1), 2)[:width] * rng.uniform(100, 255)
    _put(picture, np.ascontiguousarray(np.broadcast_to(code, (height, width)), np.float32), rng)
