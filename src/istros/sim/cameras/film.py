"""Films packetised once: for each frame only sequence numbers and timestamps are patched (RFC 3550, 6184, 7798)."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from istros.sim.cameras.sound import SoundFilm
from istros.video.clip_file import Clip, ClipUnit, read_clip
from istros.video.packet import Codec, CodecParameters

PAYLOAD_TYPE = 96
LARGEST_PAYLOAD = 1400
HEADER_BYTES = 16
"""The interleaved head (RFC 2326 section 10.12) and RTP's own."""

_HEAD = struct.Struct(">BBHBBHII")


@dataclass(frozen=True, slots=True)
class FilmUnit:
    """One access unit as interleaved RTP packets with heads at `offsets`; `shown` in ticks from the film's start."""

    template: bytearray = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)
    is_key: bool
    shown: int


@dataclass(frozen=True, slots=True)
class Film:
    """Units to be played in a circle; `duration` in ticks is where the first one comes again."""

    parameters: CodecParameters
    fps: float
    duration: int
    units: tuple[FilmUnit, ...] = field(repr=False)


def load_film(paths: Sequence[Path], fps: float | None = None) -> Film:
    """Read and packetise films. Raises UnreadableFile, or ValueError when their parameters differ."""
    clips = [read_clip(path) for path in paths]
    if any(clip.parameters != clips[0].parameters for clip in clips):
        raise ValueError(f"{paths[0].name} and the films after it differ in size or coding")
    return film_of(clips, fps)


def film_of(clips: Sequence[Clip], fps: float | None = None) -> Film:
    """Packetise films of the same parameters, one after another."""
    first = clips[0]
    stretch = first.fps / fps if fps else 1.0
    units: list[FilmUnit] = []
    start = 0
    for clip in clips:
        units += [_film_unit(clip, unit, start, stretch) for unit in clip.units]
        start += round(clip.duration * stretch)
    return Film(first.parameters, fps or first.fps, start, tuple(units))


def describe(film: Film, with_sets: bool, sound: SoundFilm | None = None) -> bytes:
    """The session description (RFC 8866)."""
    encoding = "H264" if film.parameters.codec is Codec.H264 else "H265"
    sets = [base64.b64encode(nal).decode() for nal in film.parameters.parameter_sets]
    if film.parameters.codec is Codec.H264:
        fields = f"packetization-mode=1;profile-level-id={film.parameters.parameter_sets[0][1:4].hex()}"
        fields += f";sprop-parameter-sets={','.join(sets)}" if with_sets else ""
    else:
        names = ("sprop-vps", "sprop-sps", "sprop-pps")
        fields = (
            ";".join(f"{name}={text}" for name, text in zip(names, sets, strict=True)) if with_sets else "tx-mode=SRST"
        )
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=Istros simulated camera", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*"]
    lines += [f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} {encoding}/90000"]
    lines += [f"a=framerate:{film.fps:g}", f"a=fmtp:{PAYLOAD_TYPE} {fields}", "a=control:track1"]
    lines += sound.describe() if sound is not None else []
    return "\r\n".join([*lines, ""]).encode()


def _film_unit(clip: Clip, unit: ClipUnit, start: int, stretch: float) -> FilmUnit:
    nals = (*clip.parameters.parameter_sets, *unit.nals) if unit.is_key else unit.nals
    payloads = [payload for nal in nals for payload in packetise(clip.parameters.codec, nal)]
    template, offsets = bytearray(), []
    for number, payload in enumerate(payloads):
        marker = 0x80 if number == len(payloads) - 1 else 0
        offsets.append(len(template))
        template += _HEAD.pack(0x24, 0, 12 + len(payload), 0x80, PAYLOAD_TYPE | marker, 0, 0, 0)
        template += payload
    return FilmUnit(template, tuple(offsets), unit.is_key, start + round(unit.shown * stretch))


def packetise(codec: Codec, nal: bytes, largest: int = LARGEST_PAYLOAD) -> Iterator[bytes]:
    """RTP payloads of a NAL unit: itself, or fragmentation units of at most `largest` bytes."""
    if len(nal) <= largest:
        yield nal
        return
    header_bytes = 1 if codec is Codec.H264 else 2
    step = largest - header_bytes - 1
    for start in range(header_bytes, len(nal), step):
        flags = (0x80 if start == header_bytes else 0) | (0x40 if start + step >= len(nal) else 0)
        yield _fragment_head(codec, nal, flags) + nal[start : start + step]


def _fragment_head(codec: Codec, nal: bytes, flags: int) -> bytes:
    if codec is Codec.H264:
        return bytes((nal[0] & 0xE0 | 28, flags | nal[0] & 31))
    return bytes((nal[0] & 0x81 | 49 << 1, nal[1], flags | nal[0] >> 1 & 63))
