"""The ONVIF client against the simulated camera, over real HTTP: who it is, streams, clock, head, errors in words."""

from __future__ import annotations

import asyncio
from urllib.request import Request, urlopen

import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.errors import DeviceError, DeviceFault, DeviceRefusedPassword, DeviceUnreachable, NotOffered
from istros.devices.facts import Preset, Velocity
from istros.devices.onvif.address import parse_onvif_address
from istros.devices.onvif.clock import ClockBound
from istros.devices.onvif.device import OnvifDevice, main_and_sub
from istros.devices.onvif.head import OnvifHead
from istros.devices.onvif.soap import Service
from istros.sim.cameras.onvif import Position
from tests.devices.conftest import JPEG, PASSWORD, Serving, address, device
from tests.devices.waiting import until


def test_a_camera_tells_who_it_is_and_where_its_streams_are(environment: Environment, onvif_serving: Serving) -> None:
    async def run() -> None:
        async with onvif_serving(device(environment, model="Eye & <Ear>")) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            who = await met.information()
            assert (who.manufacturer, who.model, who.serial) == ("Istros", "Eye & <Ear>", "SIM-IZ-01")
            main, sub = main_and_sub(await met.profiles())
            assert main is not None and sub is not None
            assert (main.url, main.width, main.fps) == ("rtsp://127.0.0.1:8554/IZ-01/main", 1920, 25)
            assert (sub.url, sub.height, sub.steers) == ("rtsp://127.0.0.1:8554/IZ-01/sub", 360, True)
            assert await met.still("main") == JPEG
            await met.close()

    asyncio.run(run())


def test_a_camera_that_takes_no_tokens_is_asked_by_http_digest(
    environment: Environment, onvif_serving: Serving
) -> None:
    async def run() -> None:
        async with onvif_serving(device(environment, takes_tokens=False)) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            assert (await met.information()).model == "Simulated camera"
            await met.close()

    asyncio.run(run())


@pytest.mark.parametrize("error_s", [0.0, -3700.4, 86_400.25])
def test_the_clock_is_measured_and_set(environment: Environment, onvif_serving: Serving, error_s: float) -> None:
    async def run() -> None:
        simulated = device(environment, clock_error_s=error_s)
        async with onvif_serving(simulated) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            assert met.clock is not None
            assert abs(met.clock.seconds - error_s) <= met.clock.doubt_us / SECOND + 0.02
            # Tokens are dated by the camera's own clock: with a clock a day off it lets us in all the same.
            await met.information()
            after = await met.set_clock()
            assert after is not None and simulated.clock_sets == 1
            assert abs(simulated.clock_error_s) < 1.0
            assert abs(after.seconds - simulated.clock_error_s) <= after.doubt_us / SECOND + 0.02
            await met.close()

    asyncio.run(run())


def test_the_doubt_about_a_clock_shrinks_with_every_answer() -> None:
    bound = ClockBound()
    true_us, doubts = 2_345_678, []
    for number in range(12):
        asked = Time(1_000_000_000_000 + number * 30_370_000)
        shown = (asked + true_us + 4_000) // SECOND * SECOND
        offset = bound.add(asked, Time(asked + 8_000), Time(shown))
        doubts.append(offset.doubt_us)
        assert abs(offset.offset_us - true_us) <= offset.doubt_us
    assert doubts[-1] < 150_000 < doubts[0]
    stepped = bound.add(Time(2_000_000_000_000), Time(2_000_000_008_000), Time(2_000_000_000_000 + 3600 * SECOND))
    assert abs(stepped.seconds - 3600) < 1, "a clock that was set is believed at once"


def test_a_head_moves_stops_and_remembers(environment: Environment, onvif_serving: Serving) -> None:
    async def run() -> None:
        simulated = device(environment)
        assert simulated.head is not None
        async with onvif_serving(simulated) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            head = OnvifHead(met, "main")
            can = await head.learn()
            assert (can.turns, can.zooms, can.home, can.presets_most) == (True, True, True, 32)
            await head.move(Velocity(pan=1.0, tilt=-0.5, zoom=0.25))
            await until(lambda: simulated.head is not None and simulated.head.position.pan > 0.02)
            assert (await head.facts()).moving
            await head.stop()
            facts = await head.facts()
            at = simulated.head.position
            assert not facts.moving and facts.position is not None
            assert facts.position.pan == pytest.approx(at.pan, abs=1e-3)
            assert at.tilt < 0 < at.zoom
            token = await head.keep("Gate")
            assert (await head.facts()).presets == (Preset(token, "Gate"),)
            await head.go_home()
            await until(lambda: simulated.head is not None and not simulated.head.is_moving)
            assert near(simulated.head.position, Position())
            await head.go_to(token)
            await until(lambda: simulated.head is not None and not simulated.head.is_moving)
            assert near(simulated.head.position, at)
            await head.forget(token)
            with pytest.raises(DeviceFault, match="There is no preset"):
                await head.go_to(token)
            await met.close()

    asyncio.run(run())


def near(one: Position, other: Position) -> bool:
    pairs = ((one.pan, other.pan), (one.tilt, other.tilt), (one.zoom, other.zoom))
    return all(abs(first - second) < 1e-3 for first, second in pairs)


def test_a_movement_ends_by_itself_at_the_camera(environment: Environment, onvif_serving: Serving) -> None:
    async def run() -> None:
        simulated = device(environment)
        head = simulated.head
        assert head is not None
        async with onvif_serving(simulated) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            await OnvifHead(met, "main").move(Velocity(pan=0.1))
            await met.close()
            assert head.is_moving
            await until(lambda: not head.is_moving, 3.0)
            assert head.stops == 0

    asyncio.run(run())


