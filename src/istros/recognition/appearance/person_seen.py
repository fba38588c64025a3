"""What one camera saw of one person from afar: an observation, made of all the frames of a track."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from istros.base.time import Time
from istros.recognition.appearance.clothes import ClothesLook, clothes_in
from istros.recognition.colour_names import ColourName, light_of
from istros.recognition.direction import direction_of
from istros.recognition.faces.age_sex import AgeSex
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.tracker import Track
from istros.store.rows import Direction

Bag = Literal["backpack", "handbag", "suitcase"]
BAGS: frozenset[str] = frozenset(get_args(Bag))

LEAST_SHARE = 0.2
"""Colours with less than this share are not named: they are shadows, skin and what is behind."""

_LEAST_LOOKS = 2
_LEAST_BAG_SHARE = 0.25
"""In so many of the looks a bag must be found: each find may be false, and a bag is hidden half of the time."""
_AROUND = 0.15


@dataclass(frozen=True, slots=True)
class ColourShare:
    """A colour of clothes and how much of them has it, 0 to 1."""

    name: ColourName
    share: float


@dataclass(frozen=True, slots=True)
class Appearance:
    """How somebody looks: colours (the largest first) of upper and lower clothes, and a bag; empty or None if not seen."""

    upper: tuple[ColourShare, ...]
    lower: tuple[ColourShare, ...]
    bag: Bag | None
    looks: int

    def agreement(
        self, upper: ColourName | None = None, lower: ColourName | None = None, bag: Bag | None = None
    ) -> float:
        """How well it fits what a witness said, 0 to 1: the mean share of the colours named, and whether the bag was seen.

        A bag that was not seen counts half, for bags are often hidden. 1 where nothing was asked.
        """
        parts = [
            max((each.share for each in colours if each.name == wanted), default=0.0)
            for colours, wanted in ((self.upper, upper), (self.lower, lower))
            if wanted is not None
        ]
        if bag is not None:
            parts.append(1.0 if self.bag == bag else 0.5 if self.bag is None else 0.0)
        return sum(parts) / len(parts) if parts else 1.0


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """The observation of one person by one camera over a track. It says nothing of who they are."""

    id: str
    camera_id: str
    track_id: str
    first_seen: Time
    last_seen: Time
    box: Box
    """Where the person was last."""
    height_px: int
    """The largest height at which they were seen."""
    direction: Direction | None
    appearance: Appearance | None
    """None where the profile forbids it, or nothing could be seen."""
    age_sex: AgeSex | None
    """None where the profile forbids it, or no face could be seen."""


class AppearanceLooks:
    """Gathers one track's appearance, frame by frame; near looks weigh more than far ones."""

    def __init__(self) -> None:
        self._upper: Counter[ColourName] = Counter()
        self._lower: Counter[ColourName] = Counter()
        self._bags: Counter[str] = Counter()
        self._looks = 0
        self.height_px = 0

    def add(self, look: ClothesLook, bags: Iterable[str]) -> None:
        """Take one frame's clothes and the labels of the bags that were found at the person."""
        for counts, shares in ((self._upper, look.upper), (self._lower, look.lower)):
            for name, share in shares.items():
                counts[name] += round(1000 * share * look.height_px)
        self._bags.update(set(bags))
        self._looks += 1
        self.height_px = max(self.height_px, look.height_px)

    def appearance(self) -> Appearance | None:
        """What was seen; None from fewer than two frames."""
        if self._looks < _LEAST_LOOKS:
            return None
        return Appearance(_named(self._upper), _named(self._lower), self._bag(), self._looks)

    def _bag(self) -> Bag | None:
        for bag in get_args(Bag):
            count = self._bags[bag]
            most = count == max(self._bags.values(), default=0)
            if count >= _LEAST_LOOKS and most and count >= _LEAST_BAG_SHARE * self._looks:
                found: Bag = bag
                return found
        return None


class AppearanceWatch:
    """The appearances of one camera's people; plain code that runs where the frames are."""

    def __init__(self, camera_id: str) -> None:
        self._camera_id = camera_id
        self._looks: dict[str, AppearanceLooks] = {}

    def see(self, frame: Picture, tracks: Iterable[Track], detections: Iterable[Detection]) -> None:
        """Look at the people among the tracks seen in a BGR frame; `detections` are all that were found in it."""
        people = [track for track in tracks if track.label == "person"]
        if not people:
            return
        light, bags = light_of(frame), [each for each in detections if each.label in BAGS]
        for track in people:
            look = clothes_in(frame, track.box, light)
            if look is not None:
                self._looks.setdefault(track.id, AppearanceLooks()).add(look, bags_of(track.box, bags))

    def ended(self, track: Track, new_id: str, age_sex: AgeSex | None = None) -> PersonSeen | None:
        """The observation of a person's track that has ended; None for other tracks and people who were never seen well."""
        looks = self._looks.pop(track.id, None)
        if looks is None or track.label != "person":
            return None
        return PersonSeen(
            id=new_id,
            camera_id=self._camera_id,
            track_id=track.id,
            first_seen=track.first_seen,
            last_seen=track.last_seen,
            box=track.box,
            height_px=looks.height_px,
            direction=direction_of(track),
            appearance=looks.appearance(),
            age_sex=age_sex,
        )


def bags_of(person: Box, bags: Iterable[Detection]) -> list[str]:
    """The labels of the bags whose middle lies at a person: in their box, or a little beside it."""
    around = _AROUND * (person.bottom - person.top)
    found = []
    for bag in bags:
        x, y = bag.box.middle
        if person.left - around <= x <= person.right + around and person.top <= y <= person.bottom + around / 2:
            found.append(bag.label)
    return found


def _named(counts: Counter[ColourName]) -> tuple[ColourShare, ...]:
    total = counts.total()
    shares = [ColourShare(name, count / total) for name, count in counts.most_common() if count >= LEAST_SHARE * total]
    return tuple(shares)
