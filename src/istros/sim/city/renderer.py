"""Draws a scene with OpenGL 3.3: the still city once, then per frame only the parts of the picture that change.

The still city is drawn many times with sub-pixel offsets and averaged, in three layers: with sun, without sun, and the
ground's own colour. For each frame the rectangles around moving things, their shadows and reflections are composed
again from these layers; everything else is the picture made at the start. Mesa's llvmpipe is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from istros.base.errors import IstrosError
from istros.sim.city.camera import FAR, NEAR, sun_matrix
from istros.sim.city.mesh import Material, Mesh
from istros.sim.city.patches import Patch, patches
from istros.sim.city.scene import Pose, Scene, Thing
from istros.sim.city.vehicles import shader_shapes

Picture = NDArray[np.uint8]
"""(rows, columns, 3) red, green, blue."""

SHADERS = Path(__file__).parent / "shaders"
LAYOUT = "3f 3f 3f 1f 4f 1f"
NAMES = ("position", "normal", "colour", "material", "local", "kind")
COARSE_FROM = 34.0
"""Metres from the camera beyond which vehicles are drawn with the coarse mesh."""
STILL_SHADOW, MOVING_SHADOW = 4096, 3072
OWN_PROGRAM = (Material.BODY, Material.FACADE, Material.GROUND)
"""Materials drawn by a program of their own; llvmpipe runs all branches of a shader, so one for all would be slow."""


@dataclass(frozen=True, slots=True)
class Drawable:
    """A mesh on the GPU: for each program its vertex array, first corner and count; and the whole for shadows."""

    pieces: tuple[tuple[Any, Any, int, int], ...]
    shadow: Any
    count: int


class NoOpenGL(IstrosError):
    """The machine has no OpenGL to render with."""

    code = "no_opengl"


def context() -> moderngl.Context:
    """A context without a window; NoOpenGL when the machine has none."""
    try:
        return moderngl.create_standalone_context(require=330, backend="egl")  # type: ignore[arg-type]
    except Exception as error:  # moderngl raises bare Exception for every failure of the driver
        raise NoOpenGL(
            "This machine has no OpenGL 3.3 to render the city with.",
            "Install Mesa's software renderer (Debian: libegl1 and libgl1-mesa-dri); the committed clips need none.",
        ) from error


def _source(name: str) -> str:
    lines = (SHADERS / name).read_text().splitlines()
    parts = [_source(f"{line.split()[1]}.glsl") if line.startswith("//include") else line for line in lines]
    return "\n".join(parts)


def _column_major(matrix: NDArray[np.float64]) -> bytes:
    return matrix.astype(np.float32).T.tobytes()


def _halton(index: int, base: int) -> float:
    value, share = 0.0, 1.0 / base
    while index:
        value, index, share = value + (index % base) * share, index // base, share / base
    return value


Drawn = tuple[Thing, Pose, Drawable]
"""A thing, where it is in this frame, and the mesh that shows it."""


def _set(programs: list[moderngl.Program], name: str, value: Any) -> None:
    for program in programs:
        if name in program:
            program[name] = value


def _render(mesh: Drawable) -> None:
    for _, array, first, count in mesh.pieces:
        array.render(vertices=count, first=first)


class Renderer:
    """One scene on one context; `passes` is how many times the still city is drawn to smooth its edges."""

    def __init__(self, scene: Scene, passes: int = 12) -> None:
        self._scene = scene
        self._size = (scene.camera.width, scene.camera.height)
        self._gl = context()
        self._gl.enable(moderngl.DEPTH_TEST)
        self._programs()
        self._textures()
        self._meshes: dict[tuple[str, int], Drawable] = {}
        self._mirrors = scene.weather.wet > 0 or scene.weather.lamps > 0.7
        self._draw_still(passes)
        self._targets()
        whole = Patch(0, 0, *self._size)
        self._base = np.zeros((self._size[1], self._size[0], 3), np.uint8)
        self._paint(self._base, [whole], [])
        self._base.setflags(write=False)

    def frame(self, time: float) -> Picture:
        """The picture at a time of the clip in seconds."""
        present = [
            (thing, pose)
            for thing in self._scene.things
            if thing.journey is not None and (pose := thing.pose(time, self._scene.seconds)) is not None
        ]
        drawn = [(thing, pose, self._buffer(thing, pose, time)) for thing, pose in present]
        picture = self._base.copy()
        where = patches(self._scene, present)
        if where:
            self._paint(picture, where, drawn)
        return picture

    def still_distance(self) -> NDArray[np.float32]:
        """Metres from the eye to the still city, (rows, columns): what hides things behind it."""
        depth = np.frombuffer(self._depth.read(alignment=1), np.float32).reshape(self._size[1], self._size[0])[::-1]
        forward = 2 * FAR * NEAR / (FAR + NEAR - (depth * 2 - 1) * (FAR - NEAR))
        x = (np.arange(self._size[0]) + 0.5) / self._size[0] * 2 - 1
        y = 1 - (np.arange(self._size[1]) + 0.5) / self._size[1] * 2
        tangent = np.tan(np.radians(self._scene.camera.field_of_view) / 2)
        slant = np.sqrt(1 + (x[None] * tangent) ** 2 + (y[:, None] * tangent * self._size[1] / self._size[0]) ** 2)
        return np.asarray(forward * slant, np.float32)

    # -- set-up ---------------------------------------------------------------------------------------------------

    def _program(self, vertex: str, fragment: str, common: bool = True, defines: str = "") -> moderngl.Program:
        head = f"#version 330\n{defines}{_source('common.glsl')}\n"
        vertex_text, fragment_text = _source(vertex), _source(fragment)
        if common:
            fragment_text = head + fragment_text
            vertex_text = vertex_text if vertex_text.startswith("#version") else head + vertex_text
        return self._gl.program(vertex_shader=vertex_text, fragment_shader=fragment_text)

    def _programs(self) -> None:
        kinds = [f"#define ONLY {int(material)}\n" for material in OWN_PROGRAM] + [""]
        self._surface = [self._program("surface.vert", "surface.frag", defines=kind) for kind in kinds]
        self._moving = [
            self._program("surface.vert", "surface.frag", defines="#define MOVING\n" + kind)
            for kind in (kinds[0], kinds[3])
        ]
        shadow = (SHADERS / "shadow.vert").read_text()
        self._shadow = self._gl.program(vertex_shader=shadow, fragment_shader="#version 330\nvoid main() {}")
        self._sky = self._program("screen.vert", "sky.frag")
        self._add = self._program("screen.vert", "accumulate.frag", common=False)
        self._composite = self._program("screen.vert", "composite.frag")
        self._develop = self._program("screen.vert", "develop.frag")
        scene, weather = self._scene, self._scene.weather
        view = scene.camera.matrix()
        sun = sun_matrix(weather.sun_direction, scene.shadow_centre, scene.shadow_radius)
        direction = np.array(weather.sun_direction) / np.linalg.norm(weather.sun_direction)
        values: dict[str, Any] = {
            "eye": scene.camera.eye, "sun_direction": tuple(direction), "sun_colour": weather.sun_colour,
            "zenith": weather.zenith, "horizon": weather.horizon, "wet": weather.wet, "fog": weather.fog,
            "lamp": weather.lamps, "exposure": weather.exposure, "size": self._size, "flip": 1.0, "jitter": (0.0, 0.0),
            "light_count": len(scene.lights), "shadow_still": 0, "shadow_moving": 1, "atlas": 2, "plan_kind": 3,
            "plan_paint": 4, "pose": (0.0, 0.0, 0.0, 0.0), "spin": 0.0,
            "plan_box": (*scene.plan.box[:2], 1 / scene.plan.box[2], 1 / scene.plan.box[3]),
        }  # fmt: skip
        lamps = [(*lamp[:3], lamp[3] * weather.lamps * 0.35) for lamp in scene.lights]
        lamps += [(0.0, 0.0, 0.0, 0.0)] * (12 - len(lamps))
        back: NDArray[np.float64] = np.asarray(np.linalg.inv(view), np.float64)
        blocks = {
            "view": _column_major(view), "sun_view": _column_major(sun), "view_back": _column_major(back),
            "shapes": shader_shapes().tobytes(), "lights": np.array(lamps, np.float32).tobytes(),
        }  # fmt: skip
        for program in (*self._surface, *self._moving, self._shadow, self._sky, self._composite, self._develop):
            for name in program:
                if name in values:
                    program[name].value = values[name]  # type: ignore[union-attr]
                elif name in blocks:
                    program[name].write(blocks[name])  # type: ignore[union-attr]

    def _textures(self) -> None:
        atlas = self._scene.atlas
        self._atlas = self._gl.texture(atlas.size, 3, atlas.tobytes())
        kind, paint = self._scene.plan.pictures()
        self._plan = [self._gl.texture((layer.shape[1], layer.shape[0]), 4, layer.tobytes()) for layer in (kind, paint)]
        for texture in (self._atlas, *self._plan):
            texture.build_mipmaps()
        self._atlas.anisotropy = 4.0
        for texture in self._plan:
            texture.repeat_x = texture.repeat_y = False

    def _depth_map(self, side: int) -> tuple[moderngl.Texture, moderngl.Framebuffer]:
        texture = self._gl.depth_texture((side, side))
        texture.compare_func = "<="
        texture.repeat_x = texture.repeat_y = False
        return texture, self._gl.framebuffer(depth_attachment=texture)

    def _colour(self, size: tuple[int, int] | None = None, kind: str = "f2") -> moderngl.Texture:
        return self._gl.texture(size or self._size, 4, dtype=kind)

    def _draw_sky(self) -> None:
        self._gl.disable(moderngl.DEPTH_TEST)
        self._gl.vertex_array(self._sky, []).render(vertices=3)
        self._gl.enable(moderngl.DEPTH_TEST)

    def _bind(self) -> None:
        for unit, texture in enumerate((self._shadow_still, self._shadow_moving, self._atlas, *self._plan)):
            texture.use(unit)

    def _draw_still(self, passes: int) -> None:
        gl = self._gl
        still = self._upload(self._scene.still, self._surface)
        self._shadow_still, target = self._depth_map(STILL_SHADOW)
        self._shadow_moving, self._shadow_target = self._depth_map(MOVING_SHADOW)
        target.use()
        target.clear()
        still.shadow.render(vertices=still.count)
        self._shadow_target.clear()
        one = [self._colour() for _ in range(3)]
        self._depth = gl.depth_texture(self._size)
        self._depth.compare_func = ""
        self._depth.filter = (moderngl.NEAREST, moderngl.NEAREST)
        once = gl.framebuffer(one, self._depth)
        self._layers = [self._colour(kind="f4") for _ in range(3)]
        total = gl.framebuffer(self._layers)
        total.clear()
        add = gl.vertex_array(self._add, [])
        for number in range(passes, -1, -1):  # the last pass, without offset, leaves the depth
            once.use()
            once.clear()
            self._draw_sky()
            self._bind()
            offset = [(_halton(number, base) - 0.5) * 2 for base in (2, 3)] if number else [0.0, 0.0]
            _set(self._surface, "jitter", (offset[0] / self._size[0], offset[1] / self._size[1]))
            _render(still)
            if number:
                self._accumulate(total, one, add, 1 / passes)
        self._draw_mirror(still)

    def _accumulate(self, total: moderngl.Framebuffer, one: list[moderngl.Texture], add: Any, share: float) -> None:
        total.use()
        self._gl.disable(moderngl.DEPTH_TEST)
        self._gl.enable(moderngl.BLEND)
        self._gl.blend_func = moderngl.ONE, moderngl.ONE
        for unit, (name, texture) in enumerate(zip(("lit", "shaded", "albedo"), one, strict=True)):
            texture.use(unit)
            self._add[name] = unit
        self._add["share"] = share
        add.render(vertices=3)
        self._gl.disable(moderngl.BLEND)
        self._gl.enable(moderngl.DEPTH_TEST)

    def _draw_mirror(self, still: Drawable) -> None:
        """The still city as wet ground mirrors it, at half the size."""
        half = (self._size[0] // 2, self._size[1] // 2)
        self._mirror = self._colour(half)
        self._mirror_target = self._gl.framebuffer([self._mirror], self._gl.depth_texture(half))
        self._mirror_target.clear()
        if not self._mirrors:
            return
        self._mirror_still = self._gl.framebuffer([self._colour(half)], self._gl.depth_texture(half))
        self._mirror_still.use()
        self._mirror_still.clear()
        self._draw_sky()
        self._bind()
        _set(self._surface, "flip", -1.0)
        _render(still)
        self._gl.copy_framebuffer(self._mirror_target, self._mirror_still)

    def _upload(self, mesh: Mesh, programs: list[moderngl.Program]) -> Drawable:
        """Sorts the corners by program: the special ones first, all other materials last."""
        special = OWN_PROGRAM[: len(programs) - 1]
        group = np.full(len(mesh), len(special))
        for number, material in enumerate(special):
            group[mesh[:, 9] == material] = number
        ordered = np.ascontiguousarray(mesh[np.argsort(group, kind="stable")], np.float32)
        buffer = self._gl.buffer(ordered.tobytes())
        pieces, first = [], 0
        for number, program in enumerate(programs):
            count = int((group == number).sum())
            if count:
                array = self._gl.vertex_array(program, [self._content(program, buffer)])
                pieces.append((program, array, first, count))
            first += count
        pieces = [*pieces[-1:], *pieces[:-1]]  # what stands in front of walls and ground goes before them
        shadow = self._gl.vertex_array(self._shadow, [(buffer, "3f 48x", "position")])
        return Drawable(tuple(pieces), shadow, len(mesh))

    def _content(self, program: moderngl.Program, buffer: moderngl.Buffer) -> Any:
        names = [name if name in program else None for name in NAMES]
        layout = " ".join(
            part if name else f"{4 * int(part[0])}x" for part, name in zip(LAYOUT.split(), names, strict=True)
        )
        return (buffer, layout, *[name for name in names if name])

    def _targets(self) -> None:
        self._samples = self._gl.texture(self._size, 4, samples=4, dtype="f2")
        self._light = self._gl.framebuffer([self._samples], self._gl.depth_renderbuffer(self._size, samples=4))
        self._out = self._gl.framebuffer([self._gl.texture(self._size, 3)])
        self._compose = self._gl.vertex_array(self._composite, [])
        self._print = self._gl.vertex_array(self._develop, [])

    # -- frames ---------------------------------------------------------------------------------------------------

    def _buffer(self, thing: Thing, pose: Pose, time: float) -> Drawable:
        away = float(np.hypot(pose.x - self._scene.camera.eye[0], pose.y - self._scene.camera.eye[1]))
        number = (0 if away < COARSE_FROM else 1) if thing.wheel else thing.variant(pose, time)
        key = (thing.id, number)
        if key not in self._meshes:
            assert thing.mesh is not None
            self._meshes[key] = self._upload(thing.mesh(number), self._moving)
        return self._meshes[key]

    def _draw(self, drawn: list[Drawn]) -> None:
        for thing, pose, mesh in drawn:
            _set(self._moving, "pose", (pose.x, pose.y, pose.z, pose.turn))
            _set(self._moving, "spin", -pose.travelled / thing.wheel if thing.wheel else 0.0)
            _render(mesh)

    def _cast(self, drawn: list[Drawn]) -> None:
        self._shadow_target.use()
        self._shadow_target.clear()
        for _, pose, mesh in drawn:
            self._shadow["pose"] = (pose.x, pose.y, pose.z, pose.turn)
            mesh.shadow.render(vertices=mesh.count)

    def _place_vehicles(self, drawn: list[Drawn]) -> None:
        """Tells the composite shader where vehicles darken the ground and throw their lamps' light."""
        parked = [(thing, thing.parked) for thing in self._scene.things if thing.parked is not None]
        near = [(thing, pose) for thing, pose, _ in drawn if thing.wheel] + parked
        eye = self._scene.camera.eye
        near.sort(key=lambda entry: (entry[1].x - eye[0]) ** 2 + (entry[1].y - eye[1]) ** 2)
        places, sizes = np.zeros((24, 4), np.float32), np.zeros((24, 4), np.float32)
        for row, (thing, pose) in enumerate(near[:24]):
            places[row] = (pose.x, pose.y, -np.sin(pose.turn), np.cos(pose.turn))
            lamps = self._scene.weather.lamps if thing.lamps else 0.0
            sizes[row] = (thing.size[0] / 2, thing.size[1] / 2, lamps, 1)
        self._composite["places"].write(places.tobytes())  # type: ignore[union-attr]
        self._composite["sizes"].write(sizes.tobytes())  # type: ignore[union-attr]
        self._composite["count"] = min(len(near), 24)

    def _paint(self, picture: Picture, where: list[Patch], drawn: list[Drawn]) -> None:
        """Renders the patches of one frame and puts them into the picture."""
        gl = self._gl
        self._cast(drawn)
        self._place_vehicles(drawn)
        if self._mirrors:
            gl.copy_framebuffer(self._mirror_target, self._mirror_still)
            self._mirror_target.use()
            self._bind()
            _set(self._moving, "flip", -1.0)
            self._draw(drawn)
            _set(self._moving, "flip", 1.0)
        for patch in where:
            self._paint_patch(patch, [entry for entry in drawn if entry[0].id in patch.things])
            data = self._out.read((patch.left, patch.top, patch.width, patch.height), components=3, alignment=1)
            piece = np.frombuffer(data, np.uint8).reshape(patch.height, patch.width, 3)
            picture[patch.top : patch.top + patch.height, patch.left : patch.left + patch.width] = piece

    def _paint_patch(self, patch: Patch, drawn: list[Drawn]) -> None:
        gl = self._gl
        below = self._size[1] - patch.top - patch.height
        self._light.scissor = (patch.left, below, patch.width, patch.height)
        self._light.use()
        gl.depth_func = "1"
        layers = ("lit", "shaded", "albedo", "depth", "mirror", "shadow_moving")
        for unit, (name, texture) in enumerate(
            zip(layers, (*self._layers, self._depth, self._mirror, self._shadow_moving), strict=True)
        ):
            texture.use(unit)
            if name in self._composite:
                self._composite[name] = unit
        self._compose.render(vertices=3)
        gl.depth_func = "<"
        self._bind()
        gl.enable(moderngl.CULL_FACE)
        self._draw(drawn)
        gl.disable(moderngl.CULL_FACE)
        self._out.scissor = (patch.left, patch.top, patch.width, patch.height)
        self._out.use()
        gl.disable(moderngl.DEPTH_TEST)
        self._samples.use(0)
        self._develop["light"] = 0
        self._print.render(vertices=3)
        gl.enable(moderngl.DEPTH_TEST)
