"""What an administrator can set of the analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnalysisPolicy:
    """Limits of the analyser; the defaults are for two cores (docs/design/0012)."""

    frames_per_second: float = 5.0
    """Most frames a second and camera that the detector sees."""
    idle_look_s: float = 1.0
    """Where nothing moves, a picture is compared with the last this often; decoding is left out in between."""
    restless_look_s: float = 0.5
    """Where something moves that is neither vehicle nor person (leaves, water), look this often."""
    idle_check_s: float = 2.0
    """With things in the picture but no motion, the detector looks again after this long,"""
    longest_idle_check_s: float = 8.0
    """and after twice as long each time that it finds the same, up to this."""
    workers: int = 2
    """Frames worked on at once."""
    reading_share: float = 1.0
    """Seconds of plate reading a second over all cameras, decoding for it included."""
    reads_per_camera: float = 4.0
    """Most plate readings a second of one camera."""
    least_vehicle_px: int = 170
    """Width in the plate picture from which a vehicle's plate is looked for: a plate is about a quarter of it."""
    verdict_after_s: float = 4.0
    """A plate is announced at the latest this long after its first reading."""
    same_plate_s: float = 30.0
    """The same text at one camera within this time is the same passage, even when its track broke."""
    report_s: float = 2.0
    spots_s: float = 60.0
    """How often what was learnt of the widths of plates is handed over."""
    retry_s: float = 1.0
    """Wait before a camera whose packets ended is read again."""
    ring_packets: int = 100
    """Packets of the analysed stream that may wait; beyond them the camera falls back to the newest keyframe."""
    least_confidence: float = 0.5
    """Plates below are not announced."""
    least_confidence_once: float = 0.7
    """Plates below that only one frame showed are not announced: a quarter of them is misread."""
