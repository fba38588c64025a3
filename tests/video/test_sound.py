"""Sound: units out of RTP, a second media track in segments, taken out again, and coded for browsers."""

from __future__ import annotations

import io
from contextlib import suppress

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.time import Time
from istros.recording.sound_lane import lay_sound
from istros.sim.cameras.sound import load_sound
from istros.video.depacketise_sound import AacDepacketiser, G711Depacketiser, UnitHeaders
from istros.video.fmp4 import Sample, fragment, init_segment, read_init, safe_length, walk_fragments
from istros.video.fmp4_sound import SoundRun, read_sound
from istros.video.samples import read_table
from istros.video.sdp import parse_sdp
from istros.video.segment_sound import sound_of, with_sound, without_sound
from istros.video.sound import AAC_SAMPLES, SoundCodec, SoundParameters, SoundUnit, read_configuration
from istros.video.sound_coding import for_browsers
from tests.video.packets import packets_of

WALL = Time(1_795_493_100_000_000)
CODECS = list(SoundCodec)


def headers(sizes: list[int]) -> bytes:
    """AU-headers-length and headers of 13 bits size, 3 bits index."""
    return (16 * len(sizes)).to_bytes(2, "big") + b"".join((size << 3).to_bytes(2, "big") for size in sizes)


@settings(max_examples=60)
@given(st.lists(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=5), max_size=10))
def test_units_come_out_of_packets_whole_and_with_their_times(packets: list[list[bytes]]) -> None:
    found: list[tuple[int, int, bytes]] = []
    depacketiser = AacDepacketiser(UnitHeaders(), lambda *unit: found.append(unit))
    expected, timestamp = [], 0xFFFFF000
    for units in packets:
        depacketiser.add(memoryview(headers([len(unit) for unit in units]) + b"".join(units)), timestamp, True)
        expected += [(timestamp + n * 1024 & 0xFFFFFFFF, 1024, unit) for n, unit in enumerate(units)]
        timestamp = timestamp + len(units) * 1024 & 0xFFFFFFFF
    assert found == expected


def test_a_unit_in_pieces_is_joined_and_one_that_lacks_a_piece_is_dropped() -> None:
    found: list[bytes] = []
    depacketiser = AacDepacketiser(UnitHeaders(), lambda _, __, data: found.append(data))
    unit = bytes(range(200)) * 10
    for number in (0, 1):
        for start in range(0, 2000, 900):
            depacketiser.add(memoryview(headers([2000]) + unit[start : start + 900]), number, start + 900 >= 2000)
            if number:
                depacketiser.lost()
    assert found == [unit]


@settings(max_examples=200)
@given(st.binary(max_size=80), st.integers(1, 16), st.integers(0, 16))
def test_hostile_sound_never_raises(payload: bytes, size: int, index: int) -> None:
    AacDepacketiser(UnitHeaders(size, index, index), lambda *_: None).add(memoryview(payload), 0, True)
    G711Depacketiser(SoundParameters(SoundCodec.PCMA, 8000, 2), lambda *_: None).add(memoryview(payload), 0, True)
    with suppress(ValueError):
        read_configuration(payload)
    read_sound(b"\x00\x00\x00\x08moov" + payload)
    sound_of(payload)


@pytest.mark.parametrize("codec", CODECS)
def test_descriptions_of_sound_are_read(codec: SoundCodec) -> None:
    film = load_sound(codec)
    found = parse_sdp("\r\n".join(film.describe())).sound()
    assert found is not None
    track, offered = found
    assert (track.control, offered.parameters, offered.payload_type) == ("track2", film.parameters, film.payload_type)
    assert parse_sdp("m=audio 0 RTP/AVP 3\r\na=rtpmap:3 GSM/8000").sound() is None
    assert parse_sdp("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/16000").sound() is None


def test_configurations_with_a_written_rate_are_read() -> None:
    assert read_configuration(bytes.fromhex("1190")) == SoundParameters(SoundCodec.AAC, 48_000, 2, b"\x11\x90")
    value = 2 << 59 | 15 << 55 | 44_100 << 31 | 1 << 27
    assert read_configuration(value.to_bytes(8, "big")).rate == 44_100


def units_of(codec: SoundCodec, seconds: float, start_s: float = 0.0) -> list[SoundUnit]:
    film = load_sound(codec)
    count = int(seconds * film.parameters.rate / film.samples)
    times = [round((start_s + n * film.samples / film.parameters.rate) * 90_000) for n in range(count)]
    return [SoundUnit(at, film.samples, film.units[n % len(film.units)]) for n, at in enumerate(times)]


def segment(codec: SoundCodec | None, seconds: int = 4) -> bytes:
    """A segment of a picture with one fragment a second, and the sound of a simulated camera."""
    packets = packets_of(frames=10 * seconds, gop=10)
    parameters = None if codec is None else load_sound(codec).parameters
    units = [] if codec is None else units_of(codec, seconds)
    pieces, written = [init_segment(packets[0].parameters, parameters)], 0
    for second in range(seconds):
        samples = [Sample(9000, one.data, one.is_key) for one in packets[10 * second : 10 * second + 10]]
        run: SoundRun | None = None
        if parameters is not None:
            mine = [unit for unit in units if second <= unit.media_time / 90_000 < second + 1]
            run, written = lay_sound(mine, parameters, 0, written)
        pieces.append(fragment(second + 1, second * 90_000, samples, None if second else WALL, run))
    return b"".join(pieces)


