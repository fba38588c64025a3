"""Changing a camera's zones: by one person, and by two where a part would be seen or searched that was not (rule L19).

The configuration file's zones hold until somebody draws. Every change is on the record with what held before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.compliance import audit, releases
from istros.compliance.releases import Matter, ReleaseRow
from istros.devices.camera import Camera, Zone
from istros.devices.masks import Masks, masks_in_camera
from istros.devices.polygon import area, crossing
from istros.recognition.zones import PictureZones
from istros.store import Transaction
from istros.store.camera_zones import CameraZonesRow
from istros.store.rows import OperatorRow

ACTION = "cameras.zones"
MOST_ZONES, MOST_CORNERS = 16, 40
_LEAST_AREA = 0.0002
"""Share of the picture under which a zone is a slip of the hand: 28 by 15 pixels of 1920x1080."""


class ZonesRefused(IstrosError):
    """Zones that cannot be kept as they are drawn."""

    code = "zones-refused"


class ZonesConflict(IstrosError):
    """Zones cannot be changed or answered now."""

    code = "zones-state"


@dataclass(frozen=True, slots=True)
class WantedZones:
    """What somebody wants to hold; `from_file`: the configuration file's zones again, whatever else is named."""

    plates: tuple[Zone, ...] = ()
    ignored: tuple[Zone, ...] = ()
    private: tuple[Zone, ...] = ()
    from_file: bool = False
    reason: str = ""
    in_camera: bool = False
    """Whether the camera itself is to hold the masks too, where it can."""


def change(
    tx: Transaction, environment: Environment, operator: OperatorRow, camera: Camera, wanted: WantedZones, origin: str
) -> CameraZonesRow:
    """Bring zones into force, or ask a second person for them. Raises ZonesRefused, ZonesConflict."""
    if waiting(tx, camera.id) is not None:
        raise ZonesConflict(
            say("zones-wait", f"A change of the zones of {camera.id} waits for its answer already.", camera=camera.id),
            "Have it answered, or take it back, before the next one.",
        )
    new = PictureZones.of(camera) if wanted.from_file else PictureZones(wanted.plates, wanted.ignored, wanted.private)
    _check(new.plates, "plate zone")
    _check(new.ignored, "ignored zone")
    _check(new.private, "privacy mask")
    drawn, now = tx.camera_zones.in_force(camera.id), environment.clock.now()
    old, zones_id = PictureZones.in_force(camera, drawn), environment.ids.new()
    release = None
    if new.uncovers(old) or _loosens(new, wanted.in_camera, masks_in_camera(drawn, camera.private_zone)):
        if not wanted.reason.strip():
            raise ZonesRefused(
                say(
                    "zones-uncover",
                    "This uncovers a part of the picture that was masked or ignored, or takes a mask out of the camera,"
                    " so a second person must agree.",
                ),
                "Write the reason for it; it waits then for the other person.",
            )
        release = releases.ask(
            tx, environment, operator, Matter.UNCOVER_ZONE, zones_id, wanted.reason, scope={"camera": camera.id},
            origin=origin,
        )  # fmt: skip
    row = CameraZonesRow(
        zones_id, camera.id, now, operator.name, wanted.from_file, new.plates, new.ignored,
        None if release is None else release.id, now if release is None else None, private=new.private,
        in_camera=wanted.in_camera,
    )  # fmt: skip
    tx.camera_zones.add(row)
    _record(tx, environment, operator, origin, row, old, drawn, "done" if release is None else "asked")
    return row


