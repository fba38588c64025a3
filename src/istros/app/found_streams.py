"""Streams whose address ONVIF tells: looked up where the process `devices` wrote it, each time a session is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from istros.base.errors import IstrosError
from istros.base.said import say
from istros.devices.camera import TO_BE_FOUND, Camera, SecretUrl, Stream, StreamKey
from istros.devices.onvif.address import OnvifAddress
from istros.store import Database
from istros.video.errors import CameraUnreachable
from istros.video.packet import Packet, PacketOpener, hand_on


class FoundStreams:
    """A PacketOpener that knows the addresses of streams that the configuration leaves out.

    An address once known is kept, so that a database that does not answer costs no picture.
    """

    def __init__(self, opener: PacketOpener, database: Database, cameras: Sequence[Camera]) -> None:
        self._opener = opener
        self._database = database
        self._accounts = {camera.id: camera.onvif for camera in cameras if camera.onvif is not None}
        self._known: dict[StreamKey, SecretUrl] = {}

    def __call__(self, stream: Stream) -> AsyncIterator[Packet]:
        """Open a stream."""
        if stream.url != TO_BE_FOUND:
            return self._opener(stream)
        return _Found(self, stream)

    async def open(self, stream: Stream) -> AsyncIterator[Packet]:
        """A stream whose address has to be looked up first. CameraUnreachable while it is not known."""
        return self._opener(replace(stream, url=await self._find(stream.key)))

    async def _find(self, key: StreamKey) -> SecretUrl:
        try:
            found = await self._database.read(lambda tx: tx.devices.found(key.camera_id, key.name))
        except IstrosError:
            found = None
        if found is not None:
            self._known[key] = with_account(found.url, self._accounts[key.camera_id])
        if key not in self._known:
            sentence = f"Camera {key.camera_id} has not told by ONVIF yet where its stream {key.name} is."
            raise CameraUnreachable(
                say("stream-not-told", sentence, camera=key.camera_id, stream=key.name),
                "It is asked again and again; or write the address into the configuration.",
            )
        return self._known[key]


class _Found:
    """The packets of a stream that is looked up when it is opened; a `PacketFeed` as the streams that need no looking up."""

    def __init__(self, streams: FoundStreams, stream: Stream) -> None:
        self._streams = streams
        self._stream = stream
        self._packets: AsyncIterator[Packet] | None = None

    async def feed(self, take: Callable[[Packet], None], patience_s: Callable[[], float]) -> None:
        """`PacketFeed`'s."""
        await hand_on(await self._streams.open(self._stream), take, patience_s)

    def __aiter__(self) -> _Found:
        return self

    async def __anext__(self) -> Packet:
        self._packets = self._packets or await self._streams.open(self._stream)
        return await anext(self._packets)

    async def aclose(self) -> None:
        """End the stream, where it was opened."""
        closing: Any = getattr(self._packets, "aclose", None)
        if closing is not None:
            await closing()


def with_account(url: str, account: OnvifAddress) -> SecretUrl:
    """A found address with the account of the ONVIF address."""
    parts = urlsplit(url)
    if not account.user:
        return SecretUrl(url)
    who = f"{quote(account.user, safe='')}:{quote(account.password, safe='')}@"
    return SecretUrl(urlunsplit((parts.scheme, who + parts.netloc, parts.path, parts.query, "")))
