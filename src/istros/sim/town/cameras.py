"""The town's cameras at packet level: small packets in true order, and the troubles that real cameras make."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random

from istros.base.clock import Clock
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.video.errors import CameraSilent, CameraUnreachable, StreamBroken
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters, Packet

SPS = bytes.fromhex("6742c016dc0a02ff961000000300100000030020f162f8")
PPS = bytes.fromhex("68ce0fc8")
PARAMETERS = CodecParameters(Codec.H264, 640, 360, (SPS, PPS))
"""A real baseline stream's parameter sets (x264, 640x360): players and parsers accept them."""

PACKETS_PER_SECOND = 2
KEYFRAME_EVERY = 4
_PICTURE = (16).to_bytes(4, "big") + b"\x65" + bytes(15)


def town_cameras(count: int) -> tuple[Camera, ...]:
    """Cameras in both towns, each with a main stream."""
    return tuple(_camera(number) for number in range(1, count + 1))


def _camera(number: int) -> Camera:
    town, prefix = (("Izmail", "IZ"), ("Tulcea", "TL"))[number % 2]
    identity = f"{prefix}-{number:02d}"
    stream = Stream(StreamKey(identity, "main"), SecretUrl(f"rtsp://town.invalid/{identity}/main"))
    return Camera(identity, Place(f"Street {number}", town), town, (stream,), reads_plates=True)


@dataclass(slots=True)
class TownCameras:
    """A `PacketOpener`. Each camera has trouble about once in `trouble_every_s`, from its own random numbers."""

    clock: Clock
    seed: str
    trouble_every_s: float = 1800.0
    refusals: float = 0.05
    """Share of attempts at which a camera cannot be reached."""
    packets_per_second: float = PACKETS_PER_SECOND
    cut_until: float = 0.0
    """While the clock's elapsed time is before this, the whole network is down."""
    troubles: int = 0
    _random: dict[str, Random] = field(default_factory=dict)

    def __call__(self, stream: Stream) -> AsyncIterator[Packet]:
        """The stream's packets until something goes wrong."""
        return self._packets(stream.key)

    async def _packets(self, key: StreamKey) -> AsyncIterator[Packet]:
        random = self._random.setdefault(str(key), Random(f"{self.seed}/{key}"))
        if self._is_cut() or random.random() < self.refusals:
            await self.clock.sleep(random.uniform(0.1, 5.0))
            raise CameraUnreachable(
                f"Camera {key.camera_id} cannot be reached.",
                "Wait: the town repairs it.",
            )
        trouble_at = self.clock.elapsed() + random.expovariate(1 / self.trouble_every_s)
        began, number = self.clock.elapsed(), 0
        while self.clock.elapsed() < trouble_at and not self._is_cut():
            yield self._packet(key, number)
            number += 1
            await self.clock.sleep(began + number / self.packets_per_second - self.clock.elapsed())
        self.troubles += 1
        await self.clock.sleep(random.expovariate(1 / 10.0))
        trouble = StreamBroken if random.random() < 0.5 else CameraSilent
        raise trouble(f"Camera {key.camera_id} has gone.", "Wait: the town repairs it.")

    def _is_cut(self) -> bool:
        return self.clock.elapsed() < self.cut_until

    def _packet(self, key: StreamKey, number: int) -> Packet:
        media = int(number * MEDIA_RATE / self.packets_per_second)
        return Packet(
            key,
            PARAMETERS,
            media,
            self.clock.now(),
            number % KEYFRAME_EVERY == 0,
            _PICTURE,
        )
