"""Where fragments and segments begin and end: a pure function of one stream's packets (docs/design/0011).

Promises, for any packets in any order: each segment starts with a keyframe; segments never overlap in wall time; every
packet lies in exactly one fragment, except those that come between a break and the next keyframe (`skipped`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from istros.base.time import SECOND, Time
from istros.recording.policy import RecordingPolicy
from istros.recording.sound_lane import lay_sound
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.fmp4_sound import SoundRun
from istros.video.packet import MEDIA_RATE, CodecParameters, Packet
from istros.video.sound import SoundParameters, SoundUnit

REORDER_TICKS = MEDIA_RATE
"""Media time that steps back by at most a second is the order of decoding (pictures that refer forward), not a break."""

STEP_US = SECOND
"""Wall time that runs away from media time by more than this within one segment was stepped, not skewed."""

SKEW = 500e-6
"""Clocks of crystals differ by at most 500 ppm; the correction that Moonfire NVR allows (design/time.md)."""

LEAST_SEGMENT_US = 1_000
"""Names of segments tell milliseconds, so none may be shorter."""

FRAGMENT_BYTES = 4 << 20
FRAGMENT_PACKETS = 1_000
_USUAL_TICKS = MEDIA_RATE // 25


@dataclass(frozen=True, slots=True)
class SegmentBegins:
    """The packets that follow belong to a new file."""

    start: Time
    parameters: CodecParameters
    sound: SoundParameters | None = None


@dataclass(frozen=True, slots=True)
class FragmentCut:
    """One fragment of the segment that began last. `base_time` counts ticks from the segment's start; wall time `span`
    is media time laid onto the segment's start."""

    sequence: int
    base_time: int
    start: Time
    end: Time
    samples: tuple[Sample, ...] = field(repr=False)
    sound: SoundRun | None = field(default=None, repr=False)

    @property
    def size_bytes(self) -> int:
        """Bytes of pictures and sound alone."""
        return sum(len(sample.data) for sample in self.samples) + (self.sound.size_bytes if self.sound else 0)

    def file_bytes(self, begins: SegmentBegins, is_first: bool) -> bytes:
        """What the segment's file gets for it; the first fragment follows the description and tells the wall time."""
        wall_time = self.start if is_first else None
        data = fragment(self.sequence, self.base_time, self.samples, wall_time=wall_time, sound=self.sound)
        return init_segment(begins.parameters, begins.sound) + data if is_first else data


@dataclass(frozen=True, slots=True)
class SegmentEnds:
    """The file is whole; `end` is its last word on wall time."""

    end: Time


Cut = SegmentBegins | FragmentCut | SegmentEnds


@dataclass(slots=True)
class _Segment:
    start: Time
    first_time: Time
    """What the first packet said, which `start` may not follow when the clock stepped back."""
    first_media: int
    parameters: CodecParameters
    sound: SoundParameters | None = None
    sound_to: int = 0
    """Samples from the start up to the end of the last sound."""
    fragments: int = 0
    written_to: int = 0
    """Ticks from the start up to the end of the last fragment."""


