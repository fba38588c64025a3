"""`read_faces` and `compare_faces`: pictures, films, folders, and files that cannot be used."""

from __future__ import annotations

import csv
import struct
import zlib
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from istros.recognition.compare_faces import NotComparable, compare_faces, sentences_of
from istros.recognition.picture import Picture
from istros.recognition.read_faces import COLUMNS, read_faces
from istros.recognition.read_files import UnreadableFile, files_of, picture_of
from istros.sim.clips import FOLDER
from istros.video.files import frames_of
from tests.recognition.pictures import needs_models, street
from tests.recognition.simulated_faces import NAME, close_up, heads, square

pytestmark = needs_models


def _film(path: Path, pictures: list[Picture]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], "yuv420p"
        stream.options = {"crf": "18", "preset": "veryfast"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def _face_alone() -> Picture:
    """A street with one face 90 pixels high in it."""
    picture = street()
    part, face = close_up("w02", 70, 90)
    left, top = int(face.left - 40), int(face.top - 60)
    picture[60:260, 200:380] = part[top : top + 200, left : left + 180]
    return picture


def _walk() -> list[Picture]:
    """Two people who come nearer (w01 and w02), seen by a fixed camera ten times a second."""
    numbers = range(36, 72, 3)
    frames = (item for item in frames_of(FOLDER / f"{NAME}_main.mp4"))
    return [item.frame.bgr()[360:1080, 0:1280] for item in islice(frames, 72) if item.number in numbers]


def test_a_picture_gives_a_row_a_face(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "square.png"), square(70))
    cv2.imwrite(str(tmp_path / "empty.png"), street())
    summary = read_faces([tmp_path], tmp_path / "out.csv")
    rows = _rows(tmp_path / "out.csv")
    assert tuple(rows[0]) == COLUMNS
    assert (summary.files, summary.faces, summary.problems) == (2, len(rows), ())
    near = [row for row in rows if float(row["ymax"]) - float(row["ymin"]) > 50]
    assert len(near) >= 2 and {row["frame"] for row in rows} == {"0"}
    for row in near:
        assert 0 <= int(row["age_low"]) < int(row["age_high"]) <= 110
        assert row["sex"] in ("female", "male") and 0.5 <= float(row["sex_confidence"]) <= 1
    for row in rows:
        if float(row["ymax"]) - float(row["ymin"]) < 32:
            assert row["age_low"] == row["age_high"] == row["sex"] == row["sex_confidence"] == ""


def test_a_film_gives_a_row_a_face_that_goes_through_it(tmp_path: Path) -> None:
    walk = _walk()
    blurred = [np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8) for picture in walk[:6]]
    _film(tmp_path / "square.mp4", [*blurred, *walk[6:]])
    summary = read_faces([tmp_path / "square.mp4"], tmp_path / "out.csv")
    rows = _rows(tmp_path / "out.csv")
    assert summary.faces == len(rows) == 2
    for row in rows:
        assert int(row["frame"]) >= 6, "the best frame is a clear one"
        assert float(row["ymax"]) - float(row["ymin"]) > 45
        assert row["sex"]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8 this is no picture")
    (tmp_path / "torn.mp4").write_bytes(b"no film")
    (tmp_path / "letter.txt").write_text("hello")
    cv2.imwrite(str(tmp_path / "zgood.png"), _face_alone())
    summary = read_faces([*sorted(tmp_path.iterdir()), tmp_path / "nowhere.jpg"], tmp_path / "out.csv")
    assert len(_rows(tmp_path / "out.csv")) == 1
    assert len(summary.problems) == 4
    for name in ("torn.jpg", "torn.mp4", "letter.txt", "nowhere.jpg"):
        assert sum(name in sentence for sentence in summary.problems) == 1


def _written(folder: Path, name: str, picture: Picture) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    cv2.imwrite(str(path), picture)
    return path


def test_a_face_is_compared_with_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "others"
    one = _written(tmp_path, "one.png", close_up("w02", 60)[0])
    _written(folder, "same.png", close_up("w02", 70)[0])
    _written(folder, "another.png", close_up("w01", 70)[0])
    _written(folder, "small.png", close_up("w02", 70, 45)[0])
    _written(folder, "nobody.png", street())
    (folder / "torn.jpg").write_bytes(b"torn")
    result = compare_faces(one, folder)
    names = [Path(other.file).name for other in result.others]
    assert names[:2] == ["same.png", "another.png"] and set(names[2:]) == {"small.png", "nobody.png"}
    same, another = (other.comparison for other in result.others[:2])
    assert same is not None and another is not None
    assert same.similarity > another.similarity and same.false_match_rate <= another.false_match_rate
    refused = {Path(other.file).name: other.refused for other in result.others[2:]}
    assert refused["nobody.png"] == "no face is found in it"
    assert "64 are needed" in str(refused["small.png"])
    assert len(result.problems) == 1 and "torn.jpg" in result.problems[0]
    told = "\n".join(sentences_of(result))
    assert "2 times as often" in told and "not compared: no face" in told
    assert result.as_json()["others"][0]["refused"] is None  # type: ignore[index]


def test_a_first_picture_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    nobody = _written(tmp_path, "nobody.png", street())
    small = _written(tmp_path, "small.png", close_up("w02", 70, 45)[0])
    for path, words in ((nobody, "no face is found"), (small, "pixels high, and 64")):
        with pytest.raises(NotComparable, match=words):
            compare_faces(path, tmp_path)
    with pytest.raises(UnreadableFile, match=r"nowhere\.png cannot be read"):
        compare_faces(tmp_path / "nowhere.png", tmp_path)
    with pytest.raises(UnreadableFile):
        compare_faces(tmp_path, tmp_path)


def test_of_a_picture_with_several_faces_the_nearest_counts(tmp_path: Path) -> None:
    one = _written(tmp_path, "one.png", close_up("w02", 60)[0])
    large = np.asarray(cv2.resize(square(70)[560:], None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), np.uint8)
    both = _written(tmp_path, "both.png", large)
    assert {"w01", "w02"} <= set(heads(70))
    result = compare_faces(one, both)
    (other,) = result.others
    assert other.faces >= 2 and other.comparison is not None
    assert other.comparison.similarity > 0.5
    assert f"the nearest of {other.faces} faces" in "\n".join(sentences_of(result))


def test_a_picture_that_claims_to_be_enormous_is_one_sentence(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    huge = tmp_path / "huge.png"
    huge.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")))
    with pytest.raises(UnreadableFile, match=r"huge\.png cannot be decoded"):
        picture_of(huge)


def test_a_name_too_long_for_the_disk_is_told() -> None:
    problems: list[str] = []
    assert list(files_of([Path(f"{'a' * 300}.jpg")], problems)) == []
    assert len(problems) == 1 and "There is no file" in problems[0]
