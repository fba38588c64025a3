"""What painting privacy masks costs while somebody looks: `just bench masks`; docs/benchmarks/privacy-masks.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.devices.masks import Masks
from istros.video.clip_file import Clip, read_clip
from istros.video.decode import Decoder
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.packet import Packet
from istros.video.repaint import Repainter, paint_segment
from tools.bench_video.report import machine, today

FOLDER = Path(__file__).parent.parent
CLIPS = FOLDER / "src/istros/sim/clips"
RESULT = FOLDER / "docs/benchmarks/privacy-masks.md"
CAMERA = "izmail-crossroads"
ROUNDS = 3

MASKS: Masks = (
    ((0.05, 0.1), (0.25, 0.1), (0.25, 0.4), (0.05, 0.4)),
    ((0.6, 0.05), (0.8, 0.1), (0.75, 0.3), (0.55, 0.25)),
)
"""Two windows: a tenth of the picture."""


def packets(clip: Clip, name: str) -> list[Packet]:
    """A film of the simulated city as the recorder relays it."""
    key = StreamKey("IZ-01", "main" if name == "main" else "sub")
    coded = (b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in clip.units)
    return [
        Packet(key, clip.parameters, unit.shown, Time(unit.shown * 100 // 9), unit.is_key, data)
        for unit, data in zip(clip.units, coded, strict=True)
    ]


def segment(film: list[Packet], fps: float) -> bytes:
    """The film as one recorded segment, a fragment a second."""
    ticks, step = round(90_000 / fps), round(fps)
    samples = [Sample(ticks, packet.data, packet.is_key) for packet in film]
    parts = [samples[at : at + step] for at in range(0, len(samples), step)]
    fragments = [fragment(number + 1, number * step * ticks, part) for number, part in enumerate(parts)]
    return init_segment(film[0].parameters) + b"".join(fragments)


def cost_s(work: Callable[[], object]) -> float:
    """CPU seconds, the best of some rounds."""
    found: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def decode(film: list[Packet]) -> None:
    """Decoding alone."""
    decoder = Decoder(film[0].parameters)
    for packet in film:
        decoder.decode(packet)


def paint(film: list[Packet]) -> int:
    """As a painter does it live; bytes that come out."""
    repainter = Repainter(MASKS)
    return sum(len(painted.data) for packet in film for painted in repainter.take(packet))


def measured(name: str) -> str:
    """One row of the table."""
    clip = read_clip(CLIPS / f"{CAMERA}_{name}.mp4")
    film = packets(clip, name)
    seconds, recorded = len(film) / clip.fps, segment(film, clip.fps)
    decoding, live, played = (
        cost_s(work) / seconds
        for work in (lambda: decode(film), lambda: paint(film), lambda: paint_segment(recorded, MASKS))
    )
    before, after = (size * 8 / seconds / 1e6 for size in (sum(len(each.data) for each in film), paint(film)))
    size = f"{clip.parameters.width}x{clip.parameters.height}, {clip.fps:g} a second"
    return f"| {name}, {size} | {decoding:.0%} | {live:.0%} | {played * 10:.1f} s | {before:.2f} | {after:.2f} |"


def main() -> None:
    """Measure and write the page."""
    rows = "\n".join(measured(name) for name in ("sub", "main"))
    page = (
        "# What privacy masks cost\n\n"
        "A camera without masks costs nothing more. A masked one costs this while somebody looks, once for all viewers of a "
        "stream (docs/design/0038).\n\n"
        f"`just bench masks`: {CAMERA} of the simulated city, two masks over a tenth of the picture, one thread, best of "
        f"{ROUNDS} rounds; {today()}, {machine()}.\n\n"
        "| stream | of one core to decode | of one core live, painted | CPU for 10 s of playback | Mbit/s as sent | "
        f"Mbit/s painted |\n|---|---|---|---|---|---|\n{rows}\n"
    )
    RESULT.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
