"""One's own account: where it is signed in, its password, and whether a new place was oneself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from istros.api import schemas
from istros.api.account_shapes import AccountFacts, OpenSession, PasswordChange
from istros.api.gate import Caller, entering, needs, signed_in, way_of
from istros.api.problems import NotFound
from istros.api.session import give
from istros.api.sockets import Sockets
from istros.compliance.entry import session_name
from istros.events.record import record
from istros.store import Transaction
from istros.store.rows import OperatorRow, SessionRow

router = APIRouter(tags=["account"])


@router.get("/account")
async def get_account(caller: Annotated[Caller, Depends(signed_in)]) -> AccountFacts:
    """How the person signs in."""
    operator, entry = caller.operator, caller.node.accounts.entry

    def work(tx: Transaction) -> AccountFacts:
        secret = tx.factors.secret(operator.id)
        return AccountFacts(
            has_password=bool(operator.password_hash),
            codes_since=None if secret is None else secret.confirmed,
            recovery_left=tx.factors.recovery_left(operator.id),
            needs_factor=entry.needs_factor(operator),
            fresh=entry.is_fresh(caller.session),
        )

    return await caller.node.database.read(work)


@router.get("/account/sessions")
async def list_own_sessions(caller: Annotated[Caller, Depends(signed_in)]) -> list[OpenSession]:
    """Where the person is signed in, newest first."""
    mine = caller.session.token_sha256
    rows = await caller.node.database.read(lambda tx: tx.sessions.of(caller.operator.id))
    return [_shape(row, caller.operator, mine) for row in rows if row.expires > caller.node.environment.clock.now()]


@router.delete("/account/sessions/{session_id}", status_code=204)
async def end_own_session(session_id: str, request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> None:
    """End one of one's own sessions; its WebSockets close."""

    def work(tx: Transaction) -> SessionRow:
        return _end(tx, caller, session_id, tx.sessions.of(caller.operator.id))

    _tell(request, await caller.node.database.write(work))


@router.delete("/account/sessions")
async def end_other_sessions(request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> list[OpenSession]:
    """End every session of one's own but this one; what is left."""

    def work(tx: Transaction) -> list[str]:
        ended = caller.node.accounts.entry.end_all(tx, caller.operator.id, but=caller.session.token_sha256)
        detail = {"sessions": len(ended), "all": True}
        record(tx, caller.node.environment, caller.author, "session.end", caller.operator.id, detail)
        return ended

    sockets: Sockets = request.app.state.sockets
    for token_sha256 in await caller.node.database.write(work):
        sockets.end(token_sha256)
    return await list_own_sessions(caller)


@router.post("/account/password")
async def change_own_password(
    body: PasswordChange, request: Request, response: Response, caller: Annotated[Caller, Depends(entering)]
) -> schemas.Session | None:
    """Set a new password; every other session ends. The whole session where the sign-in had waited for it."""
    signed, ended = await caller.node.accounts.change_own_password(
        caller.operator, caller.session, body.current, body.password, way_of(request)
    )
    sockets: Sockets = request.app.state.sockets
    for token_sha256 in ended:
        sockets.end(token_sha256)
    return None if signed is None else await give(request, response, signed)


@router.post("/account/places/confirm", status_code=204)
async def confirm_places(caller: Annotated[Caller, Depends(signed_in)]) -> None:
    """It was the person themselves who signed in from the new places."""

    def work(tx: Transaction) -> None:
        known = tx.places.confirm(caller.operator.id, caller.node.environment.clock.now())
        record(
            tx, caller.node.environment, caller.author, "session.confirm-place", caller.operator.id, {"places": known}
        )

    await caller.node.database.write(work)


@router.get("/sessions")
async def list_sessions(caller: Annotated[Caller, Depends(needs("sessions.end"))]) -> list[OpenSession]:
    """Everybody's sessions; that they were looked at is on the record."""

    def work(tx: Transaction) -> list[OpenSession]:
        now = caller.node.environment.clock.now()
        people = {row.id: row for row in tx.operators.all()}
        rows = [row for row in tx.sessions.all() if row.expires > now]
        return [_shape(row, people[row.operator_id], caller.session.token_sha256) for row in rows]

    return await caller.disclose("sessions", work)


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(
    session_id: str, request: Request, caller: Annotated[Caller, Depends(needs("sessions.end"))]
) -> None:
    """End anybody's session; its WebSockets close."""
    _tell(request, await caller.act(session_id, lambda tx: _end(tx, caller, session_id, tx.sessions.all())))


def _end(tx: Transaction, caller: Caller, session_id: str, among: list[SessionRow]) -> SessionRow:
    found = next((row for row in among if session_name(row) == session_id), None)
    if found is None:
        raise NotFound("There is no such session.", "It may have ended already; look at the list again.")
    caller.node.accounts.entry.end(tx, found)
    detail = {"origin": found.origin, "browser": found.browser}
    record(tx, caller.node.environment, caller.author, "session.end", found.operator_id, detail)
    return found


def _tell(request: Request, ended: SessionRow) -> None:
    sockets: Sockets = request.app.state.sockets
    sockets.end(ended.token_sha256)


def _shape(row: SessionRow, operator: OperatorRow, mine: str) -> OpenSession:
    return OpenSession.model_validate(
        {
            "id": session_name(row), "operator": operator.name, "display_name": operator.display_name,
            "created": row.created, "seen": row.seen, "expires": row.expires, "origin": row.origin,
            "browser": row.browser, "method": row.method, "missing": row.missing, "mine": row.token_sha256 == mine,
        }
    )  # fmt: skip
