"""Vehicles that passed cameras: the search by looks, place and time; under a permit and in the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.problems import NotFound
from istros.api.spans import From, To, span_of
from istros.api.vehicle_shapes import PassagePlate, PlateWanted, VehiclePassage, VehicleSearch
from istros.base.time import Time
from istros.compliance.permits import Scope
from istros.compliance.profile import Function, not_allowed, require_function
from istros.store import Transaction
from istros.store.vehicles import VehicleQuery, VehicleRow

router = APIRouter(tags=["vehicles"])

_Found = tuple[list[VehiclePassage], int]


@router.get("/vehicles")
async def search_vehicles(
    caller: Annotated[Caller, Depends(needs("vehicles.search"))],
    since: From,
    until: To,
    permit: str,
    camera: Annotated[list[str] | None, Query(max_length=64)] = None,
    vehicle: Annotated[list[schemas.VehicleClassName] | None, Query(max_length=16)] = None,
    colour: Annotated[list[schemas.ColourName] | None, Query(max_length=16)] = None,
    direction: Annotated[list[schemas.DirectionName] | None, Query(max_length=4)] = None,
    plate: PlateWanted = "any",
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> VehicleSearch:
    """Vehicles that were seen until a moment of the span, newest first, with the plates that were read of them.

    With `colour` or `direction`, passages of which that is not known are left out. `plate` asks for those of which a
    plate was read, or was not. `after` goes on behind the last passage of a page.
    """
    span = span_of(since, until)
    query = VehicleQuery(
        span, tuple(camera or ()), tuple(vehicle or ()), tuple(colour or ()), limit + 1, tuple(direction or ()), plate,
        after,
    )  # fmt: skip
    clock = caller.node.environment.clock
    began = clock.elapsed()
    detail: dict[str, object] = {
        "from": since, "to": until, "cameras": list(query.cameras), "vehicles": list(query.classes),
        "colours": list(query.colours), "directions": list(query.directions), "plate": plate, "after": after,
    }  # fmt: skip
    passages, searched = await caller.disclose(
        "vehicles", lambda tx: _found(tx, query, clock.now()), detail, permit, lambda tx: Scope(query.cameras, span)
    )
    return VehicleSearch(
        passages=passages[:limit],
        searched=searched,
        took_ms=round((clock.elapsed() - began) * 1000, 1),
        next=passages[limit - 1].id if len(passages) > limit else None,
    )


def _found(tx: Transaction, query: VehicleQuery, now: Time) -> _Found:
    """One passage more than a page, where there is one, so that it is known whether the page is the last.

    Where the node's profile does not allow that plates are searched, none are told, nor may they be asked for.
    """
    with_plates = require_function(tx, now, Function.VEHICLES_DESCRIBED).allows(Function.PLATES_SEARCH)
    if query.plate != "any" and not with_plates:
        raise not_allowed(Function.PLATES_SEARCH)
    if query.after and tx.vehicles.get(query.after) is None:
        raise NotFound(
            "The passage that this page goes on from has been erased at the end of its time.", "Search again."
        )
    rows = tx.vehicles.search(query)
    plates: dict[tuple[str, str], list[PassagePlate]] = {}
    for each in tx.vehicles.plates_of(rows) if with_plates else ():
        plates.setdefault((each.camera_id, each.track_id), []).append(PassagePlate.model_validate(each))
    return [_shape(row, plates.get((row.camera_id, row.track_id), [])) for row in rows], tx.vehicles.searched(query)


def _shape(row: VehicleRow, plates: list[PassagePlate]) -> VehiclePassage:
    return VehiclePassage(
        id=row.id, camera_id=row.camera_id, first_seen=row.first_seen, last_seen=row.last_seen,
        vehicle_class=row.vehicle_class, class_confidence=row.class_confidence, colour=row.colour,
        direction=row.direction, heading=row.heading, stood_s=row.stood_s, box=list(row.box), box_time=row.box_time,
        plates=plates,
    )  # fmt: skip
