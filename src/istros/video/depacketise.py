"""What the depacketisers of H.264 and H.265 share: joining NAL units into access units, dropping the damaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from istros.video.bits import BitReader, payload_of
from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import H264_SPS, H265_PPS, H265_VPS, nal_type, parameters_of

LARGEST_UNIT = 16 << 20
"""Bytes; a larger access unit is damage, or somebody who wants our memory."""


class AccessUnit(NamedTuple):
    """One whole coded picture; `timestamp` is RTP's 32 bits, `data` has 4-byte NAL lengths and no parameter sets."""

    timestamp: int
    parameters: CodecParameters
    is_key: bool
    data: bytes


class Depacketiser:
    """Joins RTP payloads of one stream into access units and hands each to `emit`.

    A unit that lacks something is dropped, and with it all up to the next whole keyframe. Units come in the order sent.
    """

    codec: ClassVar[Codec]
    set_types: ClassVar[frozenset[int]]
    fragment_mask: ClassVar[int]
    """Together with `fragment_value`: what the first byte of a fragmentation unit looks like."""
    fragment_value: ClassVar[int]
    fragment_head: ClassVar[int]
    """Bytes before a fragment's data; the last of them holds the flags for start and end."""

    def __init__(self, emit: Callable[[AccessUnit], None], parameters: CodecParameters | None = None) -> None:
        self._emit = emit
        self.parameters = parameters
        sets = parameters.parameter_sets if parameters else ()
        self._sets = {nal_type(self.codec, nal): nal for nal in sets}
        self._sets_changed = False
        self._with_other_id: dict[int, bytes] = {}
        """Sets of the unit that goes on whose id is not the one we know, by type."""
        self._seen_types: set[int] = set()
        self._unit = bytearray()
        self.timestamp = 0
        """That of the unit which goes on."""
        self._nal_start = -1
        self._nal_type = -1
        self._is_key = False
        self._has_picture = False
        self._broken = False
        self._lost_just_now = False
        self.waiting_for_key = True
        self.dropped_units = 0

    def open_fragment(self) -> bytearray | None:
        """Where the pieces of the NAL unit that goes on may be put without asking; None where there is none.

        Such pieces are most of what a camera sends, so their way has no calls (`rtp.RtpReceiver.run`).
        """
        unit = self._unit
        return unit if self._nal_start >= 0 and not self._lost_just_now and len(unit) <= LARGEST_UNIT else None

    def went_on(self, is_end: bool, is_last: bool) -> None:
        """A piece was put into `open_fragment`; it is the NAL unit's end, or the access unit's last by its marker."""
        if is_end:
            self._end_nal(self._nal_start)
        if is_last and self._has_picture:
            self._finish_unit()

    def add(self, payload: memoryview, timestamp: int, is_last: bool) -> None:
        """Take the payload of the next RTP packet; `is_last` is its marker bit."""
        if timestamp != self.timestamp:
            if self._unit:
                self._finish_unit()
            self.timestamp = timestamp
        if not payload:
            return
        if len(self._unit) > LARGEST_UNIT:
            del self._unit[1:]
            self._nal_start = -1
            self._broken = True
        if self._lost_just_now:
            self._lost_just_now = False
            self._broken = bool(self._unit) or not self.begins_unit(payload)
        self.unpack(payload)
        # Some cameras mark the end of a unit on parameter sets sent alone: without a picture it goes on.
        if is_last and self._has_picture:
            self._finish_unit()

    def unpack(self, payload: memoryview) -> None:
        """Add what one payload holds to the unit; each codec does it in its own way."""
        raise NotImplementedError

    def begins_unit(self, payload: memoryview) -> bool:
        """Whether the payload surely is the first of an access unit; asked after a loss."""
        raise NotImplementedError

    def lost(self) -> None:
        """Packets are missing before the next one."""
        self._lost_just_now = True
        self.waiting_for_key = True
        self._nal_start = -1
        if self._unit:
            self._broken = True

    def add_nal(self, nal: memoryview, kind: int, is_key: bool, is_picture: bool) -> None:
        """A whole NAL unit that lay in one packet."""
        if kind in self.set_types and self._keep_set(kind, bytes(nal)):
            return
        self._unit += len(nal).to_bytes(4, "big")
        self._unit += nal
        self._is_key |= is_key
        self._has_picture |= is_picture

    def begin_nal(self, header: bytes, kind: int, is_key: bool, is_picture: bool) -> None:
        """The first piece of a fragmented NAL unit follows; `header` is the NAL's own."""
        if self._nal_start >= 0:
            self._broken = True
        self._nal_start, self._nal_type = len(self._unit), kind
        self._unit += b"\x00\x00\x00\x00"
        self._unit += header
        self._is_key |= is_key
        self._has_picture |= is_picture

    def extend_nal(self, piece: memoryview, is_end: bool) -> None:
        """A piece of the NAL unit that was begun; a piece without a beginning breaks the unit."""
        start = self._nal_start
        if start < 0:
            self._broken = True
            # Keep a byte, so that the unit is known to have begun and is dropped as a whole.
            self._unit = self._unit or bytearray(1)
            self._nal_start = -1
            self._has_picture = True
            return
        self._unit += piece
        if is_end:
            self._end_nal(start)

    def break_unit(self) -> None:
        """The payload makes no sense."""
        self._broken = True
        self._has_picture = True
        self._unit = self._unit or bytearray(1)

    def _end_nal(self, start: int) -> None:
        self._nal_start = -1
        if self._nal_type in self.set_types and self._keep_set(self._nal_type, bytes(self._unit[start + 4 :])):
            del self._unit[start:]
            return
        self._unit[start : start + 4] = (len(self._unit) - start - 4).to_bytes(4, "big")

    def _keep_set(self, kind: int, nal: bytes) -> bool:
        """Take a parameter set out of the stream; one with a second id stays in the stream (False)."""
        known = self._sets.get(kind)
        if known == nal:
            self._seen_types.add(kind)
            return True
        if known is not None and _id_of(self.codec, kind, known) != _id_of(self.codec, kind, nal):
            self._with_other_id[kind] = nal
            return False
        self._seen_types.add(kind)
        self._sets[kind] = nal
        self._sets_changed = True
        return True

    def _adopt_other_ids(self) -> None:
        """Where a unit brought a set with another id alone, the camera has changed its ids."""
        for kind, nal in self._with_other_id.items():
            if kind not in self._seen_types:
                self._sets[kind] = nal
                self._sets_changed = True
        self._with_other_id.clear()

    def _finish_unit(self) -> None:
        unit, is_key = self._unit, self._is_key
        if self._with_other_id and is_key:
            self._adopt_other_ids()
        if is_key:
            self._seen_types.clear()
        if not self._has_picture and not self._broken:
            # Parameter sets and messages alone: nothing to show, nothing lost.
            unit.clear()
            return
        whole = not self._broken and self._nal_start < 0 and self._know_parameters()
        self._nal_start, self._is_key, self._has_picture, self._broken = -1, False, False, False
        if whole and self.parameters is not None and (is_key or not self.waiting_for_key):
            self.waiting_for_key = False
            data = bytes(unit)
            unit.clear()
            self._emit(AccessUnit(self.timestamp, self.parameters, is_key, data))
            return
        unit.clear()
        self.waiting_for_key = True
        self.dropped_units += 1

    def _know_parameters(self) -> bool:
        if self._sets_changed:
            try:
                found = parameters_of(self.codec, self._sets.values())
            except ValueError:
                found = None
            if found != self.parameters:
                self.parameters = found
            self._sets_changed = False
        return self.parameters is not None


def _id_of(codec: Codec, kind: int, nal: bytes) -> int:
    """The set's own id: H.264 7.3.2.1.1 and 7.3.2.2, H.265 7.3.2.1 and 7.3.2.3; that of an H.265 SPS lies too deep."""
    try:
        if codec is Codec.H264:
            return BitReader(payload_of(nal, 4 if kind == H264_SPS else 1)[:8]).unsigned()
        if kind == H265_VPS:
            return nal[2] >> 4
        return BitReader(payload_of(nal, 2)[:8]).unsigned() if kind == H265_PPS else 0
    except (ValueError, IndexError):
        return 0
