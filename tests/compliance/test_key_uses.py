"""Uses of programs' keys: one row at once, the others counted and told, none lost, every refusal a row."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from istros.base.environment import Environment
from istros.base.time import HOUR, Time, to_iso
from istros.compliance.access import standard_access
from istros.compliance.key_uses import KeyUses, tell_counts
from istros.compliance.program_keys import KeyWish, make_key, revoke_key, use_key
from istros.store import Database, Transaction
from tests.compliance.conftest import HandClock


@pytest.fixture
def key(database: Database, town: Environment, clock: HandClock) -> str:
    """A key; the clock stands ten minutes after a full hour."""
    clock.seconds = 3600 - 1_795_000_000 % 3600 + 600
    wish = KeyWish("meters", "izmail", ("gaps.read",))
    _, token = database.write_now(
        lambda tx: make_key(tx, town, standard_access(), wish, by="administrator", origin="desk")
    )
    return token


def uses(database: Database, action: str = "keys.use") -> list[dict[str, Any]]:
    rows = database.read_now(lambda tx: tx.audit.page(action=action))
    return [json.loads(row.detail) | {"result": row.result, "subject": row.subject} for row in reversed(rows)]


def test_the_first_use_is_a_row_and_the_others_are_counted_and_told_after_the_hour(
    database: Database, town: Environment, clock: HandClock, key: str
) -> None:
    def ask(asked: str = "/api/gaps", permit: str = "", origin: str = "10.0.0.9") -> None:
        database.write_now(lambda tx: use_key(tx, town, key, asked=asked, permit=permit, origin=origin))

    start = town.clock.now()
    for _ in range(4):
        ask()
        clock.seconds += 10
    ask("/api/storage")
    ask("/api/plates", permit="p1")
    ask(origin="10.0.0.10")
    told = [(row["asked"], row.get("permit", "")) for row in uses(database)]
    assert told == [("/api/gaps", ""), ("/api/storage", ""), ("/api/plates", "p1"), ("/api/gaps", "")]
    assert not database.write_now(lambda tx: tell_counts(tx, town)) and uses(database, "keys.used") == []
    clock.seconds += 3600
    ask()
    database.write_now(lambda tx: tell_counts(tx, town))
    (counted,) = uses(database, "keys.used")
    last = to_iso(Time(start + 30_000_000))
    assert (counted["asked"], counted["from"], counted["count"]) == ("/api/gaps", "10.0.0.9", 4)
    assert (counted["first"], counted["last"], counted["result"]) == (to_iso(start), last, "done")
    assert len(uses(database)) == 5, "the first use of the next hour"
    database.write_now(lambda tx: tell_counts(tx, town))
    assert len(uses(database, "keys.used")) == 1, "a count is told once"
    left = database.read_now(lambda tx: tx.program_keys.uses_before(Time(town.clock.now() + HOUR), 9))
    assert [(use.asked, use.count) for use in left] == [("/api/gaps", 1)]


def test_every_refused_use_is_a_row_at_once(database: Database, town: Environment, key: str) -> None:
    id = key.split(".")[1]
    database.write_now(lambda tx: revoke_key(tx, town, id, by="administrator", origin="desk"))
    for _ in range(3):
        database.write_now(lambda tx: use_key(tx, town, key, asked="/api/gaps", permit="", origin="x"))
    assert [(row["state"], row["result"]) for row in uses(database)] == [("revoked", "refused")] * 3


def test_a_use_that_was_not_written_down_was_not_counted_either(
    database: Database, town: Environment, key: str
) -> None:
    def killed(tx: Transaction) -> None:
        use_key(tx, town, key, asked="/api/gaps", permit="", origin="x")
        raise OSError("the power went")

    with pytest.raises(OSError, match="power"):
        database.write_now(killed)
    assert uses(database) == [] == database.read_now(lambda tx: tx.program_keys.uses_before(Time(1 << 60), 9))


def test_a_server_tells_what_a_killed_one_counted_and_at_its_own_end_the_present_hour_too(
    database: Database, town: Environment, clock: HandClock, key: str
) -> None:
    def ask(times: int) -> None:
        for _ in range(times):
            database.write_now(lambda tx: use_key(tx, town, key, asked="/api/gaps", permit="", origin="x"))

    async def serve() -> None:
        stop = asyncio.Event()
        stop.set()
        await KeyUses(town, database).run(stop)

    ask(3)
    clock.seconds += 3600
    ask(2)
    asyncio.run(serve())
    assert [row["count"] for row in uses(database, "keys.used")] == [3, 2]
    ask(1)
    assert [row["asked"] for row in uses(database)] == ["/api/gaps"] * 3, "after the end, a first use again"
