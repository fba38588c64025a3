"""Measure look-ups and changes in an index of millions of segments; writes docs/benchmarks/index.md.

    python -m tools.bench_index [--rows 7776000] [--keep FILE]

Thirty cameras, one stream each, segments of ten seconds, four holes a day in each camera. The rows are put in without the
triggers, whose tables are filled as the migrations fill them; then the triggers work again and everything measured goes
through `istros.store`, as in a node. `measure(rows)` gives the figures to `just bench video`.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, text

from istros.base.time import DAY, HOUR, SECOND, Span, Time
from istros.base.workers import InlineWorkers
from istros.recording.going import going
from istros.recording.keeping import Keeping, KeepingRules
from istros.store import Database, open_database
from istros.store.database import connection_of
from istros.store.links import RemovalReason
from istros.store.rows import SegmentRow, SegmentState, StreamName

RESULT = Path(__file__).parent.parent / "docs/benchmarks/index.md"
ROWS = 7_776_000
CAMERAS = [f"IZ-{number:02d}" for number in range(1, 31)]
STREAMS: list[tuple[str, StreamName]] = [(camera, "main") for camera in CAMERAS]
START = Time(1_790_000_000_000_000 // DAY * DAY)
LENGTH_US = 10 * SECOND
HOLES_A_DAY = 4
REPEATS = 25
MIME = 'video/mp4; codecs="avc1.640028"'
TIMELINE_MS_MAX = 50.0
END = "\nWhat one row costs"


def measure(rows: int, file: Path | None = None) -> dict[str, dict[str, float]]:
    """Median and 95th percentile in ms of wall time, and median CPU, for each look-up and change; name → figures."""
    with tempfile.TemporaryDirectory(prefix="istros-index-") as folder:
        place = file or Path(folder) / "index.sqlite3"
        is_new = not place.exists()
        database = open_database(f"sqlite:///{place}", InlineWorkers())
        if is_new:
            fill(database, rows)
        days = rows // (len(CAMERAS) * DAY // LENGTH_US)
        found = {name: timed(work) for name, work in works(database, max(1, days)).items()}
        size = place.stat().st_size
        database.close()
    return {**found, "index": {"rows": float(rows), "gigabytes": round(size / 1e9, 2)}}


def fill(database: Database, rows: int) -> None:
    """The segments of all cameras, then what the triggers would have made of them."""
    with connection_of(database) as connection:
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'segment'")
        ).all()
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
        for at, camera in enumerate(CAMERAS):
            _fill_camera(connection, camera, rows // len(CAMERAS), random.Random(at))
        connection.execute(
            text(
                """INSERT INTO segment_total (camera_id, stream, disk, bytes)
                   SELECT camera_id, stream, disk, SUM(size_bytes) FROM segment GROUP BY camera_id, stream, disk"""
            )
        )
        for _, statement in triggers:
            connection.execute(text(statement.replace(":", "\\:")))
    for camera, stream in STREAMS:
        database.write_now(
            lambda tx, at=(camera, stream): tx.spans.replace(*at, tx.spans.counted(*at))  # type: ignore[misc]
        )


def _fill_camera(connection: Connection, camera: str, count: int, chance: random.Random) -> None:
    cursor = connection.connection.cursor()
    insert = """INSERT INTO segment (id, camera_id, stream, start, "end", path, size_bytes, frames, mime, state, sha256,
                disk, number, chain) VALUES (?, ?, 'main', ?, ?, ?, ?, 250, ?, 'closed', ?, 'main', ?, ?)"""
    cursor.executemany(insert, list(_rows(camera, count, chance)))
    cursor.execute(
        "INSERT INTO chain_tip VALUES (?, 'main', ?, ?, ?, ?)",
        (camera, count, chance.randbytes(32), START, START + count * LENGTH_US),
    )


def _rows(camera: str, count: int, chance: random.Random) -> Iterator[tuple[object, ...]]:
    start = START
    hole = HOLES_A_DAY * LENGTH_US / DAY
    for number in range(1, count + 1):
        if chance.random() < hole:
            start = Time(start + chance.randrange(5 * SECOND, 300 * SECOND))
        end = start + LENGTH_US
        yield (
            f"{camera}-{number:032d}", camera, start, end, f"{camera}/main/{number:018d}.mp4",
            chance.randrange(4_000_000, 6_000_000), MIME, chance.randbytes(32), number, chance.randbytes(32),
        )  # fmt: skip
        start = Time(end)


def works(database: Database, days: int) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    chance = random.Random(1)
    month = Span(START, Time(START + days * DAY))

    def moment() -> Time:
        return Time(chance.randrange(START, START + days * DAY))

    def looked(length_us: int) -> object:
        camera, start = chance.choice(CAMERAS), moment()
        return database.read_now(lambda tx: tx.segments.between(camera, "main", Span(start, Time(start + length_us))))

    def preview(ahead: int) -> object:
        """As the last recorded day ends, under a rule that keeps all but the first day."""
        until = Time(START + (days + ahead) * DAY)
        return database.read_now(lambda tx: going(tx, KeepingRules(Keeping(max(1, days - 1))), until))

    lookups: dict[str, Callable[[], object]] = {
        f"timeline of 30 cameras over {days} days": lambda: database.read_now(
            lambda tx: tx.segments.recorded_many(STREAMS, month)
        ),
        "timeline of 30 cameras over a day": lambda: database.read_now(
            lambda tx: tx.segments.recorded_many(STREAMS, _day(moment()))
        ),
        "segment at a moment": lambda: looked(1),
        "an hour of segments": lambda: looked(HOUR),
        "newest of a stream": lambda: database.read_now(lambda tx: tx.segments.newest(chance.choice(CAMERAS), "main")),
        "preview of what goes within a day": lambda: preview(1),
        "preview of what goes within a week": lambda: preview(7),
        "total bytes": lambda: database.read_now(lambda tx: tx.segments.total_bytes()),
    }
    return lookups | _changes(database, days)


def _day(time: Time) -> Span:
    return Span(time, Time(time + DAY))


def _changes(database: Database, days: int) -> dict[str, Callable[[], object]]:
    """A segment that comes, grows and is closed; fifty that retention takes from the front."""
    count = 0
    newest = Time(START + (days + 3) * DAY)

    def row() -> SegmentRow:
        start = Time(newest + count * LENGTH_US)
        id, camera = f"new-{os.getpid()}-{count}", CAMERAS[count % len(CAMERAS)]
        path = f"{camera}/main/new-{os.getpid()}-{count}.mp4"
        return SegmentRow(id, camera, "main", start, start, path, 0, 0, MIME, SegmentState.OPEN)

    def add() -> None:
        nonlocal count
        count += 1
        made = row()
        database.write_now(lambda tx: tx.segments.add(replace(made, end=Time(made.start + SECOND), size_bytes=1)))

    def grow() -> None:
        made = row()
        end = Time(made.start + 2 * SECOND)
        database.write_now(lambda tx: tx.segments.grow(made.id, end=end, size_bytes=2, frames=50))

    def add_and_close() -> None:
        add()
        made = row()
        end = Time(made.start + LENGTH_US)
        database.write_now(lambda tx: tx.segments.close(made.id, end=end, size_bytes=9, frames=250, sha256="ab" * 32))

    def retire() -> None:
        rows = database.read_now(lambda tx: tx.segments.oldest(50))
        ids = [each.id for each in rows]
        database.write_now(lambda tx: tx.segments.remove(ids, newest, RemovalReason.RETENTION))

    return {
        "add a segment": add,
        "grow it": grow,
        "add and close one, chained": add_and_close,
        "find and remove the 50 oldest": retire,
    }


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Medians over REPEATS calls, after one that warms up."""
    work()
    walls, cpus = [], []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return {
        "median_ms": round(statistics.median(walls), 2),
        "p95_ms": round(sorted(walls)[int(len(walls) * 0.95)], 2),
        "cpu_ms": round(statistics.median(cpus), 2),
    }


def table(found: dict[str, dict[str, float]]) -> str:
    """The figures as a page."""
    index = found["index"]
    lines = [
        "# Look-ups in the index of segments",
        "",
        f"`python -m tools.bench_index`: {int(index['rows']):,} segments of 30 cameras on SQLite"
        f" ({index['gigabytes']} GB with all indexes), four holes a day in each camera, through `istros.store`;"
        f" {REPEATS} calls each, medians. {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}. Wall time depends on what else the computer does; CPU does not.",
        "",
        "| | CPU, ms | wall, ms | wall p95, ms |",
        "|---|---|---|---|",
    ]
    for name, figures in found.items():
        if "cpu_ms" in figures:
            lines.append(f"| {name} | {figures['cpu_ms']} | {figures['median_ms']} | {figures['p95_ms']} |")
    lines += ["", f"Promised: the timeline of 30 cameras over 30 days below {TIMELINE_MS_MAX:.0f} ms."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--keep", type=Path, help="a database to make once and use again")
    options = parser.parse_args()
    page = table(measure(options.rows, options.keep))
    _, mark, more = RESULT.read_text(encoding="utf-8").partition(END)
    page += mark + more  # what was measured beside it by other means stays
    RESULT.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
