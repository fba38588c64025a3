"""Compare what the analyser reads in rendered clips with what is really there, and what a track's voting adds.

    python tools/measure_reading.py CLIP.json… [--rounds 2] [--least-px 60] [--frames FOLDER]

Each CLIP.json lies beside CLIP_main.mp4 and CLIP_sub.mp4. The whole Analyser runs on a virtual clock, so that its work
takes no time: the result is that of a computer which is fast enough, whatever else this one does. A vehicle counts where
its plate gets as wide as `--least-px` pixels of the main stream. CLIP may be any of the three names, or their common part.

The readings of each track are kept and judged three ways: by its first frame, by the one that is surest of itself, and by
the vote over all of them. `--frames` does the same for the frames of real films in a labelled folder (labels.csv with file,
x, y, w, h, plate; the frames of one film and plate are one track): `plates_ro_train` of the evaluation folder is one.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from istros.base.clock import Clock
from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recognition.analyser import Analyser
from istros.recognition.announcer import Announcer
from istros.recognition.observation import Box, PlateRead
from istros.recognition.plates.track_reading import TrackReading
from istros.recognition.tracker import Track
from istros.sim.town.virtual_time import VirtualLoop, run_virtually, virtual_environment
from istros.store.rows import AnalyserStateRow, StreamName
from istros.video.clip_file import Clip, read_clip
from istros.video.packet import MEDIA_RATE, Packet
from tools.track_votes import Ways, film_tracks, table_of, ways_of

START = Time(1_795_000_000_000_000)
ALIKE = 2
"""Letters by which a text may differ from a plate that stands elsewhere and still be taken for it."""


@dataclass(slots=True)
class Vehicle:
    """What the truth says of one, and what was read of it."""

    id: str
    kind: str
    plate: str
    widest_px: float
    parked: bool
    widest_frame: int
    """At which its plate is widest."""
    boxes: dict[int, tuple[float, float, float, float]] = field(repr=False)
    reads: list[PlateRead] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        """Whether one of its reads has its plate."""
        return any(fold(read.best.text) == fold(self.plate) for read in self.reads)


@dataclass(frozen=True, slots=True)
class Scene:
    """A clip's streams and its truth."""

    name: str
    streams: dict[StreamName, Clip]
    vehicles: list[Vehicle]
    fps: float
    frames: int
    size: tuple[float, float]
    weather: str = ""


def scene_of(path: Path) -> Scene:
    """Read a clip by any of its three files."""
    stem = path.with_name(re.sub(r"(_main|_sub)?\.(json|mp4)$", "", path.name))
    truth = json.loads(stem.with_name(f"{stem.name}.json").read_text(encoding="utf-8"))
    names: tuple[StreamName, ...] = ("main", "sub")
    streams = {name: read_clip(stem.with_name(f"{stem.name}_{name}.mp4")) for name in names}
    vehicles = [vehicle_of(entry) for entry in truth["vehicles"]]
    size = truth["width"], truth["height"]
    return Scene(stem.name, streams, vehicles, truth["fps"], truth["frames"], size, truth.get("weather", ""))


def vehicle_of(entry: dict[str, Any]) -> Vehicle:
    """One vehicle of the truth."""
    shown = [frame for frame in entry["frames"] if frame.get("plate_box")]
    widest = max((frame["plate_width_px"] for frame in shown), default=0.0)
    return Vehicle(
        entry["id"],
        entry["class"],
        entry["plate"],
        widest,
        bool(entry.get("parked")),
        max(shown, key=lambda frame: float(frame["plate_width_px"]), default={"frame": 0})["frame"],
        {frame["frame"]: tuple(frame["plate_box"]) for frame in shown},
    )


