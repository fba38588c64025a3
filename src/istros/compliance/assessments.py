"""What a camera may do now by its assessment (rule L18): nothing films that no two people have answered for.

An assessment counts from the data-protection officer's approval until somebody takes it back. A date alone never stops
a recording: past its review analysis ends first, then the live picture, and what is recorded goes on until a person
says otherwise. docs/design/0039 tells why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from istros.base.said import say
from istros.base.time import DAY, Time
from istros.compliance.errors import CameraNotCleared as CameraNotCleared
from istros.store import Transaction
from istros.store.assessments import AssessedViewRow, AssessmentNoticeRow, AssessmentRow, ViewChange

WARN_US = 30 * DAY
"""So long before a review everybody who answers for the camera is told."""
ANALYSIS_GRACE_US = 14 * DAY
"""Past its review a camera goes on as before for so long, under an alarm; then nothing is analysed."""
LIVE_GRACE_US = 28 * DAY
"""Past its review by so much nobody watches it live any more either."""
NOTICE_US = 60 * DAY
"""A camera that an older version had films on for so long as if its assessment were there."""


class Use(StrEnum):
    """What is done with a camera's pictures and sound beyond recording and showing them; the codes are stable."""

    VEHICLES = "vehicles"
    """Vehicles that pass are described and counted."""
    PLATES = "plates"
    PEOPLE = "people"
    """People are counted and described."""
    FACES = "faces"
    SOUND = "sound"


ALL_USES = frozenset(Use)


class Standing(StrEnum):
    """How a camera stands with its assessment; the words are stable."""

    MISSING = "missing"
    """Nothing counts: it does not film."""
    NOTICE = "notice"
    """An older version had it; its assessment is to be made."""
    VALID = "valid"
    DUE = "due"
    """Its review is at most 30 days away."""
    OVERDUE = "overdue"
    """Past its review: all goes on, under an alarm."""
    NO_ANALYSIS = "no-analysis"
    NO_LIVE = "no-live"
    """Recorded only."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one version says."""

    owner: str
    purpose: str
    looks_at: str
    sign: Mapping[str, str]
    """The text of the sign by language: `uk`, `ro`, `en`."""
    sign_place: str
    zones: str
    """`drawn`, or `none` with `zones_reason`."""
    zones_reason: str
    keep_hours: int
    dpia_ref: str
    dpia_date: Time
    review: Time
    uses: frozenset[Use]
    simulated: bool = False
    """Counts for a camera of this very machine alone."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a camera may do at one moment."""

    standing: Standing
    version: int = 0
    """Of the assessment that counts; 0: none does."""
    due: Time | None = None
    """Its review; of a camera of an older version, when its assessment is to be there."""
    uses: frozenset[Use] = frozenset()
    keep_hours: int | None = None
    changed: ViewChange = ""
    """Why it is due before its review: the camera stands or looks elsewhere than was assessed, since `due`."""

    @property
    def films(self) -> bool:
        """Whether its pictures may be taken and recorded."""
        return self.standing is not Standing.MISSING

    @property
    def live(self) -> bool:
        """Whether it may be watched live."""
        return self.films and self.standing is not Standing.NO_LIVE

    @property
    def analysis_ends(self) -> Time | None:
        """When analysis ends unless the review is made."""
        return None if self.due is None else Time(self.due + ANALYSIS_GRACE_US)

    @property
    def live_ends(self) -> Time | None:
        """When nobody watches it live any more unless the review is made."""
        return None if self.due is None else Time(self.due + LIVE_GRACE_US)


NOT_CLEARED = Clearance(Standing.MISSING)


def clearances(tx: Transaction, now: Time, cameras: Mapping[str, bool]) -> dict[str, Clearance]:
    """What each of the cameras may do. `cameras` says of each id whether it is simulated, on this machine."""
    rows = {row.camera_id: row for row in tx.assessments.newest_approved()}
    notices = {row.camera_id: row for row in tx.assessments.notices()}
    views = {row.camera_id: row for row in tx.assessments.views()}
    return {
        camera_id: _clearance(rows.get(camera_id), views.get(camera_id), notices.get(camera_id), now, here)
        for camera_id, here in cameras.items()
    }


