"""What crosses to the browser where something is corrected, maybe for a person's request (docs/design/0037)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from istros.api.schemas import CountryCode, Shape

RequestNumber = Annotated[str, Field(max_length=20)]
"""The number of the person's request for correction that an act is done for, e.g. `R-2026-0001`; empty: for none."""


class PlateCorrection(Shape):
    """What the picture of a plate shows, of which country it is (none: not known), and why the read is wrong."""

    plate: Annotated[str, Field(max_length=200)]
    country: CountryCode | None = None
    reason: Annotated[str, Field(min_length=1, max_length=300)]
    permit: str
    request: RequestNumber = ""
