"""Rows of how people and programs prove who they are (docs/design/0030)."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.base.time import Time


@dataclass(frozen=True, slots=True)
class KnownPlaceRow:
    """A block of addresses and a browser from which a person signed in; `session` is the SHA-256 of the first one's token."""

    operator_id: str
    block: str
    browser: str
    first: Time
    last: Time
    origin: str
    session: str
    confirmed: bool
    """The person said that it was they, or it was the account's first place."""


@dataclass(frozen=True, slots=True)
class CodeSecretRow:
    """The secret of an operator's one-time codes, sealed; it counts once it is `confirmed` by a first code."""

    operator_id: str
    sealed: bytes = field(repr=False)
    created: Time
    confirmed: Time | None
    last_step: int
    """The newest 30-second step (RFC 6238) of which a code was accepted."""


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey of an operator."""

    id: str
    operator_id: str
    public_key: bytes = field(repr=False)
    """COSE, as the authenticator gave it."""
    sign_count: int
    name: str
    created: Time
    used: Time | None
    synced: bool
    """It is kept by a service that copies it to other devices (WebAuthn's backup state)."""


@dataclass(frozen=True, slots=True)
class KeyUseRow:
    """How often a key asked for one thing, under one permit, from one address, within one hour."""

    key_id: str
    hour: Time
    """When the hour began."""
    asked: str
    permit_id: str
    """As the request named it; empty: none."""
    origin: str
    first: Time
    last: Time
    count: int = 1


@dataclass(frozen=True, slots=True)
class ProgramKeyRow:
    """A key of a program; the key itself is never stored, only its SHA-256."""

    id: str
    digest: str = field(repr=False)
    name: str
    organisation: str
    actions: tuple[str, ...]
    cameras: tuple[str, ...]
    """Empty: every camera."""
    purpose: str
    """For which it may open permits; empty: no personal data."""
    ground: str
    case_ref: str
    created: Time
    created_by: str
    expires: Time
    released: Time | None = None
    released_by: str | None = None
    revoked: Time | None = None
    revoked_by: str | None = None
    used: Time | None = None
    used_from: str = ""


@dataclass(frozen=True, slots=True)
class RoleWishRow:
    """A role that one person asked for another, and a third one's answer."""

    id: str
    operator_id: str
    role: str
    asked: Time
    asked_by: str
    decided: Time | None = None
    decided_by: str | None = None
    agreed: bool | None = None
