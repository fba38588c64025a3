"""Administration of accounts: on the record, and by two where a role oversees."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from istros.api.gate import Caller, needs
from istros.api.people_shapes import DisabledChoice, FreshPassword, NewPerson, Person, RoleAnswer, RoleChoice, RoleWish
from istros.api.sockets import Sockets
from istros.compliance.entry import factors_of
from istros.compliance.people import Acting, People
from istros.store import Transaction
from istros.store.rows import OperatorRow

router = APIRouter(tags=["people"])

Writer = Annotated[Caller, Depends(needs("people.write"))]


@router.get("/people")
async def list_people(caller: Annotated[Caller, Depends(needs("people.read"))]) -> list[Person]:
    """Everybody who has an account, by name; that they were looked at is on the record."""

    def work(tx: Transaction) -> list[Person]:
        return [_shape(tx, caller, row) for row in tx.operators.all()]

    return await caller.disclose("people", work)


@router.post("/people", status_code=201)
async def add_person(body: NewPerson, caller: Writer) -> FreshPassword:
    """Make an account; a role that oversees waits for a second person."""
    async with caller.on_record(body.name):
        _, password = await People(caller.node.accounts).add(
            body.name, body.display_name, body.organisation, body.role, body.language, _acting(caller)
        )
    return FreshPassword(password=password)


@router.put("/people/{person_id}/disabled", status_code=204)
async def set_disabled(person_id: str, body: DisabledChoice, request: Request, caller: Writer) -> None:
    """Take the right to sign in, or give it back."""
    async with caller.on_record(person_id):
        ended = await People(caller.node.accounts).set_disabled(person_id, body.disabled, _acting(caller))
    _end(request, ended)


@router.post("/people/{person_id}/password")
async def reset_password(person_id: str, request: Request, caller: Writer) -> FreshPassword:
    """A new password, which the next sign-in changes."""
    async with caller.on_record(person_id):
        password, ended = await People(caller.node.accounts).reset_password(person_id, _acting(caller))
    _end(request, ended)
    return FreshPassword(password=password)


@router.delete("/people/{person_id}/factors", status_code=204)
async def reset_factors(person_id: str, request: Request, caller: Writer) -> None:
    """Take every second factor away: the phone was lost."""
    async with caller.on_record(person_id):
        ended = await People(caller.node.accounts).reset_factors(person_id, _acting(caller))
    _end(request, ended)


@router.put("/people/{person_id}/role", status_code=204)
async def change_role(person_id: str, body: RoleChoice, request: Request, caller: Writer) -> None:
    """Give another role, or ask for one that oversees."""
    async with caller.on_record(person_id):
        ended = await People(caller.node.accounts).change_role(person_id, body.role, _acting(caller))
    _end(request, ended)


@router.post("/people/{person_id}/role/decide", status_code=204)
async def decide_role(
    person_id: str, body: RoleAnswer, request: Request, caller: Annotated[Caller, Depends(needs("people.agree"))]
) -> None:
    """Agree to the role that somebody else asked for, or refuse it."""
    async with caller.on_record(person_id):
        ended = await People(caller.node.accounts).decide_role(person_id, body.agree, _acting(caller))
    _end(request, ended)


def _acting(caller: Caller) -> Acting:
    return Acting(caller.operator.name, caller.origin)


def _end(request: Request, tokens: list[str]) -> None:
    sockets: Sockets = request.app.state.sockets
    for token_sha256 in tokens:
        sockets.end(token_sha256)


def _shape(tx: Transaction, caller: Caller, row: OperatorRow) -> Person:
    now, wish = caller.node.environment.clock.now(), tx.role_wishes.open_of(row.id)
    return Person(
        id=row.id, name=row.name, display_name=row.display_name, organisation=row.organisation, role=row.role,
        language=row.language, disabled=row.disabled, must_change=row.must_change, directory=row.directory is not None,
        factors=factors_of(tx, row.id), needs_factor=caller.node.accounts.entry.needs_factor(row),
        sessions=sum(session.expires > now for session in tx.sessions.of(row.id)),
        wish=None if wish is None else RoleWish(role=wish.role, asked=wish.asked, asked_by=wish.asked_by),
    )  # fmt: skip
