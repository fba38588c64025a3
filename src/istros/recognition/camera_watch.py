"""One camera's eyes: decodes, gates, detects, tracks and reads plates. Plain code that runs in a worker, one call at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.chances import Chance, Chances
from istros.recognition.detector import VEHICLES, DetectorLike, is_dark
from istros.recognition.leave import EVERYTHING, Leave
from istros.recognition.main_pictures import DecoderLike, FrameLike, MainPictures
from istros.recognition.motion import MotionGate
from istros.recognition.observation import Box, Detection
from istros.recognition.people_watch import PeopleWatch
from istros.recognition.picture import Picture
from istros.recognition.picture_health import PictureHealth, PictureMeasures
from istros.recognition.plate_crops import reading_of, sharpest
from istros.recognition.plates.reader import SURE, PixelBox, PlateReader
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.sub_pictures import SubPictures
from istros.recognition.tracker import Track, Tracker
from istros.recognition.vehicle_looks import VehicleLooks
from istros.recognition.zones import PictureZones
from istros.video.packet import CodecParameters, Packet

_MARGIN = 0.06
_BETWEEN_STREAMS_S = 0.1
"""Seconds by which the clocks of a camera's two streams may differ: a vehicle's region is wider by its way in them."""
_MOST_SIDE, _LEAST_SIDE = 640, 256
_DETECTION_SCORE = 0.25
_ELSEWHERE = 0.5
"""Badness of `moved` from which a look shows another view than was declared: nothing is looked for in it (rule L20)."""
_VEHICLE_WITHOUT_DETECTOR = 4.0
"""A plate found by itself at night stands for a vehicle this many plates wide."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a camera gave: `analysed` is False where nothing moved or nothing could be decoded."""

    time: Time | None
    analysed: bool
    seen: tuple[Track, ...] = ()
    ended: tuple[Track, ...] = ()
    dark: bool = False
    moved: bool = False
    picture: PictureMeasures | None = None
    """How healthy the picture is, about once a second."""
    lost: tuple[Track, ...] = ()
    """Tracks that are over without a word: the camera looks elsewhere, or nothing may be looked for any more."""


