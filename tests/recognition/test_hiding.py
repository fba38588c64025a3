"""What a redacted film hides: heads with a body below them, and faces alone."""

from __future__ import annotations

from functools import lru_cache

from istros.recognition.hiding import HeadAndPlateFinder, head_round
from istros.recognition.observation import Box
from tests.recognition.pictures import needs_models, street
from tests.recognition.simulated_faces import close_up, heads, square

pytestmark = needs_models


@lru_cache(maxsize=1)
def _finder() -> HeadAndPlateFinder:
    return HeadAndPlateFinder()


def _covers(boxes: list[Box], left: float, top: float, right: float, bottom: float) -> bool:
    return any(box.left <= left and box.top <= top and box.right >= right and box.bottom >= bottom for box in boxes)


def test_a_face_without_a_body_is_hidden() -> None:
    picture, face = close_up("w02", 70, 150)
    rows, columns = picture.shape[:2]
    top, bottom = int(face.top - 0.3 * face.height), int(face.bottom + 0.1 * face.height)
    alone = picture[max(0, top) : bottom]
    found, _ = _finder().find(alone)
    shift = max(0, top)
    height = alone.shape[0]
    eye, other = face.landmarks[0], face.landmarks[1]
    assert _covers(
        found, eye[0] / columns, (eye[1] - shift) / height, other[0] / columns, (face.landmarks[3][1] - shift) / height
    )
    assert head_round(face, columns, rows).top < face.top / rows


def test_the_people_of_a_square_and_their_faces_are_hidden() -> None:
    found, _ = _finder().find(square(70))
    for person in ("w01", "w02", "w03"):
        left, top, right, bottom = heads(70)[person]
        x, y = (left + right) / 2 / 1920, (top + 0.35 * (bottom - top)) / 1080
        assert any(box.left < x < box.right and box.top < y < box.bottom for box in found)


def test_an_empty_street_hides_no_head() -> None:
    assert _finder().find(street())[0] == []
