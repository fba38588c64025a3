"""The only door to the world: clock, randomness, identifiers and workers (DESIGN rule 4).

Disk and network come beside it as the protocols `store.Disk` and `video.PacketOpener`, because their words belong there.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random, SystemRandom

from istros.base.clock import Clock, SystemClock
from istros.base.ids import Ids
from istros.base.workers import ThreadWorkers, Workers


@dataclass(frozen=True, slots=True)
class Environment:
    """What a part of Istros may know of the world outside it.

    `own_ports` are those that the node itself listens on: no address of a camera may lead there (`base.reach`).
    """

    clock: Clock
    random: Random
    ids: Ids
    workers: Workers
    own_ports: frozenset[int] = frozenset()


def real_environment(workers: int = 4, own_ports: frozenset[int] = frozenset()) -> Environment:
    """The environment of a running node: the computer's clock, its entropy and a few threads."""
    clock, random = SystemClock(), SystemRandom()
    return Environment(clock, random, Ids(clock, random), ThreadWorkers(workers, "istros"), own_ports)
