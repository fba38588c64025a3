"""The analyser's bounds: queues, the main stream's buffer, the budget, and cameras that fail beside others that do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recognition import analyser as analyser_module
from istros.recognition.analyser import Analyser, AnalysisPolicy
from istros.recognition.camera_watch import CameraWatch, Sight
from istros.recognition.main_pictures import MOST_PACKETS, MainPictures
from istros.recognition.observation import Box, Detection, PlateRead, PlateText, VehicleSeen
from istros.recognition.packet_queue import PacketQueue
from istros.recognition.picture import Picture
from istros.recognition.plate_crops import CROP_BYTES, crop_jpeg, quality_of
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.read_budget import Price, ReadBudget
from istros.recognition.tracker import Track
from istros.store.rows import AnalyserStateRow, StreamName
from istros.video.decode import Decoder
from istros.video.packet import Packet
from tests.recognition.pictures import street
from tests.video.packets import packets_of

START = Time(1_795_493_100_000_000)


class _HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> Time:
        return Time(round(self.at * SECOND))

    def elapsed(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += max(0.0, seconds)
        await asyncio.sleep(0)


def test_the_queue_falls_back_to_the_newest_keyframe_and_counts() -> None:
    packets = packets_of(frames=20, gop=5)
    queue = PacketQueue(12)
    for packet in packets[:13]:
        queue.push(packet)
    assert [packet.time for packet in asyncio.run(queue.pull())] == [packet.time for packet in packets[10:13]]
    assert queue.dropped == 10


def test_the_queue_begins_with_a_keyframe_after_a_loss() -> None:
    packets = packets_of(frames=20, gop=5)
    queue = PacketQueue(100)
    queue.push(packets[2])
    queue.push(packets[5])
    queue.push(replace(packets[7], lost_before=3))
    queue.push(packets[8])
    queue.push(packets[10])
    assert asyncio.run(queue.pull()) == [packets[5], packets[10]]
    assert queue.dropped == 3


def test_the_main_stream_is_decoded_only_as_far_as_needed() -> None:
    decoded: list[Packet] = []

    class _Counting(Decoder):
        def decode(self, packet: Packet):  # type: ignore[no-untyped-def]
            decoded.append(packet)
            return super().decode(packet)

    packets, main = packets_of(frames=10, gop=5), MainPictures(_Counting)
    assert main.pictures_at(packets[0].time) == []
    for packet in packets[:5]:
        main.push(packet)
    assert decoded == []
    frame = main.pictures_at(packets[2].time)[-1]
    assert (frame.time, len(decoded)) == (packets[2].time, 3)
    main.pictures_at(packets[4].time)
    assert len(decoded) == 5
    for packet in packets[5:]:
        main.push(packet)
    later = main.pictures_at(packets[5].time)[-1]
    assert (later.time, len(decoded)) == (packets[5].time, 6)


def test_an_endless_group_of_pictures_is_not_kept() -> None:
    key, *rest = packets_of(frames=5, gop=5)
    main = MainPictures(Decoder)
    main.push(key)
    for _ in range(MOST_PACKETS + 5):
        main.push(rest[0])
    assert main.dropped == 1
    assert main.pictures_at(key.time) == []


def test_the_budget_is_shared_in_turn() -> None:
    clock = _HandClock()
    budget = ReadBudget(clock, per_second=2.0, burst=1.0)
    assert budget.take("a")
    granted = []
    for _ in range(40):
        clock.at += 0.25
        granted += [name for name in "abc" if budget.take(name)]
    assert 18 <= len(granted) <= 21
    assert all(granted.count(name) >= 6 for name in "abc")
    assert budget.refused > 0


def test_one_reading_that_took_very_long_does_not_end_all_reading() -> None:
    clock, price = _HandClock(), Price()
    budget = ReadBudget(clock, per_second=1.0, burst=2.0)
    price.learn(60.0)
    assert price.reading_s > 2.0
    granted = 0
    for _ in range(200):
        clock.at += 0.2
        if budget.take("a", price.reading_s):
            granted += 1
            price.learn(0.05)
    assert granted > 20


def test_a_crop_is_small_and_a_sharp_one_is_worth_more() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (400, 1800, 3)).astype(np.uint8)
    assert 0 < len(crop_jpeg(noise)) <= CROP_BYTES
    plate = street(160, 40)
    plate[8:32:4, 20:140] = 10
    blurred = np.asarray(plate.mean(axis=0, keepdims=True).repeat(40, axis=0), np.uint8)
    assert quality_of(plate) > quality_of(blurred)


class _Detector:
    """Sees one car that drives through every picture."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        self.looks += 1
        return [Detection(Box(0.1, 0.1, 0.9, 0.9), "car", 0.9)]


