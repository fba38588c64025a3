"""One camera's people, as far as its node's deployment profile allows: faces, age and sex, appearance.

Plain code that runs where the frames are, one call at a time. A face is looked for at the head of a person who is followed,
which costs a tenth of looking through the whole frame; nothing is loaded or looked at that the profile does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from istros.base.time import SECOND, Time
from istros.compliance.deployment import STRICTEST, PeopleFunctions
from istros.devices.camera import Zone
from istros.devices.polygon import contains
from istros.recognition.appearance.person_seen import AppearanceWatch, PersonSeen
from istros.recognition.direction import direction_of
from istros.recognition.faces.age_sex import AgeSexEstimator
from istros.recognition.faces.detector import FaceDetector, FaceZone
from istros.recognition.faces.face import Face
from istros.recognition.faces.quality import LEAST_COMPARED_PX
from istros.recognition.faces.track_faces import TrackFaces, look_at
from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.tracker import Track

_BETWEEN_LOOKS = SECOND // 2
_MOST_A_FRAME = 3
"""Heads searched in one frame, those longest without a look first: the cost of a crowd is bounded."""

_CROWD = 8
"""Of more people than this the zone is searched in tiles: one costs as much as nine heads (docs/benchmarks/faces.md)."""

_LEAST_BODY_PX = 120
"""A body of this height has a face of some 16 pixels, below which nothing is found."""

_HEAD = 0.4
_AROUND = 0.25
"""Shares of a body's height searched for its face, and of its width added on each side and above."""


@dataclass(frozen=True, slots=True)
class PeopleModels:
    """The models that a profile's functions need; None where it does not allow them."""

    detector: FaceDetector | None
    estimator: AgeSexEstimator | None

    @classmethod
    def allowed_by(cls, functions: PeopleFunctions, folder: Path = MODELS_FOLDER) -> PeopleModels:
        """Load what may run, and nothing else."""
        return cls(
            FaceDetector(folder) if functions.faces else None,
            AgeSexEstimator(folder) if functions.age_and_sex else None,
        )


