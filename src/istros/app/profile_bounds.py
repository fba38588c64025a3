"""Cameras as the deployment profile lets them be used: what it does not allow is never asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from istros.compliance.functions import Function, Profile
from istros.devices.camera import Camera


def within_profile(cameras: Sequence[Camera], profile: Profile) -> tuple[Camera, ...]:
    """The cameras without sound and without reading plates, where the profile does not allow them."""
    sound, plates = profile.allows(Function.SOUND_RECORDED), profile.allows(Function.PLATES_READ)
    return tuple(
        replace(
            camera,
            streams=tuple(replace(stream, sound=stream.sound and sound) for stream in camera.streams),
            reads_plates=camera.reads_plates and plates,
        )
        for camera in cameras
    )
