"""What the timeline of thirty cameras over thirty days costs the server, from the index to JSON: `just bench timeline`.

A made index: in each camera 70 gaps and as many recordings, and reads and signals in each of 121 slots of six hours.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from istros.api.timeline import timeline
from istros.base.time import DAY, HOUR, MINUTE, Span, Time
from istros.base.workers import InlineWorkers
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.store import Database, Transaction, open_database
from istros.store.database import connection_of
from istros.store.rows import GapCause, GapRow

START = Time(1_790_000_000_000_000)
SPAN = Span(START, Time(START + 30 * DAY))
STRETCHES, SLOT = 70, 6 * HOUR
ROUNDS = 12


def cameras() -> list[Camera]:
    """Thirty cameras with a main stream."""
    names = [f"C{number:02d}" for number in range(30)]
    url = SecretUrl("rtsp://camera.invalid/main")
    return [Camera(name, Place("Street", "Izmail"), "City", (Stream(StreamKey(name, "main"), url),)) for name in names]


def fill(database: Database, made: list[Camera]) -> None:
    """Gaps, recordings and counts."""

    def gaps(tx: Transaction) -> None:
        for camera in made:
            for number in range(STRETCHES):
                start = Time(START + number * 30 * DAY // STRETCHES)
                id = f"{camera.id}-{number}"
                tx.gaps.open(
                    GapRow(id, camera.id, "main", start, Time(start + MINUTE), GapCause.NETWORK, "The line was cut.")
                )

    database.write_now(gaps)
    spans = [(camera.id, START + n * 30 * DAY // STRETCHES) for camera in made for n in range(STRETCHES)]
    counts = [
        (camera.id, START // SLOT + n, kind) for camera in made for n in range(121) for kind in ("read", "motion")
    ]
    with connection_of(database) as connection:
        connection.execute(
            sa.text("INSERT INTO recorded_span (camera_id, stream, start, \"end\") VALUES (:c, 'main', :s, :e)"),
            [{"c": camera, "s": start + MINUTE, "e": start + 30 * DAY // STRETCHES} for camera, start in spans],
        )
        connection.execute(
            sa.text("INSERT INTO mark_count VALUES (:c, :w, :s, :k, :f, 9)"),
            [{"c": camera, "w": SLOT, "s": slot, "k": kind, "f": slot * SLOT + 5} for camera, slot, kind in counts],
        )


def measure() -> dict[str, float]:
    """Median CPU milliseconds of a whole answer, and its size."""
    with tempfile.TemporaryDirectory(prefix="istros-timeline-") as folder:
        database, made = open_database(f"sqlite:///{Path(folder) / 'index.sqlite3'}", InlineWorkers()), cameras()
        fill(database, made)
        found: list[float] = []
        for _ in range(ROUNDS):
            began = time.process_time()
            answer = database.read_now(lambda tx: timeline(tx, made, SPAN, SPAN.end))
            text = answer.model_dump_json(by_alias=True)
            found.append((time.process_time() - began) * 1000)
        database.close()
    return {"median_ms": round(statistics.median(found), 1), "best_ms": round(min(found), 1), "bytes": len(text)}


if __name__ == "__main__":
    print(measure())
