"""The media services: Media (ONVIF Media) and Media 2, one answer in two dialects."""

from __future__ import annotations

from istros.sim.cameras.onvif.device import SimulatedDevice, SimulatedProfile
from istros.sim.cameras.onvif.soap import MEDIA, MEDIA2, Call, Fault, escape


async def profiles(device: SimulatedDevice, call: Call) -> str:
    """Media: GetProfiles."""
    listed = "".join(_profile(device, profile, "trt:Profiles") for profile in device.profiles)
    return f"<trt:GetProfilesResponse>{listed}</trt:GetProfilesResponse>"


async def profile(device: SimulatedDevice, call: Call) -> str:
    """Media: GetProfile."""
    found = _profile(device, _named(device, call), "trt:Profile")
    return f"<trt:GetProfileResponse>{found}</trt:GetProfileResponse>"


async def stream_uri(device: SimulatedDevice, call: Call) -> str:
    """Media: GetStreamUri."""
    address = _stream(device, call, _named(device, call))
    return f"<trt:GetStreamUriResponse><trt:MediaUri>{_uri(address)}</trt:MediaUri></trt:GetStreamUriResponse>"


async def snapshot_uri(device: SimulatedDevice, call: Call) -> str:
    """Media: GetSnapshotUri."""
    address = f"{call.origin}/{device.path}/snapshot/{_named(device, call).token}.jpg"
    return f"<trt:GetSnapshotUriResponse><trt:MediaUri>{_uri(address)}</trt:MediaUri></trt:GetSnapshotUriResponse>"


async def video_sources(device: SimulatedDevice, call: Call) -> str:
    """Media: GetVideoSources."""
    first = device.profiles[0]
    return (
        f'<trt:GetVideoSourcesResponse><trt:VideoSources token="video"><tt:Framerate>{first.fps:g}</tt:Framerate>'
        f"<tt:Resolution>{_size(first)}</tt:Resolution></trt:VideoSources></trt:GetVideoSourcesResponse>"
    )


async def profiles_2(device: SimulatedDevice, call: Call) -> str:
    """Media 2: GetProfiles."""
    token = call.text("Token")
    chosen = [each for each in device.profiles if not token or each.token == token]
    if not chosen:
        raise _no_profile(token)
    listed = "".join(_profile_2(device, each) for each in chosen)
    return f"<tr2:GetProfilesResponse>{listed}</tr2:GetProfilesResponse>"


async def stream_uri_2(device: SimulatedDevice, call: Call) -> str:
    """Media 2: GetStreamUri."""
    uri = escape(_stream(device, call, _named(device, call)))
    return f"<tr2:GetStreamUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetStreamUriResponse>"


async def snapshot_uri_2(device: SimulatedDevice, call: Call) -> str:
    """Media 2: GetSnapshotUri."""
    address = f"{call.origin}/{device.path}/snapshot/{_named(device, call).token}.jpg"
    return f"<tr2:GetSnapshotUriResponse><tr2:Uri>{escape(address)}</tr2:Uri></tr2:GetSnapshotUriResponse>"


async def capabilities(device: SimulatedDevice, call: Call) -> str:
    """Media: GetServiceCapabilities."""
    return (
        '<trt:GetServiceCapabilitiesResponse><trt:Capabilities SnapshotUri="true" Rotation="false">'
        '<trt:ProfileCapabilities MaximumNumberOfProfiles="2"/>'
        '<trt:StreamingCapabilities RTPMulticast="false" RTP_TCP="true" RTP_RTSP_TCP="true"/>'
        "</trt:Capabilities></trt:GetServiceCapabilitiesResponse>"
    )


def _named(device: SimulatedDevice, call: Call) -> SimulatedProfile:
    token = call.text("ProfileToken")
    found = device.profile(token)
    if found is None:
        raise _no_profile(token)
    return found


def _no_profile(token: str) -> Fault:
    return Fault("ter:InvalidArgVal/ter:NoProfile", f"There is no profile '{token}'.")


def _stream(device: SimulatedDevice, call: Call, profile: SimulatedProfile) -> str:
    host = call.origin.removeprefix("http://").rsplit(":", 1)[0]
    return f"rtsp://{host}:{device.rtsp_port}/{device.path}/{profile.token}"


def _uri(address: str) -> str:
    return (
        f"<tt:Uri>{escape(address)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
    )


def _size(profile: SimulatedProfile) -> str:
    return f"<tt:Width>{profile.width}</tt:Width><tt:Height>{profile.height}</tt:Height>"


def _source(profile: SimulatedProfile) -> str:
    return (
        "<tt:Name>video</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>video</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{profile.width}" height="{profile.height}"/>'
    )


def _ptz(device: SimulatedDevice, tag: str) -> str:
    if device.head is None:
        return ""
    return (
        f'<{tag} token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>head</tt:NodeToken>'
        f"<tt:DefaultPTZTimeout>PT5S</tt:DefaultPTZTimeout></{tag}>"
    )


def _profile(device: SimulatedDevice, profile: SimulatedProfile, tag: str) -> str:
    fps = round(profile.fps)
    return (
        f'<{tag} token="{profile.token}" fixed="true"><tt:Name>{escape(profile.name)}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="video">{_source(profile)}</tt:VideoSourceConfiguration>'
        f'<tt:VideoEncoderConfiguration token="{profile.token}"><tt:Name>{escape(profile.name)}</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{profile.codec}</tt:Encoding>"
        f"<tt:Resolution>{_size(profile)}</tt:Resolution><tt:Quality>4</tt:Quality>"
        f"<tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        "<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl>"
        f"<tt:H264><tt:GovLength>{fps * 2}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        f"<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>"
        f"{_ptz(device, 'tt:PTZConfiguration')}</{tag}>"
    )


def _profile_2(device: SimulatedDevice, profile: SimulatedProfile) -> str:
    return (
        f'<tr2:Profiles token="{profile.token}" fixed="true"><tr2:Name>{escape(profile.name)}</tr2:Name>'
        f'<tr2:Configurations><tr2:VideoSource token="video">{_source(profile)}</tr2:VideoSource>'
        f'<tr2:VideoEncoder token="{profile.token}" GovLength="{round(profile.fps * 2)}" Profile="Main">'
        f"<tt:Name>{escape(profile.name)}</tt:Name><tt:UseCount>1</tt:UseCount>"
        f"<tt:Encoding>{profile.codec}</tt:Encoding><tt:Resolution>{_size(profile)}</tt:Resolution>"
        f"<tt:RateControl><tt:FrameRateLimit>{profile.fps:g}</tt:FrameRateLimit>"
        "<tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder>"
        f"{_ptz(device, 'tr2:PTZ')}</tr2:Configurations></tr2:Profiles>"
    )


OPERATIONS = {
    (MEDIA, "GetProfiles"): profiles,
    (MEDIA, "GetProfile"): profile,
    (MEDIA, "GetStreamUri"): stream_uri,
    (MEDIA, "GetSnapshotUri"): snapshot_uri,
    (MEDIA, "GetVideoSources"): video_sources,
    (MEDIA, "GetServiceCapabilities"): capabilities,
    (MEDIA2, "GetProfiles"): profiles_2,
    (MEDIA2, "GetStreamUri"): stream_uri_2,
    (MEDIA2, "GetSnapshotUri"): snapshot_uri_2,
}
