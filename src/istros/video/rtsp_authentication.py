"""Answering a camera's challenge: Basic (RFC 7617) and Digest (RFC 7616 and before: MD5, SHA-256)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

_FIELD = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_UNESCAPE = re.compile(r"\\(.)")


def _md5(text: str) -> str:
    # The camera chooses the algorithm, and most know no other.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"MD5": _md5, "SHA-256": _sha256}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One `WWW-Authenticate` value; `algorithm` is empty for Basic."""

    realm: str
    nonce: str
    algorithm: str
    qop: str
    opaque: str
    is_stale: bool


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """Those that Istros can answer, the strongest first."""
    found = [challenge for value in values if (challenge := _parse(value))]
    strength = ("SHA-256", "MD5", "")
    return sorted(found, key=lambda challenge: strength.index(challenge.algorithm.removesuffix("-SESS")))


def _parse(value: str) -> Challenge | None:
    scheme, _, rest = value.strip().partition(" ")
    fields = {name.lower(): _UNESCAPE.sub(r"\1", quoted) or plain for name, quoted, plain in _FIELD.findall(rest)}
    realm = fields.get("realm", "")
    if scheme.lower() == "basic":
        return Challenge(realm, "", "", "", "", False)
    algorithm = fields.get("algorithm", "MD5").upper()
    if scheme.lower() != "digest" or algorithm.removesuffix("-SESS") not in _HASHES or "nonce" not in fields:
        return None
    offered = [word.strip() for word in fields.get("qop", "").split(",")]
    qop = next((word for word in ("auth", "auth-int") if word in offered), "")
    is_stale = fields.get("stale", "").lower() == "true"
    return Challenge(realm, fields["nonce"], algorithm, qop, fields.get("opaque", ""), is_stale)


class Credentials:
    """A user and a password, and the `Authorization` values made of them. Never printed."""

    def __init__(self, user: str, password: str, random: Random) -> None:
        self._user = user
        self._password = password
        self._random = random
        self._challenge: Challenge | None = None
        self._count = 0

    @property
    def given(self) -> bool:
        """Whether the address has a user at all."""
        return bool(self._user)

    def accept(self, challenge: Challenge) -> None:
        """Answer this challenge from now on."""
        self._challenge, self._count = challenge, 0

    def header(self, method: str, url: str) -> str | None:
        """The `Authorization` value for a request; None before the first challenge."""
        if self._challenge is None:
            return None
        if not self._challenge.algorithm:
            pair = f"{self._user}:{self._password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        self._count += 1
        return self._digest(self._challenge, method, url)

    def _digest(self, challenge: Challenge, method: str, url: str) -> str:
        count, own = f"{self._count:08x}", f"{self._random.getrandbits(64):016x}"
        answer = digest_answer(challenge, self._user, self._password, method, url, count, own)
        fields = {"username": _quoted(self._user), "realm": _quoted(challenge.realm), "nonce": _quoted(challenge.nonce)}
        fields |= {"uri": _quoted(url), "response": _quoted(answer)}
        if challenge.algorithm != "MD5":
            fields["algorithm"] = challenge.algorithm.replace("-SESS", "-sess")
        if challenge.opaque:
            fields["opaque"] = _quoted(challenge.opaque)
        if challenge.qop:
            fields |= {"qop": challenge.qop, "nc": count, "cnonce": _quoted(own)}
        elif challenge.algorithm.endswith("-SESS"):
            fields["cnonce"] = _quoted(own)
        return "Digest " + ", ".join(f"{name}={value}" for name, value in fields.items())


def digest_answer(challenge: Challenge, user: str, password: str, method: str, url: str, count: str, own: str) -> str:
    """The `response` field (RFC 7616 section 3.4.1); `own` is the client's nonce, `count` eight hexadecimal digits."""
    digest = _HASHES[challenge.algorithm.removesuffix("-SESS")]
    secret = digest(f"{user}:{challenge.realm}:{password}")
    if challenge.algorithm.endswith("-SESS"):
        secret = digest(f"{secret}:{challenge.nonce}:{own}")
    asked = digest(f"{method}:{url}:{digest('')}" if challenge.qop == "auth-int" else f"{method}:{url}")
    if challenge.qop:
        return digest(f"{secret}:{challenge.nonce}:{count}:{own}:{challenge.qop}:{asked}")
    return digest(f"{secret}:{challenge.nonce}:{asked}")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
