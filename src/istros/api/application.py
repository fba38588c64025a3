"""The application: routers, gate and errors put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

import istros
from istros.api import (
    account,
    alarms,
    assessments,
    audit,
    breaches,
    camera_health,
    cameras,
    changes,
    contact_sheets,
    corrections,
    departures,
    directories,
    discovery,
    exports,
    face_matching,
    face_searches,
    faces,
    factors,
    gaps,
    health,
    live,
    models,
    notices,
    oversight,
    oversight_reports,
    passersby,
    passkeys,
    people,
    permits,
    persons,
    persons_file,
    plate_widths,
    plates,
    playback,
    policy,
    profile,
    program_keys,
    ptz,
    releases,
    requests,
    retention,
    session,
    stills,
    storage,
    timeline,
    vehicles,
    watchlist,
    whep,
    zones,
)
from istros.api.changes import ChangeFeed
from istros.api.client_files import client_router, packaged_client
from istros.api.live_shapes import LIVE_SHAPES
from istros.api.node import Node
from istros.api.problems import add_problem_answers
from istros.api.protection import Protection
from istros.api.schemas import SOCKET_SHAPES, Problem
from istros.api.shown import ShownCameras
from istros.api.sockets import Sockets, end_dead_sessions
from istros.api.whep import WhepViews
from istros.recording.pictures import Pictures

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (401, "Nobody is signed in."),
        (403, "The role or the permit does not allow it."),
        (404, "There is no such thing."),
        (409, "The thing is not in a state that allows it."),
        (422, "The request is not well formed."),
        (429, "Too many attempts."),
    )
}


PREFIX = "/api"
ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        session,
        account,
        factors,
        directories,
        passkeys,
        people,
        program_keys,
        cameras,
        assessments,
        camera_health,
        plate_widths,
        zones,
        live,
        whep,
        changes,
        alarms,
        permits,
        releases,
        profile,
        requests,
        breaches,
        notices,
        models,
        timeline,
        playback,
        gaps,
        stills,
        ptz,
        exports,
        departures,
        corrections,
        contact_sheets,
        discovery,
        retention,
        storage,
        plates,
        vehicles,
        watchlist,
        persons,
        persons_file,
        face_matching,
        face_searches,
        faces,
        passersby,
        audit,
        oversight,
        oversight_reports,
        policy,
        health,
    )
)
"""One a subject; a test walks them all and asks each route for its gate."""


def make_application(node: Node) -> FastAPI:
    """The ASGI application of one node."""
    application = assemble()
    application.state.node = node
    application.state.sockets = Sockets()
    application.state.shown = ShownCameras(node)
    application.state.whep = WhepViews(application.state.sockets, application.state.shown)
    application.state.pictures = Pictures(
        node.playback.read, node.playback.masks, node.environment.workers, node.open_finder
    )
    application.state.changes = ChangeFeed(node.environment, node.database)
    application.router.lifespan_context = _lifespan
    application.add_middleware(Protection, ids=node.environment.ids, strict_transport=node.cookie_secure)
    application.include_router(client_router(node.web_folder or packaged_client()))
    return application


@asynccontextmanager
async def _lifespan(application: FastAPI) -> AsyncIterator[None]:
    """The loops that all WebSockets share run as long as the server does."""
    state = application.state
    loops = [
        asyncio.create_task(state.changes.run(), name="changes"),
        asyncio.create_task(end_dead_sessions(state.sockets, state.node), name="sessions"),
        asyncio.create_task(state.shown.run(), name="shown"),
    ]
    try:
        yield
    finally:
        await state.whep.close()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


def assemble() -> FastAPI:
    """The application without a node: enough to describe it."""
    application = FastAPI(
        title="Istros",
        version=istros.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
    )
    for router in ROUTERS:
        application.include_router(router, prefix=PREFIX, responses=_PROBLEMS)
    add_problem_answers(application)
    return application


def describe() -> dict[str, Any]:
    """The OpenAPI document, with the messages of the WebSockets among its components."""
    application = assemble()
    document = get_openapi(
        title=application.title,
        version=application.version,
        description="City-safety centre. docs/design/0002-http-api.md says what each request means.",
        routes=application.routes,
    )
    _, definitions = models_json_schema(
        [(shape, "serialization") for shape in SOCKET_SHAPES + LIVE_SHAPES], ref_template="#/components/schemas/{model}"
    )
    schemas = document["components"]["schemas"]
    for name, schema in definitions["$defs"].items():
        schemas.setdefault(name, schema)
    return document


def _operation_id(route: APIRoute) -> str:
    """`get_session` becomes `getSession`: the client's function names."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)
