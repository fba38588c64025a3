"""Opening and ending sessions, step by step, and noticing a place from which somebody never came before.

After the password a sign-in may lack a second factor (`factor`), the choice of one (`enrol`), or a password of the
person's own (`password`). Until then the session has no permit and opens nothing. Each step gives it a new token.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Literal

from istros.base.environment import Environment
from istros.base.time import DAY, HOUR, MINUTE, Time
from istros.compliance import audit
from istros.compliance.attempts import block_of
from istros.compliance.permits import standing_permit
from istros.store import Transaction
from istros.store.rows import OperatorRow, PermitRow, SessionRow
from istros.store.rows_identity import KnownPlaceRow

LASTS_US = 12 * HOUR
"""A session ends after this whatever happens, and its standing permit with it."""

STEP_US = 10 * MINUTE
"""A sign-in that lacks a step is forgotten after this."""

FRESH_US = 15 * MINUTE
"""So long after signing in a person may change how they sign in."""

PLACE_US = 90 * DAY
"""A place that was not used for so long is new again."""

Step = Literal["", "factor", "enrol", "password"]

Factor = Literal["code", "passkey", "recovery"]

NO_PERMIT = ""


@dataclass(frozen=True, slots=True)
class SignInRules:
    """What the node asks of people: the roles that need a second factor, and the name shown in authenticator apps."""

    second_factor: frozenset[str] = frozenset()
    name: str = "Istros"


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody comes: from which address, with which browser, having proven what."""

    origin: str
    browser: str = ""
    method: str = "password"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; the two tokens exist here and in the browser alone. No permit while a step is missing."""

    operator: OperatorRow
    session: SessionRow
    permit: PermitRow | None
    token: str = field(repr=False)
    csrf_token: str = field(repr=False)


class Entry:
    """Opens sessions inside the transaction of whoever checked the proof."""

    def __init__(self, environment: Environment, rules: SignInRules) -> None:
        self._environment = environment
        self._rules = rules

    def open(self, tx: Transaction, operator: OperatorRow, way: Way) -> SignedIn:
        """A session for who has proven `way.method`, on the record; it may lack a step."""
        missing = self.missing_step(tx, operator, way.method)
        token = self._new_token()
        csrf_token, now = csrf_of(token), self._environment.clock.now()
        permit = None if missing else standing_permit(tx, self._environment, operator, LASTS_US / HOUR, way.origin)
        session = SessionRow(
            token_sha256=digest(token), operator_id=operator.id, csrf_sha256=digest(csrf_token),
            permit_id=permit.id if permit else NO_PERMIT, created=now, seen=now,
            expires=Time(now + (STEP_US if missing else LASTS_US)), origin=way.origin, browser=way.browser,
            method=way.method, missing=missing,
        )  # fmt: skip
        tx.sessions.add(session)
        detail = {"method": way.method, "browser": way.browser} | ({"missing": missing} if missing else {})
        action = "session.begin" if missing else "session.open"
        self._record(tx, operator.name, way.origin, action, operator.id, permit.id if permit else None, detail)
        if not missing:
            self._note_place(tx, operator, session)
        return SignedIn(operator, session, permit, token, csrf_token)

    def go_on(self, tx: Transaction, operator: OperatorRow, session: SessionRow, method: str) -> SignedIn:
        """A missing step was taken: the session with a new token, whole or lacking the next step."""
        tx.sessions.remove(session.token_sha256)
        return self.open(tx, operator, Way(session.origin, session.browser, method))

    def missing_step(self, tx: Transaction, operator: OperatorRow, method: str) -> Step:
        """What is still to be done by who has proven `method`."""
        if method in ("password", "directory"):
            if has_factor(tx, operator.id):
                return "factor"
            if operator.role in self._rules.second_factor:
                return "enrol"
        return "password" if operator.must_change and operator.password_hash else ""

    def needs_factor(self, operator: OperatorRow) -> bool:
        """Whether the operator's role needs a second factor."""
        return operator.role in self._rules.second_factor

    def is_fresh(self, session: SessionRow) -> bool:
        """Whether the person proved lately who they are."""
        return self._environment.clock.now() - session.created < FRESH_US

    def end(self, tx: Transaction, session: SessionRow) -> None:
        """End a session and its standing permit; the record is the caller's."""
        tx.sessions.remove(session.token_sha256)
        if session.permit_id:
            tx.permits.close(session.permit_id, self._environment.clock.now())

    def end_all(self, tx: Transaction, operator_id: str, but: str = "") -> list[str]:
        """End an operator's sessions, except one; the SHA-256 of the tokens that ended."""
        ended = [session for session in tx.sessions.of(operator_id) if session.token_sha256 != but]
        for session in ended:
            self.end(tx, session)
        return [session.token_sha256 for session in ended]

    def end_rights(self, tx: Transaction, operator: OperatorRow) -> list[str]:
        """End an operator's sessions and every permit that they opened: another role could not have opened it.

        The SHA-256 of the tokens that ended.
        """
        now = self._environment.clock.now()
        ended = self.end_all(tx, operator.id)
        for permit in tx.permits.open_for(operator.name, now):
            tx.permits.close(permit.id, now)
        return ended

    def _note_place(self, tx: Transaction, operator: OperatorRow, session: SessionRow) -> None:
        now = session.created
        tx.places.forget_before(Time(now - PLACE_US))
        known = tx.places.of(operator.id)
        block = block_of(session.origin)
        found = next((place for place in known if (place.block, place.browser) == (block, session.browser)), None)
        if found is not None:
            tx.places.put(replace(found, last=now))
            return
        tx.places.put(
            KnownPlaceRow(
                operator.id, block, session.browser, now, now, session.origin, session.token_sha256, confirmed=not known
            )
        )
        if known:
            detail = {"block": block, "browser": session.browser, "method": session.method}
            self._record(tx, operator.name, session.origin, "session.new-place", operator.id, None, detail)

    def _record(
        self, tx: Transaction, actor: str, origin: str, action: str, subject: str, permit: str | None,
        detail: dict[str, str],
    ) -> None:  # fmt: skip
        audit.append(
            tx, self._environment, actor=actor, origin=origin, action=action, subject=subject, permit=permit,
            detail=detail,
        )  # fmt: skip

    def _new_token(self) -> str:
        return urlsafe_b64encode(self._environment.random.getrandbits(256).to_bytes(32)).decode().rstrip("=")


