"""Where segments lie: named disks, those of the first tier written to, all of them read from (docs/design/0020).

Everything that reads a recording reads it through here, so that nobody else knows which disk holds it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import structlog

from istros.base.errors import IstrosError
from istros.base.said import NOTHING, Said, say
from istros.store.disk import Disk
from istros.store.rows import MAIN_DISK, SegmentRow
from istros.store.storage import Leaving

_LOG = structlog.get_logger("istros.recording")


class DiskUnknown(IstrosError):
    """A segment lies on a disk that the configuration does not name."""

    code = "disk-unknown"


@dataclass(frozen=True, slots=True)
class NamedDisk:
    """One disk of the archive. Tier 1 is recorded to, tier 2 takes what is old.

    `bytes_max` bounds what recordings may fill on it (None: what the disk holds), `free_bytes_min` what stays free
    (None: what the policy says for every disk).
    `place` says where it is, for people: a folder, or a bucket without its credentials.
    """

    name: str
    disk: Disk
    tier: int = 1
    bytes_max: int | None = None
    free_bytes_min: int | None = None
    place: str = ""


class Archive:
    """The disks of a node, by name; safe to use from several threads.

    A disk that fails is left (`failed`) until it is known to work again (`works`). While no disk of the first tier
    works, the recorder goes on trying the one it would use.
    """

    def __init__(self, disks: Sequence[NamedDisk]) -> None:
        self._disks = {disk.name: disk for disk in disks}
        self._problems: dict[str, Said] = {}
        self._arriving: set[Leaving] = set()
        self._lock = Lock()

    @staticmethod
    def of(disk: Disk) -> Archive:
        """An archive of one disk, `main`."""
        return Archive([NamedDisk(MAIN_DISK, disk)])

    @property
    def disks(self) -> tuple[NamedDisk, ...]:
        """Every disk, in the order of the configuration."""
        return tuple(self._disks.values())

    @property
    def first_tier(self) -> tuple[NamedDisk, ...]:
        """The disks that are recorded to."""
        return tuple(disk for disk in self._disks.values() if disk.tier == 1)

    @property
    def second_tier(self) -> tuple[NamedDisk, ...]:
        """The disks that take old segments."""
        return tuple(disk for disk in self._disks.values() if disk.tier != 1)

    def named(self, name: str) -> NamedDisk:
        """The disk of that name with its bounds. DiskUnknown."""
        found = self._disks.get(name)
        if found is None:
            raise DiskUnknown(
                f"A recording lies on the disk '{name}', which the configuration does not name.",
                "Add that [[disk]] to the configuration again.",
            )
        return found

    def disk(self, name: str) -> Disk:
        """The disk of that name. DiskUnknown."""
        return self.named(name).disk

    def read(self, row: SegmentRow, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes of a segment wherever it lies; shorter at its end. Blocks. FileNotFoundError, OSError, DiskUnknown."""
        return self.disk(row.disk).read(row.path, offset, length)

    def size(self, row: SegmentRow) -> int | None:
        """Length of a segment's file, or None when it is not there. Blocks. OSError, DiskUnknown."""
        return self.disk(row.disk).size(row.path)

    def choose(self, camera_id: str) -> NamedDisk:
        """The disk that takes the next segment of a camera: always the same while the same disks work."""
        with self._lock:
            working = [disk for disk in self.first_tier if disk.name not in self._problems]
        return max(working or self.first_tier, key=lambda disk: _score(disk, camera_id))

    def choose_second(self, camera_id: str, fitting: Collection[str]) -> NamedDisk | None:
        """The disk of the second tier that takes old segments of a camera, of those that fit; None when none does."""
        disks = [disk for disk in self.second_tier if disk.name in fitting]
        return max(disks, key=lambda disk: _score(disk, camera_id), default=None)

    @contextmanager
    def arriving(self, files: Collection[Leaving]) -> Iterator[None]:
        """While these files are being copied nobody deletes them, although they have no row yet."""
        with self._lock:
            self._arriving |= set(files)
        try:
            yield
        finally:
            with self._lock:
                self._arriving -= set(files)

    def is_arriving(self, file: Leaving) -> bool:
        """Whether that file is being copied right now."""
        with self._lock:
            return file in self._arriving

    def has_another(self, name: str) -> bool:
        """Whether a disk of the first tier works besides that one."""
        with self._lock:
            return any(disk.name != name and disk.name not in self._problems for disk in self.first_tier)

    def problem(self, name: str) -> Said:
        """What is wrong with a disk, in a sentence; nothing while it works."""
        with self._lock:
            return self._problems.get(name, NOTHING)

    def failed(self, name: str, problem: Said) -> None:
        """A disk refuses: segments that begin from now on go to another one, where there is one."""
        with self._lock:
            is_news = name not in self._problems
            self._problems[name] = problem
        if is_news:
            _LOG.error("disk-left", disk=name, problem=problem.text)

    def works(self, name: str) -> None:
        """A disk takes recordings (again)."""
        with self._lock:
            was_broken = self._problems.pop(name, None) is not None
        if was_broken:
            _LOG.info("disk-taken-again", disk=name)

    def failing(self) -> Iterator[NamedDisk]:
        """The disks that were left."""
        with self._lock:
            names = list(self._problems)
        return (self._disks[name] for name in names if name in self._disks)


def _score(disk: NamedDisk, camera_id: str) -> float:
    """Weighted rendezvous hashing (Schindelhauer and Schomaker 2005): a disk that goes away moves its own cameras only."""
    digest = hashlib.sha256(f"{disk.name}\0{camera_id}".encode()).digest()
    share = (int.from_bytes(digest[:8], "big") + 0.5) / (1 << 64)
    return (disk.bytes_max or 1) / -math.log(share)


def unreadable(name: str, error: OSError) -> Said:
    """What is wrong with a disk that cannot be read."""
    reason = error.strerror or type(error).__name__
    return say("disk-unread", f"The disk '{name}' cannot be read: {reason}.", disk=name, reason=reason)
