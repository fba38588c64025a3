"""People of the simulated city: walking figures with drawn faces, and cyclists."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from istros.sim.city.mesh import Colour, Material, Mesh, ball, box, grid, tube
from istros.sim.city.vehicles import AtlasBox

STRIDE = 1.45
"""Metres walked in one full gait cycle (two steps) by a figure of 1.75 m."""
GAIT_STEPS = 24
"""How many poses a gait cycle is cut into."""

SKINS: tuple[Colour, ...] = ((0.62, 0.40, 0.29), (0.55, 0.34, 0.24), (0.68, 0.46, 0.35), (0.48, 0.29, 0.19))
HAIRS: tuple[Colour, ...] = ((0.03, 0.02, 0.015), (0.10, 0.06, 0.03), (0.26, 0.18, 0.09), (0.32, 0.31, 0.30))
TOPS: tuple[Colour, ...] = (
    (0.33, 0.05, 0.05), (0.06, 0.11, 0.26), (0.05, 0.05, 0.06), (0.5, 0.47, 0.42), (0.48, 0.27, 0.06),
    (0.09, 0.20, 0.15), (0.25, 0.17, 0.25), (0.62, 0.62, 0.60), (0.17, 0.19, 0.11), (0.10, 0.25, 0.38),
)  # fmt: skip
BOTTOMS: tuple[Colour, ...] = ((0.035, 0.05, 0.11), (0.06, 0.06, 0.065), (0.22, 0.18, 0.12), (0.10, 0.13, 0.20))


@dataclass(frozen=True, slots=True)
class Looks:
    """What tells one made-up person from another; `face` is a box of the atlas."""

    skin: Colour
    hair: Colour
    top: Colour
    bottom: Colour
    face: AtlasBox
    height: float
    long_hair: bool
    skirt: bool
    coat: bool
    bag: int


def draw_looks(generator: random.Random, add: Any) -> Looks:
    """A person from the seed; `add` puts the face's picture into the atlas and returns its box."""
    skin, hair = generator.choice(SKINS), generator.choice(HAIRS)
    woman = generator.random() < 0.5
    return Looks(
        skin=skin,
        hair=hair,
        top=generator.choice(TOPS),
        bottom=generator.choice(BOTTOMS),
        face=add(face_picture(generator, skin, hair, woman)),
        height=generator.uniform(1.60, 1.74) if woman else generator.uniform(1.70, 1.88),
        long_hair=woman,
        skirt=woman and generator.random() < 0.35,
        coat=generator.random() < 0.4,
        bag=generator.choice([0, 0, 1, 2]),
    )


def _tone(colour: Colour, factor: float) -> tuple[int, int, int]:
    red, green, blue = (int(255 * min(1.0, c * factor) ** 0.5) for c in colour)
    return red, green, blue


def _shade(picture: Image.Image, skin: Colour, middle: float) -> None:
    """Soft shadows of eye sockets, cheeks, nose and chin."""
    mask = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(mask)
    for side in (-1, 1):
        draw.ellipse((middle + side * 38 - 26, 124, middle + side * 38 + 26, 174), fill=105)
        draw.ellipse((middle + side * 74 - 22, 176, middle + side * 74 + 22, 266), fill=70)
        draw.ellipse((middle + side * 24 - 8, 196, middle + side * 24 + 8, 236), fill=45)
    draw.ellipse((middle - 24, 198, middle + 24, 217), fill=140)
    draw.rectangle((middle - 16, 150, middle - 9, 200), fill=60)
    draw.ellipse((middle - 34, 249, middle + 34, 264), fill=85)
    picture.paste(_tone(skin, 0.5), (0, 0), mask.filter(ImageFilter.GaussianBlur(8)))
    light = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(light)
    draw.ellipse((middle - 50, 70, middle + 50, 120), fill=60)
    draw.ellipse((middle - 9, 150, middle + 9, 204), fill=70)
    picture.paste(_tone(skin, 1.5), (0, 0), light.filter(ImageFilter.GaussianBlur(10)))


