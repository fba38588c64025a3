"""What a person may mistype: one sentence, exit code 2, no trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "typed",
    [
        "demo --port 99999",
        "demo --port abc",
        "demo --cameras -1",
        "demo --data {file}",
        "demo --data {folder} --video {folder}/none.mp4",
        "serve --config {folder}/none.toml",
        "serve --config {file}",
        "check --config {folder}/none.toml",
        "check --anchors {file}",
        "check --anchors {folder}/none.json",
        "anchors export {folder}/out.json --config {folder}/none.toml",
        "anchors keep {file} --partner Tulcea --config {folder}/none.toml",
        "read plates --csv {folder}/out.csv",
        "read plates {file} --csv {folder}/none/out.csv",
        "count --line 1,2,3,4 --csv {folder}/out.csv",
        "count {file} --csv {folder}/out.csv",
        "count {file} --line 1,2,3 --csv {folder}/out.csv",
        "count {file} --line a=1,2,1,2 --csv {folder}/out.csv",
        "count {file} --line 1,2,3,4",
        "count {file} --line 1,2,3,4 --csv {folder}/out.csv --detector {file}",
        "count {file} --line 1,2,3,4 --csv {folder}/out.csv --fps 0",
        "read faces --csv {folder}/out.csv",
        "read faces {file} --csv {folder}/none/out.csv",
        "compare {folder}/none.jpg {folder}",
        "compare {file} {folder}",
        "evaluate {folder}/none",
        "evaluate {folder}",
        "evaluate {folder} --kind colours",
        "evaluate {folder} --limit 0",
        "evaluate {folder} --numbers 7-3",
        "evaluate {folder} --out {file}",
        "count {file} --line nan,2,3,4 --csv {folder}/out.csv",
        "count {file} --line 0,0,1e200,4 --csv {folder}/out.csv",
        "count {file} --line 1,2,3,4 --csv {folder}/out.csv --occupancy {folder}/none/out.csv",
        "city run --hours -1",
        "city render --scene nowhere",
        "operator password nobody --config {folder}/none.toml",
    ],
)
def test_a_mistake_is_a_sentence(typed: str, tmp_path: Path) -> None:
    file, folder = tmp_path / "file.txt", tmp_path / "folder"
    file.write_text("no camera, no configuration")
    folder.mkdir()
    command = [sys.executable, "-m", "istros", *typed.format(file=file, folder=folder).split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert "Traceback" not in said
    assert said.strip()