def has_factor(tx: Transaction, operator_id: str) -> bool:
    """Whether the operator has a second factor that counts."""
    secret = tx.factors.secret(operator_id)
    return (secret is not None and secret.confirmed is not None) or bool(tx.factors.passkeys(operator_id))


def factors_of(tx: Transaction, operator_id: str) -> list[Factor]:
    """The second factors that an operator can use now."""
    secret = tx.factors.secret(operator_id)
    found: list[Factor] = ["code"] if secret is not None and secret.confirmed is not None else []
    if tx.factors.passkeys(operator_id):
        found.append("passkey")
    if tx.factors.recovery_left(operator_id):
        found.append("recovery")
    return found


def places_to_confirm(tx: Transaction, operator_id: str, session: str) -> list[KnownPlaceRow]:
    """New places that the person has not confirmed, without the one that this very session (its token's SHA-256) made."""
    return [place for place in tx.places.of(operator_id) if not place.confirmed and place.session != session]


def session_name(session: SessionRow) -> str:
    """What a session is called where it is listed: of no use to who wants to enter it."""
    return digest(session.token_sha256)[:20]


def csrf_of(token: str) -> str:
    """The CSRF token that belongs to a session's token."""
    return hmac.new(token.encode("utf-8", "replace"), b"istros csrf", hashlib.sha256).hexdigest()


def digest(token: str) -> str:
    """How a token is stored: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
