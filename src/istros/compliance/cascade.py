"""What follows when a release ends: the parts that acted on it stop and delete, in the same transaction (rule L4); and what
a second person's yes does at once.

The composition root registers each part once, before anything runs; this package knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from istros.base.environment import Environment
from istros.compliance import audit
from istros.store import Transaction
from istros.store.releases import Matter, ReleaseRow

Receipt = Mapping[str, object]
"""What a part did, in counts and hashes, for the audit row; empty when nothing was there to undo."""

OnUndone = Callable[[Transaction, Environment, ReleaseRow], Receipt | None]
"""Stops and deletes what was done under a release that has ended; `release.ending` says why.

It may be called twice for one release (an emergency expires, and later its review refuses it), and finds nothing then.
"""

OnGranted = Callable[[Transaction, Environment, ReleaseRow], None]
"""Does what was released, in the transaction of the second person's yes: when it fails, nothing is released."""

OnEmergency = Callable[[Transaction, Environment, ReleaseRow], None]
"""Makes an emergency release loud."""

_UNDONE: dict[Matter, list[OnUndone]] = {}
_GRANTED: dict[Matter, OnGranted] = {}
_EMERGENCY: list[OnEmergency] = []


def on_undone(matter: Matter, function: OnUndone) -> None:
    """Call the function whenever a release of the matter ends: refused, withdrawn, lapsed, expired or undone.

    It runs in the transaction that ends the release: when it fails, the release is not ended and is tried again.
    Registering the same function twice changes nothing.
    """
    registered = _UNDONE.setdefault(matter, [])
    if function not in registered:
        registered.append(function)


def on_granted(matter: Matter, function: OnGranted) -> None:
    """Call the function, in its transaction, whenever a second person releases the matter."""
    _GRANTED[matter] = function


def on_emergency(function: OnEmergency) -> None:
    """Call the function, in its transaction, whenever an emergency release begins to work."""
    if function not in _EMERGENCY:
        _EMERGENCY.append(function)


def cascade(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
    """Undo everything that was done under a release that has ended, with a receipt in the audit log for each part."""
    for function in _UNDONE.get(release.matter, ()):
        receipt = function(tx, environment, release)
        if receipt:
            detail = {"matter": release.matter.value, "ending": release.ending and release.ending.value, **receipt}
            audit.append(
                tx, environment, actor="istros", origin="server", action="releases.cascade", subject=release.id,
                permit=release.permit_id, detail=detail,
            )  # fmt: skip


def carry_out(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
    """Do what was released, where that is one act and not a leave that lasts."""
    function = _GRANTED.get(release.matter)
    if function is not None:
        function(tx, environment, release)


def be_loud(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
    """Tell everybody who must know that an emergency release works."""
    for function in _EMERGENCY:
        function(tx, environment, release)
