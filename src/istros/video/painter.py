"""Where streams are painted: one process that takes orders, and a fork of it for each stream.

`python -m istros.video.painter` with a socket as standard input. An order is one message: as JSON the recorder's relay and
the masks, beside it the socket of whoever will read; that one names the stream in the relay's own words (`relay_frames`) and
gets painted packets. A fork starts at once, for everything is loaded before; it ends with its reader, and all with whoever
gives orders. A stream that cannot be painted in time loses pictures, which `lost_before` tells, and never comes late.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from istros.base.clock import SystemClock
from istros.devices.camera import StreamKey
from istros.devices.masks import Masks
from istros.video import relay_frames as frames
from istros.video.errors import StreamError
from istros.video.packet import MEDIA_RATE, CodecParameters, Packet
from istros.video.relay import read_relay
from istros.video.repaint import Repainter

NICE = 5
"""Recording and analysing come first."""

LATE_S, CAUGHT_UP_S = 0.5, 0.1
"""A stream so far behind is only decoded until it has caught up."""

LARGEST_ORDER = 1 << 17
_RING = 512


def order(relay: Path, masks: Masks) -> bytes:
    """What a fork is told."""
    return json.dumps({"relay": str(relay), "masks": masks}).encode()


def take_orders(house: socket.socket) -> None:
    """Start a fork for each order until nobody can give one any more."""
    os.nice(NICE)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a fork ended
    while True:
        text, sockets, _, _ = socket.recv_fds(house, LARGEST_ORDER, 1)
        if not text:
            return
        if os.fork() == 0:
            house.close()
            os._exit(_work(text, socket.socket(fileno=sockets[0])))
        for each in sockets:
            os.close(each)


def _work(text: bytes, reader: socket.socket) -> int:
    try:
        told = json.loads(text)
        asyncio.run(_paint(Path(told["relay"]), _key_of(reader), _masks(told["masks"]), reader))
    except (StreamError, OSError):
        return 1  # the recorder or the reader has gone; the reader sees the end and asks again
    except BaseException as error:
        sys.stderr.write(f"istros.video.painter: {type(error).__name__}: {error}\n")
        sys.stderr.flush()
        return 2
    return 0


def _masks(lists: list[list[list[float]]]) -> Masks:
    return tuple(tuple((float(x), float(y)) for x, y in mask) for mask in lists)


def _key_of(reader: socket.socket) -> StreamKey:
    size = int.from_bytes(_exactly(reader, 4), "big")
    (key,), _ = frames.decode_hello(_exactly(reader, size))
    return key


def _exactly(reader: socket.socket, size: int) -> bytes:
    data = reader.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise OSError("the reader has gone")
    return data


async def _paint(relay: Path, key: StreamKey, masks: Masks, reader: socket.socket) -> None:
    clock = SystemClock()
    asyncio.get_running_loop().add_reader(reader, os._exit, 0)  # a reader says nothing more: it has hung up
    repainter, pace, told, skipped = Repainter(masks), Pace(), None, 0
    async with aclosing(read_relay(relay, [key], ring_size=_RING)) as packets:
        async for packet in packets:
            may_show = pace.may_show(packet.media_time, clock.elapsed())
            skipped += not may_show
            for painted in repainter.take(packet, show=may_show):
                reader.sendall(b"".join(_framed(replace(painted, lost_before=skipped), told)))
                told, skipped = painted.parameters, 0
            await clock.sleep(0)  # the relay's socket is read in between


def _framed(packet: Packet, told: CodecParameters | None) -> Iterator[bytes]:
    if packet.parameters is not told:
        yield frames.encode_parameters(0, packet.parameters)
    yield frames.packet_head(0, packet, packet.lost_before)
    yield packet.data


@dataclass(slots=True)
class Pace:
    """How far painting is behind the camera, told from the stream's own times."""

    _nearest_s: float | None = None
    _late: bool = False

    def may_show(self, media_time: int, elapsed_s: float) -> bool:
        """Whether the picture of this packet is to be painted; called for each packet as it is taken up."""
        offset_s = elapsed_s - media_time / MEDIA_RATE
        self._nearest_s = offset_s if self._nearest_s is None else min(self._nearest_s, offset_s)
        self._late = offset_s - self._nearest_s > (CAUGHT_UP_S if self._late else LATE_S)
        return not self._late


if __name__ == "__main__":
    take_orders(socket.socket(fileno=0))
