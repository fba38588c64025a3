"""A demo leaves another demo on the same folder alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from istros.app.demo import DemoWishes, run_demo
from istros.app.process import AlreadyRunning, run_process


def test_a_second_demo_changes_nothing_of_the_first(tmp_path: Path, free_port: int) -> None:
    (tmp_path / "istros.toml").write_text("# the first demo's")
    wishes = DemoWishes(port=free_port, data=tmp_path, cameras=1, films=(), watch=())

    async def first(stop: asyncio.Event) -> None:
        with pytest.raises(AlreadyRunning):
            run_demo(wishes)

    run_process("supervisor", tmp_path, first)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["istros.toml"]
    assert (tmp_path / "istros.toml").read_text() == "# the first demo's"
