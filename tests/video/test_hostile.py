"""Whatever bytes a camera or somebody in its place sends: nothing is raised, nothing grows, what is whole comes out."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.clock import SystemClock
from istros.devices.camera import StreamKey
from istros.sim.cameras.film import packetise
from istros.video.depacketise import LARGEST_UNIT
from istros.video.depacketise_h264 import H264Depacketiser
from istros.video.packet import Codec, Packet
from istros.video.rtp import RtpReceiver
from istros.video.rtsp_authentication import parse_challenges
from istros.video.rtsp_connection import LARGEST_NONSENSE, ReceiveBuffer, RtspConnection
from istros.video.rtsp_messages import parse_response, parse_session, resolve_base, resolve_control
from istros.video.sdp import parse_sdp
from tests.video.encodes import encode, split_annexb
from tests.video.packets import packets_of

KEY = StreamKey("IZ-07", "main")
UNITS = {codec: [split_annexb(unit) for unit in encode(codec, frames=12, gop=4)] for codec in Codec}
EXPECTED = {codec: [packet.data for packet in packets_of(codec, frames=12, gop=4)] for codec in Codec}


def receiver(codec: Codec = Codec.H264) -> RtpReceiver:
    return RtpReceiver(KEY, codec, 96, None, SystemClock())


def rtp(
    sequence: int, timestamp: int, payload: bytes, marker: bool = False, head: int = 0x80, between: bytes = b"", behind: bytes = b""
) -> bytes:  # fmt: skip
    first = struct.pack(">BBHII", head, 96 | (0x80 if marker else 0), sequence & 0xFFFF, timestamp, 7)
    return first + between + payload + behind


def stream(codec: Codec, **how: object) -> list[bytes]:
    """The RTP packets of a short film."""
    packets: list[bytes] = []
    for index, nals in enumerate(UNITS[codec]):
        pieces = [piece for nal in nals for piece in packetise(codec, nal, 300)]
        for number, piece in enumerate(pieces):
            marker = number == len(pieces) - 1
            packets.append(rtp(65_500 + len(packets), index * 9000, piece, marker, **how))  # type: ignore[arg-type]
    return packets


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    return b"$" + bytes((channel,)) + len(packet).to_bytes(2, "big") + packet


class Line:
    """A connection without a network."""

    def __init__(self, codec: Codec = Codec.H264) -> None:
        self.packets: list[Packet] = []
        self.receiver = receiver(codec)
        self.connection = RtspConnection(ReceiveBuffer(), self._read, lambda _: None)
        self.connection.receiver = self.receiver

    def _read(self) -> None:
        self.packets += self.receiver.packets
        self.receiver.packets = []

    def feed(self, data: bytes, step: int = 1 << 16) -> None:
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            view = self.connection.get_buffer(-1)
            view[: len(piece)] = piece
            self.connection.buffer_updated(len(piece))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(list(Codec)), st.integers(1, 4000))
def test_any_pieces_of_a_connection_give_the_same_pictures(codec: Codec, step: int) -> None:
    line = Line(codec)
    answer = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\n$$$$"
    line.feed(answer + b"".join(interleaved(packet) for packet in stream(codec)) + answer, step)
    assert [packet.data for packet in line.packets] == EXPECTED[codec]
    assert line.receiver.lost == 0 and line.connection.nonsense_bytes == 0
    reception = line.receiver.reception()
    assert reception is not None and reception.highest == 65_500 + line.receiver.received - 1


@settings(max_examples=40, deadline=None)
@given(st.integers(5, 40), st.binary(min_size=1, max_size=300), st.integers(1, 2000))
def test_after_nonsense_the_next_packets_are_found_again(at: int, nonsense: bytes, step: int) -> None:
    line = Line()
    packets = [interleaved(packet) for packet in stream(Codec.H264)]
    line.feed(b"".join(packets[:at]) + nonsense + b"".join(packets[at:]), step)
    known = set(EXPECTED[Codec.H264])
    assert all(packet.data in known for packet in line.packets)
    if b"$" not in nonsense and b"RTSP" not in nonsense and not nonsense[:1].isupper():
        assert len(line.packets) >= 12 - 4


def test_a_connection_full_of_nonsense_is_given_up() -> None:
    line = Line()
    line.feed(b"\x01" * (LARGEST_NONSENSE + 100))
    assert "neither RTSP nor RTP" in line.connection.problem
    endless = Line()
    endless.feed(b"SOMETHING " + b"x" * (3 << 20))
    assert endless.connection.problem


def test_packets_of_the_largest_size_are_taken() -> None:
    line = Line()
    nals = UNITS[Codec.H264][0]
    large = bytes((0x65, 0x88)) + bytes(65_535 - 12 - 2)
    head = b"".join(interleaved(rtp(index, 0, nal)) for index, nal in enumerate(nals[:-1]))
    line.feed(head + interleaved(rtp(len(nals) - 1, 0, large, True)), 9_000)
    assert len(line.packets) == 1 and line.packets[0].data.endswith(large)


def test_a_picture_without_an_end_is_bounded_and_dropped() -> None:
    found: list[object] = []
    depacketiser = H264Depacketiser(found.append)
    depacketiser.add(memoryview(b"\x7c\x85" + bytes(60_000)), 1, False)
    for _ in range(LARGEST_UNIT // 60_000 + 10):
        depacketiser.add(memoryview(b"\x7c\x05" + bytes(60_000)), 1, False)
    assert len(depacketiser._unit) < LARGEST_UNIT + 100_000
    for nals in UNITS[Codec.H264]:
        for number, nal in enumerate(nals):
            depacketiser.add(memoryview(nal), id(nals) & 0xFFFF, number == len(nals) - 1)
    assert len(found) == 12 and depacketiser.dropped_units == 1


@pytest.mark.parametrize(
    "how",
    [
        {"head": 0x90, "between": struct.pack(">HHI", 0xBEDE, 1, 5)},
        {"head": 0xA0, "behind": b"\x00\x00\x00\x04"},
        {"head": 0xB1, "between": struct.pack(">IHH", 9, 0xBEDE, 0), "behind": b"\x01"},
    ],
)
def test_extensions_padding_and_sources_are_cut_off(how: dict[str, object]) -> None:
    line = Line()
    line.feed(b"".join(interleaved(packet) for packet in stream(Codec.H264, **how)))
    assert [packet.data for packet in line.packets] == EXPECTED[Codec.H264]


def test_channels_that_a_camera_uses_without_saying_so_are_found() -> None:
    line = Line()
    line.feed(b"".join(interleaved(packet, 6) for packet in stream(Codec.H264)))
    assert [packet.data for packet in line.packets] == EXPECTED[Codec.H264]
    assert line.connection.rtp_channel == 6


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.binary(max_size=120), max_size=30), st.sampled_from(list(Codec)), st.sampled_from([b"", b"\x80\x60"])
)
def test_hostile_packets_never_raise(packets: list[bytes], codec: Codec, start: bytes) -> None:
    taken = receiver(codec)
    for packet in packets:
        taken.rtp(memoryview(start + packet))
    taken.reception()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=90), st.sampled_from([
    b"$", b"$\x00\x00\x20", b"RTSP/1.0 200 OK\r\n", b"Content-Length: 7\r\n", b"Content-Length: 99999999\r\n",
    b"\r\n\r\n", b"CSeq: 1\r\n", b"OPTIONS * RTSP/1.0\r\n", b"\x80\x60\x00\x01",
])), max_size=40), st.integers(1, 200))  # fmt: skip
def test_hostile_connections_never_raise(parts: list[bytes], step: int) -> None:
    line = Line()
    line.feed(b"".join(parts), step)
    assert len(line.connection._rest) <= 1 << 18


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from([
            "m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 8", "m=", "a=rtpmap:96 H264/90000", "a=rtpmap:96", "a=rtpmap:x y",
            "a=fmtp:96 sprop-parameter-sets=Z0LAHtoCgL/lwEQAAAMABAAAAwDIPFi6gA==,aM48gA==", "a=fmtp:96 ;;=;config=zz",
            "a=fmtp:96 sprop-parameter-sets=Z0LAHto=,,,", "a=control:*", "a=control:", "a=", "c=IN IP4 0.0.0.0", "v=0",
        ]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(TEXTS, st.sampled_from(["\r\n", "\n", "\r"]))
def test_hostile_descriptions_never_raise(lines: list[str], end: str) -> None:
    session = parse_sdp(end.join(lines))
    track = session.video()
    if track is not None and (coded := track.coded()) is not None:
        track.parameters(*coded)
    session.codings()


PARSERS: list[Callable[[str], object]] = [
    parse_response,
    lambda text: parse_challenges([text]),
    lambda text: parse_session(text, "known"),
    lambda text: resolve_control(resolve_base("rtsp://camera/", text), text),
]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(PARSERS), st.text(max_size=120), st.sampled_from(["", "Digest ", "RTSP/1.0 ", "a;timeout="]))
def test_hostile_texts_never_raise(parser: Callable[[str], object], text: str, start: str) -> None:
    parser(start + text)
