"""Coding sound again, where it must be: browsers play AAC alone inside MP4, cameras often send G.711."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from istros.video.fmp4 import walk_fragments
from istros.video.fmp4_sound import SoundRun, SoundSample
from istros.video.packet import MEDIA_RATE
from istros.video.segment_sound import sound_of, with_sound, without_sound
from istros.video.sound import AAC_SAMPLES, SoundCodec, SoundParameters, SoundUnit, read_configuration

BROWSER_RATE = 48_000
"""Samples a second of what we code: the encoder's first unit, which is silence, then lasts 21 ms only."""

_DECODERS = {SoundCodec.AAC: "aac", SoundCodec.PCMU: "pcm_mulaw", SoundCodec.PCMA: "pcm_alaw"}
_BITS_A_CHANNEL = 48_000
_HOLE_S = 0.05


class SoundEncoder:
    """Codes 16-bit samples; begin with `parameters`, which holds what a decoder must know."""

    def __init__(self, codec: SoundCodec, rate: int, channels: int) -> None:
        coder = av.CodecContext.create(_DECODERS[codec], "w")
        assert isinstance(coder, AudioCodecContext)
        coder.sample_rate, coder.layout = rate, "mono" if channels == 1 else "stereo"
        coder.format = "fltp" if codec is SoundCodec.AAC else "s16"
        if codec is SoundCodec.AAC:
            coder.bit_rate = _BITS_A_CHANNEL * channels
        coder.open()
        self._coder = coder
        self._resampler = AudioResampler(
            coder.format, coder.layout, rate, AAC_SAMPLES if codec is SoundCodec.AAC else None
        )
        self._layout, self._rate = coder.layout, rate
        configuration = bytes(coder.extradata or b"") if codec is SoundCodec.AAC else b""
        self.parameters = read_configuration(configuration) if configuration else SoundParameters(codec, rate, channels)

    def encode(self, samples: np.ndarray) -> list[bytes]:
        """Units from samples of shape (count, channels), as far as they are complete."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.int16).reshape(1, -1), "s16", self._layout)
        frame.sample_rate = self._rate
        return self._coded(self._resampler.resample(frame))

    def finish(self) -> list[bytes]:
        """The units that were still waiting."""
        return self._coded(self._resampler.resample(None)) + [bytes(packet) for packet in self._coder.encode(None)]

    def _coded(self, frames: Sequence[av.AudioFrame]) -> list[bytes]:
        units: list[bytes] = []
        for frame in frames:
            frame.pts = None
            units += [bytes(packet) for packet in self._coder.encode(frame)]
        return units


class BrowserSound:
    """Sound units as browsers play them: AAC goes through as it is, G.711 is coded again as AAC at 48 kHz.

    The units that come out keep the media time of what went in; the first 21 ms of a stream are silence.
    """

    def __init__(self, parameters: SoundParameters) -> None:
        self._given = parameters
        self.parameters = parameters
        self._encoder: SoundEncoder | None = None
        if parameters.codec is not SoundCodec.AAC:
            self._begin()

    def _begin(self) -> None:
        given = self._given
        decoder = av.CodecContext.create(_DECODERS[given.codec], "r")
        assert isinstance(decoder, AudioCodecContext)
        decoder.sample_rate, decoder.layout = given.rate, "mono" if given.channels == 1 else "stereo"
        self._decoder = decoder
        self._resampler = AudioResampler("s16", decoder.layout, BROWSER_RATE)
        self._encoder = SoundEncoder(SoundCodec.AAC, BROWSER_RATE, given.channels)
        self.parameters = self._encoder.parameters
        self._next: int | None = None
        self._comes_to: int | None = None

    def convert(self, units: Sequence[SoundUnit]) -> list[SoundUnit]:
        """What has become whole with these units. After a hole the sound begins anew where it goes on."""
        if self._encoder is None:
            return list(units)
        out: list[SoundUnit] = []
        for unit in units:
            at = unit.media_time * BROWSER_RATE // MEDIA_RATE
            if self._comes_to is None or abs(at - self._comes_to) > _HOLE_S * BROWSER_RATE:
                self._begin()
                # The encoder's first unit holds what would be before the first sample.
                self._next = at - AAC_SAMPLES
                self._comes_to = at
            out += self._convert_one(unit)
            self._comes_to += unit.samples * BROWSER_RATE // self._given.rate
        return out

    def _convert_one(self, unit: SoundUnit) -> Iterator[SoundUnit]:
        assert self._encoder is not None and self._next is not None
        for decoded in self._decoder.decode(av.Packet(unit.data)):
            decoded.pts = None
            for frame in self._resampler.resample(decoded):
                for data in self._encoder.encode(frame.to_ndarray().reshape(-1, self._given.channels)):
                    at, self._next = self._next, self._next + AAC_SAMPLES
                    yield SoundUnit(at * MEDIA_RATE // BROWSER_RATE, AAC_SAMPLES, data)


def for_browsers(data: bytes) -> bytes:
    """A segment with its sound as browsers play it; as it is when it has none, without it when it cannot be decoded."""
    found = sound_of(data)
    if found is None or found[0].codec is SoundCodec.AAC:
        return data
    parameters, runs = found
    sound = BrowserSound(parameters)
    try:
        units = sound.convert([unit for run in runs for unit in _units(run, parameters.rate)])
    except av.FFmpegError:
        return without_sound(data)
    return with_sound(data, sound.parameters, _spread(units, data))


def _units(run: SoundRun, rate: int) -> Iterator[SoundUnit]:
    at = run.base_time
    for sample in run.samples:
        yield SoundUnit(at * MEDIA_RATE // rate, sample.duration, sample.data)
        at += sample.duration


def _spread(units: Sequence[SoundUnit], data: bytes) -> list[SoundRun | None]:
    """One run for each fragment: the units that begin before its end."""
    runs: list[SoundRun | None] = []
    left = [unit for unit in units if unit.media_time >= 0]
    fragments = list(walk_fragments(data))
    for number, fragment in enumerate(fragments):
        end = fragment.base_time + fragment.duration
        mine = left if number == len(fragments) - 1 else [unit for unit in left if unit.media_time < end]
        left = left[len(mine) :]
        samples = tuple(SoundSample(unit.samples, unit.data) for unit in mine)
        runs.append(SoundRun(mine[0].media_time * BROWSER_RATE // MEDIA_RATE, samples) if mine else None)
    return runs
