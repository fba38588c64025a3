"""What is divided by organisation: breaches, requests of people, what left and notices of it, face searches, releases, the log.

Whoever runs the node sees all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from istros.store import Transaction

T = TypeVar("T")

OVERSEES = "protection_officer"


@dataclass(frozen=True, slots=True)
class Share:
    """What an officer of one organisation sees of the record: that of its people, its matters and its cameras."""

    organisation: str
    people: Collection[str]
    """Those who work for it and its programs, as the log names them."""
    cameras: Collection[str]


def of_people(share: Share | None, things: Iterable[T], named: Callable[[T], str]) -> list[T]:
    """The things of the share's people, by the name that each bears; None: all."""
    return [each for each in things if share is None or named(each) in share.people]


def of_cameras(share: Share | None, things: Iterable[T], named: Callable[[T], str]) -> list[T]:
    """The things of the share's cameras; None: all."""
    return [each for each in things if share is None or named(each) in share.cameras]


def of_organisation(share: Share | None, things: Iterable[T], whose: Callable[[T], str]) -> list[T]:
    """The things of the share's organisation; None: all."""
    return [each for each in things if share is None or whose(each) == share.organisation]


def runs_node(tx: Transaction, role: str, organisation: str, nodes: str) -> bool:
    """Whether somebody's organisation runs the node, which the settings say is run by `nodes`.

    Where no data-protection officer works for that one, every officer counts as its own: a breach that no officer sees
    would be worse than one that an officer of another organisation sees. Nobody else does.
    """
    return organisation == nodes or (role == OVERSEES and has_no_officer(tx, nodes))


def has_no_officer(tx: Transaction, nodes: str) -> bool:
    """Whether no data-protection officer works for the organisation that runs the node, as its name is written there."""
    return not any(
        row.role == OVERSEES and not row.disabled and row.organisation == nodes for row in tx.operators.all()
    )
