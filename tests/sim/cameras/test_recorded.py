"""From the simulated camera to the file on the disk, over real sockets: H.265, sound, odd cameras, no keyframes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time
from istros.devices.camera import Camera, Place, Stream
from istros.recording.archive import Archive
from istros.recording.check import check
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.cameras import CameraServer, SimulatedCamera
from istros.store import Database, open_database
from istros.store.disk_local import LocalDisk
from istros.store.rows import SegmentRow, StreamStateRow
from istros.video.clip_file import read_clip
from istros.video.packet import MEDIA_RATE, Packet
from istros.video.relay import RelayServer, read_relay
from istros.video.rtsp import open_rtsp
from istros.video.segment_sound import sound_of
from istros.video.sound import SoundCodec
from tests.sim.cameras.conftest import Serving
from tests.sim.cameras.test_rtsp import camera, stream_at, take

EVER = Span(Time(0), Time(1 << 60))
KEY = stream_at(1).key


class Recording:
    """What a recorder left behind."""

    def __init__(self, database: Database, disk: LocalDisk) -> None:
        self._database, self._disk = database, disk

    @property
    def rows(self) -> list[SegmentRow]:
        return self._database.read_now(lambda tx: tx.segments.between(KEY.camera_id, KEY.name, EVER))

    @property
    def state(self) -> StreamStateRow:
        row = self._database.read_now(lambda tx: tx.streams.get(KEY.camera_id, KEY.name))
        assert row is not None
        return row

    def bytes_of(self, row: SegmentRow) -> bytes:
        return self._disk.read(row.path)


async def record(
    environment: Environment, folder: Path, stream: Stream, seconds: float, meanwhile: Callable[[Recorder], object] = lambda _: 0
) -> Recording:  # fmt: skip
    """Record one stream for that long, with segments of two seconds; everything must agree afterwards."""
    disk, database = LocalDisk(folder / "disk"), open_database("sqlite://", environment.workers)
    watched = Camera(KEY.camera_id, Place("Harbour gate", "Izmail"), "izmail-council", (stream,))
    policy = RecordingPolicy(segment_s=2, fragment_s=0.4, free_bytes_min=0)
    recorder = Recorder(environment, database, Archive.of(disk), [watched], open_rtsp(environment), policy)
    stop = asyncio.Event()
    running = asyncio.create_task(recorder.run(stop))
    await environment.clock.sleep(seconds / 2)
    meanwhile(recorder)
    await environment.clock.sleep(seconds / 2)
    stop.set()
    await running
    assert (await check(environment, database, Archive.of(disk), repair=False)).findings == []
    return Recording(database, disk)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_h265_is_recorded_indexed_and_decoded_by_others(
    environment: Environment, films: dict[str, Path], serving: Serving, tmp_path: Path, transport: str
) -> None:
    async def scenario() -> Recording:
        served = SimulatedCamera("IZ-07", films["h265"], films["sub"], transport=transport)  # type: ignore[arg-type]
        async with serving(served) as server:
            return await record(environment, tmp_path, stream_at(server.port), 6)

    made = asyncio.run(scenario())
    assert len(made.rows) >= 2
    assert all(row.mime.startswith('video/mp4; codecs="hvc1.1.') and row.sha256 for row in made.rows)
    assert all(first.end == second.start for first, second in pairwise(made.rows))
    assert made.state.codec == "h265" and made.state.clock_offset_ms is not None
    assert abs(made.state.clock_offset_ms) < 500
    for row in made.rows:
        with av.open(io.BytesIO(made.bytes_of(row))) as container:
            assert container.streams.video[0].codec_context.name == "hevc"
            assert sum(1 for _ in container.decode(video=0)) == row.frames


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", list(SoundCodec))
def test_sound_is_recorded_beside_the_picture_where_it_is_allowed(
    environment: Environment, films: dict[str, Path], serving: Serving, tmp_path: Path, transport: str, codec: SoundCodec
) -> None:  # fmt: skip
    async def scenario() -> tuple[Recording, int]:
        async with serving(camera(films, transport=transport, sound=codec)) as server:
            server.stream("IZ-07/main").wrong_clock(3600)
            stream = replace(stream_at(server.port), sound=True)
            made = await record(environment, tmp_path, stream, 5)
            return made, server.stream("IZ-07/main").sound_asked

    made, asked = asyncio.run(scenario())
    assert asked == 1 and made.state.clock_offset_ms is not None
    assert abs(made.state.clock_offset_ms - 3_600_000) < 500
    for row in made.rows:
        sound = sound_of(made.bytes_of(row))
        assert sound is not None and sound[0].codec is codec
        ends = [run.base_time + sum(sample.duration for sample in run.samples) for run in sound[1]]
        assert all(end == run.base_time for end, run in zip(ends, sound[1][1:], strict=False)), "without a hole"
        heard_s = (ends[-1] - sound[1][0].base_time) / sound[0].rate
        assert abs(heard_s - (row.end - row.start) / SECOND) < 0.2
        assert row.mime.startswith('video/mp4; codecs="avc1.') and "," not in row.mime, (
            "what the browser is given has no sound"
        )


def test_sound_is_never_asked_for_without_leave(
    environment: Environment, films: dict[str, Path], serving: Serving, tmp_path: Path
) -> None:
    async def scenario() -> tuple[Recording, int]:
        async with serving(camera(films, sound=SoundCodec.AAC)) as server:
            made = await record(environment, tmp_path, stream_at(server.port), 3)
            return made, server.stream("IZ-07/main").sound_asked

    made, asked = asyncio.run(scenario())
    assert asked == 0 and made.rows
    assert all(sound_of(made.bytes_of(row)) is None for row in made.rows)


def test_sound_lies_where_it_was_heard_with_reports_and_without(
    environment: Environment, films: dict[str, Path], serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A beep begins at each second of the sound, which began with the first picture."""

    async def scenario(server: CameraServer) -> list[Packet]:
        return await take(environment, replace(stream_at(server.port), sound=True), 75)

    async def both() -> list[list[Packet]]:
        found = []
        async with serving(camera(films, sound=SoundCodec.PCMU)) as server:
            found.append(await scenario(server))
            monkeypatch.setattr("istros.video.rtp_sound.SoundReceiver.report", lambda *_: None)
            found.append(await scenario(server))
        return found

    for packets, tolerance_s in zip(asyncio.run(both()), (0.1, 0.2), strict=True):
        assert all(packet.sound_parameters is not None for packet in packets)
        late = [
            (packet.media_time - unit.media_time) / MEDIA_RATE - unit.samples / 8000
            for packet in packets[10:]
            for unit in packet.sound
        ]
        assert len(late) > 80
        # Sound of 20 ms is sent with the picture that follows it, at most a picture's 40 ms later.
        assert all(-tolerance_s < each < 0.06 + tolerance_s for each in late), (min(late), max(late))


