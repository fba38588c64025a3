"""People, their counts, sought persons and candidates, on both databases."""

from __future__ import annotations

from istros.base.time import Span, Time
from istros.store import Database
from istros.store.faces import FaceCandidateRow, FaceVerdictRow
from istros.store.people import FaceCountRow, PeopleCountRow, PeopleQuery, PersonSeenRow
from istros.store.persons import PersonEntryRow, SealedFaceRow
from tests.store.rows_made import at

EVER = Span(at(0), at(100))
ENTRY = PersonEntryRow(
    id="p1", name="W-1", description="red coat", minor=True, objective="victim-or-missing", authorisation="Order 1",
    purpose="missing-person", ground="Report 1", case_ref="C-1", owner="police", priority="high", category="missing",
    requester="Unit 3", handling="H0", handling_note="", provenance="the mother", cameras=("IZ-07",), hours="",
    created=at(0), created_by="olena", expires=at(50), review=at(20),
)  # fmt: skip


def seen(number: int) -> PersonSeenRow:
    return PersonSeenRow(
        f"s{number}", "IZ-07", "t", at(number), at(number), (0.1, 0.1, 0.2, 0.4), 180, "left", (("red", 0.7),), (), None,
        30, 44, "female", 0.9,
    )  # fmt: skip


def test_people_are_kept_counted_and_removed(database: Database) -> None:
    database.write_now(lambda tx: tx.people.add([seen(1), seen(2)]))
    database.write_now(lambda tx: tx.people.add([seen(2)]))
    assert database.read_now(lambda tx: tx.people.between(PeopleQuery(EVER, age=35, sex="female"), 9)) == (
        [seen(2), seen(1)],
        2,
    )
    assert database.read_now(lambda tx: tx.people.between(PeopleQuery(EVER, age=50), 9)) == ([], 2)
    assert database.write_now(lambda tx: tx.people.remove_before(at(2))) == 1
    hour = PeopleCountRow("IZ-07", at(0), "", "", 4)
    faces = FaceCountRow("IZ-07", at(0), 5, 2, 1, 0, 1)
    for _ in range(2):
        database.write_now(lambda tx: (tx.people.count([hour]), tx.people.count_faces([faces])))
    (count,) = database.read_now(lambda tx: tx.people.counts(EVER))
    assert count.count == 8
    assert database.read_now(lambda tx: tx.people.face_counts(EVER)) == [FaceCountRow("IZ-07", at(0), 10, 4, 2, 0, 2)]


def test_a_sought_person_ends_with_face_and_candidates(database: Database) -> None:
    face = SealedFaceRow("p1", b"picture", b"template", "ab" * 32, "relative", "{}", at(1), "olena")
    candidate = FaceCandidateRow("c1", "p1", "o1", "IZ-07", "t", at(2), 0.4, 0.5, 0.001, 1, None, 3, "{}", "cd" * 32)

    def fill(tx):  # type: ignore[no-untyped-def]
        tx.persons.add(ENTRY)
        tx.persons.put_face(face)
        tx.faces.add(candidate, b"sealed")

    database.write_now(fill)
    assert database.read_now(lambda tx: (tx.persons.get("p1"), tx.persons.face("p1"))) == (ENTRY, face)
    assert database.read_now(lambda tx: tx.persons.with_face(at(10))) == [ENTRY]
    assert database.read_now(lambda tx: tx.persons.ended_with_face(Time(ENTRY.expires))) == [ENTRY]
    assert database.write_now(lambda tx: tx.faces.unjudged(9)) == [candidate]
    verdict = FaceVerdictRow("c1", "olena", at(3), "same", "ears")
    assert database.write_now(lambda tx: tx.faces.say(verdict))
    assert not database.write_now(lambda tx: tx.faces.say(verdict))
    assert database.read_now(lambda tx: (tx.faces.verdicts("c1"), tx.faces.picture("c1"))) == ([verdict], b"sealed")
    assert database.write_now(lambda tx: tx.faces.erase_pictures(["c1"])) == 1
    assert database.write_now(lambda tx: tx.persons.erase_face("p1", at(60)))
    assert database.write_now(lambda tx: tx.faces.remove(["c1"])) == 1
    assert database.read_now(lambda tx: (tx.faces.of_entry("p1"), tx.persons.face_ids())) == ([], set())