class PeopleWatch:
    """Gathers what may be known of each person until their track ends."""

    def __init__(
        self,
        camera_id: str,
        new_id: Callable[[], str],
        models: PeopleModels,
        functions: PeopleFunctions = STRICTEST,
        zone: tuple[Zone, ...] = (),
    ) -> None:
        """`zone` is where faces are looked for; empty: in the whole picture."""
        self._zone = zone
        self._camera_id, self._new_id, self._models, self._functions = camera_id, new_id, models, functions
        self._appearance = AppearanceWatch(camera_id)
        self._faces: dict[str, TrackFaces] = {}
        self._looked: dict[str, Time] = {}

    def use(self, functions: PeopleFunctions, models: PeopleModels) -> None:
        """What is allowed from now on; faces gathered under a leave that is gone are dropped."""
        if not functions.faces:
            self._faces.clear()
        self._functions, self._models = functions, models

    def see(self, frame: Picture, tracks: Iterable[Track], detections: Iterable[Detection], time: Time) -> None:
        """Take the tracks that were seen in a BGR frame, and all that was detected in it."""
        people = [track for track in tracks if track.label == "person"]
        self.see_bodies(frame, people, detections)
        if self._functions.faces:
            self.look_at_faces(frame, self.due(people, frame.shape[0], time), time)

    def see_bodies(self, frame: Picture, tracks: Iterable[Track], detections: Iterable[Detection]) -> None:
        """Clothes and bags, in the frame in which the people were found."""
        if self._functions.appearance:
            self._appearance.see(frame, [track for track in tracks if track.label == "person"], detections)

    def look_at_faces(self, frame: Picture, tracks: Iterable[Track], time: Time) -> None:
        """Look for the faces of those who are due, first of whom waited longest; the frame may be a sharper one of the same moment.

        Heads are searched one by one; of a crowd the whole zone is, in tiles: then each face goes to the one it fits best.
        """
        detector, people = self._models.detector, list(tracks)
        if detector is None or not people:
            return
        if len(people) <= _CROWD:
            for track in people[:_MOST_A_FRAME]:
                self._look(detector, frame, track, time)
            return
        faces = detector.detect_in_zone(frame, FaceZone(self._bounds(), LEAST_COMPARED_PX / 2))
        for track in people:
            self._looked[track.id] = time
        for face in faces:
            owner = max(people, key=lambda each: _belonging(face, each.box_at(time) or each.box, frame))
            if _belonging(face, owner.box_at(time) or owner.box, frame) > 0:
                self._faces.setdefault(owner.id, TrackFaces()).add(look_at(frame, face, time))

    def gathered(self, track_id: str) -> TrackFaces | None:
        """The best faces of a track so far, to be judged and counted."""
        return self._faces.get(track_id)

    def faces_of(self, track_id: str) -> TrackFaces | None:
        """The best faces of a track that is still followed, for comparing. Raises `FunctionNotAllowed`."""
        self._functions.demand("matching")
        return self._faces.get(track_id)

    def ended(self, track: Track) -> PersonSeen | None:
        """The observation of a person's track that has ended, and the end of all that was gathered for it.

        None where the profile allows nothing to be said, or nothing was seen.
        """
        faces = self._faces.pop(track.id, None)
        self._looked.pop(track.id, None)
        seen = self._appearance.ended(track, self._new_id())
        person = None
        if faces is not None and self._models.estimator is not None and not faces.is_still_picture:
            person = faces.age_and_sex(self._models.estimator)
        if seen is None and person is None:
            return None
        return PersonSeen(
            id=self._new_id() if seen is None else seen.id,
            camera_id=self._camera_id,
            track_id=track.id,
            first_seen=track.first_seen,
            last_seen=track.last_seen,
            box=track.box,
            height_px=0 if seen is None else seen.height_px,
            direction=direction_of(track),
            appearance=None if seen is None else seen.appearance,
            age_sex=person,
        )

    def forget(self, track: Track) -> None:
        """The end of all that was gathered for a track, and nothing said of the person."""
        self._faces.pop(track.id, None)
        self._looked.pop(track.id, None)
        self._appearance.ended(track, "")

    def due(self, people: Iterable[Track], rows: int, time: Time) -> list[Track]:
        """Whose head is worth a look: in the zone, near enough, not looked at just now; who waits longest comes first."""
        waiting = [
            (self._looked.get(track.id, Time(0)), track)
            for track in people
            if track.label == "person"
            and self._in_zone(track.box)
            and (track.box.bottom - track.box.top) * rows >= _LEAST_BODY_PX
            and time - self._looked.get(track.id, Time(time - _BETWEEN_LOOKS)) >= _BETWEEN_LOOKS
        ]
        return [track for _, track in sorted(waiting, key=lambda pair: pair[0])]

    def _in_zone(self, person: Box) -> bool:
        """Whether a person's head lies where faces are looked for."""
        x, y = (person.left + person.right) / 2, person.top + (person.bottom - person.top) * _HEAD / 4
        return not self._zone or any(contains(zone, x, y) for zone in self._zone)

    def _bounds(self) -> Box:
        corners = [corner for zone in self._zone for corner in zone] or [(0.0, 0.0), (1.0, 1.0)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(across), min(down), max(across), max(down))

    def _look(self, detector: FaceDetector, frame: Picture, track: Track, time: Time) -> None:
        self._looked[track.id] = time
        box = track.box_at(time) or track.box
        left, top, right, bottom = _head_region(box, frame.shape[1], frame.shape[0])
        faces = detector.detect(frame[top:bottom, left:right])
        own = max(faces, key=lambda face: _belonging(face.moved(left, top), box, frame), default=None)
        if own is not None:
            look = look_at(frame, own.moved(left, top), time)
            self._faces.setdefault(track.id, TrackFaces()).add(look)


def _head_region(person: Box, columns: int, rows: int) -> tuple[int, int, int, int]:
    """Where a person's face is looked for, pixels."""
    width, height = (person.right - person.left) * columns, (person.bottom - person.top) * rows
    # A person cut off by the picture's lower edge is taller than the box shows.
    down = max(_HEAD * height, width)
    left, right = person.left * columns - _AROUND * width, person.right * columns + _AROUND * width
    top, bottom = person.top * rows - _AROUND * width, person.top * rows + down
    return max(0, int(left)), max(0, int(top)), min(columns, int(right) + 1), min(rows, int(bottom) + 1)


def _belonging(face: Face, person: Box, frame: Picture) -> float:
    """How likely a face is this person's: near the middle of their box and its upper edge, and sure."""
    columns, rows = frame.shape[1], frame.shape[0]
    width = max(1e-6, (person.right - person.left) * columns)
    across = abs((face.left + face.right) / 2 - (person.left + person.right) / 2 * columns) / width
    down = abs(face.top - person.top * rows) / width
    return float(face.score - across - down)