def content_of(row: AssessmentRow) -> Assessment:
    """What a version says. ValueError when it is no assessment."""
    return _parsed(row.content)


def require_films(clearance: Clearance, camera_id: str) -> None:
    """Raise CameraNotCleared, with the way out, where nothing may be taken from the camera."""
    if not clearance.films:
        raise CameraNotCleared(
            say(
                "camera-not-assessed",
                f"Camera {camera_id} does not film yet: its assessment is not in force.",
                camera=camera_id,
            ),
            "The administrator writes it, the data-protection officer approves it; see the camera's page.",
        )


def require_live(clearance: Clearance, camera_id: str) -> None:
    """Raise CameraNotCleared, with the way out, where the camera may not be watched live."""
    require_films(clearance, camera_id)
    if not clearance.live:
        raise CameraNotCleared(
            say(
                "camera-review-late",
                f"Camera {camera_id} is not shown live: the review of its assessment is four weeks late.",
                camera=camera_id,
            ),
            "It is recorded on. The administrator writes a new version, the data-protection officer approves it.",
        )


def _clearance(
    row: AssessmentRow | None, view: AssessedViewRow | None, notice: AssessmentNoticeRow | None, now: Time, here: bool
) -> Clearance:
    if row is not None:
        return _by_assessment(row, view, now, here)
    if notice is None or notice.ended is not None:
        return NOT_CLEARED
    due = Time((now if notice.since is None else notice.since) + NOTICE_US)
    standing = Standing.NOTICE if now < due else _stage(due, now)
    return Clearance(standing, 0, due, _uses(standing, ALL_USES))


def _by_assessment(row: AssessmentRow, view: AssessedViewRow | None, now: Time, here: bool) -> Clearance:
    if row.ended is not None or sha256_of(row.content) != row.sha256:
        return NOT_CLEARED
    says = content_of(row)
    if says.simulated and not here:
        return NOT_CLEARED
    due, changed = _due(row, says, view)
    standing = _stage(due, now)
    return Clearance(standing, row.version, due, _uses(standing, says.uses), says.keep_hours, changed)


def _due(row: AssessmentRow, says: Assessment, view: AssessedViewRow | None) -> tuple[Time, ViewChange]:
    """Its review, or when the camera was found elsewhere: who wrote it after that knew."""
    if view is None or view.changed is None or view.changed < row.written or view.changed >= says.review:
        return says.review, ""
    return view.changed, view.cause


def _stage(due: Time, now: Time) -> Standing:
    late = now - due
    if late >= LIVE_GRACE_US:
        return Standing.NO_LIVE
    if late >= ANALYSIS_GRACE_US:
        return Standing.NO_ANALYSIS
    if late >= 0:
        return Standing.OVERDUE
    return Standing.DUE if late >= -WARN_US else Standing.VALID


def _uses(standing: Standing, uses: frozenset[Use]) -> frozenset[Use]:
    return frozenset() if standing in (Standing.NO_ANALYSIS, Standing.NO_LIVE) else uses


def sha256_of(content: str) -> str:
    """The hash that the audit record names."""
    return hashlib.sha256(content.encode()).hexdigest()


@lru_cache(maxsize=1024)
def _parsed(content: str) -> Assessment:
    facts = json.loads(content)
    return Assessment(
        owner=facts["owner"], purpose=facts["purpose"], looks_at=facts["looks_at"],
        sign=MappingProxyType(dict(facts["sign"])), sign_place=facts["sign_place"], zones=facts["zones"],
        zones_reason=facts["zones_reason"], keep_hours=int(facts["keep_hours"]), dpia_ref=facts["dpia_ref"],
        dpia_date=Time(facts["dpia_date"]), review=Time(facts["review"]),
        uses=frozenset(Use(code) for code in facts["uses"]), simulated=bool(facts["simulated"]),
    )  # fmt: skip
