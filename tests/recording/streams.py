"""A camera that is not there: packets from a clock and a list of faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from istros.base.clock import Clock
from istros.base.time import Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.store.rows import StreamName
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters, Packet

SPS = bytes.fromhex("6742c01eda0280bfe5c044000003000400000300c83c58ba80")
PARAMETERS = CodecParameters(Codec.H264, 640, 360, (SPS, bytes.fromhex("68ce3c80")))
KEY = StreamKey("IZ-07", "main")
START = Time(1_790_000_000_000_000)


def camera(id: str = "IZ-07", *names: StreamName) -> Camera:
    """A camera with those streams (`main` alone when none is named)."""
    streams = tuple(
        Stream(StreamKey(id, name), SecretUrl(f"rtsp://127.0.0.1/{id}/{name}")) for name in names or ("main",)
    )
    return Camera(id, Place("Harbour gate", "Izmail"), "izmail-council", streams)


def packet(
    media_s: float, time: Time, *, is_key: bool = False, parameters: CodecParameters = PARAMETERS, key: StreamKey = KEY,
    size: int = 400,
) -> Packet:  # fmt: skip
    """One access unit whose bytes tell its media time."""
    media = round(media_s * MEDIA_RATE)
    body = (b"\x65" if is_key else b"\x41") + media.to_bytes(8, "big", signed=True) + bytes(size)
    return Packet(key, parameters, media, time, is_key, len(body).to_bytes(4, "big") + body)


def steady(clock: Clock, fps: float = 10.0, keyframe_every: int = 10, frames: int | None = None, size: int = 400) -> (
    Callable[[Stream], AsyncIterator[Packet]]
):  # fmt: skip
    """An opener of streams that send a picture every 1/fps seconds, for ever or for `frames` pictures."""

    async def opened(stream: Stream) -> AsyncIterator[Packet]:
        began, count = clock.elapsed(), 0
        while frames is None or count < frames:
            yield packet(count / fps, clock.now(), is_key=count % keyframe_every == 0, key=stream.key, size=size)
            count += 1
            await clock.sleep(max(0.0, began + count / fps - clock.elapsed()))

    return opened
