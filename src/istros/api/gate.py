"""The one gate: who asks, may the role do it, is there a permit, and the audit row that says so (DESIGN rule 2).

Every route names the action that it needs; what is not allowed is refused and recorded. A route without `needs` or
`signed_in` is open, and `tests/api/test_gate.py` knows each of those by name.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from fastapi import Request
from starlette.requests import HTTPConnection

from istros.api.node import Node
from istros.api.problems import Forged, NotAllowed, NotSignedIn
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.compliance import access, permits
from istros.compliance.accounts import digest
from istros.compliance.attempts import Limit, address_to_count
from istros.compliance.browsers import browser_of
from istros.compliance.divided import runs_node
from istros.compliance.entry import Way
from istros.compliance.program_keys import cameras_of, operator_of, session_of, use_key
from istros.compliance.simulator import BY_OFFICE
from istros.events.record import Author, record
from istros.store import Transaction
from istros.store.rows import OperatorRow, PermitRow, SessionRow
from istros.store.rows_identity import ProgramKeyRow

T = TypeVar("T")

COOKIE = "istros_session"
CSRF_HEADER = "x-csrf-token"
NO_PERMIT = BY_OFFICE
"""Read by office, on the record: who answers alarms must know what is sought, and oversight watches the permits."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through which session, for what action, from which address."""

    node: Node
    operator: OperatorRow
    session: SessionRow
    action: str
    origin: str
    key: ProgramKeyRow | None = None
    """The key of the program that asks; None: a person does."""

    @property
    def author(self) -> Author:
        """For the audit rows of what this caller does, under the standing permit of the shift."""
        return Author(self.operator.name, self.origin, self.session.permit_id or None)

    def may(self, action: str) -> bool:
        """Whether the caller's role allows an action, and the key's scope where a program asks."""
        return self._in_scope(action) and action in self.node.access.actions_of(self.operator.role)

    def _in_scope(self, action: str) -> bool:
        key = self.key
        return key is None or action in key.actions or (action == "permits.open" and key.purpose != "")

    @property
    def subject(self) -> access.Subject:
        """Who asks, as far as the policy cares."""
        return access.Subject(self.operator.role, self.operator.organisation)

    def may_on(self, action: str, camera_id: str) -> bool:
        """Whether the policy allows an action with one camera, by the groups that it stands in, and the key's scope."""
        reached = None if self.key is None else cameras_of(self.key, self.node.access)
        if not self._in_scope(action) or (reached is not None and camera_id not in reached):
            return False
        return bool(self.node.access.on_camera(self.subject, action, camera_id))

    def may_to(self, action: str, organisation: str) -> bool:
        """Whether the caller's role allows an action on what belongs to an organisation."""
        return self._in_scope(action) and bool(self.node.access.allowed(self.subject, action, organisation))

    def reach(self, tx: Transaction, action: str) -> Callable[[str], bool]:
        """Of which organisations the caller may do it, where things are divided; empty: the node's own."""
        nodes = self.node.identity.organisation
        subject = replace(self.subject, runs_node=runs_node(tx, self.operator.role, self.operator.organisation, nodes))
        may = self.may(action)
        return lambda whose: may and bool(self.node.access.allowed(subject, action, whose or nodes))

    def reached(self, tx: Transaction, action: str, organisations: Iterable[str]) -> list[str]:
        """Those of these organisations: a list is divided before it is cut."""
        return list(filter(self.reach(tx, action), organisations))

    async def disclose(
        self,
        subject: str,
        work: Callable[[Transaction], T],
        detail: Mapping[str, object] | None = None,
        permit: str | None = None,
        scope: Callable[[Transaction], permits.Scope] | None = None,
    ) -> T:
        """Read personal data and record that it was read, in one transaction.

        `permit` is the id that the caller names; without it, the standing permit of the shift must cover what the
        shift does, and what is done by office alone (NO_PERMIT) needs none. `scope` tells which cameras and which
        time the answer covers. A permit that does not cover it is refused (PermitRefused); whatever is refused is recorded.
        """
        wanted = permit or (None if self.action in NO_PERMIT else self.session.permit_id)
        author = replace(self.author, permit_id=wanted)

        def audited(tx: Transaction) -> T:
            if wanted is not None:
                self.require_permit(tx, wanted, None if scope is None else scope(tx))
            result = work(tx)
            record(tx, self.node.environment, author, self.action, subject, detail or {})
            return result

        return await self.act(subject, audited)

    async def act(self, subject: str, work: Callable[[Transaction], T]) -> T:
        """Do a step that records itself, in one transaction; what is refused stands in the audit log too."""
        async with self.on_record(subject):
            return await self.node.database.write(work)

    @asynccontextmanager
    async def on_record(self, subject: str) -> AsyncIterator[None]:
        """What is refused in here (IstrosError) stands in the audit log."""
        try:
            yield
        except IstrosError as refusal:
            await self.refuse(self.action, subject, refusal.message)
            raise

    def require_permit(self, tx: Transaction, permit_id: str, scope: permits.Scope | None = None) -> PermitRow:
        """The caller's own open permit for the action, on cameras that the policy allows. Raises PermitRefused."""
        if scope is not None:
            self._require_cameras(scope.cameras or tuple(camera.id for camera in self.node.cameras))
        now = self.node.environment.clock.now()
        return permits.require(tx, permit_id, self.operator, self.action, now, scope)

    def _require_cameras(self, cameras: tuple[str, ...]) -> None:
        barred = [camera for camera in cameras if not self.may_on(self.action, camera)]
        permits.refuse_cameras(self.operator.role, self.action, barred)

    async def refuse(self, action: str, subject: str, why: str) -> None:
        """Record that something was refused."""
        author = replace(self.author, permit_id=None)
        await self.node.database.write(
            lambda tx: record(tx, self.node.environment, author, action, subject, {"why": why}, result="refused")
        )


