"""What the fuzzer once found, and what it begins from, again; and a short fuzzing that is the same each time."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, corpus_of
from tools.fuzz import mutated

INPUTS = [(target, path) for target in TARGETS for path in corpus_of(target)]
MUTATIONS, LONGEST_S = 150, 8.0


@pytest.mark.parametrize(("target", "path"), INPUTS, ids=[f"{target}/{path.name}" for target, path in INPUTS])
def test_the_corpus_is_taken(target: str, path: Path) -> None:
    TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_mutations_of_it_are_taken(target: str) -> None:
    seeds = [path.read_bytes() for path in corpus_of(target)]
    assert seeds, "a target begins from something"
    chance, end = random.Random(f"istros {target}"), time.monotonic() + LONGEST_S
    for _ in range(MUTATIONS):
        data = mutated(chance, seeds)
        try:
            TARGETS[target](data)
        except Exception as problem:
            raise AssertionError(f"{target} did not take {data[:400]!r}") from problem
        if time.monotonic() > end:
            break


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for _, path in INPUTS) < 600_000
