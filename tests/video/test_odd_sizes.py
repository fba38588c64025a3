"""Pictures whose sides are odd or tiny: covered to the edge of what is masked, coded, and never an error."""

from __future__ import annotations

import numpy as np
import pytest
from av import VideoFrame
from numpy.typing import NDArray

from istros.devices.masks import Masks
from istros.video.cover import cover, paint
from istros.video.mark import marked
from istros.video.packet import Codec
from istros.video.repaint import FastEncoder, Repainter, paint_segment
from istros.video.stills import Picture, jpeg_of
from tests.video.masked_pictures import MIDDLE, decoded, is_masked
from tests.video.packets import packets_of
from tests.video.test_stills import segment_of, whole

SIZES = [(1, 1), (2, 1), (1, 9), (3, 3), (5, 2), (15, 17), (33, 31), (177, 145), (176, 145), (177, 144), (641, 361)]
FORMATS = ["yuv420p", "yuvj420p", "yuv444p", "yuv422p", "gray"]
SHAPES: dict[str, Masks] = {
    "whole": (((0, 0), (1, 0), (1, 1), (0, 1)),),
    "corner": (((0.6, 0.55), (1, 0.55), (1, 1), (0.6, 1)),),
    "last column": (((0.97, 0), (1, 0), (1, 1), (0.97, 1)),),
    "middle": MIDDLE,
    "slanting": (((0.5, 0.1), (0.93, 0.8), (0.13, 0.9)),),
}
GREY = 72


def lit_under(masks: Masks, width: int, height: int) -> NDArray[np.uint8]:
    """Black, and white in each pixel of which a mask holds any part, by a grid of nine points a side."""
    y, x = np.meshgrid(*((np.arange(9 * size) + 0.5) / (9 * size) for size in (height, width)), indexing="ij")
    lit: NDArray[np.bool_] = np.zeros(x.shape, bool)
    for mask in masks:
        sides = [
            (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
            for (x1, y1), (x2, y2) in zip(mask, [*mask[1:], mask[0]], strict=True)
        ]
        lit |= np.asarray(np.stack(sides).min(axis=0) >= 0, bool)
    touched = np.asarray(lit.reshape(height, 9, width, 9).any(axis=(1, 3)), np.uint8)
    return np.repeat(touched[..., None] * np.uint8(255), 3, axis=2)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_that_is_masked_shows_at_its_edge(size: tuple[int, int], shape: str) -> None:
    masks = SHAPES[shape]
    source = VideoFrame.from_ndarray(lit_under(masks, *size), format="rgb24")
    for pixels in FORMATS:
        painted = paint(source.reformat(format=pixels), masks)
        assert (painted.width % 2, painted.height % 2) == (0, 0)
        luma = painted.to_ndarray(format="gray")
        assert luma.max() <= GREY + 12, f"{pixels}: white from under the mask"
        assert (luma == luma.max()).any()


@pytest.mark.parametrize("size", SIZES)
def test_what_a_redacted_film_hides_is_one_colour_to_its_edge(size: tuple[int, int]) -> None:
    image = np.random.default_rng(7).integers(0, 255, (size[1], size[0], 3), np.uint8)
    for pixels in FORMATS:
        frame = VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
        for hidden in (cover(frame, [(0, 0, 1, 1)], ()), cover(frame, (), SHAPES["whole"])):
            assert np.ptp(hidden.to_ndarray(format="gray").astype(int)) == 0


@pytest.mark.parametrize("size", SIZES)
def test_painted_pictures_of_any_size_are_coded_and_saved(size: tuple[int, int]) -> None:
    width, height = size
    frame = VideoFrame.from_ndarray(lit_under(MIDDLE, width, height), format="rgb24").reformat(format="yuv444p")
    ((_, is_key, data),) = FastEncoder(24).encode(0, paint(frame, MIDDLE), is_key=True)
    assert is_key and data
    for shown in (frame, paint(frame, MIDDLE), marked(frame, "olena P-2026-0001")):
        assert jpeg_of(Picture(0, width, height, True, shown)).startswith(b"\xff\xd8")


@pytest.mark.parametrize("codec", list(Codec))
def test_a_stream_of_odd_size_is_painted_live_and_recorded(codec: Codec) -> None:
    packets = packets_of(codec, width=177, height=145, pixels="yuv444p", frames=6)
    repainter = Repainter(MIDDLE)
    live = [each for packet in packets for each in repainter.take(packet)]
    assert len(live) == len(packets) and is_masked(decoded(live))
    recorded = [pixels for _, pixels in whole(paint_segment(segment_of(packets), MIDDLE))]
    assert len(recorded) == len(packets) and is_masked(recorded)