def node_of(connection: HTTPConnection) -> Node:
    """The node that the application serves."""
    node: Node = connection.app.state.node
    return node


def origin_of(connection: HTTPConnection) -> str:
    """The address that the connection comes from; behind a proxy of the settings, the one that it names."""
    if connection.client is None:
        return "unknown"
    return node_of(connection).proxies.origin(connection.client.host, connection.headers)


def way_of(connection: HTTPConnection, method: str = "password") -> Way:
    """How somebody comes who proves who they are by `method`."""
    return Way(origin_of(connection), browser_of(connection.headers.get("user-agent", "")), method)


def token_of(connection: HTTPConnection) -> str:
    """The session's token from the cookie, or an empty text."""
    return connection.cookies.get(cookie_name(node_of(connection)), "")


def cookie_name(node: Node) -> str:
    """By TLS the name's beginning makes browsers take it from this very host alone, for all of it (RFC 6265bis)."""
    return f"__Host-{COOKIE}" if node.cookie_secure else COOKIE


def step_missing() -> NotSignedIn:
    """Whoever has still something to prove."""
    return NotSignedIn(say("sign-in-step-missing", "A step of the sign-in is missing."), "Go on signing in.")


async def identify(connection: HTTPConnection) -> Caller:
    """Who is signed in behind the cookie, with nothing left to prove. Raises NotSignedIn."""
    caller = await identify_entering(connection)
    if caller.session.missing:
        raise step_missing()
    return caller


async def identify_entering(connection: HTTPConnection) -> Caller:
    """Who is behind the cookie, even where a step of the sign-in is missing. Raises NotSignedIn."""
    node, token = node_of(connection), token_of(connection)
    found = await node.accounts.resume(token) if token else None
    if found is None:
        raise NotSignedIn("Nobody is signed in here, or the session has ended.", "Sign in.")
    operator, session = found
    return Caller(node, operator, session, "", origin_of(connection))


