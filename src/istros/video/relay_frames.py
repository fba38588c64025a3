"""The relay's wire format: frames with a length, no pickle, the same on both sides.

Reader to recorder, once: how long it is content to wait for packets (`patience SECONDS`), then the streams' names, joined
by line feeds. Recorder to reader: for each stream, under its
number in that list, `parameters` (and those of its sound, where it has any) before its first packet and whenever they
change, then `packet`s, each behind the `sound` that came before it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import get_args

from istros.base.time import Time
from istros.devices.camera import StreamKey
from istros.store.rows import StreamName
from istros.video.packet import Codec, CodecParameters, Packet
from istros.video.sound import SoundCodec, SoundParameters, SoundUnit

LARGEST_FRAME = 64 << 20
LONGEST_PATIENCE_S = 10.0
PARAMETERS, PACKET, UNKNOWN, SOUND_PARAMETERS, SOUND = 1, 2, 3, 4, 5

FRAME = struct.Struct(">IBH")
"""Length of what follows the length field, kind, number of the stream."""
_PACKET = struct.Struct(">IBHBIqq")
_HEAD = struct.Struct(">BIqq")
_PARAMETERS = struct.Struct(">BHHB")
_CODECS = tuple(Codec)
_SOUND_PARAMETERS = struct.Struct(">BIB")
_SOUND_UNIT = struct.Struct(">qII")
_SOUND_CODECS = tuple(SoundCodec)


def encode_hello(keys: Sequence[StreamKey], patience_s: float) -> bytes:
    """What a reader asks for."""
    text = "\n".join((f"patience {patience_s}", *map(str, keys))).encode()
    return len(text).to_bytes(4, "big") + text


def decode_hello(text: bytes) -> tuple[list[StreamKey], float]:
    """The streams and the patience in seconds. ValueError when it makes no sense."""
    first, *names = text.decode().split("\n")
    word, _, seconds = first.partition(" ")
    if word != "patience" or not 0 <= float(seconds) <= LONGEST_PATIENCE_S:
        raise ValueError("a reader begins with its patience")
    return [_key(name) for name in names], float(seconds)


def _key(text: str) -> StreamKey:
    camera, _, name = text.rpartition("/")
    for known in get_args(StreamName):
        if name == known and camera:
            return StreamKey(camera, known)
    raise ValueError(f"'{text}' names no stream")


def encode_unknown(number: int) -> bytes:
    """The recorder has no such stream."""
    return FRAME.pack(3, UNKNOWN, number)


def encode_parameters(number: int, parameters: CodecParameters) -> bytes:
    """A whole frame."""
    codec = _CODECS.index(parameters.codec)
    head = _PARAMETERS.pack(codec, parameters.width, parameters.height, len(parameters.parameter_sets))
    content = head + b"".join(len(nal).to_bytes(2, "big") + nal for nal in parameters.parameter_sets)
    return FRAME.pack(3 + len(content), PARAMETERS, number) + content


def decode_parameters(content: memoryview) -> CodecParameters:
    """The inverse, behind the frame's head."""
    codec, width, height, count = _PARAMETERS.unpack_from(content)
    position, sets = _PARAMETERS.size, []
    for _ in range(count):
        size = int.from_bytes(content[position : position + 2], "big")
        sets.append(bytes(content[position + 2 : position + 2 + size]))
        position += 2 + size
    return CodecParameters(_CODECS[codec], width, height, tuple(sets))


def packet_head(number: int, packet: Packet, lost_before: int) -> bytes:
    """The head of a frame; `packet.data` follows it."""
    size = _PACKET.size - 4 + len(packet.data)
    return _PACKET.pack(size, PACKET, number, packet.is_key, lost_before, packet.media_time, packet.time)


def decode_packet(
    content: memoryview,
    key: StreamKey,
    parameters: CodecParameters,
    sound_parameters: SoundParameters | None = None,
    sound: tuple[SoundUnit, ...] = (),
) -> Packet:
    """The inverse, behind the frame's head, with the sound that came before it."""
    is_key, lost, media_time, time = _HEAD.unpack_from(content)
    data = bytes(content[_HEAD.size :])
    return Packet(key, parameters, media_time, Time(time), bool(is_key), data, lost, None, sound_parameters, sound)


def encode_sound_parameters(number: int, parameters: SoundParameters | None) -> bytes:
    """A whole frame; empty for a stream without sound."""
    content = b""
    if parameters is not None:
        codec = _SOUND_CODECS.index(parameters.codec)
        content = _SOUND_PARAMETERS.pack(codec, parameters.rate, parameters.channels) + parameters.configuration
    return FRAME.pack(3 + len(content), SOUND_PARAMETERS, number) + content


def decode_sound_parameters(content: memoryview) -> SoundParameters | None:
    """The inverse, behind the frame's head."""
    if not content:
        return None
    codec, rate, channels = _SOUND_PARAMETERS.unpack_from(content)
    return SoundParameters(_SOUND_CODECS[codec], rate, channels, bytes(content[_SOUND_PARAMETERS.size :]))


def encode_sound(number: int, units: Sequence[SoundUnit]) -> bytes:
    """A whole frame with the sound before the next packet."""
    heads = ((_SOUND_UNIT.pack(unit.media_time, unit.samples, len(unit.data)), unit.data) for unit in units)
    content = b"".join(part for pair in heads for part in pair)
    return FRAME.pack(3 + len(content), SOUND, number) + content


def decode_sound(content: memoryview) -> tuple[SoundUnit, ...]:
    """The inverse, behind the frame's head."""
    position, units = 0, []
    while position + _SOUND_UNIT.size <= len(content):
        media_time, samples, size = _SOUND_UNIT.unpack_from(content, position)
        position += _SOUND_UNIT.size
        units.append(SoundUnit(media_time, samples, bytes(content[position : position + size])))
        position += size
    return tuple(units)