class Segmenter:
    """Cuts one stream. `floor` is the end of what is already recorded: no segment starts before it."""

    def __init__(self, policy: RecordingPolicy, floor: Time | None = None) -> None:
        self._segment_ticks = round((policy.segment_s - 0.1) * MEDIA_RATE)
        self._fragment_ticks = round(policy.fragment_s * MEDIA_RATE)
        self._break_ticks = round(policy.silence_s * MEDIA_RATE)
        self._segment: _Segment | None = None
        self._waiting: list[Packet] = []
        self._waiting_bytes = 0
        self._sound: list[SoundUnit] = []
        self._newest_media = 0
        self._usual_ticks = _USUAL_TICKS
        self._reorders = False
        self.end = floor
        """Wall time up to which packets have been put into fragments or segments."""
        self.skipped = 0
        """Packets that no keyframe led in."""

    @property
    def is_recording(self) -> bool:
        """Whether a keyframe has led in a segment that still goes on."""
        return self._segment is not None

    def push(self, packet: Packet) -> Iterable[Cut]:
        """Take the next packet; gives what is complete now, to be consumed to the end."""
        segment, waiting = self._segment, self._waiting
        step = packet.media_time - self._newest_media
        # Most packets only wait: they go on with the fragment, which is not due yet.
        if (
            segment is None
            or not waiting
            or packet.is_key
            or not 0 < step <= self._break_ticks
            or packet.parameters is not segment.parameters
            or packet.sound_parameters is not segment.sound
            or self._waiting_bytes >= FRAGMENT_BYTES
            or len(waiting) >= FRAGMENT_PACKETS
            or packet.media_time - waiting[0].media_time >= self._fragment_ticks
        ):
            return self._consider(packet)
        self._newest_media = packet.media_time
        waiting.append(packet)
        self._waiting_bytes += len(packet.data)
        if packet.sound:
            self._sound += packet.sound
        return ()

    def _consider(self, packet: Packet) -> Iterator[Cut]:
        if self._segment is not None and self._is_break(self._segment, packet):
            yield from self.finish()
        segment = self._segment
        if segment is not None:
            # It came before this picture: it belongs to the fragment that this picture may end.
            self._sound += packet.sound
        if segment is None:
            if not packet.is_key:
                self.skipped += 1
                return
            yield self._begin(packet, packet.time)
        elif packet.is_key and self._is_due(segment, packet):
            yield from self._turn(segment, packet)
        elif self._is_fragment_due(packet):
            yield from self._cut(packet.media_time)
        self._newest_media = packet.media_time if not self._waiting else max(self._newest_media, packet.media_time)
        self._waiting.append(packet)
        self._waiting_bytes += len(packet.data)

    def flush(self) -> Iterator[Cut]:
        """Write out what is in memory, because packets stay away; the segment goes on if they come back in time."""
        if self._waiting:
            yield from self._cut(None)

    def finish(self) -> Iterator[Cut]:
        """The session is over: the segment ends with the last packet."""
        segment = self._segment
        if segment is not None:
            yield from self.flush()
            self.end = Time(max(self._wall(segment, segment.written_to), segment.start + LEAST_SEGMENT_US))
            self._segment = None
            yield SegmentEnds(self.end)

    def abandon(self) -> int:
        """Forget the segment and what waits (the disk could not follow); returns how many packets that were."""
        count, self._waiting, self._waiting_bytes, self._segment = len(self._waiting), [], 0, None
        self._sound = []
        return count

    def _is_break(self, segment: _Segment, packet: Packet) -> bool:
        step = packet.media_time - self._newest_media
        is_other = packet.parameters != segment.parameters or packet.sound_parameters != segment.sound
        if step <= 0 and not packet.is_key and step >= -REORDER_TICKS:
            self._reorders = self._reorders or step < 0
            return is_other
        return not 0 < step <= self._break_ticks or is_other

    def _is_fragment_due(self, packet: Packet) -> bool:
        if not self._waiting:
            return False
        if packet.is_key:
            return True
        if len(self._waiting) >= FRAGMENT_PACKETS or self._waiting_bytes >= FRAGMENT_BYTES:
            return True
        # Pictures that refer forward come before ones that are shown earlier: only a keyframe parts them surely.
        return not self._reorders and packet.media_time - self._waiting[0].media_time >= self._fragment_ticks

    def _is_due(self, segment: _Segment, packet: Packet) -> bool:
        ticks = packet.media_time - segment.first_media
        return ticks >= self._segment_ticks or self._step(segment, packet) > STEP_US

    def _step(self, segment: _Segment, packet: Packet) -> int:
        """By how much wall time ran ahead of media time since the segment's first packet, in microseconds."""
        return packet.time - segment.first_time - _micros(packet.media_time - segment.first_media)

    def _begin(self, packet: Packet, start: Time) -> SegmentBegins:
        start = start if self.end is None else Time(max(start, self.end))
        self._segment = _Segment(start, packet.time, packet.media_time, packet.parameters, packet.sound_parameters)
        self._reorders = False
        self._sound = []
        return SegmentBegins(start, packet.parameters, packet.sound_parameters)

    def _turn(self, segment: _Segment, packet: Packet) -> Iterator[Cut]:
        """End the segment where the keyframe begins the next one, without a hole unless the clock stepped forward."""
        yield from self._cut(packet.media_time)
        played = max(_micros(packet.media_time - segment.first_media), LEAST_SEGMENT_US)
        stepped = self._step(segment, packet) > STEP_US
        correction = 0 if stepped else _correction(packet.time - segment.start - played, played)
        self.end = Time(segment.start + max(played + correction, LEAST_SEGMENT_US))
        yield SegmentEnds(self.end)
        yield self._begin(packet, packet.time if stepped else self.end)

    def _cut(self, next_media: int | None) -> Iterator[Cut]:
        """Make a fragment of what waits; `next_media` is the media time of the packet behind it, where there is one."""
        segment = self._segment
        if segment is None or not self._waiting:
            return
        base_time, end, samples = _lay_out(self._waiting, segment, next_media, self._usual_ticks)
        self._waiting, self._waiting_bytes, self._usual_ticks = [], 0, samples[-1].duration
        segment.fragments += 1
        segment.written_to = end
        self.end = self._wall(segment, end)
        sound = self._cut_sound(segment) if self._sound else None
        yield FragmentCut(segment.fragments, base_time, self._wall(segment, base_time), self.end, samples, sound)

    def _cut_sound(self, segment: _Segment) -> SoundRun | None:
        units, self._sound = self._sound, []
        if segment.sound is None:
            return None
        run, segment.sound_to = lay_sound(units, segment.sound, segment.first_media, segment.sound_to)
        return run

    def _wall(self, segment: _Segment, ticks: int) -> Time:
        return Time(segment.start + _micros(ticks))


def _lay_out(
    packets: Sequence[Packet], segment: _Segment, next_media: int | None, usual: int
) -> tuple[int, int, tuple[Sample, ...]]:
    """(decode time of the first sample, end of the last, samples), in ticks from the segment's start.

    RTP tells when a picture is shown; files count in the order of decoding. The times shown, in order, are the decode
    times, and the difference is the composition offset (ISO/IEC 14496-12 8.6.1.3). `usual` is how long a single last
    picture lasts, when nothing follows that tells.
    """
    shown = [packet.media_time - segment.first_media for packet in packets]
    decode: list[int] = []
    least = segment.written_to
    for time in sorted(shown):
        decode.append(max(time, least))
        least = decode[-1] + 1
    if len(decode) > 1:
        usual = (decode[-1] - decode[0]) // (len(decode) - 1)
    end = max(least, next_media - segment.first_media) if next_media is not None else decode[-1] + max(usual, 1)
    follow = [*decode[1:], end]
    samples = tuple(
        Sample(after - at, packet.data, packet.is_key, time - at if time != at else 0)
        for packet, at, after, time in zip(packets, decode, follow, shown, strict=True)
    )
    return decode[0], end, samples


def _correction(offset_us: int, played_us: int) -> int:
    """How much longer or shorter a segment counts so that recorded time follows the wall clock without a hole."""
    most = played_us * SKEW if abs(offset_us) <= STEP_US else played_us / 2
    return round(min(max(offset_us, -most), most))


def _micros(ticks: int) -> int:
    return ticks * SECOND // MEDIA_RATE
