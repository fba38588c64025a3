"""What crosses to the browser about still pictures."""

from __future__ import annotations

from istros.api.schemas import Moment, Shape


class ThumbnailShape(Shape):
    """One small picture: the moment that was asked for, the exact time of its frame, JPEG in base64."""

    asked: Moment
    time: Moment
    jpeg: str


class Thumbnails(Shape):
    """Small pictures of a camera over a span, by time; a moment without a recording has none."""

    camera_id: str
    width: int
    height: int
    pictures: list[ThumbnailShape]
