"""Asking the network and single cameras, for the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from istros.app.wiring import cameras_of
from istros.base.environment import real_environment
from istros.devices.discovery import FoundDevice, find_devices, is_configured
from istros.devices.errors import DeviceFault, NotOffered
from istros.devices.facts import DeviceInformation, HeadFacts, ProfileFacts
from istros.devices.onvif.address import OnvifAddress
from istros.devices.onvif.card import KeptRecording, OnvifCard
from istros.devices.onvif.clock import ClockOffset
from istros.devices.onvif.device import OnvifDevice, main_and_sub
from istros.devices.onvif.head import OnvifHead
from istros.devices.onvif.soap import Service
from istros.settings import load_settings


@dataclass(frozen=True, slots=True)
class Probe:
    """What a camera offers."""

    address: OnvifAddress
    who: DeviceInformation
    clock: ClockOffset | None
    profiles: list[ProfileFacts]
    head: HeadFacts | None
    tells_events: bool
    kept: list[KeptRecording] | None

    def words(self) -> str:
        """For people, with the lines to paste."""
        main, sub = main_and_sub(self.profiles)
        lines = [f"{self.who.manufacturer} {self.who.model}, firmware {self.who.firmware}, serial {self.who.serial}"]
        lines.append(self._clock_words())
        for each in self.profiles:
            part = " (main)" if each is main else " (sub)" if each is sub else ""
            lines.append(f"{each.codec} {each.width}x{each.height}, {each.fps:g} fps: {each.url}{part}")
        lines += [] if self.profiles else ["It has no H.264 or H.265 profile; set its encoder to one of them."]
        lines.append("It can be steered." if self.head else "It cannot be steered.")
        lines.append("It tells events." if self.tells_events else "It tells no events.")
        lines.append(self._card_words())
        found = FoundDevice(self.address.url, self.address.host, self.who.model, "", "", ())
        return "\n".join([*lines, "", found.lines()]) + "\n"

    def _clock_words(self) -> str:
        if self.clock is None:
            return "It does not tell its time."
        doubt = self.clock.doubt_us / 1e6
        return f"Its clock is {self.clock.seconds:+.1f} s off (±{doubt:.1f} s)."

    def _card_words(self) -> str:
        if self.kept is None:
            return "It hands out nothing from a card of its own."
        if not self.kept:
            return "Its card is empty."
        return f"Its card keeps {max(kept.span.duration_us for kept in self.kept) / 3.6e9:.1f} h."

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "manufacturer": self.who.manufacturer, "model": self.who.model, "firmware": self.who.firmware,
            "serial": self.who.serial, "clockOffsetS": None if self.clock is None else round(self.clock.seconds, 3),
            "profiles": [
                {"token": p.token, "codec": p.codec, "width": p.width, "height": p.height, "fps": p.fps, "url": p.url}
                for p in self.profiles
            ],
            "steers": self.head is not None, "events": self.tells_events, "keeps": self.kept is not None,
        }  # fmt: skip


async def find_cameras(seconds: float, config: Path | None) -> list[tuple[FoundDevice, str]]:
    """Cameras that answer, each with its id in the configuration (empty: new)."""
    cameras = cameras_of(load_settings(config)) if config is not None else ()
    environment = real_environment(workers=1)
    try:
        found = await find_devices(environment, seconds)
    finally:
        environment.workers.close()
    return [(device, is_configured(device, cameras)) for device in found]


async def probe_camera(address: OnvifAddress, password: str) -> Probe:
    """Ask a camera for everything. Raises a DeviceError."""
    environment = real_environment(workers=1)
    device = OnvifDevice(environment, replace(address, password=password), f"The camera at {address.host}")
    try:
        await device.connect()
        profiles = await device.profiles() if device.soap.offers(Service.MEDIA) else []
        return Probe(
            address, await device.information(), device.clock, profiles, await _head(device, profiles),
            device.soap.offers(Service.EVENTS), await _kept(device),
        )  # fmt: skip
    finally:
        await device.close()
        environment.workers.close()


async def _head(device: OnvifDevice, profiles: list[ProfileFacts]) -> HeadFacts | None:
    profile = next((each for each in profiles if each.steers), None)
    if profile is None:
        return None
    try:
        return await OnvifHead(device, profile.token).learn()
    except (NotOffered, DeviceFault):
        return None


async def _kept(device: OnvifDevice) -> list[KeptRecording] | None:
    if not (device.soap.offers(Service.SEARCH) and device.soap.offers(Service.REPLAY)):
        return None
    try:
        return await OnvifCard(device).recordings()
    except DeviceFault:
        return None
