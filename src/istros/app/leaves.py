"""What may be looked for at each camera: as its assessment covers it, and nothing while it looks elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from istros.compliance.assessments import Clearance, Use
from istros.recognition.analyser import Analyser
from istros.recognition.leave import NOTHING, Leave


class Leaves:
    """Joins both, and hands them to everything that looks."""

    def __init__(self) -> None:
        self._eyes: Sequence[Analyser] = ()
        self._held: Mapping[str, Clearance] = {}
        self._paused: frozenset[str] = frozenset()

    def hand_to(self, eyes: Sequence[Analyser]) -> None:
        """Who looks; they are told at once."""
        self._eyes = eyes
        self._tell()

    def use_clearances(self, held: Mapping[str, Clearance]) -> None:
        """What the assessments cover from now on."""
        self._held = held
        self._tell()

    def use_pauses(self, paused: frozenset[str]) -> None:
        """Which cameras are paused from now on."""
        self._paused = paused
        self._tell()

    def of(self, camera_id: str) -> Leave:
        """What may be looked for at a camera; nothing at one that nobody assessed."""
        held = self._held.get(camera_id)
        return NOTHING if held is None or camera_id in self._paused else leave_of(held)

    def _tell(self) -> None:
        leaves = {camera_id: self.of(camera_id) for camera_id in self._held}
        for eye in self._eyes:
            eye.use_leaves(leaves)


def leave_of(clearance: Clearance) -> Leave:
    """What may be looked for at a camera by its assessment."""
    uses = clearance.uses
    return Leave(
        vehicles=Use.VEHICLES in uses, plates=Use.PLATES in uses, people=Use.PEOPLE in uses, faces=Use.FACES in uses
    )
