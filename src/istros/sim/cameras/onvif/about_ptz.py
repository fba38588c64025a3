"""The PTZ service (ONVIF PTZ), with generic spaces alone."""

from __future__ import annotations

from lxml import etree

from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.head import Position, SimulatedHead
from istros.sim.cameras.onvif.soap import PTZ, Call, Fault, escape, moment, seconds_of

_SPACE = "http://www.onvif.org/ver10/tptz"
PRESETS_MAX = 32


async def nodes(device: SimulatedDevice, call: Call) -> str:
    """GetNodes."""
    return f"<tptz:GetNodesResponse>{_node('tptz:PTZNode')}</tptz:GetNodesResponse>"


async def node(device: SimulatedDevice, call: Call) -> str:
    """GetNode."""
    return f"<tptz:GetNodeResponse>{_node('tptz:PTZNode')}</tptz:GetNodeResponse>"


async def configurations(device: SimulatedDevice, call: Call) -> str:
    """GetConfigurations."""
    return (
        '<tptz:GetConfigurationsResponse><tptz:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name>'
        "<tt:UseCount>2</tt:UseCount><tt:NodeToken>head</tt:NodeToken>"
        "<tt:DefaultPTZTimeout>PT5S</tt:DefaultPTZTimeout></tptz:PTZConfiguration></tptz:GetConfigurationsResponse>"
    )


async def continuous_move(device: SimulatedDevice, call: Call) -> str:
    """ContinuousMove."""
    head = _head(device, call)
    turn, zoom = _vector(call.first("Velocity"))
    pan, tilt = turn if turn is not None else (None, None)
    head.drive(pan, tilt, zoom, seconds_of(call.text("Timeout"), 5.0))
    return "<tptz:ContinuousMoveResponse/>"


async def relative_move(device: SimulatedDevice, call: Call) -> str:
    """RelativeMove."""
    turn, zoom = _vector(call.first("Translation"))
    pan, tilt = turn or (0.0, 0.0)
    _head(device, call).shift(pan, tilt, zoom or 0.0)
    return "<tptz:RelativeMoveResponse/>"


async def absolute_move(device: SimulatedDevice, call: Call) -> str:
    """AbsoluteMove."""
    head = _head(device, call)
    turn, zoom = _vector(call.first("Position"))
    at = head.position
    pan, tilt = turn or (at.pan, at.tilt)
    head.go_to(Position(pan, tilt, at.zoom if zoom is None else zoom))
    return "<tptz:AbsoluteMoveResponse/>"


async def stop(device: SimulatedDevice, call: Call) -> str:
    """Stop; an axis that is not named stops too."""
    _head(device, call).stop(call.text("PanTilt", "true") != "false", call.text("Zoom", "true") != "false")
    return "<tptz:StopResponse/>"


async def status(device: SimulatedDevice, call: Call) -> str:
    """GetStatus."""
    head = _head(device, call)
    at = head.position
    words = {True: "MOVING", False: "IDLE"}
    return (
        f"<tptz:GetStatusResponse><tptz:PTZStatus>{_position(at)}<tt:MoveStatus>"
        f"<tt:PanTilt>{words[head.turns_pan_tilt]}</tt:PanTilt><tt:Zoom>{words[head.turns_zoom]}</tt:Zoom>"
        f"</tt:MoveStatus><tt:UtcTime>{moment(device.now())}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
    )


async def presets(device: SimulatedDevice, call: Call) -> str:
    """GetPresets."""
    listed = "".join(
        f'<tptz:Preset token="{escape(token)}"><tt:Name>{escape(name)}</tt:Name>'
        f"{_position(at, 'tt:PTZPosition')}</tptz:Preset>"
        for token, (name, at) in _head(device, call).presets.items()
    )
    return f"<tptz:GetPresetsResponse>{listed}</tptz:GetPresetsResponse>"


async def set_preset(device: SimulatedDevice, call: Call) -> str:
    """SetPreset: a new one, or an old one by its token."""
    head = _head(device, call)
    token, name = call.text("PresetToken"), call.text("PresetName")
    if token and token not in head.presets:
        raise _no_preset(token)
    if not token and len(head.presets) >= PRESETS_MAX:
        raise Fault("ter:Action/ter:TooManyPresets", "There is no room for another preset.", "Receiver")
    number = 1
    while f"preset-{number}" in head.presets:
        number += 1
    token = token or f"preset-{number}"
    head.keep(token, name or token)
    return f"<tptz:SetPresetResponse><tptz:PresetToken>{token}</tptz:PresetToken></tptz:SetPresetResponse>"


async def go_to_preset(device: SimulatedDevice, call: Call) -> str:
    """GotoPreset."""
    head, token = _head(device, call), call.text("PresetToken")
    if token not in head.presets:
        raise _no_preset(token)
    head.go_to(head.presets[token][1])
    return "<tptz:GotoPresetResponse/>"


