"""Live pictures by WebRTC for lines that lose packets: H.264 as the camera sent it, never encoded again.

`aiortc` costs half a second and 40 MB to import, so it is imported with the first viewer who asks for it. No server
outside is ever asked where we are (no STUN, no TURN): the offer of addresses holds this machine's own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.devices.camera import StreamKey
from istros.video.codec_configuration import parameters_from
from istros.video.live_messages import LiveConfiguration, LiveFragment, LiveMessage, LiveState
from istros.video.packet import MEDIA_RATE, Codec

if TYPE_CHECKING:
    from aiortc import RTCPeerConnection

PICTURE_WITHIN_S = 5.0
"""A stream that sends nothing for so long is not offered by WebRTC."""

CONNECTED_WITHIN_S = 15.0
"""Who has not connected by then has gone."""

LARGEST_OFFER = 32 * 1024
_START = b"\x00\x00\x00\x01"
_TICK = Fraction(1, MEDIA_RATE)
_LOOPBACK = ("127.0.0.1", "::1")


class WebRtcRefused(IstrosError):
    """The offer cannot be answered."""

    code = "whep-offer"


class WebRtcCodec(IstrosError):
    """The stream is coded in a way that browsers do not take by WebRTC."""

    code = "whep-codec"


class NoPictures(IstrosError):
    """The stream sends nothing now."""

    code = "whep-no-pictures"


class WebRtcView:
    """One viewer: an answered offer and the connection behind it."""

    def __init__(self, answer: str, connection: RTCPeerConnection, messages: AsyncGenerator[LiveMessage, None]) -> None:
        self.answer = answer
        self.ended = asyncio.Event()
        self._connection = connection
        self._messages = messages
        connection.on("connectionstatechange", self._changed)

    async def run(self, environment: Environment) -> None:
        """Until the viewer has gone, or never came."""
        late = asyncio.create_task(self._give_up(environment))
        try:
            await self.ended.wait()
        finally:
            late.cancel()

    async def close(self) -> None:
        """End it, from whichever side."""
        self.ended.set()
        await self._connection.close()
        with suppress(RuntimeError):  # the generator may be running in the sender's task, which the close has ended
            await self._messages.aclose()

    async def _give_up(self, environment: Environment) -> None:
        await environment.clock.sleep(CONNECTED_WITHIN_S)
        if self._connection.connectionState != "connected":
            self.ended.set()

    def _changed(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self.ended.set()


async def answer_offer(
    messages: AsyncGenerator[LiveMessage, None], environment: Environment, key: StreamKey, offer: str, address: str
) -> WebRtcView:
    """Answer a viewer's offer (SDP) for one stream, whose packets are in `messages`; `address` is ours as the viewer reached it.

    Raises WebRtcRefused for an offer that makes no sense, WebRtcCodec and NoPictures for a stream that does not fit.
    """
    try:
        configuration = await _first_configuration(messages, environment, key)
        connection, answer = await _negotiate(_Track(messages, configuration), offer, address)
    except BaseException:
        await messages.aclose()
        raise
    return WebRtcView(answer, connection, messages)


async def _first_configuration(
    messages: AsyncGenerator[LiveMessage, None], environment: Environment, key: StreamKey
) -> LiveConfiguration:
    problem = ""

    async def look() -> LiveConfiguration | None:
        nonlocal problem
        async for message in messages:
            match message:
                case LiveConfiguration():
                    return message
                case LiveState():
                    problem = message.problem
        return None

    looking = asyncio.create_task(look())
    late = asyncio.create_task(environment.clock.sleep(PICTURE_WITHIN_S))
    try:
        await asyncio.wait((looking, late), return_when=asyncio.FIRST_COMPLETED)
        found = looking.result() if looking.done() else None
    finally:
        late.cancel()
        looking.cancel()
        await asyncio.gather(looking, late, return_exceptions=True)
    if found is None:
        raise NoPictures(problem or f"Camera {key.camera_id} sends no picture on its stream {key.name}.", "Try again.")
    if not found.codec.startswith("avc1"):
        raise WebRtcCodec(
            f"The stream {key.name} of camera {key.camera_id} is not H.264, which WebRTC needs here.",
            "Choose the other stream, or the usual way of seeing it.",
        )
    return found


async def _negotiate(track: _Track, offer: str, address: str) -> tuple[RTCPeerConnection, str]:
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

    logging.getLogger("aioice").setLevel(logging.WARNING)
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        connection.addTrack(track.made())
        (transceiver,) = connection.getTransceivers()
        # Before the offer is looked at: else VP8 is agreed on, and H.264 goes out under its name.
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "video/H264"])
        await connection.setRemoteDescription(RTCSessionDescription(without_names(offer), "offer"))
        for each in connection.getTransceivers():
            _bind(each, address)
        await connection.setLocalDescription(await connection.createAnswer())
        answer = connection.localDescription.sdp
        if "H264/90000" not in answer:
            raise WebRtcRefused("The offer takes no H.264.", "Use a browser that plays H.264.")
    except Exception as error:
        await connection.close()
        if isinstance(error, IstrosError):
            raise
        raise WebRtcRefused(
            f"The offer cannot be answered ({type(error).__name__}).", "Send an SDP offer to receive one video."
        ) from error
    return connection, answer


def without_names(offer: str) -> str:
    """The offer without candidates that only a name in the viewer's network stands for (`….local`).

    To resolve those we would have to ask that network; the viewer's checks tell us the address all the same. So more
    may come, and the offer must not say that it is complete.
    """
    lines = offer.replace("\r\n", "\n").split("\n")
    kept = [
        line
        for line in lines
        if not (line.startswith("a=candidate:") and ".local " in line) and line != "a=end-of-candidates"
    ]
    return "\r\n".join(kept)


def addresses_for(address: str, own: Sequence[str]) -> list[str]:
    """Where the viewer may send to: the address that it has reached us at.

    One who comes by the loopback sits at this machine, or comes by a reverse proxy on it and needs the others too.
    """
    return [address, *own] if address in _LOOPBACK else [address]


def _bind(transceiver: Any, address: str) -> None:
    """Let the connection offer our addresses alone; aioice would offer every one but the loopback's."""
    from aioice.ice import get_host_addresses

    ice = transceiver.sender.transport.transport.iceGatherer._connection
    gather = ice.get_component_candidates
    wanted = addresses_for(address, get_host_addresses(use_ipv4=True, use_ipv6=False))

    async def ours(component: int, addresses: list[str], timeout: int = 5) -> Any:
        return await gather(component, wanted, timeout)

    ice.get_component_candidates = ours


