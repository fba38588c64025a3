"""Cameras that do not speak plain RTSP, by way of ffmpeg: their H.264 and H.265 goes through as it was sent.

Other codings (MJPEG, MPEG-4) are refused: no browser plays them inside MP4, so they would be recorded and never seen.
"""

from __future__ import annotations

import errno
from collections.abc import AsyncGenerator, Iterator
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.stream import VideoStream

from istros.base.environment import Environment
from istros.base.reach import CAMERA, DEFAULT_PORTS, AddressRefused, check_url, endpoints_now, names_itself
from istros.base.workers import ThreadWorkers
from istros.devices.camera import Stream
from istros.video.clip_file import split_annex_b
from istros.video.errors import StreamError
from istros.video.media_clock import MediaClock
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters, Packet
from istros.video.parameter_sets import is_parameter_set, nal_type, parameters_of
from istros.video.rtsp_problems import Problems

_CODECS = {"h264": Codec.H264, "hevc": Codec.H265}
_TO_ANNEX_B = {Codec.H264: "h264_mp4toannexb", Codec.H265: "hevc_mp4toannexb"}
_PROTOCOLS = "tcp,tls,http,https,rtsp,rtp,rtmp,rtmps"
"""What an address may lead ffmpeg to: no file of ours, whatever the answer says."""

_FORMATS = "mpegts,flv,live_flv,rtsp,mov,matroska,mpjpeg,h264,hevc,mpeg,avi"
"""What is read: no playlists (HLS, DASH, concat), which would send ffmpeg to addresses that nobody checked."""

_PROBE_BYTES = "200000"
_KEY_TYPES = {Codec.H264: frozenset({5}), Codec.H265: frozenset(range(16, 24))}


async def foreign_packets(
    environment: Environment, stream: Stream, connect_s: float, silence_s: float
) -> AsyncGenerator[Packet, None]:
    """The packets of one stream, read in a thread of their own. Raises StreamError."""
    reader = _Reader(environment, stream, connect_s, silence_s)
    thread = ThreadWorkers(1, f"foreign-{stream.key}")
    try:
        await thread.run(reader.open)
        while True:
            for packet in await thread.run(reader.read):
                yield packet
    finally:
        reader.stop()
        await environment.workers.run(thread.close)
        reader.close()