def answer(
    tx: Transaction,
    environment: Environment,
    operator: OperatorRow,
    camera: Camera,
    agree: bool,
    note: str,
    origin: str,
) -> CameraZonesRow:
    """Agree as the second person to what waits, refuse it, or take one's own back.

    A release that was given elsewhere is put into force by anybody who may set cameras up. Raises ZonesConflict, and
    what `compliance.releases` raises.
    """
    found = waiting(tx, camera.id)
    if found is None:
        raise ZonesConflict(
            say("zones-wait-not", f"No change of the zones of {camera.id} waits for an answer.", camera=camera.id),
            "Load the page again.",
        )
    row, release = found
    if not agree and release.asked_by == operator.name:
        releases.withdraw(tx, environment, operator, release.id, note or "taken back", origin=origin)
        return row
    if not release.stands(environment.clock.now()):
        release = releases.decide(tx, environment, operator, release.id, agree, note, origin=origin)
    elif not agree:
        releases.withdraw(tx, environment, operator, release.id, note, origin=origin)
    if not agree:
        return row
    drawn, now = tx.camera_zones.in_force(camera.id), environment.clock.now()
    tx.camera_zones.bring_into_force(row.id, now, release.answered_by or operator.name)
    releases.close(tx, environment, release, say("zones-in-force", "in force"))
    _record(tx, environment, operator, origin, row, PictureZones.in_force(camera, drawn), drawn, "done")
    return row


def waiting(tx: Transaction, camera_id: str) -> tuple[CameraZonesRow, ReleaseRow] | None:
    """The zones that wait for a second person, or to be put into force, and their release."""
    for row in tx.camera_zones.waiting(camera_id)[:1]:
        release = tx.releases.get(row.release_id or "")
        if release is not None and release.ended is None:
            return row, release
    return None


def _loosens(new: PictureZones, in_camera: bool, held: Masks) -> bool:
    """Whether the camera itself would hide less than it holds."""
    return bool(held) and (not in_camera or new.uncovers(PictureZones(private=held)))


def _check(zones: Sequence[Zone], name: str) -> None:
    if len(zones) > MOST_ZONES:
        raise ZonesRefused(
            say("zones-many", f"There are {len(zones)} of the kind {name}.", most=MOST_ZONES),
            f"Keep at most {MOST_ZONES}.",
        )
    for number, zone in enumerate(zones, start=1):
        if not 3 <= len(zone) <= MOST_CORNERS:
            raise ZonesRefused(
                say("zone-corners", f"The {name} {number} has {len(zone)} corners.", number=number, most=MOST_CORNERS),
                f"Give it at least 3 and at most {MOST_CORNERS}.",
            )
        if any(not 0 <= side <= 1 for corner in zone for side in corner):
            raise ZonesRefused(
                say("zone-outside", f"The {name} {number} has a corner outside the picture.", number=number),
                "Move it into the picture.",
            )
        met = crossing(zone)
        if met is not None:
            one, other = met[0] + 1, met[1] + 1
            raise ZonesRefused(
                say(
                    "zone-crosses",
                    f"The {name} {number} crosses itself: the edge after corner {one} meets the edge after corner {other}.",
                    number=number,
                    one=one,
                    other=other,
                ),
                "Move one of these corners, or take it away.",
            )
        if area(zone) < _LEAST_AREA:
            raise ZonesRefused(
                say("zone-small", f"The {name} {number} is too small to hold anything.", number=number),
                "Make it larger, or remove it.",
            )


def _record(
    tx: Transaction, environment: Environment, operator: OperatorRow, origin: str, row: CameraZonesRow,
    old: PictureZones, drawn: CameraZonesRow | None, result: str,
) -> None:  # fmt: skip
    detail = {
        "before": {"plates": old.plates, "ignored": old.ignored, "private": old.private},
        "after": {"plates": row.plates, "ignored": row.ignored, "private": row.private},
        "in_camera": {"before": drawn is not None and drawn.in_camera, "after": row.in_camera},
        "from_file": row.from_file, "asked_by": row.set_by, "release": row.release_id or "",
    }  # fmt: skip
    audit.append(
        tx, environment, actor=operator.name, origin=origin, action=ACTION, subject=row.camera_id, result=result,
        detail=detail,
    )  # fmt: skip
