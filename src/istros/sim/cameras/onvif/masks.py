"""The privacy masks that a simulated camera holds, and what its hardware can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Corner = tuple[float, float]
"""From -1 to 1, right and up from the picture's middle (ONVIF's normalised coordinates)."""


@dataclass(frozen=True, slots=True)
class SimulatedMask:
    """One mask as it was sent."""

    corners: tuple[Corner, ...]
    kind: str = "Color"
    enabled: bool = True


@dataclass(slots=True)
class SimulatedMasks:
    """All masks of one camera, by token; tests read them, take them away and change them, as a hand at the camera would."""

    most: int = 8
    most_corners: int = 16
    only_rectangles: bool = False
    kinds: tuple[str, ...] = ("Color", "Pixelated", "Blurred")
    tells: bool = True
    """Whether it says what it can hold; without, it answers that question with a fault."""
    drawn: dict[str, SimulatedMask] = field(default_factory=dict)
    on_change: Callable[[], None] | None = field(default=None, repr=False)
    """Told after each change: what paints the pictures."""
    made: int = 0
    """How many were ever created."""

    def create(self, mask: SimulatedMask) -> str:
        """A new one; its token."""
        self.made += 1
        token = f"mask-{self.made}"
        self.put(token, mask)
        return token

    def put(self, token: str, mask: SimulatedMask) -> None:
        """That token is this mask now."""
        self.drawn[token] = mask
        self._changed()

    def remove(self, token: str) -> None:
        """Take one away."""
        del self.drawn[token]
        self._changed()

    @property
    def covered(self) -> tuple[tuple[Corner, ...], ...]:
        """What the pictures hide: corners in shares of the picture from its upper left corner."""
        return tuple(
            tuple(((x + 1) / 2, (1 - y) / 2) for x, y in mask.corners) for mask in self.drawn.values() if mask.enabled
        )

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()
