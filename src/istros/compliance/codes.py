"""One-time codes of an authenticator app (RFC 6238 over RFC 4226), and recovery codes for who has lost it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from collections.abc import Sequence
from random import Random
from typing import Literal
from urllib.parse import quote, urlencode

from istros.base.time import SECOND, Time

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
"""As long as SHA-1's output (RFC 4226 section 4, R6)."""

DRIFT = 1
"""Steps before and after that count, for clocks that are off and people who type slowly (RFC 6238 section 5.2)."""

RECOVERY_CODES = 10

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

Hash = Literal["sha1", "sha256", "sha512"]


def code_at(secret: bytes, step: int, digits: int = DIGITS, algorithm: Hash = "sha1") -> str:
    """The code of a 30-second step (RFC 4226 section 5.3)."""
    mac = hmac.new(secret, struct.pack(">Q", step), getattr(hashlib, algorithm)).digest()
    start = mac[-1] & 0xF
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(time: Time) -> int:
    """The step that a moment lies in."""
    return time // (STEP_S * SECOND)


def fitting_step(secret: bytes, code: str, now: Time) -> int | None:
    """The step near now whose code this is; None when it is none's. Every candidate is compared, in constant time."""
    typed = "".join(code.split())
    steps: Sequence[int] = range(step_of(now) - DRIFT, step_of(now) + DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed.encode())]
    return found[-1] if found else None


def secret_text(secret: bytes) -> str:
    """Base32 in groups of four, as people type it."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def secret_address(secret: bytes, issuer: str, account: str) -> str:
    """The `otpauth:` address that authenticator apps read from a QR code."""
    label = quote(f"{issuer}:{account}", safe="")
    plain = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{label}?" + urlencode({"secret": plain, "issuer": issuer}, quote_via=quote)


def recovery_codes(random: Random) -> list[str]:
    """Ten codes of 59 bits, each for one sign-in without the app, e.g. `k7mq-2hxa-9vtw`."""
    return [
        "-".join("".join(random.choice(_ALPHABET) for _ in range(4)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]


def plain_recovery(code: str) -> str:
    """A recovery code as typed, without dashes, blanks and capitals."""
    return "".join(letter for letter in code.casefold() if letter.isalnum())
