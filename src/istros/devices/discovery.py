"""Looking for cameras in the network: WS-Discovery, on demand, for a few seconds, without any account."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from istros.base.environment import Environment
from istros.base.reach import DEVICE, AddressRefused, check_url
from istros.base.said import say
from istros.base.xml import XmlRefused, check_xml
from istros.devices.camera import Camera
from istros.devices.errors import DeviceError
from istros.devices.onvif.address import OnvifAddress, parse_onvif_address

T = TypeVar("T")

SEARCH_S = 3.0
FOUND_MOST = 500
"""Answers that are listed; who shouts more is no camera."""

_ONVIF = "http://www.onvif.org/ver10/network/wsdl"
_SCOPE = "onvif://www.onvif.org/"


class NoSearch(DeviceError):
    """The network cannot be searched from here."""

    code = "no-search"


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """What a camera shouts to anybody: its address, and what it says of itself (`name`, `hardware`, `place`)."""

    url: str
    host: str
    name: str
    hardware: str
    place: str
    profiles: tuple[str, ...]

    def lines(self, number: int = 1) -> str:
        """What to paste into the configuration; the account is to be filled in."""
        where = parse_onvif_address(self.url)
        return "\n".join(
            (
                "[[camera]]",
                f'id = "NEW-{number:02d}"',
                f"name = {_quoted(self.place or self.name or self.host)}",
                'town = "…"',
                'owner = "…"',
                f'onvif = "{where.scheme}://ACCOUNT:PASSWORD@{where.place}{where.path}"',
            )
        )


async def find_devices(environment: Environment, seconds: float = SEARCH_S) -> list[FoundDevice]:
    """Cameras that answer within a few seconds, by address. NoSearch."""
    return await environment.workers.run(_search, seconds)


def is_configured(device: FoundDevice, cameras: tuple[Camera, ...]) -> str:
    """The id of the camera of that address in the configuration; empty when there is none."""
    for camera in cameras:
        hosts = {urlsplit(str(stream.url)).hostname for stream in camera.streams}
        if camera.onvif is not None:
            if camera.onvif.url == device.url:
                return camera.id
            hosts.add(camera.onvif.host)
        # Simulated cameras share one host: there the address alone tells.
        if device.host in hosts and device.host not in ("127.0.0.1", "localhost"):
            return camera.id
    return ""


def _search(seconds: float) -> list[FoundDevice]:
    from wsdiscovery import QName
    from wsdiscovery.discovery import ThreadedWSDiscovery

    for name in ("threading", "daemon"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # The library's; it warns of every tunnel without multicast.
    _guard_messages()
    search = ThreadedWSDiscovery()
    try:
        search.start()
        services = search.searchServices(types=[QName(_ONVIF, "NetworkVideoTransmitter")], timeout=seconds)
    except Exception as problem:  # The library raises bare exceptions.
        sentence = f"The network cannot be searched for cameras ({type(problem).__name__})."
        raise NoSearch(
            say("no-search", sentence),
            "Check that the machine has a network that lets multicast through (UDP 3702).",
        ) from None
    finally:
        search.stop()
    found = [made for service in services if (made := read_answer(service.getXAddrs(), service.getScopes()))]
    return sorted({each.url: each for each in found}.values(), key=lambda each: each.url)[:FOUND_MOST]


def _guard_messages() -> None:
    """Let the library read no datagram that `check_xml` refuses: it expands entities."""
    from wsdiscovery import message, threaded

    def read(data: bytes, host: str) -> Any:
        return read_datagram(data, partial(message.parseSOAPMessage, data, host))

    threaded.parseSOAPMessage = read


def read_datagram(data: bytes, read: Callable[[], T]) -> T | None:
    """What `read` makes of a datagram; None for one that is no XML, or XML with entities."""
    try:
        check_xml(data)
    except XmlRefused:
        return None
    return read()


def read_answer(addresses: list[str], scopes: list[object]) -> FoundDevice | None:
    """What a probe match says; None when it names no usable address."""
    address = next((made for each in addresses if (made := _address(each)) is not None), None)
    if address is None:
        return None
    said: dict[str, list[str]] = {}
    for scope in scopes:
        kind, _, value = str(scope).removeprefix(_SCOPE).partition("/")
        said.setdefault(kind.lower(), []).append(" ".join(unquote(value).split())[:60])
    place = " ".join(said.get("location", [])).replace("city/", "").replace("country/", "")
    return FoundDevice(
        url=address.url,
        host=address.host,
        name=said.get("name", [""])[0],
        hardware=said.get("hardware", [""])[0],
        place=place.strip(),
        profiles=tuple(sorted(set(said.get("profile", [])))),
    )


def _address(text: str) -> OnvifAddress | None:
    try:
        check_url(text, DEVICE)
        return parse_onvif_address(text)
    except (ValueError, AddressRefused):
        return None


def _quoted(text: str) -> str:
    letters = "".join(letter for letter in text if letter.isprintable() and letter not in '"\\')
    return f'"{letters}"'
