"""A picture of a person who is sought: whether its face is good enough to be compared, with every reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot

import cv2

from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.embedder import FaceEmbedder
from istros.recognition.faces.face import Face
from istros.recognition.faces.quality import FaceQuality, quality_of
from istros.recognition.picture import Picture

LEAST_PX = 96
"""Height of an enrolled face: half more than what a camera's face needs, for its doubt goes into every comparison."""

MOST_TURNED = 35.0
"""Degrees that an enrolled face may look aside, up or down."""

_RIVAL = 0.5
"""A second face of at least this share of the first one's height makes it unclear who is meant."""

_SIDE = 480
_MARGIN = 0.7


@dataclass(frozen=True, slots=True)
class FaceFault:
    """One thing that is wrong: `what` is a code for the screens, `value` was found and `needed` is the bound."""

    what: str
    value: float
    needed: float


@dataclass(frozen=True, slots=True)
class EnrolledFace:
    """The largest face of a picture, judged; `faults` empty: it may be enrolled. `quality` is None where no face is found."""

    faults: tuple[FaceFault, ...]
    quality: FaceQuality | None = None
    face: Face | None = None


class Enroller:
    """Looks at pictures and makes sealed templates; its nets are loaded at the first use."""

    def __init__(self) -> None:
        self._nets: tuple[FaceDetector, FaceEmbedder] | None = None

    def judge(self, picture: Picture) -> EnrolledFace:
        """The largest face of a BGR picture and everything that is wrong with it."""
        detector, _ = self._loaded()
        faces = sorted(detector.detect_thoroughly(picture), key=lambda face: -face.height)
        if not faces:
            return EnrolledFace((FaceFault("no-face", 0, 1),))
        quality = quality_of(picture, faces[0])
        rivals = [face for face in faces[1:] if face.height >= _RIVAL * faces[0].height]
        several = (FaceFault("several-faces", 1 + len(rivals), 1),) if rivals else ()
        return EnrolledFace((*several, *_faults(quality)), quality, faces[0])

    def sealed_template(self, picture: Picture, face: Face, seal: Callable[[bytes], bytes]) -> bytes:
        """The template of a face, which leaves memory only through `seal`."""
        _, embedder = self._loaded()
        return embedder.template_of(picture, face).sealed(seal)

    def _loaded(self) -> tuple[FaceDetector, FaceEmbedder]:
        if self._nets is None:
            self._nets = FaceDetector(), FaceEmbedder()
        return self._nets


def portrait(picture: Picture, face: Face) -> bytes:
    """The part round a face as JPEG, 480 pixels a side at most: nothing else of the picture is kept."""
    rows, columns = picture.shape[:2]
    across, down = _MARGIN * face.width, _MARGIN * face.height
    left, top = max(0, int(face.left - across)), max(0, int(face.top - down))
    part = picture[top : min(rows, int(face.bottom + down) + 1), left : min(columns, int(face.right + across) + 1)]
    scale = min(1.0, _SIDE / max(part.shape[:2]))
    if scale < 1.0:
        part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    _, jpeg = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return jpeg.tobytes()


def _faults(quality: FaceQuality) -> tuple[FaceFault, ...]:
    turned = hypot(quality.yaw, quality.pitch)
    found = {str(each): quality.measure_of(each) for each in quality.shortcomings}
    faults = {what: FaceFault(what, *pair) for what, pair in found.items()}
    if quality.height_px < LEAST_PX:
        faults["too-small"] = FaceFault("too-small", round(quality.height_px), LEAST_PX)
    if turned > MOST_TURNED:
        faults["turned-away"] = FaceFault("turned-away", round(turned), MOST_TURNED)
    return tuple(faults.values())
