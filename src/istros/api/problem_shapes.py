"""The shape of things that go on telling what is wrong with them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, BeforeValidator, Field

from istros.api.schemas import Shape
from istros.base.said import Fact, Said


class TellsProblem(Shape):
    """What is wrong with a thing: in English, empty when all is well, and what the screens say it by in their languages."""

    problem: Annotated[str, BeforeValidator(lambda told: told.text if isinstance(told, Said) else told)]
    problem_code: str = Field(default="", validation_alias=AliasChoices("problem_code", AliasPath("problem", "code")))
    problem_facts: Annotated[dict[str, Fact], BeforeValidator(dict)] = Field(
        default={}, validation_alias=AliasChoices("problem_facts", AliasPath("problem", "facts"))
    )


class AuditCheck(TellsProblem):
    """Whether the audit chain holds from its first row to its last, and the first thing that is wrong with it.

    `only`: the organisation whose share of the log the reader sees; empty: all of it."""

    rows: int
    ok: bool
    only: str = ""


def closing_of(reason: Said) -> dict[str, Any]:
    """Why a watchlist entry was closed, in the three fields of `SoughtEntry`."""
    return {"close_reason": reason.text, "close_code": reason.code, "close_facts": dict(reason.facts)}


def problem_of(told: Said) -> dict[str, Any]:
    """The three fields of `TellsProblem`."""
    return {"problem": told.text, "problem_code": told.code, "problem_facts": told.facts}
