"""What follows for exports when the release that lifted their privacy masks ends."""

from __future__ import annotations

from istros.base.environment import Environment
from istros.compliance.cascade import Receipt
from istros.store import Transaction
from istros.store.releases import Ending, ReleaseRow


def undo_lift(tx: Transaction, environment: Environment, release: ReleaseRow) -> Receipt | None:
    """Give up what is being made without masks and delete what was made, unless the release just came to its end."""
    if release.ending is Ending.EXPIRED:
        return None
    ids = tx.exports.expire_lifted(release.id, environment.clock.now())
    return {"exports": ids} if ids else None
