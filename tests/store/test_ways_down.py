"""What an older version can read after the way down, and what the way up finds again."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

from alembic import command
from sqlalchemy import text

from istros.base.environment import real_environment
from istros.base.time import Time
from istros.compliance import audit
from istros.store import Database, Transaction
from istros.store.assessments import AssessedViewRow
from istros.store.database import connection_of
from istros.store.faces import FaceCandidateRow
from istros.store.migrations import configuration
from istros.store.releases import Ending, Matter, ReleaseRow
from istros.store.rows import OperatorRow
from istros.store.subject_requests import Asked, Law, SubjectRequestRow
from tests.store.rows_made import alarm, at


def _add_request(tx: Transaction, row: SubjectRequestRow) -> None:
    tx.subject_requests.add(row)


def test_an_older_version_reads_the_words_of_releases_and_faces_and_the_newer_one_finds_its_own_again(
    database: Database,
) -> None:
    environment = real_environment()
    lift = ReleaseRow(
        "r1", Matter.LIFT_REDACTION, "s1", "a plate", "izmail", None, "{}", False, at(1), "mara", at(9), 1,
        expires=Time(environment.clock.now() + 10**9), answered=at(2), answered_by="olena", granted=True,
    )  # fmt: skip
    over = replace(lift, id="r2", matter=Matter.UNDO_MATCH, subject="c1", ended=at(3), ending=Ending.EXPIRED)
    mask = replace(lift, id="r3", matter=Matter.LIFT_MASK)
    face = FaceCandidateRow("c1", None, "o", "IZ-07", "t", at(1), 0.4, 0.5, 0.1, 1, None, 1, "{}", "ab", "undone")

    def fill(tx: Transaction) -> None:
        for row in (lift, over, mask):
            tx.releases.add(row)
            detail = {"matter": row.matter.value, "reason": '"matter":"undo-match"'}
            audit.append(
                tx, environment, actor="mara", origin="desk", action="releases.ask", subject=row.id, detail=detail
            )
        for id, outcome in (("c1", "undone"), ("c2", "rejected"), ("c3", "confirmed")):
            tx.faces.add(replace(face, id=id, outcome=outcome), b"x")  # type: ignore[arg-type]
        audit.append(tx, environment, actor="olena", origin="server", action="faces.undo", subject="c1")

    database.write_now(fill)
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0042")
        told = connection.execute(text("SELECT matter, ended IS NULL FROM release ORDER BY id")).all()
        seen = connection.execute(text("SELECT outcome FROM face_candidate ORDER BY id")).scalars().all()
    assert [(row[0], bool(row[1])) for row in told] == [
        ("lift-mask", False), ("face-search", False), ("lift-mask", True),
    ]  # fmt: skip
    assert seen == ["rejected", "rejected", "confirmed"]
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    again = database.read_now(lambda tx: [tx.releases.get(id) for id in ("r1", "r2", "r3")])
    assert [row and row.matter for row in again] == [Matter.LIFT_REDACTION, Matter.UNDO_MATCH, Matter.LIFT_MASK]
    assert again[0] is not None and again[0].ending is Ending.WITHDRAWN and "older version" in again[0].ending_note.text
    assert again[1:] == [over, mask], "what had ended is as it was, and what the older version knows goes on"
    faces = database.read_now(lambda tx: [tx.faces.get(id) for id in ("c1", "c2", "c3")])
    assert [row and row.outcome for row in faces] == ["undone", "rejected", "confirmed"]


def test_what_a_request_was_corrected_to_stands_in_its_reasons_and_nothing_of_an_erased_one(database: Database) -> None:
    row = SubjectRequestRow(
        "q1", "R-2026-0001", Asked.RECTIFICATION, Law.GDPR, "desk", "uk", at(0), at(9), "olena", "Марія", "Ізмаїл", (), at(0),
        at(1), "пальто", "", "", wrong="BH1234AA", right="BH1284AA", corrected="BH1294AA", reasons="перевірено",
    )  # fmt: skip
    erased = replace(row, id="q2", number="R-2026-0002", description="", wrong="", right="", reasons="", erased=at(5))
    for each in (row, erased):
        database.write_now(partial(_add_request, row=each))
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0043")
        told = connection.execute(text("SELECT asked, description, reasons FROM subject_request ORDER BY id")).all()
    assert [tuple(each) for each in told] == [
        ("objection", "пальто | BH1234AA -> BH1284AA", "перевірено | -> BH1294AA"), ("objection", "", ""),
    ]  # fmt: skip


def test_why_nothing_was_changed_for_a_request_stands_in_its_reasons_and_nothing_of_an_erased_one(
    database: Database,
) -> None:
    row = SubjectRequestRow(
        "q1", "R-2026-0001", Asked.RECTIFICATION, Law.GDPR, "desk", "uk", at(0), at(9), "olena", "Марія", "Ізмаїл", (), at(0),
        at(1), "пальто", "", "", reasons="перевірено", answered=at(3), unchanged="номера не видно",
    )  # fmt: skip
    erased = replace(row, id="q2", number="R-2026-0002", reasons="", unchanged="", erased=at(5))
    for each in (row, erased):
        database.write_now(partial(_add_request, row=each))
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0050")
        told = connection.execute(text("SELECT reasons FROM subject_request ORDER BY id")).scalars().all()
        command.upgrade(configuration(connection), "head")
    assert told == ["перевірено | номера не видно", ""]
    again = database.read_now(lambda tx: tx.subject_requests.get("q1"))
    assert again == replace(row, reasons=told[0], unchanged="")


def test_a_request_is_of_the_desk_of_whoever_took_it_in_after_the_way_down_and_up(database: Database) -> None:
    row = SubjectRequestRow(
        "q1", "R-2026-0001", Asked.ACCESS, Law.GDPR, "desk", "uk", at(0), at(9), "olena", "Марія", "Ізмаїл", (), at(0),
        at(1), "пальто", "", "", organisation="tulcea",
    )  # fmt: skip
    gone = replace(row, id="q2", number="R-2026-0002", taken_by="nobody", organisation="")
    person = OperatorRow("o1", "olena", "Olena", "tulcea", "operator", "")
    database.write_now(
        lambda tx: (tx.operators.add(person), tx.subject_requests.add(row), tx.subject_requests.add(gone))
    )
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0051")
        command.upgrade(configuration(connection), "head")
    assert database.read_now(lambda tx: tx.subject_requests.all(9, ["tulcea", ""])) == [row, gone]
    assert database.read_now(lambda tx: tx.subject_requests.all(9, ["tulcea"])) == [row]
    assert sorted(database.read_now(lambda tx: tx.subject_requests.organisations())) == ["", "tulcea"]


def test_a_camera_that_was_found_elsewhere_needs_its_look_after_the_way_down_and_up(database: Database) -> None:
    environment = real_environment()

    def fill(tx: Transaction) -> None:
        for camera, cause in (("IZ-07", "view"), ("IZ-07", "position"), ("TL-01", "view")):
            audit.append(
                tx, environment, actor="istros", origin="server", action="assessment.look-needed", subject=camera,
                detail={"cause": cause},
            )  # fmt: skip
        tx.assessments.put_view(AssessedViewRow("IZ-09", 45.0, 28.0))

    database.write_now(fill)
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0045")
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    views = database.read_now(lambda tx: {row.camera_id: row for row in tx.assessments.views()})
    last = {id: database.read_now(lambda tx, id=id: max(row.time for row in tx.audit.about(id))) for id in views}  # type: ignore[misc]
    assert views == {
        "IZ-07": AssessedViewRow("IZ-07", changed=last["IZ-07"], cause="position"),
        "TL-01": AssessedViewRow("TL-01", changed=last["TL-01"], cause="view"),
    }


def test_alarms_of_breaches_duties_and_emergencies_of_an_older_version_tell_no_number_and_no_free_reason(
    database: Database,
) -> None:
    loud = replace(
        alarm(1), kind="breach-clock", title="Breach B-2026-0001: 24 of 72 hours are over", facts='{"name":"B"}'
    )
    said = "his neighbour Maria saw him"
    asked = ReleaseRow(
        "r9", Matter.LIFT_MASK, "p", said, "izmail", "p1", "{}", True, at(1), "mara", at(9), 1, expires=at(8)
    )  # fmt: skip
    free = replace(
        alarm(2), kind="emergency-release", dedupe_key="emergency-release:r9", title=f"Emergency release by mara: {said}",
        facts=json.dumps({"reason": said, "by": "mara"}),
    )  # fmt: skip
    database.write_now(lambda tx: (tx.alarms.add(loud), tx.releases.add(asked), tx.alarms.add(free)))
    with connection_of(database) as connection:
        command.downgrade(configuration(connection), "0044")
    with connection_of(database) as connection:
        command.upgrade(configuration(connection), "head")
    kept = database.read_now(lambda tx: tx.alarms.get(loud.id))
    assert kept is not None and "B-2026" not in kept.title and json.loads(kept.facts) == {}
    hidden = database.read_now(lambda tx: tx.alarms.get(free.id))
    assert hidden is not None and "Maria" not in str(hidden), "what one wrote freely stands in the release alone"
    assert json.loads(hidden.facts) == {"due": asked.answer_by}
