"""Which disk takes what, and what happens to the others when one fails."""

from __future__ import annotations

from collections import Counter

import pytest

from istros.base.said import Said
from istros.recording.archive import Archive, DiskUnknown, NamedDisk
from istros.sim.town.memory_disk import MemoryDisk
from tests.store.rows_made import segment

CAMERAS = [f"IZ-{number:02d}" for number in range(1, 301)]


def archive(**sizes: int) -> Archive:
    return Archive([NamedDisk(name, MemoryDisk(), 1, size) for name, size in sizes.items()])


def test_cameras_are_spread_by_the_size_of_the_disks() -> None:
    counts = Counter(archive(a=1000, b=3000).choose(camera).name for camera in CAMERAS)
    assert 50 <= counts["a"] <= 100, counts


def test_a_disk_that_fails_moves_its_own_cameras_alone_and_gets_them_back() -> None:
    disks = archive(a=1, b=1, c=1)
    before = {camera: disks.choose(camera).name for camera in CAMERAS}
    disks.failed("b", Said("The disk 'b' is full."))
    meanwhile = {camera: disks.choose(camera).name for camera in CAMERAS}
    assert all(meanwhile[camera] == name for camera, name in before.items() if name != "b")
    assert set(meanwhile.values()) == {"a", "c"}
    assert [disk.name for disk in disks.failing()] == ["b"]
    disks.works("b")
    assert {camera: disks.choose(camera).name for camera in CAMERAS} == before


def test_when_no_disk_works_the_usual_one_is_tried_again() -> None:
    disks = archive(a=1)
    disks.failed("a", Said("The disk 'a' is full."))
    assert disks.choose("IZ-07").name == "a"
    assert not disks.has_another("a")


def test_a_segment_is_read_from_its_own_disk() -> None:
    disks = Archive([NamedDisk("main", MemoryDisk()), NamedDisk("old", MemoryDisk(), 2)])
    row = segment(1)
    disks.disk("main").append(row.path, b"0123456789")
    assert disks.read(row, 2, 3) == b"234"
    assert disks.size(row) == 10
    assert {disks.choose(camera).name for camera in CAMERAS} == {"main"}


def test_a_disk_that_nobody_named_is_a_sentence() -> None:
    with pytest.raises(DiskUnknown, match="'attic'"):
        archive(a=1).disk("attic")
