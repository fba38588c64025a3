"""Sound as cameras code it, and where it lies on the picture's timeline (docs/design/0018)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MEDIA_RATE = 90_000
AAC_SAMPLES = 1024
"""Samples that one AAC unit holds (ISO/IEC 14496-3, AAC-LC; cameras send no others)."""

_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
"""`samplingFrequencyIndex` of ISO/IEC 14496-3 table 1.18."""

_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
_RATE_IS_WRITTEN, _MOST_RATE = 15, 96_000


class SoundCodec(StrEnum):
    """Sound codings that Istros records."""

    AAC = "aac"
    PCMU = "pcmu"
    PCMA = "pcma"


@dataclass(frozen=True, slots=True)
class SoundParameters:
    """What a decoder must know: samples a second, channels, and for AAC the AudioSpecificConfig of ISO/IEC 14496-3."""

    codec: SoundCodec
    rate: int
    channels: int
    configuration: bytes = b""


@dataclass(frozen=True, slots=True)
class SoundUnit:
    """Some coded sound: `media_time` in 90 kHz ticks of the picture's timeline, and how many `samples` a channel."""

    media_time: int
    samples: int
    data: bytes = field(repr=False)


def read_configuration(configuration: bytes) -> SoundParameters:
    """From an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1). ValueError when it makes no sense."""
    if len(configuration) < 2:
        raise ValueError("the description of the sound is cut off")
    value = int.from_bytes(configuration[:8].ljust(8, b"\x00"), "big")
    kind, index, position = value >> 59, value >> 55 & 15, 9
    if kind == 31:
        raise ValueError("a kind of AAC that Istros does not know")
    if index == _RATE_IS_WRITTEN:
        rate, position = value >> 31 & 0xFFFFFF, 33
    elif index < len(_RATES):
        rate = _RATES[index]
    else:
        raise ValueError("the description of the sound names no rate")
    channels = value >> (64 - position - 4) & 15
    if not 0 < rate <= _MOST_RATE or not 0 < channels < len(_CHANNELS):
        raise ValueError("the description of the sound names no channels")
    return SoundParameters(SoundCodec.AAC, rate, _CHANNELS[channels], bytes(configuration))
