"""Persons' entries as files: words go out and come in; pictures leave only under a second person's release, templates never."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.base.time import HOUR, Time, to_iso
from istros.compliance import releases
from istros.compliance.cascade import on_undone
from istros.compliance.errors import ReleaseNeeded
from istros.events.entry_file import as_table
from istros.events.errors import ImportRefused
from istros.events.face_gallery import PICTURE, TEMPLATE
from istros.events.persons import undo_person
from istros.events.persons_file import (
    COLUMNS,
    PICTURES_OF,
    as_csv,
    as_json,
    as_zip,
    import_lines,
    lines_of,
    pictures_for,
    record_pictures,
)
from istros.store import Transaction, open_database
from istros.store.releases import Matter
from tests.events.city import START
from tests.events.sought import CAMERA, DETECTIVE, LEADER, OFFICER, Hunt
from tests.recognition.pictures import needs_models

DAY = to_iso(Time(START + 24 * HOUR))
GOOD = {
    "name": "W-1", "description": "=boy; red coat", "minor": "yes", "objective": "victim-or-missing",
    "authorisation": "Order 114", "purpose": "missing-person", "ground": "Report 7", "case": "12026",
    "priority": "high", "category": "missing", "requester": "Unit 3", "handling": "H0", "handling_note": "",
    "provenance": "the mother", "cameras": CAMERA, "hours": "fri,sat 22:00-06:00", "expires": DAY, "review": DAY,
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def hunt(request: pytest.FixtureRequest, still: Environment, tmp_path: Path) -> Iterator[Hunt]:
    on_undone(Matter.WATCH_PERSON, undo_person)
    file = f"sqlite:///{tmp_path}/istros.sqlite3"
    url = file if request.param == "sqlite" else request.getfixturevalue("fresh_postgres_url")
    database = open_database(url, still.workers)
    yield Hunt(database, still, tmp_path)
    database.close()


def csv_of(*records: dict[str, str], more: tuple[str, ...] = ()) -> str:
    return as_table((*COLUMNS, *more), records)


def test_what_is_exported_can_be_imported_and_holds_neither_picture_nor_template(hunt: Hunt) -> None:
    lines = lines_of(hunt.environment, "json", json.dumps([GOOD]), "police", {CAMERA})
    ids = hunt.database.write_now(lambda tx: import_lines(tx, hunt.environment, OFFICER, lines, "d", whole=True))
    rows = hunt.database.read_now(lambda tx: tx.persons.all(10))
    assert (rows[0].id, rows[0].minor, rows[0].owner) == (ids[1], True, "police")
    assert hunt.database.read_now(lambda tx: tx.persons.face(ids[1])) is None, "described, until a face is checked"
    assert "'=boy; red coat" in as_csv(rows), "no spreadsheet calculates it"
    for format, text in (("csv", as_csv(rows)), ("json", as_json(rows))):
        (again,) = lines_of(hunt.environment, format, text, "police", {CAMERA})
        assert again.asked == lines[0].asked
    (told,) = hunt.database.read_now(lambda tx: tx.audit.of_actions(("persons.import",), Time(0), 9))
    assert json.loads(told.detail)["written"] == 1


def test_each_bad_line_is_named_with_its_field(still: Environment) -> None:
    extra = {"picture": "", "picture_source": ""}
    bad = [
        {"minor": "perhaps"}, {"objective": "curiosity"}, {"expires": to_iso(Time(START + 73 * HOUR))}, {"hours": "night"},
        {"category": "none"}, {"authorisation": ""}, {"picture": "a.jpg", "picture_source": "the net"},
    ]  # fmt: skip
    text = csv_of(*(GOOD | extra | each for each in [{}, *bad]), more=("picture", "picture_source"))
    lines = lines_of(still, "csv", text, "police", {CAMERA})
    assert lines[0].asked is not None
    assert [line.problem.field for line in lines[1:] if line.problem] == [
        "minor", "objective", "expires", "hours", "category", "authorisation", "picture_source",
    ]  # fmt: skip
    with pytest.raises(ImportRefused, match="no column authorisation"):
        lines_of(still, "csv", "name,description,minor,objective\r\n", "police", {CAMERA})


def test_a_picture_is_named_for_what_follows(still: Environment) -> None:
    text = csv_of(GOOD | {"picture": "w1.jpg", "picture_source": "relative"}, more=("picture", "picture_source"))
    (line,) = lines_of(still, "csv", text, "police", {CAMERA})
    assert (line.picture, line.source) == ("w1.jpg", "relative")


@needs_models
def test_pictures_leave_under_a_release_and_templates_never(hunt: Hunt) -> None:
    entry = hunt.released()
    other = hunt.entry()

    izmail = {"name": "Police of Izmail", "kind": "police", "country": "UA", "basis": "ua-14", "reference": ""}

    def fetch(owner: str = "police", recipient: dict[str, str] = izmail) -> bytes:
        def work(tx: Transaction) -> bytes:
            release, faces = pictures_for(tx, hunt.environment, OFFICER, owner, recipient)
            record_pictures(tx, hunt.environment, OFFICER, release, faces, "L-2026-1")
            return as_zip(hunt.gallery, faces)

        return hunt.database.write_now(work)

    with pytest.raises(ReleaseNeeded):
        fetch()
    asked = hunt.database.write_now(
        lambda tx: releases.ask(
            tx,
            hunt.environment,
            DETECTIVE,
            Matter.EVIDENCE_EXPORT,
            PICTURES_OF,
            "to Izmail",
            scope={"recipient": izmail},
        )
    )
    with pytest.raises(ReleaseNeeded):
        fetch()
    hunt.database.write_now(lambda tx: releases.decide(tx, hunt.environment, LEADER, asked.id, True, ""))
    with pytest.raises(ReleaseNeeded, match="another recipient"):
        fetch(recipient=izmail | {"name": "somebody else"})
    package = zipfile.ZipFile(io.BytesIO(fetch()))
    face = hunt.database.read_now(lambda tx: tx.persons.face(entry.id))
    assert face is not None and package.read(f"{entry.id}.jpg") == hunt.keys.open(entry.id, face.picture, PICTURE)
    table = package.read("persons.csv").decode()
    assert f"{entry.id}.jpg" in table and other.id not in table, "who has no picture is not in it"
    template = hunt.keys.open(entry.id, face.template, TEMPLATE)
    assert not any(template[:64] in package.read(name) for name in package.namelist())
    (told,) = hunt.database.read_now(lambda tx: tx.audit.of_actions(("persons.export",), Time(0), 9))
    assert json.loads(told.detail) == {"release": asked.id, "departure": "L-2026-1", "pictures": [face.sha256]}
    assert zipfile.ZipFile(io.BytesIO(fetch("council"))).namelist() == ["persons.csv"]
    assert asyncio.run(hunt.gallery.sweep()) == 0
