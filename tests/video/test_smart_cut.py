"""Cuts to the frame: copied pictures stay what they were to the bit, the others are close to them."""

from __future__ import annotations

import base64
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.mp4_file import Entry, Piece, closing, in_band, index, opening
from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import parameters_of
from istros.video.recode import LEAST_PSNR_DB, decode, psnr
from istros.video.segment_units import SegmentUnits, Unit, read_units
from istros.video.smart_cut import Part, cut
from tests.video.encodes import picture, split_annexb
from tests.video.packets import packets_of

STEP = 9000
FRAMES, GOP = 40, 10


def segment(codec: Codec, **settings: object) -> SegmentUnits:
    """A recorded segment, written as the recorder writes and read back."""
    packets = packets_of(codec, width=320, height=240, frames=FRAMES, gop=GOP, **settings)
    samples = [Sample(STEP, packet.data, packet.is_key) for packet in packets]
    data = init_segment(packets[0].parameters)
    data += fragment(1, 0, samples[:15]) + fragment(2, 15 * STEP, samples[15:])
    return read_units(data)


def with_b_frames() -> SegmentUnits:
    """A stream whose pictures are not sent in the order in which they are shown."""
    context: Any = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt, context.time_base = 320, 240, "yuv420p", Fraction(1, 10)
    context.options = {
        "x264-params": f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=2:b-adapt=0:open-gop=0:repeat-headers=1"
    }
    coded = []
    for number in [*range(FRAMES), None]:
        frame = None if number is None else picture(number, 320, 240).reformat(format="yuv420p")
        if frame is not None:
            frame.pts = number
        coded += context.encode(frame)
    nals = [split_annexb(bytes(packet)) for packet in coded]
    parameters = parameters_of(Codec.H264, [nal for each in nals for nal in each])
    assert parameters is not None and any(packet.pts != packet.dts for packet in coded)
    times = sorted(packet.pts * STEP for packet in coded)
    units = tuple(
        Unit(decode, packet.pts * STEP, STEP, packet.is_keyframe, avcc([nal for nal in each if nal[0] & 31 in (1, 5)]))
        for packet, each, decode in zip(coded, nals, times, strict=True)
    )
    return SegmentUnits(parameters, units)


def avcc(nals: list[bytes]) -> bytes:
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)


def play(codec_parameters: list[CodecParameters], parts: list[Part], path: Path) -> Path:
    """The parts as one MP4 file, as an export writes it."""
    units = [unit for part in parts for unit in part.units]
    origin = min(unit.shown for unit in units)
    head = opening(len(units), len(parts))
    body, pieces, last = b"", [], None
    for part in parts:
        offset, entries = len(head) + len(body), []
        for number, unit in enumerate(part.units):
            changes = codec_parameters[0].codec is Codec.H265 and number == 0 and part.recoded is not last
            data = (in_band(part.recoded or codec_parameters[0]) if changes else b"") + unit.data
            entries.append(Entry(unit.decode - origin, unit.shown - origin, len(data), unit.is_key))
            body += data
        last = part.recoded
        pieces.append(Piece(offset, tuple(entries)))
    whole = bytearray(head + body)
    end = max(unit.shown + unit.duration for unit in units) - origin
    moov = index([*codec_parameters, *(part.recoded for part in parts if part.recoded)], pieces, end)
    for place, piece in closing(len(head), len(whole), moov):
        whole[place : place + len(piece)] = piece
    path.write_bytes(whole)
    return path


def pictures(path: Path) -> list[tuple[int, av.VideoFrame]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [(round(frame.pts * stream.time_base * 90_000), frame) for frame in container.decode(stream)]


def luma(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format="gray")


SOURCES = {
    "baseline": lambda: segment(Codec.H264),
    "high": lambda: segment(Codec.H264, extra=":8x8dct=1:cabac=1"),
    "h265": lambda: segment(Codec.H265),
    "b-frames": with_b_frames,
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(("first", "last"), [(0, 40), (3, 40), (0, 27), (3, 27), (12, 18), (10, 20), (39, 40)])
def test_every_picture_of_a_cut_is_the_recorded_one(tmp_path: Path, name: str, first: int, last: int) -> None:
    source = SOURCES[name]()
    parts = cut(source, first * STEP, last * STEP)
    path = play([source.parameters], parts, tmp_path / "cut.mp4")
    original = [
        frame for shown, frame in decode(source.parameters, source.units) if first * STEP <= shown < last * STEP
    ]
    found = pictures(path)
    assert [at for at, _ in found] == [number * STEP for number in range(last - first)]
    again = sum(len(part.units) for part in parts if part.recoded)
    head = 0 if first % GOP == 0 else min(GOP - first % GOP, last - first)
    assert again == head if name != "b-frames" else again <= head + last % GOP
    copied = {unit.shown // STEP - first for part in parts if not part.recoded for unit in part.units}
    for number, ((_, frame), recorded) in enumerate(zip(found, original, strict=True)):
        if number not in copied:
            assert psnr(frame, recorded) > LEAST_PSNR_DB
        else:
            assert np.array_equal(luma(frame), luma(recorded)), f"picture {number} is not the recorded one"


PLAY = """
async ([head, clip]) => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(clip), (c) => c.charCodeAt(0))], { type: "video/mp4" }));
  const canvas = new OffscreenCanvas(320, 240).getContext("2d", { willReadFrequently: true });
  await new Promise((done, fail) => { video.onloadeddata = done; video.onerror = () => fail(video.error.message); });
  const seen = [];
  // After `seeked` a canvas may still get the picture before: only the callback of a frame says which one it draws.
  const shown = (time) => new Promise((done, fail) => {
    setTimeout(() => fail(`no picture of ${time} s was shown`), 30000);
    const next = () => video.requestVideoFrameCallback((_, frame) => (Math.abs(frame.mediaTime - time) < 0.06 ? done() : next()));
    next();
  });
  for (const time of head) {
    const drawn = shown(time);
    video.currentTime = time;
    await drawn;
    canvas.drawImage(video, 0, 0);
    const pixels = canvas.getImageData(0, 0, 320, 240).data;
    const row = [];
    for (let x = 0; x < 320; x++) { const at = (12 * 320 + x) * 4; row.push(Math.min(pixels[at], pixels[at + 1], pixels[at + 2])); }
    seen.push(row);
  }
  await video.play();
  await new Promise((done, fail) => { video.onended = done; video.onerror = () => fail(video.error.message); });
  return [video.duration, seen];
}
"""


def test_a_browser_plays_the_cut_without_a_seam(browser: Browser, tmp_path: Path) -> None:
    source = segment(Codec.H264)
    path = play([source.parameters], cut(source, 3 * STEP, 27 * STEP), tmp_path / "cut.mp4")
    page: Page = browser.new_page()
    times = [0.05 + 0.1 * number for number in range(24)]
    duration, rows = page.evaluate(PLAY, [times, base64.b64encode(path.read_bytes()).decode()])
    page.close()
    assert duration == pytest.approx(2.4)
    for number, row in enumerate(rows):
        left = 7 * (number + 3) % (320 - 16)  # the white square of tests.video.encodes.picture
        inside, outside = np.mean(row[left + 3 : left + 13]), np.mean(row[left + 24 : left + 34] or row[:left][-10:])
        assert inside > 200 > outside, f"picture {number} of the browser is not that of its time"
