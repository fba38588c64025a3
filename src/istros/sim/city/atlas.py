"""One texture for all small pictures: plates, faces, signs."""

from __future__ import annotations

from PIL import Image

from istros.sim.city.vehicles import AtlasBox

SIDE = 3072
"""Pixels of the atlas' side; about 90 plates and 20 faces fit."""


class Atlas:
    """Pictures packed in rows, each with a border of its own edge so that mipmaps do not bleed."""

    def __init__(self) -> None:
        self.picture = Image.new("RGB", (SIDE, SIDE), (128, 128, 128))
        self._x = self._y = 8
        self._row = 0

    def add(self, picture: Image.Image) -> AtlasBox:
        """Puts the picture in and returns its box; ValueError when the atlas is full."""
        if self._x + picture.width + 8 > SIDE:
            self._x, self._y, self._row = 8, self._y + self._row + 16, 0
        if self._y + picture.height + 8 > SIDE:
            raise ValueError("the atlas of the simulated city is full; use fewer vehicles or people in the scene")
        self.picture.paste(picture.resize((picture.width + 8, picture.height + 8)), (self._x - 4, self._y - 4))
        self.picture.paste(picture, (self._x, self._y))
        right, bottom = self._x + picture.width, self._y + picture.height
        where = (self._x / SIDE, bottom / SIDE, right / SIDE, self._y / SIDE)
        self._x, self._row = self._x + picture.width + 16, max(self._row, picture.height)
        return where
