"""Decoding packets, one thread a stream (PyAV, FFmpeg's decoders)."""

from __future__ import annotations

from typing import cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from istros.base.time import Time
from istros.video.codec_configuration import configuration_of
from istros.video.frame import Frame
from istros.video.packet import Codec, CodecParameters, Packet

_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc"}
_LONGEST_DELAY = 32

av.logging.set_level(av.logging.PANIC)  # Damage is counted in `Decoder.damaged`, not written to the terminal.


class Decoder:
    """Decodes one stream's packets. Damage never raises: it is counted, and decoding goes on at the next keyframe.

    `roughly` leaves out the loop filter: cheaper (docs/benchmarks/motion.md), and the edges of blocks show until
    the next keyframe, which a watch for motion does not mind.
    """

    def __init__(self, parameters: CodecParameters, roughly: bool = False) -> None:
        self._parameters = parameters
        self._roughly = roughly
        self._context = _open(parameters, roughly)
        self._times: dict[int, Time] = {}
        self._waiting_for_key = True
        self.damaged = 0
        self.skipped = 0

    def decode(self, packet: Packet) -> Frame | None:
        """The next picture, if there is one; a stream with B-frames gives it some packets later."""
        if packet.parameters is not self._parameters and packet.parameters != self._parameters:
            self._parameters = packet.parameters
            self._restart()
        if packet.is_key:
            self._waiting_for_key = False
        elif self._waiting_for_key or packet.lost_before:
            self._waiting_for_key = True
            self.skipped += 1
            return None
        return self._decode(packet)

    def skip(self, packet: Packet) -> None:
        """Leave out a packet on purpose, e.g. when the analyser is behind; all up to the next keyframe follows it."""
        self._waiting_for_key = True
        self.skipped += 1

    def _decode(self, packet: Packet) -> Frame | None:
        coded = av.Packet(packet.data)
        coded.pts = packet.media_time
        self._times[packet.media_time] = packet.time
        if len(self._times) > _LONGEST_DELAY:
            del self._times[next(iter(self._times))]
        try:
            decoded = self._context.decode(coded)
        except (av.FFmpegError, ValueError):
            self.damaged += 1
            self._restart()
            return None
        return self._frame(packet, decoded[-1]) if decoded else None

    def _frame(self, packet: Packet, decoded: VideoFrame) -> Frame:
        time = self._times.pop(decoded.pts, packet.time) if decoded.pts is not None else packet.time
        return Frame(packet.key, time, decoded.width, decoded.height, bool(decoded.key_frame), decoded)

    def _restart(self) -> None:
        self._context = _open(self._parameters, self._roughly)
        self._times.clear()
        self._waiting_for_key = True


def _open(parameters: CodecParameters, roughly: bool) -> VideoCodecContext:
    context = cast(VideoCodecContext, av.CodecContext.create(_DECODERS[parameters.codec], "r"))
    context.extradata = configuration_of(parameters)
    context.thread_count = 1
    if roughly:
        context.options = {"skip_loop_filter": "all", "flags2": "+fast"}
    return context
