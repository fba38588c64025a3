"""RTP payload format of H.265 without DON fields (RFC 7798; sprop-max-don-diff is 0 in every camera)."""

from __future__ import annotations

from istros.video.depacketise import Depacketiser
from istros.video.packet import Codec
from istros.video.parameter_sets import H265_PPS, H265_SPS, H265_VPS

_FIRST_IRAP, _LAST_IRAP, _LAST_PICTURE = 16, 23, 31
_DELIMITER, _AGGREGATION, _FRAGMENTATION = 35, 48, 49


class H265Depacketiser(Depacketiser):
    """Single NAL units, aggregation packets and fragmentation units."""

    codec = Codec.H265
    set_types = frozenset({H265_VPS, H265_SPS, H265_PPS})
    fragment_mask, fragment_value, fragment_head = 0x7E, _FRAGMENTATION << 1, 3

    def unpack(self, payload: memoryview) -> None:
        """Sections 4.4.1 (single), 4.4.2 (aggregation) and 4.4.3 (fragmentation)."""
        if len(payload) < 3:
            self.break_unit()
            return
        kind = payload[0] >> 1 & 63
        if kind == _FRAGMENTATION:
            self._fragment(payload)
        elif kind < _AGGREGATION:
            self._whole(payload, kind)
        elif kind == _AGGREGATION:
            self._aggregate(payload)
        else:
            self.break_unit()

    def begins_unit(self, payload: memoryview) -> bool:
        """A delimiter, a parameter set, or a slice with first_slice_segment_in_pic_flag."""
        if len(payload) < 4:
            return False
        kind = payload[0] >> 1 & 63
        if kind == _FRAGMENTATION:
            return payload[2] & 0x80 != 0 and payload[3] & 0x80 != 0
        if kind == _AGGREGATION:
            return self.begins_unit(payload[4:])
        if H265_VPS <= kind <= _DELIMITER:
            return True
        return kind <= _LAST_PICTURE and payload[2] & 0x80 != 0

    def _whole(self, nal: memoryview, kind: int) -> None:
        self.add_nal(nal, kind, _FIRST_IRAP <= kind <= _LAST_IRAP, kind <= _LAST_PICTURE)

    def _fragment(self, payload: memoryview) -> None:
        flags = payload[2]
        if flags & 0x80:
            kind = flags & 63
            header = bytes((payload[0] & 0x81 | kind << 1, payload[1]))
            self.begin_nal(header, kind, _FIRST_IRAP <= kind <= _LAST_IRAP, kind <= _LAST_PICTURE)
        self.extend_nal(payload[3:], flags & 0x40 != 0)

    def _aggregate(self, payload: memoryview) -> None:
        position = 2
        while position + 2 < len(payload):
            size = payload[position] << 8 | payload[position + 1]
            nal = payload[position + 2 : position + 2 + size]
            if size < 2 or len(nal) < size:
                self.break_unit()
                return
            self._whole(nal, nal[0] >> 1 & 63)
            position += 2 + size
