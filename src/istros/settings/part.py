"""What every part of the configuration file is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """One table of the file: no key that is not known, no change after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