async def remove_preset(device: SimulatedDevice, call: Call) -> str:
    """RemovePreset."""
    head, token = _head(device, call), call.text("PresetToken")
    if head.presets.pop(token, None) is None:
        raise _no_preset(token)
    return "<tptz:RemovePresetResponse/>"


async def go_home(device: SimulatedDevice, call: Call) -> str:
    """GotoHomePosition."""
    head = _head(device, call)
    head.go_to(head.home)
    return "<tptz:GotoHomePositionResponse/>"


async def set_home(device: SimulatedDevice, call: Call) -> str:
    """SetHomePosition."""
    head = _head(device, call)
    head.home = head.position
    return "<tptz:SetHomePositionResponse/>"


def _head(device: SimulatedDevice, call: Call) -> SimulatedHead:
    if device.head is None:
        raise Fault("ter:ActionNotSupported", "This camera cannot turn.", "Receiver")
    if device.profile(call.text("ProfileToken")) is None:
        raise Fault("ter:InvalidArgVal/ter:NoProfile", "There is no such profile.")
    return device.head


def _no_preset(token: str) -> Fault:
    return Fault("ter:InvalidArgVal/ter:NoToken", f"There is no preset '{token}'.")


def _vector(element: etree._Element | None) -> tuple[tuple[float, float] | None, float | None]:
    """(pan and tilt, zoom) of a tt:PTZVector or tt:PTZSpeed; None for what it leaves out."""
    turn, zoom = None, None
    for child in () if element is None else element.iter(f"{{*}}{'PanTilt'}", f"{{*}}{'Zoom'}"):
        try:
            if etree.QName(child).localname == "PanTilt":
                turn = (float(child.get("x", "0")), float(child.get("y", "0")))
            else:
                zoom = float(child.get("x", "0"))
        except ValueError:
            raise Fault("ter:InvalidArgVal/ter:InvalidVelocity", "A number is expected.") from None
    return turn, zoom


def _position(at: Position, tag: str = "tt:Position") -> str:
    return (
        f'<{tag}><tt:PanTilt x="{at.pan:.4f}" y="{at.tilt:.4f}" space="{_SPACE}/PanTiltSpaces/PositionGenericSpace"/>'
        f'<tt:Zoom x="{at.zoom:.4f}" space="{_SPACE}/ZoomSpaces/PositionGenericSpace"/></{tag}>'
    )


def _node(tag: str) -> str:
    def area(name: str, space: str, low: int = -1, two: bool = True) -> str:
        y = "<tt:YRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:YRange>" if two else ""
        return (
            f"<tt:{name}><tt:URI>{_SPACE}/{space}</tt:URI>"
            f"<tt:XRange><tt:Min>{low}</tt:Min><tt:Max>1</tt:Max></tt:XRange>{y}</tt:{name}>"
        )

    spaces = (
        area("AbsolutePanTiltPositionSpace", "PanTiltSpaces/PositionGenericSpace")
        + area("AbsoluteZoomPositionSpace", "ZoomSpaces/PositionGenericSpace", 0, False)
        + area("RelativePanTiltTranslationSpace", "PanTiltSpaces/TranslationGenericSpace")
        + area("RelativeZoomTranslationSpace", "ZoomSpaces/TranslationGenericSpace", -1, False)
        + area("ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace")
        + area("ContinuousZoomVelocitySpace", "ZoomSpaces/VelocityGenericSpace", -1, False)
    )
    return (
        f'<{tag} token="head" FixedHomePosition="false"><tt:Name>head</tt:Name>'
        f"<tt:SupportedPTZSpaces>{spaces}</tt:SupportedPTZSpaces>"
        f"<tt:MaximumNumberOfPresets>{PRESETS_MAX}</tt:MaximumNumberOfPresets>"
        f"<tt:HomeSupported>true</tt:HomeSupported></{tag}>"
    )


OPERATIONS = {
    (PTZ, "GetNodes"): nodes,
    (PTZ, "GetNode"): node,
    (PTZ, "GetConfigurations"): configurations,
    (PTZ, "ContinuousMove"): continuous_move,
    (PTZ, "RelativeMove"): relative_move,
    (PTZ, "AbsoluteMove"): absolute_move,
    (PTZ, "Stop"): stop,
    (PTZ, "GetStatus"): status,
    (PTZ, "GetPresets"): presets,
    (PTZ, "SetPreset"): set_preset,
    (PTZ, "GotoPreset"): go_to_preset,
    (PTZ, "RemovePreset"): remove_preset,
    (PTZ, "GotoHomePosition"): go_home,
    (PTZ, "SetHomePosition"): set_home,
}
