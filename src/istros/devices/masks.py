"""Privacy masks: the parts of a camera's picture that nobody sees (rule L19, docs/design/0038).

Whatever shows a picture asks here first and paints them over. Drawn masks hold in place of the configuration file's. A
recording stays under the masks that held when it was made, and under those that hold at the look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from istros.base.time import Span, Time
from istros.devices.camera import Camera, Zone
from istros.store import Transaction
from istros.store.camera_zones import CameraZonesRow

Masks = tuple[Zone, ...]
"""Every part that is masked; empty: nothing is."""


@dataclass(frozen=True, slots=True)
class MaskHistory:
    """One camera's masks from the beginning, the newest set first, and those of the configuration file."""

    drawn: tuple[CameraZonesRow, ...]
    file: Masks

    @property
    def now(self) -> Masks:
        """What holds at the moment of the look."""
        return _of(self.drawn[0], self.file) if self.drawn else self.file

    def drawn_over_since(self, span: Span, moment: Time) -> bool:
        """Whether a recording of that span lies under a mask that was drawn after a moment."""
        before = MaskHistory(tuple(row for row in self.drawn if row.since is None or row.since <= moment), self.file)
        return bool(set(self.over(span)) - set(before.over(span)))

    def over(self, span: Span) -> Masks:
        """What hides a recording of that span: each set that held in it, and what holds now."""
        held = list(self.now)
        for row in self.drawn:
            if row.since is not None and row.since < span.end:
                held += row.private + (self.file if row.from_file else ())
                if row.since <= span.start:
                    break
        else:
            held += self.file
        return tuple(dict.fromkeys(held))


def masks_of(tx: Transaction, cameras: Iterable[Camera], camera_id: str) -> MaskHistory:
    """The masks of one camera; one that the node has no more keeps those that were drawn on it."""
    file = next((camera.private_zone for camera in cameras if camera.id == camera_id), ())
    return MaskHistory(tuple(tx.camera_zones.held(camera_id)), file)


def masks_now(tx: Transaction, cameras: Iterable[Camera]) -> dict[str, Masks]:
    """What holds at each camera of the node at this moment."""
    drawn = {row.camera_id: row for row in tx.camera_zones.all_in_force()}
    return {
        camera.id: _of(drawn[camera.id], camera.private_zone) if camera.id in drawn else camera.private_zone
        for camera in cameras
    }


def masks_in_camera(drawn: CameraZonesRow | None, file: Masks) -> Masks:
    """What a camera itself is to hold, by the zones in force; nothing where nobody decided that it should.

    Of the file's zones it holds what two people would have to uncover, and what came into the file since: a change of the
    file alone takes nothing out of a camera.
    """
    if drawn is None or not drawn.in_camera:
        return ()
    return tuple(dict.fromkeys(drawn.private + (file if drawn.from_file else ())))


def _of(row: CameraZonesRow, file: Masks) -> Masks:
    """A set that holds now: of the file's zones, what the file says now (as `recognition.zones` takes them)."""
    return file if row.from_file else row.private
