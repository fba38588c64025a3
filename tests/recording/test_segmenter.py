"""Where fragments and segments begin and end, for any packets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from istros.base.time import SECOND, Time
from istros.recording.policy import RecordingPolicy
from istros.recording.segmenter import FragmentCut, SegmentBegins, SegmentEnds, Segmenter
from istros.video.packet import CodecParameters, Packet
from tests.recording.streams import PARAMETERS, START, packet

OTHER = replace(PARAMETERS, width=320)


@dataclass
class Cutting:
    """All segments that a stream of packets became."""

    starts: list[Time] = field(default_factory=list)
    ends: list[Time] = field(default_factory=list)
    fragments: list[list[FragmentCut]] = field(default_factory=list)
    parameters: list[CodecParameters] = field(default_factory=list)

    def take(self, cut: SegmentBegins | FragmentCut | SegmentEnds) -> None:
        match cut:
            case SegmentBegins():
                assert len(self.starts) == len(self.ends)
                self.starts.append(cut.start)
                self.parameters.append(cut.parameters)
                self.fragments.append([])
            case FragmentCut():
                assert len(self.starts) == len(self.ends) + 1
                self.fragments[-1].append(cut)
            case SegmentEnds():
                self.ends.append(cut.end)

    @property
    def data(self) -> list[bytes]:
        return [sample.data for segment in self.fragments for cut in segment for sample in cut.samples]


def cut_all(packets: list[Packet], floor: Time | None = None) -> tuple[Cutting, Segmenter]:
    segmenter, cutting = Segmenter(RecordingPolicy(), floor), Cutting()
    for each in packets:
        for cut in segmenter.push(each):
            cutting.take(cut)
    for cut in segmenter.finish():
        cutting.take(cut)
    return cutting, segmenter


def regular(seconds: float, fps: int = 25, group: int = 50, skew: float = 0.0) -> list[Packet]:
    return [
        packet(n / fps, Time(START + round(n / fps * (1 + skew) * SECOND)), is_key=n % group == 0)
        for n in range(round(seconds * fps))
    ]


def test_a_steady_stream_is_cut_every_ten_seconds_and_every_second() -> None:
    packets = regular(60)
    cutting, _ = cut_all(packets)
    assert [end - start for start, end in zip(cutting.starts, cutting.ends, strict=True)] == [10 * SECOND] * 6
    assert cutting.starts[1:] == cutting.ends[:-1]
    assert all(len(segment) == 10 for segment in cutting.fragments)
    assert cutting.data == [each.data for each in packets]


def test_days_of_a_skewed_clock_stay_on_the_wall_clock_without_a_hole() -> None:
    packets = regular(3 * 3600, fps=1, group=2, skew=400e-6)
    cutting, _ = cut_all(packets)
    assert cutting.starts[1:] == cutting.ends[:-1]
    assert abs(cutting.ends[-1] - packets[-1].time - SECOND) < SECOND // 10


def test_a_clock_that_steps_back_leaves_no_overlap_and_is_followed_again() -> None:
    before, later = regular(30), regular(120)
    stepped = [
        replace(p, media_time=p.media_time + 30 * 90_000, time=Time(p.time + 10 * SECOND)) for p in later
    ]  # 20 s back after 30 s
    cutting, segmenter = cut_all(before + stepped)
    assert cutting.starts[1:] == cutting.ends[:-1]
    assert segmenter.skipped == 0
    assert cutting.data == [p.data for p in before + stepped]
    assert abs(cutting.ends[-1] - stepped[-1].time) < SECOND


def test_a_clock_that_steps_forward_starts_a_segment_at_the_next_keyframe_and_loses_nothing() -> None:
    packets = [replace(p, time=Time(p.time + (60 * SECOND if p.media_time >= 5 * 90_000 else 0))) for p in regular(20)]
    cutting, _ = cut_all(packets)
    assert cutting.data == [p.data for p in packets]
    holes = [b - a for a, b in zip(cutting.ends, cutting.starts[1:], strict=False)]
    assert holes[0] == 60 * SECOND


def test_pictures_that_refer_forward_keep_their_times() -> None:
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    shown = [n + group * 10 for group in range(6) for n in order]
    packets = [packet(n / 10, Time(START + n * SECOND // 10), is_key=n % 10 == 0) for n in shown]
    cutting, segmenter = cut_all(packets)
    assert segmenter.skipped == 0 and len(cutting.starts) == 1
    times = []
    for cut in cutting.fragments[0]:
        at = cut.base_time
        for sample in cut.samples:
            times.append(at + sample.composition_offset)
            at += sample.duration
    assert times == [n * 9_000 for n in shown]


def test_other_parameters_wait_for_their_keyframe() -> None:
    packets = [replace(p, parameters=OTHER) if p.media_time > 3 * 90_000 else p for p in regular(6)]
    cutting, segmenter = cut_all(packets)
    assert cutting.parameters == [PARAMETERS, OTHER]
    assert segmenter.skipped == 24


def test_no_segment_starts_before_the_floor() -> None:
    floor = Time(START + 5 * SECOND)
    cutting, _ = cut_all(regular(3), floor)
    assert cutting.starts == [floor]


STEPS = st.one_of(
    st.sampled_from([3600, 3600, 3600, 9000]),
    st.integers(-200_000, 400_000),
    st.sampled_from([0, 1, -1, -90_000, 10_000_000, -10_000_000]),
)
CLOCK_STEPS = st.one_of(st.just(0), st.just(0), st.integers(-(10**8), 10**8))


@st.composite
def any_packets(draw: st.DrawFn) -> list[Packet]:
    media, wall, packets = draw(st.integers(0, 10**6)), START, []
    for _ in range(draw(st.integers(0, 120))):
        step = draw(STEPS)
        media, wall = media + step, Time(wall + step * 100 // 9 + draw(CLOCK_STEPS))
        parameters = draw(st.sampled_from([PARAMETERS] * 9 + [OTHER]))
        key = draw(st.sampled_from([True, False, False]))
        packets.append(packet(media / 90_000, wall, is_key=key, parameters=parameters, size=len(packets)))
    return packets


@given(any_packets(), st.one_of(st.none(), st.integers(START - 10**9, START + 10**9).map(Time)))
def test_the_promises_hold_for_any_packets(packets: list[Packet], floor: Time | None) -> None:
    cutting, segmenter = cut_all(packets, floor)
    assert len(cutting.starts) == len(cutting.ends)
    assert all(start < end for start, end in zip(cutting.starts, cutting.ends, strict=True))
    assert all(end <= start for end, start in zip(cutting.ends, cutting.starts[1:], strict=False))
    assert len({start // 1000 for start in cutting.starts}) == len(cutting.starts)
    assert floor is None or not cutting.starts or cutting.starts[0] >= floor
    for segment in cutting.fragments:
        assert segment and segment[0].samples[0].is_key and segment[0].base_time == 0
        assert [cut.sequence for cut in segment] == list(range(1, len(segment) + 1))
        assert all(sample.duration > 0 for cut in segment for sample in cut.samples)
        for cut, following in pairwise(segment):
            assert cut.base_time + sum(sample.duration for sample in cut.samples) <= following.base_time
    sent = iter(packets)
    assert all(any(each.data == data for each in sent) for data in cutting.data), "order is kept, nothing twice"
    assert len(cutting.data) + segmenter.skipped == len(packets)
