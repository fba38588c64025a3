"""A simulated camera shows what its privacy masks hide, as soon as they come by ONVIF: in its stream and in its still."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import av

from istros.base.environment import Environment
from istros.devices.onvif.address import parse_onvif_address
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.masks import OnvifMasks
from istros.sim.cameras.onvif import (
    MaskPainter,
    PaintedStream,
    SimulatedDevice,
    SimulatedMasks,
    profile_of,
    serve_onvif,
)
from tests.devices.waiting import until
from tests.sim.cameras.conftest import Serving
from tests.sim.cameras.test_rtsp import camera, stream_at, take
from tests.video.masked_pictures import MIDDLE, decoded, is_masked, spread_under


def test_what_a_camera_masks_is_grey_in_what_it_sends(
    environment: Environment, films: dict[str, Path], serving: Serving
) -> None:
    async def scenario() -> None:
        async with serving(camera(films)) as server:
            stream = server.stream("IZ-07/main")
            plain, masks = stream.film, SimulatedMasks()
            device = SimulatedDevice(environment, "IZ-07", server.port, (profile_of("main", plain),), masks=masks)
            painter = asyncio.create_task(
                MaskPainter(device, masks, [PaintedStream(stream, films["main"], plain)]).run()
            )
            onvif = await serve_onvif([device], "127.0.0.1", 0, environment)
            met = OnvifDevice(environment, parse_onvif_address(onvif.address("IZ-07")), "Camera IZ-07")
            await met.connect()
            token = await OnvifMasks(met).create("video", MIDDLE[0])
            await until(lambda: stream.film is not plain)
            assert is_masked(decoded(await take(environment, stream_at(server.port), 12)))
            assert is_masked([_picture(await met.still("main"))])
            await OnvifMasks(met).delete(token)
            await until(lambda: stream.film is plain)
            assert spread_under(decoded(await take(environment, stream_at(server.port), 6))[0]) > 20.0
            painter.cancel()
            await met.close()
            await onvif.close()

    asyncio.run(scenario())


def _picture(jpeg: bytes) -> object:
    with av.open(io.BytesIO(jpeg), format="mjpeg") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")
