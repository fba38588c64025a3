"""What the analyser may do with people at this moment, and what it brings back: one desk for all cameras.

Functions come from the deployment profile in force, the faces to compare with from released entries and operations; both
are renewed while the analyser runs. A face is looked for only where something is done with it. docs/design/0034.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from istros.base.time import Time
from istros.compliance.deployment import STRICTEST, PeopleFunctions
from istros.recognition.appearance.person_seen import PersonSeen
from istros.recognition.faces.embedder import FaceEmbedder, FaceTemplate
from istros.recognition.faces.face_watch import FaceCandidate
from istros.recognition.people_watch import PeopleModels

MOST_WAITING = 300
"""Observations of people that wait while the store does not take them; the oldest give way, and are counted."""


@dataclass(frozen=True, slots=True)
class WatchedFace:
    """A face that may be compared with: of which entry, under which operation, and whether a camera may at a moment."""

    entry_id: str
    operation_id: str
    template: FaceTemplate = field(repr=False)
    covers: Callable[[str, Time], bool] = field(repr=False)


@dataclass(slots=True)
class FaceTally:
    """What was done with faces since the last report: numbers and nothing else (rule L5)."""

    seen: int = 0
    compared: int = 0
    candidates: int = 0
    still: int = 0
    """Posters and screens, which are not compared."""
    refused: int = 0
    """Tracks none of whose faces was good enough to be compared."""


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What one camera brings back."""

    camera_id: str
    people: tuple[PersonSeen, ...] = ()
    counted: int = 0
    """People who passed, described or not."""
    candidates: tuple[FaceCandidate, ...] = ()
    tally: FaceTally = field(default_factory=FaceTally)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.people or self.counted or self.candidates or self.tally != FaceTally())


KeepPeople = Callable[[list[PeopleReport]], Awaitable[None]]


class PeopleDesk:
    """What may be done now; renewed by whoever knows the profile, read by every camera's task."""

    def __init__(self, keep: KeepPeople) -> None:
        self.keep = keep
        self.functions = STRICTEST
        self.counts = False
        """Whether people who pass may be counted."""
        self.watched: tuple[WatchedFace, ...] = ()
        self.models = PeopleModels(None, None)
        self._embedder: FaceEmbedder | None = None

    def allow(self, functions: PeopleFunctions, watched: Sequence[WatchedFace], *, counts: bool) -> None:
        """What may be done from now on. Loads what it needs for it and lets go of the rest; runs in a worker.

        Faces are looked for only to be compared with somebody or to be described, whatever the profile would allow.
        """
        comparing = functions.matching and bool(watched)
        wanted = replace(functions, faces=functions.faces and (comparing or functions.age_and_sex), matching=comparing)
        if wanted != self.functions:
            self.models = PeopleModels.allowed_by(wanted)
        if comparing and self._embedder is None:
            self._embedder = FaceEmbedder()
        self.functions, self.counts = wanted, counts
        self.watched = tuple(watched) if comparing else ()

    @property
    def embedder(self) -> FaceEmbedder | None:
        """Makes templates; None while nothing may be compared."""
        return self._embedder if self.watched else None
