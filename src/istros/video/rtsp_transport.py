"""How one media track's packets come to us and our reports go back: interleaved in RTSP, or by UDP."""

from __future__ import annotations

import re
from collections.abc import Callable

from istros.base.environment import Environment
from istros.video.rtcp import ReceiverReports, sender_reports
from istros.video.rtp_order import PacketOrder
from istros.video.rtp_track import RtpTrack
from istros.video.rtsp_connection import ReceiveBuffer, RtspConnection
from istros.video.rtsp_udp import UdpPair

_INTERLEAVED = re.compile(r"interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?", re.IGNORECASE)
_SERVER_PORT = re.compile(r"server_port\s*=\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?", re.IGNORECASE)


class TransportRefused(Exception):
    """The camera answered 461 to SETUP: it may know another way."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class RtpRoute:
    """Made before SETUP, whose `Transport` header it writes; `agree` takes the camera's answer."""

    def __init__(
        self,
        environment: Environment,
        shared: ReceiveBuffer,
        connection: RtspConnection,
        receiver: RtpTrack,
        channel: int,
        by_udp: bool,
    ) -> None:
        self._clock = environment.clock
        self._connection = connection
        self.receiver = receiver
        self.channels = channel, channel + 1
        self._source = environment.random.getrandbits(32)
        self._reports = ReceiverReports(self._source)
        self._pair = UdpPair(shared, connection.local_host, connection.camera_host) if by_udp else None
        self._order = PacketOrder(receiver.rtp)

    @property
    def is_udp(self) -> bool:
        """Whether the packets come by UDP."""
        return self._pair is not None

    @property
    def asked(self) -> str:
        """The `Transport` header of SETUP (RFC 2326 section 12.39)."""
        if self._pair is None:
            return "RTP/AVP/TCP;unicast;interleaved={}-{}".format(*self.channels)
        return "RTP/AVP;unicast;client_port={}-{}".format(*self._pair.ports)

    def agree(self, transport: str, arrived: Callable[[], None]) -> None:
        """Take the camera's `Transport` header and listen where it says; `arrived` is called after each read by UDP."""
        if self._pair is None:
            found = _INTERLEAVED.search(transport)
            if found and int(found[1]) < 255:
                self.channels = int(found[1]), int(found[2] or int(found[1]) + 1)
            self._connection.others[self.channels[1]] = self._rtcp
            return
        found = _SERVER_PORT.search(transport)
        if found and 0 < int(found[1]) < 65_535:
            self._pair.send_to(int(found[1]), min(65_535, int(found[2] or int(found[1]) + 1)))
        self._pair.listen(self._rtp, self._rtcp, arrived)

    def _rtp(self, packet: memoryview) -> None:
        self._order.push(packet, self._clock.elapsed())

    def _rtcp(self, packet: memoryview) -> None:
        now = self._clock.now()
        for report in sender_reports(bytes(packet)):
            self._reports.heard(report, now)
            self.receiver.report(report, now)

    def report(self) -> None:
        """Send a receiver report; by UDP also a packet that keeps firewalls open."""
        data = self._reports.write(self.receiver.reception(), self._clock.now())
        if self._pair is None:
            self._connection.send_on(self.channels[1], data)
        else:
            self._pair.open_way(self._greeting(), data)

    def _greeting(self) -> bytes:
        """An RTP packet without content, as other clients send it through firewalls."""
        return bytes((0x80, self.receiver.payload_type)) + bytes(6) + self._source.to_bytes(4, "big")

    def close(self) -> None:
        """Give its ports back."""
        if self._pair is not None:
            self._pair.close()
