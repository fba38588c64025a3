"""A plain (not fragmented) MP4 of one picture track, as every player takes it; its index stands before the pictures.

The pictures are appended while the file grows, so that a killed writer can go on where it stopped; room for the index is
left at the start and filled at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from istros.video.codec_configuration import configuration_of
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters
from istros.video.parameter_sets import H264_PPS, format_of, nal_type

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_FTYP = b"isom\x00\x00\x02\x00isomiso2mp41"
_ROOM = 4096
_ROOM_PER_PICTURE = 24
"""Bytes a picture in the index at most: 8 its time, 8 its composition offset, 4 its size, 4 as a keyframe."""

_ROOM_PER_PIECE = 20
_WITH_CHROMA = frozenset({100, 110, 122, 144, 244, 44})


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture in the index: `decode` and `shown` in ticks since the file's start."""

    decode: int
    shown: int
    size: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Pictures that lie behind each other in the file, from `offset` on."""

    offset: int
    entries: tuple[Entry, ...]


class TooManyPictures(ValueError):
    """The index does not fit into the room that was left for it."""


def opening(pictures: int, pieces: int) -> bytes:
    """The first bytes of a file for at most so many pictures and pieces, up to where the pictures begin."""
    room = _ROOM + _ROOM_PER_PICTURE * pictures + _ROOM_PER_PIECE * pieces
    return _box(b"ftyp", _FTYP) + _box(b"free", bytes(room)) + _u32(1) + b"mdat" + bytes(8)


def closing(head_length: int, file_length: int, index: bytes) -> tuple[tuple[int, bytes], ...]:
    """What to write where, so that a file with its opening and all its pictures becomes whole."""
    start = 8 + len(_FTYP)
    left = head_length - 16 - start - len(index)
    if left < 8:
        raise TooManyPictures("the index does not fit into the room left for it")
    filler = _u32(left) + b"free"
    size = (file_length - (head_length - 16)).to_bytes(8, "big")
    return ((head_length - 8, size), (start, index + filler))


def index(parameter_sets: Sequence[CodecParameters], pieces: Sequence[Piece], end: int) -> bytes:
    """The `moov` box. `parameter_sets` are those of the stream, then those of parts that were coded again.

    H.264: all of them go into one `avcC`, told apart by their numbers. H.265: the first go into `hvcC`, the others
    stand before their pictures (`hev1`, ISO/IEC 14496-15 8.4.1.2). `end` is when the last picture ends.
    """
    entries = _ordered([entry for piece in pieces for entry in piece.entries])
    end = max(end, entries[-1].decode + 1)
    header = _box(
        b"mvhd", b"\x01\x00\x00\x00" + struct.pack(">QQIQ", 0, 0, MEDIA_RATE, end), struct.pack(">IHHQ", 0x10000, 0x100, 0, 0),
        _MATRIX, bytes(24), _u32(2),
    )  # fmt: skip
    return _box(b"moov", header, _track(parameter_sets, pieces, entries, end))


def _ordered(entries: Sequence[Entry]) -> list[Entry]:
    """Decode times that always grow: two segments may meet with a tick's rounding between them."""
    ordered, last = [], -1
    for entry in entries:
        last = max(entry.decode, last + 1)
        ordered.append(Entry(last, entry.shown, entry.size, entry.is_key))
    return ordered


def _track(
    parameter_sets: Sequence[CodecParameters], pieces: Sequence[Piece], entries: Sequence[Entry], end: int
) -> bytes:
    first = parameter_sets[0]
    sides = _u32(first.width << 16) + _u32(first.height << 16)
    header = _box(b"tkhd", struct.pack(">IQQIIQQHHHH", 0x01000003, 0, 0, 1, 0, end, 0, 0, 0, 0, 0), _MATRIX, sides)
    media = _box(b"mdhd", b"\x01\x00\x00\x00" + struct.pack(">QQIQHH", 0, 0, MEDIA_RATE, end, 0x55C4, 0))
    handler = _box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"vide"), b"video\x00")
    source = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", _u32(1))))
    tables = _box(b"stbl", _description(parameter_sets), *_times(entries, end), *_places(pieces, entries))
    return _box(
        b"trak",
        header,
        _box(b"mdia", media, handler, _box(b"minf", _box(b"vmhd", struct.pack(">IQ", 1, 0)), source, tables)),
    )


