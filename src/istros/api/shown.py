"""Which cameras may be shown live now: asked when a view begins, and again while it lasts (rules L18 and L20)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from istros.api.gate import Caller
from istros.api.node import Node
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.compliance.assessments import CameraNotCleared, Clearance, clearances, require_live
from istros.recognition.declared_view import is_covered
from istros.store import Transaction

EVERY_S = 3.0
"""How long a view may go on at most that was allowed when it began."""

SET_UP = "cameras.zones"
"""The office of those who see a moved camera whose private zones fit no more: they bring it back."""

_LOG = structlog.get_logger("istros.shown")


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    caller: Caller
    camera_id: str
    barred: asyncio.Event = field(default_factory=asyncio.Event)


class ShownCameras:
    """One for all live views of a server."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._views: set[_View] = set()

    async def require(self, caller: Caller, camera_id: str) -> None:
        """Raise CameraNotCleared, on the record, where the caller may not see the camera live now."""
        refusals = await self._node.database.read(lambda tx: self._refusals(tx, [(caller, camera_id)]))
        refusal = refusals[0]
        if refusal is not None:
            await caller.refuse(caller.action, camera_id, refusal.message)
            raise refusal

    @contextmanager
    def hold(self, caller: Caller, camera_id: str) -> Iterator[asyncio.Event]:
        """While a view lasts; the event is set when it has to end."""
        view = _View(caller, camera_id)
        self._views.add(view)
        try:
            yield view.barred
        finally:
            self._views.discard(view)

    async def run(self) -> None:
        """Ask again for every view, until cancelled."""
        while True:
            await self._node.environment.clock.sleep(EVERY_S)
            try:
                await self.look()
            except IstrosError as error:  # what was allowed goes on while the database does not answer
                _LOG.warning("shown cameras could not be asked for", problem=error.message)

    async def look(self) -> None:
        """End the views that may not go on."""
        views = list(self._views)

        if not views:
            return
        asked = [(view.caller, view.camera_id) for view in views]
        refusals = await self._node.database.read(lambda tx: self._refusals(tx, asked))
        for view, refusal in zip(views, refusals, strict=True):
            if refusal is not None:
                view.barred.set()

    def _refusals(self, tx: Transaction, asked: Sequence[tuple[Caller, str]]) -> list[CameraNotCleared | None]:
        """Why each may not see the camera, in order; None: it may. The assessments are read once for all of them."""
        cameras = {camera_id: self._node.camera(camera_id) for _, camera_id in asked}
        here = {camera_id: camera is not None and camera.is_here for camera_id, camera in cameras.items()}
        held = clearances(tx, self._node.environment.clock.now(), here)
        return [self._refusal(tx, caller, camera_id, held[camera_id]) for caller, camera_id in asked]

    def _refusal(
        self, tx: Transaction, caller: Caller, camera_id: str, held: Clearance
    ) -> CameraNotCleared | None:  # fmt: skip
        camera = self._node.camera(camera_id)
        try:
            require_live(held, camera_id)
        except CameraNotCleared as refusal:
            return refusal
        if camera is not None and not caller.may(SET_UP) and is_covered(tx, camera):
            return CameraNotCleared(
                say(
                    "camera-moved",
                    f"Camera {camera_id} was moved, and the private parts of its picture lie elsewhere now.",
                    camera=camera_id,
                ),
                "It is recorded on. Whoever sets cameras up turns it back, or has it learnt anew and checks its zones.",
            )
        return None
