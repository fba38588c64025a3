"""Privacy masks of the media service (ONVIF Media 2, section on masks)."""

from __future__ import annotations

from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.masks import Corner, SimulatedMask, SimulatedMasks
from istros.sim.cameras.onvif.soap import MEDIA2, Call, Fault, escape

SOURCE = "video"
"""The only video source configuration of a simulated camera."""


async def capabilities(device: SimulatedDevice, call: Call) -> str:
    """Media 2: GetServiceCapabilities."""
    able = "false" if device.masks is None else "true"
    return (
        f'<tr2:GetServiceCapabilitiesResponse><tr2:Capabilities SnapshotUri="true" Mask="{able}">'
        '<tr2:ProfileCapabilities MaximumNumberOfProfiles="2"/><tr2:StreamingCapabilities RTPMulticast="false"/>'
        "</tr2:Capabilities></tr2:GetServiceCapabilitiesResponse>"
    )


async def options(device: SimulatedDevice, call: Call) -> str:
    """Media 2: GetMaskOptions."""
    masks = _masks(device)
    _source(call)
    if not masks.tells:
        raise Fault("ter:Action", "The options cannot be told now.", "Receiver", 500)
    kinds = "".join(f"<tr2:Types>{kind}</tr2:Types>" for kind in masks.kinds)
    rectangle = "true" if masks.only_rectangles else "false"
    return (
        f'<tr2:GetMaskOptionsResponse><tr2:Options RectangleOnly="{rectangle}" SingleColorOnly="true">'
        f"<tr2:MaxMasks>{masks.most}</tr2:MaxMasks><tr2:MaxPoints>{masks.most_corners}</tr2:MaxPoints>{kinds}"
        '<tr2:Color><tt:ColorList X="72" Y="128" Z="128"/></tr2:Color></tr2:Options></tr2:GetMaskOptionsResponse>'
    )


async def get(device: SimulatedDevice, call: Call) -> str:
    """Media 2: GetMasks, of one token or of all."""
    masks, token = _masks(device), call.text("Token")
    if call.text("ConfigurationToken"):
        _source(call)
    if token and token not in masks.drawn:
        raise _no_mask(token)
    listed = "".join(_written(name, mask) for name, mask in masks.drawn.items() if token in ("", name))
    return f"<tr2:GetMasksResponse>{listed}</tr2:GetMasksResponse>"


async def create(device: SimulatedDevice, call: Call) -> str:
    """Media 2: CreateMask."""
    masks = _masks(device)
    if len(masks.drawn) >= masks.most:
        raise Fault("ter:Action/ter:MaxMasks", "There is no room for another mask.", "Receiver", 500)
    token = masks.create(_read(masks, call))
    return f"<tr2:CreateMaskResponse><tr2:Token>{token}</tr2:Token></tr2:CreateMaskResponse>"


async def change(device: SimulatedDevice, call: Call) -> str:
    """Media 2: SetMask."""
    masks, element = _masks(device), call.first("Mask")
    token = "" if element is None else element.get("token", "")
    if token not in masks.drawn:
        raise _no_mask(token)
    masks.put(token, _read(masks, call))
    return "<tr2:SetMaskResponse/>"


async def delete(device: SimulatedDevice, call: Call) -> str:
    """Media 2: DeleteMask."""
    masks, token = _masks(device), call.text("Token")
    if token not in masks.drawn:
        raise _no_mask(token)
    masks.remove(token)
    return "<tr2:DeleteMaskResponse/>"


def _masks(device: SimulatedDevice) -> SimulatedMasks:
    if device.masks is None:
        raise Fault("ter:ActionNotSupported", "Masks are not supported.", "Receiver", 500)
    return device.masks


def _source(call: Call) -> None:
    token = call.text("ConfigurationToken")
    if token != SOURCE:
        raise Fault("ter:InvalidArgVal/ter:NoConfig", f"There is no video source configuration '{token}'.")


def _read(masks: SimulatedMasks, call: Call) -> SimulatedMask:
    _source(call)
    points = [(float(each.get("x", "nan")), float(each.get("y", "nan"))) for each in call.element.iter("{*}Point")]
    kind = call.text("Type")
    if kind not in masks.kinds:
        raise Fault("ter:InvalidArgVal/ter:ConfigModify", f"There is no kind of mask '{kind}'.")
    if not all(-1 <= side <= 1 for point in points for side in point):
        raise Fault("ter:InvalidArgVal/ter:InvalidPolygon", "A corner lies outside the picture.")
    if not 3 <= len(points) <= masks.most_corners or (masks.only_rectangles and not _is_upright(points)):
        raise Fault("ter:InvalidArgVal/ter:InvalidPolygon", "The mask has a shape that is not supported.")
    return SimulatedMask(tuple(points), kind, call.text("Enabled").lower() in ("true", "1"))


def _is_upright(points: list[Corner]) -> bool:
    return len(points) == 4 and len({x for x, _ in points}) == 2 and len({y for _, y in points}) == 2


def _no_mask(token: str) -> Fault:
    return Fault("ter:InvalidArgVal/ter:NoConfig", f"There is no mask '{token}'.")


def _written(token: str, mask: SimulatedMask) -> str:
    points = "".join(f'<tt:Point x="{x:g}" y="{y:g}"/>' for x, y in mask.corners)
    enabled = "true" if mask.enabled else "false"
    return (
        f'<tr2:Masks token="{escape(token)}"><tr2:ConfigurationToken>{SOURCE}</tr2:ConfigurationToken>'
        f"<tr2:Polygon>{points}</tr2:Polygon><tr2:Type>{mask.kind}</tr2:Type><tr2:Enabled>{enabled}</tr2:Enabled>"
        "</tr2:Masks>"
    )


OPERATIONS = {
    (MEDIA2, "GetServiceCapabilities"): capabilities,
    (MEDIA2, "GetMaskOptions"): options,
    (MEDIA2, "GetMasks"): get,
    (MEDIA2, "CreateMask"): create,
    (MEDIA2, "SetMask"): change,
    (MEDIA2, "DeleteMask"): delete,
}
