"""Depacketisers: any fragmentation gives the same access units; hostile bytes never crash; losses never pass damage."""

from __future__ import annotations

from itertools import pairwise, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.sim.cameras.film import packetise
from istros.video.depacketise import AccessUnit, Depacketiser
from istros.video.depacketise_h264 import H264Depacketiser
from istros.video.depacketise_h265 import H265Depacketiser
from istros.video.packet import Codec
from istros.video.parameter_sets import is_parameter_set, nal_type
from tests.video.encodes import encode, split_annexb
from tests.video.packets import packets_of

KINDS: dict[Codec, type[Depacketiser]] = {Codec.H264: H264Depacketiser, Codec.H265: H265Depacketiser}
UNITS = {codec: [split_annexb(unit) for unit in encode(codec, frames=12, gop=4)] for codec in Codec}
EXPECTED = {codec: [(p.is_key, p.data) for p in packets_of(codec, frames=12, gop=4)] for codec in Codec}


def aggregate(codec: Codec, nals: list[bytes]) -> bytes:
    """STAP-A or an aggregation packet."""
    head = bytes((0x78,)) if codec is Codec.H264 else bytes((48 << 1, 1))
    return head + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def payloads(codec: Codec, nals: list[bytes], largest: int, joined: bool) -> list[bytes]:
    small = list(takewhile(lambda nal: len(nal) < 200, nals)) if joined else []
    rest = nals[len(small) :]
    first = [aggregate(codec, small)] if len(small) > 1 else small
    return first + [payload for nal in rest for payload in packetise(codec, nal, largest)]


@settings(max_examples=60)
@given(st.sampled_from(list(Codec)), st.integers(20, 3000), st.booleans(), st.booleans())
def test_any_fragmentation_gives_the_same_units(codec: Codec, largest: int, joined: bool, marked: bool) -> None:
    found: list[AccessUnit] = []
    depacketiser = KINDS[codec](found.append)
    for index, nals in enumerate(UNITS[codec]):
        pieces = payloads(codec, nals, largest, joined)
        for number, piece in enumerate(pieces):
            depacketiser.add(memoryview(piece), index * 9000 + 5, marked and number == len(pieces) - 1)
    depacketiser.add(memoryview(b"\x00\x00\x00"), 1 << 30, False)
    assert [(unit.is_key, unit.data) for unit in found] == EXPECTED[codec]
    assert [unit.timestamp for unit in found] == [index * 9000 + 5 for index in range(12)]
    assert depacketiser.dropped_units == 0


def slices(codec: Codec, data: bytes) -> list[bytes]:
    """The coded picture alone: a message (SEI) that is lost damages nothing."""
    nals, position = [], 0
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        nals.append(data[position + 4 : position + 4 + size])
        position += 4 + size
    return [nal for nal in nals if nal_type(codec, nal) <= (5 if codec is Codec.H264 else 31)]


@settings(max_examples=150)
@given(st.sampled_from(list(Codec)), st.sets(st.integers(0, 200), max_size=12), st.booleans())
def test_losses_never_let_damage_through(codec: Codec, missing: set[int], marked: bool) -> None:
    found: list[AccessUnit] = []
    depacketiser = KINDS[codec](found.append)
    count, lost = 0, False
    for index, nals in enumerate(UNITS[codec]):
        pieces = payloads(codec, nals, 300, False)
        for number, piece in enumerate(pieces):
            count += 1
            if count in missing:
                lost = True
                continue
            if lost:
                depacketiser.lost()
                lost = False
            depacketiser.add(memoryview(piece), index * 9000, marked and number == len(pieces) - 1)
    whole = [slices(codec, data) for _, data in EXPECTED[codec]]
    assert all(slices(codec, unit.data) in whole for unit in found)
    numbers = [unit.timestamp // 9000 for unit in found]
    assert all(b == a + 1 or found[at + 1].is_key for at, (a, b) in enumerate(pairwise(numbers)))


@settings(max_examples=300)
@given(st.sampled_from(list(Codec)), st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 3), st.booleans())))
def test_hostile_payloads_never_crash(codec: Codec, steps: list[tuple[bytes, int, bool]]) -> None:
    depacketiser = KINDS[codec](lambda unit: None)
    for payload, timestamp, marker in steps:
        depacketiser.add(memoryview(payload), timestamp, marker)
        if len(payload) % 7 == 3:
            depacketiser.lost()


@pytest.mark.parametrize("codec", list(Codec))
def test_marker_on_parameter_sets_alone_does_not_end_the_unit(codec: Codec) -> None:
    found: list[AccessUnit] = []
    depacketiser = KINDS[codec](found.append)
    nals = UNITS[codec][0]
    for nal in nals:
        depacketiser.add(memoryview(nal), 7, is_parameter_set(codec, nal) or nal is nals[-1])
    assert [unit.data for unit in found] == [EXPECTED[codec][0][1]]


def test_a_second_picture_parameter_set_stays_in_the_stream() -> None:
    found: list[AccessUnit] = []
    depacketiser = H264Depacketiser(found.append)
    second = bytes((0x68, 0b01000000, 0x10))
    for nals in UNITS[Codec.H264][:2]:
        for number, nal in enumerate([*nals, second] if nals is UNITS[Codec.H264][0] else nals):
            depacketiser.add(memoryview(nal), id(nals) & 0xFFFF, nals is not UNITS[Codec.H264][0] and number == 0)
    assert second in found[0].data
    assert found[0].parameters is found[1].parameters
