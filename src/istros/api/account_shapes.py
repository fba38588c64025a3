"""What crosses to the browser of how people sign in (docs/design/0030)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from istros.api.schemas import Moment, Session, Shape

MissingStep = Literal["", "factor", "enrol", "password"]


class OpenSession(Shape):
    """One signed-in browser. `mine` is the one that asks."""

    id: str
    operator: str
    display_name: str
    created: Moment
    seen: Moment
    expires: Moment
    origin: str
    browser: str
    method: str
    missing: MissingStep
    mine: bool


class PasswordChange(Shape):
    """The password so far, and the new one."""

    current: str = Field(min_length=1, max_length=500, repr=False)
    password: str = Field(min_length=1, max_length=500, repr=False)


class Code(Shape):
    """A one-time code, or a recovery code."""

    code: str = Field(min_length=1, max_length=40, repr=False)


class CodeSecret(Shape):
    """What an authenticator app needs: the address in the QR code, and the secret to type. Shown once."""

    secret: str = Field(repr=False)
    address: str = Field(repr=False)
    rows: list[str]
    """The QR code, one text of 0 and 1 a row, light margin included."""


class RecoveryCodes(Shape):
    """Recovery codes, shown once; `session` is the whole session where the sign-in had waited for the enrolment."""

    codes: list[str] = Field(repr=False)
    session: Session | None


class AccountFacts(Shape):
    """How a person signs in."""

    has_password: bool
    codes_since: Moment | None
    recovery_left: int
    needs_factor: bool
    fresh: bool
    """Whether the person signed in lately enough to change it."""


class Passkey(Shape):
    """One passkey. `synced`: a service copies it to the person's other devices."""

    id: str
    name: str
    created: Moment
    used: Moment | None
    synced: bool


class PasskeyOptions(Shape):
    """What the browser's own call needs, in the JSON of WebAuthn level 3."""

    options: dict[str, Any]


class PasskeyProof(Shape):
    """What the browser's call gave, in the JSON of WebAuthn level 3."""

    credential: dict[str, Any] = Field(repr=False)


class NewPasskey(PasskeyProof):
    """A passkey just made, and what the person calls it."""

    name: str = Field(max_length=60)


class DirectoryFacts(Shape):
    """A directory that people may sign in by."""

    id: str
    name: str
