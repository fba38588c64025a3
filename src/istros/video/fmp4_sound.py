"""The second media track of a segment: its sound, written and described (ISO/IEC 14496-12, 14496-14).

Sound lies behind the pictures of its fragment in the same `mdat`, under a second `traf`, so whoever reads the first
`traf` alone finds the pictures as if there were no sound.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from istros.video.fmp4_boxes import box, find, inside, u32
from istros.video.sound import SoundCodec, SoundParameters, read_configuration

SOUND_TRACK = 2
_ENTRIES = {SoundCodec.AAC: b"mp4a", SoundCodec.PCMU: b"ulaw", SoundCodec.PCMA: b"alaw"}
_CODECS = {entry: codec for codec, entry in _ENTRIES.items()}
_ENTRY_FIELDS = 28
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_AAC_OBJECT, _AUDIO_STREAM = 0x40, 0x15
TRUN = struct.Struct(">IIi")
MFHD_BYTES = 16
_TFHD_BYTES, _TFDT_BYTES = 16, 20


@dataclass(frozen=True, slots=True)
class SoundSample:
    """One unit of sound in a fragment; `duration` in samples of its rate."""

    duration: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SoundRun:
    """The sound of one fragment, without a hole; `base_time` counts samples of its rate from the segment's start."""

    base_time: int
    samples: tuple[SoundSample, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of the sound alone."""
        return sum(len(sample.data) for sample in self.samples)


def sound_track(parameters: SoundParameters) -> bytes:
    """`trak` for the `moov`."""
    header = box(b"tkhd", struct.pack(">6IQ4H", 7, 0, 0, SOUND_TRACK, 0, 0, 0, 0, 0, 0x100, 0), _MATRIX, bytes(8))
    media_header = box(b"mdhd", struct.pack(">5IHH", 0, 0, 0, parameters.rate, 0, 0x55C4, 0))
    handler = box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"soun"), b"sound\x00")
    source = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", u32(1))))
    descriptions = box(b"stsd", struct.pack(">II", 0, 1), _sample_entry(parameters))
    others = (box(b"stts", bytes(8)), box(b"stsc", bytes(8)), box(b"stsz", bytes(12)), box(b"stco", bytes(8)))
    information = box(b"minf", box(b"smhd", bytes(8)), source, box(b"stbl", descriptions, *others))
    return box(b"trak", header, box(b"mdia", media_header, handler, information))


def sound_traf(run: SoundRun, data_offset: int) -> bytes:
    """`traf` for the `moof`; its bytes begin `data_offset` behind the start of the `moof`."""
    entries = b"".join(struct.pack(">II", sample.duration, len(sample.data)) for sample in run.samples)
    return box(
        b"traf",
        box(b"tfhd", struct.pack(">II", 0x020000, SOUND_TRACK)),
        box(b"tfdt", struct.pack(">IQ", 0x01000000, run.base_time)),
        box(b"trun", TRUN.pack(0x000301, len(run.samples), data_offset), entries),
    )


def sound_traf_bytes(run: SoundRun) -> int:
    """How long `sound_traf` will be."""
    return 8 + _TFHD_BYTES + _TFDT_BYTES + 20 + 8 * len(run.samples)


def _sample_entry(parameters: SoundParameters) -> bytes:
    fields = bytes(6) + b"\x00\x01" + bytes(8) + struct.pack(">HHI", parameters.channels, 16, 0)
    description = _esds(parameters.configuration) if parameters.codec is SoundCodec.AAC else b""
    return box(_ENTRIES[parameters.codec], fields, u32((parameters.rate & 0xFFFF) << 16), description)


def _esds(configuration: bytes) -> bytes:
    """ISO/IEC 14496-1 7.2.6.5 and 7.2.6.6."""
    specific = bytes((5, len(configuration))) + configuration
    decoder = struct.pack(">BBI", _AAC_OBJECT, _AUDIO_STREAM, 0)[:5] + bytes(8) + specific
    content = struct.pack(">HB", SOUND_TRACK, 0) + bytes((4, len(decoder))) + decoder + b"\x06\x01\x02"
    return box(b"esds", bytes(4), bytes((3, len(content))), content)


def read_sound(moov: bytes) -> SoundParameters | None:
    """The sound that a whole `moov` describes; None when it has none that Istros knows."""
    for kind, first, last in inside(moov, 8, len(moov)):
        found = find(moov, (b"mdia", b"minf", b"stbl", b"stsd"), first, last) if kind == b"trak" else None
        for entry, start, end in inside(moov, found[0] + 8, found[1]) if found else ():
            if entry in _CODECS:
                return _described(moov, entry, start, end)
    return None


def _described(moov: bytes, entry: bytes, start: int, end: int) -> SoundParameters | None:
    try:
        channels, rate = struct.unpack_from(">H", moov, start + 16)[0], struct.unpack_from(">I", moov, start + 24)[0]
        if _CODECS[entry] is not SoundCodec.AAC:
            return SoundParameters(_CODECS[entry], rate >> 16, channels)
        esds = find(moov, (b"esds",), start + _ENTRY_FIELDS, end)
        return None if esds is None else read_configuration(_specific(moov[esds[0] + 4 : esds[1]]))
    except (struct.error, ValueError, IndexError):
        return None


def _specific(descriptor: bytes) -> bytes:
    """The AudioSpecificConfig in an ES descriptor, whose lengths may take up to four bytes (14496-1 8.3.3)."""
    position = 0
    while position < len(descriptor):
        tag, position, size = descriptor[position], position + 1, 0
        while True:
            size = size << 7 | descriptor[position] & 0x7F
            position += 1
            if not descriptor[position - 1] & 0x80:
                break
        if tag == 5:
            return descriptor[position : position + size]
        position += {3: 3, 4: 13}.get(tag, size)
    raise ValueError("no description of the sound")
