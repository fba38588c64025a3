"""`istros count` on films that the test draws, with a detector that knows their boxes, and on the simulated city's."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from istros.cli import app
from istros.recognition.detector import SIZES, StreetDetector
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.sim.clips import FOLDER
from istros.traffic.film_counts import COUNT_COLUMNS, FilmCounts, LineOutside, count_film, count_rows
from istros.traffic.line_count import CountLine
from tests.recognition.pictures import needs_models, street

RED = (20, 20, 220)
MIDDLE = CountLine("middle", (0, 180), (639, 180))


class RedDetector:
    """Knows red boxes: a wide one is a car, a high one a person. `blind`: it knows nothing."""

    def __init__(self, blind: bool = False) -> None:
        self._blind = blind

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        rows, columns = picture.shape[:2]
        mask = (picture[..., 2] > 150) & (picture[..., 1] < 90)
        count, _, parts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        found = []
        for left, top, width, height, area in parts[1:count].tolist():
            if area > 200 and not self._blind:
                box = Box(left / columns, top / rows, (left + width) / columns, (top + height) / rows)
                found.append(Detection(box, "car" if width > height else "person", 0.8))
        return found


def film(path: Path, ways: list[tuple[int, int, int, int, int]], frames: int = 40) -> Path:
    """Boxes (x, y at first, pixels down a frame, width, height) on a street, ten frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10), options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame in range(frames):
            picture = street()
            for x, y, speed, width, height in ways:
                top = y + speed * frame
                cv2.rectangle(picture, (x, top), (x + width, top + height), RED, -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def counted(result: FilmCounts) -> dict[str, int]:
    return {f"{thing}_{way}": count for (_, way, thing), count in result.counts.items() if count}


def test_cars_count_by_direction_and_persons_apart(tmp_path: Path) -> None:
    ways = [(60, 20, 9, 90, 50), (250, 400, -10, 90, 50), (420, 20, 8, 90, 50), (560, 30, 7, 25, 60)]
    result = count_film(film(tmp_path / "street.mp4", ways), [MIDDLE], RedDetector())
    assert counted(result) == {"car_b": 2, "car_a": 1, "person_b": 1}
    assert (result.vehicles("middle", "a"), result.vehicles("middle", "b")) == (1, 2)
    (row,) = count_rows(result)
    cells = dict(zip(COUNT_COLUMNS, row, strict=True))
    assert (cells["line"], cells["x2"], cells["count_a"], cells["count_b"], cells["person_b"]) == (
        "middle",
        "639",
        1,
        2,
        1,
    )
    busiest = max(result.occupancy, key=lambda item: item.vehicles)
    assert (busiest.vehicles, busiest.persons) == (3, 1)


def test_where_the_detector_is_blind_what_is_large_and_moves_counts(tmp_path: Path) -> None:
    """As over a car park, seen from above; the street is empty at first, so that the background is known."""
    ways = [(100, -120, 9, 60, 100), (400, 460, -9, 60, 100)]
    result = count_film(film(tmp_path / "above.mp4", ways, 50), [MIDDLE], RedDetector(blind=True))
    assert counted(result) == {"car_b": 1, "car_a": 1}


def test_what_moves_beside_known_cars_without_a_name_is_no_car(tmp_path: Path) -> None:
    ways = [(60, -100, 9, 110, 60), (250, 400, -10, 110, 60)]
    path = film(tmp_path / "street.mp4", ways, 50)

    class HalfBlind(RedDetector):
        def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
            return [item for item in super().detect(picture) if picture.shape[1] == 640 and item.box.left > 0.3]

    assert counted(count_film(path, [MIDDLE], HalfBlind())) == {"car_a": 1}


def test_a_line_outside_the_film_is_one_sentence(tmp_path: Path) -> None:
    path = film(tmp_path / "street.mp4", [(60, 20, 9, 90, 50)], 8)
    with pytest.raises(LineOutside, match="640 pixels wide and 360 high"):
        count_film(path, [CountLine("far", (900, 10), (1200, 10))], RedDetector())


@needs_models
def test_cars_of_the_simulated_avenue(tmp_path: Path) -> None:
    """Two vehicles a direction cross the line in the clip's first five seconds of ground truth; the clip is one period."""
    truth = json.loads((FOLDER / "izmail-avenue.json").read_text(encoding="utf-8"))
    line = CountLine("kerb", (0, 216), (639, 216))
    up, down = (
        {thing["id"] for thing in truth["vehicles"] if not thing["parked"] and _crosses(thing, 0.6 * 1080, way)}
        for way in (-1, 1)
    )
    result = count_film(FOLDER / "izmail-avenue_sub.mp4", [line], StreetDetector(SIZES["wide"]))
    assert abs(result.vehicles("kerb", "a") - len(up)) <= 1
    assert abs(result.vehicles("kerb", "b") - len(down)) <= 1


def _crosses(thing: dict[str, list[dict[str, list[float]]]], height: float, way: int) -> bool:
    middles = [(frame["box"][1] + frame["box"][3]) / 2 for frame in thing["frames"]]
    steps = pairwise(middles)
    return any((one - height) * way < 0 <= (other - height) * way and abs(other - one) < 100 for one, other in steps)


@needs_models
def test_the_command_writes_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = film(tmp_path / "street.mp4", [(60, 20, 9, 90, 50)], 6)
    words = [
        "count",
        str(path),
        "--line",
        "gate=0,180,639,180",
        "--line",
        "5,5,5,300",
        "--csv",
        str(tmp_path / "out.csv"),
    ]
    with pytest.raises(SystemExit) as ended:
        app([*words, "--occupancy", str(tmp_path / "things.csv")])
    assert ended.value.code == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(row["line"], row["x1"], row["y2"]) for row in rows] == [("gate", "0", "180"), ("2", "5", "300")]
    assert "line gate" in capsys.readouterr().out
    assert (tmp_path / "things.csv").read_text(encoding="utf-8").startswith("file,frame,time_s,vehicles")