@dataclass(slots=True)
class CameraWatch:
    """The state of one camera's analysis."""

    policy: AnalysisPolicy
    detector: DetectorLike
    reader: PlateReader | None
    new_decoder: Callable[[CodecParameters], DecoderLike]
    new_id: Callable[[], str]
    main: MainPictures | None
    """None where the analysed stream is the one to read plates from."""
    zones: PictureZones = field(default_factory=PictureZones)
    tracker: Tracker = field(init=False)
    chances: Chances = field(init=False)
    readings: dict[str, TrackReading] = field(default_factory=dict)
    picture: PictureHealth | None = None
    vehicles: VehicleLooks | None = None
    """What is noted of how vehicles look; None: nothing."""
    people: PeopleWatch | None = None
    """What may be noted of people; None: nothing."""
    leave: Leave = EVERYTHING
    """What may be looked for."""
    _elsewhere: bool = False
    _sub: SubPictures = field(init=False)
    _gate: MotionGate = field(init=False)
    _looked: Time | None = None
    _check_s: float = 0.0
    _searched: Time | None = None
    _sub_rows: int | None = None

    def __post_init__(self) -> None:
        self.tracker = Tracker(self.new_id)
        self.chances = Chances(self.policy, self.zones, self.main)
        self._sub = SubPictures(self.new_decoder)
        self._gate = MotionGate(self.zones)

    def use_zones(self, zones: PictureZones) -> None:
        """Look by other zones from the next look on."""
        self.zones = self.chances.zones = zones
        self._gate.use(zones)

    def look(self, packets: list[Packet], idle: bool = False) -> Sight:
        """Decode the newest picture and analyse it; while `idle` only keyframes are decoded until something moves.

        An idle camera whose keyframes are more than a second apart has all its packets decoded once a second.
        """
        if self.main is None and packets:
            self.chances.columns = packets[-1].parameters.width
            self._sub_rows = packets[-1].parameters.height
        self._sub.take(packets)
        frame = self._sub.keyframe() if idle else None
        if frame is None and (not idle or self._sub.is_blind()):
            frame = self._sub.last()
        if frame is None:
            return Sight(None, analysed=False)
        measures = None if self.picture is None else self.picture.see(frame.luma, frame.time)
        moved = None if measures is None else measures.badness.get("moved")
        self._elsewhere = self._elsewhere if moved is None else moved >= _ELSEWHERE
        if self._elsewhere or not self.leave.any:
            return Sight(frame.time, analysed=False, picture=measures, lost=self.tracker.close())
        return replace(self._analyse(frame), picture=measures)

    def _analyse(self, frame: FrameLike) -> Sight:
        change = self._gate.see(frame.luma)
        # After a cut nothing in the picture is what was followed before it.
        cut_off = self.tracker.close() if change.cut else ()
        waited = None if self._looked is None else (frame.time - self._looked) / SECOND
        due = waited is None or (bool(self.tracker.tracks) and waited >= self._check_s)
        if not change.moved and not due:
            return self._without_motion(frame.time)
        frame = (self._sub.last() or frame) if change.moved else frame
        self._looked = frame.time
        dark = is_dark(frame.luma)
        picture = self.zones.hide(frame.bgr())
        found = self.detector.detect(picture, _DETECTION_SCORE)
        before = {track.id for track in self.tracker.tracks}
        tracked = self.tracker.update(found, frame.time)
        if self.vehicles is not None and self.leave.vehicles:
            self.vehicles.see(picture, tracked.seen, frame.time)
        if self.people is not None:
            self.people.see_bodies(picture, tracked.seen, found)
        self._wait_longer(change.moved or {track.id for track in tracked.seen} != before)
        return Sight(frame.time, True, tracked.seen, (*cut_off, *tracked.ended), dark, change.moved)

    def _wait_longer(self, something_new: bool) -> None:
        """Where the detector finds what it found before and nothing moved, it may rest twice as long."""
        shortest, longest = self.policy.idle_check_s, self.policy.longest_idle_check_s
        self._check_s = shortest if something_new else min(longest, max(shortest, 2 * self._check_s))

    def _without_motion(self, time: Time) -> Sight:
        """Nothing moved: what was seen at the last look is still there."""
        self.tracker.rest(time)
        return Sight(time, analysed=False)

    def forget_decoders(self) -> None:
        """After a loss or a damaged packet: begin anew at the next keyframe."""
        self._sub.forget()
        if self.main is not None:
            self.main.forget()

    def best_chance(self, tracks: list[Track], time: Time, read_times: dict[str, Time]) -> Chance | None:
        """The vehicle whose plate is worth reading now, and the picture to read it in."""
        if self.main is not None:
            self.chances.columns = self.main.columns
        return self.chances.best(tracks, time, self.readings, read_times)

    def read_plate(self, chance: Chance) -> FrameReading | None:
        """Look for the plate of a tracked vehicle in the sharpest picture of the sharpest stream."""
        frames = self._plate_pictures(chance.time)
        if not frames or self.reader is None:
            return None
        frame = sharpest(frames, chance.box)
        rows, columns = frame.luma.shape[:2]
        region = _region(chance, columns, rows)
        width, height = region.right - region.left, region.bottom - region.top
        side = int(min(_MOST_SIDE, max(_LEAST_SIDE, np.ceil(max(width, height) / 32) * 32)))
        read = self._read(frame, region, side, chance.box, self.reader, self._is_doubtful(chance))
        found = next((reading for reading in read if self._is_of(reading, chance)), None)
        self.chances.learn(chance, found is not None)
        return found

    def _is_of(self, reading: FrameReading, chance: Chance) -> bool:
        """Whether a plate is that vehicle's, and not one's that stands beside or behind it in the same part of the picture."""
        plate = reading.plate_box
        boxes = ((track, track.box_at(chance.time) or track.box) for track in self.tracker.tracks)
        rivals = [(track, box) for track, box in boxes if track.label in VEHICLES and box.holds(*plate.middle)]
        nearest = min(rivals, key=lambda rival: _aside(rival[1], plate), default=None)
        return nearest is None or nearest[0] is chance.track

    def _is_doubtful(self, chance: Chance) -> bool:
        """Whether a second reader is worth its price: where a frame was read before and left a doubt."""
        reading = self.readings.get(chance.track.id)
        return reading is not None and bool(reading.readings) and reading.surest < SURE

    def search_whole(self, time: Time) -> list[FrameReading]:
        """Look for plates in all of the plate zone: at night the detector misses vehicles whose plates can be read.

        Of the main stream only keyframes are searched, each once.
        """
        time = (self.main.key_time or time) if self.main is not None else time
        if self.reader is None or time == self._searched:
            return []
        self._searched = time
        frames = self._plate_pictures(time)
        if not frames:
            return []
        rows, columns = frames[-1].luma.shape[:2]
        bounds = self.zones.plate_bounds()
        region = PixelBox(bounds.left * columns, bounds.top * rows, bounds.right * columns, bounds.bottom * rows)
        return self._read(frames[-1], region, _MOST_SIDE, None, self.reader, False)

    def _read(
        self, frame: FrameLike, region: PixelBox, side: int, vehicle: Box | None, reader: PlateReader, second: bool
    ) -> list[FrameReading]:
        """The plates in a region of a picture that lie where plates are read."""
        part, whole = _part(frame, region, self.zones)
        found = [
            reading_of(each, part, whole, vehicle, frame.time)
            for each in reader.read(part, sides=(side,), second=second)
        ]
        return [reading for reading in found if self.zones.holds_plate(reading.plate_box)]

    def _plate_pictures(self, time: Time) -> list[FrameLike]:
        if self.main is not None:
            return self.main.pictures_at(time)
        return [] if self._sub.newest is None else [self._sub.newest]

    def people_picture(self, time: Time) -> tuple[Picture, Time] | None:
        """The sharpest stream's picture nearest to a moment, in which faces are looked for; what nobody looks at is blank."""
        frames = self._plate_pictures(time)
        return (self.zones.hide(frames[-1].bgr()), frames[-1].time) if frames else None

    @property
    def rows(self) -> int:
        """Height of the pictures that faces are looked for in, as far as it is known; 0: not yet."""
        return (self.main.rows if self.main is not None else self._sub_rows) or 0

    def track_of(self, reading: FrameReading, time: Time) -> Track | None:
        """The track that a plate found by itself belongs to, begun at the present `time` when there is none."""
        box = _vehicle_of(reading.plate_box)
        for track in self.tracker.tracks:
            if track.box.holds(*reading.plate_box.middle):
                return track
        seen = self.tracker.update([Detection(box, "car", reading.text.confidence)], time).seen
        return seen[0] if seen else None

    def rest(self) -> None:
        """Nothing is there to be read: let the main stream's decoder and its pictures go."""
        if self.main is not None and all(track.stands for track in self.tracker.tracks):
            self.main.rest()


