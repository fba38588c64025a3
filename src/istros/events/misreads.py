"""A plate that a person reads otherwise than the machine did; whoever got the wrong one is told (rule L17)."""

from __future__ import annotations

import unicodedata

from istros.base.environment import Environment
from istros.base.plate_text import UNREAD, fold, fold_read
from istros.base.time import to_iso
from istros.compliance import corrections
from istros.compliance.corrections import Cause, Remedy, Wrong
from istros.events.errors import PlateRefused, PlateSame
from istros.events.record import Author
from istros.events.watchlist import LONGEST_PLATE, SHORTEST_PLATE, written
from istros.store import Transaction
from istros.store.rows import PlateReadRow

_SCRIPTS = ("LATIN ", "CYRILLIC ", "GREEK ")
"""How the names of the letters begin that stand on plates in Europe (Unicode)."""

_BETWEEN = " -."


def correct_read(
    tx: Transaction, environment: Environment, author: Author, row: PlateReadRow, plate: str, country: str | None
) -> PlateReadRow:
    """Keep what a person read, with who and when; the caller records the act. PlateRefused, PlateSame."""
    text = _checked(plate)
    if fold_read(row.text) == fold_read(text):
        raise PlateSame("This is the plate as it was read.", "Write what the picture shows instead, or leave it.")
    now = environment.clock.now()
    tx.reads.correct(row.id, text, country, now, author.actor)
    facts = {"plate": row.text, "right": text, "camera": row.camera_id, "time": to_iso(row.time)}
    wrong = Wrong(Cause.MISREAD, row.id, Remedy.CORRECT, facts)
    holders = corrections.holders_of_read(tx, row)
    corrections.notify(tx, environment, wrong, holders, author.actor, author.origin)
    found = tx.reads.get(row.id)
    assert found is not None, "a read that was changed is there"
    return found


def _checked(plate: str) -> str:
    """As the machine writes plates: capitals, nothing between."""
    text = written(plate)
    if len(text) > LONGEST_PLATE or len(fold(text)) < SHORTEST_PLATE or not all(map(_stands_on_plates, text)):
        raise PlateRefused(
            f"This cannot be a plate: a plate has {SHORTEST_PLATE} to {LONGEST_PLATE} letters and digits.",
            "Write the letters and digits that the picture shows, and ? for one that cannot be read.",
        )
    return "".join(sign for sign in text if sign not in _BETWEEN)


def _stands_on_plates(sign: str) -> bool:
    return sign in _BETWEEN or sign == UNREAD or sign in "0123456789" or unicodedata.name(sign, "").startswith(_SCRIPTS)
