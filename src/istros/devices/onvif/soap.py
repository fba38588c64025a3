"""One camera's SOAP conversation over `onvif-zeep-async`: one HTTP session, every failure a sentence.

The library's own `ONVIFCamera` opens a session a service, fixes the path and follows whatever address a device names;
its parts below that are used directly.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import aiohttp
import zeep.exceptions
from lxml import etree

from istros.base.guarded_http import guarded_session
from istros.base.reach import DEVICE, AddressRefused
from istros.base.said import say
from istros.base.xml import XmlRefused
from istros.devices.errors import DeviceFault, DeviceRefusedPassword, DeviceUnreachable, NotOffered
from istros.devices.onvif.address import OnvifAddress
from istros.devices.onvif.library import ANSWER_SETTINGS, CheckedTransport, ONVIFError
from istros.devices.onvif.library import client as library

CALL_S = 8.0
"""How long any answer but that of a pull may take."""

_HERE = Path(__file__).parent


class Service(Enum):
    """A service: its namespace, its WSDL file (the library's where it has no folder) and its binding."""

    DEVICE = ("http://www.onvif.org/ver10/device/wsdl", "devicemgmt.wsdl", "DeviceBinding")
    MEDIA = ("http://www.onvif.org/ver10/media/wsdl", "media.wsdl", "MediaBinding")
    MEDIA2 = ("http://www.onvif.org/ver20/media/wsdl", str(_HERE / "media2.wsdl"), "Media2Binding")
    PTZ = ("http://www.onvif.org/ver20/ptz/wsdl", "ptz.wsdl", "PTZBinding")
    EVENTS = ("http://www.onvif.org/ver10/events/wsdl", "events.wsdl", "EventBinding")
    PULL_POINT = ("http://www.onvif.org/ver10/events/wsdl", "events.wsdl", "PullPointSubscriptionBinding")
    SUBSCRIPTION = ("http://www.onvif.org/ver10/events/wsdl", "events.wsdl", "SubscriptionManagerBinding")
    SEARCH = ("http://www.onvif.org/ver10/search/wsdl", "search.wsdl", "SearchBinding")
    REPLAY = ("http://www.onvif.org/ver10/replay/wsdl", "replay.wsdl", "ReplayBinding")

    @property
    def namespace(self) -> str:
        """The XML namespace."""
        return self.value[0]

    @property
    def description(self) -> str:
        """The path of the WSDL file."""
        return str(Path(library._WSDL_PATH) / self.value[1])


async def load_descriptions() -> None:
    """Read the service descriptions that come with the library, once a process (half a second)."""
    for service in Service:
        await library._cached_document(service.description)


_CHECK = "Check its power, its cable, and the address `onvif` in the configuration."
_NEWER = "A newer firmware may mend it."


class SoapSession:
    """Calls to one device. `name` is how messages call it, e.g. `Camera IZ-07`."""

    def __init__(
        self, address: OnvifAddress, name: str, call_s: float = CALL_S, own_ports: frozenset[int] = frozenset()
    ) -> None:
        self.address = address
        self._own_ports = own_ports
        self.name = name
        self._call_s = call_s
        self._addresses: dict[str, str] = {Service.DEVICE.namespace: address.url}
        self._token = library.UsernameDigestTokenDtDiff(address.user, address.password, use_digest=True)
        self._session: aiohttp.ClientSession | None = None
        self._transport: Any = None

    @property
    def camera(self) -> str:
        """The camera's id, or the host of a device that has none: for words in other languages."""
        return self.name.rpartition(" ")[2]

    def offers(self, service: Service) -> bool:
        """Whether the device named an address for the service."""
        return service.namespace in self._addresses

    def learn(self, namespace: str, advertised: str) -> None:
        """The device offers a service there (on the configured host, whatever it says)."""
        self._addresses[namespace] = self.address.here(advertised)

    def clock_is_off_by(self, seconds: float) -> None:
        """Tokens are dated by the device's own clock, or it refuses them as stale."""
        self._token.dt_diff = datetime.timedelta(seconds=round(seconds, 3))

    async def call(
        self,
        service: Service,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        signed: bool = True,
        at: str = "",
        within_s: float | None = None,
    ) -> Any:
        """The answer as zeep makes it. DeviceUnreachable, DeviceRefusedPassword, DeviceFault, NotOffered.

        `at` is the address of a subscription; `within_s` a longer patience than usual.
        """
        address = at or self._addresses.get(service.namespace, "")
        if not address:
            part = service.name.lower().replace("_", " ")
            sentence = f"{self.name} does not offer ONVIF {part}."
            raise NotOffered(say("device-lacks", sentence, camera=self.camera, part=part))
        try:
            proxy = await self._proxy(service, address, signed)
            async with asyncio.timeout(within_s or self._call_s):
                return await getattr(proxy, operation)(**(parameters or {}))
        except TimeoutError:
            limit = within_s or self._call_s
            raise self._silent(limit) from None
        except (aiohttp.ClientError, OSError) as problem:
            raise self._unreachable(_reason(problem)) from None
        except AddressRefused as refusal:
            raise self._not_there(refusal) from None
        except XmlRefused as refusal:
            sentence = f"{self.name} gave an answer to {operation} that is not read: {refusal.message}"
            raise DeviceFault(say("device-unread", sentence, camera=self.camera), _NEWER) from None
        except zeep.exceptions.Fault as fault:
            raise self._refused(operation, fault) from None
        except zeep.exceptions.TransportError as problem:
            raise self._status(operation, problem) from None
        except (zeep.exceptions.Error, ONVIFError, etree.LxmlError, ValueError, TypeError, AttributeError) as problem:
            sentence = f"{self.name} gave an answer to {operation} that cannot be read ({type(problem).__name__})."
            raise DeviceFault(say("device-unread", sentence, camera=self.camera), _NEWER) from None

    async def fetch(self, url: str) -> bytes:
        """A file of the device's web server (a still picture). The same errors."""
        try:
            session = await self._opened()
            async with asyncio.timeout(self._call_s), session.get(self.address.here(url)) as answer:
                if answer.status in (401, 403):
                    raise self._wrong_password()
                if answer.status != 200:
                    sentence = f"{self.name} answered {answer.status} when asked for its still picture."
                    raise DeviceFault(say("device-no-still", sentence, camera=self.camera))
                return await answer.read()
        except AddressRefused as refusal:
            raise self._not_there(refusal) from None
        except TimeoutError:
            raise self._silent(self._call_s) from None
        except (aiohttp.ClientError, OSError) as problem:
            raise self._unreachable(_reason(problem)) from None

    async def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            account = self.address
            digest = (aiohttp.DigestAuthMiddleware(account.user, account.password),) if account.user else ()
            # A connection a call: cameras close idle ones without a word, and the next call would run into that.
            self._session = guarded_session(
                DEVICE, self._own_ports, host=account.host, connect_s=self._call_s, tls=library._NO_VERIFY_SSL_CONTEXT,
                middlewares=digest,
            )  # fmt: skip
            self._transport = CheckedTransport(session=self._session, verify_ssl=False)
        return self._session

    async def _proxy(self, service: Service, address: str, signed: bool) -> Any:
        await self._opened()
        document = await library._cached_document(service.description)
        token = self._token if signed and self.address.user else None
        client = library.ZeepAsyncClient(
            wsdl=document, wsse=token, transport=self._transport, settings=ANSWER_SETTINGS,
            plugins=[library.WsAddressingIfMissingPlugin()],
        )  # fmt: skip
        return client.create_service(f"{{{service.namespace}}}{service.value[2]}", address)

    # What may go wrong, in words.

    def _silent(self, limit_s: float) -> DeviceUnreachable:
        place, seconds = self.address.place, f"{limit_s:g}"
        sentence = f"{self.name} does not answer ONVIF at {place} within {seconds} s."
        return DeviceUnreachable(say("no-answer", sentence, camera=self.camera, place=place, seconds=seconds), _CHECK)

    def _unreachable(self, reason: str) -> DeviceUnreachable:
        place = self.address.place
        sentence = f"{self.name} cannot be reached at {place} ({reason})."
        return DeviceUnreachable(say("not-reached", sentence, camera=self.camera, place=place, reason=reason), _CHECK)

    def _not_there(self, refusal: AddressRefused) -> DeviceUnreachable:
        sentence = f"{self.name} is not asked by ONVIF: {refusal.message}"
        return DeviceUnreachable(say("device-address-refused", sentence, camera=self.camera), refusal.remedy)

    def _wrong_password(self) -> DeviceRefusedPassword:
        if self.address.user:
            sentence = f"{self.name} refused the account or the password for ONVIF."
            told = say("device-password-wrong", sentence, camera=self.camera)
        else:
            sentence = f"{self.name} asks for an account and a password for ONVIF."
            told = say("device-password-missing", sentence, camera=self.camera)
        return DeviceRefusedPassword(
            told,
            "Correct `onvif` in the configuration; many cameras keep ONVIF accounts apart from those of their web page.",
        )

    def _refused(self, operation: str, fault: zeep.exceptions.Fault) -> DeviceFault | DeviceRefusedPassword:
        codes = [str(getattr(code, "localname", code)) for code in fault.subcodes or ()]
        text = (fault.message or "").strip()
        if "NotAuthorized" in codes or "authori" in text.lower() or "FailedAuthentication" in f"{fault.code}":
            return self._wrong_password()
        reason = " ".join(text.split())[:200] or "/".join(codes) or "no reason given"
        reason = reason.rstrip(".")
        sentence = f"{self.name} refused {operation}: {reason}."
        return DeviceFault(say("device-refused", sentence, camera=self.camera, answer=reason))

    def _status(self, operation: str, problem: zeep.exceptions.TransportError) -> DeviceFault | DeviceRefusedPassword:
        if problem.status_code in (401, 403):
            return self._wrong_password()
        sentence = f"{self.name} answered {problem.status_code} to {operation}."
        return DeviceFault(
            say("device-answered", sentence, camera=self.camera, answer=problem.status_code),
            "Check that the address is that of its ONVIF service, and that ONVIF is switched on in the camera.",
        )


def _reason(problem: BaseException) -> str:
    number = getattr(problem, "os_error", problem)
    text = getattr(number, "strerror", None) or ""
    if "Name or service" in text or "nodename" in text:
        return "no such host"
    if isinstance(problem, aiohttp.ServerDisconnectedError):
        return "it hung up"
    return text.split("[")[0].strip().rstrip(".") or type(problem).__name__