async def signed_in(request: Request) -> Caller:
    """Dependency: anybody who is signed in; requests that change something prove that our own page sent them."""
    return await _own_page(request, await identify(request))


async def entering(request: Request) -> Caller:
    """Dependency: anybody who signs in, whatever step is missing: for the steps themselves, and for nothing else."""
    return await _own_page(request, await identify_entering(request))


async def _own_page(request: Request, caller: Caller) -> Caller:
    if request.method not in SAFE_METHODS:
        sent = digest(request.headers.get(CSRF_HEADER, ""))
        if not hmac.compare_digest(sent, caller.session.csrf_sha256):
            await caller.refuse("session.forged", request.url.path, "the request lacks the session's CSRF token")
            raise Forged("The request does not come from this node's own page.", "Load the page again.")
    return caller


async def keyed(request: Request) -> Caller | None:
    """The program behind `Authorization: Bearer`; None when the request has none. Raises NotSignedIn, NotAllowed.

    It sends no cookie, so that no page of another site can make it ask: there is no CSRF token. That the key was used is
    on the record, or counted for it, before anything is answered.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    node, origin = node_of(request), origin_of(request)
    asked, permit = request.url.path, request.query_params.get("permit", "")
    row, valid = await node.database.write(
        lambda tx: use_key(tx, node.environment, token.strip(), asked=asked, permit=permit, origin=origin)
    )
    if row is None:
        limit = Limit("key", address_to_count(origin), 30)
        await node.accounts.take_turn([limit], "There were too many unknown keys from this address.")
    if row is None or not valid:
        raise NotSignedIn(
            say("key-unknown", "The key is not known, or counts no more."), "Ask an administrator for another."
        )
    caller = Caller(node, operator_of(row), session_of(row, node.environment.clock.now()), "", origin, row)
    await _named_cameras(request, caller, row)
    return caller


async def _named_cameras(request: Request, caller: Caller, key: ProgramKeyRow) -> None:
    """A key that reaches some cameras only asks for those by name. Raises NotAllowed, on the record."""
    reached = cameras_of(key, caller.node.access)
    if reached is None or request.url.path == "/api/permits":
        return
    named = {
        *request.query_params.getlist("camera"),
        *(request.path_params.get(name) for name in ("camera_id", "camera")),
    }
    named -= {None}
    if not named or not named <= reached:
        await caller.refuse("keys.use", request.url.path, "it names no camera of the key's scope, or another one")
        raise NotAllowed(
            say(
                "key-cameras", "This key reaches some cameras only, and the request names none of them, or another one."
            ),
            f"Name one of {', '.join(sorted(reached)[:8]) or 'none: its groups are empty'}.",
        )


def needs(*actions: str) -> Callable[[Request], Awaitable[Caller]]:
    """Dependency: a caller whose role allows one of the actions (the first that it allows is the one recorded)."""

    async def gate(request: Request) -> Caller:
        caller = await keyed(request) or await signed_in(request)
        return await permitted(caller, actions, request.url.path, request.path_params.get("camera_id"))

    gate.actions = actions  # type: ignore[attr-defined]  # for the test that walks every route
    return gate


async def permitted(caller: Caller, actions: tuple[str, ...], subject: str, camera_id: str | None = None) -> Caller:
    """The caller for the first of the actions that its role allows (with that camera). Raises NotAllowed, on the record."""
    allowed = next(
        (each for each in actions if caller.may(each) and (camera_id is None or caller.may_on(each, camera_id))), None
    )
    if allowed is None:
        await caller.refuse(actions[0], subject, f"the role {caller.operator.role} does not allow it")
        raise NotAllowed(
            say(
                "role-bars-this",
                f"The role '{caller.operator.role}' does not allow this ({actions[0]}).",
                role=caller.operator.role,
            ),
            "Ask the shift leader, or sign in with another role.",
        )
    return replace(caller, action=allowed)
