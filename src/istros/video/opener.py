"""The opener of everything that a camera may send: RTSP by our own client, other addresses by ffmpeg (PyAV)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from istros.base.environment import Environment
from istros.devices.camera import Stream
from istros.video.packet import Packet, PacketOpener
from istros.video.rtsp import open_rtsp

FOREIGN_SCHEMES = ("rtsps", "http", "https", "rtmp")
"""Beginnings of addresses that ffmpeg opens for us: RTSP over TLS, MPEG-TS and others over HTTP, RTMP."""


def open_streams(
    environment: Environment, *, connect_timeout_s: float = 5, silence_timeout_s: float = 6
) -> PacketOpener:
    """Opens streams by the scheme of their address.

    PyAV and its 30 MB are loaded only when a camera needs them, and then only in this process.
    """
    rtsp = open_rtsp(environment, connect_timeout_s=connect_timeout_s, silence_timeout_s=silence_timeout_s)

    def opener(stream: Stream) -> AsyncIterator[Packet]:
        if urlsplit(stream.url.reveal()).scheme not in FOREIGN_SCHEMES:
            return rtsp(stream)
        from istros.video.foreign import foreign_packets

        return foreign_packets(environment, stream, connect_timeout_s, silence_timeout_s)

    return opener