class _Reader:
    """Blocks in ffmpeg; only its own thread calls it."""

    def __init__(self, environment: Environment, stream: Stream, connect_s: float, silence_s: float) -> None:
        self._clock = environment.clock
        self._own_ports = environment.own_ports
        self._stream = stream
        self._timeouts = connect_s, silence_s
        self._problems = Problems(stream)
        self._media = MediaClock()
        self._container: InputContainer | None = None
        self._packets: Iterator[av.Packet[Any]] = iter(())
        self._codec = Codec.H264
        self._annex_b: BitStreamFilterContext | None = None
        self._sets: dict[int, bytes] = {}
        self._parameters: CodecParameters | None = None
        self._waits_for_key = True
        self._is_stopped = False

    def open(self) -> None:
        """Connect and find the picture."""
        options = {
            "rtsp_transport": "tcp", "protocol_whitelist": _PROTOCOLS, "format_whitelist": _FORMATS,
            "probesize": _PROBE_BYTES, "max_redirects": "0",
        }  # fmt: skip
        try:
            container = av.open(self._checked(options), options=options, timeout=self._timeouts)
        except AddressRefused as refusal:
            raise self._problems.not_there(refusal.message) from None
        except (av.FFmpegError, OSError) as error:
            raise self._in_words(error, "opened") from None
        self._container = container
        picture = next((each for each in container.streams.video if each.codec_context.name in _CODECS), None)
        if not isinstance(picture, VideoStream):
            found = ", ".join(
                f"{each.type} {each.codec_context.name}" for each in container.streams if each.codec_context
            )
            raise self._problems.unknown_codec(found)
        self._codec = _CODECS[picture.codec_context.name]
        self._annex_b = BitStreamFilterContext(_TO_ANNEX_B[self._codec], picture)
        self._packets = container.demux(picture)

    def _checked(self, options: dict[str, str]) -> str:
        """The address with the host looked up and checked, so that ffmpeg looks nothing up itself.

        By TLS a server may need to be called by its name: that is checked and left, and ffmpeg asks once more.
        """
        url = self._stream.url.reveal()
        check_url(url, CAMERA)
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        (first, *_) = endpoints_now(host, port, CAMERA, self._own_ports)
        if names_itself(host) or parts.scheme in ("https", "rtsps"):
            return url
        if parts.scheme == "http":
            options["headers"] = f"Host: {host}{f':{parts.port}' if parts.port else ''}\r\n"
        account, at, _ = parts.netloc.rpartition("@")
        place = f"[{first.host}]" if ":" in first.host else first.host
        return urlunsplit((parts.scheme, f"{account}{at}{place}:{port}", parts.path, parts.query, ""))

    def read(self) -> list[Packet]:
        """The next packets; empty when something came that is none."""
        assert self._annex_b is not None
        try:
            if self._is_stopped:
                raise self._problems.broken("was left")
            packet = next(self._packets, None)
            if packet is None or not packet.size:
                raise self._problems.broken("ended its stream")
            converted = self._annex_b.filter(packet)
        except (av.FFmpegError, OSError) as error:
            raise self._in_words(error, "read") from None
        made = (self._packet(one) for one in converted)
        return [one for one in made if one is not None]

    def stop(self) -> None:
        """What blocks ends by its timeout; nothing is read any more."""
        self._is_stopped = True

    def close(self) -> None:
        """Hang up; the thread must have ended."""
        if self._container is not None:
            self._container.close()

    def _packet(self, packet: av.Packet[Any]) -> Packet | None:
        nals = split_annex_b(bytes(packet))
        sets = {nal_type(self._codec, nal): nal for nal in nals if is_parameter_set(self._codec, nal)}
        if sets and (self._sets | sets) != self._sets:
            self._sets |= sets
            try:
                self._parameters = parameters_of(self._codec, self._sets.values())
            except ValueError:
                self._parameters = None
        kept = [nal for nal in nals if not is_parameter_set(self._codec, nal)]
        is_key = any(nal_type(self._codec, nal) in _KEY_TYPES[self._codec] for nal in kept)
        if self._parameters is None or not kept or (self._waits_for_key and not is_key):
            return None
        self._waits_for_key = False
        media_time, time = self._media.date(self._timestamp(packet), self._clock.now())
        data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in kept)
        return Packet(self._stream.key, self._parameters, media_time, time, is_key, data)

    def _timestamp(self, packet: av.Packet[Any]) -> int:
        """32 bits at 90 kHz, as RTP would have it; a stream that tells no times goes by arrival."""
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.time_base is None:
            return self._clock.now() * MEDIA_RATE // 1_000_000 & 0xFFFFFFFF
        return round(Fraction(at) * packet.time_base * MEDIA_RATE) & 0xFFFFFFFF

    def _in_words(self, error: Exception, what: str) -> StreamError:
        """Without ffmpeg's own text: it repeats the address with its password."""
        place = self._stream.url
        self._problems.has_password = "@" in place.reveal()
        if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
            return self._problems.refused()
        if isinstance(error, av.HTTPNotFoundError):
            return self._problems.answered("GET", 404, "Not Found")
        if isinstance(error, av.ExitError | TimeoutError):
            connect_s, silence_s = self._timeouts
            silent = what == "read"
            return (
                self._problems.silent(silence_s, False) if silent else self._problems.no_answer(str(place), connect_s)
            )
        if isinstance(error, av.InvalidDataError) or getattr(error, "errno", 0) == errno.EIO:
            return self._problems.broken("sends what ffmpeg cannot read")
        if what == "opened":
            reason = getattr(error, "strerror", "") or "no answer"
            return self._problems.unreachable(str(place), reason)
        return self._problems.broken("broke off")