class _Track:
    """Turns live messages into what aiortc's sender takes: Annex B, the parameter sets before each keyframe."""

    def __init__(self, messages: AsyncGenerator[LiveMessage, None], configuration: LiveConfiguration) -> None:
        self._messages = messages
        self._last = -1
        self._offset = 0
        self._sets = b""
        self._configure(configuration)

    def made(self) -> Any:
        """As a MediaStreamTrack; the class is made here because aiortc is imported late."""
        import av
        from aiortc import MediaStreamTrack
        from aiortc.mediastreams import MediaStreamError

        track = self

        class Track(MediaStreamTrack):
            """Video whose packets are ready."""

            kind = "video"

            async def recv(self) -> Any:
                """The next picture. MediaStreamError when there are no more."""
                unit = await track.next_unit()
                if unit is None:
                    self.stop()
                    raise MediaStreamError
                data, ticks, is_key = unit
                packet = av.Packet(data)
                packet.pts = packet.dts = ticks
                packet.time_base = _TICK
                packet.is_keyframe = is_key
                return packet

        return Track()

    async def next_unit(self) -> tuple[bytes, int, bool] | None:
        """An access unit in Annex B with its time in ticks; None at the end."""
        async for message in self._messages:
            match message:
                case LiveConfiguration():
                    self._configure(message)
                case LiveFragment():
                    ticks = self._offset + round(message.media_s * MEDIA_RATE)
                    self._last = max(self._last, ticks)
                    data = annex_b(message.data)
                    return (self._sets + data if message.is_key else data), ticks, message.is_key
                case _:
                    continue
        return None

    def _configure(self, configuration: LiveConfiguration) -> None:
        """A new timeline goes on where the last one ended."""
        parameters = parameters_from(Codec.H264, configuration.description)
        self._sets = b"".join(_START + each for each in parameters.parameter_sets)
        self._offset = self._last + MEDIA_RATE // 25 if self._last >= 0 else 0


def annex_b(unit: bytes) -> bytes:
    """An access unit with 4-byte lengths as one with start codes (ISO/IEC 14496-10 annex B)."""
    made = bytearray(unit)
    position = 0
    while position + 4 <= len(made):
        size = int.from_bytes(made[position : position + 4], "big")
        made[position : position + 4] = _START
        position += 4 + size
    return bytes(made)
