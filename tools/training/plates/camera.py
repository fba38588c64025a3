"""What a camera makes of a plate: it stands askew in a scene, is far away, moving, dazzling, noisy, and compressed."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from istros.recognition.plates.plate_crop import box_corners

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def placed(
    rng: np.random.Generator, cut: Grey, inner: Floats, width: float, background: Grey, askew: float = 1.0
) -> tuple[Grey, Floats]:
    """A picture (rows, columns) that holds a plate at the corners `inner`, set into a scene and seen from a random side.

    The plate gets about `width` pixels; `askew` scales how far from the front it is seen. Gives the scene, about twice as
    large as the plate, and the plate's corners in it.
    """
    own = float(np.linalg.norm(inner[1] - inner[0])), float(np.linalg.norm(inner[3] - inner[0]))
    height = width * own[1] / own[0] * rng.uniform(0.85, 1.2)
    width = width * (1 - min(0.5, abs(rng.normal(0, 0.12))))
    corners = _from_a_side(rng, width, height, askew)
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.35 * (high - low) + 3
    corners = (corners - low + margin).astype(np.float32)
    columns, rows = (int(value) for value in np.ceil(high - low + 2 * margin))
    scene = cv2.resize(background, (columns, rows), interpolation=cv2.INTER_LINEAR)
    shrink = min(own[0] / width, own[1] / height) / 1.15
    if shrink > 1.15:
        size = max(8, round(cut.shape[1] / shrink)), max(6, round(cut.shape[0] / shrink))
        inner = inner * np.array([size[0] / cut.shape[1], size[1] / cut.shape[0]], np.float32)
        cut = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)
    matrix = cv2.getPerspectiveTransform(np.asarray(inner, np.float32), corners)
    warped = cv2.warpPerspective(cut, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outline = cv2.perspectiveTransform(box_corners(0, 0, cut.shape[1], cut.shape[0])[None], matrix)[0]
    inside = np.zeros((rows, columns), np.uint8)
    cv2.fillConvexPoly(inside, (outline * 16).round().astype(np.int32), 255, cv2.LINE_AA, 4)
    share = inside.astype(np.float32) / 255
    return (scene * (1 - share) + warped * share).astype(np.uint8), corners


def _from_a_side(rng: np.random.Generator, width: float, height: float, askew: float) -> Floats:
    """Corners of a plate of that size around the origin: sheared by its slope, turned, and a little in perspective."""
    corners = box_corners(-width / 2, -height / 2, width, height)
    corners[:, 1] += corners[:, 0] * rng.normal(0, 0.1) * askew
    corners[:, 0] += corners[:, 1] * rng.normal(0, 0.12) * askew
    angle = rng.normal(0, 0.05) * askew
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    return np.asarray(corners @ turn.T + rng.normal(0, 0.012, (4, 2)) * [width, height], np.float32)


def seen(rng: np.random.Generator, scene: Grey, strength: float = 1.0) -> Grey:
    """The scene (rows, columns) through optics, exposure, sensor and codec; `strength` scales how bad it can be."""
    picture = scene.astype(np.float32)
    if rng.random() < 0.6 * strength:
        sigma = rng.uniform(0.3, 0.4 + 0.9 * strength * rng.random())
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    if rng.random() < 0.3 * strength:
        picture = _moved(rng, picture, strength)
    if rng.random() < 0.8:
        picture = _exposed(rng, picture)
    if rng.random() < 0.18 * strength:
        picture = _glaring(rng, picture)
    if rng.random() < 0.2:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 1.6))
        picture = picture + (picture - soft) * rng.uniform(0.4, 1.6)
    if rng.random() < 0.7:
        noise = rng.standard_normal(picture.shape, np.float32) * abs(rng.normal(0, 7 * strength))
        picture = picture + noise
    result = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.7:
        quality = int(rng.integers(22, 92))
        coded = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        result = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return result


def _moved(rng: np.random.Generator, picture: Floats, strength: float) -> Floats:
    length = 1 + rng.uniform(0.5, 1) * strength * min(6.0, picture.shape[1] / 30)
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)], p=[0.5, 0.2, 0.3])
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size * 4 + 1, size * 4 + 1), np.float32)
    middle = size * 2
    step = np.array([np.cos(angle), np.sin(angle)]) * length * 2
    cv2.line(kernel, tuple(np.round(middle - step).astype(int)), tuple(np.round(middle + step).astype(int)), 1.0, 4)
    small = cv2.resize(kernel, (size + 2, size + 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.filter2D(picture, -1, small / small.sum()))


def _exposed(rng: np.random.Generator, picture: Floats) -> Floats:
    """Gain, offset and gamma: from nearly black over normal to washed out, as infra-red light on a reflecting plate does."""
    kind = rng.random()
    if kind < 0.06:  # Backlit: all of the plate between two greys near each other.
        result = picture * rng.uniform(0.05, 0.16) + rng.uniform(5, 190)
    elif kind < 0.12:
        result = _blooming(rng, picture)
    elif kind < 0.3:
        result = picture * rng.uniform(0.12, 0.5) + rng.uniform(0, 30)
    elif kind < 0.52:
        result = picture * rng.uniform(0.3, 0.9) + rng.uniform(60, 170)
    elif kind < 0.7:
        result = picture * rng.uniform(1.0, 2.2) - rng.uniform(0, 60)
    else:
        result = 255 * (np.clip(picture, 0, 255) / 255) ** rng.uniform(0.45, 2.2)
    return np.asarray(np.clip(result, 0, 255), np.float32)


def _blooming(rng: np.random.Generator, picture: Floats) -> Floats:
    """A reflecting plate in infra-red light: its ground is saturated and runs over thin strokes."""
    bright = np.clip((picture - rng.uniform(0, 50)) * rng.uniform(1.6, 3.5), 0, 400)
    halo = cv2.GaussianBlur(bright, (0, 0), rng.uniform(0.3, 1.3))
    return np.asarray(np.clip(bright * 0.6 + halo * rng.uniform(0.3, 0.7), 0, 255), np.float32)


def beyond(rng: np.random.Generator, scene: Grey, letter_px: float) -> Grey:
    """The scene out of focus by a share of its letters' height: from hard to read up to not to be read at all."""
    sigma = max(0.4, letter_px * rng.uniform(0.05, 0.19))
    blurred = cv2.GaussianBlur(scene, (0, 0), sigma, sigmaY=sigma * rng.uniform(0.5, 1.0))
    return np.asarray(blurred, np.uint8)


