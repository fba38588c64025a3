"""How far one search and one operation of live matching reach at most: rules L3 and L1, as the profile in force says it.

The other limits of a profile are refused nowhere: what is older than they say is erased (`recording.bounds`,
`app.forgetting`, `recording.export`).
"""

from __future__ import annotations

from istros.base.said import say
from istros.base.time import HOUR, Span
from istros.compliance.errors import OverLimit, SearchTooWide
from istros.compliance.functions import Limits
from istros.compliance.profile import Profile

_OTHER_PROFILE = "or ask the administrator and the data-protection officer for another profile"


def require_reach(profile: Profile, cameras: int, span: Span) -> None:
    """Raise SearchTooWide when a search for a face or a person goes over more cameras or recorded time than the profile lets it."""
    hours, most = profile.limits.search_hours, profile.limits.search_cameras
    if span.end - span.start > hours * HOUR:
        raise SearchTooWide(
            say("search-hours-over", f"The profile lets one search reach over {hours} hours at most.", count=hours),
            f"Choose a shorter span, {_OTHER_PROFILE}.",
        )
    if cameras > most:
        raise SearchTooWide(
            say("search-cameras-over", f"The profile lets one search reach over {most} cameras at most.", count=most),
            f"Choose fewer cameras, {_OTHER_PROFILE}.",
        )


def require_matching_reach(limits: Limits, cameras: int, lasts_us: int) -> None:
    """Raise OverLimit when live matching runs on more cameras, or for longer, than the profile lets one operation."""
    if lasts_us > limits.matching_hours * HOUR:
        raise OverLimit(
            say(
                "matching-hours-over",
                f"The profile lets faces be compared live for {limits.matching_hours} hours at most.",
                count=limits.matching_hours,
            ),
            f"Choose fewer hours, {_OTHER_PROFILE}.",
        )
    if cameras > limits.matching_cameras:
        raise OverLimit(
            say(
                "matching-cameras-over",
                f"The profile lets faces be compared live on {limits.matching_cameras} cameras at most.",
                count=limits.matching_cameras,
            ),
            f"Choose fewer cameras, {_OTHER_PROFILE}.",
        )
