"""Live pictures by WebRTC (WHEP, draft-ietf-wish-whep): for lines that lose packets, through the same gate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from istros.api.gate import Caller, needs
from istros.api.live import key_of
from istros.api.problems import NotFound, problem_answer
from istros.api.shown import ShownCameras
from istros.api.socket_gate import Seat
from istros.api.sockets import Sockets
from istros.base.errors import IstrosError
from istros.devices.camera import StreamKey
from istros.video.webrtc import LARGEST_OFFER, WebRtcRefused, WebRtcView, answer_offer

router = APIRouter(tags=["live"])

SDP = "application/sdp"
MOST_VIEWS = 12
"""At once on this server: each costs up to a twentieth of a core, some eighty times a viewer by WebSocket."""

Viewer = Annotated[Caller, Depends(needs("live.view"))]
_BODY: dict[str, Any] = {"required": True, "content": {SDP: {"schema": {"type": "string"}}}}
_ANSWER: dict[int | str, dict[str, Any]] = {201: {"content": {SDP: {"schema": {"type": "string"}}}}}


class TooManyViews(IstrosError):
    """The server shows as much by WebRTC as it may."""

    code = "whep-busy"


@dataclass(slots=True)
class _Open:
    view: WebRtcView
    session: str
    task: asyncio.Task[None]


@dataclass(slots=True)
class WhepViews:
    """The views that are open, each with its viewer's session."""

    sockets: Sockets
    shown: ShownCameras
    most: int = MOST_VIEWS
    _opening: int = 0
    _open: dict[str, _Open] = field(default_factory=dict)

    async def open(self, caller: Caller, key: StreamKey, offer: str, address: str) -> tuple[str, str]:
        """Answer an offer and watch over the view; its id and the answer. Raises TooManyViews, EnoughMasked, WebRtcRefused and so on."""
        await self.shown.require(caller, key.camera_id)
        self._require_room(caller)
        caller.node.live.require(caller.operator.name, key)
        self._opening += 1
        try:
            view = await self._begin(caller, key, offer, address)
        finally:
            self._opening -= 1
        node = caller.node
        view_id = node.environment.ids.new()
        task = asyncio.create_task(self._watch(view_id, view, caller, key), name=f"whep-{view_id}")
        self._open[view_id] = _Open(view, caller.session.token_sha256, task)
        return view_id, view.answer

    def of(self, view_id: str, caller: Caller) -> WebRtcView:
        """The caller's own view of that id. Raises NotFound."""
        found = self._open.get(view_id)
        if found is None or found.session != caller.session.token_sha256:
            raise NotFound("There is no such view.", "It may have ended already.")
        return found.view

    async def close(self) -> None:
        """End every view."""
        views = list(self._open.values())
        for each in views:
            each.view.ended.set()
        await asyncio.gather(*(each.task for each in views), return_exceptions=True)

    def _require_room(self, caller: Caller) -> None:
        if len(self._open) + self._opening >= self.most:
            raise TooManyViews(
                f"{self.most} views by WebRTC are open, which is as many as this server shows.",
                "Use the usual way of seeing it, or try again when another view has ended.",
            )
        if not self.sockets.room(caller.session.token_sha256):
            raise TooManyViews("Too many views are open in this session.", "Close some of them.")

    async def _begin(self, caller: Caller, key: StreamKey, offer: str, address: str) -> WebRtcView:
        await caller.disclose(str(key), lambda tx: None, {"step": "begin", "by": "webrtc"})
        try:
            messages = caller.node.live.view(caller.operator.name, key, "packets")
            return await answer_offer(messages, caller.node.environment, key, offer, address)
        except BaseException:
            await Seat(caller, asyncio.Event()).end(str(key))
            raise

    async def _watch(self, view_id: str, view: WebRtcView, caller: Caller, key: StreamKey) -> None:
        """Until the viewer leaves, the session ends, or the camera may not be shown any more."""
        hold = self.shown.hold(caller, key.camera_id)
        with self.sockets.hold(caller.session.token_sha256) as ended, hold as barred:
            over = asyncio.create_task(ended.wait())
            stopped = asyncio.create_task(barred.wait())
            running = asyncio.create_task(view.run(caller.node.environment))
            try:
                await asyncio.wait((over, stopped, running), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (over, stopped, running):
                    task.cancel()
                self._open.pop(view_id, None)
                await view.close()
                await Seat(caller, ended).end(str(key))


@router.post(
    "/live/{camera_id}/{stream}/whep",
    status_code=201,
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"requestBody": _BODY},
)
async def open_whep(request: Request, camera_id: str, stream: str, caller: Viewer) -> Response:
    """Answer an SDP offer to see one stream; the address of the view is in `Location`."""
    key = key_of(caller, camera_id, stream)
    if key is None:
        raise NotFound(f"There is no stream '{stream}' of camera '{camera_id}'.", "Choose one of the list of cameras.")
    offer = await _offer(request)
    views: WhepViews = request.app.state.whep
    view_id, answer = await views.open(caller, key, offer, _own_address(request))
    return Response(answer, 201, {"location": f"{request.url.path}/{view_id}"}, SDP)


@router.delete("/live/{camera_id}/{stream}/whep/{view_id}", status_code=204)
async def close_whep(request: Request, camera_id: str, stream: str, view_id: str, caller: Viewer) -> None:
    """End a view."""
    views: WhepViews = request.app.state.whep
    views.of(view_id, caller).ended.set()


@router.patch("/live/{camera_id}/{stream}/whep/{view_id}", status_code=405)
async def change_whep(request: Request, camera_id: str, stream: str, view_id: str, caller: Viewer) -> JSONResponse:
    """Neither candidates one by one nor a new start of ICE is taken: the offer must hold what there is."""
    answer = problem_answer(405, "whep-patch", "A view by WebRTC cannot be changed.", "End it and open another.")
    answer.headers["allow"] = "DELETE"
    return answer


async def _offer(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise WebRtcRefused(f"The request is not of the type {SDP}.", "Send an SDP offer.")
    body = await request.body()
    if not body.startswith(b"v=0") or len(body) > LARGEST_OFFER:
        raise WebRtcRefused("The request is not an SDP offer.", "Send an SDP offer to receive one video.")
    return body.decode("utf-8", errors="replace")


def _own_address(request: Request) -> str:
    """Where the viewer has reached us."""
    server = request.scope.get("server")
    return str(server[0]) if server else "127.0.0.1"
