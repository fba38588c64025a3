"""Vehicles that drive through the town, as the plate readers of its cameras tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.base.time import after
from istros.devices.camera import Camera
from istros.store import Database
from istros.store.rows import PlateReadRow

_LETTERS = "ABCEHIKMOPTX"
_DOUBTS = {
    "0": "O",
    "O": "0",
    "8": "B",
    "B": "8",
    "1": "I",
    "I": "1",
    "C": "G",
    "M": "H",
}


def ukrainian_plate(random: Random) -> str:
    """A well-formed Ukrainian plate of the 2015 series for Odesa oblast, e.g. BH4821CK."""
    return f"BH{random.randrange(1, 10_000):04d}{random.choice(_LETTERS)}{random.choice(_LETTERS)}"


@dataclass(slots=True)
class Traffic:
    """One vehicle after another at each camera; a share of reads has one letter wrong."""

    environment: Environment
    database: Database
    seed: str
    plates: Sequence[str]
    every_s: float = 40.0
    wrong_share: float = 0.05
    passed: int = 0

    async def drive(self, camera: Camera, until_s: float) -> None:
        """Vehicles at one camera until the given moment of the town's elapsed time."""
        random = Random(f"{self.seed}/traffic/{camera.id}")
        clock = self.environment.clock
        while clock.elapsed() < until_s:
            await clock.sleep(random.expovariate(1 / self.every_s))
            await self._tell(self._read(camera, random))
            self.passed += 1

    async def _tell(self, read: PlateReadRow) -> None:
        await self.database.write(lambda tx: tx.reads.add(read))

    def _read(self, camera: Camera, random: Random) -> PlateReadRow:
        true = random.choice(self.plates)
        text = _misread(true, random) if random.random() < self.wrong_share else true
        now = self.environment.clock.now()
        return PlateReadRow(
            id=self.environment.ids.new(),
            camera_id=camera.id,
            time=now,
            track_id=f"{camera.id}-{self.passed}",
            text=text,
            folded=fold(text),
            country="UA",
            confidence=round(random.uniform(0.5, 0.99), 3),
            alternatives=((true, 0.2),) if text != true else (),
            plate_box=(0.4, 0.6, 0.5, 0.64),
            vehicle_box=(0.3, 0.3, 0.6, 0.7),
            vehicle_class="car",
            frames_read=3,
            plate_width_px=120,
            first_seen=after(now, -2),
            last_seen=now,
        )


def _misread(plate: str, random: Random) -> str:
    place = random.randrange(len(plate))
    return plate[:place] + _DOUBTS.get(plate[place], "7") + plate[place + 1 :]
