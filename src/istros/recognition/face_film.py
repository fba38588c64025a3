"""One person's face looked for in what a camera recorded, by the parts that look live: detector, tracker, faces of a track.

A track is compared once, when it has ended, by its best faces; its template lives as long as that comparison. What is not
near enough leaves a number and nothing else. Plain code for a worker, one call at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from istros.base.time import SECOND, Time
from istros.compliance.deployment import PeopleFunctions
from istros.recognition.detector import DetectorLike
from istros.recognition.faces.detector import FaceDetector
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.faces.face_watch import FaceCandidate, FaceWatch
from istros.recognition.main_pictures import FrameLike
from istros.recognition.motion import MotionGate
from istros.recognition.people_watch import PeopleModels, PeopleWatch
from istros.recognition.tracker import Track, Tracker
from istros.recognition.zones import PictureZones

LOOKS_PER_SECOND = 4
"""Pictures a second that are looked at where something moves: a head is looked at twice a second at most."""

_STILL_LOOK = 2 * SECOND
"""Where nothing moves but somebody is there, the detector looks again after this long."""

_APART = 3 * SECOND
"""After so long without pictures nobody is followed on: the longest that the tracker waits for anybody."""

_SCORE = 0.25
_ONLY_FACES = PeopleFunctions(faces=True, matching=True)


@dataclass(frozen=True, slots=True)
class SoughtFace:
    """Whom a search looks for: whose key seals what it finds (`entry_id`), under which release; everywhere it reaches."""

    entry_id: str
    operation_id: str
    template: FaceTemplate = field(repr=False)

    def covers(self, camera_id: str, time: Time) -> bool:
        """The search itself says where and when it reaches."""
        return True


@dataclass(frozen=True, slots=True)
class FilmEyes:
    """The nets of a search; safe to share."""

    detector: DetectorLike
    faces: FaceDetector
    embedder: FaceEmbedder


@dataclass(slots=True)
class FilmTally:
    """What a stretch was worth: pictures looked at, faces seen, tracks with a face, those compared, those that could not be."""

    pictures: int = 0
    faces: int = 0
    tracks: int = 0
    compared: int = 0
    still: int = 0
    """Posters and screens."""
    refused: int = 0
    """Tracks none of whose faces was good enough."""


class FaceFilm:
    """Looks through what one camera recorded. `see` each picture in order, take what it comes to, and `close` at the end.

    Whoever is in the picture when something is taken is followed on: their track is told once, when it has ended.
    """

    def __init__(
        self, camera_id: str, zones: PictureZones, eyes: FilmEyes, sought: SoughtFace, new_id: Callable[[], str]
    ) -> None:
        self._zones, self._eyes, self._sought = zones, eyes, sought
        self._gate = MotionGate(zones)
        self._tracker = Tracker(new_id)
        self._people = PeopleWatch(camera_id, new_id, PeopleModels(eyes.faces, None), _ONLY_FACES)
        self._watch = FaceWatch(camera_id, new_id)
        self._looked: Time | None = None
        self._last: Time | None = None
        self._tally = FilmTally()
        self._found: list[FaceCandidate] = []

    @property
    def open_since(self) -> Time | None:
        """When the first of those came who are still followed; None: nobody is."""
        return min((track.first_seen for track in self._tracker.tracks), default=None)

    def use(self, zones: PictureZones) -> None:
        """The zones that hold from here on."""
        if zones != self._zones:
            self._zones = zones
            self._gate.use(zones)

    def see(self, frame: FrameLike) -> None:
        """The next picture; what nobody looks at is blank in it."""
        self.reach(frame.time)
        self._last = frame.time
        change = self._gate.see(frame.luma)
        if change.cut:
            self._end(self._tracker.close())
        rested = self._looked is None or frame.time - self._looked >= _STILL_LOOK
        if not change.moved and not (rested and (self._looked is None or self._tracker.tracks)):
            self._tracker.rest(frame.time)
            return
        self._looked = frame.time
        picture = self._zones.hide(frame.bgr())
        tracked = self._tracker.update(self._eyes.detector.detect(picture, _SCORE), frame.time)
        self._people.look_at_faces(picture, self._people.due(tracked.seen, picture.shape[0], frame.time), frame.time)
        self._end(tracked.ended)
        self._tally.pictures += 1

    def reach(self, time: Time) -> None:
        """There is no picture until then: after a while nobody who was there counts as the same any more."""
        if self._last is not None and time - self._last > _APART:
            self.close()

    def close(self) -> None:
        """Every track ends."""
        self._end(self._tracker.close())

    def taken(self) -> tuple[FilmTally, list[FaceCandidate]]:
        """What the tracks came to that ended since the last time, and what was looked at for it."""
        taken = self._tally, self._found
        self._tally, self._found = FilmTally(), []
        return taken

    def _end(self, ended: Iterable[Track]) -> None:
        for track in ended:
            faces = self._people.faces_of(track.id)
            if faces is not None:
                self._tally.faces += faces.seen
                self._tally.tracks += 1
                self._tally.still += faces.is_still_picture
                self._tally.refused += faces.refused_because is not None
                if self._watch.is_due(track.id, faces, ended=True):
                    count, found = self._watch.compare(track.id, faces, [self._sought], self._eyes.embedder)
                    self._tally.compared += count
                    self._found += found
            self._watch.forget(track.id)
            self._people.ended(track)
