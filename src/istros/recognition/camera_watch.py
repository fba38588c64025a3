"""One camera's eyes: decodes, gates, detects, tracks and reads plates. Plain code that runs in a worker, one call at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import hypot

import cv2
import numpy as np

from istros.base.time import SECOND, Time
from istros.recognition.detector import VEHICLES, StreetDetector, is_dark
from istros.recognition.main_pictures import DecoderLike, FrameLike, MainPictures
from istros.recognition.motion import MotionGate
from istros.recognition.observation import Box, Detection, PlateText, overlap
from istros.recognition.picture import Picture
from istros.recognition.picture_health import PictureHealth, PictureMeasures
from istros.recognition.plates.reader import PixelBox, PlateReadCandidate, PlateReader
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.tracker import Track, Tracker
from istros.video.packet import CodecParameters, Packet

CROP_BYTES = 8000
_MARGIN = 0.06
_MOST_SIDE, _LEAST_SIDE = 640, 256
_DETECTION_SCORE = 0.25
_VEHICLE_WITHOUT_DETECTOR = 4.0
"""A plate found by itself at night stands for a vehicle this many plates wide."""
_SAME_PLACE = 0.7
_STANDING, _SLOW = 0.4, 0.02
"""A standing vehicle's share of a driving one's urgency; below this speed (shares of the picture a second) it stands."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a camera gave: `analysed` is False where nothing moved or nothing could be decoded."""

    time: Time | None
    analysed: bool
    seen: tuple[Track, ...] = ()
    ended: tuple[Track, ...] = ()
    dark: bool = False
    picture: PictureMeasures | None = None
    """How healthy the picture is, about once a second."""


@dataclass(slots=True)
class CameraWatch:
    """The state of one camera's analysis."""

    policy: AnalysisPolicy
    detector: StreetDetector
    reader: PlateReader | None
    new_decoder: Callable[[CodecParameters], DecoderLike]
    new_id: Callable[[], str]
    main: MainPictures | None
    """None where the analysed stream is the one to read plates from."""
    tracker: Tracker = field(init=False)
    readings: dict[str, TrackReading] = field(default_factory=dict)
    picture: PictureHealth | None = None
    _decoder: DecoderLike | None = None
    _frame: FrameLike | None = None
    _gate: MotionGate = field(default_factory=MotionGate)
    _looked: Time | None = None

    def __post_init__(self) -> None:
        self.tracker = Tracker(self.new_id)

    def look(self, packets: list[Packet]) -> Sight:
        """Decode the packets (all of them: each needs the one before) and analyse the last picture."""
        frame = self._decoded(packets)
        if frame is None:
            return Sight(None, analysed=False)
        measures = None if self.picture is None else self.picture.see(frame.luma, frame.time)
        return replace(self._analyse(frame), picture=measures)

    def _analyse(self, frame: FrameLike) -> Sight:
        change = self._gate.see(frame.luma)
        # After a cut nothing in the picture is what was followed before it.
        cut_off = self.tracker.close() if change.cut else ()
        waited = None if self._looked is None else (frame.time - self._looked) / SECOND
        due = waited is None or (bool(self.tracker.tracks) and waited >= self.policy.idle_check_s)
        if not change.moved and not due:
            return self._without_motion(frame.time)
        self._looked = frame.time
        dark = is_dark(frame.luma)
        tracked = self.tracker.update(self.detector.detect(frame.bgr(), _DETECTION_SCORE), frame.time)
        return Sight(frame.time, True, tracked.seen, (*cut_off, *tracked.ended), dark)

    def _without_motion(self, time: Time) -> Sight:
        """Nothing moved: what was seen at the last look is still there."""
        for track in self.tracker.tracks:
            if track.last_seen == self._looked:
                track.last_seen = time
                track.speed = (0.0, 0.0, 0.0, 0.0)
        self._looked = time if any(track.last_seen == time for track in self.tracker.tracks) else self._looked
        return Sight(time, analysed=False)

    def _decoded(self, packets: list[Packet]) -> FrameLike | None:
        self._decoder = self._decoder or self.new_decoder(packets[0].parameters)
        newest = None
        for packet in packets:
            newest = self._decoder.decode(packet) or newest
        self._frame = newest or self._frame
        return newest

    def forget_decoders(self) -> None:
        """After a loss or a damaged packet: begin anew at the next keyframe."""
        self._decoder, self._frame = None, None
        if self.main is not None:
            self.main.forget()

    def best_chance(self, tracks: list[Track], time: Time, read_times: dict[str, Time]) -> Track | None:
        """The vehicle whose plate is worth reading now: near, not cut by the picture's edge, not read lately."""
        worth = {track.id: self._worth(track, time, read_times) for track in tracks}
        best = max(tracks, key=lambda track: worth[track.id], default=None)
        return best if best is not None and worth[best.id] > 0 else None

    def _worth(self, track: Track, time: Time, read_times: dict[str, Time]) -> float:
        if track.label not in VEHICLES:
            return 0.0
        reading = self.readings.get(track.id)
        if reading is not None and reading.is_good_enough():
            return 0.0
        last = read_times.get(track.id)
        waited = 2.0 if last is None else (time - last) / SECOND
        tries = 0 if reading is None else reading.frames_read + reading.vain
        if reading is not None and _is_hopeless(reading, track.box, waited):
            return 0.0
        cut_off = track.box.bottom > 0.995 and track.box.top < 0.3
        patience = (0.3 if cut_off else 1.0) * (_STANDING if _stands(track) else 1.0)
        return (track.box.right - track.box.left) * min(waited, 2.0) / (1 + 0.3 * tries) * patience

    def read_plate(self, track: Track, time: Time) -> FrameReading | None:
        """Look for the plate of a tracked vehicle in the sharpest stream."""
        picture = self._plate_picture(time)
        if picture is None or self.reader is None:
            return None
        rows, columns = picture.shape[:2]
        region = _region(track.box, columns, rows)
        width = region.right - region.left
        if width < self.policy.least_vehicle_px:
            return None
        side = int(min(_MOST_SIDE, max(_LEAST_SIDE, np.ceil(max(width, region.bottom - region.top) / 32) * 32)))
        found = self.reader.read(picture, region, sides=(side,))
        return _frame_reading(found[0], picture, track.box, time) if found else None

    def search_whole(self, time: Time) -> list[FrameReading]:
        """Look for plates in the whole picture: at night the detector misses vehicles whose plates can be read."""
        picture = self._plate_picture(time)
        if picture is None or self.reader is None:
            return []
        found = self.reader.read(picture, sides=(_MOST_SIDE,))
        return [_frame_reading(candidate, picture, None, time) for candidate in found]

    def _plate_picture(self, time: Time) -> Picture | None:
        frame = self._frame if self.main is None else self.main.picture_at(time)
        return None if frame is None else frame.bgr()

    def track_of(self, reading: FrameReading) -> Track | None:
        """The track that a plate found by itself belongs to, begun when there is none."""
        box = _vehicle_of(reading.plate_box)
        for track in self.tracker.tracks:
            if _contains(track.box, reading.plate_box):
                return track
        seen = self.tracker.update([Detection(box, "car", reading.text.confidence)], reading.time).seen
        return seen[0] if seen else None


