"""How far one search reaches at most: rule L3, as the deployment profile in force says it."""

from __future__ import annotations

from istros.base.time import HOUR, Span
from istros.compliance.errors import SearchTooWide
from istros.compliance.profile import Profile


def require_reach(profile: Profile, cameras: int, span: Span) -> None:
    """Raise SearchTooWide when a search for a face or a person goes over more cameras or recorded time than the profile lets it."""
    limits = profile.limits
    if span.end - span.start > limits.search_hours * HOUR:
        raise SearchTooWide(
            f"The profile lets one search reach over {limits.search_hours} hours at most.", "Choose a shorter span."
        )
    if cameras > limits.search_cameras:
        raise SearchTooWide(
            f"The profile lets one search reach over {limits.search_cameras} cameras at most.", "Choose the cameras."
        )
