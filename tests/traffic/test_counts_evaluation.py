"""`istros evaluate` for counts and tracks, on films that the test draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from istros.cli import app
from istros.recognition.evaluation.film_tracks import evaluate_tracks, truth_of_simulation, truth_of_table
from istros.recognition.evaluation.labels import LabelsWrong, read_table
from istros.recognition.evaluation.report import Report
from istros.recognition.evaluation.shares import Share
from istros.sim.clips import FOLDER as CLIPS
from istros.traffic.counts_evaluation import evaluate_counts, is_turned, line_labels
from istros.traffic.line_count import CountLine
from tests.recognition.pictures import needs_models
from tests.traffic.test_film_counts import RedDetector, film

HEADER = "file,x1,y1,x2,y2,what,direction_a,count_a,direction_b,count_b,edge_start,edge_end,tolerance"
WAYS = [(60, 20, 9, 90, 50), (250, 400, -10, 90, 50), (420, 20, 8, 90, 50), (560, 30, 7, 25, 60)]
"""Two cars down, one up, one person down."""


def counted(folder: Path, *rows: str) -> Report:
    (folder / "line_counts.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return evaluate_counts(read_table(folder / "line_counts.csv"), RedDetector())


def test_lines_are_compared_in_the_labels_directions(tmp_path: Path) -> None:
    film(tmp_path / "street.mp4", WAYS)
    report = counted(
        tmp_path,
        "street.mp4,0,180,639,180,car,up,1,down,2,0,0,0",
        "street.mp4,0,180,639,180,vehicle,down,2,up,2,0,1,0",
        "street.mp4,0,180,639,180,person,up,0,down,2,0,0,0",
        "gone.mp4,0,180,639,180,car,up,1,down,,0,0,0",
    )
    rows = [row[2:7] for row in report.tables[0].rows]
    assert rows == [
        ("car", "a", 1, 1, 0),
        ("car", "b", 2, 2, 0),
        ("vehicle", "a", 2, 2, 0),  # labelled down first: our b
        ("vehicle", "b", 2, 1, 1),
        ("person", "a", 0, 0, 0),
        ("person", "b", 2, 1, 1),
        ("car", "a", 1, 0, 1),
        ("", "", 10, 7, 3),
    ]
    assert report.tables[0].rows[-1][-1] == "30.0 %"
    assert "gone.mp4" in report.problems[0]


def test_what_stands_on_a_line_at_the_films_end_may_count(tmp_path: Path) -> None:
    film(tmp_path / "street.mp4", WAYS)
    report = counted(tmp_path, "street.mp4,0,180,639,180,car,up,0,down,1,1,0,0")
    assert [row[6] for row in report.tables[0].rows] == [0, 0, 0]
    report = counted(tmp_path, "street.mp4,0,180,639,180,car,up,3,down,2,0,0,1")
    assert [row[6] for row in report.tables[0].rows] == [1, 0, 1]


def test_named_directions_turn_a_line(tmp_path: Path) -> None:
    right, down = CountLine("r", (0, 10), (100, 10)), CountLine("d", (50, 0), (50, 100))
    assert [is_turned(right, way) for way in ("up", "down", "a", "")] == [False, True, False, False]
    assert [is_turned(down, way) for way in ("right", "left")] == [False, True]
    with pytest.raises(LabelsWrong, match="line 2: the line has no length"):
        counted(tmp_path, "street.mp4,5,5,5,5,car,up,1,down,2,0,0,0")
    with pytest.raises(LabelsWrong, match="count_a is -1"):
        counted(tmp_path, "street.mp4,5,5,9,5,car,up,-1,down,2,0,0,0")
    assert line_labels(read_table(tmp_path / "line_counts.csv").__class__(tmp_path, tmp_path, (), ())) == []


def test_things_in_the_picture_are_compared_beside(tmp_path: Path) -> None:
    film(tmp_path / "street.mp4", WAYS)
    (tmp_path / "occupancy.csv").write_text(
        "file,frame_from,frame_to,what,count\nstreet.mp4,10,20,person,1\nstreet.mp4,20,20,car,3\nstreet.mp4,1,2,horse,3\n"
    )
    report = counted(tmp_path, "street.mp4,0,180,639,180,car,up,1,down,2,0,0,0")
    assert [row[4] for row in report.tables[1].rows][:3] == [1, 3, None]


def test_tracks_are_compared_with_a_table(tmp_path: Path) -> None:
    film(tmp_path / "street.mp4", [(60, 20, 9, 90, 50), (420, 30, 8, 90, 50)], 30)
    rows = ["file,frame,id,x,y,w,h,img_w,img_h,class"]
    for frame in range(30):
        rows.append(f"street.mp4,{frame},left,60,{20 + 9 * frame},91,51,640,360,car")
        rows.append(f"street.mp4,{frame},right,420,{30 + 8 * frame},91,51,640,360,van")
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    report = evaluate_tracks(truth_of_table(read_table(tmp_path / "labels.csv")), RedDetector(), "set", fps=10)
    name, things, found, boxes, false, switches, fragments, tracks, idf1 = report.tables[0].rows[0]
    assert (name, things, found, false, switches, fragments, tracks) == ("street.mp4", 2, Share(2, 2), 0, 0, 0, 1.0)
    assert isinstance(boxes, Share)
    assert boxes.value == 1.0
    assert idf1 == 1.0
    assert {row[0]: row[1] for row in report.tables[1].rows} == {"car": Share(1, 1), "van": Share(0, 1)}
    (tmp_path / "labels.csv").write_text("file,frame,id,x,y,w,h\nstreet.mp4,0,a,1,1,1,1\n")
    with pytest.raises(LabelsWrong, match="need the column img_w"):
        truth_of_table(read_table(tmp_path / "labels.csv"))


def test_a_clip_that_begins_anew_has_new_passages() -> None:
    truth = truth_of_simulation(CLIPS / "izmail-avenue.json")
    places: dict[str, list[int]] = {}
    for number, things in truth.frames.items():
        for thing in things:
            places.setdefault(thing.id, []).append(number)
    assert all(max(b - a for a, b in zip([n[0], *n], n, strict=False)) <= 25 for n in places.values())
    assert any("." in name for name in places)
    assert truth.classes["v13"] == "bus"


@needs_models
def test_the_command_writes_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film(tmp_path / "street.mp4", WAYS, 6)
    (tmp_path / "line_counts.csv").write_text(f"{HEADER}\nstreet.mp4,0,180,639,180,car,up,0,down,0,0,0,0\n")
    with pytest.raises(SystemExit) as ended:
        app(["evaluate", str(tmp_path), "--out", str(tmp_path / "out"), "--json"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)[0]["kind"] == "counts"
    assert (tmp_path / "out/counts.md").read_text(encoding="utf-8").startswith("# Counts: ")
