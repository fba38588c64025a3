"""`python -m tools.live_bench.viewers URL PATH COOKIE... COUNT`: viewers without a browser, who read and forget."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from websockets.asyncio.client import connect
from websockets.typing import Origin


async def view(url: str, path: str, cookie: str, counts: list[int]) -> None:
    """One viewer."""
    address = url.replace("http", "ws", 1) + path
    async with connect(
        address,
        origin=Origin(url),
        additional_headers={"Cookie": cookie},
        proxy=None,
        compression=None,
        max_size=None,
    ) as socket:
        async for message in socket:
            counts[0] += isinstance(message, bytes)


async def main(url: str, path: str, cookies: list[str], count: int) -> None:
    """All of them; the pictures received so far are printed each second."""
    counts = [0]
    tasks = [asyncio.create_task(view(url, path, cookies[n % len(cookies)], counts)) for n in range(count)]
    while not any(task.done() for task in tasks):
        await asyncio.sleep(1.0)
        print(counts[0], flush=True)
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    given_url, given_path, *given_cookies, number = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(main(given_url, given_path, given_cookies, int(number)))
