"""One camera over ONVIF: its clock, its services, who it is, its profiles and their streams."""

from __future__ import annotations

from typing import Any

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import SECOND, Time, from_iso, to_datetime
from istros.devices.errors import DeviceFault, DeviceRefusedPassword
from istros.devices.facts import DeviceInformation, ProfileFacts
from istros.devices.onvif.address import OnvifAddress
from istros.devices.onvif.clock import ClockBound, ClockOffset
from istros.devices.onvif.soap import Service, SoapSession

FIRST_MEASURES = 4
"""Answers of the clock at a first meeting: brings the doubt from half a second to about an eighth."""

SUB_PIXELS = 640 * 360
"""A sub stream of about this size is what walls and detectors want."""

RECORDABLE = frozenset({"H264", "H265", "HEVC"})


class OnvifDevice:
    """Call `connect` first. Every method raises a DeviceError in one sentence; nothing is retried here."""

    def __init__(self, environment: Environment, address: OnvifAddress, name: str, call_s: float = 8.0) -> None:
        self._environment = environment
        self.soap = SoapSession(address, name, call_s, environment.own_ports)
        self.name = name
        self._bound = ClockBound()
        self.clock: ClockOffset | None = None
        """The last measurement; None where the device does not tell its UTC time."""

    async def connect(self) -> None:
        """Measure the clock (without a password, for every later token is dated by it) and learn the services."""
        for number in range(FIRST_MEASURES):
            if number:
                await self._environment.clock.sleep(0.05 + 0.25 * self._environment.random.random())
            if await self.measure_clock() is None:
                break
        try:
            found = await self.soap.call(Service.DEVICE, "GetServices", {"IncludeCapability": False})
            named = [(each.Namespace, each.XAddr) for each in found or ()]
        except DeviceFault:
            named = await self._from_capabilities()
        for namespace, address in named:
            if namespace and address and namespace != Service.DEVICE.namespace:
                self.soap.learn(namespace, address)

    async def _from_capabilities(self) -> list[tuple[str, str]]:
        """For cameras older than GetServices."""
        found = await self.soap.call(Service.DEVICE, "GetCapabilities", {"Category": "All"})
        places = {Service.MEDIA: "Media", Service.PTZ: "PTZ", Service.EVENTS: "Events"}
        named = [(service.namespace, _address(getattr(found, part, None))) for service, part in places.items()]
        extension = getattr(found, "Extension", None)
        for service, part in {Service.SEARCH: "Search", Service.REPLAY: "Replay"}.items():
            named.append((service.namespace, _address(getattr(extension, part, None))))
        return named

    async def measure_clock(self) -> ClockOffset | None:
        """Ask for the time once more; also tells whether the device is there at all."""
        clock = self._environment.clock
        asked, began = clock.now(), clock.elapsed()
        try:
            answer = await self.soap.call(Service.DEVICE, "GetSystemDateAndTime", signed=False)
        except (DeviceRefusedPassword, DeviceFault):
            asked, began = clock.now(), clock.elapsed()
            answer = await self.soap.call(Service.DEVICE, "GetSystemDateAndTime")
        heard = Time(asked + round((clock.elapsed() - began) * SECOND))
        second = _time_of(answer)
        if second is None:
            return None
        self.clock = self._bound.add(asked, heard, second)
        self.soap.clock_is_off_by(self.clock.seconds)
        return self.clock

    async def set_clock(self) -> ClockOffset | None:
        """Set the device's clock to ours at the turn of a second, and measure it again."""
        clock = self._environment.clock
        await clock.sleep((SECOND - clock.now() % SECOND) / SECOND)
        now = to_datetime(Time(round(clock.now() / SECOND) * SECOND))
        time = {"Hour": now.hour, "Minute": now.minute, "Second": now.second}
        date = {"Year": now.year, "Month": now.month, "Day": now.day}
        await self.soap.call(
            Service.DEVICE,
            "SetSystemDateAndTime",
            {"DateTimeType": "Manual", "DaylightSavings": False, "UTCDateTime": {"Time": time, "Date": date}},
        )
        self._bound.forget()
        for _ in range(FIRST_MEASURES):
            await self.measure_clock()
        return self.clock

    async def information(self) -> DeviceInformation:
        """Who made it."""
        found = await self.soap.call(Service.DEVICE, "GetDeviceInformation")
        words = (found.Manufacturer, found.Model, found.FirmwareVersion, found.SerialNumber)
        return DeviceInformation(*(_short(word) for word in words))

    async def profiles(self) -> list[ProfileFacts]:
        """Every profile with a stream that can be recorded, the largest picture first."""
        found = await self.soap.call(Service.MEDIA, "GetProfiles")
        made = [await self._profile(each) for each in found or ()]
        return sorted((each for each in made if each), key=lambda each: -each.width * each.height)

    async def _profile(self, found: Any) -> ProfileFacts | None:
        coding = getattr(found, "VideoEncoderConfiguration", None)
        if coding is None or coding.Resolution is None:
            return None
        codec = _short(coding.Encoding).upper()
        if codec not in RECORDABLE:
            return None
        rate = getattr(coding, "RateControl", None)
        return ProfileFacts(
            token=found.token,
            name=_short(found.Name),
            codec=codec,
            width=int(coding.Resolution.Width or 0),
            height=int(coding.Resolution.Height or 0),
            fps=float(getattr(rate, "FrameRateLimit", 0) or 0),
            url=await self._stream_url(found.token),
            steers=getattr(found, "PTZConfiguration", None) is not None,
            source=str(getattr(getattr(found, "VideoSourceConfiguration", None), "token", "") or ""),
        )

    async def _stream_url(self, token: str) -> str:
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        answer = await self.soap.call(Service.MEDIA, "GetStreamUri", {"StreamSetup": setup, "ProfileToken": token})
        try:
            return self.soap.address.stream_here(answer.Uri)
        except ValueError as problem:
            sentence = f"{self.name} names no usable address for its profile {token}: {problem}."
            raise DeviceFault(say("device-no-address", sentence, camera=self.soap.camera, profile=token)) from None

    async def still(self, token: str) -> bytes:
        """A still picture (JPEG) of a profile."""
        answer = await self.soap.call(Service.MEDIA, "GetSnapshotUri", {"ProfileToken": token})
        picture = await self.soap.fetch(answer.Uri)
        if not picture.startswith(b"\xff\xd8"):
            sentence = f"{self.name} sent something that is no JPEG as its still picture."
            raise DeviceFault(say("device-no-still", sentence, camera=self.soap.camera))
        return picture

    async def close(self) -> None:
        """Hang up."""
        await self.soap.close()


