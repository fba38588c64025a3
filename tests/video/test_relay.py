"""Fan-out and relay: the newest group first, a slow reader loses up to a keyframe, a dead reader harms nobody."""

from __future__ import annotations

import asyncio
import stat
from contextlib import aclosing
from pathlib import Path

import pytest

from istros.devices.camera import StreamKey
from istros.video.errors import RelayClosed
from istros.video.fanout import Fanout, PacketRing
from istros.video.packet import Codec, Packet
from istros.video.relay import RelayServer, read_relay
from tests.video.packets import KEY, packets_of

SUB = StreamKey("IZ-07", "sub")


def numbers(packets: list[Packet]) -> list[int]:
    return [packet.media_time // 9000 for packet in packets]


def test_a_reader_starts_with_the_newest_group() -> None:
    async def scenario() -> None:
        packets = packets_of(frames=20, gop=5)
        fanout = Fanout(KEY)
        for packet in packets[:13]:
            fanout.publish(packet)
        reader = fanout.reader()
        for packet in packets[13:15]:
            fanout.publish(packet)
        assert numbers(await reader.batch()) == [10, 11, 12, 13, 14]
        fanout.close()
        assert [packet async for packet in reader] == []
        assert [packet async for packet in fanout.reader()] == []

    asyncio.run(scenario())


def test_a_slow_reader_is_told_what_it_lost() -> None:
    async def scenario() -> None:
        fanout = Fanout(KEY)
        reader = fanout.reader(size_packets=3)
        packets = packets_of(frames=20, gop=5)
        for packet in packets[:9]:
            fanout.publish(packet)
        assert numbers(await reader.batch()) == [0, 1, 2]
        for packet in packets[9:12]:
            fanout.publish(packet)
        rest = await reader.batch()
        assert numbers(rest) == [10, 11]
        assert rest[0].lost_before == 7 == reader.lost
        reader.close()
        assert fanout.readers == 0

    asyncio.run(scenario())


def test_a_group_too_large_for_the_cache_is_not_kept() -> None:
    packets = packets_of(frames=10, gop=10)
    fanout = Fanout(KEY, cache_bytes_max=len(packets[0].data) + 10)
    for packet in packets:
        fanout.publish(packet)
    ring = PacketRing(4)
    fanout.attach(_Taker(ring))
    ring.end()
    assert asyncio.run(ring.pull_all()) == []


class _Taker:
    def __init__(self, ring: PacketRing) -> None:
        self.offer, self.end, self.lost = ring.push, ring.end, 0


def test_relay_carries_several_streams_and_changed_parameters(tmp_path: Path) -> None:
    async def scenario() -> None:
        main, sub = Fanout(KEY), Fanout(SUB)
        streams = {KEY: main, SUB: sub}
        server = RelayServer(tmp_path / "run" / "relay.sock", streams.get)
        await server.start()
        path = tmp_path / "run" / "relay.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        sent = packets_of(frames=4, gop=2)
        other = packets_of(Codec.H265, frames=2, gop=2, key=SUB)
        later = packets_of(frames=2, gop=2, width=320, height=180)
        for packet in sent:
            main.publish(packet)
        async with aclosing(read_relay(path, [StreamKey("TL-01", "main"), SUB, KEY])) as reading, asyncio.timeout(5):
            found = [await anext(reading), await anext(reading)]
            for packet in (*other, *later):
                streams[packet.key].publish(packet)
            found += [await anext(reading) for _ in range(4)]
            assert found == [*sent[2:], *other, *later]
            main.close()
            with pytest.raises(RelayClosed):
                await anext(reading)
        await server.close()
        assert not path.exists()

    asyncio.run(scenario())


def test_a_reader_that_dies_or_talks_nonsense_harms_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        fanout = Fanout(KEY)
        path = tmp_path / "relay.sock"
        server = RelayServer(path, {KEY: fanout}.get)
        await server.start()
        packets = packets_of(frames=12, gop=3)
        fanout.publish(packets[0])
        _, bad = await asyncio.open_unix_connection(str(path))
        bad.write(b"\x00\x00\x00\x03abc")
        async with asyncio.timeout(5):
            dead = read_relay(path, [KEY])
            await anext(dead)
            await dead.aclose()
            async with aclosing(read_relay(path, [KEY])) as reading:
                found = [await anext(reading)]
                for packet in packets[1:]:
                    fanout.publish(packet)
                found += [await anext(reading) for _ in range(11)]
            assert numbers(found) == list(range(12))
            while fanout.readers:
                await asyncio.sleep(0.01)
        bad.close()
        await server.close()

    asyncio.run(scenario())


def test_a_reader_that_stands_still_is_cut_short_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        monkeypatch.setattr("istros.video.relay.BACKLOG_BYTES", 100_000)
        fanout = Fanout(KEY)
        path = tmp_path / "relay.sock"
        server = RelayServer(path, {KEY: fanout}.get)
        await server.start()
        made = packets_of(frames=1)[0]
        async with aclosing(read_relay(path, [KEY], ring_size=20)) as reading, asyncio.timeout(10):
            first = asyncio.create_task(anext(reading))
            while not fanout.readers:
                await asyncio.sleep(0.01)
            for index in range(100):
                big = Packet(KEY, made.parameters, index, made.time, index % 10 == 0, bytes(50_000))
                fanout.publish(big)
            found = [await first]
            assert server.lost > 0
            fanout.publish(Packet(KEY, made.parameters, 100, made.time, True, b"x"))
            while found[-1].media_time != 100:
                if server.lost and found[-1].media_time < 100:
                    await asyncio.sleep(0)
                found.append(await anext(reading))
                if found[-1].media_time != 100:
                    fanout.publish(Packet(KEY, made.parameters, 100, made.time, True, b"x"))
        assert found[-1].lost_before > 0 or any(packet.lost_before for packet in found)
        await server.close()

    asyncio.run(scenario())


def test_no_relay_and_no_stream(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(RelayClosed, match="cannot be reached"):
            await anext(read_relay(tmp_path / "relay.sock", [KEY]))
        server = RelayServer(tmp_path / "relay.sock", lambda key: None)
        await server.start()
        with pytest.raises(RelayClosed, match="no stream IZ-07/main"):
            await anext(read_relay(tmp_path / "relay.sock", [KEY]))
        await server.close()

    asyncio.run(scenario())
