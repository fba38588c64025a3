"""Where the sound of a segment lies: beside its pictures, seamless while it comes, with a hole where it was missing."""

from __future__ import annotations

from collections.abc import Sequence

from istros.video.fmp4_sound import SoundRun, SoundSample
from istros.video.packet import MEDIA_RATE
from istros.video.sound import SoundParameters, SoundUnit

TOLERANCE_S = 0.05
"""Sound that is off by less than this follows the sound before it: a seam of a few milliseconds would be heard."""


def lay_sound(
    units: Sequence[SoundUnit], parameters: SoundParameters, first_media: int, written_to: int
) -> tuple[SoundRun | None, int]:
    """(the run of one fragment, end of it), in samples since the segment's start, which is the media time `first_media`.

    `written_to` is the end of the run before. Sound that lies before it, or before the segment, is left out.
    """
    tolerance = int(TOLERANCE_S * parameters.rate)
    places: list[tuple[int, SoundUnit]] = []
    end = written_to
    for unit in units:
        at = (unit.media_time - first_media) * parameters.rate // MEDIA_RATE
        if at + unit.samples <= end - tolerance or at + unit.samples <= 0:
            continue
        if at <= end + tolerance:
            at = end
        places.append((at, unit))
        end = at + unit.samples
    if not places:
        return None, written_to
    follows = [at for at, _ in places[1:]] + [end]
    samples = tuple(SoundSample(after - at, unit.data) for (at, unit), after in zip(places, follows, strict=True))
    return SoundRun(places[0][0], samples), end
