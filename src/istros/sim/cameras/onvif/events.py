"""What a simulated camera notices, and the pull points that wait for it (ONVIF Core, clause 9)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from istros.base.environment import Environment
from istros.base.time import Time, to_iso

MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"
SCENE_CHANGE = "tns1:VideoSource/GlobalSceneChange/ImagingService"
TOO_BLURRY = "tns1:VideoSource/ImageTooBlurry/ImagingService"
DIGITAL_INPUT = "tns1:Device/Trigger/DigitalInput"
QUEUE_MAX = 256
SUBSCRIPTIONS_MAX = 16

Operation = Literal["Initialized", "Changed", "Deleted"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification message."""

    topic: str
    source: Mapping[str, str]
    data: Mapping[str, str]
    operation: Operation
    time: Time

    def as_xml(self) -> str:
        """wsnt:NotificationMessage."""
        return (
            "<wsnt:NotificationMessage>"
            '<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
            f"{escape(self.topic)}</wsnt:Topic><wsnt:Message>"
            f'<tt:Message UtcTime="{to_iso(self.time)}" PropertyOperation="{self.operation}">'
            f"<tt:Source>{_items(self.source)}</tt:Source><tt:Data>{_items(self.data)}</tt:Data>"
            "</tt:Message></wsnt:Message></wsnt:NotificationMessage>"
        )


def _items(values: Mapping[str, str]) -> str:
    return "".join(f"<tt:SimpleItem Name={quoteattr(k)} Value={quoteattr(v)}/>" for k, v in values.items())


@dataclass(slots=True)
class PullPoint:
    """One subscription; the oldest notices give way when nobody pulls."""

    id: str
    expires_s: float
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=QUEUE_MAX))
    filled: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, notice: Notice) -> None:
        """One more."""
        self.notices.append(notice)
        self.filled.set()


class EventBroker:
    """Keeps the state of each property and tells every pull point of its changes."""

    def __init__(self, environment: Environment, now: Callable[[], Time]) -> None:
        self._environment = environment
        self._now = now
        self._state: dict[tuple[str, str], Notice] = {}
        self._points: dict[str, PullPoint] = {}
        self.subscribed = 0
        self.renewed = 0
        self.declare(MOTION, {"VideoSourceConfigurationToken": "video", "Rule": "motion"}, {"IsMotion": "false"})
        self.declare(SCENE_CHANGE, {"Source": "video"}, {"State": "false"})
        self.declare(TOO_BLURRY, {"Source": "video"}, {"State": "false"})
        self.declare(DIGITAL_INPUT, {"InputToken": "input-1"}, {"LogicalState": "false"})

    def declare(self, topic: str, source: Mapping[str, str], data: Mapping[str, str]) -> None:
        """A property that exists from the start."""
        self._state[topic, repr(source)] = Notice(topic, source, data, "Initialized", self._now())

    @property
    def topics(self) -> tuple[str, ...]:
        """Everything that this camera may tell of."""
        return tuple(dict.fromkeys(topic for topic, _ in self._state))

    @property
    def points(self) -> int:
        """How many subscriptions live."""
        self._drop_expired()
        return len(self._points)

    def say(self, topic: str, value: bool, *, at: Time | None = None) -> None:
        """The property of that topic has this value now: Motion, State, LogicalState."""
        key = next(key for key in self._state if key[0] == topic)
        known = self._state[key]
        data = {name: "true" if value else "false" for name in known.data}
        self.tell(Notice(topic, known.source, data, "Changed", self._now() if at is None else at))
        self._state[key] = Notice(topic, known.source, data, "Initialized", self._now() if at is None else at)

    def tell(self, notice: Notice) -> None:
        """Send a notice as it is to every pull point."""
        self._drop_expired()
        for point in self._points.values():
            point.push(notice)

    def subscribe(self, seconds: float) -> PullPoint | None:
        """A new pull point, told the state of every property; None when there are too many already."""
        self._drop_expired()
        if len(self._points) >= SUBSCRIPTIONS_MAX:
            return None
        self.subscribed += 1
        point = PullPoint(self._environment.ids.new(), self._environment.clock.elapsed() + seconds)
        self._points[point.id] = point
        self.synchronise(point)
        return point

    def point(self, id: str) -> PullPoint | None:
        """A pull point that has not expired."""
        self._drop_expired()
        return self._points.get(id)

    def renew(self, point: PullPoint, seconds: float) -> None:
        """It lives so much longer."""
        self.renewed += 1
        point.expires_s = self._environment.clock.elapsed() + seconds

    def end(self, point: PullPoint) -> None:
        """Unsubscribe."""
        self._points.pop(point.id, None)
        point.filled.set()

    def forget(self) -> None:
        """The camera was switched off and on: no subscription is known any more."""
        for point in tuple(self._points.values()):
            self.end(point)

    def synchronise(self, point: PullPoint) -> None:
        """SetSynchronizationPoint: the state of every property again."""
        for notice in self._state.values():
            point.push(notice)

    async def pull(self, point: PullPoint, seconds: float, most: int) -> list[Notice]:
        """Up to `most` notices, waiting for the first one as long as `seconds`."""
        if not point.notices:
            point.filled.clear()
            try:
                async with asyncio.timeout(seconds):
                    await point.filled.wait()
            except TimeoutError:
                return []
        return [point.notices.popleft() for _ in range(min(most, len(point.notices)))]

    def _drop_expired(self) -> None:
        now = self._environment.clock.elapsed()
        for point in [point for point in self._points.values() if point.expires_s < now]:
            self.end(point)
