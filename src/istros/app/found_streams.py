"""Streams whose address ONVIF tells: looked up where the process `devices` wrote it, each time a session is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from istros.base.errors import IstrosError
from istros.devices.camera import TO_BE_FOUND, Camera, SecretUrl, Stream, StreamKey
from istros.devices.onvif.address import OnvifAddress
from istros.store import Database
from istros.video.errors import CameraUnreachable
from istros.video.packet import Packet, PacketOpener


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
        return self._find_and_open(stream)

    async def _find_and_open(self, stream: Stream) -> AsyncIterator[Packet]:
        url = await self._find(stream.key)
        packets: Any = self._opener(replace(stream, url=url))
        async with aclosing(packets):
            async for packet in packets:
                yield packet

    async def _find(self, key: StreamKey) -> SecretUrl:
        try:
            found = await self._database.read(lambda tx: tx.devices.found(key.camera_id, key.name))
        except IstrosError:
            found = None
        if found is not None:
            self._known[key] = with_account(found.url, self._accounts[key.camera_id])
        if key not in self._known:
            raise CameraUnreachable(
                f"Camera {key.camera_id} has not told by ONVIF yet where its stream {key.name} is.",
                "It is asked again and again; or write the address into the configuration.",
            )
        return self._known[key]


def with_account(url: str, account: OnvifAddress) -> SecretUrl:
    """A found address with the account of the ONVIF address."""
    parts = urlsplit(url)
    if not account.user:
        return SecretUrl(url)
    who = f"{quote(account.user, safe='')}:{quote(account.password, safe='')}@"
    return SecretUrl(urlunsplit((parts.scheme, who + parts.netloc, parts.path, parts.query, "")))