def main_and_sub(profiles: list[ProfileFacts]) -> tuple[ProfileFacts | None, ProfileFacts | None]:
    """The profile with the most pixels, and among the smaller ones the one nearest to a sub stream's size."""
    if not profiles:
        return None, None
    main = max(profiles, key=_pixels)
    smaller = [each for each in profiles if _pixels(each) < _pixels(main)]
    return main, min(smaller, key=lambda each: abs(_pixels(each) - SUB_PIXELS), default=None)


def _pixels(profile: ProfileFacts) -> int:
    return profile.width * profile.height


def _address(capability: Any) -> str:
    return str(getattr(capability, "XAddr", "") or "")


def _short(word: Any) -> str:
    return " ".join(str(word or "").split())[:100]


def _time_of(answer: Any) -> Time | None:
    utc = getattr(answer, "UTCDateTime", None)
    if utc is None or utc.Date is None or utc.Time is None:
        return None
    date, time = utc.Date, utc.Time
    try:
        # A leap second, and cameras that count to 60 without one, are the second before.
        text = f"{date.Year:04d}-{date.Month:02d}-{date.Day:02d}T{time.Hour:02d}:{time.Minute:02d}"
        return from_iso(f"{text}:{min(59, time.Second):02d}+00:00")
    except (ValueError, TypeError):
        return None