class _Reader:
    """Reads the same plate in every picture."""

    def read(self, picture: Picture, region: PixelBox | None = None, **settings: object) -> list[PlateReadCandidate]:
        box = PixelBox(60, 60, 100, 72)
        return [PlateReadCandidate(box, ((60, 60),) * 4, "AE1234KB", "UA", 0.95, (0.95,) * 8, (("AE1234K8", 0.1),))]


def _camera(name: str, streams: tuple[StreamName, ...] = ("sub", "main"), reads: bool = True) -> Camera:
    return Camera(
        name,
        Place("harbour gate", "Izmail"),
        "izmail",
        tuple(Stream(StreamKey(name, stream), SecretUrl("rtsp://127.0.0.1/x")) for stream in streams),
        reads_plates=reads,
    )


class _Harness:
    """Runs an analyser on real packets until something is there to see."""

    def __init__(self, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(analyser_module, "StreetDetector", _Detector)
        monkeypatch.setattr(analyser_module, "PlateReader", _Reader)
        self.environment = environment
        self.reads: list[PlateRead] = []
        self.states: list[list[AnalyserStateRow]] = []
        self.refuse = 0
        self.seen = asyncio.Event()
        self.wanted = 1

    async def packets(self, keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        """Every stream's packets, side by side; the camera `broken` fails, the camera `torn` sends rubbish."""
        if keys[0].camera_id == "broken":
            raise ConnectionError("the relay is gone")
        sources = [packets_of(key=key, frames=40, gop=10) for key in keys]
        for together in zip(*sources, strict=True):
            for packet in together:
                yield replace(packet, data=b"\x00\x00\x00\x02\x65\xff") if packet.key.camera_id == "torn" else packet
            await asyncio.sleep(0.02)
        await asyncio.Event().wait()

    async def emit(self, read: PlateRead) -> None:
        """Take a read, after refusing as many as `refuse` says."""
        if self.refuse:
            self.refuse -= 1
            raise OSError("the database is locked")
        self.reads.append(read)
        if len(self.reads) >= self.wanted:
            self.seen.set()

    async def report(self, states: list[AnalyserStateRow]) -> None:
        """Take the cameras' states."""
        self.states.append(states)

    def run(self, *cameras: Camera) -> None:
        """Analyse until the wanted reads have come, and a report."""
        asyncio.run(self._run(cameras))

    async def _run(self, cameras: tuple[Camera, ...]) -> None:
        policy = AnalysisPolicy(frames_per_second=20, report_s=0.1, retry_s=0.05, least_vehicle_px=20)
        stop = asyncio.Event()
        analyser = Analyser(self.environment, cameras, self.packets, self.emit, self.report, policy)
        task = asyncio.create_task(analyser.run(stop))
        await asyncio.wait_for(self.seen.wait(), 20)
        while not self.states:
            await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(task, 20)


@pytest.fixture
def harness(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> _Harness:
    return _Harness(environment, monkeypatch)


def test_a_vehicle_makes_one_read_and_a_state_is_reported(harness: _Harness) -> None:
    harness.run(_camera("IZ-01"))
    (read,) = harness.reads
    assert (read.camera_id, read.best.text, read.best.country, read.vehicle_class) == ("IZ-01", "AE1234KB", "UA", "car")
    assert read.crop_jpeg[:2] == b"\xff\xd8"
    assert 0 < read.plate_box.left < read.plate_box.right < 1
    assert harness.states[-1][0].camera_id == "IZ-01"


def test_broken_cameras_do_not_stop_the_others(harness: _Harness) -> None:
    harness.wanted = 2
    harness.run(_camera("broken"), _camera("torn"), _camera("IZ-01"), _camera("IZ-02", ("main",)))
    assert {read.camera_id for read in harness.reads} == {"IZ-01", "IZ-02"}


def test_a_read_that_the_store_refuses_is_offered_again_and_not_doubled(harness: _Harness) -> None:
    harness.refuse = 2
    harness.run(_camera("IZ-01"))
    assert [read.best.text for read in harness.reads] == ["AE1234KB"]


def test_a_camera_without_plates_is_watched_and_never_read(harness: _Harness) -> None:
    harness.wanted = 1
    harness.run(_camera("quiet", reads=False), _camera("IZ-01"))
    assert {read.camera_id for read in harness.reads} == {"IZ-01"}


def test_what_was_read_of_a_track_that_ends_is_not_lost_with_a_reading_that_fails(
    harness: _Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = Track("t1", Box(0.1, 0.1, 0.9, 0.9), START, START, 0.9)
    track.labels["car"] += 90
    reading = TrackReading()
    text = PlateText("AE1234KB", 0.95, "UA")
    reading.add(FrameReading(START, text, (0.95,) * 8, (), Box(0.4, 0.4, 0.5, 0.45), track.box, 90, 0.8))

    def fail(*_: object) -> None:
        raise RuntimeError("the picture is damaged")

    monkeypatch.setattr(CameraWatch, "look", lambda *_: Sight(START, analysed=True, ended=(track,)))
    monkeypatch.setattr(CameraWatch, "best_chance", fail)
    analyser = Analyser(harness.environment, [_camera("IZ-01")], harness.packets, harness.emit, harness.report)
    (camera,) = analyser._cameras
    camera._watch.readings[track.id] = reading
    with pytest.raises(RuntimeError, match="damaged"):
        asyncio.run(camera._turn([], False))
    assert camera._watch.readings == {}
    asyncio.run(camera.finish())
    assert [read.best.text for read in harness.reads] == ["AE1234KB"]


def _passage(number: int) -> VehicleSeen:
    box = Box(0.1, 0.1, 0.2, 0.2)
    return VehicleSeen(f"v{number}", "IZ-01", f"t{number}", START, START, "car", 0.9, None, None, None, 0.0, box, START)


def test_passages_are_not_lost_when_the_node_is_stopped_while_the_store_is_slow(harness: _Harness) -> None:
    kept: list[str] = []
    begun = asyncio.Event()

    async def keep(passages: list[VehicleSeen]) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        kept.extend(passage.id for passage in passages)

    async def run() -> None:
        stop = asyncio.Event()
        analyser = Analyser(
            harness.environment, [_camera("IZ-01", reads=False)], harness.packets, harness.emit, harness.report,
            AnalysisPolicy(report_s=0.02), keep_vehicles=keep,
        )  # fmt: skip
        analyser._cameras[0].give_back([_passage(1), _passage(2)])
        task = asyncio.create_task(analyser.run(stop))
        await asyncio.wait_for(begun.wait(), 20)
        stop.set()
        await asyncio.wait_for(task, 20)

    asyncio.run(run())
    assert kept[:2] == ["v1", "v2"]


def test_of_passages_that_wait_the_oldest_give_way(harness: _Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyser_module, "_MOST_PASSAGES", 3)
    analyser = Analyser(harness.environment, [_camera("IZ-01")], harness.packets, harness.emit, harness.report)
    (camera,) = analyser._cameras
    camera.give_back([_passage(3), _passage(4)])
    camera.give_back([_passage(1), _passage(2)])
    assert [passage.id for passage in camera.take_passages()] == ["v2", "v3", "v4"]
    assert camera.take_passages() == []
