"""Steering a camera's head over ONVIF PTZ."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from istros.base.said import say
from istros.devices.errors import DeviceFault, NotOffered
from istros.devices.facts import HeadFacts, HeadPosition, Preset, Velocity
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.soap import Service

STEER_S = 3.0
"""How long an order may take: longer, and the hand that gave it has moved on."""

CAMERA_STOPS_S = 1
"""The camera is told to stop by itself after this many seconds, should everything on our side die."""


class OnvifHead:
    """The PTZ service of one profile. `learn` first."""

    def __init__(self, device: OnvifDevice, profile: str) -> None:
        self._device = device
        self._soap = device.soap
        self._profile = profile
        self._takes_timeout = True
        self._facts = HeadFacts(turns=True, zooms=True, home=True, presets_most=0)

    async def learn(self) -> HeadFacts:
        """What the head can do. NotOffered when the camera has none."""
        nodes = await self._soap.call(Service.PTZ, "GetNodes")
        if not nodes:
            sentence = f"{self._device.name} has no head that could be steered."
            raise NotOffered(say("device-no-head", sentence, camera=self._soap.camera))
        node = nodes[0]
        spaces = getattr(node, "SupportedPTZSpaces", None)
        self._facts = HeadFacts(
            turns=bool(getattr(spaces, "ContinuousPanTiltVelocitySpace", None)),
            zooms=bool(getattr(spaces, "ContinuousZoomVelocitySpace", None)),
            home=bool(getattr(node, "HomeSupported", False)),
            presets_most=int(getattr(node, "MaximumNumberOfPresets", 0) or 0),
        )
        return self._facts

    async def facts(self) -> HeadFacts:
        """What it can do, its places and where it looks; a camera that does not tell its position has none."""
        presets: Any = ()
        with suppress(DeviceFault):
            # Cameras exist whose list cannot be read; they can be steered all the same.
            presets = await self._call("GetPresets", {})
        listed = tuple(
            Preset(str(each.token), str(each.Name or each.token))
            for each in presets or ()
            if getattr(each, "token", None)
        )
        position, moving = await self._status()
        known = self._facts
        return HeadFacts(known.turns, known.zooms, known.home, known.presets_most, listed, position, moving)

    async def _status(self) -> tuple[HeadPosition | None, bool]:
        try:
            status = await self._call("GetStatus", {})
        except DeviceFault:
            return None, False
        position, turn = getattr(status, "Position", None), getattr(status, "MoveStatus", None)
        pan_tilt, zoom = getattr(position, "PanTilt", None), getattr(position, "Zoom", None)
        moving = "MOVING" in (getattr(turn, "PanTilt", None), getattr(turn, "Zoom", None))
        if pan_tilt is None and zoom is None:
            return None, moving
        return HeadPosition(_number(pan_tilt, "x"), _number(pan_tilt, "y"), _number(zoom, "x")), moving

    async def move(self, velocity: Velocity) -> None:
        """Turn at that speed until told otherwise, or for CAMERA_STOPS_S."""
        speed: dict[str, Any] = {}
        if self._facts.turns:
            speed["PanTilt"] = {"x": velocity.pan, "y": velocity.tilt}
        if self._facts.zooms:
            speed["Zoom"] = {"x": velocity.zoom}
        order = {"Velocity": speed}
        if self._takes_timeout:
            try:
                await self._call("ContinuousMove", order | {"Timeout": f"PT{CAMERA_STOPS_S}S"})
                return
            except DeviceFault:
                # Some cameras refuse any timeout: then the stop that follows from here is all there is.
                await self._call("ContinuousMove", order)
                self._takes_timeout = False
                return
        await self._call("ContinuousMove", order)

    async def stop(self) -> None:
        """Stop everything."""
        await self._call("Stop", {"PanTilt": True, "Zoom": True})

    async def go_to(self, preset: str) -> None:
        """To a place that the camera remembers."""
        await self._call("GotoPreset", {"PresetToken": preset})

    async def go_home(self) -> None:
        """To the place where it looks when nobody steers."""
        await self._call("GotoHomePosition", {})

    async def keep(self, name: str) -> str:
        """Remember where it looks; the new place's token."""
        answer = await self._call("SetPreset", {"PresetName": name})
        return str(getattr(answer, "PresetToken", answer))

    async def forget(self, preset: str) -> None:
        """Remove a place."""
        await self._call("RemovePreset", {"PresetToken": preset})

    async def _call(self, operation: str, parameters: dict[str, Any]) -> Any:
        return await self._soap.call(
            Service.PTZ, operation, {"ProfileToken": self._profile} | parameters, within_s=STEER_S
        )


def _number(vector: Any, name: str) -> float | None:
    value = getattr(vector, name, None)
    return None if value is None else round(float(value), 4)