async def _problem(environment: Environment, url: str) -> DeviceError:
    met = OnvifDevice(environment, parse_onvif_address(url), "Camera IZ-01", call_s=0.5)
    try:
        await met.connect()
        await met.information()
    except DeviceError as error:
        assert "secret" not in str(error) and "istros@" not in str(error)
        return error
    finally:
        await met.close()
    raise AssertionError("it should not have worked")


def test_what_goes_wrong_is_said_in_words(environment: Environment, onvif_serving: Serving, free_port: int) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"Envelope>")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n<html>hello")
        await writer.drain()
        writer.close()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def run() -> None:
        async with onvif_serving(device(environment)) as server:
            for url in (
                f"http://istros:secret@127.0.0.1:{server.port}",
                f"http://nobody:secret@127.0.0.1:{server.port}",
            ):
                wrong = await _problem(environment, url)
                assert isinstance(wrong, DeviceRefusedPassword)
                assert "refused the account or the password" in wrong.message
            asked = await _problem(environment, f"http://127.0.0.1:{server.port}")
            assert "asks for an account" in asked.message
            lost = await _problem(environment, f"http://istros:secret@127.0.0.1:{server.port}/XX/onvif/device_service")
            assert isinstance(lost, DeviceFault | NotOffered | DeviceRefusedPassword)
        gone = await _problem(environment, f"http://istros:secret@127.0.0.1:{free_port}")
        assert isinstance(gone, DeviceUnreachable) and str(free_port) in gone.message
        for handler, kind in ((nonsense, DeviceFault), (silence, DeviceUnreachable)):
            listener = await asyncio.start_server(handler, "127.0.0.1", 0)
            port = listener.sockets[0].getsockname()[1]
            assert isinstance(await _problem(environment, f"http://istros:secret@127.0.0.1:{port}"), kind)
            listener.close()

    asyncio.run(run())


def test_a_camera_cannot_send_us_elsewhere() -> None:
    here = parse_onvif_address("http://istros:secret@10.0.0.5:8080/onvif/device_service")
    assert here.here("http://10.0.0.5/onvif/media") == "http://10.0.0.5:80/onvif/media"
    assert here.here("http://evil.example/onvif/media?a=b") == "http://10.0.0.5:8080/onvif/media?a=b"
    assert here.stream_here("rtsp://admin:pw@192.168.1.9:8554/x?y=1") == "rtsp://10.0.0.5:8554/x?y=1"
    assert "secret" not in repr(here) and "secret" not in here.url
    with pytest.raises(ValueError, match="no RTSP address"):
        here.stream_here("http://10.0.0.5/x")


def test_an_account_is_let_in_once_per_token(environment: Environment, onvif_serving: Serving) -> None:
    """The simulated camera is as strict as real ones: no token twice, none that is stale."""

    async def run() -> None:
        simulated = device(environment)
        async with onvif_serving(simulated) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            await met.information()
            simulated.clock_error_s = 120.0
            with pytest.raises(DeviceRefusedPassword):
                await met.information()
            await met.measure_clock()
            await met.information()
            await met.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"\xff\xfe\x00",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'><Body/></Envelope>",
        b"<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'><Body><Nothing/></Body></Envelope>",
    ],
)
def test_the_simulated_camera_answers_rubbish_with_a_fault(
    environment: Environment, onvif_serving: Serving, body: bytes
) -> None:
    def post(url: str) -> tuple[int, bytes]:
        from urllib.error import HTTPError

        try:
            with urlopen(Request(url, data=body, method="POST"), timeout=5) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()

    async def run() -> None:
        async with onvif_serving(device(environment, user="")) as server:
            status, text = await asyncio.to_thread(post, server.address("IZ-01"))
            assert status in (400, 500) and b"Fault" in text

    asyncio.run(run())


def test_what_a_camera_does_not_have_is_said(environment: Environment, onvif_serving: Serving) -> None:
    async def run() -> None:
        async with onvif_serving(device(environment, head=None)) as server:
            met = OnvifDevice(environment, address(server), "Camera IZ-01")
            await met.connect()
            assert not met.soap.offers(Service.PTZ)
            with pytest.raises(NotOffered, match="does not offer ONVIF ptz"):
                await OnvifHead(met, "main").learn()
            assert not (await met.profiles())[0].steers
            await met.close()

    asyncio.run(run())


def test_media_2_says_the_same(environment: Environment, onvif_serving: Serving) -> None:
    """Of ours only masks are asked by Media 2; the simulated camera speaks more of it for those who do."""
    namespace = "http://www.onvif.org/ver20/media/wsdl"
    ask = (
        "<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'><Body>"
        f"<GetStreamUri xmlns='{namespace}'><Protocol>RtspUnicast</Protocol><ProfileToken>sub</ProfileToken>"
        "</GetStreamUri></Body></Envelope>"
    )

    def post(url: str) -> bytes:
        with urlopen(Request(url, data=ask.encode(), method="POST"), timeout=5) as answer:
            read: bytes = answer.read()
            return read

    async def run() -> None:
        async with onvif_serving(device(environment, user="")) as server:
            assert b"rtsp://127.0.0.1:8554/IZ-01/sub" in await asyncio.to_thread(post, server.address("IZ-01"))

    asyncio.run(run())
    assert PASSWORD
