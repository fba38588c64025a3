"""The best faces of one track: a few pictures, far enough apart in time, chosen by quality; held in memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.faces.age_sex import LEAST_HEIGHT_PX, AgeSex, AgeSexEstimator, described
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.faces.face import Face
from istros.recognition.faces.quality import FaceQuality, Shortcoming, quality_of
from istros.recognition.picture import Picture

MOST_FACES = 5
_APART = SECOND // 3
"""Two pictures nearer in time than this show nearly the same: the better one is enough."""

_MARGIN = 0.6
"""Shares of a face's box kept round it, for turning it into chips later."""


_MOST_PLACES, _LEAST_PLACES = 60, 10
_STILL_FOR = 6 * SECOND
_STILL = 0.025
"""Deviation of the height and every landmark, in heights of the face: the detector's own unrest on a still picture is about 0.01."""

FaceShape = tuple[float, ...]
"""The face's height, then columns and rows of the five landmarks; pixels of the frame."""


@dataclass(frozen=True, slots=True)
class FaceLook:
    """One face of a track in one frame; `picture` is the part of the frame round it, and `face` lies in that part."""

    time: Time
    picture: Picture = field(repr=False)
    face: Face
    quality: FaceQuality
    shape: FaceShape


def look_at(picture: Picture, face: Face, time: Time) -> FaceLook:
    """Judge a face and cut out what is needed of its frame."""
    rows, columns = picture.shape[:2]
    across, down = _MARGIN * face.width, _MARGIN * face.height
    left, top = max(0, int(face.left - across)), max(0, int(face.top - down))
    right, bottom = min(columns, int(face.right + across) + 1), min(rows, int(face.bottom + down) + 1)
    part = picture[top:bottom, left:right].copy()
    shape = (face.height, *(side for point in face.landmarks for side in point))
    return FaceLook(time, part, face.moved(-left, -top), quality_of(picture, face), shape)


class TrackFaces:
    """The faces that one track showed."""

    def __init__(self, most: int = MOST_FACES) -> None:
        self._most = most
        self._best: list[FaceLook] = []
        self.seen = 0
        """Faces that were offered, kept or not."""
        self._places: deque[tuple[Time, FaceShape]] = deque(maxlen=_MOST_PLACES)

    @property
    def best(self) -> tuple[FaceLook, ...]:
        """What was kept, the best first."""
        return tuple(self._best)

    def add(self, look: FaceLook) -> None:
        """Offer a face; it is kept when it is better than what would have to go for it."""
        self.seen += 1
        self._places.append((look.time, look.shape))
        near = [each for each in self._best if abs(each.time - look.time) < _APART]
        if any(each.quality.score >= look.quality.score for each in near):
            return
        kept = [each for each in self._best if all(each is not other for other in near)]
        self._best = sorted([*kept, look], key=lambda each: -each.quality.score)[: self._most]

    def template(self, embedder: FaceEmbedder) -> FaceTemplate | None:
        """The mean template of the faces good enough to be compared; None when there is none (ask `refused_because`)."""
        good = [look for look in self._best if look.quality.refused_because is None]
        templates = [embedder.template_of(look.picture, look.face) for look in good]
        return FaceTemplate.mean(templates) if templates else None

    @property
    def refused_because(self) -> Shortcoming | None:
        """Why no face of the track may be compared: what is wrong with the best one. None where one may be."""
        if not self._best or any(look.quality.refused_because is None for look in self._best):
            return None
        return self._best[0].quality.refused_because

    @property
    def is_still_picture(self) -> bool:
        """Whether it is a poster or a screen that stands: over six seconds it neither moved nor changed its shape.

        A person who stands and waits sways and looks about by more. A photograph that somebody holds or carries moves, and
        is not told from a person by this or by anything else here.
        """
        if len(self._places) < _LEAST_PLACES or self._places[-1][0] - self._places[0][0] < _STILL_FOR:
            return False
        shapes = np.array([shape for _, shape in self._places])
        return bool(shapes.std(0).max() < _STILL * shapes[:, 0].mean())

    def age_and_sex(self, estimator: AgeSexEstimator) -> AgeSex | None:
        """The mean over the best faces, weighted by quality; None where every face is too small."""
        looks = [look for look in self._best if look.face.height >= LEAST_HEIGHT_PX]
        samples = [estimator.sample_of(look.picture, look.face) for look in looks]
        return described(samples, [look.quality.score for look in looks])
