"""A demo leaves another demo on the same folder alone, and goes on seeking its plates week after week."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from istros.app.demo import DemoWishes, run_demo
from istros.app.demo_people import list_plates
from istros.app.process import AlreadyRunning, run_process
from istros.base.time import DAY, Time
from istros.events.errors import EntryRefused
from istros.store import open_database
from tests.events.city import START, hand_environment


def test_a_second_demo_changes_nothing_of_the_first(tmp_path: Path, free_port: int) -> None:
    (tmp_path / "istros.toml").write_text("# the first demo's")
    wishes = DemoWishes(port=free_port, data=tmp_path, cameras=1, films=(), watch=())

    async def first(stop: asyncio.Event) -> None:
        with pytest.raises(AlreadyRunning):
            run_demo(wishes)

    run_process("supervisor", tmp_path, first)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["istros.toml"]
    assert (tmp_path / "istros.toml").read_text() == "# the first demo's"


def test_a_demo_that_is_started_again_seeks_its_plates_again(tmp_path: Path) -> None:
    environment, clock = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    makers = []
    for day in (0, 1, 8, 16, 24):
        clock.time = Time(START + day * DAY)
        database.write_now(lambda tx: list_plates(tx, environment, ["BH1234AK"]))
        (entry,) = database.read_now(lambda tx: tx.watchlist.open_ones(clock.time))
        makers.append(entry.created_by)
    database.close()
    assert makers == ["istros demo", "istros demo", "simulated city", "istros demo", "simulated city"]


def test_what_cannot_be_a_plate_is_refused_and_not_left_out(tmp_path: Path) -> None:
    environment, _ = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    with pytest.raises(EntryRefused, match="has at least 3 letters and digits"):
        database.write_now(lambda tx: list_plates(tx, environment, ["A"]))
    database.close()
