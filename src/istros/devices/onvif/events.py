"""A camera's own events by pull point: subscribe, pull, renew, and begin anew when the camera has forgotten us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lxml import etree

from istros.base.clock import Clock
from istros.base.said import say
from istros.base.time import Time, from_iso
from istros.base.xml import parse_xml
from istros.devices.errors import DeviceError, DeviceFault
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.soap import Service

SUBSCRIPTION_S = 120
PULL_S = 20
"""How long the camera may keep a pull open when nothing happens."""

GRACE_S = 6.0
"""How much later than that an answer may come."""

RENEW_AT = 0.5
"""Share of a subscription's life after which it is renewed: two tries before it ends."""

MESSAGES_MOST = 50
LEAST_S = 10.0
"""A camera that grants less than this is renewed as if it had granted so much; many tell nonsense."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification as the camera sent it. `operation` is Initialized, Changed, Deleted or empty."""

    topic: str
    time: Time | None
    operation: str
    source: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]


class PullPoint:
    """One subscription. Iterate `notices` until it raises a DeviceError: then the subscription is lost."""

    def __init__(self, device: OnvifDevice, clock: Clock) -> None:
        self._device = device
        self._soap = device.soap
        self._clock = clock
        self._address = ""
        self._renew_s = 0.0

    async def subscribe(self) -> None:
        """Ask for a pull point."""
        answer = await self._soap.call(
            Service.EVENTS, "CreatePullPointSubscription", {"InitialTerminationTime": f"PT{SUBSCRIPTION_S}S"}
        )
        address = _address_of(answer)
        if not address:
            sentence = f"{self._device.name} granted a subscription without an address."
            raise DeviceFault(say("device-unread", sentence, camera=self._soap.camera))
        self._address = self._soap.address.here(address)
        self._plan(answer)
        with suppress(DeviceFault):
            # Tells the state of every property; cameras that do it by themselves may refuse.
            await self._soap.call(Service.PULL_POINT, "SetSynchronizationPoint", at=self._address)

    async def notices(self) -> AsyncIterator[list[Notice]]:
        """What comes, as it comes; an empty list when a pull brought nothing."""
        while True:
            if self._clock.elapsed() >= self._renew_s:
                await self._renew()
            answer = await self._soap.call(
                Service.PULL_POINT, "PullMessages", {"Timeout": f"PT{PULL_S}S", "MessageLimit": MESSAGES_MOST},
                at=self._address, within_s=PULL_S + GRACE_S,
            )  # fmt: skip
            yield [notice for each in _messages(answer) if (notice := _notice_of(each)) is not None]

    async def end(self) -> None:
        """Let the camera forget us; it does not matter when it cannot be told."""
        if self._address:
            with suppress(DeviceError):
                await self._soap.call(Service.SUBSCRIPTION, "Unsubscribe", at=self._address, within_s=2.0)

    async def _renew(self) -> None:
        try:
            answer = await self._soap.call(
                Service.SUBSCRIPTION, "Renew", {"TerminationTime": f"PT{SUBSCRIPTION_S}S"}, at=self._address
            )
            self._plan(answer)
        except DeviceFault:
            # Some cameras renew by every pull and know no Renew; when it was lost, the next pull says so.
            self._renew_s = self._clock.elapsed() + SUBSCRIPTION_S * RENEW_AT

    def _plan(self, answer: Any) -> None:
        """When to renew, by how long the camera says that it lasts: by its own clock at both ends, never by ours."""
        begin, end = getattr(answer, "CurrentTime", None), getattr(answer, "TerminationTime", None)
        try:
            granted = (end - begin).total_seconds() if begin and end else float(SUBSCRIPTION_S)
        except TypeError:
            granted = float(SUBSCRIPTION_S)
        self._renew_s = self._clock.elapsed() + max(LEAST_S, min(granted, SUBSCRIPTION_S)) * RENEW_AT


def parse_notices(document: bytes) -> list[Notice]:
    """Every wsnt:NotificationMessage in a document, e.g. a metadata stream. Raises XmlRefused."""
    root = parse_xml(document)
    return [notice for each in root.iter("{*}NotificationMessage") if (notice := _parsed(each)) is not None]


def _parsed(element: etree._Element) -> Notice | None:
    topic = next(iter(element.iter("{*}Topic")), None)
    message = next((each for each in element.iter("{*}Message") if each.get("UtcTime") is not None), None)
    return None if topic is None or message is None else _notice(topic.text or "", message)


def _messages(answer: Any) -> list[Any]:
    return list(getattr(answer, "NotificationMessage", None) or ())


def _notice_of(found: Any) -> Notice | None:
    """From zeep's form: the topic as an object, the message as an element that its schema does not describe."""
    topic = getattr(getattr(found, "Topic", None), "_value_1", None)
    if isinstance(topic, list):
        topic = topic[0] if topic else None
    content = getattr(getattr(found, "Message", None), "_value_1", None)
    if isinstance(content, list):
        content = content[0] if content else None
    if topic is None or content is None:
        return None
    text = topic if isinstance(topic, str) else (getattr(topic, "text", None) or "")
    if isinstance(content, etree._Element):
        return _notice(text, content)
    operation = str(getattr(content, "PropertyOperation", "") or "")
    time = getattr(content, "UtcTime", None)
    moment = None if time is None else _moment(time.isoformat())
    return Notice(_bare(text), moment, operation, _simple(content, "Source"), _simple(content, "Data"))


def _notice(topic: str, message: etree._Element) -> Notice:
    return Notice(
        _bare(topic), _moment(message.get("UtcTime", "")), message.get("PropertyOperation", ""),
        _items(message, "Source"), _items(message, "Data"),
    )  # fmt: skip


def _items(message: etree._Element, part: str) -> tuple[tuple[str, str], ...]:
    found = next(iter(message.iter(f"{{*}}{part}")), None)
    items = () if found is None else found.iter("{*}SimpleItem")
    return tuple((item.get("Name", ""), item.get("Value", "")) for item in items)


def _simple(content: Any, part: str) -> tuple[tuple[str, str], ...]:
    items = getattr(getattr(content, part, None), "SimpleItem", None) or ()
    return tuple((str(item.Name or ""), str(item.Value or "")) for item in items)


def _address_of(answer: Any) -> str:
    address = getattr(getattr(answer, "SubscriptionReference", None), "Address", None)
    return str(getattr(address, "_value_1", address) or "")


def _bare(topic: str) -> str:
    """A topic without the prefixes of its steps: cameras choose them freely."""
    return "/".join(step.rsplit(":", 1)[-1] for step in topic.strip().split("/"))


def _moment(text: str) -> Time | None:
    try:
        return from_iso(text if text[-1:] == "Z" or "+" in text[10:] or "-" in text[10:] else f"{text}Z")
    except ValueError:
        return None
