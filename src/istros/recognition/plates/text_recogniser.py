"""Reads one straight line of text: PP-OCR's recogniser, with the letters that a plate can have.

The net knows 18,708 signs. It decides among all of them, and whatever is no letter or digit of a plate then counts as a
gap; forbidding the others beforehand makes screws and emblems into letters (measured: 9 plates of 80 lost).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from istros.recognition.models.cards import TEXT_RECOGNISER
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Floats, Picture

SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEAST_ALTERNATIVE = 0.01
_ROWS = 48
_LEAST_COLUMNS, _MOST_COLUMNS = 64, 320


@dataclass(frozen=True, slots=True)
class ReadCharacter:
    """One character: its probability 0 to 1, and the other ones that the net thought of, likeliest first."""

    text: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


class TextRecogniser:
    """The characters of a line of text."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(TEXT_RECOGNISER, folder=folder)
        self._input = self._session.get_inputs()[0].name
        signs = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        # Class 0 is CTC's blank; the sign of class n stands on line n - 1.
        self._symbol_of = np.full(len(signs) + 2, -1)
        for position, sign in enumerate(signs, start=1):
            if len(sign) == 1 and sign.isascii() and sign.isalnum():
                self._symbol_of[position] = SYMBOLS.index(sign.upper())
        self._classes = np.flatnonzero(self._symbol_of >= 0)

    def read(self, line: Picture) -> tuple[ReadCharacter, ...]:
        """Read a straight cut (rows, columns, 3) BGR of one line; empty when there is no letter or digit in it."""
        rows, columns = line.shape[:2]
        width = int(np.clip(np.ceil(_ROWS * columns / rows / 8) * 8, _LEAST_COLUMNS, _MOST_COLUMNS))
        flags = cv2.INTER_AREA if rows > _ROWS else cv2.INTER_LINEAR
        resized = cv2.resize(line, (width, _ROWS), interpolation=flags)
        tensor = (resized.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        (probabilities,) = self._session.run(None, {self._input: np.ascontiguousarray(tensor)})
        return self._decode(probabilities[0])

    def _decode(self, probabilities: Floats) -> tuple[ReadCharacter, ...]:
        """CTC's best path (A. Graves et al., 2006): join equal neighbours, drop gaps."""
        symbols = self._symbol_of[probabilities.argmax(axis=1)]
        by_symbol = np.zeros((len(probabilities), len(SYMBOLS)), np.float32)
        np.add.at(by_symbol.T, self._symbol_of[self._classes], probabilities[:, self._classes].T)
        starts = np.flatnonzero(np.diff(symbols, prepend=-1) != 0)
        ends = np.append(starts, len(symbols))[1:]
        return tuple(
            _character(by_symbol[start:end].max(axis=0), int(symbols[start]))
            for start, end in zip(starts, ends, strict=True)
            if symbols[start] >= 0
        )


def _character(likeliness: Floats, symbol: int) -> ReadCharacter:
    order = [int(index) for index in likeliness.argsort()[::-1][:4]]
    others = tuple(
        (SYMBOLS[i], float(likeliness[i])) for i in order if i != symbol and likeliness[i] > _LEAST_ALTERNATIVE
    )
    return ReadCharacter(SYMBOLS[symbol], float(min(1.0, likeliness[symbol])), others)
