"""The second factor: taking the step at the sign-in, enrolling, and taking away."""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Request, Response

from istros.api import schemas
from istros.api.account_shapes import Code, CodeSecret, RecoveryCodes
from istros.api.gate import Caller, entering, signed_in
from istros.api.session import give, may_enrol
from istros.compliance.factors import SecondFactors

router = APIRouter(tags=["account"])


@router.post("/session/code")
async def take_code(
    body: Code, request: Request, response: Response, caller: Annotated[Caller, Depends(entering)]
) -> schemas.Session:
    """Go on signing in with a one-time code or a recovery code."""
    signed = await SecondFactors(caller.node.accounts).take_code(caller.operator, caller.session, body.code)
    return await give(request, response, signed)


@router.post("/account/codes")
async def begin_codes(caller: Annotated[Caller, Depends(entering)]) -> CodeSecret:
    """A fresh secret for an authenticator app; it counts once a first code confirms it."""
    may_enrol(caller)
    secret, address = await SecondFactors(caller.node.accounts).begin_codes(caller.operator, caller.session)
    return CodeSecret(secret=secret, address=address, rows=_qr_rows(address))


@router.post("/account/codes/confirm")
async def confirm_codes(
    body: Code, request: Request, response: Response, caller: Annotated[Caller, Depends(entering)]
) -> RecoveryCodes:
    """Confirm the secret with a first code; recovery codes, and the whole session where the sign-in had waited."""
    may_enrol(caller)
    factors = SecondFactors(caller.node.accounts)
    codes, signed = await factors.confirm_codes(caller.operator, caller.session, body.code)
    session = None if signed is None else await give(request, response, signed)
    return RecoveryCodes(codes=codes, session=session)


@router.delete("/account/codes", status_code=204)
async def remove_codes(caller: Annotated[Caller, Depends(signed_in)]) -> None:
    """Take one-time codes and recovery codes away."""
    await SecondFactors(caller.node.accounts).remove_codes(caller.operator, caller.session)


@router.post("/account/recovery-codes")
async def new_recovery_codes(caller: Annotated[Caller, Depends(signed_in)]) -> RecoveryCodes:
    """Fresh recovery codes in the place of the old ones."""
    codes = await SecondFactors(caller.node.accounts).new_recovery_codes(caller.operator, caller.session)
    return RecoveryCodes(codes=codes, session=None)


def _qr_rows(address: str) -> list[str]:
    """The QR code with its light margin (ISO/IEC 18004), one text of 0 and 1 a row."""
    return [
        "".join("1" if dark else "0" for dark in row) for row in segno.make(address, micro=False).matrix_iter(border=4)
    ]