def _region(chance: Chance, columns: int, rows: int) -> PixelBox:
    """The vehicle's box with a margin, in pixels; wider where it drives, for the two streams' clocks differ a little."""
    box, speed = chance.box, chance.track.speed
    across = _MARGIN * box.width + _BETWEEN_STREAMS_S * abs(speed[0] + speed[2]) / 2
    down = _MARGIN * box.height + _BETWEEN_STREAMS_S * abs(speed[1] + speed[3]) / 2
    return PixelBox(
        max(0.0, box.left - across) * columns,
        max(0.0, box.top - down) * rows,
        min(1.0, box.right + across) * columns,
        min(1.0, box.bottom + down) * rows,
    )


def _part(frame: FrameLike, region: PixelBox, zones: PictureZones) -> tuple[Picture, Box]:
    """A region's colours, blank where nobody looks, and its place in shares of the picture."""
    rows, columns = frame.luma.shape[:2]
    left, top = int(region.left) // 2 * 2, int(region.top) // 2 * 2
    part = frame.part(left, top, int(np.ceil(region.right)), int(np.ceil(region.bottom)))
    place = Box(left / columns, top / rows, (left + part.shape[1]) / columns, (top + part.shape[0]) / rows)
    return zones.hide(part, place), place


def _vehicle_of(plate: Box) -> Box:
    (x, y), height, half = plate.middle, plate.height, plate.width * _VEHICLE_WITHOUT_DETECTOR / 2
    return Box(max(0.0, x - half), max(0.0, y - 6 * height), min(1.0, x + half), min(1.0, y + 3 * height))


def _aside(box: Box, plate: Box) -> float:
    """How far a plate is from a vehicle's middle line, in shares of the vehicle's width."""
    return abs(plate.middle[0] - box.middle[0]) / max(1e-6, box.width)
