"""Which functions about people a node may run: its deployment profile's part that recognition asks.

Without a signed profile the strictest holds, and nothing in code can exceed it (DESIGN, rule 3).
"""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.errors import IstrosError


class FunctionNotAllowed(IstrosError):
    """The node's deployment profile does not allow a function."""

    code = "function-not-allowed"


@dataclass(frozen=True, slots=True)
class PeopleFunctions:
    """What recognition may say of people. Each is off unless the profile names its law."""

    faces: bool = False
    """Find faces and judge their quality. Hiding faces in a redacted export needs no such leave: it only takes away."""
    matching: bool = False
    """Compare faces with open watchlist entries."""
    age_and_sex: bool = False
    """Counts by age band and sex, and a description inside a case."""
    appearance: bool = False
    """Colours of clothes, bag and direction, for search inside a case."""

    def __post_init__(self) -> None:
        """Matching and describing faces include finding them."""
        if (self.matching or self.age_and_sex) and not self.faces:
            raise ValueError("matching, age and sex need faces to be allowed")

    def demand(self, function: str) -> None:
        """Raise `FunctionNotAllowed` unless the function (the name of a field) is allowed."""
        if not getattr(self, function):
            raise FunctionNotAllowed(
                f"The deployment profile of this node does not allow {_NAMES[function]}.",
                "The administrator and the data-protection officer sign a profile that names its legal ground.",
            )


_NAMES = {
    "faces": "finding faces",
    "matching": "comparing faces with the watchlist",
    "age_and_sex": "age and sex",
    "appearance": "descriptions of clothes",
}

STRICTEST = PeopleFunctions()
"""What a node without a profile may do: nothing of it."""

SIMULATED_CITY = PeopleFunctions(faces=True, matching=True, age_and_sex=True, appearance=True)
"""The simulated city's people are made up: everything may run."""
