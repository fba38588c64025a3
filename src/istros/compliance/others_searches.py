"""What another shift searched in a case: read by the police and the shift leader once a second person has released it.

Oversight reads the whole log; those who work on a case see the searches of others in it only for a stated reason, for one
shift's length, and each reading is a row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from istros.base.said import say
from istros.base.time import HOUR, Span, Time, from_iso
from istros.compliance.errors import ReleaseNeeded
from istros.compliance.releases import all_standing
from istros.store import Transaction
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import AuditRow, PermitRow

SEARCHES = ("plates.search", "vehicles.search", "persons.search", "faces.search")
"""Acts by which recordings or observations are searched for somebody or something."""

LONGEST = 12 * HOUR
"""Microseconds of one release: one long shift."""

MOST_LOOKED_AT, MOST_TOLD = 20_000, 500


@dataclass(frozen=True, slots=True)
class OthersSearch:
    """One search of somebody else: the row of the log, and the permit that it was made under."""

    row: AuditRow
    permit: PermitRow


@dataclass(frozen=True, slots=True)
class OthersSearches:
    """What a release opens. `cut`: more acts lie in the span than were looked through, or fit, than are told."""

    release: ReleaseRow
    span: Span
    searches: tuple[OthersSearch, ...]
    cut: bool


def searches_under(tx: Transaction, asker: str, release_id: str, now: Time) -> OthersSearches:
    """The searches of others in the release's case and span, oldest first. Raises ReleaseNeeded.

    The release is the asker's own and stands; its subject is the case's number, its scope names `from` and `to`.
    """
    mine = (row for row in all_standing(tx, Matter.OTHERS_SEARCHES, now) if row.asked_by == asker)
    release = next((row for row in mine if row.id == release_id), None)
    span = None if release is None else _span_of(release)
    if release is None or span is None:
        raise ReleaseNeeded(
            say(
                "others-searches-release",
                "Reading another shift's searches needs a second person's release, for a case and one shift.",
            ),
            "Ask for it under Releases, with the case and the time.",
        )
    rows = tx.audit.of_actions(SEARCHES, span.start, MOST_LOOKED_AT)
    found = []
    for row in rows:
        permit = tx.permits.get(row.permit_id) if row.permit_id and row.time < span.end else None
        if permit is not None and permit.case_ref == release.subject and row.actor != asker:
            found.append(OthersSearch(row, permit))
    cut = (len(rows) == MOST_LOOKED_AT and rows[-1].time < span.end) or len(found) > MOST_TOLD
    return OthersSearches(release, span, tuple(found[:MOST_TOLD]), cut)


def _span_of(release: ReleaseRow) -> Span | None:
    """The span that a release names; None where it names none, or more than one shift."""
    facts = release.scope_facts
    try:
        span = Span(from_iso(str(facts["from"])), from_iso(str(facts["to"])))
    except (KeyError, ValueError):
        return None
    return span if 0 < span.end - span.start <= LONGEST else None
