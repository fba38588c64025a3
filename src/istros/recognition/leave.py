"""What may be looked for at a camera: as its assessment covers it, and nothing while it looks elsewhere (rules L18, L20)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leave:
    """Which analysis of a camera's pictures may run; the health of its picture is looked at in any case."""

    vehicles: bool = True
    plates: bool = True
    people: bool = True
    faces: bool = True

    @property
    def any(self) -> bool:
        """Whether anything may be looked for at all."""
        return self.vehicles or self.plates or self.people or self.faces


EVERYTHING = Leave()
NOTHING = Leave(vehicles=False, plates=False, people=False, faces=False)
