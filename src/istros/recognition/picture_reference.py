"""What a camera usually shows in one part of the day: where its lasting edges are, how sharp and bright it is."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np

from istros.base.time import Time
from istros.recognition.picture import Floats, Picture, reduced

COLUMNS, ROWS = 160, 90
_TILE = 10
_WEAK = 6.0
"""Gradient in grey levels below which a direction is more noise than edge."""
_LONGEST = 600
"""Looks over which a reference follows what changes slowly: ten minutes of one a second."""
ENOUGH = 60
"""Looks after which a reference is known."""
_STRONG = 0.35
"""Length of the mean direction from which an edge belongs to what stays: moving things average out."""
_GONE, _THERE = 0.25, 0.7
"""Shares of a tile's usual likeness at which its edges are gone, and all there."""
_LEAST_STRONG = 0.01
"""Share of the picture that must be lasting edges: a blank wall cannot be known again."""


@dataclass(frozen=True, slots=True)
class View:
    """One picture made small: directions of its edges whatever their light, its brightness, and how fine its detail is."""

    across: Floats
    down: Floats
    middle: float
    """Median grey level."""
    bright: float
    """Grey level that 2 % of the picture exceed."""
    fine: float
    """Detail of two pixels beside that of eight: falls when the picture is out of focus, whatever the contrast."""
    small: Picture


def view_of(luma: Picture) -> View:
    """The view of a luma plane of any size."""
    small = reduced(luma, COLUMNS, ROWS)
    soft = cv2.GaussianBlur(small, (3, 3), 0)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.25)
    length = cv2.magnitude(across, down) + _WEAK
    levels = np.cumsum(cv2.calcHist([small], [0], None, [256], [0, 256]).reshape(-1))
    middle, bright = np.searchsorted(levels, (small.size * 0.5, small.size * 0.98))
    return View(
        np.asarray(cv2.divide(across, length), np.float32),
        np.asarray(cv2.divide(down, length), np.float32),
        float(middle),
        float(bright),
        _fineness(luma),
        small,
    )


