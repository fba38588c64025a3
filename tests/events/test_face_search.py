"""Searching recordings for one face: who may ask for what, the two people, the 48 hours, and what is left when it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.base.sealing import SealBroken
from istros.base.time import HOUR, Span, Time
from istros.compliance import releases
from istros.compliance.cascade import on_undone
from istros.compliance.errors import ReleaseRefused, SearchTooWide
from istros.compliance.profile import FunctionNotAllowed
from istros.events.errors import FaceSearchRefused, FaceSearchStateConflict
from istros.events.face_gallery import PICTURE, SEEN
from istros.events.face_judging import give_verdict
from istros.events.face_search import ask_release, authorise, give_face, may_look, undo_search
from istros.events.persons import close_person, undo_person
from istros.events.record import Author
from istros.store import Transaction, open_database
from istros.store.face_searches import FaceSearchRow, SearchState
from istros.store.faces import FaceCandidateRow, FaceVerdict
from istros.store.persons import SealedFaceRow
from istros.store.releases import Matter
from tests.events.city import HandClock
from tests.events.sought import CAMERA, DETECTIVE, LEADER, OFFICER, Hunt, portrait_of
from tests.recognition.pictures import needs_models


@pytest.fixture(params=["sqlite", "postgresql"])
def hunt(request: pytest.FixtureRequest, still: Environment, tmp_path: Path) -> Iterator[Hunt]:
    on_undone(Matter.WATCH_PERSON, undo_person)
    on_undone(Matter.FACE_SEARCH, undo_search)
    file = f"sqlite:///{tmp_path}/istros.sqlite3"
    url = file if request.param == "sqlite" else request.getfixturevalue("fresh_postgres_url")
    database = open_database(url, still.workers)
    yield Hunt(database, still, tmp_path)
    database.close()


def looking(hunt: Hunt, search: FaceSearchRow) -> bool:
    return hunt.database.read_now(lambda tx: may_look(tx, hunt.again(search), hunt.now))


def candidate(hunt: Hunt, search: FaceSearchRow, id: str = "c1") -> FaceCandidateRow:
    """Something that the search found, with its sealed picture."""
    row = FaceCandidateRow(
        id=id, entry_id=search.entry_id, operation_id="r", camera_id=CAMERA, track_id="t", time=hunt.now,
        distance=0.4, threshold=0.5, false_match_rate=0.0002, compared_with=1, next_best=None, faces=3, quality="{}",
        sha256="ab" * 32, judged=hunt.now, search_id=search.id,
    )  # fmt: skip
    sealed = hunt.keys.seal(search.key, b"the face that was seen", SEEN)
    hunt.database.write_now(lambda tx: tx.faces.add(row, sealed))
    return row


def told(hunt: Hunt, action: str) -> list[dict[str, object]]:
    rows = hunt.database.read_now(lambda tx: tx.audit.of_actions((action,), Time(0), 100))
    return [json.loads(row.detail) for row in rows]


def judge(hunt: Hunt, row: FaceCandidateRow, verdict: FaceVerdict) -> None:
    """The same word of two people."""
    for author in (OFFICER, Author("leader", "x")):
        say = partial(give_verdict, environment=hunt.environment, author=author, candidate_id=row.id)
        hunt.database.write_now(partial(say, verdict=verdict, reason="ears"))


def identification(hunt: Hunt) -> FaceSearchRow:
    """A first identification with its picture, waiting for its release."""
    search = hunt.search(None, hunt.permit("offence"))

    def keep(tx: Transaction, face: SealedFaceRow) -> None:
        row = give_face(tx, hunt.environment, Author("detective", "x"), face)
        ask_release(tx, hunt.environment, DETECTIVE, row)

    done = asyncio.run(hunt.gallery.seal(search.id, portrait_of("w02"), "case-file", "detective", keep))
    assert done.row is not None
    return hunt.again(search)


@needs_models
def test_what_is_asked_for_is_bounded_and_inside_the_entrys_case(hunt: Hunt) -> None:
    entry, before = hunt.released(), Span(Time(hunt.now - HOUR), hunt.now)
    with pytest.raises(FaceSearchRefused, match="of the case"):
        hunt.search(entry, hunt.permit(case_ref="another"))
    with pytest.raises(FaceSearchRefused, match="authorisation"):
        hunt.search(entry, authorisation=" ")
    with pytest.raises(FaceSearchRefused, match="authorisation yet"):
        hunt.search(entry, basis="urgent")
    with pytest.raises(FaceSearchRefused, match="names no camera"):
        hunt.search(entry, cameras=())
    with pytest.raises(FaceSearchRefused, match="has no camera"):
        hunt.search(entry, cameras=("IZ-99",))
    with pytest.raises(FaceSearchRefused, match="was recorded"):
        hunt.search(entry, span=Span(before.start, Time(hunt.now + 1)))
    with pytest.raises(SearchTooWide, match="168 hours"):
        hunt.search(entry, span=Span(Time(hunt.now - 169 * HOUR), hunt.now))
    with pytest.raises(FaceSearchRefused, match="no offence"):
        hunt.search(entry, hunt.permit("stolen-vehicle"))
    assert hunt.database.read_now(lambda tx: tx.face_searches.organisations()) == []


@needs_models
def test_only_a_released_entry_is_looked_for_and_only_where_it_is_sought(hunt: Hunt) -> None:
    hunt.sign_profile()
    entry = hunt.entry()
    with pytest.raises(FaceSearchRefused, match="not released"):
        hunt.search(entry)
    asyncio.run(hunt.enrol(entry))
    hunt.decide(hunt.ask(entry))
    hunt.search(entry)
    elsewhere = replace(hunt.database.read_now(lambda tx: tx.persons.get(entry.id)), id="w2", cameras=("IZ-01",))  # type: ignore[type-var]
    hunt.database.write_now(lambda tx: tx.persons.add(elsewhere))  # type: ignore[arg-type]
    with pytest.raises(FaceSearchRefused, match="not sought on"):
        hunt.search(elsewhere)


def test_without_the_profiles_leave_nothing_is_searched(hunt: Hunt) -> None:
    with pytest.raises(FunctionNotAllowed):
        hunt.search(hunt.entry())


@needs_models
def test_a_second_person_releases_and_nobody_releases_their_own(hunt: Hunt) -> None:
    search = hunt.search(hunt.released())
    assert search.state is SearchState.ASKED and not looking(hunt, search)
    waiting = hunt.database.read_now(lambda tx: tx.releases.alive(Matter.FACE_SEARCH, search.id))[0]
    with pytest.raises(ReleaseRefused):
        hunt.database.write_now(lambda tx: releases.decide(tx, hunt.environment, DETECTIVE, waiting.id, True, ""))
    hunt.grant(search)
    assert looking(hunt, search)
    scope = waiting.scope_facts
    assert (scope["case"], scope["basis"], scope["authorisation"]) == ("12026", "authorised", "Order 115")


@needs_models
def test_an_urgent_search_without_an_authorisation_goes_after_48_hours_with_all_that_it_found(
    hunt: Hunt, clock: HandClock
) -> None:
    search = hunt.search(hunt.released(hours_ahead=72), basis="urgent", authorisation="")
    hunt.grant(search)
    found = candidate(hunt, search)
    clock.time = Time(clock.time + 48 * HOUR - 1)
    asyncio.run(hunt.gallery.sweep())
    assert looking(hunt, search) and hunt.database.read_now(lambda tx: tx.faces.picture(found.id))
    clock.time = Time(clock.time + 1)
    assert not looking(hunt, search), "the clock itself ends it, before anything is swept"
    asyncio.run(hunt.gallery.sweep())
    assert hunt.again(search).state is SearchState.ENDED
    assert hunt.database.read_now(lambda tx: (tx.faces.get(found.id), tx.faces.picture(found.id))) == (None, None)
    (end,) = told(hunt, "faces.end")
    assert "48 hours" in str(end["why"]) and end["whole"] is True and end["candidates"] == 1


@needs_models
def test_an_authorisation_in_time_keeps_an_urgent_search(hunt: Hunt, clock: HandClock) -> None:
    search = hunt.search(hunt.released(hours_ahead=72), basis="urgent", authorisation="")
    hunt.grant(search)
    found = candidate(hunt, search)
    clock.time = Time(clock.time + 47 * HOUR)
    hunt.database.write_now(lambda tx: authorise(tx, hunt.environment, OFFICER, search.id, "Court 7, order 12"))
    with pytest.raises(FaceSearchStateConflict):
        hunt.database.write_now(lambda tx: authorise(tx, hunt.environment, OFFICER, search.id, "again"))
    clock.time = Time(clock.time + 2 * HOUR)
    asyncio.run(hunt.gallery.sweep())
    assert looking(hunt, search) and hunt.database.read_now(lambda tx: tx.faces.picture(found.id))
    assert told(hunt, "faces.authorise")[0]["authorisation"] == "Court 7, order 12"


@needs_models
def test_a_refused_search_never_looks(hunt: Hunt) -> None:
    search = hunt.search(hunt.released())
    hunt.grant(search, grant=False)
    assert hunt.again(search).state is SearchState.ENDED and not looking(hunt, search)


@needs_models
def test_the_end_of_the_entry_ends_its_searches_and_their_pictures(hunt: Hunt) -> None:
    entry = hunt.released()
    search = hunt.search(entry)
    hunt.grant(search)
    found = candidate(hunt, search)
    hunt.database.write_now(lambda tx: close_person(tx, hunt.environment, OFFICER, entry.id, "found"))
    assert not looking(hunt, search)
    asyncio.run(hunt.gallery.sweep())
    assert hunt.again(search).state is SearchState.ENDED
    assert hunt.database.read_now(lambda tx: tx.faces.picture(found.id)) is None
    assert hunt.keys.names() == []


@needs_models
def test_two_people_judge_what_a_search_found_and_its_end_takes_what_they_did_not_confirm(hunt: Hunt) -> None:
    entry = hunt.released()
    search = hunt.search(entry)
    release = hunt.grant(search)
    kept, rejected, open_one = (candidate(hunt, search, id) for id in ("c1", "c2", "c3"))
    judge(hunt, kept, "same")
    judge(hunt, rejected, "different")
    read = hunt.database.read_now
    assert read(lambda tx: tx.faces.picture("c1")) is not None and read(lambda tx: tx.faces.picture("c2")) is None
    assert {each["search"] for each in told(hunt, "faces.settle")} == {search.id}
    hunt.database.write_now(lambda tx: releases.withdraw(tx, hunt.environment, LEADER, release.id, "done"))
    assert read(lambda tx: tx.faces.picture("c1")) is not None, "one person's word takes no confirmed finding away"
    assert read(lambda tx: tx.faces.picture(open_one.id)) is None
    outcome = read(lambda tx: [each.outcome for each in tx.faces.of_search(search.id)])
    assert sorted(outcome) == ["confirmed", "dropped", "rejected"], "the figures of an authorised search stay"
    hunt.database.write_now(lambda tx: close_person(tx, hunt.environment, OFFICER, entry.id, "found"))
    assert read(lambda tx: tx.faces.picture("c1")) is None, "it goes with the entry"


@needs_models
def test_what_was_confirmed_of_an_unknown_person_outlives_the_search_by_its_release_and_no_longer(
    hunt: Hunt, clock: HandClock
) -> None:
    hunt.sign_profile()
    search = identification(hunt)
    release = hunt.grant(search)
    found = candidate(hunt, search)
    judge(hunt, found, "same")
    hunt.database.write_now(lambda tx: releases.withdraw(tx, hunt.environment, LEADER, release.id, "it is he"))
    asyncio.run(hunt.gallery.sweep())
    sealed = hunt.database.read_now(lambda tx: tx.faces.picture(found.id))
    assert hunt.keys.open(search.id, sealed or b"", SEEN) == b"the face that was seen"
    assert (hunt.again(search).template, hunt.again(search).picture) == (None, None)
    assert release.expires is not None
    clock.time = release.expires
    asyncio.run(hunt.gallery.sweep())
    assert hunt.database.read_now(lambda tx: tx.faces.picture(found.id)) is None and hunt.keys.names() == []
    assert "time of its release" in str(told(hunt, "faces.end")[-1]["why"] + told(hunt, "faces.end")[0]["why"])  # type: ignore[operator]


@needs_models
def test_a_first_identification_is_a_choice_of_its_own(hunt: Hunt) -> None:
    hunt.sign_profile()
    offence = hunt.permit("offence")
    with pytest.raises(FaceSearchRefused, match="facts"):
        hunt.search(None, offence, facts=" ")
    with pytest.raises(FaceSearchRefused, match="unknown person"):
        hunt.search(None)
    with pytest.raises(FaceSearchRefused, match="no person"):
        hunt.search(None, offence, basis="authorised", facts="", authorisation="Order 1")
    search = identification(hunt)
    assert search.state is SearchState.ASKED and search.key == search.id and search.entry_id is None
    hunt.grant(search)
    assert looking(hunt, search)
    assert hunt.keys.open(search.id, search.picture or b"", PICTURE).startswith(b"\xff\xd8")

    def exchange(tx: Transaction, face: SealedFaceRow) -> None:
        give_face(tx, hunt.environment, OFFICER, replace(face, entry_id=search.id))

    with pytest.raises(FaceSearchStateConflict):
        asyncio.run(hunt.gallery.seal("another", portrait_of("w02"), "document", "detective", exchange))


@needs_models
def test_an_unknown_persons_template_dies_with_the_search(hunt: Hunt) -> None:
    hunt.sign_profile()
    search = identification(hunt)
    release = hunt.grant(search)
    found = candidate(hunt, search)
    key = (hunt.folder / "keys" / "faces" / f"{search.id}.key").read_bytes()
    asyncio.run(hunt.gallery.sweep())
    assert hunt.keys.names() == [search.id], "a search that has not ended keeps its key"
    hunt.database.write_now(lambda tx: releases.withdraw(tx, hunt.environment, LEADER, release.id, "another man"))
    asyncio.run(hunt.gallery.sweep())
    ended = hunt.again(search)
    assert (ended.template, ended.picture) == (None, None) and hunt.keys.names() == []
    with pytest.raises(SealBroken):
        hunt.keys.open(search.id, search.picture or b"", PICTURE)
    assert hunt.database.read_now(lambda tx: tx.faces.picture(found.id)) is None
    assert hunt.contains(key) == []


def test_a_draft_without_a_picture_ends_by_itself(hunt: Hunt, clock: HandClock) -> None:
    hunt.sign_profile()
    search = hunt.search(None, hunt.permit("offence"))
    clock.time = Time(clock.time + HOUR)
    asyncio.run(hunt.gallery.sweep())
    assert hunt.again(search).state is SearchState.ENDED
