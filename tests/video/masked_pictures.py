"""What tests ask of pictures with a privacy mask: flat under it, alive beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import av
import numpy as np

from istros.devices.masks import Masks
from istros.video.codec_configuration import configuration_of
from istros.video.packet import Codec, Packet

MIDDLE: Masks = (((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)),)
LOWER_LEFT: Masks = (((0.0, 0.5), (0.4, 0.5), (0.4, 1.0), (0.0, 1.0)),)

Pictures = Sequence[Any]
"""(rows, columns, 3) of RGB each."""


def spread_under(picture: Any, masks: Masks = MIDDLE) -> float:
    """How far colours under an upright mask lie apart; its edge of three pixels, where the coding rings, is left out."""
    rows, columns = picture.shape[:2]
    across, down = [x for x, _ in masks[0]], [y for _, y in masks[0]]
    part = picture[
        round(min(down) * rows) + 3 : round(max(down) * rows) - 3,
        round(min(across) * columns) + 3 : round(max(across) * columns) - 3,
    ]
    return float(part.reshape(-1, part.shape[-1]).astype(float).std(axis=0).max())


def is_masked(pictures: Pictures, masks: Masks = MIDDLE) -> bool:
    """Whether every picture is flat under the mask, alike in all, and the upper edge beside it moves."""
    assert len(pictures) > 0, "no picture came"
    flat = all(spread_under(picture, masks) < 3.0 for picture in pictures)
    lively = all(float(picture[: max(4, picture.shape[0] // 8)].std()) > 20.0 for picture in pictures)
    return flat and lively


def decoded(packets: Sequence[Packet]) -> list[Any]:
    """The packets' pictures in RGB."""
    context: Any = av.CodecContext.create("h264" if packets[0].parameters.codec is Codec.H264 else "hevc", "r")
    context.extradata = configuration_of(packets[0].parameters)
    found = [frame for packet in packets for frame in context.decode(av.Packet(packet.data))]
    return [np.asarray(frame.to_ndarray(format="rgb24")) for frame in [*found, *context.decode(None)]]