def face_picture(generator: random.Random, skin: Colour, hair: Colour, woman: bool) -> Image.Image:
    """A drawn face, 256 x 320 pixels, that belongs to nobody."""
    width, height = 256, 320
    picture = Image.new("RGB", (width, height), _tone(skin, 1))
    middle = width / 2
    _shade(picture, skin, middle)
    draw = ImageDraw.Draw(picture)
    brow = _tone(hair, 0.8)
    iris = generator.choice([(60, 45, 35), (70, 85, 95), (60, 75, 50)])
    thick, spread = (5, 22) if woman else (8, 24)
    for side in (-1, 1):
        x = middle + side * 38
        draw.ellipse((x - 18, 144, x + 18, 161), fill=(222, 216, 210))
        draw.ellipse((x - 8, 143, x + 8, 161), fill=iris)
        draw.ellipse((x - 4, 148, x + 4, 157), fill=(10, 10, 10))
        draw.ellipse((x - 5, 146, x - 2, 149), fill=(230, 230, 230))
        draw.arc((x - 20, 139, x + 20, 170), 190, 350, fill=(40, 25, 20), width=5 if woman else 4)
        draw.line([(x - spread, 131), (x, 123), (x + spread, 129)], fill=brow, width=thick)
        draw.ellipse((middle + side * 10 - 5, 204, middle + side * 10 + 5, 211), fill=_tone(skin, 0.28))
    lips = (172, 80, 78) if woman else _tone((skin[0] * 0.85, skin[1] * 0.6, skin[2] * 0.6), 1)
    wide = 28 if woman else 31
    draw.ellipse((middle - wide, 226, middle + wide, 247), fill=lips)
    draw.line([(middle - wide, 236), (middle, 235), (middle + wide, 236)], fill=_tone(skin, 0.22), width=4)
    if not woman and generator.random() < 0.45:
        beard = Image.new("L", picture.size, 0)
        ImageDraw.Draw(beard).ellipse((middle - 78, 205, middle + 78, 330), fill=110)
        ImageDraw.Draw(beard).ellipse((middle - 30, 222, middle + 30, 250), fill=0)
        picture.paste(brow, (0, 0), beard.filter(ImageFilter.GaussianBlur(9)))
    return picture.filter(ImageFilter.GaussianBlur(1.1))


def _head(looks: Looks, neck: Any, lean: float) -> list[Mesh]:
    head = neck + np.array([0, 0.02 + lean, 0.155])
    parts = [tube(neck + np.array([0, 0, -0.06]), head + np.array([0, -0.015, -0.06]), 0.058, 0.052, looks.skin)]
    face = ball((0, 0, 0), (0.080, 0.1, 0.122), (1, 1, 1), Material.PICTURE, rings=20)
    toward = face[:, 10:13].copy()
    box_ = looks.face
    face[:, 10] = box_[0] + (box_[2] - box_[0]) * (0.5 - toward[:, 0] * 0.37)
    face[:, 11] = box_[1] + (box_[3] - box_[1]) * (0.5 + toward[:, 2] * 0.38)
    behind = toward[:, 1] <= 0
    face[behind, 9], face[behind, 6:9] = Material.PLAIN, looks.hair
    nose = np.exp(-((toward[:, 0] / 0.16) ** 2 + ((toward[:, 2] + 0.12) / 0.2) ** 2)) * (toward[:, 1] > 0)
    face[:, 1] += nose * 0.024
    jaw = np.clip(-toward[:, 2] - 0.2, 0, 1)
    face[:, 0] *= 1 - 0.22 * jaw
    face[:, :3] += head
    parts.append(face)
    parts.append(ball(head + np.array([0, -0.024, 0.036]), (0.09, 0.098, 0.108), looks.hair, rings=12))
    for side in (-1, 1):
        parts.append(ball(head + np.array([side * 0.081, -0.005, -0.005]), (0.012, 0.024, 0.034), looks.skin, rings=6))
    if looks.long_hair:
        parts.append(
            tube(
                head + np.array([0, -0.05, 0.0]), head + np.array([0, -0.085, -0.20]), 0.088, 0.06, looks.hair, sides=12
            )
        )
    return parts


