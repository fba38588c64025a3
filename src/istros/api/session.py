"""Signing in and out, and what anybody may know of the node."""

from __future__ import annotations

from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

import istros
from istros.api import schemas
from istros.api.gate import Caller, cookie_name, entering, node_of, signed_in, step_missing, token_of, way_of
from istros.api.node import Node
from istros.api.problems import Forged
from istros.api.relying import relying_party
from istros.api.sockets import Sockets
from istros.compliance.accounts import csrf_of
from istros.compliance.entry import SignedIn, Step, factors_of, places_to_confirm
from istros.store.rows import OperatorRow, SessionRow

router = APIRouter(tags=["session"])


@router.post("/session")
async def sign_in(body: schemas.SignIn, request: Request, response: Response) -> schemas.Session:
    """Open a session; the cookie holds its token, out of reach of scripts. It may lack a step (`missing`)."""
    from_here(request)
    way = way_of(request)
    signed = await node_of(request).accounts.sign_in(body.name, body.password, way.origin, way.browser)
    return await give(request, response, signed)


@router.get("/session")
async def get_session(request: Request, caller: Annotated[Caller, Depends(entering)]) -> schemas.Session:
    """The session behind the cookie."""
    return await _shape(caller.node, caller.operator, caller.session, csrf_of(token_of(request)))


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, caller: Annotated[Caller, Depends(entering)]) -> None:
    """End the session; its WebSockets close."""
    await caller.node.accounts.sign_out(token_of(request), caller.origin)
    sockets: Sockets = request.app.state.sockets
    sockets.end(caller.session.token_sha256)
    name, secure = cookie_name(caller.node), caller.node.cookie_secure
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")


@router.put("/session/language", status_code=204)
async def set_language(body: schemas.LanguageChoice, caller: Annotated[Caller, Depends(signed_in)]) -> None:
    """The language in which the operator reads the screens."""
    await caller.node.database.write(lambda tx: tx.operators.set_language(caller.operator.id, body.language))


@router.get("/node")
async def get_node(request: Request) -> schemas.NodeFacts:
    """What anybody may know of this node."""
    node = node_of(request)
    return schemas.NodeFacts(
        name=node.identity.name,
        organisation=node.identity.organisation,
        town=node.identity.town,
        version=istros.__version__,
        training=node.identity.training,
        languages=list(node.identity.languages),
        now=node.environment.clock.now(),
        passkeys=relying_party(request) is not None,
    )


async def give(request: Request, response: Response, signed: SignedIn) -> schemas.Session:
    """Give the browser the token of a session that was just opened."""
    node = node_of(request)
    age_s = (signed.session.expires - signed.session.created) // 1_000_000
    response.set_cookie(
        cookie_name(node),
        signed.token,
        max_age=age_s,
        path="/",
        secure=node.cookie_secure,
        httponly=True,
        samesite="strict",
    )
    return await _shape(node, signed.operator, signed.session, signed.csrf_token)


def may_enrol(caller: Caller) -> None:
    """Who still has to prove a factor cannot give themselves another. Raises NotSignedIn."""
    if caller.session.missing not in ("", "enrol"):
        raise step_missing()


async def _shape(node: Node, operator: OperatorRow, session: SessionRow, csrf_token: str) -> schemas.Session:
    factors, places = await node.database.read(
        lambda tx: (factors_of(tx, operator.id), places_to_confirm(tx, operator.id, session.token_sha256))
    )
    whole = not session.missing
    return schemas.Session(
        operator=schemas.Operator.model_validate(operator),
        csrf_token=csrf_token,
        permit=session.permit_id,
        actions=sorted(node.access.actions_of(operator.role)) if whole else [],
        purposes=sorted(node.access.purposes_of(operator.role)) if whole else [],
        expires=session.expires,
        missing=cast(Step, session.missing),
        factors=factors,
        law=node.sending.law,
        new_places=[schemas.NewPlace(time=row.first, origin=row.origin, browser=row.browser) for row in places]
        if whole
        else [],
    )


def from_here(request: Request) -> None:
    """A page of another site cannot sign somebody in; programs other than browsers send no Origin."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forged("The request does not come from this node's own page.", "Open the node's own address and sign in.")