def test_the_relay_carries_sound(
    environment: Environment, films: dict[str, Path], serving: Serving, tmp_path: Path
) -> None:
    async def scenario() -> tuple[list[Packet], list[Packet]]:
        heard: list[Packet] = []
        relayed: list[Packet] = []
        async with serving(camera(films, sound=SoundCodec.AAC)) as server:

            async def read(recorder: Recorder) -> None:
                fanout = recorder.fanout(KEY)
                assert fanout is not None
                relay = RelayServer(tmp_path / "relay.sock", lambda _: fanout)
                await relay.start()
                reader = fanout.reader()
                packets = cast(AsyncGenerator[Packet, None], read_relay(tmp_path / "relay.sock", [KEY]))
                async with aclosing(packets), asyncio.timeout(10):
                    for _ in range(20):
                        heard.append(await anext(reader))
                        relayed.append(await anext(packets))
                await relay.close()

            tasks: list[asyncio.Task[None]] = []
            stream = replace(stream_at(server.port), sound=True)
            await record(
                environment, tmp_path, stream, 4, lambda recorder: tasks.append(asyncio.create_task(read(recorder)))
            )
            await asyncio.gather(*tasks)
        return heard, relayed

    heard, relayed = asyncio.run(scenario())
    assert [replace(packet, clock_offset_us=None) for packet in heard] == relayed
    assert sum(len(packet.sound) for packet in relayed) > 5 and relayed[-1].sound_parameters is not None


def scripted(films: dict[str, Path], description: str, headers: str, transport: str, channel: int, session: str) -> (
    Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]
):  # fmt: skip
    """A camera that answers as told and sends its film on `channel`."""
    from istros.sim.cameras.film import load_film

    film = load_film([films["main"]])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := (await reader.readuntil(b"\r\n\r\n")).decode():
            method = request.split(" ", 1)[0]
            number = request.split("CSeq: ")[1].split("\r\n")[0]
            more = {"DESCRIBE": f"{headers}Content-Length: {len(description)}\r\n", "SETUP": f"{session}{transport}"}
            body = description if method == "DESCRIBE" else ""
            writer.write(f"\r\nRTSP/1.0 200 OK\r\nCSeq: {number}\r\n{more.get(method, '')}\r\n{body}".encode())
            if method == "PLAY":
                break
        sequence = 0
        for count, unit in enumerate(film.units):
            data = bytearray(unit.template)
            for offset in unit.offsets:
                data[offset + 1] = channel
                data[offset + 6 : offset + 8] = (sequence & 0xFFFF).to_bytes(2, "big")
                data[offset + 8 : offset + 12] = (count * 3600).to_bytes(4, "big")
                sequence += 1
            writer.write(bytes(data))
        await writer.drain()
        await reader.read()
        writer.close()

    return talk


SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


@pytest.mark.parametrize(
    ("description", "headers", "transport", "channel", "session"),
    [
        (SDP + "a=control:*\r\n", "", "Transport: RTP/AVP/TCP;interleaved=0-1\r\n", 0, "Session: 1\r\n"),
        (SDP, "Content-Base: /odd/\r\n", "", 0, "Session: 1;timeout=\r\n"),
        (SDP, "", "Transport: RTP/AVP/TCP;interleaved=4-5\r\n", 4, "Session: x y\r\n"),
        (SDP, "", "Transport: RTP/AVP/TCP;interleaved=0-1\r\n", 8, ""),
        ("m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n" + SDP, "", "", 0, ""),
        (SDP.replace("a=rtpmap:96 H264/90000", "a=rtpmap:96  h264 / 90000 "), "", "", 0, "Session: 1\r\n"),
        (SDP.replace("\r\n", "\n") + "a=fmtp:96 sprop-parameter-sets=Z0LA,zz;;x\n", "", "", 0, "Session: 1\r\n"),
        (SDP.replace("a=rtpmap:96 H264/90000", "a=fmtp:96 sprop-parameter-sets=Z0LAHg=="), "", "", 0, "Session: 1\r\n"),
    ],
)
def test_odd_cameras_are_understood(
    environment: Environment, films: dict[str, Path], description: str, headers: str, transport: str, channel: int, session: str
) -> None:  # fmt: skip
    async def scenario() -> list[Packet]:
        talk = scripted(films, description, headers, transport, channel, session)
        server = await asyncio.start_server(talk, "127.0.0.1", 0)  # type: ignore[arg-type]
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await take(environment, stream_at(port), 20)

    packets = asyncio.run(scenario())
    clip = read_clip(films["main"])
    known = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in clip.units]
    assert [packet.data for packet in packets] == known[:20]