def _torso(looks: Looks, hip: Any, lean: float, cycling: bool) -> list[Mesh]:
    """Chest and shoulders as one rounded shape, below it the flare of a coat or skirt (not on a bicycle)."""
    rows = [(-0.06, 0.150, 0.115), (0.05, 0.160, 0.118), (0.14, 0.158, 0.112), (0.26, 0.175, 0.120), (0.38, 0.196, 0.122),
            (0.44, 0.203, 0.112), (0.485, 0.188, 0.098), (0.515, 0.145, 0.088), (0.54, 0.09, 0.074), (0.565, 0.062, 0.062)]  # fmt: skip
    turns = np.linspace(0, 2 * np.pi, 21)

    def ring(height: float, wide: float, deep: float) -> list[Any]:
        power = 0.8
        across = np.sign(np.sin(turns)) * np.abs(np.sin(turns)) ** power * wide
        along = -np.sign(np.cos(turns)) * np.abs(np.cos(turns)) ** power * deep
        return [hip + np.array([x, lean * height / 0.46 + y, height]) for x, y in zip(across, along, strict=True)]

    parts = [grid(np.array([ring(*row) for row in rows])[:, ::-1], looks.top, Material.PLAIN)]
    if (looks.coat or looks.skirt) and not cycling:
        colour = looks.top if looks.coat else looks.bottom
        hem = [(-0.42, 0.20, 0.17), (-0.2, 0.185, 0.15), (0.0, 0.168, 0.125), (0.06, 0.162, 0.12)]
        parts.append(grid(np.array([ring(*row) for row in hem])[:, ::-1], colour, Material.PLAIN))
    return parts


def _leg(looks: Looks, hip: Any, side: int, phase: float, cycling: bool, standing: bool) -> tuple[list[Mesh], float]:
    """One leg and its swing angle (radians)."""
    own = phase + (np.pi if side > 0 else 0)
    swing = 0.0 if cycling else 0.04 * side if standing else float(np.sin(own) * 0.42)
    top = hip + np.array([side * 0.088, 0, 0])
    if cycling:
        foot = np.array([side * 0.1, 0.12 + 0.17 * np.cos(own), 0.3 + 0.17 * np.sin(own)])
        knee = (top + foot) / 2 + np.array([0, 0.22, 0.06])
    else:
        knee = top + np.array([0, 0.43 * np.sin(swing), -0.43 * np.cos(swing)])
        shin = swing - (0.0 if standing else max(0.0, float(np.sin(own + 1.9))) * 0.75)
        foot = knee + np.array([0, 0.42 * np.sin(shin), -0.42 * np.cos(shin)])
        foot[2] = max(foot[2], 0.07)
    lower = looks.skin if looks.skirt else looks.bottom
    shoe = (0.05, 0.05, 0.06) if looks.bag != 1 else (0.45, 0.44, 0.42)
    return [
        tube(top, knee, 0.09, 0.064, looks.bottom),
        tube(knee, foot, 0.064 if not looks.skirt else 0.052, 0.046, lower),
        tube(foot + np.array([0, -0.05, -0.03]), foot + np.array([0, 0.16, -0.04]), 0.044, 0.036, shoe),
    ], swing


