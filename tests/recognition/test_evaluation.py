"""Labelled folders, reports and plate scores, on folders that the test makes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from istros.cli import app
from istros.recognition.detector import StreetDetector
from istros.recognition.evaluation.face_measuring import FaceMeasurer
from istros.recognition.evaluation.film_tracks import truth_of_simulation
from istros.recognition.evaluation.labels import Kind, LabelsWrong, evenly, read_table, simulated_truth, tables_of
from istros.recognition.evaluation.parts import Part
from istros.recognition.evaluation.plates import evaluate_plates
from istros.recognition.evaluation.report import Report, ReportNotWritten, Table
from istros.recognition.evaluation.shares import Share
from istros.recognition.evaluation.sheet import Tile, part_of, sheet_jpeg
from istros.recognition.evaluation.weights import weights_of
from istros.recognition.models import registry
from istros.recognition.models.cards import ModelCard
from istros.recognition.models.registry import MODELS_FOLDER, model_path, running_models
from istros.recognition.observation import Box
from istros.recognition.picture import Picture
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate, PlateReader
from istros.sim.clips import FOLDER as CLIPS
from tests.recognition.pictures import needs_models, street


class KnowingReader:
    """Says for each picture, by the value of its first pixel, what it was told to say."""

    def __init__(self, said: dict[int, list[tuple[str, float, float, float]]]) -> None:
        self._said = said

    def read_still(self, picture: Picture) -> list[PlateReadCandidate]:
        reads = self._said.get(int(picture[0, 0, 0]), [])
        return [
            PlateReadCandidate(PixelBox(x - 20, y - 5, x + 20, y + 5), (), text, None, sure, (), ())
            for text, sure, x, y in reads
        ]


def labelled(folder: Path, rows: list[str], header: str = "file,x,y,w,h,plate,country,legibility") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "labels.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def picture(folder: Path, name: str, number: int) -> None:
    image = street()
    image[:4, :4] = number
    (folder / "images").mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "images" / name), image)


def plates_folder(folder: Path) -> Path:
    """Five readable labels: right, right in look-alikes, wrong and sure, wrong elsewhere, missing; one unreadable."""
    for number, name in enumerate(["a.png", "b.png", "c.png", "d.png"], 10):
        picture(folder, name, number)
    rows = [
        "a.png,100,100,80,20,АЕ 1234 КВ,UA,clear",
        "b.png,100,100,80,20,B 10 SIT,RO,clear",
        "b.png,400,100,80,20,??,RO,unreadable",
        "c.png,100,100,80,20,TL 09 ABC,RO,poor",
        "d.png,100,100,80,20,AB12CDE,,clear",
        "gone.png,100,100,80,20,TL 10 ABC,RO,clear",
    ]
    return labelled(folder, rows)


READS = {
    10: [("AE1234KB", 0.99, 140, 110)],
    11: [("BI0SIT", 0.8, 140, 110), ("XX11XXX", 0.9, 440, 110)],
    12: [("TL09ABD", 0.9, 140, 110), ("TL09ABC", 0.6, 142, 110)],
    13: [("AB12CDE", 0.95, 320, 300)],
}


def cells(report: Report, table: int, row: int = 0) -> dict[str, object]:
    found = report.tables[table]
    return dict(zip(found.columns, found.rows[row], strict=True))


def test_plates_are_counted_as_the_scorer_counts_them(tmp_path: Path) -> None:
    report = evaluate_plates(read_table(plates_folder(tmp_path) / "labels.csv"), KnowingReader(READS))
    total = cells(report, 0)
    assert total["located"] == Share(3, 5)
    assert total["exact"] == Share(2, 5)
    assert total["exact by any read"] == Share(3, 5)
    assert total["wrong"] == total["confident wrong"] == Share(1, 5)
    assert total["character error"] == pytest.approx((0 + 0 + 1 / 7 + 1 + 1) / 5)
    countries = {row[0]: row[2] for row in report.tables[1].rows}
    assert countries == {"RO": Share(1, 3), "UA": Share(1, 1), "not said": Share(0, 1)}
    assert {row[0]: row[2] for row in report.tables[2].rows} == {"clear": Share(2, 4), "poor": Share(0, 1)}
    # The read on the unreadable label is not counted; the one at a place without label is.
    assert cells(report, 3)["sure texts elsewhere, per plate"] == pytest.approx(1 / 5)
    assert [(item["plate"], item["read"]) for item in report.items][3:] == [("AB12CDE", None), ("TL 10 ABC", None)]


def test_failures_and_missing_files_are_shown_and_told(tmp_path: Path) -> None:
    report = evaluate_plates(read_table(plates_folder(tmp_path) / "labels.csv"), KnowingReader(READS))
    assert [tile.lines[:2] for tile in report.failures] == [
        ("is TL 09 ABC", "read TL09ABD 0.90"),
        ("is AB12CDE", "not found"),
    ]
    assert len(report.problems) == 1
    assert "gone.png" in report.problems[0]


@pytest.mark.parametrize(
    ("patterns", "numbers", "files"),
    [
        ((), None, "day_1_9.jpg day_1_560.jpg day_2_600.jpg night.jpg"),
        (("day_1_*",), None, "day_1_9.jpg day_1_560.jpg"),
        (("day_1_*", "n*"), None, "day_1_9.jpg day_1_560.jpg night.jpg"),
        ((), "560-720", "day_1_560.jpg day_2_600.jpg"),
        (("day_1_*",), "9, 560-720", "day_1_9.jpg day_1_560.jpg"),
        (("*2_*",), "0-600", "day_2_600.jpg"),
    ],
)
def test_a_part_is_named_by_patterns_and_numbers(
    tmp_path: Path, patterns: tuple[str, ...], numbers: str | None, files: str
) -> None:
    names = ["day_1_9.jpg", "day_1_560.jpg", "day_2_600.jpg", "night.jpg"]
    table = read_table(labelled(tmp_path, [f"{name},1,1,9,9,AB12CDE,,clear" for name in names]) / "labels.csv")
    rows = Part.said(patterns, numbers).of(table).rows
    assert [row["file"] for _, row in rows] == files.split()
    assert [line for line, _ in rows] == [names.index(row["file"]) + 2 for _, row in rows]


def test_a_part_is_all_that_is_read_and_its_report_names_it(tmp_path: Path) -> None:
    table = Part.said(("[bc].*",), None).of(read_table(plates_folder(tmp_path / "set") / "labels.csv"))
    report = evaluate_plates(table, KnowingReader(READS))
    assert {item["file"] for item in report.items} == {"b.png", "c.png"}
    assert report.as_markdown().startswith("# Plates: set ([bc].*)")


@pytest.mark.parametrize("numbers", ["", "7-3", "a-b", "1-2-3", "5,", "-4", "1" * 5000])
def test_a_span_that_is_none_is_one_sentence(numbers: str) -> None:
    with pytest.raises(LabelsWrong, match="no span of numbers"):
        Part.said((), numbers)


def test_a_part_without_files_is_one_sentence(tmp_path: Path) -> None:
    table = read_table(plates_folder(tmp_path) / "labels.csv")
    with pytest.raises(LabelsWrong, match="belongs to the part night"):
        Part.said(("night*",), None).of(table)


def test_the_command_takes_a_part(tmp_path: Path) -> None:
    folder = str(plates_folder(tmp_path / "set"))
    with pytest.raises(LabelsWrong, match=r"belongs to the part x\*, y\* 3-4"):
        app(["evaluate", folder, "--only", "x*", "--only", "y*", "--numbers", "3-4"])
    with pytest.raises(LabelsWrong, match="no span of numbers"):
        app(["evaluate", folder, "--numbers", "x"])


def test_a_report_is_written_in_three_forms(tmp_path: Path) -> None:
    report = evaluate_plates(read_table(plates_folder(tmp_path / "set") / "labels.csv"), KnowingReader(READS))
    written = report.write(tmp_path / "out")
    assert [path.name for path in written] == ["plates.json", "plates.md", "plates-failures.jpg"]
    content = json.loads((tmp_path / "out/plates.json").read_text(encoding="utf-8"))
    assert content["tables"][0]["rows"][0]["exact"]["hits"] == 2
    text = (tmp_path / "out/plates.md").read_text(encoding="utf-8")
    assert "| all | 60.0 % (23.1 to 88.2, 3 of 5) | 40.0 % (11.8 to 76.9, 2 of 5) |" in text
    assert "gone.png" in text
    sheet = cv2.imread(str(tmp_path / "out/plates-failures.jpg"))
    assert sheet is not None
    assert sheet.shape[1] >= 2 * 240


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportNotWritten, match="cannot be written into"):
        Report("plates", "x", (Table("T", ("a",), ((1,),)),)).write(tmp_path / "file")


def test_fewer_pictures_are_spread_over_the_set(tmp_path: Path) -> None:
    paths = [Path(str(number)) for number in range(10)]
    assert [path.name for path in evenly(paths, 4)] == ["0", "2", "5", "7"]
    assert evenly(paths, None) == evenly(paths, 99) == paths
    report = evaluate_plates(read_table(plates_folder(tmp_path) / "labels.csv"), KnowingReader(READS), limit=2)
    assert cells(report, 0)["located"] == Share(2, 2)


@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("file,x,y,w,h,plate,country", ["plates"]),
        ("file,faces", ["faces"]),
        ("file,person,age,sex", ["faces", "age-sex"]),
        ("file,x,y,w,h", ["faces"]),
        ("file,sex", ["age-sex"]),
        ("file,frame,id,x,y,w,h,img_w,img_h", ["tracks"]),
        ("file,x1,y1,x2,y2,what,direction_a,count_a,direction_b,count_b", ["counts"]),
    ],
)
def test_the_columns_tell_the_kind(tmp_path: Path, header: str, kinds: list[str]) -> None:
    folder = labelled(tmp_path, ["a.png" + "," * header.count(",")], header)
    assert [kind for kind, _ in tables_of(folder)] == kinds


def test_folders_without_usable_labels_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LabelsWrong, match="There is no folder"):
        tables_of(tmp_path / "none")
    with pytest.raises(LabelsWrong, match=r"There is no labels\.csv in"):
        tables_of(tmp_path)
    with pytest.raises(LabelsWrong, match=r"fit no evaluation: labels\.csv has file, colour"):
        tables_of(labelled(tmp_path, ["a.png,red"], "file,colour"))
    with pytest.raises(LabelsWrong, match="have no rows"):
        tables_of(labelled(tmp_path, []))
    with pytest.raises(LabelsWrong, match="have no column `file`"):
        tables_of(labelled(tmp_path, ["1,2"], "x,y"))
    (tmp_path / "labels.csv").write_bytes(b"file,plate\n\xff\xfe\x00\x01,x\n")
    with pytest.raises(LabelsWrong, match="no CSV table in UTF-8"):
        tables_of(tmp_path)
    table = read_table(labelled(tmp_path, ["a.png,1,two,3,4,AB,,"]) / "labels.csv")
    with pytest.raises(LabelsWrong, match=r"labels\.csv, line 2: y is 'two' and must be a number"):
        evaluate_plates(table, KnowingReader({}))
    table = read_table(labelled(tmp_path, ["a.png,1,2,nan,4,AB,,"]) / "labels.csv")
    with pytest.raises(LabelsWrong, match="w is nan and must be a number from 1 to 1e"):
        evaluate_plates(table, KnowingReader({}))
    table = read_table(labelled(tmp_path, ["a.png,1e308,2,1e308,4,AB,,"]) / "labels.csv")
    with pytest.raises(LabelsWrong, match="x is 1e308 and must be a number between"):
        evaluate_plates(table, KnowingReader({}))


@pytest.mark.parametrize("name", ["a\0b.png", f"{'a' * 300}.png"])
def test_a_name_that_no_file_can_have_is_a_missing_picture(tmp_path: Path, name: str) -> None:
    report = evaluate_plates(read_table(labelled(tmp_path, [f"{name},1,2,3,4,AB,,"]) / "labels.csv"), KnowingReader({}))
    assert len(report.problems) == 1 and "cannot be read" in report.problems[0]
    assert cells(report, 0)["located"] == Share(0, 1)


@pytest.mark.parametrize("content", ['{"scene":1,"fps":2,"width":0,"height":"x","vehicles":[3]}', "[]", "{"])
def test_a_damaged_truth_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(LabelsWrong, match=r"a\.json is not as the simulated city writes it"):
        truth_of_simulation(tmp_path / "a.json")


def test_the_simulated_clips_are_known_by_their_truth(tmp_path: Path) -> None:
    assert "izmail-avenue" in [path.stem for path in simulated_truth(CLIPS)]
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "x_main.mp4").write_bytes(b"")
    assert simulated_truth(tmp_path) == []


def test_a_share_knows_how_little_it_knows() -> None:
    low, high = Share(19, 20).interval
    assert (round(low, 3), round(high, 3)) == (0.764, 0.991)
    assert Share(0, 0).value is None
    assert Share(3, 3).interval[1] == 1.0
    with pytest.raises(ValueError, match="4 of 3"):
        Share(4, 3)


def test_a_sheet_takes_any_picture_and_says_what_it_left_out() -> None:
    tiles = [Tile(np.full((1, 900, 3), 9, np.uint8), ("Їжак", "țară")), Tile(street(), ("one",))] * 70
    sheet = cv2.imdecode(np.frombuffer(sheet_jpeg("many", tiles), np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape[0] == 34 + 20 * (150 + 2 * 20 + 8 + 6)
    assert part_of(street(), Box(0.99, 0.99, 1.2, 1.2)).size > 0
    assert max(part_of(street(1920, 1080), Box(0, 0, 1, 1)).shape) <= 240


@needs_models
@pytest.mark.parametrize(
    ("kind", "looks"), [("plates", PlateReader), ("age-sex", FaceMeasurer), ("counts", StreetDetector)]
)
def test_a_report_names_the_weights_that_look(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, looks: Callable[[], object]
) -> None:
    """Those that the looking opens, no more and no less, by the hashes of the files that lie there."""
    opened: list[Path] = []

    def opening(card: ModelCard, folder: Path = MODELS_FOLDER) -> Path:
        opened.append(model_path(card, folder))
        return opened[-1]

    monkeypatch.setattr(registry, "model_path", opening)
    looks()
    named = {*weights_of(kind), *(weights_of("faces") if kind == "age-sex" else ())}
    assert {each.file: each.sha256 for each in named} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in opened
    }
    assert {each.model: each.sha256 for each in named}.items() <= running_models().items()


def test_a_detector_of_ones_own_is_named_by_its_card(tmp_path: Path) -> None:
    card = tmp_path / "street.toml"
    card.write_text("file = 'street.onnx'")
    (named,) = weights_of("counts", card)
    assert (named.model, named.file) == ("own-detector", "street.toml")
    assert named.sha256 == hashlib.sha256(card.read_bytes()).hexdigest()
    assert Report("counts", "here", (), weights=(named,)).as_json()["weights"] == [
        {"model": "own-detector", "file": "street.toml", "sha256": named.sha256}
    ]
    assert f"street.toml, SHA-256 `{named.sha256}`" in Report("counts", "here", (), weights=(named,)).as_markdown()
