"""Signing in by an organisation's own directory: there, and back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from istros.api.account_shapes import DirectoryFacts
from istros.api.gate import node_of, way_of
from istros.api.problems import NotFound
from istros.api.session import give
from istros.base.errors import IstrosError
from istros.compliance.directory import DirectoryClient
from istros.compliance.directory_people import let_in

router = APIRouter(tags=["session"])

COOKIE = "istros_directory"
"""Keeps what the browser has to bring back: sealed, for ten minutes, sent along when the directory sends people back."""


@router.get("/directories")
async def list_directories(request: Request) -> list[DirectoryFacts]:
    """The directories that people may sign in by."""
    clients = node_of(request).directories
    return [DirectoryFacts(id=each.directory.id, name=each.directory.name) for each in clients.values()]


@router.get("/session/directory/{directory_id}", status_code=303, response_class=RedirectResponse)
async def go_to_directory(directory_id: str, request: Request) -> RedirectResponse:
    """Send the browser to the directory."""
    client = _client(request, directory_id)
    try:
        address, kept = await client.begin()
    except IstrosError as problem:
        return _to_door(problem)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        COOKIE, kept, max_age=600, path="/api/session/directory", secure=node_of(request).cookie_secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


@router.get("/session/directory/{directory_id}/back", status_code=303, response_class=RedirectResponse)
async def come_back(
    directory_id: str,
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> RedirectResponse:
    """Open a session for who comes back; a problem is told on the sign-in page."""
    client, accounts = _client(request, directory_id), node_of(request).accounts
    answer = RedirectResponse("/", 303)
    try:
        known = await client.finish(request.cookies.get(COOKIE, ""), state, code)
        signed = await let_in(accounts, client.directory, known, way_of(request, "directory"))
        await give(request, answer, signed)
    except IstrosError as problem:
        answer = _to_door(problem)
    answer.delete_cookie(COOKIE, path="/api/session/directory")
    return answer


def _client(request: Request, directory_id: str) -> DirectoryClient:
    client = node_of(request).directories.get(directory_id)
    if client is None:
        raise NotFound("There is no such directory.", "Choose one from the sign-in page.")
    return client


def _to_door(problem: IstrosError) -> RedirectResponse:
    """The code alone: no word of the directory's answer stands in an address."""
    return RedirectResponse(f"/signin?problem={quote(problem.told.code or problem.code)}", 303)
