"""Reading NAL unit payloads bit by bit (ITU-T H.264 and H.265, sections 7.2 and 9.1/9.2: u(n) and Exp-Golomb)."""

from __future__ import annotations


class BitReader:
    """Reads a raw byte sequence payload; running past its end is a ValueError."""

    def __init__(self, payload: bytes) -> None:
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def bits(self, count: int) -> int:
        """The next `count` bits as an unsigned number."""
        if count > self._left:
            raise ValueError("the parameter set ends too early")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        """The next bit."""
        return self.bits(1) == 1

    def skip(self, count: int) -> None:
        """Pass over bits."""
        self.bits(count)

    def unsigned(self) -> int:
        """ue(v): an unsigned Exp-Golomb number below 2^32."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise ValueError("the parameter set holds a number that is too long")
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        """se(v): a signed Exp-Golomb number."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def payload_of(nal: bytes, header_bytes: int) -> bytes:
    """The raw payload of a NAL unit: without its header and without emulation prevention bytes (section 7.4.1)."""
    return nal[header_bytes:].replace(b"\x00\x00\x03", b"\x00\x00")
