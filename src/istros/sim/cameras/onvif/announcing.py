"""Simulated cameras announce themselves in the network, as real ones do (WS-Discovery)."""

from __future__ import annotations

from wsdiscovery import QName, Scope
from wsdiscovery.publishing import ThreadedWSPublishing

from istros.sim.cameras.onvif.about_device import scopes_of
from istros.sim.cameras.onvif.device import SimulatedDevice

_ONVIF = "http://www.onvif.org/ver10/network/wsdl"


class Announcement:
    """One device's answers to those who look for cameras, until `close`. Blocks for a moment at both ends."""

    def __init__(self, device: SimulatedDevice, url: str) -> None:
        self._publishing = ThreadedWSPublishing()
        self._publishing.start()
        types = [QName(_ONVIF, "NetworkVideoTransmitter"), QName("http://www.onvif.org/ver10/device/wsdl", "Device")]
        self._publishing.publishService(types, [Scope(scope) for scope in scopes_of(device)], [url])

    def close(self) -> None:
        """Say goodbye."""
        self._publishing.stop()
