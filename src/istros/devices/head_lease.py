"""One hand at a time on a camera's head: for a minute, renewed by moving; the shift leader may take it over."""

from __future__ import annotations

from dataclasses import replace

from istros.base.errors import IstrosError
from istros.base.said import say
from istros.base.time import SECOND, Time
from istros.store import Transaction
from istros.store.devices import HeadLeaseRow

LEASE_US = 60 * SECOND
MOVES_US = 30 * SECOND
"""Moves within so long are one act: written down, and the lease renewed, once (a joystick speaks five times a second)."""


class HeadTaken(IstrosError):
    """Somebody else steers this camera."""

    code = "head-taken"


def holder_of(tx: Transaction, camera_id: str, now: Time) -> HeadLeaseRow | None:
    """Who steers the camera now."""
    lease = tx.devices.lease(camera_id)
    return lease if lease is not None and lease.expires > now else None


def take(tx: Transaction, camera_id: str, holder: str, name: str, now: Time, *, over: bool = False) -> HeadLeaseRow:
    """Begin to steer, or go on. HeadTaken when somebody else does, unless it is taken `over`."""
    standing = holder_of(tx, camera_id, now)
    if standing is not None and standing.holder == holder:
        renewed = replace(standing, expires=Time(now + LEASE_US))
        tx.devices.put_lease(renewed)
        return renewed
    if standing is not None and not over:
        raise taken_by(standing)
    before = standing.holder_name if standing is not None else ""
    lease = HeadLeaseRow(camera_id, holder, name, now, Time(now + LEASE_US), before)
    tx.devices.put_lease(lease)
    return lease


def require(tx: Transaction, camera_id: str, holder: str, now: Time) -> HeadLeaseRow:
    """The holder's own lease. HeadTaken when somebody else has it, or nobody."""
    standing = holder_of(tx, camera_id, now)
    if standing is None:
        sentence = f"Nobody steers camera {camera_id} at the moment."
        raise HeadTaken(say("head-free", sentence, camera=camera_id), "Take it first.")
    if standing.holder != holder:
        raise taken_by(standing)
    return standing


def is_due(lease: HeadLeaseRow, now: Time) -> bool:
    """Whether a move under this lease has to be written down."""
    return lease.moved is None or now - lease.moved >= MOVES_US


def moved(tx: Transaction, lease: HeadLeaseRow, now: Time) -> None:
    """The hand moved: that is noted, and the lease renewed."""
    tx.devices.put_lease(replace(lease, moved=now, expires=Time(now + LEASE_US)))


def release(tx: Transaction, camera_id: str, holder: str, now: Time) -> bool:
    """Let go; False when the lease was not the holder's."""
    standing = holder_of(tx, camera_id, now)
    if standing is None or standing.holder != holder:
        return False
    tx.devices.end_lease(camera_id)
    return True


def taken_by(lease: HeadLeaseRow) -> HeadTaken:
    """The refusal, in words."""
    how = f" and took it over from {lease.before}" if lease.before else ""
    sentence = f"{lease.holder_name} steers camera {lease.camera_id}{how}."
    told = say("head-taken", sentence, name=lease.holder_name, camera=lease.camera_id)
    return HeadTaken(told, "Ask for it, or wait until it is let go.")