def packets_of(key: StreamKey, clip: Clip, rounds: int) -> Iterator[Packet]:
    """The film's packets, `rounds` times one after the other."""
    for number in range(rounds):
        for unit in clip.units:
            ticks = number * clip.duration + unit.shown
            data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals)
            yield Packet(key, clip.parameters, ticks, Time(START + ticks * SECOND // MEDIA_RATE), unit.is_key, data)


async def feed(scene: Scene, keys: tuple[StreamKey, ...], rounds: int, clock: Clock) -> AsyncIterator[Packet]:
    """Every stream's packets in order of time, each when it is due."""
    sources = [packets_of(key, scene.streams[key.name], rounds) for key in keys]
    for packet in heapq.merge(*sources, key=lambda packet: packet.time):
        await clock.sleep((packet.time - clock.now()) / SECOND)
        yield packet
    await asyncio.Event().wait()


async def analyse(scene: Scene, rounds: int, environment: Environment) -> tuple[list[PlateRead], list[TrackReading]]:
    """What the analyser announces in so many rounds of the clip, and the readings of each track that had any."""
    reads, stop = list[PlateRead](), asyncio.Event()
    kept: dict[str, TrackReading] = {}
    watching = Announcer.observations

    def noting(self: Announcer, track: Track, reading: TrackReading, now: Time, ended: bool) -> tuple[PlateRead, ...]:
        if reading.readings:
            kept[track.id] = reading
        return watching(self, track, reading, now, ended)

    streams = tuple(Stream(StreamKey(scene.name, name), SecretUrl("rtsp://127.0.0.1/")) for name in scene.streams)
    camera = Camera(scene.name, Place(scene.name, "Izmail"), "izmail", streams, reads_plates=True)

    async def emit(read: PlateRead) -> None:
        reads.append(read)

    async def report(states: list[AnalyserStateRow]) -> None:
        """Nobody asks."""

    def read_stream(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        return feed(scene, keys, rounds, environment.clock)

    Announcer.observations = noting  # type: ignore[method-assign]
    try:
        task = asyncio.create_task(Analyser(environment, (camera,), read_stream, emit, report).run(stop))
        await environment.clock.sleep(rounds * scene.frames / scene.fps + 2)
        stop.set()
        await task
    finally:
        Announcer.observations = watching  # type: ignore[method-assign]
    return reads, list(kept.values())


def assign(scene: Scene, reads: list[PlateRead]) -> list[PlateRead]:
    """Give each read to the vehicle whose plate is at its place, else to the one with nearly its text; return the rest."""
    strangers = []
    for read in reads:
        text, here = fold(read.best.text), _at(scene, read.plate_box, read.time)
        alike = [vehicle for vehicle in scene.vehicles if Levenshtein.distance(text, fold(vehicle.plate)) <= ALIKE]
        owner = min(here or alike, key=lambda vehicle: Levenshtein.distance(text, fold(vehicle.plate)), default=None)
        if owner is None:
            strangers.append(read)
        else:
            owner.reads.append(read)
    return strangers


def _at(scene: Scene, plate: Box, time: Time) -> list[Vehicle]:
    """The vehicles whose plate is where one was read at a time."""
    frame = round((time - START) / SECOND * scene.fps) % scene.frames
    x, y = (plate.left + plate.right) / 2 * scene.size[0], (plate.top + plate.bottom) / 2 * scene.size[1]
    return [vehicle for vehicle in scene.vehicles if _is_at(vehicle, frame, x, y)]


def _is_at(vehicle: Vehicle, frame: int, x: float, y: float) -> bool:
    box = vehicle.boxes.get(frame)
    if box is None:
        return False
    width, height = box[2] - box[0], box[3] - box[1]
    return box[0] - width / 2 <= x <= box[2] + width / 2 and box[1] - height <= y <= box[3] + height


def rows_of(scene: Scene, strangers: list[PlateRead], least_px: float) -> Iterator[str]:
    """The table of one clip, as Markdown."""
    yield "| vehicle | plate | widest px | read | confidence |"
    yield "|---|---|---|---|---|"
    for vehicle in sorted(scene.vehicles, key=lambda item: -item.widest_px):
        if vehicle.widest_px >= least_px or vehicle.reads:
            texts = ", ".join(read.best.text for read in vehicle.reads) or "-"
            sure = ", ".join(f"{read.best.confidence:.2f}" for read in vehicle.reads)
            yield f"| {vehicle.id} {vehicle.kind} | {vehicle.plate} | {vehicle.widest_px:.0f} | {texts} | {sure} |"
    for read in strangers:
        yield f"| none | | {read.plate_width_px} | {read.best.text} | {read.best.confidence:.2f} |"


def sums_of(scene: Scene, strangers: list[PlateRead], least_px: float) -> str:
    """The sums of one clip: vehicles wide enough, then every read that should not be."""
    wide = [vehicle for vehicle in scene.vehicles if vehicle.widest_px >= least_px]
    exact = sum(vehicle.is_exact for vehicle in wide)
    misread = sum(bool(vehicle.reads) and not vehicle.is_exact for vehicle in wide)
    missed = sum(not vehicle.reads for vehicle in wide)
    doubled = sum(max(0, len(vehicle.reads) - 1) for vehicle in scene.vehicles)
    return (
        f"{scene.name}: vehicles {len(wide)}, read exactly {exact}, misread {misread}, missed {missed}, "
        f"doubled {doubled}, read where no plate is {len(strangers)}"
    )


def judged(scene: Scene, tracks: list[TrackReading]) -> list[Ways]:
    """Each track's readings against the plate at their place; tracks at no vehicle's place are left out."""
    found = []
    for track in tracks:
        here = (_at(scene, reading.plate_box, reading.time) for reading in track.readings)
        plates = [vehicles[0].plate for vehicles in here if vehicles]
        if plates:
            found.append(ways_of(track, max(set(plates), key=plates.count)))
    return found


def measure(path: Path, rounds: int, least_px: float) -> tuple[str, str, list[Ways]]:
    """Run one clip: its sums, its weather, and its tracks judged; above them the table on standard output."""
    scene = scene_of(path)

    async def main(loop: VirtualLoop) -> tuple[list[PlateRead], list[TrackReading]]:
        return await analyse(scene, rounds, virtual_environment(loop, scene.name, START)[0])

    reads, tracks = run_virtually(main)
    strangers = assign(scene, reads)
    print(f"\n{scene.name}\n", *rows_of(scene, strangers, least_px), sep="\n")
    return sums_of(scene, strangers, least_px), scene.weather, judged(scene, tracks)


def main() -> int:
    """Measure every clip that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--frames", type=Path, help="a labelled folder of real films' frames")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--least-px", type=float, default=60.0)
    arguments = parser.parse_args()
    results = [measure(path, arguments.rounds, arguments.least_px) for path in arguments.clips]
    print("", *(sums for sums, _, _ in results), sep="\n")
    by_light: dict[str, list[Ways]] = {}
    for _, weather, ways in results:
        by_light.setdefault(weather or "not told", []).extend(ways)
    if arguments.frames is not None:
        by_light |= film_tracks(arguments.frames)
    print("\nWhat voting adds\n", *table_of(by_light), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
