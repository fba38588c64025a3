"""The folder as a disk."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from istros.store import disk_local
from istros.store.disk_local import LocalDisk, PathLeavesRoot


def test_append_read_truncate_remove(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    disk.append("a/b/1.mp4", b"first")
    disk.append("a/b/1.mp4", b"second")
    assert disk.read("a/b/1.mp4", 5) == b"second" and disk.read("a/b/1.mp4", 3, 4) == b"stse"
    disk.sync("a/b/1.mp4")
    disk.truncate("a/b/1.mp4", 5)
    disk.append("a/b/1.mp4", b"!")
    assert disk.read("a/b/1.mp4") == b"first!" and disk.size("a/b/1.mp4") == 6
    disk.remove("a/b/1.mp4")
    disk.remove("a/b/1.mp4")
    assert list(tmp_path.iterdir()) == [] and disk.size("a/b/1.mp4") is None
    with pytest.raises(FileNotFoundError):
        disk.read("a/b/1.mp4")
    with pytest.raises(FileNotFoundError):
        disk.sync("a/b/1.mp4")
    assert disk.free_bytes() > 0


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "", "a\0b"])
def test_no_path_leaves_the_root(tmp_path: Path, path: str) -> None:
    with pytest.raises(PathLeavesRoot):
        LocalDisk(tmp_path / "root").append(path, b"x")


def test_the_walk_is_in_the_order_of_the_paths_text(tmp_path: Path) -> None:
    disk = LocalDisk(tmp_path)
    paths = ["a/x", "a-b/x", "a.c/x", "a/b/c", "b", "a/z-1/2", "a/z/2"]
    for path in paths:
        disk.append(path, b"x")
    assert list(disk.walk()) == sorted(paths)
    assert list(disk.walk("a/z")) == ["a/z/2"]
    assert list(disk.walk("none")) == []


def test_a_short_write_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, write = LocalDisk(tmp_path), os.write
    disk.append("f", b"whole")
    monkeypatch.setattr(disk_local.os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    with pytest.raises(OSError) as raised:
        disk.append("f", b"fragment")
    assert raised.value.errno == errno.ENOSPC
    monkeypatch.undo()
    disk.append("f", b"!")
    assert disk.read("f") == b"whole!"


def test_more_files_than_descriptors_from_several_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_local, "_OPEN_FILES", 4)
    disk = LocalDisk(tmp_path)
    before = len(os.listdir("/proc/self/fd"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: disk.append(f"{n % 20}/f", b"x"), range(400)))
    assert all(disk.size(f"{n}/f") == 20 for n in range(20))
    disk.close()
    assert len(os.listdir("/proc/self/fd")) <= before