@pytest.mark.parametrize("codec", CODECS)
def test_a_segment_with_sound_reads_as_one_without_and_is_one_without_its_sound(codec: SoundCodec) -> None:
    data, plain = segment(codec), segment(None)
    assert safe_length(data) == len(data) and safe_length(data[:-1]) < len(data) - 1
    assert read_init(data) == read_init(plain)
    found, expected = list(walk_fragments(data)), list(walk_fragments(plain))
    assert [(f.base_time, f.duration, f.frames, f.wall_time) for f in found] == [
        (f.base_time, f.duration, f.frames, f.wall_time) for f in expected
    ]
    assert without_sound(data) == plain and without_sound(plain) == plain
    sound = sound_of(data)
    assert sound is not None and sound[0] == load_sound(codec).parameters and sound_of(plain) is None
    assert with_sound(data, *sound) == data
    table, other = read_table(data), read_table(plain)
    assert [data[s.offset : s.offset + s.size] for s in table.samples] == [
        plain[s.offset : s.offset + s.size] for s in other.samples
    ]


def loudness(data: bytes) -> tuple[np.ndarray, int, int]:
    """(loudness of each 10 ms, samples a second, pictures) as ffmpeg decodes them."""
    with av.open(io.BytesIO(data)) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    pieces: list[np.ndarray] = []
    with av.open(io.BytesIO(data)) as container:
        rate = container.streams.audio[0].rate
        for frame in container.decode(audio=0):
            at = round((frame.time or 0) * rate)
            have = sum(len(piece) for piece in pieces)
            pieces.append(np.zeros(max(0, at - have)))
            samples = frame.to_ndarray().reshape(-1).astype(float)
            pieces.append(samples / (32_768 if frame.format.name.startswith("s16") else 1))
    wave = np.abs(np.concatenate(pieces))
    step = rate // 100
    return wave[: len(wave) // step * step].reshape(-1, step).max(axis=1), rate, pictures


def beeps(data: bytes) -> list[float]:
    """Seconds at which it gets loud."""
    level, _, _ = loudness(data)
    loud = level > 0.1
    return [at / 100 for at in np.flatnonzero(loud & ~np.concatenate([[False], loud[:-1]]))]


@pytest.mark.parametrize("codec", CODECS)
def test_others_decode_our_sound_and_hear_it_at_its_time(codec: SoundCodec) -> None:
    data = segment(codec)
    _, rate, pictures = loudness(data)
    assert (rate, pictures) == (load_sound(codec).parameters.rate, 40)
    assert all(abs(found - second) < 0.08 for found, second in zip(beeps(data), range(4), strict=True))


@pytest.mark.parametrize("codec", [SoundCodec.PCMU, SoundCodec.PCMA])
def test_browsers_get_aac_that_sounds_at_the_same_time(codec: SoundCodec) -> None:
    data = for_browsers(segment(codec))
    sound = sound_of(data)
    assert sound is not None and sound[0].codec is SoundCodec.AAC and sound[0].rate == 48_000
    assert all(sample.duration == AAC_SAMPLES for run in sound[1] for sample in run.samples)
    assert without_sound(data) == segment(None)
    heard = [at for at in beeps(data) if at > 0.5]
    assert all(abs(found - second) < 0.06 for found, second in zip(heard, (1, 2, 3), strict=True))
    assert for_browsers(segment(SoundCodec.AAC)) == segment(SoundCodec.AAC)
    assert for_browsers(segment(None)) == segment(None)


def test_sound_is_laid_seamless_and_holes_stay_holes() -> None:
    parameters = SoundParameters(SoundCodec.PCMA, 8000, 1)
    units = [SoundUnit(90 * (20 * n + (7 if n % 2 else 0)), 160, bytes(160)) for n in range(10)]
    run, end = lay_sound(units, parameters, 0, 0)
    assert run is not None and (run.base_time, end) == (0, 1600)
    assert {sample.duration for sample in run.samples} == {160}
    later = [SoundUnit(90 * (1000 + 20 * n), 160, bytes(160)) for n in range(3)]
    holed, end = lay_sound([*later[:1], SoundUnit(90 * 2000, 160, bytes(160))], parameters, 0, 1600)
    assert holed is not None and holed.base_time == 8000 and [s.duration for s in holed.samples] == [8000, 160]
    early = [SoundUnit(-9000, 160, bytes(160)), SoundUnit(0, 160, bytes(160))]
    first, end = lay_sound(early, parameters, 0, 0)
    assert first is not None and len(first.samples) == 1 and end == 160
    assert lay_sound(early, parameters, 0, 8000) == (None, 8000)
