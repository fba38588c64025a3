"""Many readings of one plate become one text; many verdicts of one passage become one observation."""

from __future__ import annotations

from istros.base.time import SECOND, Time
from istros.recognition.announcer import Announcer
from istros.recognition.observation import Box, PlateText
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track

START = Time(1_795_493_100_000_000)
BOX = Box(0.4, 0.4, 0.5, 0.45)


def _reading(text: str, confidence: float = 0.9, quality: float = 0.8, at_s: float = 0.0, weak: str = "") -> FrameReading:
    characters = tuple(0.3 if letter in weak else 0.95 for letter in text)
    time = Time(START + round(at_s * SECOND))
    return FrameReading(time, PlateText(text, confidence), characters, (), BOX, Box(0.2, 0.2, 0.6, 0.6), 90, quality, b"jpeg")


def _track_reading(*readings: FrameReading) -> TrackReading:
    collected = TrackReading()
    for reading in readings:
        collected.add(reading)
    return collected


def _track(number: int = 1, label: str = "car") -> Track:
    track = Track(f"t{number}", BOX, START, Time(START + 3 * SECOND), 0.8)
    track.labels[label] += 80
    return track


def _announcer(**policy: float) -> Announcer:
    numbers = iter(range(1000))
    return Announcer("IZ-07", AnalysisPolicy(**policy), lambda: f"id{next(numbers)}")  # type: ignore[arg-type]


def test_without_a_reading_there_is_no_verdict() -> None:
    assert TrackReading().verdict() is None


def test_frames_that_agree_outvote_one_that_does_not() -> None:
    verdict = _track_reading(_reading("AE1234KB"), _reading("AE1284KB", 0.92), _reading("AE1234KB", 0.85)).verdict()
    assert verdict is not None
    assert verdict.best.text == "AE1234KB"
    assert verdict.best.country == "UA"
    assert "AE1284KB" in [other.text for other in verdict.alternatives]
    assert verdict.frame.text.text == "AE1234KB"


def test_characters_are_voted_one_by_one() -> None:
    verdict = _track_reading(
        _reading("AE1284KB", 0.7, weak="8"), _reading("AE1234K8", 0.7, weak="8"), _reading("AF1234KB", 0.7, weak="F")
    ).verdict()
    assert verdict is not None
    assert verdict.best.text == "AE1234KB"


def test_agreement_makes_surer() -> None:
    one = _track_reading(_reading("AE1234KB", 0.8)).verdict()
    three = _track_reading(*[_reading("AE1234KB", 0.8)] * 3).verdict()
    assert one is not None
    assert three is not None
    assert one.best.confidence < three.best.confidence < 1


def test_two_sure_frames_of_a_known_format_are_enough() -> None:
    assert not _track_reading(_reading("AE1234KB", 0.95)).is_good_enough()
    assert _track_reading(_reading("AE1234KB", 0.95), _reading("AE1234KB", 0.93)).is_good_enough()
    assert not _track_reading(_reading("A1", 0.95), _reading("A1", 0.95)).is_good_enough()


def test_the_readings_kept_are_bounded() -> None:
    collected = _track_reading(*(_reading("AE1234KB", 0.5 + number / 1000) for number in range(100)))
    assert len(collected.readings) <= 24
    assert collected.frames_read == 100


def test_a_track_is_announced_once_and_late_readings_change_nothing() -> None:
    announcer, track, collected = _announcer(), _track(), _track_reading(_reading("AE1234KB", 0.95), _reading("AE1234KB", 0.95))
    read = announcer.observation(track, collected, START, ended=False)
    assert read is not None
    assert (read.best.text, read.camera_id, read.vehicle_class, read.frames_read) == ("AE1234KB", "IZ-07", "car", 2)
    collected.add(_reading("AE1235KB", 0.99))
    assert announcer.observation(track, collected, Time(START + SECOND), ended=True) is None


def test_nothing_is_announced_before_it_is_due() -> None:
    announcer, track, collected = _announcer(verdict_after_s=4.0), _track(), _track_reading(_reading("AE1234KB", 0.7))
    assert announcer.observation(track, collected, Time(START + 3 * SECOND), ended=False) is None
    assert announcer.observation(track, collected, Time(START + 5 * SECOND), ended=False) is not None


def test_a_broken_track_makes_no_second_observation() -> None:
    announcer, collected = _announcer(same_plate_s=30), _track_reading(_reading("AE1234KB", 0.95))
    assert announcer.observation(_track(1), collected, START, ended=True) is not None
    part = _track_reading(_reading("E1234KB", 0.6))
    assert announcer.observation(_track(2), part, Time(START + 2 * SECOND), ended=True) is None
    again = _track_reading(_reading("AE1234KB", 0.95))
    assert announcer.observation(_track(3), again, Time(START + 40 * SECOND), ended=True) is not None
    assert (announcer.announced, announcer.repeated) == (2, 1)


def test_what_is_too_unsure_is_not_announced() -> None:
    announcer = _announcer(least_confidence=0.5)
    assert announcer.observation(_track(), _track_reading(_reading("AE1234KB", 0.3)), START, ended=True) is None
