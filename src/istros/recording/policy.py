"""How a recorder cuts, keeps and gives up."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.recording.keeping import KeepingRules
from istros.recording.schedule import Schedules
from istros.recording.triggers import EventRules


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    """What the administrator decides, with the recorder's own limits behind it.

    `keeping` and `bytes_max` bound what is kept, `free_bytes_min` what is left free on a disk that says nothing else. A
    fragment is what a kill may lose; a segment is a file. The rest has defaults that no setting changes.
    """

    keeping: KeepingRules = field(default_factory=KeepingRules)
    bytes_max: int | None = 500_000_000_000
    free_bytes_min: int = 5_000_000_000
    move_after_days: float = 1.0
    """Age at which a segment moves to the second tier, where there is one."""
    move_bytes_per_s: float = 0.0
    """How fast they move at most; 0: as fast as the disks allow."""
    schedules: Schedules = field(default_factory=Schedules)
    events: EventRules = field(default_factory=EventRules)
    segment_s: float = 10.0
    fragment_s: float = 1.0
    silence_s: float = 2.0
    """Packets that stay away for longer than this leave a gap."""
    dead_s: float = 15.0
    """A session that brings nothing for this long is closed and opened again."""
    memory_bytes: int = 8 << 20
    """What one stream may hold in memory while the disk is slow or full: 16 s of 4 Mbit/s."""
    index_s: float = 1.0
    """How often rows go to the database."""
    connect_spread_s: float = 0.02
    """At the start the streams connect spread at random over this many seconds for each of them."""
    connect_spread_most_s: float = 2.0
