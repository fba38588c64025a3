"""A face's numbers for comparing, made and held in memory only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.faces.alignment import WIDE, chip_of
from istros.recognition.faces.face import Face
from istros.recognition.models.cards import FACE_EMBEDDER
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Picture

CHIP_SIDE = 150


class FaceTemplate:
    """The numbers of one face. It cannot be written, sent or printed: it lives as long as the comparison it was made for.

    The one way out is `sealed`, for the face of a watchlist entry: what comes out is encrypted with that entry's own key.
    """

    __slots__ = ("_numbers",)

    def __init__(self, numbers: NDArray[np.float32]) -> None:
        self._numbers = numbers

    def distance(self, other: FaceTemplate) -> float:
        """Euclidean distance: about 0.4 for pictures of one person, 0.8 for two people's."""
        return float(np.linalg.norm(self._numbers - other._numbers))

    @staticmethod
    def mean(templates: Sequence[FaceTemplate]) -> FaceTemplate:
        """The mean of templates of one person's pictures (one at least)."""
        return FaceTemplate(np.mean([template._numbers for template in templates], axis=0, dtype=np.float32))

    def sealed(self, seal: Callable[[bytes], bytes]) -> bytes:
        """The numbers (float32, little-endian) through a function that encrypts them."""
        return seal(self._numbers.astype("<f4").tobytes())

    @classmethod
    def opened(cls, sealed: bytes, unseal: Callable[[bytes], bytes]) -> FaceTemplate:
        """The inverse of `sealed`."""
        return cls(np.frombuffer(unseal(sealed), "<f4").copy())

    def forget(self) -> None:
        """Overwrite the numbers, once nothing is to be compared with them any more."""
        self._numbers[...] = np.nan

    def __repr__(self) -> str:
        return "FaceTemplate(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A face's template is not written or sent anywhere.")


class FaceEmbedder:
    """Makes templates; safe to share between threads."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(FACE_EMBEDDER, folder=folder)

    def template_of(self, picture: Picture, face: Face) -> FaceTemplate:
        """The template of a face in a BGR picture. Ask `quality_of` first whether it may be compared at all.

        The mean of the face and its mirror image: people differ more, pictures of one less (docs/benchmarks/faces.md).
        """
        chip = chip_of(picture, face, CHIP_SIDE, WIDE)
        return FaceTemplate.mean(self.templates_of([chip, np.asarray(cv2.flip(chip, 1), np.uint8)]))

    def templates_of(self, chips: Sequence[Picture]) -> list[FaceTemplate]:
        """The templates of chips (150, 150, 3) BGR, as `chip_of` cuts them."""
        if not chips:
            return []
        pictures = np.stack(chips)[:, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        (numbers,) = self._session.run(["embeddings"], {"images": np.ascontiguousarray(pictures)})
        return [FaceTemplate(each) for each in numbers]
