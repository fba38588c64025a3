"""One node for all tests of the interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from istros.base.time import SECOND, Time
from istros.store.disk_local import LocalDisk
from istros.store.rows import SegmentRow, SegmentState
from tests.api.site import Browser, Site, make_site
from tests.video.packets import packets_of
from tests.video.test_stills import FRAMES, segment_of


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served node with one operator a role."""
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """A node in a folder of its own, served until the block ends."""
    site = make_site(folder)
    site.start()
    try:
        yield site
    finally:
        site.stop()
        site.database.close()
        site.environment.workers.close()


START = Time(1_795_500_000 * SECOND)
"""When the recording of `data` begins."""


@pytest.fixture(scope="package")
def data(site: Site) -> bytes:
    """Two seconds of TL-01 on the disk and in the index: twenty pictures, a keyframe at each fifth."""
    return record_two_seconds(site)


def record_two_seconds(site: Site) -> bytes:
    """Put them there; the segment's bytes."""
    data = segment_of(packets_of())
    LocalDisk(site.folder / "recordings").append("TL-01/main/stills.mp4", data)
    row = SegmentRow(
        id=site.environment.ids.new(), camera_id="TL-01", stream="main", start=START, end=Time(START + 2 * SECOND),
        path="TL-01/main/stills.mp4", size_bytes=len(data), frames=FRAMES, mime='video/mp4; codecs="avc1.42c00b"',
        state=SegmentState.OPEN,
    )  # fmt: skip
    site.database.write_now(lambda tx: tx.segments.add(row))
    return data


@pytest.fixture
def officer(site: Site) -> Browser:
    """An investigator's browser."""
    return site.browser("investigator")
