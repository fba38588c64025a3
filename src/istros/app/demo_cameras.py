"""Which cameras a demo shows: clips of the simulated city, or anybody's films."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from istros.base.errors import IstrosError
from istros.sim.clips import Clip, clips
from istros.video.files import prepare_clip

OWNERS = {
    "Izmail": "Executive committee of Izmail city council",
    "Tulcea": "Tulcea municipality",
}
SOUGHT_AT_MOST = 1
"""Plates a camera puts on the watchlist: an alarm within a minute, and not so many as to drown in them."""
STEERED = 2
"""So many cameras, from the first, can be steered and tell of what they notice."""


class NoFilms(IstrosError):
    """None of the given files can become a camera."""

    code = "no-films"


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A simulated camera with the clips it serves; `sought` are plates for the watchlist."""

    id: str
    name: str
    town: str
    owner: str
    main: Path
    sub: Path
    reads_plates: bool
    fps_main: float
    fps_sub: float
    sought: tuple[str, ...] = ()
    onvif: bool = False
    """Whether it can be steered and tells of events."""


def city_cameras(count: int) -> list[DemoCamera]:
    """`count` cameras over the committed clips; past the last clip they begin again under other names."""
    scenes = clips()
    return [_city_camera(scenes[number % len(scenes)], number, len(scenes)) for number in range(count)]


def _city_camera(clip: Clip, number: int, scenes: int) -> DemoCamera:
    prefix = "IZ" if clip.town == "Izmail" else "TL"
    camera = DemoCamera(
        id=f"{prefix}-{number + 1:02d}",
        name=clip.place,
        town=clip.town,
        owner=OWNERS[clip.town],
        main=clip.main_path,
        sub=clip.sub_path,
        reads_plates=clip.reads_plates,
        fps_main=25.0,
        fps_sub=10.0,
        onvif=number < STEERED,
    )
    if number >= scenes:
        return replace(camera, name=f"{clip.place} ({number // scenes + 1})")
    return replace(camera, sought=_sought(clip)) if clip.reads_plates else camera


def _sought(clip: Clip) -> tuple[str, ...]:
    """The plates of the clip that are widest in the picture."""
    truth = json.loads(clip.truth_path.read_text(encoding="utf-8"))
    widest: dict[str, float] = {}
    for vehicle in truth["vehicles"]:
        widths = [frame["plate_width_px"] for frame in vehicle["frames"] if frame.get("plate_width_px")]
        if vehicle.get("plate") and widths:
            widest[vehicle["plate"]] = max(widths)
    return tuple(sorted(widest, key=lambda plate: -widest[plate])[:SOUGHT_AT_MOST])


def film_cameras(paths: Sequence[Path], folder: Path, say: Callable[[str], None]) -> list[DemoCamera]:
    """One camera a film or folder of pictures, made into H.264 clips where need be. Raises NoFilms."""
    cameras: list[DemoCamera] = []
    for path in paths:
        say(f"Preparing {path.name} …")
        try:
            clip = prepare_clip(path, folder)
        except IstrosError as error:
            say(f"  left out: {error}")
            continue
        cameras.append(
            DemoCamera(
                id=f"V-{len(cameras) + 1:02d}",
                name=path.resolve().stem,
                town="Izmail",
                owner=OWNERS["Izmail"],
                main=clip.main,
                sub=clip.sub,
                reads_plates=True,
                fps_main=clip.main_fps,
                fps_sub=clip.sub_fps,
            )
        )
    if not cameras:
        raise NoFilms(
            "None of the given files can become a camera.",
            "Give films (MP4, AVI, MKV) or pictures.",
        )
    return cameras
