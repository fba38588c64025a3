"""What the watch for motion costs a picture, and what its two short cuts save: `just bench motion`; docs/benchmarks/motion.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.recognition.motion import MotionGate
from istros.recognition.picture import Picture, reduced
from istros.video.clip_file import read_clip
from istros.video.decode import Decoder
from istros.video.packet import Packet
from tools.bench_video.clips import sub_film
from tools.bench_video.report import machine, today

RESULT = Path(__file__).parent.parent / "docs/benchmarks/motion.md"
ROUNDS = 5
COLUMNS, ROWS = 160, 90


def packets() -> list[Packet]:
    """The measured sub stream: 640x360, 10 pictures a second, 20 s."""
    clip, key = read_clip(sub_film()), StreamKey("C00", "sub")
    coded = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in clip.units]
    return [
        Packet(key, clip.parameters, number * 9000, Time(number * 100_000), unit.is_key, data)
        for number, (unit, data) in enumerate(zip(clip.units, coded, strict=True))
    ]


def decoded(film: list[Packet], roughly: bool) -> list[Picture]:
    """Every picture's brightness."""
    decoder = Decoder(film[0].parameters, roughly)
    frames = [decoder.decode(packet) for packet in film]
    return [frame.luma for frame in frames if frame is not None]


def one_step(luma: Picture) -> Picture:
    """Reduced without halving first."""
    return np.asarray(cv2.resize(luma, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.uint8)


def cost_ms(work: Callable[[], object], pictures: int) -> float:
    """CPU milliseconds a picture, the best of some rounds."""
    found: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        found.append((time.process_time() - began) * 1000 / pictures)
    return min(found)


def look_at(pictures: list[Picture]) -> None:
    """As the motion watch does."""
    gate = MotionGate()
    for luma in pictures:
        gate.see(luma, cuts=False)


def main() -> None:
    """Measure and write the page."""
    cv2.setNumThreads(1)
    film = packets()
    pictures = decoded(film, roughly=True)
    count = len(pictures)
    rows = {
        "decode": cost_ms(lambda: decoded(film, roughly=False), len(film)),
        "decode roughly (without the loop filter)": cost_ms(lambda: decoded(film, roughly=True), len(film)),
        "reduce to 160x90 in one step": cost_ms(lambda: [one_step(luma) for luma in pictures], count),
        "reduce to 160x90 by halves": cost_ms(lambda: [reduced(luma, COLUMNS, ROWS) for luma in pictures], count),
        "the whole gate": cost_ms(lambda: look_at(pictures), count),
    }
    table = "\n".join(f"| {name} | {value:.3f} |" for name, value in rows.items())
    page = (
        "# What the watch for motion costs\n\n"
        f"`just bench motion`: {count} pictures of 640x360, best of {ROUNDS} rounds; {today()}, {machine()}.\n\n"
        f"| step | ms of CPU a picture |\n|---|---|\n{table}\n"
    )
    RESULT.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
