"""Passkeys: signing in with one, adding one, taking one away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from istros.api import schemas
from istros.api.account_shapes import NewPasskey, Passkey, PasskeyOptions, PasskeyProof, RecoveryCodes
from istros.api.gate import Caller, entering, node_of, signed_in, token_of, way_of
from istros.api.problems import NotFound
from istros.api.relying import relying_party
from istros.api.session import from_here, give, may_enrol
from istros.base.errors import IstrosError
from istros.compliance.passkeys import Passkeys

router = APIRouter(tags=["account"])


class PasskeysOff(IstrosError):
    """The page's address cannot have passkeys."""

    code = "passkeys-off"


@router.post("/session/passkey/options")
async def ask_passkey(request: Request) -> PasskeyOptions:
    """What the browser needs to ask for a passkey; five minutes, once."""
    from_here(request)
    return PasskeyOptions(options=_passkeys(request).ask())


@router.post("/session/passkey")
async def sign_in_with_passkey(body: PasskeyProof, request: Request, response: Response) -> schemas.Session:
    """Open a session with a passkey, which proves device and person; it ends a sign-in that waited for a second factor."""
    from_here(request)
    signed = await _passkeys(request).sign_in(body.credential, way_of(request, "passkey"))
    await node_of(request).accounts.forget_unfinished(token_of(request))
    return await give(request, response, signed)


@router.get("/account/passkeys")
async def list_passkeys(caller: Annotated[Caller, Depends(signed_in)]) -> list[Passkey]:
    """One's own passkeys, oldest first."""
    rows = await caller.node.database.read(lambda tx: tx.factors.passkeys(caller.operator.id))
    return [Passkey.model_validate(row) for row in rows]


@router.post("/account/passkeys/options")
async def begin_passkey(request: Request, caller: Annotated[Caller, Depends(entering)]) -> PasskeyOptions:
    """What the browser needs to make a passkey."""
    may_enrol(caller)
    return PasskeyOptions(options=await _passkeys(request).begin(caller.operator, caller.session))


@router.post("/account/passkeys")
async def add_passkey(
    body: NewPasskey, request: Request, response: Response, caller: Annotated[Caller, Depends(entering)]
) -> RecoveryCodes:
    """Keep a passkey; recovery codes where there were none, the whole session where the sign-in had waited."""
    may_enrol(caller)
    codes, signed = await _passkeys(request).add(caller.operator, caller.session, body.name, body.credential)
    return RecoveryCodes(codes=codes, session=None if signed is None else await give(request, response, signed))


@router.delete("/account/passkeys/{passkey_id}", status_code=204)
async def remove_passkey(passkey_id: str, request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> None:
    """Take one of one's own passkeys away."""
    if not await _passkeys(request).remove(caller.operator, caller.session, passkey_id):
        raise NotFound("There is no such passkey.", "Look at the list again.")


def _passkeys(request: Request) -> Passkeys:
    party = relying_party(request)
    if party is None:
        raise PasskeysOff(
            "This address of the node cannot have passkeys.",
            "The administrator names the node's address in the settings (server.address).",
        )
    return Passkeys(node_of(request).accounts, party)
