"""Renders a scene into two clips and their ground truth: `python -m istros.sim.city.render --scene NAME --out FOLDER`.

Frames are kept in a folder beside the clips until the clips are done, so that a render that was stopped goes on where
it was. The main stream is 1920x1080 at 25 frames a second, the sub stream 640x360 at 10; both are made of frames drawn
for exactly their times.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.base.errors import IstrosError
from istros.sim.city.catalogue import build, scene_names
from istros.sim.city.lens import Rain, glare
from istros.sim.city.renderer import SHADERS, Renderer, context
from istros.sim.city.scene import Scene
from istros.sim.city.truth import Witness, truth
from istros.video.encode import Coding, encode_h264

TICKS = 50
"""Frames are numbered in fiftieths of a second: the main stream takes every second, the sub stream every fifth."""
MAIN_FPS, SUB_FPS = 25, 10
SUB_SIZE = (640, 360)
NUDGE = 2e-5
"""Seconds that a frame on which the driver hung is drawn later."""
SETUP_PATIENCE_S, FRAME_PATIENCE_S = 100.0, 25.0
Progress = Callable[[int, int], None]
"""Called with frames done and frames in all."""


class RenderingStopped(IstrosError):
    """The drawing process failed."""

    code = "rendering_stopped"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of one scene."""

    main: Path
    sub: Path
    truth: Path


