"""What an export will hold, fixed at its start: which segments, joined into films where nothing is missing between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from istros.base.time import SECOND, Span, Time, to_iso
from istros.devices.camera import Camera
from istros.store import Transaction
from istros.store.exports import ExportJobRow
from istros.store.rows import SegmentRow, SegmentState

JOINED_US = SECOND // 2
"""Segments that lie closer follow each other in one film, as on the timeline (store.segments)."""


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """One unbroken run of segments with the same coding: one MP4."""

    path: str
    segments: tuple[SegmentRow, ...]

    @property
    def pictures(self) -> int:
        """Pictures in its segments, some of which the cut may leave out."""
        return sum(row.frames for row in self.segments)


@dataclass(frozen=True, slots=True)
class PlannedCamera:
    """One camera's part: its films, what is missing, and how its clock stood."""

    id: str
    name: str
    town: str
    owner: str
    latitude: float | None
    longitude: float | None
    clock_offset_ms: int | None
    films: tuple[PlannedFilm, ...]
    gaps: tuple[tuple[Time, Time | None, str, str], ...]
    """Start, end, cause, detail of each gap that the ledger has in the span."""
    proof: Any = None
    """The chain's proof of its segments (docs/design/0019)."""

    @property
    def segments(self) -> tuple[SegmentRow, ...]:
        """All segments that are touched, by start."""
        return tuple(row for film in self.films for row in film.segments)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole export; `made` is when it was fixed."""

    made: Time
    cameras: tuple[PlannedCamera, ...]

    @property
    def segments(self) -> Iterator[SegmentRow]:
        """Every segment of every camera."""
        return (row for camera in self.cameras for row in camera.segments)

    def as_json(self) -> dict[str, Any]:
        """Plain data, for the journal."""
        return asdict(self)


CodingOf = Callable[[SegmentRow], bytes]
"""What tells whether two segments fit into one film: the parameter sets at a file's start."""

Prove = Callable[[Transaction, Sequence[SegmentRow]], Any]
"""The chain's proof of a stream's segments, plain data."""


def make_plan(tx: Transaction, made: Time, job: ExportJobRow, cameras: Sequence[Camera], prove: Prove) -> Plan:
    """Read what there is of each camera of the order; films are parted at holes only, see `part_by_coding`."""
    span = Span(job.start, job.end)
    return Plan(made, tuple(_camera(tx, span, job, camera, prove) for camera in cameras))


def _camera(tx: Transaction, span: Span, job: ExportJobRow, camera: Camera, prove: Prove) -> PlannedCamera:
    rows = [row for row in tx.segments.between(camera.id, job.stream, span) if row.size_bytes]
    films = tuple(PlannedFilm("", tuple(run)) for run in _runs(rows))
    gaps = tuple(
        (gap.start, gap.end, gap.cause.value, gap.detail) for gap in tx.gaps.between(camera.id, job.stream, span)
    )
    state = next((s for s in tx.streams.all() if (s.camera_id, s.stream) == (camera.id, job.stream)), None)
    return PlannedCamera(
        camera.id, camera.place.name, camera.place.town, camera.owner, camera.place.latitude, camera.place.longitude,
        state.clock_offset_ms if state else None, films, gaps, prove(tx, rows) if rows else None,
    )  # fmt: skip


def _runs(rows: Sequence[SegmentRow]) -> list[list[SegmentRow]]:
    runs: list[list[SegmentRow]] = []
    for row in rows:
        if runs and row.start - runs[-1][-1].end <= JOINED_US and row.mime == runs[-1][-1].mime:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def part_by_coding(plan: Plan, job: ExportJobRow, coding_of: CodingOf) -> Plan:
    """Part films again where a camera changed its coding without a hole, and give each its name. Blocks."""
    return Plan(plan.made, tuple(_parted(camera, job, coding_of) for camera in plan.cameras))


def _parted(camera: PlannedCamera, job: ExportJobRow, coding_of: CodingOf) -> PlannedCamera:
    runs: list[list[SegmentRow]] = []
    for film in camera.films:
        last: bytes | None = None
        for row in film.segments:
            coding = coding_of(row)
            if last is None or coding != last:
                runs.append([])
            runs[-1].append(row)
            last = coding
    films = tuple(PlannedFilm(_path(camera.id, job, run[0]), tuple(run)) for run in runs)
    values = {name: getattr(camera, name) for name in PlannedCamera.__dataclass_fields__}
    return PlannedCamera(**(values | {"films": films}))


def _path(camera_id: str, job: ExportJobRow, first: SegmentRow) -> str:
    """`IZ-07/IZ-07_main_2026-11-24T123218.040Z.mp4`: which camera, and when the film begins, in UTC."""
    begins = to_iso(Time(max(first.start, job.start))).replace(":", "")
    kind = "" if job.kind == "exact" else "_redacted"
    return f"{camera_id}/{camera_id}_{job.stream}_{begins}{kind}.mp4"


def plan_from(data: dict[str, Any]) -> Plan:
    """The inverse of `Plan.as_json`."""
    return Plan(Time(data["made"]), tuple(_camera_from(camera) for camera in data["cameras"]))


def _camera_from(data: dict[str, Any]) -> PlannedCamera:
    films = tuple(
        PlannedFilm(film["path"], tuple(_segment_from(row) for row in film["segments"])) for film in data["films"]
    )
    gaps = tuple(
        (Time(start), None if end is None else Time(end), cause, detail) for start, end, cause, detail in data["gaps"]
    )
    return PlannedCamera(**(data | {"films": films, "gaps": gaps}))


def _segment_from(data: dict[str, Any]) -> SegmentRow:
    return SegmentRow(**(data | {"state": SegmentState(data["state"])}))
