"""The ONVIF side of the simulated cameras: device, media, PTZ, events, recordings on their own card (docs/design/0021)."""

from istros.sim.cameras.onvif.card import Card
from istros.sim.cameras.onvif.device import SimulatedDevice, SimulatedProfile, profile_of
from istros.sim.cameras.onvif.happenings import happen
from istros.sim.cameras.onvif.head import Position, SimulatedHead
from istros.sim.cameras.onvif.masks import SimulatedMask, SimulatedMasks
from istros.sim.cameras.onvif.painting import MaskPainter, PaintedStream, still_of
from istros.sim.cameras.onvif.replay import ReplayServer
from istros.sim.cameras.onvif.server import OnvifServer, serve_onvif

__all__ = [
    "Card",
    "MaskPainter",
    "OnvifServer",
    "PaintedStream",
    "Position",
    "ReplayServer",
    "SimulatedDevice",
    "SimulatedHead",
    "SimulatedMask",
    "SimulatedMasks",
    "SimulatedProfile",
    "happen",
    "profile_of",
    "serve_onvif",
    "still_of",
]
