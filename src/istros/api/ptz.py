"""Steering cameras: one hand at a time, under the permit of the shift, on the record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs
from istros.api.places import camera_of
from istros.api.problem_shapes import problem_of
from istros.api.problems import NotAllowed
from istros.api.ptz_shapes import (
    Head,
    HeadLease,
    HeadMove,
    HeadPlace,
    HeadPreset,
    HeadPresetName,
    HeadTaking,
    SteeredCamera,
)
from istros.base.said import NOTHING, Said, say
from istros.devices import head_lease
from istros.devices.control import DeviceControl
from istros.devices.errors import DeviceError, DevicesAway
from istros.devices.facts import HeadFacts, Velocity
from istros.events.record import record
from istros.recognition.declared_view import steered
from istros.store import Transaction
from istros.store.devices import HeadLeaseRow

router = APIRouter(tags=["ptz"])

_TURNS = ("ptz.move", "ptz.go", "ptz.home")
"""Orders after which the camera may show another view than was declared: its analysis pauses (rule L20)."""

Steerer = Annotated[Caller, Depends(needs("ptz.move"))]
Leader = Annotated[Caller, Depends(needs("ptz.lead"))]


@router.get("/ptz")
async def list_steered_cameras(caller: Steerer) -> list[SteeredCamera]:
    """The cameras that can be steered."""
    known = {camera.id for camera in caller.node.cameras}
    rows = await caller.node.database.read(lambda tx: tx.devices.all())
    return [
        SteeredCamera(camera_id=row.camera_id, online=row.status == "online", **problem_of(row.problem))
        for row in rows
        if row.steers and row.camera_id in known
    ]


@router.get("/cameras/{camera_id}/ptz")
async def get_head(camera_id: str, caller: Steerer) -> Head:
    """What can be steered of a camera, its places, where it looks, and who steers it."""
    camera_of(caller, camera_id)
    facts: HeadFacts | None = None
    problem = NOTHING
    try:
        facts = await _control(caller).head(camera_id)
    except DeviceError as error:
        problem = error.said
    now = caller.node.environment.clock.now()
    lease = await caller.node.database.read(lambda tx: head_lease.holder_of(tx, camera_id, now))
    return _head(caller, facts, problem, lease)


@router.post("/cameras/{camera_id}/ptz/lease")
async def take_head(camera_id: str, body: HeadTaking, caller: Steerer) -> HeadLease:
    """Begin to steer a camera, or go on: for a minute, renewed by every move."""
    camera_of(caller, camera_id)
    if body.over and not caller.may("ptz.lead"):
        await caller.refuse("ptz.lead", camera_id, f"the role {caller.operator.role} does not allow it")
        raise NotAllowed(
            say("head-leader-only", "Only a shift leader takes a camera from somebody who steers it."), "Ask for it."
        )
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> HeadLeaseRow:
        before = head_lease.holder_of(tx, camera_id, now)
        who = caller.operator
        lease = head_lease.take(tx, camera_id, who.name, who.display_name, now, over=body.over)
        if before is None or before.holder != lease.holder:
            detail: dict[str, object] = {} if before is None else {"from": before.holder}
            _record(tx, caller, "ptz.take", camera_id, detail)
        return lease

    return _lease(caller, await caller.act(camera_id, work))


@router.delete("/cameras/{camera_id}/ptz/lease", status_code=204)
async def release_head(camera_id: str, caller: Steerer) -> None:
    """Let go of a camera; it is stopped first."""
    camera_of(caller, camera_id)
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> bool:
        released = head_lease.release(tx, camera_id, caller.operator.name, now)
        if released:
            _record(tx, caller, "ptz.release", camera_id, {})
        return released

    if await caller.node.database.write(work):
        try:
            await _control(caller).stop(camera_id)
        except DeviceError:
            return  # It is let go all the same; the camera stops by itself.


@router.post("/cameras/{camera_id}/ptz/move", status_code=204)
async def move_head(camera_id: str, body: HeadMove, caller: Steerer) -> None:
    """Turn at this speed. To be repeated within half a second: a hand that is lost stops the camera."""
    await _held(caller, camera_id, "ptz.move", {"pan": body.pan, "tilt": body.tilt, "zoom": body.zoom})
    await _control(caller).move(camera_id, Velocity(body.pan, body.tilt, body.zoom))


@router.post("/cameras/{camera_id}/ptz/stop", status_code=204)
async def stop_head(camera_id: str, caller: Steerer) -> None:
    """Stop at once."""
    camera_of(caller, camera_id)
    now = caller.node.environment.clock.now()
    async with caller.on_record(camera_id):
        await caller.node.database.read(lambda tx: head_lease.require(tx, camera_id, caller.operator.name, now))
    await _control(caller).stop(camera_id)


@router.post("/cameras/{camera_id}/ptz/home", status_code=204)
async def go_home(camera_id: str, caller: Steerer) -> None:
    """To where the camera looks when nobody steers it."""
    await _held(caller, camera_id, "ptz.home", {})
    await _control(caller).go_home(camera_id)


@router.post("/cameras/{camera_id}/ptz/presets/{token}/go", status_code=204)
async def go_to_preset(camera_id: str, token: str, caller: Steerer) -> None:
    """To a place that the camera remembers."""
    await _held(caller, camera_id, "ptz.go", {"preset": token[:100]})
    await _control(caller).go_to(camera_id, token)


@router.post("/cameras/{camera_id}/ptz/presets", status_code=201)
async def add_preset(camera_id: str, body: HeadPresetName, caller: Leader) -> HeadPreset:
    """Let the camera remember where it looks."""
    await _held(caller, camera_id, "ptz.keep", {"name": body.name})
    made = await _control(caller).keep(camera_id, body.name)
    return HeadPreset(token=made.token, name=made.name)


@router.delete("/cameras/{camera_id}/ptz/presets/{token}", status_code=204)
async def remove_preset(camera_id: str, token: str, caller: Leader) -> None:
    """Let the camera forget a place."""
    await _held(caller, camera_id, "ptz.forget", {"preset": token[:100]})
    await _control(caller).forget(camera_id, token)


async def _held(caller: Caller, camera_id: str, action: str, detail: dict[str, object]) -> None:
    """The caller's own lease, renewed; the act on the record. A run of moves is one row."""
    camera_of(caller, camera_id)
    now, name = caller.node.environment.clock.now(), caller.operator.name
    async with caller.on_record(camera_id):
        lease = await caller.node.database.read(lambda tx: head_lease.require(tx, camera_id, name, now))
    if action == "ptz.move" and not head_lease.is_due(lease, now):
        return

    def work(tx: Transaction) -> None:
        head_lease.moved(tx, head_lease.require(tx, camera_id, name, now), now)
        _record(tx, caller, action, camera_id, detail)
        if action in _TURNS and steered(tx, camera_id, now, to_home=action == "ptz.home"):
            _record(tx, caller, "analysis.pause", camera_id, {"cause": "head"})

    await caller.act(camera_id, work)


