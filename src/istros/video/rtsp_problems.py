"""What may go wrong between a camera and us, in sentences without its password."""

from __future__ import annotations

from istros.devices.camera import Stream
from istros.video.errors import (
    CameraRefusedPassword,
    CameraSilent,
    CameraUnreachable,
    StreamBroken,
    StreamError,
    StreamNotFound,
    UnknownCodec,
)

_AGAIN = "Istros tries again by itself."


class Problems:
    """The errors of one stream. `has_password` tells whether the configuration names one."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._camera = f"Camera {stream.key.camera_id}"
        self.has_password = False

    def wrong_address(self, problem: str) -> CameraUnreachable:
        """The address in the configuration cannot be used."""
        remedy = "Write it as rtsp://user:password@host:554/path."
        return CameraUnreachable(f"{self._camera} has a wrong address for {self._stream.key.name}: {problem}.", remedy)

    def unreachable(self, place: str, reason: str) -> CameraUnreachable:
        """No connection."""
        remedy = "Check its power, its cable and the address in the configuration."
        return CameraUnreachable(f"{self._camera} {reason.format(place=place)}", remedy)

    def not_there(self, reason: str) -> CameraUnreachable:
        """The address is one that the node does not connect to."""
        what = f"{self._camera} is not asked for {self._stream.key.name}: {reason}"
        return CameraUnreachable(what, "Write the camera's own address in the town's network into the configuration.")

    def answered(self, method: str, status: int, reason: str) -> StreamError:
        """The camera said no."""
        said = f"{status} {reason}".strip()
        if status in (401, 403):
            return self.refused()
        if status in (404, 454):
            return StreamNotFound(
                f"{self._camera} has no stream at {self._stream.url} ({said}).", "Check the path of its address."
            )
        if status // 100 == 3:
            return StreamBroken(
                f"{self._camera} sends us to another address for {self._stream.key.name} ({said}).",
                "Write the address that it names into the configuration; Istros does not follow it by itself.",
            )
        if status == 461:
            return self._other_transport(said)
        return self.broken(f"answered {said} to {method}")

    def _other_transport(self, said: str) -> StreamBroken:
        match self._stream.transport:
            case "tcp":
                remedy = 'Allow RTP over RTSP (TCP) in its settings, or set transport = "auto".'
                return StreamBroken(f"{self._camera} does not send RTP over TCP ({said}).", remedy)
            case "udp":
                remedy = 'Allow RTP over UDP (unicast) in its settings, or set transport = "auto".'
                return StreamBroken(f"{self._camera} does not send RTP over UDP ({said}).", remedy)
            case "auto":
                remedy = "Allow RTP over RTSP (TCP) in its settings."
                return StreamBroken(f"{self._camera} sends RTP neither over TCP nor over UDP ({said}).", remedy)

    def broken(self, what: str) -> StreamBroken:
        """The camera hung up or speaks nonsense."""
        return StreamBroken(f"{self._camera} {what} ({self._stream.key.name} stream).", _AGAIN)

    def refused(self) -> CameraRefusedPassword:
        """No entry."""
        what = "refused the user or the password" if self.has_password else "asks for a user and a password"
        remedy = "Correct them in the configuration."
        return CameraRefusedPassword(f"{self._camera} {what} for its {self._stream.key.name} stream.", remedy)

    def unknown_codec(self, offered: str) -> UnknownCodec:
        """Nothing that Istros can record."""
        found = offered or "no tracks"
        return UnknownCodec(
            f"{self._camera} offers no H.264 or H.265 in its {self._stream.key.name} stream, but {found}.",
            "Set its encoder to H.264 or H.265.",
        )

    def silent(self, silence_s: float, over_udp_without_any: bool) -> CameraSilent:
        """The connection stands, but nothing comes."""
        what = f"has sent nothing for {silence_s:g} s on its {self._stream.key.name} stream"
        if over_udp_without_any:
            remedy = 'Its UDP packets may be held back by a firewall: let them through, or set transport = "tcp".'
        else:
            remedy = "Istros tries again by itself; restart the camera if it stays so."
        return CameraSilent(f"{self._camera} {what}.", remedy)
