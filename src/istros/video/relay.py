"""The recorder's relay: packets to other processes on this machine over a Unix socket (docs/design/0001)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path

from istros.devices.camera import StreamKey
from istros.video import relay_frames as frames
from istros.video.errors import RelayClosed
from istros.video.fanout import CACHE_BYTES, Fanout, PacketRing
from istros.video.packet import CodecParameters, Packet
from istros.video.sound import SoundParameters, SoundUnit

BACKLOG_BYTES = CACHE_BYTES + (4 << 20)
"""What may wait for one slow reader: its first group of pictures and a little more."""

FULL_READ_BYTES = 1 << 18
"""What asyncio reads at most in one go: a reader that gets so much has not emptied its socket."""

SOCKET_BYTES = 4 << 20
"""Room in the kernel for what a patient reader leaves there: half a second of thirty sub streams is 0.8 MB."""

_LARGEST_HELLO = 1 << 20
_LONGEST_SOCKET_PATH = 100
_REMEDY = "It is tried again; look at the recorder if it stays so."


class RelayServer:
    """Serves streams to readers on `path` (mode 0600). `lookup` finds a stream's fan-out, or None."""

    def __init__(self, path: Path, lookup: Callable[[StreamKey], Fanout | None]) -> None:
        self._path = path
        self._lookup = lookup
        self._server: asyncio.Server | None = None
        self._connections: set[_ServerSide] = set()

    async def start(self) -> None:
        """Listen; an old socket file is replaced."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._connection, sock=_listening_socket(self._path))

    async def close(self) -> None:
        """Hang up on every reader and remove the socket."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.hang_up()
        self._path.unlink(missing_ok=True)

    @property
    def lost(self) -> int:
        """Packets that the present readers were too slow for."""
        return sum(connection.lost for connection in self._connections)

    def _connection(self) -> _ServerSide:
        return _ServerSide(self._lookup, self._connections)


class _ServerSide(asyncio.Protocol):
    """One reader. Writes straight into its socket; what does not fit is dropped up to the next keyframe."""

    def __init__(self, lookup: Callable[[StreamKey], Fanout | None], all_of_them: set[_ServerSide]) -> None:
        self._lookup = lookup
        self._all = all_of_them
        self._transport: asyncio.Transport | None = None
        self._hello = bytearray()
        self._streams: list[_RelayedStream] = []
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0

    @property
    def lost(self) -> int:
        return sum(stream.lost for stream in self._streams)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        self._all.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._all.discard(self)
        for stream in self._streams:
            stream.leave()

    def data_received(self, data: bytes) -> None:
        if self._streams or self._transport is None:
            return
        self._hello += data
        size = int.from_bytes(self._hello[:4], "big")
        if len(self._hello) < 4 or (len(self._hello) < 4 + size <= _LARGEST_HELLO):
            return
        try:
            self._serve(*frames.decode_hello(bytes(self._hello[4 : 4 + size])), self._transport)
        except ValueError:
            self._transport.abort()

    def _serve(self, keys: list[StreamKey], patience_s: float, transport: asyncio.Transport) -> None:
        for number, key in enumerate(keys):
            source = self._lookup(key)
            if source is None:
                transport.write(frames.encode_unknown(number))
                continue
            stream = _RelayedStream(number, source, self, patience_s)
            self._streams.append(stream)
            source.attach(stream)

    @property
    def backlog_bytes(self) -> int:
        """What waits for this reader."""
        return self._unsent_bytes + (self._transport.get_write_buffer_size() if self._transport else 0)

    def write(self, *pieces: bytes) -> None:
        """Send these behind the others: all packets of one turn of the loop go out in one call of the system."""
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._send)
        self._unsent += pieces
        self._unsent_bytes += sum(map(len, pieces))

    def _send(self) -> None:
        pieces, self._unsent, self._unsent_bytes = self._unsent, [], 0
        if self._transport is not None and not self._transport.is_closing():
            self._transport.writelines(pieces)

    def hang_up(self) -> None:
        """Close after what was written has gone out."""
        self._send()
        if self._transport is not None:
            self._transport.close()


class _RelayedStream:
    """One stream to one reader: a `Receiver` of the stream's fan-out."""

    def __init__(self, number: int, source: Fanout, side: _ServerSide, patience_s: float) -> None:
        self._number = number
        self._source = source
        self._side = side
        self.patience_s = patience_s
        self._parameters: CodecParameters | None = None
        self._sound_parameters: SoundParameters | None = None
        self._missed = 0
        self.lost = 0

    def offer(self, packet: Packet) -> None:
        """Write the packet, or count it."""
        if self._side.backlog_bytes > BACKLOG_BYTES or (self._missed and not packet.is_key):
            self._missed += 1
            self.lost += 1
            return
        head = frames.packet_head(self._number, packet, packet.lost_before + self._missed)
        self._missed = 0
        if packet.parameters is not self._parameters:
            self._parameters = packet.parameters
            head = frames.encode_parameters(self._number, packet.parameters) + head
        if packet.sound:
            head = frames.encode_sound(self._number, packet.sound) + head
        if packet.sound_parameters is not self._sound_parameters:
            self._sound_parameters = packet.sound_parameters
            head = frames.encode_sound_parameters(self._number, packet.sound_parameters) + head
        self._side.write(head, packet.data)

    def end(self) -> None:
        """The recorder ends: so does the reader's iteration."""
        self._side.hang_up()

    def leave(self) -> None:
        """The reader has gone."""
        self._source.detach(self)


