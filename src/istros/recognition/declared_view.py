"""Whether a camera shows the view that its zones and its assessment were made for (rule L20; docs/design/0039)."""

from __future__ import annotations

from dataclasses import replace

from istros.base.time import Time
from istros.devices.camera import Camera
from istros.recognition.zones import PictureZones
from istros.store import Transaction
from istros.store.analysis_pauses import AnalysisPauseRow


def masks_fit(tx: Transaction, camera_id: str) -> bool:
    """Whether masks lie where they were drawn for: False while the camera looks elsewhere, or is steered away."""
    return tx.pauses.get(camera_id) is None


def is_covered(tx: Transaction, camera: Camera) -> bool:
    """Whether its live picture is for those alone who set it up: it was moved, and private zones were drawn in it.

    A head that is steered stays in sight of who steers it, on the record.
    """
    pause = tx.pauses.get(camera.id)
    return pause is not None and pause.cause == "moved" and has_private_zones(tx, camera)


def has_private_zones(tx: Transaction, camera: Camera) -> bool:
    """Whether a part of the picture is masked, or searched by nothing."""
    return bool(PictureZones.in_force(camera, tx.camera_zones.in_force(camera.id)).unsearched)


def zones_await_check(tx: Transaction, camera: Camera, pause: AnalysisPauseRow) -> bool:
    """Whether the new view was confirmed (learnt anew) and its private zones were not drawn or kept since."""
    if not is_confirmed(tx, pause) or not has_private_zones(tx, camera):
        return False
    drawn = tx.camera_zones.in_force(camera.id)
    return drawn is None or (drawn.since or drawn.time) <= pause.since


def is_confirmed(tx: Transaction, pause: AnalysisPauseRow) -> bool:
    """Whether somebody had the camera learnt anew since the pause began: the new view is the declared one."""
    return tx.health.renewals().get(pause.camera_id, 0) > pause.since


def steered(tx: Transaction, camera_id: str, now: Time, *, to_home: bool) -> bool:
    """A head was given an order: its analysis pauses until the declared view is back. True where that begins now."""
    standing = tx.pauses.get(camera_id)
    if standing is None:
        tx.pauses.put(AnalysisPauseRow(camera_id, "head", now, now, to_home))
        return True
    tx.pauses.put(replace(standing, ordered=now, to_home=to_home))
    return False