def _ticks(seconds: float) -> list[int]:
    last = round(seconds * TICKS)
    return sorted({*range(0, last, TICKS // MAIN_FPS), *range(0, last, TICKS // SUB_FPS)})


def _recipe(scene: Scene) -> str:
    """A fingerprint of everything that decides how frames look, so that old frames are not mixed with new ones."""
    digest = hashlib.sha256(scene.still.tobytes() + scene.atlas.tobytes())
    for layer in scene.plan.pictures():
        digest.update(layer.tobytes())
    for shader in sorted(SHADERS.iterdir()):
        digest.update(shader.read_bytes())
    digest.update(repr((scene.camera, scene.weather, scene.lights, scene.seconds)).encode())
    for thing in scene.things:
        poses = [thing.pose(time, scene.seconds) for time in np.arange(0, scene.seconds, 0.5)]
        digest.update(repr((thing.id, thing.size, poses)).encode())
    return digest.hexdigest()


def _load(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path))
    assert picture is not None, path
    return np.ascontiguousarray(picture[..., ::-1], np.uint8)


def _draw(name: str, seed: int, folder: Path, ticks: list[int]) -> None:
    """Draws the frames that are not in the folder yet, and keeps the still city's distances with them."""
    scene = build(name, seed)
    renderer = Renderer(scene)
    np.save(folder / "distance.npy", renderer.still_distance().astype(np.float16))
    rain = Rain(scene.weather, scene.seed, (scene.camera.width, scene.camera.height), scene.seconds)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 96, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    for tick in ticks:
        if (folder / f"{tick:05d}.jpg").exists():
            continue
        nudges = len(list(folder.glob(f"nudge-{tick}-*")))
        picture = glare(renderer.frame(tick / TICKS + nudges * NUDGE), scene.weather.lamps)
        picture = rain.fall(picture, tick / TICKS)
        partial = folder / "partial.jpg"
        cv2.imwrite(str(partial), picture[..., ::-1], quality)
        partial.replace(folder / f"{tick:05d}.jpg")


def _frames(scene: Scene, folder: Path, ticks: list[int], progress: Progress) -> None:
    """Has a process of its own draw the frames, and starts another when it hangs.

    Mesa 22.3's llvmpipe now and then never returns from a multisampled draw of a far, tiny triangle. A nudge of
    hundredths of a millisecond moves the triangle and frees it.
    """
    again = get_context("spawn")

    def done() -> int:
        return sum((folder / f"{tick:05d}.jpg").exists() for tick in ticks)

    while done() < len(ticks) or not (folder / "distance.npy").exists():
        process = again.Process(target=_draw, args=(scene.name, scene.seed, folder, ticks), daemon=True)
        process.start()
        before, patience = done(), SETUP_PATIENCE_S
        while process.is_alive():
            process.join(patience)
            now, patience = done(), FRAME_PATIENCE_S
            progress(now, len(ticks))
            if now == before:
                break
            before = now
        if process.is_alive():
            process.kill()
            process.join()
            stuck = next(tick for tick in ticks if not (folder / f"{tick:05d}.jpg").exists())
            count = len(list(folder.glob(f"nudge-{stuck}-*")))
            (folder / f"nudge-{stuck}-{count}").touch()
        elif process.exitcode:
            raise RenderingStopped(
                f"The process that draws the scene {scene.name} ended with code {process.exitcode}.",
                "Read what it wrote above; a machine without OpenGL cannot draw.",
            )
    progress(len(ticks), len(ticks))


def _prepare(folder: Path, scene: Scene) -> None:
    recipe = _recipe(scene)
    note = folder / "recipe"
    if folder.exists() and (not note.exists() or note.read_text() != recipe):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(recipe)


def render_scene(
    name: str,
    seed: int,
    out: Path,
    seconds: float | None = None,
    quality: float = 27.0,
    keep_frames: bool = False,
    progress: Progress = lambda done, total: None,
) -> Rendered:
    """Renders a scene into `out`: NAME_main.mp4, NAME_sub.mp4 and NAME.json.

    The clip lasts one round of the scene, after which everything repeats without a seam, or `seconds` if given (then
    it ends where it ends). Raises `renderer.NoOpenGL` on a machine without OpenGL and `catalogue.UnknownScene`.
    """
    scene = build(name, seed)
    length = seconds or scene.seconds
    ticks = _ticks(length)
    folder = out / f"{name}-frames"
    context().release()  # a machine without OpenGL says so before anything is made
    _prepare(folder, scene)
    _frames(scene, folder, ticks, progress)
    result = Rendered(out / f"{name}_main.mp4", out / f"{name}_sub.mp4", out / f"{name}.json")

    def pictures(fps: int) -> Iterator[NDArray[np.uint8]]:
        return (_load(folder / f"{tick:05d}.jpg") for tick in range(0, round(length * TICKS), TICKS // fps))

    small = (cv2.resize(picture, SUB_SIZE, interpolation=cv2.INTER_AREA) for picture in pictures(SUB_FPS))
    encode_h264((np.asarray(picture, np.uint8) for picture in small), result.sub, Coding(SUB_FPS, SUB_FPS, quality - 2))
    encode_h264(pictures(MAIN_FPS), result.main, Coding(MAIN_FPS, 2 * MAIN_FPS, quality))
    witness = Witness(scene, np.load(folder / "distance.npy").astype(np.float32))
    sightings = [witness.look(number / MAIN_FPS) for number in range(round(length * MAIN_FPS))]
    result.truth.write_text(json.dumps(truth(scene, MAIN_FPS, sightings), separators=(",", ":")) + "\n")
    if not keep_frames:
        shutil.rmtree(folder)
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m istros.sim.city.render", description="Render a simulated camera.")
    parser.add_argument("--scene", required=True, choices=scene_names(), help="which scene")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same clip")
    parser.add_argument("--seconds", type=float, help="length; one full round, which loops without a seam, if left out")
    parser.add_argument("--quality", type=float, default=27.0, help="x264 CRF of the main stream, lower is better")
    parser.add_argument("--out", type=Path, required=True, help="folder for the clips and the ground truth")
    parser.add_argument("--keep-frames", action="store_true", help="keep the frames' folder")
    return parser.parse_args()


def main() -> int:
    """The command; 0 when the clips are written, 1 with one clear sentence otherwise."""
    arguments = _arguments()

    def progress(done: int, total: int) -> None:
        sys.stderr.write(f"{arguments.scene}: {done} of {total} frames\n")

    try:
        rendered = render_scene(
            arguments.scene,
            arguments.seed,
            arguments.out,
            arguments.seconds,
            arguments.quality,
            arguments.keep_frames,
            progress,
        )
    except IstrosError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{rendered.main}\n{rendered.sub}\n{rendered.truth}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
