"""One stream to many readers: the writer never waits, a slow reader loses packets up to the next keyframe."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from istros.base.ring import Ring
from istros.devices.camera import StreamKey
from istros.video.packet import CodecParameters, Packet

CACHE_BYTES = 8 << 20
"""Four seconds at 16 Mbit/s: the longest group of pictures that is worth keeping for a new reader."""


NOBODY_WAITS_S = 10.0
"""The patience of a stream that nobody reads."""


class Receiver(Protocol):
    """Takes packets at once, or counts them as lost."""

    @property
    def lost(self) -> int:
        """Packets that it was too slow for."""
        ...

    @property
    def patience_s(self) -> float:
        """How much later than they could come packets may come; 0 for somebody who watches live."""
        ...

    def offer(self, packet: Packet) -> None:
        """Take a packet without waiting."""
        ...

    def end(self) -> None:
        """No more will come."""
        ...


class Fanout:
    """Hands the packets of one stream to its readers, and keeps the newest group of pictures for those to come."""

    def __init__(self, key: StreamKey, cache_bytes_max: int = CACHE_BYTES) -> None:
        self.key = key
        self._cache_bytes_max = cache_bytes_max
        self._cache: list[Packet] = []
        self._cache_bytes = 0
        self._readers: set[Receiver] = set()
        self._joining: set[Receiver] = set()
        """Readers who wait for a keyframe to begin with."""
        self._closed = False
        self.parameters: CodecParameters | None = None

    @property
    def readers(self) -> int:
        """How many read at the moment."""
        return len(self._readers) + len(self._joining)

    @property
    def lost(self) -> int:
        """Packets that its present readers were too slow for."""
        return sum(reader.lost for reader in self._readers)

    @property
    def patience_s(self) -> float:
        """How long its packets may be left waiting: the patience of its least patient reader, or none reads at all."""
        return min((reader.patience_s for reader in self._readers), default=NOBODY_WAITS_S)

    def publish(self, packet: Packet) -> None:
        """Give a packet to every reader, at once."""
        self._keep(packet)
        if packet.is_key and self._joining:
            self._readers |= self._joining
            self._joining.clear()
        for reader in tuple(self._readers):
            reader.offer(packet)

    def reader(self, size_packets: int = 256) -> Reader:
        """A new reader, which begins with the newest group of pictures (as far as `size_packets` allows)."""
        reader = Reader(self, size_packets)
        self.attach(reader)
        return reader

    def attach(self, receiver: Receiver) -> None:
        """Give the cached group of pictures and everything that follows to `receiver`; without one, from the next on."""
        for packet in self._cache:
            receiver.offer(packet)
        if self._closed:
            receiver.end()
        elif self._cache:
            self._readers.add(receiver)
        else:
            self._joining.add(receiver)

    def detach(self, receiver: Receiver) -> None:
        """Forget a reader."""
        self._readers.discard(receiver)
        self._joining.discard(receiver)

    def close(self) -> None:
        """End every reader after what it still has."""
        self._closed = True
        self._cache.clear()
        for reader in (*self._readers, *self._joining):
            reader.end()
        self._readers.clear()
        self._joining.clear()

    def _keep(self, packet: Packet) -> None:
        self.parameters = packet.parameters
        if packet.is_key:
            self._cache, self._cache_bytes = [], 0
        elif not self._cache:
            return
        self._cache.append(packet)
        self._cache_bytes += len(packet.data)
        if self._cache_bytes > self._cache_bytes_max:
            # Part of a group without its start is of no use: the next reader waits for a keyframe.
            self._cache, self._cache_bytes = [], 0


class Reader:
    """A bounded view of a stream: `async for packet in reader`. `lost` counts packets that it was too slow for."""

    patience_s = 0.0

    def __init__(self, source: Fanout, size_packets: int) -> None:
        self._source = source
        self._ring = PacketRing(size_packets)

    @property
    def lost(self) -> int:
        """Packets lost since the beginning."""
        return self._ring.lost

    def offer(self, packet: Packet) -> None:
        """Called by the fan-out; never waits."""
        self._ring.push(packet)

    def end(self) -> None:
        """Called by the fan-out: no more will come."""
        self._ring.end()

    def close(self) -> None:
        """Stop reading."""
        self._source.detach(self)
        self._ring.end()

    def __aiter__(self) -> Reader:
        return self

    async def __anext__(self) -> Packet:
        packet = await self._ring.pull()
        if packet is None:
            raise StopAsyncIteration
        return packet

    async def batch(self) -> list[Packet]:
        """Everything that has come, at least one packet; empty when the stream has ended."""
        return await self._ring.pull_all()


class PacketRing:
    """A bounded queue of packets of any number of streams. When it is full, the stream in question loses everything
    up to its next keyframe, since what follows a missing picture cannot be decoded; the loss is told in `lost_before`.
    """

    def __init__(self, size: int) -> None:
        self._ring: Ring[Packet | None] = Ring(size + 1)
        self._size = size
        self._missed: dict[StreamKey, int] = {}
        self._ended = False
        self.lost = 0

    def push(self, packet: Packet) -> None:
        """Take a packet, or count it as lost."""
        missed = self._missed.get(packet.key, 0)
        full = len(self._ring) >= self._size
        if full or (missed and not packet.is_key):
            self._missed[packet.key] = missed + 1
            self.lost += 1
            return
        if missed:
            del self._missed[packet.key]
            packet = replace(packet, lost_before=packet.lost_before + missed)
        self._ring.push(packet)

    def end(self) -> None:
        """Nothing more will come: `pull` gives None behind the last packet."""
        if not self._ended:
            self._ended = True
            self._ring.push(None)

    async def pull(self) -> Packet | None:
        """The oldest packet, as soon as there is one; None at the end, again and again."""
        item = await self._ring.pull()
        if item is None:
            self._ring.push(None)
        return item

    async def pull_all(self) -> list[Packet]:
        """Everything that is there, at least one packet; empty at the end, again and again."""
        first = await self.pull()
        rest = [] if first is None else self._ring.take()
        if rest and rest[-1] is None:
            self._ring.push(None)
        return [item for item in (first, *rest) if item is not None]
