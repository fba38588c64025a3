"""What lies beside the films of a case: alarms, reads, stills, and who touched the footage; a redacted one tells no plate."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.base.time import to_iso
from istros.compliance import audit
from istros.recording.export.exporter import package_path
from istros.recording.export.papers import table
from istros.recording.export.verify import verify_package
from istros.store.exports import ExportKind, ExportState, Papers
from istros.store.face_searches import FaceSearchRow
from istros.store.faces import FaceCandidateRow, FaceVerdictRow
from istros.store.rows import AlarmRow, AlarmState, PlateReadRow
from tests.recording.footage import Footage, at, make_footage
from tests.recording.test_export import KEY, make, manifest_of

SOUGHT, OTHER = "ВН1234АА", "TL05ABC"


@pytest.fixture
def footage(environment: Environment, tmp_path: Path) -> Iterator[Footage]:
    """Three segments, two plates read, one alarm, and some who looked."""
    made = make_footage(environment, tmp_path)
    for number in range(3):
        made.record("IZ-07", number)

    def fill(tx: Any) -> None:
        for number, plate in enumerate((SOUGHT, OTHER)):
            tx.reads.add(read(f"r{number}", plate, number + 2.0))
        tx.alarms.add(alarm())
        for name, camera, first, last in (
            ("olena", "IZ-07", 1, 5), ("petro", "TL-01", 1, 5), ("maria", "IZ-07", 900, 960),
        ):  # fmt: skip
            detail = {"cameras": [camera], "from": to_iso(at(first)), "to": to_iso(at(last))}
            audit.append(
                tx, environment, actor=name, origin="here", action="playback.view", subject=camera, detail=detail
            )
        audit.append(tx, environment, actor="olena", origin="here", action="alarms.answer", subject="a1", detail={})

    made.database.write_now(fill)
    yield made
    made.database.close()


def read(id: str, plate: str, second: float) -> PlateReadRow:
    return PlateReadRow(
        id, "IZ-07", at(second), f"t-{id}", plate, "", "UA", 0.97, (), (0.1, 0.1, 0.2, 0.2), None, "car", 9, 120,
        at(second), at(second + 1), crop_jpeg=b"\xff\xd8 picture of " + id.encode(),
    )  # fmt: skip


def alarm() -> AlarmRow:
    return AlarmRow(
        "a1", "plate", "high", AlarmState.NEW, "IZ-07", at(2.0), at(2.1), at(62), 1, at(2.0), f"Plate {SOUGHT}", "r0",
        "w1", "exact", SOUGHT, SOUGHT, "key",
    )  # fmt: skip


def packed(footage: Footage, folder: Path, papers: Papers, kind: ExportKind = "exact") -> zipfile.ZipFile:
    job = replace(footage.order(1.3, 9.5, kind), id=f"case-{kind}", papers=papers.as_text())

    def ordered(tx: Any) -> None:
        tx.exports.add(job)
        audit.append(tx, footage.environment, actor="olena", origin="here", action="exports.order", subject=job.id)

    footage.database.write_now(ordered)
    made = make(footage, job, folder)
    assert made.state is ExportState.DONE, made.problem
    path = package_path(folder, job.id)
    verdict = verify_package(path, KEY.public.id)
    assert verdict.ok and verdict.acts, verdict.findings
    return zipfile.ZipFile(path)


def test_a_whole_case(footage: Footage, tmp_path: Path) -> None:
    package = packed(footage, tmp_path / "exports", Papers(alarms=True, reads=True, stills=True))
    reads = json.loads(package.read("case/plate-reads.json"))["reads"]
    assert [each["plate"] for each in reads] == [SOUGHT, OTHER]
    assert package.read(reads[0]["picture"]) == b"\xff\xd8 picture of r0"
    rows = list(csv.DictReader(io.StringIO(package.read("case/plate-reads.csv").decode("utf-8-sig"))))
    assert [row["plate"] for row in rows] == [SOUGHT, OTHER]
    (found,) = json.loads(package.read("case/alarms.json"))["alarms"]
    assert (found["plate"], [act["act"] for act in found["history"]]) == (SOUGHT, ["alarms.answer"])
    custody = json.loads(package.read("case/custody.json"))
    assert [row["actor"] for row in custody["rows"] if row["action"] == "playback.view"] == ["olena"]
    stills = [name for name in package.namelist() if name.startswith("stills/")]
    assert len(stills) == 2 and package.read(stills[0]).startswith(b"\xff\xd8")
    page = package.read("index.html").decode()
    assert "case/alarms.csv" in page and "verify.html" in page


def test_the_history_of_an_alarm_is_whole_however_long(footage: Footage, tmp_path: Path) -> None:
    def fold_often(tx: Any) -> None:
        for number in range(250):
            audit.append(tx, footage.environment, actor="istros", origin="here", action="alarm.fold", subject="a1",
                         detail={"count": number})  # fmt: skip

    footage.database.write_now(fold_often)
    (found,) = json.loads(packed(footage, tmp_path / "exports", Papers(alarms=True)).read("case/alarms.json"))["alarms"]
    assert [act["act"] for act in found["history"]] == ["alarms.answer", *["alarm.fold"] * 250]


def test_a_corrected_plate_is_told_as_a_persons_word(footage: Footage, tmp_path: Path) -> None:
    footage.database.write_now(lambda tx: tx.reads.correct("r1", "TL 10 ABD", "RO", at(60), "olena"))
    package = packed(footage, tmp_path / "exports", Papers(reads=True))
    first, second = json.loads(package.read("case/plate-reads.json"))["reads"]
    assert (first["read_by"], first["confidence"], first["corrected"]) == ("the machine", "0.970", "")
    assert (second["plate"], second["country"], second["read_by"]) == ("TL 10 ABD", "RO", "corrected by a person")
    assert (second["confidence"], second["corrected_by"]) == ("", "olena")
    assert second["others"] == f"{OTHER} (0.970)", "what the machine read, with its own confidence"
    assert second["corrected"]


def test_a_redacted_case_tells_no_plate_that_was_not_named(footage: Footage, tmp_path: Path) -> None:
    papers = Papers(alarms=True, reads=True, only=(SOUGHT,), stills=True)
    package = packed(footage, tmp_path / "exports", papers, "redacted")
    everything = b"".join(package.read(name) for name in package.namelist())
    assert SOUGHT.encode() in everything and OTHER.encode() not in everything and b"picture of r1" not in everything
    custody = json.loads(package.read("case/custody.json"))
    assert not [row for row in custody["rows"] if row["action"] == "playback.view"]


def test_without_names_a_redacted_case_has_an_alarm_without_its_plate(footage: Footage, tmp_path: Path) -> None:
    package = packed(footage, tmp_path / "exports", Papers(alarms=True), "redacted")
    everything = b"".join(package.read(name) for name in package.namelist())
    assert SOUGHT.encode() not in everything
    assert json.loads(package.read("case/alarms.json"))["alarms"][0]["priority"] == "high"


def test_an_order_without_papers_has_its_custody_log_alone(footage: Footage, tmp_path: Path) -> None:
    package = packed(footage, tmp_path / "exports", Papers())
    assert [name for name in package.namelist() if name.startswith(("case/", "stills/"))] == ["case/custody.json"]
    assert not manifest_of(Path(str(package.filename)))["redaction"]


def test_no_cell_becomes_a_formula() -> None:
    assert b"'=1+1" in table([{"note": "=1+1"}])
    assert table([]) == b"\xef\xbb\xbf"


def test_confirmed_faces_of_the_case_lie_beside_the_film_and_in_no_redacted_package(
    footage: Footage, tmp_path: Path
) -> None:
    search = FaceSearchRow(
        "s1", "authorised", None, "p1", "offence", "Art. 40", "C-17", "police", ("IZ-07",), at(0), at(12), "a theft", "",
        "Order 1", at(13), "olena",
    )  # fmt: skip

    def face(id: str, second: float, outcome: str, search_id: str = "s1") -> FaceCandidateRow:
        return FaceCandidateRow(
            id, None, "r1", "IZ-07", "t1", at(second), 0.41, 0.5, 0.0002, 1, None, 3, "{}", "ab" * 32, outcome,  # type: ignore[arg-type]
            judged=at(13), search_id=search_id,
        )  # fmt: skip

    def fill(tx: Any) -> None:
        tx.face_searches.add(search)
        tx.face_searches.add(replace(search, id="s2", case_ref="another"))
        for row in (
            face("f1", 4, "confirmed"), face("f2", 5, "rejected"), face("f3", 11, "confirmed"),
            face("f4", 4, "confirmed", "s2"),
        ):  # fmt: skip
            tx.faces.add(row, b"sealed")
        tx.faces.say(FaceVerdictRow("f1", "olena", at(14), "same", "ears"))

    footage.database.write_now(fill)
    package = packed(footage, tmp_path / "exports", Papers(stills=True))
    (told,) = json.loads(package.read("case/faces.json"))["faces"]
    assert (told["id"], told["camera"], told["time"]) == ("f1", "IZ-07", to_iso(at(4)))
    assert told["verdicts"][0]["by"] == "olena"
    assert len([name for name in package.namelist() if name.startswith("stills/")]) == 2, "its moment is a picture"
    hidden = packed(footage, tmp_path / "redacted", Papers(), "redacted")
    assert "case/faces.json" not in hidden.namelist()
