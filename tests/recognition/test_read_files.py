"""`read_plates`: pictures, films, folders, and files that cannot be read."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from istros.recognition.picture import Picture
from istros.recognition.read_files import COLUMNS, picture_of, read_plates
from istros.recognition.tables import TableNotWritten, opened_table
from tests.recognition.pictures import draw_plate, needs_models, street

pytestmark = needs_models


def _with_plate(text: str, x: int = 300) -> Picture:
    picture = street()
    draw_plate(picture, (text,), x, 200)
    return picture


def _film(path: Path, pictures: list[Picture]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_pictures_films_and_folders_give_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "deeper"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "one.png"), _with_plate("AE1234KB"))
    (folder / "notes.txt").write_text("no picture")
    _film(tmp_path / "gate.mp4", [_with_plate("B123ABC", 120 + 20 * number) for number in range(15)])
    told: list[tuple[int, int]] = []
    summary = read_plates(
        [tmp_path / "pictures", tmp_path / "gate.mp4"], tmp_path / "out.csv", progress=lambda *item: told.append(item)
    )
    rows = _rows(tmp_path / "out.csv")
    assert tuple(rows[0]) == COLUMNS
    assert [(Path(row["file"]).name, row["text"], row["country"]) for row in rows] == [
        ("one.png", "AE1234KB", "UA"),
        ("gate.mp4", "B123ABC", "RO"),
    ]
    assert rows[0]["frame"] == "0"
    assert abs((float(rows[0]["xmin"]) + float(rows[0]["xmax"])) / 2 - 300) < 12
    assert (summary.files, summary.reads, summary.problems) == (2, 2, ())
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8 this is no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "torn.mp4").write_bytes(b"no film")
    (tmp_path / "letter.txt").write_text("hello")
    cv2.imwrite(str(tmp_path / "zgood.png"), _with_plate("TL05XYZ"))
    paths = [*sorted(tmp_path.iterdir()), tmp_path / "nowhere.jpg"]
    summary = read_plates(paths, tmp_path / "out.csv")
    assert [row["text"] for row in _rows(tmp_path / "out.csv")] == ["TL05XYZ"]
    assert len(summary.problems) == 5
    for name in ("torn.jpg", "empty.png", "torn.mp4", "letter.txt", "nowhere.jpg"):
        assert sum(name in sentence for sentence in summary.problems) == 1


def test_a_table_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TableNotWritten, match="cannot be written"):
        read_plates([], tmp_path / "missing" / "out.csv")


def test_a_picture_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    picture = np.zeros((40, 60, 3), np.uint8)
    _, coded = cv2.imencode(".jpg", picture)
    # An EXIF block with orientation 6 (turn by 90 degrees clockwise), TIFF 6.0 little-endian.
    tiff = b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
    exif = b"Exif\x00\x00" + tiff
    data = coded.tobytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:])
    assert picture_of(path).shape == (60, 40, 3)


FULL = Path("/dev/full")
"""Linux: a file on a disk that is always full."""


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full on this machine")
@pytest.mark.parametrize("rows", [0, 5000])
def test_a_full_disk_is_named_with_the_table_and_not_with_the_picture(rows: int) -> None:
    """Few rows wait in memory until the end, many are written on the way."""
    with (
        pytest.raises(TableNotWritten, match=r"The table /dev/full cannot be written: the disk is full \(/dev\)"),
        opened_table(FULL, COLUMNS) as table,
    ):
        for number in range(rows):
            table.write(("picture.jpg", number, "BH1234AA"))


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full on this machine")
def test_a_command_whose_table_does_not_fit_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(TableNotWritten, match="the disk is full"):
        read_plates([tmp_path], FULL)