def _description(parameter_sets: Sequence[CodecParameters]) -> bytes:
    first = parameter_sets[0]
    if first.codec is Codec.H264:
        entry, configuration = b"avc1", _box(b"avcC", avc_configuration(parameter_sets))
    else:
        entry, configuration = b"hev1", _box(b"hvcC", configuration_of(first))
    size = struct.pack(">HHIIIH", first.width, first.height, 0x480000, 0x480000, 0, 1)
    fields = bytes(6) + b"\x00\x01" + bytes(16) + size + bytes(32) + struct.pack(">Hh", 24, -1)
    return _box(b"stsd", struct.pack(">II", 0, 1), _box(entry, fields, configuration))


def avc_configuration(parameter_sets: Sequence[CodecParameters]) -> bytes:
    """`avcC` with the parameter sets of several parts (ISO/IEC 14496-15 5.3.3.1): the highest profile and level count."""
    nals = list(dict.fromkeys(nal for one in parameter_sets for nal in one.parameter_sets))
    pictures = [nal for nal in nals if nal_type(Codec.H264, nal) == H264_PPS]
    sequences = [nal for nal in nals if nal not in pictures]
    profile, level = max(nal[1] for nal in sequences), max(nal[3] for nal in sequences)
    flags = 0xFF
    for nal in sequences:
        flags &= nal[2]
    box = bytes((1, profile, flags, level, 0xFF, 0xE0 | len(sequences))) + b"".join(_sized(nal) for nal in sequences)
    box += bytes((len(pictures),)) + b"".join(_sized(nal) for nal in pictures)
    if profile not in _WITH_CHROMA:
        return box
    picture = format_of(parameter_sets[0])
    return box + bytes(
        (0xFC | picture.chroma_format, 0xF8 | picture.bit_depth_luma - 8, 0xF8 | picture.bit_depth_chroma - 8, 0)
    )


def in_band(parameters: CodecParameters) -> bytes:
    """The parameter sets as they stand before a picture's own NAL units."""
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in parameters.parameter_sets)


def _times(entries: Sequence[Entry], end: int) -> list[bytes]:
    steps = [later.decode - earlier.decode for earlier, later in pairwise(entries)] + [end - entries[-1].decode]
    boxes = [_runs(b"stts", 0, ">II", steps)]
    shifts = [entry.shown - entry.decode for entry in entries]
    if any(shifts):
        boxes.append(_runs(b"ctts", 1, ">Ii", shifts))
    keys = [number for number, entry in enumerate(entries, 1) if entry.is_key]
    if len(keys) < len(entries):
        boxes.append(_box(b"stss", _u32(0), _u32(len(keys)), struct.pack(f">{len(keys)}I", *keys)))
    return boxes


def _runs(kind: bytes, version: int, form: str, values: Iterable[int]) -> bytes:
    runs = [(len(list(group)), value) for value, group in groupby(values)]
    body = b"".join(struct.pack(form, count, value) for count, value in runs)
    return _box(kind, struct.pack(">BxxxI", version, len(runs)), body)


def _places(pieces: Sequence[Piece], entries: Sequence[Entry]) -> list[bytes]:
    sizes = struct.pack(f">{len(entries)}I", *(entry.size for entry in entries))
    counts: list[tuple[int, int]] = []
    for number, piece in enumerate(pieces, 1):
        if not counts or counts[-1][1] != len(piece.entries):
            counts.append((number, len(piece.entries)))
    chunks = b"".join(struct.pack(">III", number, count, 1) for number, count in counts)
    offsets = struct.pack(f">{len(pieces)}Q", *(piece.offset for piece in pieces))
    return [
        _box(b"stsc", struct.pack(">II", 0, len(counts)), chunks),
        _box(b"stsz", struct.pack(">III", 0, 0, len(entries)), sizes),
        _box(b"co64", struct.pack(">II", 0, len(pieces)), offsets),
    ]


def _sized(nal: bytes) -> bytes:
    return len(nal).to_bytes(2, "big") + nal


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return _u32(8 + len(content)) + kind + content


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "big")
