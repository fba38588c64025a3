"""Picture health on a real clip: each fault is told as what it is, and what streets do is not told at all."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import cv2
import numpy as np
import pytest

from istros.base.time import HOUR, SECOND, Time
from istros.recognition.picture import Picture
from istros.recognition.picture_health import PictureHealth, slot_of
from istros.recognition.picture_reference import Reference
from istros.sim.clips import clips
from tools.measure_picture_health import frames_of, moved, texture, walk

START = Time(1_795_510_800_000_000)
LEARN_S = 100

Change = Callable[[Picture, int], Picture]


@pytest.fixture(scope="module")
def film() -> list[Picture]:
    return frames_of(clips()[0].sub_path)


@pytest.fixture(scope="module")
def learnt(film: list[Picture]) -> PictureHealth:
    health = PictureHealth()
    for second, picture in zip(range(LEARN_S), walk(film, 1.5, 1), strict=False):
        health.see(picture, Time(START + second * SECOND))
    return health


def told(learnt: PictureHealth, film: list[Picture], change: Change, seconds: int = 40) -> dict[str, float]:
    """How bad each thing was at the median of these seconds; `frozen` at the last."""
    health, looks = deepcopy(learnt), walk(film, 1.5, 2)
    found: dict[str, list[float]] = {}
    for second in range(seconds):
        picture = change(next(looks), second)
        measures = health.see(picture, Time(START + (LEARN_S + second) * SECOND))
        assert measures is not None
        for kind, value in measures.badness.items():
            found.setdefault(kind, []).append(-1.0 if value is None else value)
    return {kind: values[-1] if kind == "frozen" else float(np.median(values)) for kind, values in found.items()}


FAULTS: dict[str, tuple[str, Change]] = {
    "cloth": ("covered", lambda p, s: texture(p.shape, 3, 6)),
    "spray": ("covered", lambda p, s: np.full_like(p, 120)),
    "two thirds": ("covered", lambda p, s: np.hstack([texture(p.shape, 5, 6)[:, :430], p[:, 430:]])),
    "pushed": ("moved", lambda p, s: moved(p, 0.05, 0.02)),
    "turned": ("moved", lambda p, s: moved(p, 0.0, 0.0, 8.0)),
    "blurred": ("defocused", lambda p, s: np.asarray(cv2.GaussianBlur(p, (0, 0), 3.0), np.uint8)),
    "lights off": ("dark", lambda p, s: (16 + p * 0.02).astype(np.uint8)),
}
HARMLESS: dict[str, Change] = {
    "nothing": lambda p, s: p,
    "half the light": lambda p, s: (p * 0.6).astype(np.uint8),
    "headlights": lambda p, s: np.clip(p.astype(np.int16) + 90 * (s % 5 == 0), 0, 255).astype(np.uint8),
    "noise": lambda p, s: np.clip(p + np.random.default_rng(s).normal(0, 8, p.shape), 0, 255).astype(np.uint8),
    "sways": lambda p, s: moved(p, 0.005 * np.sin(s), 0.003 * np.cos(s)),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_is_told_as_what_it_is(learnt: PictureHealth, film: list[Picture], name: str) -> None:
    kind, change = FAULTS[name]
    found = told(learnt, film, change)
    assert found[kind] > 0.5
    assert [other for other, value in found.items() if value > 0.5 and other not in (kind, "frozen")] == []


@pytest.mark.parametrize("name", list(HARMLESS))
def test_what_streets_do_is_not_told(learnt: PictureHealth, film: list[Picture], name: str) -> None:
    found = told(learnt, film, HARMLESS[name])
    assert {kind: value for kind, value in found.items() if value > 0.5} == {}


def test_a_frozen_picture_is_told_in_seconds(learnt: PictureHealth, film: list[Picture]) -> None:
    assert told(learnt, film, lambda p, s: film[0])["frozen"] == pytest.approx(39, abs=2)
    assert told(learnt, film, lambda p, s: film[0] if s < 30 else p)["frozen"] == 0


def test_a_picture_that_always_stands_still_cannot_be_called_frozen(film: list[Picture]) -> None:
    health = PictureHealth()
    for second in range(200):
        measures = health.see(film[0], Time(START + second * SECOND))
    assert measures is not None and measures.badness["frozen"] is None


def test_a_fault_is_not_learnt_and_a_person_can_have_it_learnt_anew(learnt: PictureHealth, film: list[Picture]) -> None:
    health, looks = deepcopy(learnt), walk(film, 1.5, 3)
    now = START
    for second in range(300):
        now = Time(START + (LEARN_S + second) * SECOND)
        measures = health.see(moved(next(looks), 0.1, 0.05), now)
    assert measures is not None and measures.badness["moved"] == 1.0
    health.forget(now)
    for second in range(1, 80):
        measures = health.see(moved(next(looks), 0.1, 0.05), Time(now + second * SECOND))
    assert measures is not None and measures.badness["moved"] == 0.0
    for second in range(80, 100):
        measures = health.see(next(looks), Time(now + second * SECOND))
    assert measures is not None and measures.badness["moved"] == 1.0


def test_the_reference_survives_a_restart(learnt: PictureHealth, film: list[Picture]) -> None:
    (slot, reference), *_ = deepcopy(learnt).unsaved()
    assert slot == slot_of(START) == "09"
    packed = reference.packed()
    assert len(packed) < 40_000
    again = PictureHealth({slot: Reference.unpacked(reference.learned, reference.updated, reference.looks, packed)})
    assert told(again, film, HARMLESS["nothing"])["moved"] == 0.0
    assert told(again, film, FAULTS["pushed"][1])["moved"] == 1.0
    with pytest.raises(ValueError, match="reference"):
        Reference.unpacked(START, START, 1, b"nonsense")


def test_another_part_of_the_day_begins_with_what_is_known(learnt: PictureHealth, film: list[Picture]) -> None:
    health = deepcopy(learnt)
    measures = health.see(film[0], Time(START + 12 * HOUR))
    assert measures is not None and (measures.badness["moved"], measures.badness["covered"]) == (0.0, 0.0)


def test_before_enough_was_seen_only_darkness_can_be_told(film: list[Picture]) -> None:
    health = PictureHealth()
    measures = health.see(film[0], START)
    assert measures is not None
    assert measures.badness == {"covered": None, "moved": None, "defocused": None, "dark": 0.0, "frozen": None}
    assert health.see(film[1], Time(START + SECOND // 5)) is None, "one look a second is enough"