def _glaring(rng: np.random.Generator, picture: Floats) -> Floats:
    """A lamp or the sun: a bright spot, or light that rises towards one side."""
    rows, columns = picture.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    if rng.random() < 0.5:
        away = ((x - rng.uniform(0, columns)) / columns) ** 2 + ((y - rng.uniform(0, rows)) / rows * 0.6) ** 2
        light = np.exp(-away / rng.uniform(0.002, 0.05)) * rng.uniform(60, 260)
    else:
        light = (x / columns - 0.5) * rng.uniform(-160, 160) + (y / rows - 0.5) * rng.uniform(-120, 120)
    return np.asarray(np.clip(picture + light, 0, 255), np.float32)


def loosened(rng: np.random.Generator, corners: Floats, box_share: float = 0.5, loose: float = 1.0) -> Floats:
    """Corners as a detector gives them: off by up to 15 % of the plate; at times only the upright box around it.

    `loose` scales how far off they are.
    """
    if rng.random() < box_share:
        low, high = corners.min(axis=0), corners.max(axis=0)
        corners = box_corners(low[0], low[1], high[0] - low[0], high[1] - low[1])
    centre = corners.mean(axis=0)
    size = corners.max(axis=0) - corners.min(axis=0)
    grow = 1 + np.clip(rng.normal([0.03, 0.05], [0.06, 0.09]), -0.13, 0.3) * loose
    shift = np.clip(rng.normal(0, [0.025, 0.05]), -0.09, 0.09) * size * loose
    each = rng.normal(0, 0.012, (4, 2)) * size
    return np.asarray((corners - centre) * grow + centre + shift + each, np.float32)
