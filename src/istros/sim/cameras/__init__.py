"""Cameras that do not exist and speak real RTSP: they serve films in an endless loop."""

from istros.sim.cameras.camera import Authentication, SimulatedCamera
from istros.sim.cameras.server import CameraServer, serve_cameras
from istros.sim.cameras.stream import SimulatedStream

__all__ = ["Authentication", "CameraServer", "SimulatedCamera", "SimulatedStream", "serve_cameras"]
