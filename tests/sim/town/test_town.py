"""Twenty short runs of the town, each from its own seed: every promise holds, and a run repeats exactly."""

from __future__ import annotations

import pytest

from istros.sim.town.run import TownPlan, run_town

SHORT_HOURS = 1 / 12


@pytest.mark.parametrize("seed", [str(number) for number in range(20)])
def test_every_promise_holds(seed: str) -> None:
    report = run_town(TownPlan(seed=seed, hours=SHORT_HOURS, cameras=3))
    assert not report.broken, report.in_words()
    assert report.segments > 50
    assert report.reads > 5


def test_the_same_seed_gives_the_same_day() -> None:
    plan = TownPlan(seed="again", hours=SHORT_HOURS, cameras=2)
    assert run_town(plan) == run_town(plan)


def test_another_seed_gives_another_day() -> None:
    days = {run_town(TownPlan(seed=seed, hours=SHORT_HOURS, cameras=2)).digest for seed in ("a", "b")}
    assert len(days) == 2