def _record(tx: Transaction, caller: Caller, action: str, camera_id: str, detail: dict[str, object]) -> None:
    caller.require_permit(tx, caller.session.permit_id)
    record(tx, caller.node.environment, caller.author, action, camera_id, detail)


def _control(caller: Caller) -> DeviceControl:
    if caller.node.devices is None:
        raise DevicesAway(say("devices-none", "This node speaks to no devices."), "Start it with `istros serve`.")
    return caller.node.devices


def _head(caller: Caller, facts: HeadFacts | None, problem: Said, lease: HeadLeaseRow | None) -> Head:
    held = None if lease is None else _lease(caller, lease)
    if facts is None:
        return Head(
            available=False, **problem_of(problem), turns=False, zooms=False, home=False, presets_most=0, presets=[],
            moving=False, lease=held,
        )  # fmt: skip
    return Head(
        available=True, problem="", turns=facts.turns, zooms=facts.zooms, home=facts.home,
        presets_most=facts.presets_most,
        presets=[HeadPreset(token=each.token, name=each.name) for each in facts.presets],
        position=None if facts.position is None else HeadPlace.model_validate(facts.position),
        moving=facts.moving, lease=held,
    )  # fmt: skip


def _lease(caller: Caller, row: HeadLeaseRow) -> HeadLease:
    return HeadLease(
        holder=row.holder, holder_name=row.holder_name, taken=row.taken, expires=row.expires,
        mine=row.holder == caller.operator.name, before=row.before,
    )  # fmt: skip
