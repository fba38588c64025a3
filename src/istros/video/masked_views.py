"""How many masked streams one person watches at once: each is painted, and one person must not take all that is.

The streams that a person began to watch first come first. Who watches one too many gets a sentence instead of pictures, and
the pictures as soon as there is room.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

from istros.base.clock import Clock
from istros.devices.camera import StreamKey
from istros.video.errors import EnoughMasked, StreamError
from istros.video.live import LiveHub
from istros.video.live_messages import LiveForm, LiveMessage, LiveState
from istros.video.masked import MaskWatch

MOST_OF_ONE = 12
"""Half of what a machine paints (`masked.MOST_PAINTERS`)."""

LOOK_EVERY_S = 1.0
"""How often it is looked whether there is room again."""


class MaskedViews:
    """The live views of a node by the person who watches; a person's views on several screens count together."""

    def __init__(self, clock: Clock, hub: LiveHub, masks: MaskWatch, most: int = MOST_OF_ONE) -> None:
        self._clock, self._hub, self._masks, self._most = clock, hub, masks, most
        self._watched: dict[str, list[StreamKey]] = {}

    async def view(self, person: str, key: StreamKey, form: LiveForm = "mp4") -> AsyncGenerator[LiveMessage, None]:
        """Messages for one view of a person, by sign-in name, until `close`. Close the iterator when the viewer leaves."""
        with self._held(person, key):
            while True:
                if (refusal := self._refusal(person, key)) is not None:
                    yield LiveState("offline", str(refusal), refusal.code)
                while self._refusal(person, key) is not None:
                    await self._clock.sleep(LOOK_EVERY_S)
                async with aclosing(self._hub.view(key, form)) as messages:
                    async for message in messages:
                        if self._refusal(person, key) is not None:  # a mask was drawn on a camera that comes before
                            break
                        yield message
                    else:
                        return

    def require(self, person: str, key: StreamKey) -> None:
        """Raise EnoughMasked when one more view of this stream would show nothing to that person."""
        with self._held(person, key):
            if (refusal := self._refusal(person, key)) is not None:
                raise refusal

    async def close(self) -> None:
        """End every view."""
        await self._hub.close()

    @contextmanager
    def _held(self, person: str, key: StreamKey) -> Iterator[None]:
        watched = self._watched.setdefault(person, [])
        watched.append(key)
        try:
            yield
        finally:
            watched.remove(key)
            if not watched and self._watched.get(person) is watched:
                del self._watched[person]

    def _refusal(self, person: str, key: StreamKey) -> EnoughMasked | None:
        watched = dict.fromkeys(self._watched[person])
        if len(watched) <= self._most or not self._is_masked(
            key
        ):  # asked for every message: mostly no mask is looked at
            return None
        masked = [each for each in watched if self._is_masked(each)]
        if key in masked[: self._most]:
            return None
        return EnoughMasked(
            "You watch as many masked pictures as one person may at once.",
            "Close the view of another masked camera; this one comes by itself then.",
        )

    def _is_masked(self, key: StreamKey) -> bool:
        try:
            return bool(self._masks.held(key.camera_id))
        except StreamError:  # nothing of it is painted, nor shown
            return False
