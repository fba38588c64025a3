"""Whether pictures that leave the node show people and plates: only where two people and the profile say so."""

from __future__ import annotations

from collections.abc import Collection

from istros.api.gate import Caller
from istros.base.time import Span, from_iso
from istros.compliance import releases
from istros.compliance.profile import Function, require_function
from istros.compliance.purposes import SUBJECT_REQUEST
from istros.store import Transaction
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import PermitRow


def lifted_for(tx: Transaction, caller: Caller, permit: PermitRow, cameras: Collection[str], span: Span) -> bool:
    """Whether saved pictures of these cameras leave as they are. `FunctionNotAllowed` when no picture may leave at all.

    For that the profile allows `redaction-lifted`, and a release of `lift-redaction` that the caller asked for under this
    very permit stands (docs/design/0031). Whoever asks about themselves gets others covered in any case.
    """
    now = caller.node.environment.clock.now()
    profile = require_function(tx, now, Function.EXPORTS)
    if permit.purpose == SUBJECT_REQUEST or not profile.allows(Function.REDACTION_LIFTED):
        return False
    return any(
        row.asked_by == caller.operator.name and row.permit_id == permit.id and covers(row, cameras, span)
        for row in releases.all_standing(tx, Matter.LIFT_REDACTION, now)
    )


def covers(release: ReleaseRow, cameras: Collection[str], span: Span) -> bool:
    """Whether a release names these cameras, and this time where it names one; one that names no camera covers none."""
    facts = release.scope_facts
    named, start, end = facts.get("cameras"), facts.get("from"), facts.get("to")
    here = isinstance(named, list) and set(cameras) <= set(named)
    return here and not (start and span.start < from_iso(str(start))) and not (end and span.end > from_iso(str(end)))