async def read_relay(
    path: Path, keys: Sequence[StreamKey], *, ring_size: int = 128, patience_s: float = 0.0
) -> AsyncGenerator[Packet, None]:
    """The packets of several streams over one connection, each stream from its newest group of pictures on.

    At most `ring_size` packets a stream wait for the caller; what is lost is told in `lost_before`. A reader with
    `patience_s` is content to get packets that much later: many at once cost both sides a fraction. Raises RelayClosed
    when the recorder is not there, goes away, or knows none of the streams.
    """
    try:
        connection = _connected_socket(path)
    except OSError:
        raise RelayClosed("The recorder's relay cannot be reached.", _REMEDY) from None
    async with aclosing(read_connection(connection, keys, ring_size=ring_size, patience_s=patience_s)) as packets:
        async for packet in packets:
            yield packet


async def read_connection(
    connection: socket.socket, keys: Sequence[StreamKey], *, ring_size: int = 128, patience_s: float = 0.0
) -> AsyncGenerator[Packet, None]:
    """As `read_relay`, over a connected Unix socket, which is closed at the end."""
    side = _ReaderSide(keys, PacketRing(ring_size * max(1, len(keys))), patience_s)
    await asyncio.get_running_loop().create_unix_connection(lambda: side, sock=connection)
    try:
        while (packet := await side.ring.pull()) is not None:
            yield packet
    finally:
        side.hang_up()
    raise RelayClosed(side.problem, _REMEDY)


class _ReaderSide(asyncio.Protocol):
    """Takes frames apart and queues packets."""

    def __init__(self, keys: Sequence[StreamKey], ring: PacketRing, patience_s: float) -> None:
        self._keys = keys
        self._patience_s = patience_s
        self._buffer = bytearray()
        self._parameters: list[CodecParameters | None] = [None] * len(keys)
        self._sound_parameters: dict[int, SoundParameters | None] = {}
        self._sound: dict[int, tuple[SoundUnit, ...]] = {}
        self._unknown: set[int] = set()
        self._transport: asyncio.Transport | None = None
        self.ring = ring
        self.problem = "The recorder has closed its relay."

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(frames.encode_hello(self._keys, self._patience_s))

    def connection_lost(self, error: Exception | None) -> None:
        self.ring.end()

    def data_received(self, data: bytes) -> None:
        buffer, position = self._buffer, 0
        buffer += data
        with memoryview(buffer) as view:
            while len(buffer) - position >= frames.FRAME.size:
                size, kind, number = frames.FRAME.unpack_from(buffer, position)
                following = position + 4 + size
                if following > len(buffer):
                    break
                self._take(kind, number, view[position + 7 : following])
                position = following
        if position:
            del buffer[:position]
        if self._patience_s and len(data) < FULL_READ_BYTES and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(self._patience_s, self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _take(self, kind: int, number: int, content: memoryview) -> None:
        parameters = self._parameters[number]
        if kind == frames.PACKET and parameters is not None:
            sound = self._sound.pop(number, ())
            known = self._sound_parameters.get(number)
            self.ring.push(frames.decode_packet(content, self._keys[number], parameters, known, sound))
        elif kind == frames.PARAMETERS:
            self._parameters[number] = frames.decode_parameters(content)
        elif kind == frames.SOUND:
            self._sound[number] = frames.decode_sound(content)
        elif kind == frames.SOUND_PARAMETERS:
            self._sound_parameters[number] = frames.decode_sound_parameters(content)
        elif kind == frames.UNKNOWN:
            self._unknown.add(number)
            if len(self._unknown) == len(self._keys):
                self.problem = f"The recorder has no stream {self._keys[0]}."
                self.ring.end()

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _listening_socket(path: Path) -> socket.socket:
    """Bound under a mask, so that nobody else can connect even for a moment."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short(path) as name:
        mask = os.umask(0o177)
        try:
            listener.bind(name)
        finally:
            os.umask(mask)
    listener.setblocking(False)
    return listener


def _connected_socket(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as name:
            connection.connect(name)
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
        return connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for `path` that fits into a socket address (108 bytes on Linux), by way of its open folder."""
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
