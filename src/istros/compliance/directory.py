"""Signing in by an organisation's own directory (OpenID Connect Core 1.0, authorisation code with PKCE, RFC 7636).

The directory says who somebody is and in which groups; which role a group has here, the node's settings say. Without such
a group nobody gets in, and no account is made. Only the issuer of the settings is believed, by its own keys, for this
node, for this very sign-in.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.guarded_http import guarded_session
from istros.base.reach import DIRECTORY, AddressRefused, names_itself
from istros.base.said import say
from istros.base.sealing import SealBroken, SealingKey
from istros.base.time import MINUTE

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
"""Signatures that are believed: never `none`, and none made with a shared secret."""

STATE_US = 10 * MINUTE
"""So long a person may take at the directory."""

KEPT_S = 3600.0
REFETCH_S = 60.0
"""Unknown keys are asked for at most this often, so that forged tokens cost the directory nothing."""

LEEWAY_S = 60
TIMEOUT_S = 10.0


class DirectoryAway(IstrosError):
    """The directory does not answer, or not as OpenID Connect wants it."""

    code = "directory-away"


class DirectoryRefused(IstrosError):
    """The directory's answer does not let this person in."""

    code = "directory-refused"


@dataclass(frozen=True, slots=True)
class Directory:
    """One organisation's directory. `roles` are (group, role), the first that fits counts."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    """Empty: the node proves itself by PKCE alone."""
    organisation: str
    groups_claim: str
    roles: tuple[tuple[str, str], ...]
    language: str = "en"

    def role_of(self, groups: frozenset[str]) -> str | None:
        """The role of who is in these groups; None when none of them has one."""
        return next((role for group, role in self.roles if group in groups), None)


@dataclass(frozen=True, slots=True)
class Known:
    """Who the directory says that somebody is. `second_factor`: they proved more than a password there (RFC 8176)."""

    subject: str
    name: str
    display_name: str
    groups: frozenset[str]
    second_factor: bool


class DirectoryClient:
    """Sends people to one directory and believes its answer; lives in the server process."""

    def __init__(self, environment: Environment, key: SealingKey, directory: Directory, address: str) -> None:
        self.directory = directory
        self._environment = environment
        self._key = key
        self._back = f"{address}/api/session/directory/{directory.id}/back"
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self) -> tuple[str, str]:
        """(where to send the browser, what it has to bring back, sealed). Raises DirectoryAway."""
        found = await self._discover()
        state, nonce, verifier = (self._random() for _ in range(3))
        challenge = _url64(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code", "client_id": self.directory.client_id, "redirect_uri": self._back,
            "scope": "openid profile email", "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        end = self._environment.clock.now() + STATE_US
        kept = json.dumps({"state": state, "nonce": nonce, "verifier": verifier, "end": end})
        address = str(found["authorization_endpoint"])
        joint = "&" if urlsplit(address).query else "?"
        return address + joint + urlencode(query), _url64(self._key.seal(kept.encode(), self._bound))

    async def finish(self, sealed: str, state: str, code: str) -> Known:
        """Who came back. Raises DirectoryRefused, DirectoryAway."""
        kept = self._opened(sealed)
        late = self._environment.clock.now() >= kept["end"]
        if late or not hmac.compare_digest(str(kept["state"]).encode(), state.encode()):
            raise _not_begun()
        found = await self._discover()
        token = await self._exchange(str(found["token_endpoint"]), code, str(kept["verifier"]))
        return self._known(await self._claims(token, str(kept["nonce"])))

    @property
    def _bound(self) -> str:
        return f"directory {self.directory.id}"

    def _opened(self, sealed: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads(self._key.open(_from_url64(sealed), self._bound))
        except (SealBroken, ValueError) as error:
            raise _not_begun() from error
        return kept

    async def _discover(self) -> dict[str, Any]:
        """What the issuer says of itself (OpenID Connect Discovery 1.0), kept for an hour."""
        now = self._environment.clock.elapsed()
        if self._found is None or now - self._found[0] > KEPT_S:
            found = await self._get(f"{self.directory.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.directory.issuer:
                raise _unsound("calls itself by another name than the settings")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _checked(str(found.get(name, "")))
            self._found = (now, found)
        return self._found[1]

    async def _exchange(self, address: str, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier,
            "client_id": self.directory.client_id,
        }  # fmt: skip
        headers = {"accept": "application/json"}
        if self.directory.client_secret:
            pair = f"{quote(self.directory.client_id, safe='')}:{quote(self.directory.client_secret, safe='')}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        answer = await self._ask("POST", address, data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _unproven("did not say who this is")
        return token

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The token's claims, once signature, issuer, audience, times and nonce hold (Core 1.0, section 3.1.3.7)."""
        for fresh in (False, True):
            keys = await self._key_set(fresh)
            try:
                claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
                break
            except (JoseError, ValueError) as error:
                if fresh:
                    raise _unproven("gave an answer that its keys did not sign") from error
        now_s = self._environment.clock.now() // 1_000_000
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        whole = (
            claims.get("iss") == self.directory.issuer
            and self.directory.client_id in audiences
            and (len(audiences) == 1 or claims.get("azp") == self.directory.client_id)
            and _moment(claims.get("exp")) > now_s - LEEWAY_S
            and abs(_moment(claims.get("iat")) - now_s) < STATE_US // 1_000_000 + LEEWAY_S
            and hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
        )
        if not whole or not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise _unproven("gave an answer that is not for this sign-in")
        return claims

    async def _key_set(self, fresh: bool) -> KeySet:
        """The issuer's keys; asked for again when a token names one that is not known, for keys are changed."""
        now = self._environment.clock.elapsed()
        age = now - self._keys[0] if self._keys is not None else float("inf")
        if self._keys is None or age > (REFETCH_S if fresh else KEPT_S):
            found = await self._discover()
            try:
                keys = KeySet.import_key_set(await self._get(str(found["jwks_uri"])))  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise _unsound("has keys that cannot be read") from error
            self._keys = (now, keys)
        return self._keys[1]

    def _known(self, claims: Mapping[str, Any]) -> Known:
        groups = claims.get(self.directory.groups_claim, [])
        amr = claims.get("amr", [])
        name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        return Known(
            subject=f"{self.directory.issuer} {claims['sub']}",
            name=name,
            display_name=str(claims.get("name") or name)[:100],
            groups=frozenset(str(group) for group in groups) if isinstance(groups, list) else frozenset({str(groups)}),
            second_factor=isinstance(amr, list) and "mfa" in amr,
        )

    async def _get(self, address: str) -> dict[str, Any]:
        return await self._ask("GET", address, headers={"accept": "application/json"})

    async def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """One request to a checked address, following no redirection. Raises DirectoryAway."""
        _checked(address)
        host = urlsplit(address).hostname or ""
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                guarded_session(DIRECTORY, host=host) as session,
                session.request(method, address, allow_redirects=False, **more) as answer,
            ):
                data = await answer.read()
                if answer.status != 200:
                    raise _unsound(f"answers with {answer.status}")
                found = json.loads(data)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise DirectoryAway(
                say("directory-silent", "The directory does not answer."), "Try again; sign in with a password."
            ) from error
        if not isinstance(found, dict):
            raise _unsound("gave an answer that cannot be read")
        return found

    def _random(self) -> str:
        return _url64(self._environment.random.getrandbits(256).to_bytes(32))


def _not_begun() -> DirectoryRefused:
    return DirectoryRefused(
        say("directory-not-begun", "This sign-in was not begun in this browser, or too long ago."), "Begin it again."
    )


def _unproven(how: str) -> DirectoryRefused:
    """What it did is for the record and the log; people are told what follows from it."""
    return DirectoryRefused(
        say("directory-unproven", f"The directory {how}."), "Begin again; tell the administrator if it stays so."
    )


def _unsound(how: str) -> DirectoryAway:
    return DirectoryAway(say("directory-unsound", f"The directory {how}."), "Tell the administrator.")


def _checked(address: str) -> None:
    """`check_directory_address` of what the directory itself named. Raises DirectoryAway."""
    try:
        check_directory_address(address)
    except AddressRefused as refusal:
        raise _unsound("names an address that this node does not connect to") from refusal


def check_directory_address(address: str) -> None:
    """https, or plain http on this machine where the address itself says so. Raises AddressRefused."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and names_itself(host) and _is_here(host)):
        raise AddressRefused(f"The directory's address at '{host}' is not https.", "Write an https address.")


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _moment(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("-inf")


def _url64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _from_url64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
