"""A camera that sends rubbish, floods or changes its shape: the watch goes on, keeps little, and announces no nonsense."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pytest

from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recognition import analyser as analyser_module
from istros.recognition.analyser import Analyser
from istros.recognition.camera_watch import CameraWatch, Sight
from istros.recognition.detector import StreetDetector
from istros.recognition.main_pictures import MainPictures
from istros.recognition.observation import Box, Detection, PlateRead
from istros.recognition.picture import Picture
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate, PlateReader
from istros.recognition.policy import AnalysisPolicy
from istros.sim.town.virtual_time import VirtualLoop, run_virtually, virtual_environment
from istros.store.rows import AnalyserStateRow
from istros.video.decode import Decoder
from istros.video.packet import CodecParameters, Packet
from tests.recognition.adversarial import scenes
from tests.recognition.pictures import needs_models
from tests.video.packets import packets_of

START = Time(1_795_493_100_000_000)


@dataclass(frozen=True)
class _Frame:
    time: Time
    picture: Picture

    @property
    def luma(self) -> Picture:
        return np.ascontiguousarray(self.picture[:, :, 1])

    def bgr(self) -> Picture:
        return self.picture.copy()

    def part(self, left: int, top: int, right: int, bottom: int) -> Picture:
        return self.picture[top:bottom, left:right].copy()


class _Slides:
    """A decoder that gives prepared pictures, one a packet."""

    def __init__(self, pictures: list[Picture]) -> None:
        self._frames = iter([_Frame(Time(START + n * SECOND // 5), each) for n, each in enumerate(pictures)])

    def decode(self, packet: Packet) -> _Frame | None:
        return next(self._frames)


class _Anything:
    """Finds a car in whatever it sees."""

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        return [Detection(Box(0.1, 0.1, 0.9, 0.9), "car", 0.9)]


def _watch(decoder: object, detector: object, reader: object = None) -> CameraWatch:
    numbers = count(1)

    def new_decoder(parameters: CodecParameters) -> object:
        return decoder

    return CameraWatch(AnalysisPolicy(), detector, reader, new_decoder, lambda: f"t{next(numbers)}", None)  # type: ignore[arg-type]


@needs_models
def test_flicker_noise_and_torn_pictures_make_neither_vehicles_nor_reads() -> None:
    void = [scene.picture for scene in scenes.voids()]
    pictures = [void[number % len(void)] for number in range(28)]
    watch = _watch(_Slides(pictures), StreetDetector(), PlateReader())
    (packet, *_) = packets_of(frames=1, gop=1)
    for _ in pictures:
        sight = watch.look([packet])
        chance = watch.best_chance(list(sight.seen), sight.time or START, {})
        reading = None if chance is None else watch.read_plate(chance)
        assert reading is None or reading.text.confidence < 0.8
    assert len(watch.tracker.tracks) < 10


def test_pictures_that_change_their_size_are_looked_at_all_the_same() -> None:
    pictures = [
        np.full((rows, columns, 3), 90, np.uint8) for rows, columns in ((360, 640), (1, 1), (720, 1280), (9, 31))
    ]
    watch = _watch(_Slides(pictures), _Anything())
    (packet, *_) = packets_of(frames=1, gop=1)
    sights = [watch.look([packet]) for _ in pictures]
    assert all(sight.analysed for sight in sights)


def test_damaged_packets_cost_pictures_and_nothing_else() -> None:
    random, numbers = np.random.default_rng(3), count(1)
    watch = CameraWatch(
        AnalysisPolicy(),
        _Anything(),
        None,
        Decoder,
        lambda: f"t{next(numbers)}",
        MainPictures(Decoder),  # type: ignore[arg-type]
    )
    film = packets_of(frames=40, gop=5)
    seen = 0
    for packet in film * 3:
        sight = _look_at_spoilt(watch, packet, random)
        seen += sight.time is not None
    assert seen > 20, seen
    healthy = [watch.look([packet]) for packet in film]
    assert any(sight.time is not None for sight in healthy)


def _look_at_spoilt(watch: CameraWatch, packet: Packet, random: np.random.Generator) -> Sight:
    data = bytearray(packet.data)
    kind = int(random.integers(16))
    if kind == 0 and len(data) > 8:
        for place in random.integers(4, len(data), 12):
            data[place] = int(random.integers(256))
    elif kind == 1:
        data = data[: len(data) // 2]
    elif kind == 2:
        data = bytearray()
    spoilt = replace(packet, data=bytes(data), lost_before=int(kind == 3))
    assert watch.main is not None
    watch.main.push(spoilt)
    watch.main.pictures_at(spoilt.time)
    return watch.look([spoilt], idle=bool(random.integers(2)))


PLATES_A_MINUTE, MINUTES = 200, 4


def plate_of(number: int) -> str:
    """Another plate for each vehicle, none nearly like one that came shortly before."""
    random = np.random.default_rng(number)
    letters = "".join("ABCEHIKMOPTX"[each] for each in random.integers(12, size=4))
    return f"{letters[:2]}{int(random.integers(10_000)):04d}{letters[2:]}"


class _Stream:
    """A road on which a vehicle comes every 0.3 s, drives through the picture within two seconds and is gone."""

    def __init__(self) -> None:
        self.now = START

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        return [Detection(self.box(number), "car", 0.9) for number in self.present()]

    def present(self) -> range:
        since = (self.now - START) / SECOND
        newest = int(since * PLATES_A_MINUTE / 60)
        return range(max(0, newest - 5), newest + 1)

    def box(self, number: int) -> Box:
        """Six lanes beside each other, each vehicle moving down its own."""
        age = (self.now - START) / SECOND - number * 60 / PLATES_A_MINUTE
        left, top = 0.02 + 0.16 * (number % 6), 0.02 + 0.3 * max(0.0, age)
        return Box(left, top, left + 0.14, top + 0.2)

    def read(self, picture: Picture, region: PixelBox | None = None, **settings: object) -> list[PlateReadCandidate]:
        text = plate_of(self.asked)
        box = PixelBox(2, 2, 18, 8)
        return [PlateReadCandidate(box, ((2, 2), (18, 2), (18, 8), (2, 8)), text, "UA", 0.95, (0.95,) * 8, ())]

    asked = 0


def test_two_hundred_plates_a_minute_are_each_announced_once_and_nothing_piles_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    road, reads, sizes = _Stream(), list[PlateRead](), list[int]()
    monkeypatch.setattr(analyser_module, "StreetDetector", lambda: road)
    monkeypatch.setattr(analyser_module, "PlateReader", lambda: road)
    read_plate = CameraWatch.read_plate
    look = CameraWatch._analyse

    def noting_time(watch: CameraWatch, frame: object) -> Sight:
        road.now = frame.time  # type: ignore[attr-defined]
        return look(watch, frame)  # type: ignore[arg-type]

    def noting_vehicle(watch: CameraWatch, chance: object) -> object:
        box = chance.box  # type: ignore[attr-defined]
        road.asked = min(road.present(), key=lambda number: abs(road.box(number).left - box.left))
        return read_plate(watch, chance)  # type: ignore[arg-type]

    monkeypatch.setattr(CameraWatch, "_analyse", noting_time)
    monkeypatch.setattr(CameraWatch, "read_plate", noting_vehicle)

    async def main(loop: VirtualLoop) -> None:
        environment = virtual_environment(loop, "flood", START)[0]
        film = packets_of(frames=20, gop=10)
        key = StreamKey("IZ-07", "main")

        async def read_stream(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
            for number in range(MINUTES * 600):
                packet = film[number % len(film)]
                yield replace(packet, key=key, time=Time(START + number * SECOND // 10), media_time=number * 9000)
                await environment.clock.sleep(0.1)
            await asyncio.Event().wait()

        async def emit(read: PlateRead) -> None:
            reads.append(read)

        async def report(states: list[AnalyserStateRow]) -> None:
            task = analyser._cameras[0]
            watch, announcer = task._watch, task._announcer
            sizes.append(len(watch.readings) + len(task._read_times) + len(watch.tracker.tracks) + len(announcer._done))

        policy = AnalysisPolicy(least_vehicle_px=10, reads_per_camera=20, reading_share=5.0, frames_per_second=10)
        camera = Camera(
            "IZ-07",
            Place("road", "Izmail"),
            "izmail",
            (Stream(key, SecretUrl("rtsp://127.0.0.1/x")),),
            reads_plates=True,
        )
        analyser = Analyser(environment, [camera], read_stream, emit, report, policy)
        stop = asyncio.Event()
        running = asyncio.create_task(analyser.run(stop))
        await environment.clock.sleep(MINUTES * 60 + 3)
        stop.set()
        await running

    run_virtually(main)
    times = Counter(read.best.text for read in reads)
    passed = PLATES_A_MINUTE * MINUTES
    assert len(times) >= 0.97 * passed
    assert max(times.values()) == 1
    assert max(sizes) <= 400
