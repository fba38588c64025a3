"""One camera's people in the running analyser: after plates, within the budget that plates leave, and for no longer than allowed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

import structlog

from istros.base.time import Time
from istros.devices.camera import Camera
from istros.recognition.appearance.person_seen import PersonSeen
from istros.recognition.faces.face_watch import FaceCandidate, FaceWatch
from istros.recognition.faces.track_faces import TrackFaces
from istros.recognition.leave import EVERYTHING, Leave
from istros.recognition.people_desk import MOST_WAITING, FaceTally, PeopleDesk, PeopleReport
from istros.recognition.people_watch import PeopleWatch
from istros.recognition.picture import Picture
from istros.recognition.tracker import Track

HEAD_S = 0.02
"""Seconds that a look at one head costs, its share of decoding included (docs/benchmarks/faces.md: 15 ms)."""

_LEAST_HITS = 3
"""Detections from which a track counts as somebody who passed."""

_log = structlog.get_logger(__name__)
InWorker = Callable[..., Awaitable[object]]


@dataclass(slots=True)
class PeopleTask:
    """Looks at faces when there is leave and budget, compares them, and gathers what may be kept."""

    camera: Camera
    desk: PeopleDesk
    new_id: Callable[[], str]
    watch: PeopleWatch = field(init=False)
    _faces: FaceWatch = field(init=False)
    _people: list[PersonSeen] = field(default_factory=list)
    _candidates: list[FaceCandidate] = field(default_factory=list)
    _counted: int = 0
    _tally: FaceTally = field(default_factory=FaceTally)
    lost: int = 0
    leave: Leave = EVERYTHING

    def __post_init__(self) -> None:
        """Nothing may be done before the desk says so."""
        self.watch = PeopleWatch(self.camera.id, self.new_id, self.desk.models, zone=self.camera.face_zone)
        self._faces = FaceWatch(self.camera.id, self.new_id)

    def follow_desk(self) -> None:
        """Take over what the desk allows now; what was gathered under a leave that is gone goes with it."""
        wanted, faces = self.desk.functions, self.leave.faces
        functions = replace(
            wanted, faces=wanted.faces and faces, age_and_sex=wanted.age_and_sex and faces,
            matching=wanted.matching and faces, appearance=wanted.appearance and self.leave.people,
        )  # fmt: skip
        self.watch.use(functions, self.desk.models)

    def due(self, seen: Iterable[Track], rows: int, time: Time) -> list[Track]:
        """Whose faces are worth a look now; none where the camera has no face zone."""
        if not self.camera.face_zone or not (self.desk.functions.faces and self.leave.faces):
            return []
        return self.watch.due(seen, rows, time)

    def look(self, picture: Picture, tracks: list[Track], time: Time) -> None:
        """Look at heads in a picture and compare what is new; runs in a worker."""
        before = {track.id: self._seen_of(track) for track in tracks}
        self.watch.look_at_faces(picture, tracks, time)
        for track in tracks:
            faces = self.watch.gathered(track.id)
            if faces is not None:
                self._tally.seen += faces.seen - before[track.id]
                self._compare(track, faces, ended=False)

    def end(self, ended: Iterable[Track]) -> None:
        """Tracks that are over: a last comparison, what may be said of the person, and nothing left of either; in a worker."""
        for track in ended:
            if track.label != "person":
                continue
            faces = self.watch.gathered(track.id)
            if faces is not None and self.leave.faces:
                self._compare(track, faces, ended=True)
                self._tally.still += faces.is_still_picture
                self._tally.refused += faces.refused_because is not None
            self._faces.forget(track.id)
            person = self.watch.ended(track)
            if self.desk.counts and self.leave.people and track.hits >= _LEAST_HITS:
                self._counted += 1
            if person is not None and self.leave.people and track.hits >= _LEAST_HITS:
                self._people.append(person)
        self._bound()

    def forget(self, track: Track) -> None:
        """A track that is over without a word: nothing of the person is left."""
        self._faces.forget(track.id)
        self.watch.forget(track)

    def take(self) -> PeopleReport:
        """What was gathered since the last time."""
        report = PeopleReport(self.camera.id, tuple(self._people), self._counted, tuple(self._candidates), self._tally)
        self._people, self._candidates, self._counted, self._tally = [], [], 0, FaceTally()
        return report

    def give_back(self, report: PeopleReport) -> None:
        """It was not taken, and waits before what came since."""
        self._people = [*report.people, *self._people]
        self._candidates = [*report.candidates, *self._candidates]
        self._counted += report.counted
        for name in ("seen", "compared", "candidates", "still", "refused"):
            setattr(self._tally, name, getattr(self._tally, name) + getattr(report.tally, name))
        self._bound()

    def _compare(self, track: Track, faces: TrackFaces, ended: bool) -> None:
        embedder = self.desk.embedder
        if embedder is None or not self._faces.is_due(track.id, faces, ended):
            return
        count, found = self._faces.compare(track.id, faces, self.desk.watched, embedder)
        self._tally.compared += count
        self._tally.candidates += len(found)
        self._candidates += found

    def _seen_of(self, track: Track) -> int:
        faces = self.watch.gathered(track.id)
        return 0 if faces is None else faces.seen

    def _bound(self) -> None:
        for waiting in (self._people, self._candidates):
            over = len(waiting) - MOST_WAITING
            if over > 0:
                self.lost += over
                del waiting[:over]
                _log.error("analyser.people_lost", camera=self.camera.id, lost=self.lost)
