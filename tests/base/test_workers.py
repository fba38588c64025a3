"""Short jobs that share a hop to a thread: in order, errors apart, and nothing that hangs holds up another key."""

from __future__ import annotations

import asyncio
from threading import Event

from istros.base.environment import Environment


def test_jobs_of_one_key_share_a_hop_and_errors_stay_with_their_job(environment: Environment) -> None:
    order: list[int] = []

    def job(number: int) -> int:
        order.append(number)
        if number == 3:
            raise OSError("the disk is full")
        return number * 10

    async def scenario() -> list[object]:
        run = environment.workers.run_together
        return list(await asyncio.gather(*(run("disk", job, number) for number in range(6)), return_exceptions=True))

    found = asyncio.run(scenario())
    assert order == list(range(6))
    assert [result for result in found if not isinstance(result, OSError)] == [0, 10, 20, 40, 50]
    assert str(found[3]) == "the disk is full"


def test_what_hangs_under_one_key_holds_up_no_other(environment: Environment) -> None:
    let_go = Event()

    async def scenario() -> str:
        run = environment.workers.run_together
        hanging = [asyncio.create_task(run("slow", let_go.wait)) for _ in range(20)]
        await asyncio.sleep(0.3)
        async with asyncio.timeout(5):
            result = await run("quick", lambda: "done")
        let_go.set()
        await asyncio.gather(*hanging)
        return result

    assert asyncio.run(scenario()) == "done"
