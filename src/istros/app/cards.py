"""The cameras' cards as the back-fill reaches them: found by ONVIF, replayed by RTSP, dated by our clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

from istros.app.found_streams import with_account
from istros.base.environment import Environment
from istros.base.time import Span, Time
from istros.devices.camera import Stream, StreamKey
from istros.devices.errors import DeviceUnreachable
from istros.devices.onvif.card import OnvifCard
from istros.devices.onvif.device import OnvifDevice
from istros.devices.watch import DeviceWatch
from istros.video.packet import Packet
from istros.video.replay import ReplaySession


class DeviceCard:
    """The card of one camera; a `CardSource`."""

    def __init__(self, environment: Environment, watch: DeviceWatch, bytes_per_s: float) -> None:
        self._environment = environment
        self._watch = watch
        self._bytes_per_s = bytes_per_s

    @property
    def is_there(self) -> bool:
        """Whether the camera answers and has a card."""
        return self._watch.device is not None and self._watch.row.keeps

    async def kept(self) -> list[tuple[str, Span]]:
        """Recordings on the card and their spans."""
        device = self._device()
        ahead = _ahead_us(device)
        return [
            (found.token, Span(Time(found.span.start - ahead), Time(found.span.end - ahead)))
            for found in await OnvifCard(device).recordings()
        ]

    async def replay(self, recording: str, span: Span) -> AsyncIterator[Packet]:
        """What it kept of the span."""
        device = self._device()
        url = with_account(await OnvifCard(device).replay_url(recording), device.soap.address)
        session = ReplaySession(
            self._environment, Stream(StreamKey(self._watch.camera.id, "main"), url), span,
            ahead_us=_ahead_us(device), bytes_per_s=self._bytes_per_s,
        )  # fmt: skip
        async for packet in session.packets():
            yield packet

    def _device(self) -> OnvifDevice:
        if self._watch.device is None:
            raise DeviceUnreachable(f"Camera {self._watch.camera.id} does not answer at the moment.")
        return self._watch.device


def _ahead_us(device: OnvifDevice) -> int:
    return device.clock.offset_us if device.clock is not None else 0