def _arm(looks: Looks, chest: Any, side: int, swing: float, cycling: bool) -> list[Mesh]:
    shoulder = chest + np.array([side * 0.172, 0, -0.035])
    if cycling:
        elbow, hand = shoulder + np.array([side * 0.06, 0.2, -0.22]), np.array([side * 0.22, 0.42, 1.02])
    else:
        back = -swing * 0.75
        elbow = shoulder + np.array([side * 0.05, 0.28 * np.sin(back), -0.28 * np.cos(back)])
        hand = elbow + np.array([side * 0.01, 0.25 * np.sin(back + 0.35), -0.25 * np.cos(back + 0.35)])
    sleeve = looks.top if looks.coat or looks.height > 1.72 else looks.skin
    parts = [
        tube(shoulder, elbow, 0.062, 0.046, looks.top, sides=10),
        tube(elbow, hand, 0.046, 0.034, sleeve, sides=10),
        ball(hand, (0.04, 0.05, 0.055), looks.skin, rings=7),
    ]
    if looks.bag == 1 and side > 0 and not cycling:
        parts.append(box(hand + np.array([0.03, 0, -0.25]), (0.12, 0.30, 0.28), (0.35, 0.20, 0.09)))
    return parts


BICYCLE = {
    "rear": (0.0, -0.55, 0.34), "crank": (0.0, 0.0, 0.3), "seat": (0.0, -0.18, 0.85), "head": (0.0, 0.42, 0.88),
    "front": (0.0, 0.55, 0.34), "bar": (0.0, 0.4, 1.02),
}  # fmt: skip


def _bicycle(phase: float, frame: Colour) -> list[Mesh]:
    dark = (0.03, 0.03, 0.03)
    parts = []
    turns = np.linspace(0, 2 * np.pi, 25)
    for y in (-0.55, 0.55):
        rim = [np.array([0, y + 0.33 * np.cos(q), 0.34 + 0.33 * np.sin(q)]) for q in turns]
        parts += [tube(a, b, 0.018, 0.018, dark, sides=6, caps=False) for a, b in itertools.pairwise(rim)]
        for q in turns[::3] + phase * 0.5:
            end = (0, y + 0.32 * np.cos(q), 0.34 + 0.32 * np.sin(q))
            parts.append(tube((0, y, 0.34), end, 0.004, 0.004, (0.5, 0.5, 0.5), sides=4, caps=False))
    pairs = ["rear crank", "rear seat", "crank seat", "crank head", "seat head", "head front", "head bar"]
    for a, b in (pair.split() for pair in pairs):
        parts.append(tube(BICYCLE[a], BICYCLE[b], 0.018, 0.018, frame, sides=6))
    parts.append(tube((-0.24, 0.4, 1.02), (0.24, 0.4, 1.02), 0.015, 0.015, dark, sides=6))
    parts.append(ball((0, -0.18, 0.9), (0.08, 0.13, 0.04), dark, rings=6))
    return parts


def person(looks: Looks, phase: float, cycling: bool = False, standing: bool = False) -> Mesh:
    """A figure that faces +y, its feet (or the bicycle's wheels) at the origin; `phase` of the gait in radians."""
    raised, lean = (0.35, 0.25) if cycling else (0.0, 0.02)
    bounce = 0.0 if cycling or standing else 0.015 * float(np.cos(2 * phase))
    hip = np.array([0, -0.15 * cycling, 0.93 + raised * 0.35 + bounce])
    chest = hip + np.array([0, lean, 0.46])
    parts = _torso(looks, hip, lean, cycling)
    for side in (-1, 1):
        leg, swing = _leg(looks, hip, side, phase, cycling, standing)
        parts += leg + _arm(looks, chest, side, swing, cycling)
    parts += _head(looks, chest + np.array([0, 0.01, 0.075]), 0.03 if cycling else 0.0)
    if looks.bag == 2:
        parts.append(ball(chest + np.array([0, -0.17, -0.15]), (0.14, 0.09, 0.2), (0.05, 0.06, 0.09), rings=9))
    if cycling:
        parts += _bicycle(phase, looks.top)
    mesh = np.concatenate(parts)
    mesh[:, :3] *= looks.height / 1.75
    return mesh
