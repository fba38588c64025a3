"""What a camera learns of its vehicles over their tracks: class, colour, where they drove and how long they stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast, get_args

from istros.base.time import SECOND, Time
from istros.recognition.car_scale import CarScale, whole_boxes
from istros.recognition.colour_names import ColourName
from istros.recognition.detector import VEHICLES, is_dark
from istros.recognition.direction import direction_of, heading_of
from istros.recognition.observation import VehicleClass, VehicleSeen
from istros.recognition.picture import Picture
from istros.recognition.tracker import Track
from istros.recognition.vehicle_class import judge
from istros.recognition.vehicle_colour import colour_of, look_at_colour

LEAST_HITS = 3
"""Sights from which a track is a vehicle's passage."""
_MOST_COLOUR_LOOKS = 6
_BETWEEN_COLOUR_LOOKS = SECOND // 2
_LEAST_WIDTH = 0.04
"""Share of the picture's width below which a vehicle's colour is mostly its surroundings'."""


@dataclass(slots=True)
class _Look:
    """What was gathered of one track."""

    colours: Counter[ColourName] = field(default_factory=Counter)
    colour_looks: int = 0
    last_colour: Time | None = None
    last_look: Time | None = None
    stood_us: int = 0


class VehicleLooks:
    """One camera's; `see` at every look, `passage` when a track ended."""

    def __init__(self, camera_id: str, new_id: Callable[[], str], bearing: float | None = None) -> None:
        self._camera_id = camera_id
        self._new_id = new_id
        self._bearing = bearing
        self._scale = CarScale()
        self._looks: dict[str, _Look] = {}

    def see(self, picture: Picture, tracks: tuple[Track, ...], time: Time) -> None:
        """Note how the vehicles look in a BGR picture and which of them stand; in the dark no colour is told."""
        vehicles = [track for track in tracks if track.label in VEHICLES]
        dark = bool(vehicles) and is_dark(picture)
        for track in vehicles:
            look = self._looks.setdefault(track.id, _Look())
            if track.stands and look.last_look is not None:
                look.stood_us += time - look.last_look
            look.last_look = time
            if not dark and self._is_worth_a_look(track, look, time):
                look.colours += look_at_colour(picture, track.box)
                look.colour_looks += 1
                look.last_colour = time

    def _is_worth_a_look(self, track: Track, look: _Look, time: Time) -> bool:
        if look.colour_looks >= _MOST_COLOUR_LOOKS or track.box.right - track.box.left < _LEAST_WIDTH:
            return False
        waited = look.last_colour is None or time - look.last_colour >= _BETWEEN_COLOUR_LOOKS
        boxes = whole_boxes(track)
        return waited and bool(boxes) and boxes[-1] == track.box

    def class_of(self, track: Track) -> VehicleClass | None:
        """What the track is, as far as it is a vehicle."""
        judgement = judge(track, self._scale)
        is_vehicle = judgement is not None and judgement.thing in get_args(VehicleClass)
        return cast("VehicleClass", judgement.thing) if judgement is not None and is_vehicle else None

    def colour_of(self, track_id: str) -> ColourName | None:
        """The track's colour, as far as it is known."""
        look = self._looks.get(track_id)
        found = None if look is None else colour_of(look.colours)
        return None if found is None else found[0]

    def looked_at(self, track_id: str) -> bool:
        """Whether its colour was looked at at all: large, whole and light enough."""
        look = self._looks.get(track_id)
        return look is not None and look.colour_looks > 0

    def forget(self, track_id: str) -> None:
        """A track that is over without a word."""
        self._looks.pop(track_id, None)

    def passage(self, track: Track) -> VehicleSeen | None:
        """The observation of a track that ended, which is forgotten with it; None where it is no vehicle's."""
        self._scale.learn(track)
        look = self._looks.get(track.id) or _Look()
        judgement, vehicle_class, colour = judge(track, self._scale), self.class_of(track), self.colour_of(track.id)
        self._looks.pop(track.id, None)
        if judgement is None or vehicle_class is None or track.hits < LEAST_HITS:
            return None
        direction = direction_of(track)
        return VehicleSeen(
            id=self._new_id(),
            camera_id=self._camera_id,
            track_id=track.id,
            first_seen=track.first_seen,
            last_seen=track.last_seen,
            vehicle_class=vehicle_class,
            class_confidence=round(judgement.confidence, 3),
            colour=colour,
            direction=direction,
            heading=heading_of(direction, self._bearing),
            stood_s=round(look.stood_us / SECOND, 1),
            box=track.largest_box,
            box_time=track.largest_at,
        )