def _fineness(luma: Picture) -> float:
    """Energy of detail at a fine scale over that at a coarse one, at about 640 columns (after Crete et al., 2007)."""
    step = max(1, luma.shape[1] // 640)
    picture = luma[::step, ::step] if step > 1 else luma
    rows, columns = picture.shape[:2]
    picture = picture[rows // 8 : rows - rows // 8, columns // 8 : columns - columns // 8]
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    quarter = np.asarray(cv2.resize(half, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    fine, coarse = _edge_energy(picture), _edge_energy(quarter)
    return fine / (coarse + 1.0)


def _edge_energy(picture: Picture) -> float:
    """Mean of the strongest twentieth of the differences between neighbours: edges, not noise."""
    differences = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    counts = np.cumsum(cv2.calcHist([differences], [0], None, [256], [0, 256]).reshape(-1)[::-1])
    total = max(1.0, float(differences.size) / 20)
    weights = np.diff(np.minimum(counts, total), prepend=0.0)
    return float((weights * np.arange(255, -1, -1)).sum() / total)


class Reference:
    """The mean view of one part of the day; it follows slowly what the camera shows while all is well."""

    def __init__(self, learned: Time) -> None:
        self.learned = learned
        self.updated = learned
        self.looks = 0
        self._across = np.zeros((ROWS, COLUMNS), np.float32)
        self._down = np.zeros((ROWS, COLUMNS), np.float32)
        self.middle = self.bright = self.fine = self.kept = self.lively = 0.0
        self._strong: Picture | None = None
        self._lasting: tuple[Floats, Floats, float] | None = None

    @property
    def is_known(self) -> bool:
        """Whether enough was seen, and enough of it stays, for a picture to be known again by it."""
        return self.looks >= ENOUGH and self.strong.mean() >= _LEAST_STRONG

    @property
    def strong(self) -> Picture:
        """Where the edges are that stay."""
        if self._strong is None:
            self._strong = (cv2.magnitude(self._across, self._down) > _STRONG).astype(np.uint8)
        return self._strong

    def learn(self, view: View, lively: float, time: Time) -> None:
        """Follow one picture."""
        weight = 1 / min(self.looks + 1, _LONGEST)
        if self.looks >= ENOUGH // 2:
            since = self.looks - ENOUGH // 2
            self.kept += (self.likeness(view) - self.kept) / min(since + 1, _LONGEST)
        cv2.accumulateWeighted(view.across, self._across, weight)
        cv2.accumulateWeighted(view.down, self._down, weight)
        self.middle += weight * (view.middle - self.middle)
        self.bright += weight * (view.bright - self.bright)
        self.fine += weight * (view.fine - self.fine)
        self.lively += weight * (lively - self.lively)
        self.looks, self.updated = self.looks + 1, time
        if self.looks % 20 == 0 or self.looks < ENOUGH:
            self._strong = self._lasting = None

    def likeness(self, view: View) -> float:
        """How much of what stays is in the picture, 0 to 1, whatever its light."""
        return self._likeness(view.across, view.down)

    def _likeness(self, across: Floats, down: Floats) -> float:
        if self._lasting is None:
            strong = self.strong
            masked = self._across * strong, self._down * strong
            self._lasting = (*masked, float(np.vdot(masked[0], masked[0]) + np.vdot(masked[1], masked[1])))
        my_across, my_down, whole = self._lasting
        return float(np.vdot(across, my_across) + np.vdot(down, my_down)) / whole if whole else 0.0

    def lost_and_kept(self, view: View) -> tuple[float, float]:
        """Shares of the picture's tiles with lasting edges in which these are gone, and in which they are all there."""
        strong = self.strong
        there = (view.across * self._across + view.down * self._down) * strong
        whole = (self._across**2 + self._down**2) * strong
        sums = [_tiles(np.asarray(each, np.float32)) for each in (there, whole, strong)]
        counted = sums[2] * _TILE * _TILE >= 4
        if not counted.any():
            return 0.0, 1.0
        share = sums[0][counted] / (self.kept * sums[1][counted] + 1e-6)
        return float((share < _GONE).mean()), float((share > _THERE).mean())

    def shift(self, view: View) -> tuple[float, float, float]:
        """By how much the picture is moved (columns, rows), and the likeness when it is moved back."""
        window = _HANN
        mine = cv2.magnitude(self._across, self._down) * window
        theirs = cv2.magnitude(view.across, view.down) * window
        (columns, rows), _ = cv2.phaseCorrelate(mine, theirs)
        back = np.array([[1, 0, -columns], [0, 1, -rows]], np.float32)
        across, down = (
            np.asarray(cv2.warpAffine(each, back, (COLUMNS, ROWS)), np.float32) for each in (view.across, view.down)
        )
        return columns, rows, self._likeness(across, down)

    def edges(self) -> float:
        """How much of the picture is lasting edges."""
        return float(self.strong.mean())

    def packed(self) -> bytes:
        """As stored: 20 kB."""
        numbers = np.array([self.middle, self.bright, self.fine, self.kept, self.lively], np.float64)
        field = np.round(np.stack([self._across, self._down]) * 127).astype(np.int8)
        target = io.BytesIO()
        np.savez_compressed(target, numbers=numbers, field=field)
        return target.getvalue()

    @classmethod
    def unpacked(cls, learned: Time, updated: Time, looks: int, packed: bytes) -> Reference:
        """The inverse of `packed`; ValueError when it is of another form."""
        try:
            with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
                numbers, field = kept["numbers"], kept["field"]
        except (OSError, KeyError, EOFError, ValueError) as error:
            raise ValueError("this is no reference of a picture") from error
        if field.shape != (2, ROWS, COLUMNS) or numbers.shape != (5,):
            raise ValueError("this reference has another size")
        found = cls(learned)
        found.updated, found.looks = updated, looks
        found._across, found._down = (each.astype(np.float32) / 127 for each in field)
        found.middle, found.bright, found.fine, found.kept, found.lively = (float(number) for number in numbers)
        return found


_HANN = cv2.createHanningWindow((COLUMNS, ROWS), cv2.CV_32F)


def _tiles(field: Floats) -> Floats:
    """The mean of each tile."""
    return np.asarray(cv2.resize(field, (COLUMNS // _TILE, ROWS // _TILE), interpolation=cv2.INTER_AREA), np.float32)


def edge_share(view: View) -> float:
    """How much of a picture is edges of any kind."""
    return float((cv2.magnitude(view.across, view.down) > 0.6).mean())


def changed_share(one: View, other: View) -> float:
    """Share of tiles that differ between two pictures, if only by noise."""
    difference = cv2.absdiff(one.small, other.small).astype(np.float32)
    return float((_tiles(difference) > 0.15).mean())
