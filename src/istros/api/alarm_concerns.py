"""What an alarm about a date is about, for those who may see that and for nobody else (docs/design/0040, 0042).

Alarms are read by more people than breaches and requests, of every organisation; so their titles name none. Whoever may
open the breach, the request, the hold or the notice is led there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from istros.api.face_shapes import Concern, ConcernKind
from istros.api.gate import Caller
from istros.events.breach_clock import BREACH_CLOCK
from istros.store import Transaction
from istros.store.rows import AlarmRow


def concern_of(tx: Transaction, caller: Caller, row: AlarmRow) -> Concern | None:
    """Where the alarm leads the caller; None: it is about no date, what it was about is gone, or it is others' to see."""
    kind = _KINDS.get(row.kind)
    if kind is None:
        return None
    id = row.dedupe_key.split(":")[1]
    return Concern(kind=kind, id=id) if _SEEN[kind](tx, caller, id) else None


def _breach(tx: Transaction, caller: Caller, id: str) -> bool:
    found = tx.breaches.get(id)
    return found is not None and caller.reach(tx, "breaches.read")(found.organisation)


def _request(tx: Transaction, caller: Caller, id: str) -> bool:
    found = tx.subject_requests.get(id)
    return found is not None and caller.reach(tx, "requests.handle")(found.organisation)


def _hold(tx: Transaction, caller: Caller, id: str) -> bool:
    return caller.may("storage.read") and tx.holds.get(id) is not None


def _correction(tx: Transaction, caller: Caller, id: str) -> bool:
    found = tx.corrections.get(id)
    leaving = tx.departures.get(found.departure_id) if found else None
    return leaving is not None and caller.reach(tx, "corrections.write")(leaving.organisation)


_KINDS: Mapping[str, ConcernKind] = {
    BREACH_CLOCK: "breach", "request-due": "request", "hold-due": "hold", "correction-due": "correction",
}  # fmt: skip
_SEEN: Mapping[ConcernKind, Callable[[Transaction, Caller, str], bool]] = {
    "breach": _breach, "request": _request, "hold": _hold, "correction": _correction,
}  # fmt: skip
