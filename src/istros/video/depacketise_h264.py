"""RTP payload format of H.264, packetization modes 0 and 1 (RFC 6184)."""

from __future__ import annotations

from istros.video.depacketise import Depacketiser
from istros.video.packet import Codec
from istros.video.parameter_sets import H264_PPS, H264_SPS

_IDR, _DELIMITER = 5, 9
_STAP_A, _FU_A = 24, 28


class H264Depacketiser(Depacketiser):
    """Single NAL units, STAP-A and FU-A; the interleaved mode, which no camera uses, counts as damage."""

    codec = Codec.H264
    set_types = frozenset({H264_SPS, H264_PPS})
    fragment_mask, fragment_value, fragment_head = 0x1F, _FU_A, 2

    def unpack(self, payload: memoryview) -> None:
        """Sections 5.6 (single), 5.7.1 (STAP-A) and 5.8 (FU-A)."""
        kind = payload[0] & 31
        if kind == _FU_A:
            self._fragment(payload)
        elif 0 < kind < _STAP_A:
            self.add_nal(payload, kind, kind == _IDR, kind <= _IDR)
        elif kind == _STAP_A:
            self._aggregate(payload)
        else:
            self.break_unit()

    def begins_unit(self, payload: memoryview) -> bool:
        """A delimiter, a parameter set, or a slice whose first_mb_in_slice is 0 (its first bit is 1)."""
        kind = payload[0] & 31
        if kind == _FU_A:
            return len(payload) > 2 and payload[1] & 0x80 != 0 and payload[2] & 0x80 != 0
        if kind == _STAP_A:
            return len(payload) > 4 and self.begins_unit(payload[3:])
        if kind in (_DELIMITER, H264_SPS, H264_PPS):
            return True
        return kind in (1, _IDR) and len(payload) > 1 and payload[1] & 0x80 != 0

    def _fragment(self, payload: memoryview) -> None:
        if len(payload) < 2:
            self.break_unit()
            return
        flags = payload[1]
        if flags & 0x80:
            kind = flags & 31
            self.begin_nal(bytes((payload[0] & 0xE0 | kind,)), kind, kind == _IDR, 0 < kind <= _IDR)
        self.extend_nal(payload[2:], flags & 0x40 != 0)

    def _aggregate(self, payload: memoryview) -> None:
        position = 1
        while position + 2 < len(payload):
            size = payload[position] << 8 | payload[position + 1]
            nal = payload[position + 2 : position + 2 + size]
            if not size or len(nal) < size:
                self.break_unit()
                return
            kind = nal[0] & 31
            self.add_nal(nal, kind, kind == _IDR, 0 < kind <= _IDR)
            position += 2 + size
