"""A bounded queue that never makes its writer wait (DESIGN rule 5)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")


class Ring(Generic[T]):
    """Keeps the newest `size` items; an older one that gives way is counted in `dropped`."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"a ring holds at least one item, not {size}")
        self.size = size
        self.dropped = 0
        self._items: deque[T] = deque()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    def push(self, item: T) -> None:
        """Add an item; when the ring is full, the oldest gives way."""
        if len(self._items) >= self.size:
            self._items.popleft()
            self.dropped += 1
        self._items.append(item)
        self._filled.set()

    async def pull(self) -> T:
        """The oldest item, as soon as there is one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._items.popleft()

    def peek(self, count: int) -> list[T]:
        """At most `count` of the oldest items, which stay in it."""
        return list(islice(self._items, count))

    def keep(self, wanted: Callable[[T], bool]) -> int:
        """Drop what is not wanted, counted; how many went."""
        kept = [item for item in self._items if wanted(item)]
        gone = len(self._items) - len(kept)
        self._items = deque(kept)
        self.dropped += gone
        return gone

    def take(self) -> list[T]:
        """Everything in it without waiting, oldest first."""
        items = list(self._items)
        self._items.clear()
        return items

    def clear(self) -> None:
        """Drop everything, counted."""
        self.dropped += len(self._items)
        self._items.clear()
