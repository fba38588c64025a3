"""What may go wrong between a camera and us, in sentences without its password."""

from __future__ import annotations

from istros.base.said import Said, say
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
        self._id, self._name = stream.key.camera_id, stream.key.name
        self._camera = f"Camera {self._id}"
        self.has_password = False

    def wrong_address(self, problem: str) -> CameraUnreachable:
        """The address in the configuration cannot be used."""
        sentence = f"{self._camera} has a wrong address for {self._name}: {problem}."
        told = say("address-wrong", sentence, camera=self._id, stream=self._name)
        return CameraUnreachable(told, "Write it as rtsp://name:password@host:554/path.")

    def no_answer(self, place: str, timeout_s: float) -> CameraUnreachable:
        """Nobody answered in time."""
        sentence, seconds = f"{self._camera} does not answer at {place} within {timeout_s:g} s.", f"{timeout_s:g}"
        return self._unreachable(say("no-answer", sentence, camera=self._id, place=place, seconds=seconds))

    def unreachable(self, place: str, reason: str) -> CameraUnreachable:
        """No connection; `reason` is the system's own word."""
        sentence = f"{self._camera} cannot be reached at {place} ({reason})."
        return self._unreachable(say("not-reached", sentence, camera=self._id, place=place, reason=reason))

    @staticmethod
    def _unreachable(told: Said) -> CameraUnreachable:
        return CameraUnreachable(told, "Check its power, its cable and the address in the configuration.")

    def not_there(self, reason: str) -> CameraUnreachable:
        """The address is one that the node does not connect to."""
        sentence = f"{self._camera} is not asked for {self._name}: {reason}"
        told = say("address-refused", sentence, camera=self._id, stream=self._name)
        return CameraUnreachable(told, "Write the camera's own address in the town's network into the configuration.")

    def answered(self, method: str, status: int, reason: str) -> StreamError:
        """The camera said no."""
        answer = f"{status} {reason}".strip()
        if status in (401, 403):
            return self.refused()
        if status in (404, 454):
            place = str(self._stream.url)
            sentence = f"{self._camera} has no stream at {place} ({answer})."
            told = say("stream-missing", sentence, camera=self._id, place=place, answer=answer)
            return StreamNotFound(told, "Check the path of its address.")
        if status // 100 == 3:
            sentence = f"{self._camera} sends us to another address for {self._name} ({answer})."
            return StreamBroken(
                say("sent-elsewhere", sentence, camera=self._id, stream=self._name, answer=answer),
                "Write the address that it names into the configuration; Istros does not follow it by itself.",
            )
        if status == 461:
            return self._other_transport(answer)
        sentence = f"{self._camera} answered {answer} to {method} ({self._name} stream)."
        return StreamBroken(say("answered-no", sentence, camera=self._id, stream=self._name, answer=answer), _AGAIN)

    def _other_transport(self, answer: str) -> StreamBroken:
        match self._stream.transport:
            case "tcp":
                told = say("no-tcp", f"{self._camera} does not send RTP over TCP ({answer}).", camera=self._id)
                return StreamBroken(told, 'Allow RTP over RTSP (TCP) in its settings, or set transport = "auto".')
            case "udp":
                told = say("no-udp", f"{self._camera} does not send RTP over UDP ({answer}).", camera=self._id)
                return StreamBroken(told, 'Allow RTP over UDP (unicast) in its settings, or set transport = "auto".')
            case "auto":
                sentence = f"{self._camera} sends RTP neither over TCP nor over UDP ({answer})."
                told = say("no-transport", sentence, camera=self._id)
                return StreamBroken(told, "Allow RTP over RTSP (TCP) in its settings.")

    def broken(self, what: str) -> StreamBroken:
        """The camera hung up or speaks nonsense."""
        sentence = f"{self._camera} {what} ({self._name} stream)."
        return StreamBroken(say("stream-broke", sentence, camera=self._id, stream=self._name), _AGAIN)

    def refused(self) -> CameraRefusedPassword:
        """No entry."""
        where = f"for its {self._name} stream."
        if self.has_password:
            sentence = f"{self._camera} refused the name or the password {where}"
            told = say("password-wrong", sentence, camera=self._id, stream=self._name)
        else:
            sentence = f"{self._camera} asks for a name and a password {where}"
            told = say("password-missing", sentence, camera=self._id, stream=self._name)
        return CameraRefusedPassword(told, "Correct them in the configuration.")

    def unknown_codec(self, offered: str) -> UnknownCodec:
        """Nothing that Istros can record."""
        sentence = f"{self._camera} offers no H.264 or H.265 in its {self._name} stream, but {offered or 'no tracks'}."
        told = say("codec-unknown", sentence, camera=self._id, stream=self._name, offered=offered or "–")
        return UnknownCodec(told, "Set its encoder to H.264 or H.265.")

    def silent(self, silence_s: float, over_udp_without_any: bool) -> CameraSilent:
        """The connection stands, but nothing comes."""
        sentence, seconds = (
            f"{self._camera} has sent nothing for {silence_s:g} s on its {self._name} stream.",
            f"{silence_s:g}",
        )
        if over_udp_without_any:
            told = say("udp-held-back", sentence, camera=self._id, stream=self._name, seconds=seconds)
            remedy = 'Its UDP packets may be held back by a firewall: let them through, or set transport = "tcp".'
        else:
            told = say("stream-silent", sentence, camera=self._id, stream=self._name, seconds=seconds)
            remedy = "Istros tries again by itself; restart the camera if it stays so."
        return CameraSilent(told, remedy)
