"""Fragmented MP4 (ISO/IEC 14496-12), written and read back: a video track at 90 000 ticks a second, and sound if any.

Reading stops cleanly at the torn tail of a file whose writer was killed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from istros.base.time import SECOND, Time
from istros.video.codec_configuration import configuration_of, parameters_from
from istros.video.fmp4_boxes import box, find, inside, u32
from istros.video.fmp4_sound import SOUND_TRACK, SoundRun, sound_track, sound_traf, sound_traf_bytes
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters
from istros.video.sound import SoundParameters

NTP_TO_UNIX_S = 2_208_988_800
"""Seconds from 1900-01-01 to 1970-01-01 (RFC 5905, figure 4)."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_KEY_FLAGS, _OTHER_FLAGS = 0x02000000, 0x01010000
_PRFT_FLAGS = 24  # "an arbitrary but consistent" clock: 14496-12 8.16.5, third edition and later.
_BASE_TIME_AT = 8 + 16 + 8 + 16 + 12  # Behind the heads of moof, mfhd, traf, tfhd and tfdt.
_SAMPLE = struct.Struct(">III")
_SAMPLE_WITH_OFFSET = struct.Struct(">IIIi")


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit in a fragment; `duration` and `composition_offset` in 90 kHz ticks, `data` with NAL lengths."""

    duration: int
    data: bytes = field(repr=False)
    is_key: bool
    composition_offset: int = 0


def init_segment(parameters: CodecParameters, sound: SoundParameters | None = None) -> bytes:
    """`ftyp moov` for a video track, and one for sound; parameter sets go out of band (avc1, hvc1) as browsers ask."""
    brand = b"iso6\x00\x00\x00\x00iso6mp41dash"
    header = box(
        b"mvhd", struct.pack(">6IHHQ", 0, 0, 0, MEDIA_RATE, 0, 0x10000, 0x100, 0, 0), _MATRIX, bytes(24), u32(3 if sound else 2)
    )  # fmt: skip
    tracks, numbers = [_track(parameters)], [1]
    if sound is not None:
        tracks.append(sound_track(sound))
        numbers.append(SOUND_TRACK)
    extends = box(b"mvex", *(box(b"trex", struct.pack(">6I", 0, number, 1, 0, 0, 0)) for number in numbers))
    return box(b"ftyp", brand) + box(b"moov", header, *tracks, extends)


def fragment(
    sequence: int,
    base_time: int,
    samples: Sequence[Sample],
    wall_time: Time | None = None,
    sound: SoundRun | None = None,
) -> bytes:
    """The whole bytes of one fragment: [`prft`] `moof mdat`.

    `sequence` counts fragments from 1; `base_time` is the decode time of the first sample in 90 kHz ticks since the
    file's start. `wall_time`, the capture time of that sample, goes into a `prft` box (8.16.5). `sound` needs a track in
    the file's `moov`.
    """
    clock = b"" if wall_time is None else _producer_reference_time(base_time, wall_time)
    table, with_offsets = _sample_table(samples)
    run_size = 20 + len(table)
    track_size = 8 + 16 + 20 + run_size
    moof_size = 8 + 16 + track_size + (sound_traf_bytes(sound) if sound else 0)
    payload = sum(len(sample.data) for sample in samples)
    head = struct.pack(
        ">I4s I4sII I4s I4sII I4sIQ I4sIIi".replace(" ", ""),
        *(moof_size, b"moof"),
        *(16, b"mfhd", 0, sequence),
        *(track_size, b"traf"),
        *(16, b"tfhd", 0x020000, 1),
        *(20, b"tfdt", 0x01000000, base_time),
        *(run_size, b"trun", 0x01000F01 if with_offsets else 0x000701, len(samples), moof_size + 8),
    )
    pieces = [clock, head, table]
    if sound is not None:
        pieces.append(sound_traf(sound, moof_size + 8 + payload))
    size = payload + 8 + (sound.size_bytes if sound else 0)
    pieces += [u32(size), b"mdat", *(sample.data for sample in samples)]
    if sound is not None:
        pieces += [sample.data for sample in sound.samples]
    return b"".join(pieces)


def with_base_time(data: bytes, base_time: int) -> bytes:
    """A fragment (made without `wall_time`) moved to another decode time: one muxing serves viewers who began apart."""
    return data[:_BASE_TIME_AT] + base_time.to_bytes(8, "big") + data[_BASE_TIME_AT + 8 :]


def _sample_table(samples: Sequence[Sample]) -> tuple[bytes, bool]:
    """The entries of `trun`; composition offsets only where a stream has pictures out of order."""
    if not any(sample.composition_offset for sample in samples):
        entries = (_SAMPLE.pack(sample.duration, len(sample.data), _flags(sample)) for sample in samples)
        return b"".join(entries), False
    pack = _SAMPLE_WITH_OFFSET.pack
    return b"".join(pack(s.duration, len(s.data), _flags(s), s.composition_offset) for s in samples), True


def _flags(sample: Sample) -> int:
    return _KEY_FLAGS if sample.is_key else _OTHER_FLAGS


def _producer_reference_time(base_time: int, wall_time: Time) -> bytes:
    seconds, micros = divmod(wall_time, SECOND)
    ntp = (seconds + NTP_TO_UNIX_S & 0xFFFFFFFF) << 32 | (micros << 32) // SECOND
    return struct.pack(">I4sIIQQ", 32, b"prft", 0x01000000 | _PRFT_FLAGS, 1, ntp, base_time)


def _track(parameters: CodecParameters) -> bytes:
    width, height = parameters.width, parameters.height
    header = box(
        b"tkhd", struct.pack(">6IQ4H", 7, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), _MATRIX, u32(width << 16), u32(height << 16)
    )
    media_header = box(b"mdhd", struct.pack(">5IHH", 0, 0, 0, MEDIA_RATE, 0, 0x55C4, 0))
    handler = box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"vide"), b"video\x00")
    source = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", u32(1))))
    information = box(b"minf", box(b"vmhd", struct.pack(">IQ", 1, 0)), source, _empty_tables(parameters))
    return box(b"trak", header, box(b"mdia", media_header, handler, information))


def _empty_tables(parameters: CodecParameters) -> bytes:
    descriptions = box(b"stsd", struct.pack(">II", 0, 1), _sample_entry(parameters))
    others = (box(b"stts", bytes(8)), box(b"stsc", bytes(8)), box(b"stsz", bytes(12)), box(b"stco", bytes(8)))
    return box(b"stbl", descriptions, *others)


def _sample_entry(parameters: CodecParameters) -> bytes:
    entry, configuration = (b"avc1", b"avcC") if parameters.codec is Codec.H264 else (b"hvc1", b"hvcC")
    size = struct.pack(">HHIIIH", parameters.width, parameters.height, 0x480000, 0x480000, 0, 1)
    fields = bytes(6) + b"\x00\x01" + bytes(16) + size + bytes(32) + struct.pack(">Hh", 24, -1)
    return box(entry, fields, box(configuration, configuration_of(parameters)))


ReadAt = Callable[[int, int], bytes]
"""Reads `length` bytes from `offset`; shorter at the end of the file (as `store.Disk.read` with the path bound)."""

_ENTRIES = {
    b"avc1": (Codec.H264, b"avcC"),
    b"avc3": (Codec.H264, b"avcC"),
    b"hvc1": (Codec.H265, b"hvcC"),
    b"hev1": (Codec.H265, b"hvcC"),
}
_LARGEST_HEAD = 16 << 20
_NOT_SYNC = 0x00010000
_ENTRY_FIELDS = 78


@dataclass(frozen=True, slots=True)
class FragmentInfo:
    """Where a fragment lies and what it holds; times and durations in 90 kHz ticks.

    `offset` is the start of its first box (`prft` where there is one), `offset + size` the end of its `mdat`.
    """

    offset: int
    size: int
    base_time: int
    duration: int
    frames: int
    starts_with_key: bool
    wall_time: Time | None

    @property
    def end(self) -> int:
        """Offset of the first byte behind it."""
        return self.offset + self.size


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    offset: int
    size: int


def read_init(source: bytes | ReadAt) -> CodecParameters:
    """The codec parameters in a file's `moov`. ValueError when it has none that Istros knows."""
    read = _reader(source)
    for each in _boxes(read, 0):
        if each.kind == b"moov":
            return _parameters_in(read(each.offset, each.size))
        if each.kind in (b"moof", b"mdat"):
            break
    raise ValueError("the file does not begin with the description of a video track")


