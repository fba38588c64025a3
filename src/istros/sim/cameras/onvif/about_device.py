"""The device service (ONVIF Core, clause 8)."""

from __future__ import annotations

from datetime import UTC, datetime

from istros.base.time import from_iso, to_datetime
from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.soap import (
    DEVICE,
    EVENTS,
    MEDIA,
    MEDIA2,
    PTZ,
    RECORDING,
    REPLAY,
    SEARCH,
    Call,
    Fault,
    escape,
)

OPEN = frozenset({"GetSystemDateAndTime", "GetServices", "GetServiceCapabilities", "GetCapabilities", "GetHostname"})
"""Answered before anybody says who they are (ONVIF Core 5.9.4.3, access class PRE_AUTH)."""


def services_of(device: SimulatedDevice) -> dict[str, str]:
    """Namespace → last part of the path, for what this device offers."""
    found = {DEVICE: "device_service", MEDIA: "media_service", MEDIA2: "media2_service", EVENTS: "event_service"}
    if device.head is not None:
        found[PTZ] = "ptz_service"
    if device.card is not None:
        found |= {RECORDING: "recording_service", SEARCH: "search_service", REPLAY: "replay_service"}
    return found


def _address(device: SimulatedDevice, call: Call, service: str) -> str:
    return f"{call.origin}/{device.path}/onvif/{service}"


async def date_and_time(device: SimulatedDevice, call: Call) -> str:
    """GetSystemDateAndTime, to the second as the schema has it."""
    now = to_datetime(device.now())
    time = f"<tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
    date = f"<tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone>"
        f"<tt:UTCDateTime><tt:Time>{time}</tt:Time><tt:Date>{date}</tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


async def set_date_and_time(device: SimulatedDevice, call: Call) -> str:
    """SetSystemDateAndTime by hand."""
    if call.text("DateTimeType") != "Manual":
        raise Fault("ter:InvalidArgVal/ter:InvalidDateTime", "Only the manual setting of the clock is supported.")
    try:
        parts = [int(call.text(name)) for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")]
        wanted = datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        raise Fault("ter:InvalidArgVal/ter:InvalidDateTime", "This is no date and time.") from None
    device.set_clock(from_iso(wanted.isoformat()))
    return "<tds:SetSystemDateAndTimeResponse/>"


async def information(device: SimulatedDevice, call: Call) -> str:
    """GetDeviceInformation."""
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{escape(device.manufacturer)}</tds:Manufacturer>"
        f"<tds:Model>{escape(device.model)}</tds:Model><tds:FirmwareVersion>{device.firmware}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{escape(device.serial)}</tds:SerialNumber><tds:HardwareId>sim</tds:HardwareId>"
        "</tds:GetDeviceInformationResponse>"
    )


async def services(device: SimulatedDevice, call: Call) -> str:
    """GetServices."""
    listed = "".join(
        f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{_address(device, call, path)}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for namespace, path in services_of(device).items()
    )
    return f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>"


async def capabilities(device: SimulatedDevice, call: Call) -> str:
    """GetCapabilities, the elder sister of GetServices."""
    has = services_of(device)

    def address(namespace: str) -> str:
        return f"<tt:XAddr>{_address(device, call, has[namespace])}</tt:XAddr>"

    ptz = f"<tt:PTZ>{address(PTZ)}</tt:PTZ>" if PTZ in has else ""
    extension = ""
    if device.card is not None:
        extension = (
            "<tt:Extension>"
            f"<tt:Recording>{address(RECORDING)}<tt:ReceiverSource>false</tt:ReceiverSource>"
            "<tt:MediaProfileSource>true</tt:MediaProfileSource><tt:DynamicRecordings>false</tt:DynamicRecordings>"
            "<tt:DynamicTracks>false</tt:DynamicTracks><tt:MaxStringLength>64</tt:MaxStringLength></tt:Recording>"
            f"<tt:Search>{address(SEARCH)}<tt:MetadataSearch>false</tt:MetadataSearch></tt:Search>"
            f"<tt:Replay>{address(REPLAY)}</tt:Replay></tt:Extension>"
        )
    return (
        f"<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device>{address(DEVICE)}</tt:Device>"
        f"<tt:Events>{address(EVENTS)}<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>"
        "<tt:WSPullPointSupport>true</tt:WSPullPointSupport>"
        "<tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>"
        f"</tt:Events><tt:Media>{address(MEDIA)}<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>"
        "<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"
        f"{ptz}{extension}</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


async def service_capabilities(device: SimulatedDevice, call: Call) -> str:
    """GetServiceCapabilities."""
    return (
        "<tds:GetServiceCapabilitiesResponse><tds:Capabilities>"
        '<tds:Network/><tds:Security UsernameToken="true" HttpDigest="true"/><tds:System DiscoveryBye="true"/>'
        "</tds:Capabilities></tds:GetServiceCapabilitiesResponse>"
    )


async def scopes(device: SimulatedDevice, call: Call) -> str:
    """GetScopes."""
    listed = "".join(
        f"<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>{escape(scope)}</tt:ScopeItem></tds:Scopes>"
        for scope in scopes_of(device)
    )
    return f"<tds:GetScopesResponse>{listed}</tds:GetScopesResponse>"


def scopes_of(device: SimulatedDevice) -> list[str]:
    """What the device says of itself to anybody who looks for cameras."""
    root = "onvif://www.onvif.org"
    found = [f"{root}/type/video_encoder", f"{root}/Profile/Streaming", f"{root}/Profile/T"]
    found += [f"{root}/type/ptz"] if device.head is not None else []
    found += [f"{root}/Profile/G"] if device.card is not None else []
    name, hardware = device.path.replace(" ", "%20"), device.model.replace(" ", "%20")
    return [*found, f"{root}/name/{name}", f"{root}/hardware/{hardware}", f"{root}/location/city/Izmail"]


async def network_interfaces(device: SimulatedDevice, call: Call) -> str:
    """GetNetworkInterfaces."""
    return (
        '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled>'
        "<tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>02:00:00:00:00:01</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>"
        "<tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config><tt:Manual><tt:Address>127.0.0.1</tt:Address>"
        "<tt:PrefixLength>8</tt:PrefixLength></tt:Manual><tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4>"
        "</tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
    )


async def hostname(device: SimulatedDevice, call: Call) -> str:
    """GetHostname."""
    return (
        "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
        f"<tt:Name>{escape(device.path)}</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>"
    )


OPERATIONS = {
    (DEVICE, "GetSystemDateAndTime"): date_and_time,
    (DEVICE, "SetSystemDateAndTime"): set_date_and_time,
    (DEVICE, "GetDeviceInformation"): information,
    (DEVICE, "GetServices"): services,
    (DEVICE, "GetCapabilities"): capabilities,
    (DEVICE, "GetServiceCapabilities"): service_capabilities,
    (DEVICE, "GetScopes"): scopes,
    (DEVICE, "GetNetworkInterfaces"): network_interfaces,
    (DEVICE, "GetHostname"): hostname,
}
