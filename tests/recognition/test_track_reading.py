"""Many readings of one plate become one text; many verdicts of one passage become one observation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from istros.base.time import SECOND, Time
from istros.recognition.announcer import Announcer
from istros.recognition.observation import Box, PlateText
from istros.recognition.plates.track_reading import FrameReading, TrackReading, may_be_one_plate
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track

START = Time(1_795_493_100_000_000)
BOX = Box(0.4, 0.4, 0.5, 0.45)


def _reading(
    text: str, confidence: float = 0.9, quality: float = 0.8, at_s: float = 0.0, weak: str = ""
) -> FrameReading:
    characters = tuple(0.3 if letter in weak else 0.95 for letter in text)
    time = Time(START + round(at_s * SECOND))
    return FrameReading(
        time, PlateText(text, confidence), characters, (), BOX, Box(0.2, 0.2, 0.6, 0.6), 90, quality, b"jpeg"
    )


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
    assert TrackReading().verdicts() == ()


def test_frames_that_agree_outvote_one_that_does_not() -> None:
    (verdict,) = _track_reading(_reading("AE1234KB"), _reading("AE1284KB", 0.92), _reading("AE1234KB", 0.85)).verdicts()
    assert verdict.best.text == "AE1234KB"
    assert verdict.best.country == "UA"
    assert "AE1284KB" in [other.text for other in verdict.alternatives]
    assert verdict.frame.text.text == "AE1234KB"


def test_characters_are_voted_one_by_one() -> None:
    (verdict,) = _track_reading(
        _reading("AE1284KB", 0.7, weak="8"), _reading("AE1234K8", 0.7, weak="8"), _reading("AF1234KB", 0.7, weak="F")
    ).verdicts()
    assert verdict.best.text == "AE1234KB"


def test_agreement_makes_surer() -> None:
    (one,) = _track_reading(_reading("AE1234KB", 0.8)).verdicts()
    (three,) = _track_reading(*[_reading("AE1234KB", 0.8)] * 3).verdicts()
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
    announcer, track, collected = (
        _announcer(),
        _track(),
        _track_reading(_reading("AE1234KB", 0.95), _reading("AE1234KB", 0.95)),
    )
    (read,) = announcer.observations(track, collected, START, ended=False)
    assert (read.best.text, read.camera_id, read.vehicle_class, read.frames_read) == ("AE1234KB", "IZ-07", "car", 2)
    collected.add(_reading("AE1235KB", 0.99))
    assert announcer.observations(track, collected, Time(START + SECOND), ended=True) == ()


def test_nothing_is_announced_before_it_is_due() -> None:
    announcer, track, collected = _announcer(verdict_after_s=4.0), _track(), _track_reading(_reading("AE1234KB", 0.7))
    assert announcer.observations(track, collected, Time(START + 3 * SECOND), ended=False) == ()
    assert len(announcer.observations(track, collected, Time(START + 5 * SECOND), ended=False)) == 1


def test_a_broken_track_makes_no_second_observation() -> None:
    announcer, collected = _announcer(same_plate_s=30), _track_reading(_reading("AE1234KB", 0.95))
    assert len(announcer.observations(_track(1), collected, START, ended=True)) == 1
    part = _track_reading(_reading("E1234KB", 0.75))
    assert announcer.observations(_track(2), part, Time(START + 2 * SECOND), ended=True) == ()
    again = _track_reading(_reading("AE1234KB", 0.95))
    assert len(announcer.observations(_track(3), again, Time(START + 40 * SECOND), ended=True)) == 1
    assert (announcer.announced, announcer.repeated) == (2, 1)


def test_a_track_that_goes_over_to_another_vehicle_is_read_anew() -> None:
    announcer, track = _announcer(same_plate_s=30), _track()
    sure = _track_reading(_reading("AE1234KB", 0.95), _reading("AE1234KB", 0.95))
    assert len(announcer.observations(track, sure, START, ended=False)) == 1
    announcer.let_go(track)
    assert not announcer.is_done(track.id)
    assert announcer.observations(track, sure, Time(START + 5 * SECOND), ended=False) == ()
    announcer.let_go(track)
    other = _track_reading(_reading("B68SPK", 0.95), _reading("B68SPK", 0.95))
    (read,) = announcer.observations(track, other, Time(START + 9 * SECOND), ended=False)
    assert read.best.text == "B68SPK"


def test_what_is_too_unsure_is_not_announced() -> None:
    announcer = _announcer(least_confidence=0.5)
    assert announcer.observations(_track(), _track_reading(_reading("AE1234KB", 0.3)), START, ended=True) == ()


def test_another_vehicles_plate_is_an_observation_of_its_own_and_no_alternative() -> None:
    announcer = _announcer()
    collected = _track_reading(
        _reading("PH20CNP", 0.95), _reading("B68SPK", 0.93, at_s=2), _reading("PH20CNP", 0.94), _reading("PH2OCNP", 0.6)
    )
    first, second = announcer.observations(_track(), collected, START, ended=True)
    assert (first.best.text, second.best.text) == ("PH20CNP", "B68SPK")
    assert (first.frames_read, second.frames_read) == (3, 1)
    assert [other.text for other in first.alternatives] == ["PH2OCNP"]
    assert second.alternatives == ()
    assert second.first_seen == START + 2 * SECOND


def test_a_passing_word_is_neither_an_observation_nor_an_alternative() -> None:
    collected = _track_reading(_reading("PH20CNP", 0.95), _reading("24HSERV", 0.7), _reading("PH20CNP", 0.95))
    (verdict,) = collected.verdicts()
    assert (verdict.best.text, verdict.alternatives) == ("PH20CNP", ())


def test_a_frame_that_cut_the_plate_off_votes_for_the_letters_that_it_has() -> None:
    (verdict,) = _track_reading(
        _reading("AE1284KB", 0.72, weak="8"), _reading("1234KB", 0.7), _reading("E1234KB", 0.7)
    ).verdicts()
    assert verdict.best.text == "AE1234KB"


def test_a_frame_s_second_thought_votes_too() -> None:
    doubtful = [_reading("ETY160", 0.6, weak="6")] * 2
    sure = _reading("ETY140", 0.6, weak="4")
    thought = [replace(reading, alternatives=(PlateText("ETY140", 0.55),)) for reading in doubtful]
    (without,) = _track_reading(*doubtful, sure).verdicts()
    (with_it,) = _track_reading(*thought, sure).verdicts()
    assert (without.best.text, with_it.best.text) == ("ETY160", "ETY140")


def test_a_format_makes_no_letter_up() -> None:
    readings = [_reading("AE1234K8", 0.8), _reading("AE1234K8", 0.8)]
    (verdict,) = _track_reading(*readings).verdicts()
    assert verdict.best.text == "AE1234K8"


def test_what_is_known_of_a_plate_is_kept_when_the_whole_is_not() -> None:
    readings = [_reading(f"AE12{digit}4KB", 0.4, weak=digit) for digit in "3879"]
    announcer = _announcer()
    assert announcer.observations(_track(), _track_reading(*readings), START, ended=False) == ()
    (read,) = announcer.observations(_track(), _track_reading(*readings), START, ended=True)
    assert read.best.text == "AE12?4KB"
    assert read.best.confidence < 0.8
    assert {other.text for other in read.alternatives} <= {reading.text.text for reading in readings}


@pytest.mark.parametrize(
    "texts",
    [
        ("AE1234KB",),
        ("AE1234KB", "AE5678KB", "AE9012KB"),
        ("SALE50", "SALE70", "SALE20"),
    ],
)
def test_no_part_is_made_of_a_single_frame_of_too_little_or_of_a_word(texts: tuple[str, ...]) -> None:
    readings = [_reading(text, 0.3, weak=text[2:6] if len(texts) > 1 else text) for text in texts]
    assert _announcer().observations(_track(), _track_reading(*readings), START, ended=True) == ()


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("PH20CNP", "B68SPK", False),
        ("AE1234KB", "AE1284KB", True),
        ("AE1234KB", "E1234K8", True),
        ("AE1234KB", "1234", True),
        ("BH3036BH", "BH1768H0", False),
        ("TL05XYZ", "TL43UWX", False),
    ],
)
def test_what_can_be_one_plate(one: str, other: str, may_be: bool) -> None:
    assert may_be_one_plate(one, other) is may_be
    assert may_be_one_plate(other, one) is may_be


def test_a_worse_reading_at_the_same_place_is_left_out_and_a_really_different_plate_comes() -> None:
    announcer = _announcer()

    def announced(number: int, text: str, confidence: float, at_s: float) -> list[str]:
        collected, now = _track_reading(_reading(text, confidence, at_s=at_s)), Time(START + round(at_s * SECOND))
        return [read.best.text for read in announcer.observations(_track(number), collected, now, ended=True)]

    assert announced(1, "AE1234KB", 0.95, 0) == ["AE1234KB"]
    assert announced(2, "AE1284KB", 0.9, 4) == []
    assert announced(3, "1234K8", 0.9, 5) == []
    assert announced(4, "AE9934KC", 0.9, 6) == ["AE9934KC"]
    assert announced(5, "AE1284KB", 0.9, 20) == ["AE1284KB"]


def test_a_plate_that_was_announced_as_a_part_comes_again_whole() -> None:
    announcer = _announcer()
    assert len(announcer.observations(_track(1), _track_reading(_reading("E1234KB", 0.75)), START, ended=True)) == 1
    (read,) = announcer.observations(_track(2), _track_reading(_reading("AE1234KB", 0.95)), START, ended=True)
    assert read.best.text == "AE1234KB"


def test_what_one_frame_alone_shows_must_be_surer() -> None:
    once, twice = _track_reading(_reading("AE1234KB", 0.65)), _track_reading(*[_reading("AE1234KB", 0.65)] * 2)
    assert _announcer().observations(_track(), once, START, ended=True) == ()
    assert len(_announcer().observations(_track(), twice, START, ended=True)) == 1


def test_what_an_announcer_remembers_is_bounded() -> None:
    announcer = _announcer(same_plate_s=1e6)
    for number in range(1000):
        collected = _track_reading(_reading(f"AE{1000 + 9 * number}KB", 0.95))
        announcer.observations(_track(number), collected, Time(START + 60 * number * SECOND), ended=True)
    assert announcer.is_done("t999")
    assert not announcer.is_done("t700")


def test_a_parked_vehicle_is_not_announced_again_after_hundreds_of_others() -> None:
    announcer, parked = _announcer(same_plate_s=30), _track(0)
    sure = _track_reading(_reading("AE1234KB", 0.95), _reading("AE1234KB", 0.95))
    assert len(announcer.observations(parked, sure, START, ended=False)) == 1
    for number in range(1, 500):
        now = Time(START + 60 * number * SECOND)
        passing = _track_reading(_reading(f"BH{1000 + 9 * number}KX", 0.95))
        announcer.observations(_track(number), passing, now, ended=True)
        assert announcer.observations(parked, sure, now, ended=False) == ()
