"""What crosses to the browser of people's accounts and of keys of programs (docs/design/0030)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from istros.api.schemas import Language, Moment, Shape


class RoleWish(Shape):
    """A role that waits for a second person."""

    role: str
    asked: Moment
    asked_by: str


class Person(Shape):
    """An account, as administration sees it: no secret, and nothing of what the person looked at."""

    id: str
    name: str
    display_name: str
    organisation: str
    role: str
    language: str
    disabled: bool
    must_change: bool
    directory: bool
    factors: list[Literal["code", "passkey", "recovery"]]
    needs_factor: bool
    sessions: int
    wish: RoleWish | None


class NewPerson(Shape):
    """Who shall be able to sign in."""

    name: str = Field(min_length=1, max_length=100)
    display_name: str = Field(min_length=1, max_length=100)
    organisation: str = Field(min_length=1, max_length=200)
    role: str = Field(max_length=40)
    language: Language


class FreshPassword(Shape):
    """A password to be told to the person; shown once, and good for one sign-in."""

    password: str = Field(repr=False)


class DisabledChoice(Shape):
    """Whether the person may not sign in."""

    disabled: bool


class RoleChoice(Shape):
    """The role that the person shall have."""

    role: str = Field(max_length=40)


class RoleAnswer(Shape):
    """What a second person says to a role."""

    agree: bool


class ProgramKey(Shape):
    """A key of a program, as it is kept: never the key itself."""

    id: str
    name: str
    organisation: str
    actions: list[str]
    cameras: list[str]
    purpose: str
    ground: str
    case_ref: str
    state: Literal["waiting", "valid", "expired", "revoked"]
    created: Moment
    created_by: str
    expires: Moment
    released_by: str | None
    revoked_by: str | None
    used: Moment | None
    used_from: str


class NewProgramKey(Shape):
    """The scope of a new key. `cameras` are ids, or groups as `group:NAME`; empty: all."""

    name: str = Field(min_length=1, max_length=60)
    organisation: str = Field(min_length=1, max_length=200)
    actions: list[str] = Field(max_length=40)
    cameras: list[str] = Field(max_length=500)
    purpose: str = Field(max_length=40)
    ground: str = Field(max_length=300)
    case_ref: str = Field(max_length=300)
    days: int


class MadeKey(Shape):
    """A new key; `key` is shown once and sent as `Authorization: Bearer`."""

    key: str = Field(repr=False)
    facts: ProgramKey


class KeyChoices(Shape):
    """What a key can be for."""

    actions: list[str]
    personal: list[str]
    purposes: list[str]