def init_length(source: bytes | ReadAt) -> int:
    """Bytes of `ftyp moov` at the start; 0 when they are not whole."""
    return next((each.offset + each.size for each in _boxes(_reader(source), 0) if each.kind == b"moov"), 0)


def safe_length(source: bytes | ReadAt) -> int:
    """Length up to which the file is whole: the end of its last whole fragment, or of its `moov` when it has none."""
    end = init_length(source)
    for fragment in walk_fragments(source):
        end = fragment.end
    return end


def walk_fragments(source: bytes | ReadAt) -> Iterator[FragmentInfo]:
    """Every whole fragment in order. Ends silently where the file is torn; `safe_length` tells where that is.

    With a reader only the boxes' heads and the `moof`s are read, never the pictures.
    """
    read = _reader(source)
    start: int | None = None
    clock: Time | None = None
    run: _Run | None = None
    for each in _boxes(read, 0):
        if each.kind in (b"ftyp", b"moov"):
            continue
        start = each.offset if start is None else start
        if each.kind == b"prft":
            clock = _wall_time(read(each.offset, each.size))
        elif each.kind == b"moof":
            run = _run_in(read(each.offset, each.size))
            if run is None:
                return
        elif each.kind == b"mdat" and run is not None:
            size = each.offset + each.size - start
            yield FragmentInfo(start, size, run.base_time, run.duration, run.frames, run.starts_with_key, clock)
            start = clock = run = None


