"""Which searches for a face, and which candidates of them, somebody sees: those of organisations that they may see."""

from __future__ import annotations

from istros.api.gate import Caller
from istros.base.said import say
from istros.events.errors import FaceSearchUnknown
from istros.events.face_judging import known_candidate
from istros.events.face_search import known_search
from istros.store import Transaction
from istros.store.face_searches import FaceSearchRow
from istros.store.faces import FaceCandidateRow

READ = "faces.results"


def seen_search(tx: Transaction, caller: Caller, search_id: str) -> FaceSearchRow:
    """A search of an organisation that the caller's does not see is as one that is not there. FaceSearchUnknown."""
    row = known_search(tx, search_id)
    if not caller.reach(tx, READ)(row.organisation):
        raise FaceSearchUnknown(say("face-search-none", "There is no such search."), "Open the list of searches again.")
    return row


def seen_candidate(tx: Transaction, caller: Caller, candidate_id: str) -> FaceCandidateRow:
    """A candidate; one of a search only for those who see the search, one of live matching for whoever answers alarms."""
    row = known_candidate(tx, candidate_id)
    if row.search_id is not None:
        seen_search(tx, caller, row.search_id)
    return row
