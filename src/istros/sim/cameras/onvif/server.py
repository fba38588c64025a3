"""The web server of the simulated cameras: SOAP services and still pictures, each camera under its own path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from istros.base.environment import Environment
from istros.sim.cameras import digest
from istros.sim.cameras.onvif import about_device, about_event, about_masks, about_media, about_ptz, about_recording
from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.http import HttpAnswer, HttpRequest, HttpServer
from istros.sim.cameras.onvif.soap import Call, Fault, TokenGate, envelope, parse_call
from istros.video.rtsp_authentication import Challenge

Operation = Callable[[SimulatedDevice, Call], Awaitable[str]]
OPERATIONS: dict[tuple[str, str], Operation] = {
    **about_device.OPERATIONS,
    **about_media.OPERATIONS,
    **about_masks.OPERATIONS,
    **about_ptz.OPERATIONS,
    **about_event.OPERATIONS,
    **about_recording.OPERATIONS,
}
_REALM = "Istros simulated camera"


class OnvifServer:
    """Serves `http://HOST:PORT/PATH/onvif/device_service` for each device; a single one also without its path.

    Faults on demand: `stop` and `start` (no answer at all), `silence` (connections stand, nothing comes).
    """

    def __init__(self, devices: Sequence[SimulatedDevice], environment: Environment) -> None:
        self._devices = {device.path: device for device in devices}
        self._environment = environment
        self._gates = {d.path: TokenGate(d.user, d.password, d.token_tolerance_s) for d in devices}
        self._nonce = f"{environment.random.getrandbits(128):032x}"
        self._server = HttpServer(self._answer)
        self._host, self._port = "", 0
        self.asked: dict[str, int] = {}
        """How often each operation was asked for."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    def address(self, path: str) -> str:
        """The address of a device's service, without anybody's name in it."""
        return f"http://{self._host}:{self._port}/{path}/onvif/device_service"

    async def start(self, host: str, port: int) -> None:
        """Listen."""
        await self._server.start(host, port)
        self._host, self._port = host, self._server.port

    async def stop(self) -> None:
        """The network to all these cameras is cut; `resume` brings it back under the same port."""
        await self._server.close()

    async def resume(self) -> None:
        """The network is back."""
        self._server = HttpServer(self._answer)
        await self._server.start(self._host, self._port)

    async def close(self) -> None:
        """Hang up and stop listening."""
        await self._server.close()

    def device(self, path: str) -> SimulatedDevice:
        """The device of that path."""
        return self._devices[path]

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        device = self._device_of(request.path)
        if device is None:
            return HttpAnswer(404)
        if request.method == "GET":
            return await self._still(device, request)
        try:
            call = parse_call(request.body, f"http://{request.headers.get('host', '')}", request.path.split("?")[0])
            refusal = self._refusal(device, call, request)
            if refusal is not None:
                return refusal
            operation = OPERATIONS.get((call.namespace, call.operation))
            if operation is None:
                raise Fault("ter:ActionNotSupported", f"{call.operation} is not supported.", "Receiver", 500)
            self.asked[call.operation] = self.asked.get(call.operation, 0) + 1
            return HttpAnswer(200, envelope(await operation(device, call)))
        except Fault as fault:
            return HttpAnswer(fault.status, envelope(fault.body()))
        except ValueError:
            return HttpAnswer(400, envelope(Fault("ter:InvalidArgVal", "A value is not acceptable.").body()))

    def _device_of(self, path: str) -> SimulatedDevice | None:
        first = path.lstrip("/").split("/", 1)[0]
        if first == "onvif" and len(self._devices) == 1:
            return next(iter(self._devices.values()))
        return self._devices.get(first)

    async def _still(self, device: SimulatedDevice, request: HttpRequest) -> HttpAnswer:
        if "/snapshot/" not in request.path or device.still_maker is None:
            return HttpAnswer(404)
        if device.user and not self._knows(device, request):
            return self._ask()
        return HttpAnswer(200, await device.still(), "image/jpeg")

    # Who asks.

    def _refusal(self, device: SimulatedDevice, call: Call, request: HttpRequest) -> HttpAnswer | None:
        if not device.user or call.operation in about_device.OPEN:
            return None
        admitted = self._gates[device.path].admits(call, device.now()) if device.takes_tokens else None
        if admitted or self._knows(device, request):
            return None
        if admitted is None:
            return self._ask()
        fault = Fault("ter:NotAuthorized", "The sender is not authorised.")
        return HttpAnswer(400, envelope(fault.body()))

    def _ask(self) -> HttpAnswer:
        fault = Fault("ter:NotAuthorized", "The sender is not authorised.")
        challenge = f'Digest realm="{_REALM}", nonce="{self._nonce}", qop="auth"'
        return HttpAnswer(401, envelope(fault.body()), headers={"WWW-Authenticate": challenge})

    def _knows(self, device: SimulatedDevice, request: HttpRequest) -> bool:
        challenge = Challenge(_REALM, self._nonce, "MD5", "auth", "", False)
        given = request.headers.get("authorization", "")
        return digest.is_right(given, challenge, device.user, device.password, request.method)


async def serve_onvif(
    devices: Sequence[SimulatedDevice], host: str, port: int, environment: Environment
) -> OnvifServer:
    """Start a server. OSError when the port is taken."""
    server = OnvifServer(devices, environment)
    await server.start(host, port)
    return server
