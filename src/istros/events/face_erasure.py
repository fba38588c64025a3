"""What goes of live face matching when an entry or an operation ends (rules L2 and L4)."""

from __future__ import annotations

from istros.base.environment import Environment
from istros.store import Transaction
from istros.store.faces import FaceCandidateRow
from istros.store.releases import Ending, ReleaseRow


def erase_seen(tx: Transaction, entry_id: str, *, whole: bool) -> dict[str, object]:
    """Delete the pictures that were taken for an entry's person; with `whole` every trace of the candidates."""
    rows = tx.faces.of_entry(entry_id)
    return _erased(tx, rows, whole=whole)


def undo_matching(tx: Transaction, environment: Environment, release: ReleaseRow) -> dict[str, object] | None:
    """What follows when an operation ends: refused or not reviewed, all that it brought goes (L2, L4); else what nobody confirmed."""
    rows = tx.faces.of_operation(release.id)
    whole = release.ending in (Ending.REFUSED, Ending.UNDONE)
    unconfirmed = rows if whole else [row for row in rows if row.outcome != "confirmed"]
    receipt = drop(tx, environment, unconfirmed, whole=whole)
    return {"operation": release.id, **receipt} if receipt else None


def drop(tx: Transaction, environment: Environment, rows: list[FaceCandidateRow], *, whole: bool) -> dict[str, object]:
    """Delete the pictures of candidates, with `whole` every trace of them; what nobody settled counts as dropped."""
    for row in [] if whole else rows:
        if row.outcome == "open":
            tx.faces.settle(row.id, environment.clock.now(), "dropped")
    return _erased(tx, rows, whole=whole)


def _erased(tx: Transaction, rows: list[FaceCandidateRow], *, whole: bool) -> dict[str, object]:
    ids = [row.id for row in rows]
    pictures = sum(tx.faces.picture(id) is not None for id in ids)
    if whole:
        tx.faces.remove(ids)
    else:
        tx.faces.erase_pictures(ids)
    if not pictures and not (whole and ids):
        return {}
    return {"candidates": len(ids) if whole else 0, "pictures": pictures, "hashes": [row.sha256 for row in rows][:20]}
