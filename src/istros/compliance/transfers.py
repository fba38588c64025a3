"""To whom personal data may go, and on which ground: the table of `transfers.toml`, read once and checked (rule L16)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any, Literal

from istros.compliance.errors import TransferTableFault
from istros.store.departures import RecipientKind

TransferLaw = Literal["led", "gdpr", "ua"]
"""By which the node sends: Directive 2016/680, GDPR, Law of Ukraine 2297-VI."""

Regime = Literal["police", "civil"]
Group = Literal["home", "eu", "convention", "third"]

LAWS: tuple[TransferLaw, ...] = ("led", "gdpr", "ua")
GROUPS: tuple[Group, ...] = ("home", "eu", "convention", "third")
UKRAINE = "UA"


@dataclass(frozen=True, slots=True)
class Sending:
    """Where this node stands: its country and whether its organisation is the police."""

    country: str = UKRAINE
    regime: Regime = "civil"

    @property
    def law(self) -> TransferLaw:
        """The law by which it sends."""
        if self.country == UKRAINE:
            return "ua"
        return "led" if self.regime == "police" else "gdpr"


@dataclass(frozen=True, slots=True)
class Basis:
    """A ground on which data leave. `needs_paper`: an order, treaty or assessment must be named with it."""

    code: str
    law: str
    needs_paper: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What holds for one kind of recipient in one group of countries: grounds to choose from, or why nothing goes there."""

    kind: RecipientKind
    group: Group
    bases: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class TransferTable:
    """The whole table."""

    eu: frozenset[str]
    convention: frozenset[str]
    bases: Mapping[str, Basis]
    cells: Mapping[tuple[str, str, str], Cell]

    def group(self, home: str, country: str) -> Group:
        """In which group a country is, seen from the sender's."""
        if country == home:
            return "home"
        return "eu" if country in self.eu else "convention" if country in self.convention else "third"

    def cell(self, sending: Sending, kind: RecipientKind, country: str) -> Cell:
        """What holds for a recipient."""
        return self.cells[sending.law, kind.value, self.group(sending.country, country)]


@lru_cache(maxsize=1)
def transfer_table() -> TransferTable:
    """The table that comes with the program. TransferTableFault where it leaves something open or says it twice."""
    return read_table(files("istros.compliance").joinpath("transfers.toml").read_text(encoding="utf-8"))


def read_table(text: str) -> TransferTable:
    """A table out of its text. TransferTableFault."""
    data: dict[str, Any] = tomllib.loads(text)
    bases = {code: Basis(code, facts["law"], bool(facts.get("paper", False))) for code, facts in data["basis"].items()}
    cells: dict[tuple[str, str, str], Cell] = {}
    for each in data["cell"]:
        for kind, group in product(each["recipient"], each["to"]):
            key = (each["law"], kind, group)
            if key in cells:
                raise TransferTableFault(f"The table of transfers says {' / '.join(key)} twice.", "Keep one of them.")
            cells[key] = Cell(RecipientKind(kind), group, tuple(each.get("bases", ())), each.get("refused", ""))
    _check(cells, bases)
    countries = data["countries"]
    return TransferTable(
        frozenset(countries["eu"]), frozenset(countries["convention"]), MappingProxyType(bases), MappingProxyType(cells)
    )


def _check(cells: Mapping[tuple[str, str, str], Cell], bases: Mapping[str, Basis]) -> None:
    wanted = {(law, kind.value, group) for law, kind, group in product(LAWS, RecipientKind, GROUPS)}
    if missing := wanted ^ set(cells):
        raise TransferTableFault(
            f"The table of transfers leaves open or knows too much of: {sorted(missing)}.", "Write a cell for each."
        )
    for key, cell in cells.items():
        unknown = set(cell.bases) - set(bases)
        if unknown or bool(cell.bases) == bool(cell.refused):
            raise TransferTableFault(
                f"The table of transfers is wrong at {' / '.join(key)}.", "Name grounds that are there, or a refusal."
            )
