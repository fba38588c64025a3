"""The chain of segments on both databases: joining, removing, signing, clearing, and two writers at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from threading import Thread

from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.recording.chain import ChainSigner, verify
from istros.store import Database
from istros.store.links import RemovalReason
from tests.store.rows_made import at, segment

KEY = SigningKey.generate()


def test_a_chain_from_closing_to_clearing(database: Database, environment: Environment) -> None:
    signer = ChainSigner(environment, database, KEY)

    async def scene() -> None:
        for first in (0, 6):
            await database.write(lambda tx, first=first: [tx.segments.add(segment(first + n)) for n in range(6)])  # type: ignore[misc]
            assert await signer.sign() == 1
        assert await signer.sign() == 0
        gone = [f"IZ-07-{number}" for number in range(7)]
        await database.write(lambda tx: tx.segments.remove(gone, at(900), RemovalReason.QUOTA))
        links = await database.read(lambda tx: tx.links.stretch("IZ-07", "main", 5, 8, at(0), at(900)))
        assert [(link.number, link.reason) for link in links] == [
            (5, RemovalReason.QUOTA), (6, RemovalReason.QUOTA), (7, RemovalReason.QUOTA), (8, None),
        ]  # fmt: skip
        assert await signer.clear() == 1 and await signer.clear() == 0
        heads = await database.read(lambda tx: tx.links.heads("IZ-07", "main"))
        assert [(head.first, head.number, head.cleared) for head in heads] == [(1, 6, True), (7, 12, False)]
        assert (await verify(database, {KEY.public.id: KEY.public})).ok
        tail = await database.read(lambda tx: tx.links.tail("IZ-07", "main", 7, at(0), at(900)))
        assert [number for number, _, _ in tail] == [7, 8, 9, 10, 11, 12]

    asyncio.run(scene())


def test_two_that_close_segments_at_once_share_one_chain(database: Database) -> None:
    def close(numbers: range) -> None:
        for number in numbers:
            row = replace(segment(number), sha256=f"{number:064x}")
            database.write_now(lambda tx, row=row: tx.segments.add(row))

    close(range(1))
    threads = [Thread(target=close, args=(numbers,)) for numbers in (range(1, 21), range(21, 41))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = asyncio.run(verify(database, {}))
    assert report.ok and report.links == 41
