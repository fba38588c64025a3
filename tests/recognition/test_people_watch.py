"""What is gathered of a camera's people, under profiles that allow it and one that does not."""

from __future__ import annotations

from itertools import count

import pytest

from istros.base.time import SECOND, Time
from istros.compliance.deployment import SIMULATED_CITY, STRICTEST, FunctionNotAllowed, PeopleFunctions
from istros.recognition.appearance.person_seen import PersonSeen
from istros.recognition.observation import Detection
from istros.recognition.people_watch import PeopleModels, PeopleWatch
from istros.recognition.tracker import Tracker
from tests.recognition.pictures import needs_models
from tests.recognition.simulated_faces import NAME, square
from tools.simulated_people import bodies

pytestmark = needs_models
FRAMES = (40, 50, 60, 70)


def _watched(functions: PeopleFunctions) -> tuple[PeopleWatch, Tracker, dict[str, str]]:
    """The square watched in four frames of its clip, boxes from the truth; who each track is."""
    numbers = count()
    tracker = Tracker(lambda: f"t{next(numbers)}")
    watch = PeopleWatch("square", lambda: f"o{next(numbers)}", PeopleModels.allowed_by(functions), functions)
    names: dict[str, str] = {}
    for number in FRAMES:
        people = bodies(NAME, number, 0.3)
        found = [Detection(box, "person", 0.9) for box in people.values()]
        time = Time(number * SECOND // 12)
        tracked = tracker.update(found, time)
        for track in tracked.seen:
            names[track.id] = next(name for name, box in people.items() if box == track.box)
        watch.see(square(number), tracked.seen, found, time)
        for track in tracked.ended:
            watch.ended(track)
    return watch, tracker, names


def _ended(watch: PeopleWatch, tracker: Tracker, names: dict[str, str]) -> dict[str, PersonSeen | None]:
    return {names[track.id]: watch.ended(track) for track in tracker.close()}


def test_people_are_described_where_the_profile_allows_it() -> None:
    watch, tracker, names = _watched(SIMULATED_CITY)
    followed = {name: track for track, name in names.items()}
    for person in ("w01", "w02", "w03"):
        faces = watch.faces_of(followed[person])
        assert faces is not None and faces.best
    seen = _ended(watch, tracker, names)
    for person in ("w01", "w02", "w03"):
        described = seen[person]
        assert described is not None and described.age_sex is not None
        assert described.appearance is not None and described.appearance.upper
        assert described.camera_id == "square" and described.height_px > 150
    # Nothing stays behind once a track has ended.
    assert all(watch.faces_of(track) is None for track in names)


def test_the_strictest_profile_sees_nobody_and_loads_nothing() -> None:
    models = PeopleModels.allowed_by(STRICTEST)
    assert models.detector is None and models.estimator is None
    watch, tracker, names = _watched(STRICTEST)
    assert set(_ended(watch, tracker, names).values()) == {None}
    with pytest.raises(FunctionNotAllowed, match="comparing faces"):
        watch.faces_of("t0")


def test_each_function_is_allowed_by_itself() -> None:
    watch, tracker, names = _watched(PeopleFunctions(appearance=True))
    seen = [each for each in _ended(watch, tracker, names).values() if each is not None]
    assert seen and all(each.age_sex is None for each in seen)
    assert any(each.appearance is not None for each in seen)


def test_a_look_at_a_head_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, tracker, _ = _watched(PeopleFunctions())
    functions = PeopleFunctions(faces=True)
    models = PeopleModels.allowed_by(functions)
    watch = PeopleWatch("square", lambda: "o", models, functions)
    looks: list[tuple[int, ...]] = []
    assert models.detector is not None
    monkeypatch.setattr(type(models.detector), "detect", lambda self, picture: looks.append(picture.shape) or [])
    tracks = tracker.tracks
    assert len(tracks) > 3
    for step in range(3):
        watch.see(square(70), tracks, [], Time(10 * SECOND + step * SECOND // 10))
    people = sum((track.box.bottom - track.box.top) * 1080 >= 120 for track in tracks)
    assert len(looks) == min(people, 9), "three heads a frame, each at most twice a second"
