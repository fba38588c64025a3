"""Signing in and out, and what anybody may know of the node."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

import istros
from istros.api import schemas
from istros.api.gate import COOKIE, Caller, node_of, origin_of, signed_in, token_of
from istros.api.problems import Forged
from istros.api.sockets import Sockets
from istros.compliance.access import Access
from istros.compliance.accounts import csrf_of
from istros.store.rows import OperatorRow, SessionRow

router = APIRouter(tags=["session"])


@router.post("/session")
async def sign_in(body: schemas.SignIn, request: Request, response: Response) -> schemas.Session:
    """Open a session; the cookie holds its token, out of reach of scripts."""
    _from_here(request)
    node = node_of(request)
    signed = await node.accounts.sign_in(body.name, body.password, origin_of(request))
    age_s = (signed.session.expires - signed.session.created) // 1_000_000
    response.set_cookie(
        COOKIE, signed.token, max_age=age_s, path="/", secure=node.cookie_secure, httponly=True, samesite="strict"
    )
    return _shape(node.access, signed.operator, signed.session, signed.csrf_token)


@router.get("/session")
async def get_session(request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> schemas.Session:
    """The session behind the cookie."""
    return _shape(caller.node.access, caller.operator, caller.session, csrf_of(token_of(request)))


@router.delete("/session", status_code=204)
async def sign_out(request: Request, response: Response, caller: Annotated[Caller, Depends(signed_in)]) -> None:
    """End the session; its WebSockets close."""
    await caller.node.accounts.sign_out(token_of(request), caller.origin)
    sockets: Sockets = request.app.state.sockets
    sockets.end(caller.session.token_sha256)
    response.delete_cookie(COOKIE, path="/", secure=caller.node.cookie_secure, httponly=True, samesite="strict")


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
    )


def _shape(access: Access, operator: OperatorRow, session: SessionRow, csrf_token: str) -> schemas.Session:
    return schemas.Session(
        operator=schemas.Operator.model_validate(operator),
        csrf_token=csrf_token,
        permit=session.permit_id,
        actions=sorted(access.actions_of(operator.role)),
        expires=session.expires,
    )


def _from_here(request: Request) -> None:
    """A page of another site cannot sign somebody in; programs other than browsers send no Origin."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forged("The request does not come from this node's own page.", "Open the node's own address and sign in.")
