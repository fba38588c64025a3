"""Privacy masks inside the camera (ONVIF Media 2, as Profiles T and M have them): what it can hold, and what it holds.

A camera counts from -1 to 1, right and up from the picture's middle; the node in shares from the upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.soap import Service
from istros.store.camera_zones import Zone

OPAQUE = "Color"
"""The only kind that hides for good: a blur or a mosaic can be undone (`video.cover`)."""


@dataclass(frozen=True, slots=True)
class MaskOptions:
    """What a camera can hold."""

    most_masks: int
    most_corners: int
    only_rectangles: bool
    opaque: bool
    """Whether it covers with a colour."""


@dataclass(frozen=True, slots=True)
class CameraMask:
    """One mask as the camera shows it; `hides`: it is switched on and opaque."""

    token: str
    zone: Zone
    hides: bool


class OnvifMasks:
    """The masks of one device; `source` is the token of a video source configuration."""

    def __init__(self, device: OnvifDevice) -> None:
        self._soap = device.soap

    async def options(self, source: str) -> MaskOptions | None:
        """What it can hold; None where it says that it holds none. DeviceFault where it does not tell."""
        if not self._soap.offers(Service.MEDIA2):
            return None
        able = await self._soap.call(Service.MEDIA2, "GetServiceCapabilities")
        if getattr(able, "Mask", None) is False:
            return None
        found = await self._soap.call(Service.MEDIA2, "GetMaskOptions", {"ConfigurationToken": source})
        if found is None:
            return None
        kinds = [str(kind) for kind in found.Types or ()]
        options = MaskOptions(
            int(found.MaxMasks or 0), int(found.MaxPoints or 0), bool(found.RectangleOnly), OPAQUE in kinds
        )
        return options if options.most_masks > 0 else None

    async def all(self, source: str) -> list[CameraMask]:
        """Every mask of that picture, whoever drew it."""
        found = await self._soap.call(Service.MEDIA2, "GetMasks", {"ConfigurationToken": source})
        return [_mask(each) for each in found or () if each.token and each.ConfigurationToken in (source, None)]

    async def create(self, source: str, zone: Zone) -> str:
        """A new mask; its token."""
        answer = await self._soap.call(Service.MEDIA2, "CreateMask", {"Mask": _written(source, zone)})
        return str(getattr(answer, "Token", answer))

    async def set(self, token: str, source: str, zone: Zone) -> None:
        """Another shape, switched on and opaque, for a mask that is there."""
        await self._soap.call(Service.MEDIA2, "SetMask", {"Mask": _written(source, zone) | {"token": token}})

    async def delete(self, token: str) -> None:
        """Take a mask away."""
        await self._soap.call(Service.MEDIA2, "DeleteMask", {"Token": token})


def _written(source: str, zone: Zone) -> dict[str, Any]:
    points = [{"x": round(2 * x - 1, 5), "y": round(1 - 2 * y, 5)} for x, y in zone]
    return {"ConfigurationToken": source, "Polygon": {"Point": points}, "Type": OPAQUE, "Enabled": True}


def _mask(found: Any) -> CameraMask:
    points = getattr(found.Polygon, "Point", None) or ()
    zone = tuple(((float(point.x or 0) + 1) / 2, (1 - float(point.y or 0)) / 2) for point in points)
    return CameraMask(str(found.token), zone, bool(found.Enabled) and str(found.Type) == OPAQUE)