def _stands(track: Track) -> bool:
    """Whether a vehicle is parked or waits: it can be read later, one that drives cannot."""
    left, top, right, bottom = track.speed
    return track.hits > 3 and hypot(left + right, top + bottom) / 2 < _SLOW


def _is_hopeless(reading: TrackReading, box: Box, waited_s: float) -> bool:
    """Whether a vehicle that shows no plate stands where it stood: it is tried again ever more rarely."""
    if reading.vain_box is None or reading.vain < 2 or overlap(reading.vain_box, box) < _SAME_PLACE:
        return False
    return waited_s < min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0**reading.vain)


def _region(box: Box, columns: int, rows: int) -> PixelBox:
    margin_x, margin_y = _MARGIN * (box.right - box.left), _MARGIN * (box.bottom - box.top)
    return PixelBox(
        max(0.0, box.left - margin_x) * columns,
        max(0.0, box.top - margin_y) * rows,
        min(1.0, box.right + margin_x) * columns,
        min(1.0, box.bottom + margin_y) * rows,
    )


def _vehicle_of(plate: Box) -> Box:
    width, height = plate.right - plate.left, plate.bottom - plate.top
    x, y = (plate.left + plate.right) / 2, (plate.top + plate.bottom) / 2
    half = width * _VEHICLE_WITHOUT_DETECTOR / 2
    return Box(max(0.0, x - half), max(0.0, y - 6 * height), min(1.0, x + half), min(1.0, y + 3 * height))


def _contains(box: Box, plate: Box) -> bool:
    x, y = (plate.left + plate.right) / 2, (plate.top + plate.bottom) / 2
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _frame_reading(found: PlateReadCandidate, picture: Picture, vehicle: Box | None, time: Time) -> FrameReading:
    rows, columns = picture.shape[:2]
    box = found.box
    width = box.right - box.left
    crop = _part(picture, box)
    return FrameReading(
        time=time,
        text=PlateText(found.text, found.confidence, found.country),
        characters=found.characters,
        alternatives=tuple(PlateText(text, confidence) for text, confidence in found.alternatives),
        plate_box=Box(box.left / columns, box.top / rows, box.right / columns, box.bottom / rows),
        vehicle_box=vehicle,
        width_px=round(width),
        quality=quality_of(crop),
        crop_jpeg=crop_jpeg(crop),
    )


def _part(picture: Picture, box: PixelBox) -> Picture:
    rows, columns = picture.shape[:2]
    margin = 0.12 * (box.right - box.left)
    left, right = max(0, int(box.left - margin)), min(columns, int(box.right + margin) + 1)
    top, bottom = max(0, int(box.top - margin)), min(rows, int(box.bottom + margin) + 1)
    return picture[top:bottom, left:right]


def quality_of(crop: Picture) -> float:
    """0 to 1 from a plate's width and its sharpness (variance of the Laplacian, J. Pech-Pacheco et al., 2000)."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    size = min(1.0, crop.shape[1] / 1.24 / 120)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var()) / float(grey.var() + 25.0)
    return float(size * (0.4 + 0.6 * min(1.0, sharpness)))


def crop_jpeg(crop: Picture) -> bytes:
    """The plate's picture as JPEG of at most `CROP_BYTES` bytes."""
    widest = 240
    if crop.shape[1] > widest:
        height = max(1, round(crop.shape[0] * widest / crop.shape[1]))
        crop = np.asarray(cv2.resize(crop, (widest, height), interpolation=cv2.INTER_AREA), np.uint8)
    for quality in (85, 70, 50, 30, 10):
        done, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and data.nbytes <= CROP_BYTES:
            return data.tobytes()
    return b""