@dataclass(slots=True)
class _Run:
    base_time: int = 0
    duration: int = 0
    frames: int = 0
    starts_with_key: bool = False


def _reader(source: bytes | ReadAt) -> ReadAt:
    if callable(source):
        return source
    data = source
    return lambda offset, length: data[offset : offset + length]


def _boxes(read: ReadAt, offset: int) -> Iterator[_Box]:
    """Whole boxes from `offset`; ends before one that is cut off or senseless."""
    while True:
        head = read(offset, 16)
        if len(head) < 8:
            return
        size = int.from_bytes(head[:4], "big")
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:], "big")
        kind = head[4:8]
        too_large = kind != b"mdat" and size > _LARGEST_HEAD
        if size < 8 or too_large or not read(offset + size - 1, 1):
            return
        yield _Box(kind, offset, size)
        offset += size


def _parameters_in(moov: bytes) -> CodecParameters:
    for kind, first, last in inside(moov, 8, len(moov)):
        found = find(moov, (b"mdia", b"minf", b"stbl", b"stsd"), first, last) if kind == b"trak" else None
        for entry, start, end in inside(moov, found[0] + 8, found[1]) if found else ():
            if entry in _ENTRIES:
                codec, name = _ENTRIES[entry]
                box = find(moov, (name,), start + _ENTRY_FIELDS, end)
                if box:
                    return parameters_from(codec, moov[box[0] : box[1]])
    raise ValueError("the file has no H.264 or H.265 track")


def _wall_time(prft: bytes) -> Time | None:
    if len(prft) < 24:
        return None
    seconds, fraction = struct.unpack_from(">II", prft, 16)
    return Time((seconds - NTP_TO_UNIX_S) * SECOND + (fraction * SECOND + (1 << 31) >> 32))


def _run_in(moof: bytes) -> _Run | None:
    """What the `moof` says; None when it is damaged."""
    track = find(moof, (b"traf",), 8, len(moof))
    if track is None:
        return None
    run = _Run()
    try:
        for kind, start, _ in inside(moof, *track):
            if kind == b"tfdt":
                run.base_time = struct.unpack_from(">Q" if moof[start] else ">I", moof, start + 4)[0]
            elif kind == b"trun":
                _count_samples(moof, start, run)
    except (struct.error, IndexError):
        return None
    return run


def _count_samples(moof: bytes, start: int, run: _Run) -> None:
    """Our own `trun` always has durations, sizes and flags (14496-12 8.8.8)."""
    flags = int.from_bytes(moof[start + 1 : start + 4], "big")
    if flags & 0x700 != 0x700:
        raise struct.error("a run without durations, sizes or flags")
    run.frames = struct.unpack_from(">I", moof, start + 4)[0]
    position = start + 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    step = 16 if flags & 0x800 else 12
    if position + step * run.frames > len(moof):
        raise struct.error("a run longer than its box")
    run.duration = sum(struct.unpack_from(">I", moof, position + step * index)[0] for index in range(run.frames))
    if run.frames:
        run.starts_with_key = not struct.unpack_from(">I", moof, position + 8)[0] & _NOT_SYNC
