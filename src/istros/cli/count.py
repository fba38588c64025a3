"""`istros count`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from istros.base.errors import IstrosError

if TYPE_CHECKING:
    from istros.traffic.line_count import CountLine


class LineNotUnderstood(IstrosError):
    """A line that is not four numbers."""

    code = "line-not-understood"


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(count)


def count(
    *films: Annotated[Path, Parameter(help="Films of fixed cameras.")],
    line: Annotated[
        tuple[str, ...],
        Parameter(help="X1,Y1,X2,Y2 in the film's pixels, with NAME= before it if it has a name; may be repeated."),
    ] = (),
    csv: Annotated[Path | None, Parameter(help="The table of crossings to write.")] = None,
    occupancy: Annotated[Path | None, Parameter(help="A table of how many things each frame shows.")] = None,
    detector: Annotated[Path | None, Parameter(help="The card of another detector (docs/design/0027).")] = None,
    fps: Annotated[float, Parameter(help="Frames a second that are looked at.")] = 8.0,
    json_output: Annotated[bool, Parameter(name="--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Count who crosses lines in films: vehicles by class, and persons, towards side a (left of the line) and b (right)."""
    lines = [_line_of(text, number) for number, text in enumerate(line, 1)]
    _check(films, lines, csv, occupancy, fps)
    from istros.recognition.detector import SIZES
    from istros.recognition.own_detector import detector_of
    from istros.traffic import film_counts

    # Before an hour of counting, not after it.
    if csv is not None:
        film_counts.write_table(csv, film_counts.COUNT_COLUMNS, iter(()))
    if occupancy is not None:
        film_counts.write_table(occupancy, film_counts.OCCUPANCY_COLUMNS, iter(()))
    eyes = detector_of(detector, size=SIZES["wide"])
    counted, problems = [], []
    for film in films:
        try:
            counted.append(film_counts.count_film(film, lines, eyes, fps=fps))
        except IstrosError as error:
            problems.append(str(error))
    if csv is not None:
        rows = (row for each in counted for row in film_counts.count_rows(each))
        film_counts.write_table(csv, film_counts.COUNT_COLUMNS, rows)
    if occupancy is not None:
        rows = (row for each in counted for row in film_counts.occupancy_rows(each))
        film_counts.write_table(occupancy, film_counts.OCCUPANCY_COLUMNS, rows)
    if json_output:
        table = [
            dict(zip(film_counts.COUNT_COLUMNS, row, strict=True))
            for each in counted
            for row in film_counts.count_rows(each)
        ]
        sys.stdout.write(json.dumps(table) + "\n")
    else:
        sys.stdout.writelines(_sentences(counted))
    for sentence in problems:
        sys.stderr.write(f"istros: {sentence}\n")
    sys.exit(1 if problems else 0)


def _sentences(counted: list) -> Iterator[str]:  # type: ignore[type-arg]
    for each in counted:
        for line in each.lines:
            towards_a, towards_b = each.vehicles(line.name, "a"), each.vehicles(line.name, "b")
            yield f"{each.film.name}, line {line.name}: {towards_a} vehicles to side a, {towards_b} to side b\n"


def _check(
    films: tuple[Path, ...], lines: list[CountLine], csv: Path | None, occupancy: Path | None, fps: float
) -> None:
    if not films:
        raise LineNotUnderstood("There is no film to count in.", "Name one or more films.")
    if not lines and occupancy is None:
        raise LineNotUnderstood("There is no line to count on.", "Give --line X1,Y1,X2,Y2, or --occupancy FILE.")
    if lines and csv is None:
        raise LineNotUnderstood("There is no table to write the counts to.", "Give --csv FILE.")
    if not 0 < fps <= 60:
        raise LineNotUnderstood(f"{fps:g} frames a second cannot be looked at.", "Give --fps between 1 and 60.")
    names = [line.name for line in lines]
    if len(set(names)) < len(names):
        raise LineNotUnderstood("Two lines have the same name.", "Give each --line a name of its own.")


def _line_of(text: str, number: int) -> CountLine:
    from istros.traffic.line_count import CountLine

    name, is_named, points = text.rpartition("=")
    try:
        x1, y1, x2, y2 = (float(part) for part in points.split(","))
        return CountLine(name.strip() if is_named and name.strip() else str(number), (x1, y1), (x2, y2))
    except ValueError:
        raise LineNotUnderstood(
            f"{text!r} is no line: it needs two different points in pixels.", "Write --line X1,Y1,X2,Y2."
        ) from None
