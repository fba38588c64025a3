"""What the deployment profile leaves of what the cameras' assessments allow: nothing else is asked of a camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from istros.compliance.assessments import Clearance, Use
from istros.compliance.functions import Function, Profile

_FUNCTION_OF = {
    Use.SOUND: Function.SOUND_RECORDED, Use.PLATES: Function.PLATES_READ, Use.VEHICLES: Function.VEHICLES_DESCRIBED,
}  # fmt: skip
"""People and faces have several functions each; `app.people_analysis` follows those by itself."""


def within_profile(held: Mapping[str, Clearance], profile: Profile) -> dict[str, Clearance]:
    """The clearances by camera, without the uses that the profile does not allow."""
    barred = {use for use, function in _FUNCTION_OF.items() if not profile.allows(function)}
    return {camera: replace(clearance, uses=clearance.uses - barred) for camera, clearance in held.items()}
