"""How the server reaches the devices: orders as lines of JSON over a Unix socket of mode 0600, one a connection.

The process `devices` owns the conversations with the cameras; nobody else speaks to them.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from istros.base.errors import IstrosError
from istros.base.said import from_facts, say
from istros.devices.errors import DeviceError, DevicesAway
from istros.devices.facts import HeadFacts, HeadPosition, Preset, Velocity

LINE_BYTES_MAX = 1 << 18
ANSWER_S = 12.0
"""Longer than any order to a camera may take."""

Order = Mapping[str, Any]
Handler = Callable[[Order], Awaitable[Mapping[str, Any]]]


class ControlServer:
    """Answers orders by a handler; errors cross as code, message and remedy, and what other languages say them by."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path = path
        self._handler = handler
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=LINE_BYTES_MAX)
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ValueError):
            order = json.loads(await reader.readline())
            writer.write(json.dumps(await self._answer(order)).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _answer(self, order: Order) -> Mapping[str, Any]:
        try:
            return {"ok": await self._handler(order)}
        except IstrosError as error:
            told = {"code": error.code, "message": error.message, "remedy": error.remedy}
            return {"error": told | {"said": error.told.code, "facts": dict(error.told.facts)}}


class DeviceControl:
    """The server's side. Every method raises a DeviceError in one sentence; DevicesAway when nobody listens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def head(self, camera_id: str) -> HeadFacts:
        """What the head can do, its places and where it looks."""
        found = await self._ask(camera_id, "head")
        position = found.pop("position")
        presets = tuple(Preset(**each) for each in found.pop("presets"))
        return HeadFacts(**found, presets=presets, position=HeadPosition(**position) if position else None)

    async def move(self, camera_id: str, velocity: Velocity) -> None:
        """Turn at that speed; to be repeated at least every half second, or the camera is stopped."""
        await self._ask(camera_id, "move", **asdict(velocity))

    async def stop(self, camera_id: str) -> None:
        """Stop."""
        await self._ask(camera_id, "stop")

    async def go_to(self, camera_id: str, preset: str) -> None:
        """To a place that the camera remembers."""
        await self._ask(camera_id, "go", preset=preset)

    async def go_home(self, camera_id: str) -> None:
        """To its home position."""
        await self._ask(camera_id, "home")

    async def keep(self, camera_id: str, name: str) -> Preset:
        """Remember where it looks."""
        return Preset(**await self._ask(camera_id, "keep", name=name))

    async def forget(self, camera_id: str, preset: str) -> None:
        """Remove a place."""
        await self._ask(camera_id, "forget", preset=preset)

    async def _ask(self, camera_id: str, do: str, **more: object) -> dict[str, Any]:
        try:
            async with asyncio.timeout(ANSWER_S):
                line = await self._exchange({"camera": camera_id, "do": do} | more)
            answer = json.loads(line)
        except (OSError, TimeoutError, ValueError):
            sentence = "The part of the node that speaks to the cameras' heads does not answer."
            raise DevicesAway(
                say("devices-silent", sentence),
                "It is started again by itself; if it stays so, look into the log of the process `devices`.",
            ) from None
        if "error" in answer:
            raise _error(answer["error"])
        found: dict[str, Any] = answer["ok"]
        return found

    async def _exchange(self, order: Order) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=LINE_BYTES_MAX)
        try:
            writer.write(json.dumps(order).encode() + b"\n")
            await writer.drain()
            return await reader.readline()
        finally:
            writer.close()


def _error(told: Mapping[str, Any]) -> DeviceError:
    error = DeviceError(from_facts(told["message"], told["said"], told["facts"]), told["remedy"])
    error.code = told["code"]
    return error
