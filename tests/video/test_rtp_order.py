"""Reordering of UDP packets, and the RTCP reports both ways (RFC 3550)."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.time import SECOND, Time
from istros.video.rtcp import ReceiverReports, Reception, leaves, sender_reports
from istros.video.rtp_order import HELD_PACKETS, HELD_S, PacketOrder

NOW = Time(1_795_493_100_000_000)


def rtp(sequence: int) -> memoryview:
    return memoryview(struct.pack(">BBHII", 0x80, 96, sequence & 0xFFFF, 0, 7) + b"\x41")


def number(packet: memoryview) -> int:
    return packet[2] << 8 | packet[3]


@settings(max_examples=200)
@given(st.integers(0, 0xFFFF), st.lists(st.integers(0, 20), min_size=1, max_size=150))
def test_packets_that_overtake_each_other_come_out_in_order(first: int, delays: list[int]) -> None:
    """Each packet is late by up to 20 places: all of them come out, in the order sent."""
    sent = sorted(range(len(delays)), key=lambda index: (index + delays[index], index))
    # The first one that arrives is where the count begins: nothing older is waited for.
    sent.remove(0)
    out: list[int] = []
    order = PacketOrder(lambda packet: out.append(number(packet)))
    for index in (0, *sent):
        order.push(rtp(first + index), 0.0)
    assert out == [first + index & 0xFFFF for index in range(len(delays))]
    assert order.late == 0


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 0.2)), max_size=300), st.integers(1, 30))
def test_any_numbers_come_out_at_most_once_and_little_is_held(steps: list[tuple[int, float]], most: int) -> None:
    out: list[int] = []
    order = PacketOrder(lambda packet: out.append(number(packet)), most)
    now = 0.0
    for sequence, passed in steps:
        now += passed
        order.push(rtp(sequence), now)
        assert len(order._held) <= most + 1
    assert len(out) <= len(steps)


def test_a_hole_is_given_up_after_a_while_or_when_much_has_come() -> None:
    out: list[int] = []
    order = PacketOrder(lambda packet: out.append(number(packet)))
    for sequence in (0, 2, 3):
        order.push(rtp(sequence), 0.0)
    assert out == [0]
    order.push(rtp(4), HELD_S)
    assert out == [0, 2, 3, 4]
    order.push(rtp(1), HELD_S)
    assert out == [0, 2, 3, 4] and order.late == 1
    for sequence in range(6, 6 + HELD_PACKETS + 2):
        order.push(rtp(sequence), HELD_S)
    assert out[4:] == list(range(6, 6 + HELD_PACKETS + 2))


def test_a_camera_that_begins_a_new_count_is_followed() -> None:
    out: list[int] = []
    order = PacketOrder(lambda packet: out.append(number(packet)))
    for sequence in (50_000, 50_001, 9, 10, 11, 12):
        order.push(rtp(sequence), 0.0)
    assert out == [50_000, 50_001, 10, 11, 12]


def test_a_receiver_report_says_what_came_and_when_the_cameras_report_did() -> None:
    camera = struct.pack(">BBHIIIIII", 0x80, 200, 6, 77, 3_900_000_000, 0x8000_0000, 1234, 10, 20)
    report = next(sender_reports(camera))
    assert (report.source, report.timestamp, report.middle) == (77, 1234, (3_900_000_000 & 0xFFFF) << 16 | 0x8000)
    reports = ReceiverReports(0xABCD)
    reports.heard(report, NOW)
    data = reports.write(Reception(77, 0x1_0005, 100, 25, 90), Time(NOW + SECOND // 2))
    head = struct.unpack_from(">BBHIIIIIII", data)
    assert head == (0x81, 201, 7, 0xABCD, 77, 64 << 24 | 25, 0x1_0005, 90, report.middle, 0x8000)
    assert data[32:34] == b"\x81\xca" and b"istros-0000abcd" in data and len(data) % 4 == 0
    again = reports.write(Reception(77, 0x1_0069, 200, 25, 90), Time(NOW + SECOND))
    assert struct.unpack_from(">I", again, 12)[0] == 25, "nothing was lost since the last report"


def test_an_empty_report_still_opens_the_way_and_a_goodbye_is_seen() -> None:
    data = ReceiverReports(1).write(None, NOW)
    assert data[:2] == b"\x80\xc9" and not leaves(data)
    assert leaves(data + struct.pack(">BBHI", 0x81, 203, 1, 77))


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_hostile_reports_never_crash(data: bytes) -> None:
    assert all(a.source >= 0 and b.source >= 0 for a, b in pairwise(sender_reports(data)))
    leaves(data)
