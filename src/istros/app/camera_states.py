"""Which cameras may film, for the command line."""

from __future__ import annotations

from dataclasses import dataclass

from istros.app.wiring import cameras_of, open_node_database
from istros.base.environment import real_environment
from istros.base.time import to_iso
from istros.compliance.assessment_drafts import waits
from istros.compliance.assessments import Clearance, Standing, clearances
from istros.devices.camera import Camera
from istros.settings import Settings

_WORDS = {
    Standing.MISSING: "does not film: no assessment is in force",
    Standing.NOTICE: "films by notice: its assessment is to be made by {due}",
    Standing.VALID: "films: reviewed by {due}",
    Standing.DUE: "films: its review is due by {due}",
    Standing.OVERDUE: "films, but its review is late since {due}: analysis ends on {analysis}",
    Standing.NO_ANALYSIS: "films without analysis, its review is late since {due}: live pictures end on {live}",
    Standing.NO_LIVE: "is recorded only, its review is late since {due}",
}

_CHANGED = {
    "": "",
    "position": " (it stands elsewhere than was assessed)",
    "view": " (it looks elsewhere than was assessed)",
}


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera and how it stands with its assessment; `waits` is the version that the officer has to answer, or 0."""

    camera: Camera
    clearance: Clearance
    waits: int

    def words(self) -> str:
        """For people, with who does what next."""
        held = self.clearance
        days = {
            name: "" if time is None else to_iso(time)[:10]
            for name, time in (("due", held.due), ("analysis", held.analysis_ends), ("live", held.live_ends))
        }
        line = f"{self.camera.id}  {self.camera.place.name}  {_WORDS[held.standing].format(**days)}{_CHANGED[held.changed]}"
        if self.waits:
            return f"{line}. The data-protection officer answers version {self.waits}."
        return line + (
            "." if held.standing is Standing.VALID else ". The administrator writes it on the camera's page."
        )

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        held = self.clearance
        return {
            "camera": self.camera.id, "standing": str(held.standing), "films": held.films, "live": held.live,
            "uses": sorted(held.uses), "due": None if held.due is None else to_iso(held.due), "waits": self.waits,
        }  # fmt: skip


def camera_states(settings: Settings) -> list[CameraState]:
    """The state of every configured camera, by the node's database."""
    environment, cameras = real_environment(workers=1), cameras_of(settings)
    database = open_node_database(settings, environment)
    try:
        now = environment.clock.now()
        here = {camera.id: camera.is_here for camera in cameras}
        held, newest = database.read_now(lambda tx: (clearances(tx, now, here), tx.assessments.newest()))
        waiting = {row.camera_id: row.version for row in newest if waits(row)}
        return [CameraState(camera, held[camera.id], waiting.get(camera.id, 0)) for camera in cameras]
    finally:
        database.close()
        environment.workers.close()
