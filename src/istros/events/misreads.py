"""A plate that a person reads otherwise than the machine did; whoever got the wrong one is told (rule L17)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection
from dataclasses import replace

from istros.base.environment import Environment
from istros.base.plate_text import UNREAD, fold, fold_read
from istros.base.said import say
from istros.base.time import to_iso
from istros.compliance import corrections
from istros.compliance.corrections import Cause, Remedy, Wrong
from istros.events.errors import PlateRefused, PlateSame
from istros.events.matching import match_entry
from istros.events.raising import title_of
from istros.events.record import Author, record
from istros.events.watchlist import LONGEST_PLATE, SHORTEST_PLATE, written
from istros.store import Transaction
from istros.store.departures import DepartureRow
from istros.store.rows import AlarmRow, PlateReadRow, WatchlistEntryRow

_SCRIPTS = ("LATIN ", "CYRILLIC ", "GREEK ")
"""How the names of the letters begin that stand on plates in Europe (Unicode)."""

_BETWEEN = " -."


def correct_read(
    tx: Transaction, environment: Environment, author: Author, row: PlateReadRow, plate: str, country: str | None
) -> PlateReadRow:
    """Keep what a person read, with who and when; the caller records the act. PlateRefused, PlateSame."""
    text = _checked(plate)
    is_same = fold_read(row.text) == fold_read(text)
    if is_same and country == row.country:
        raise PlateSame("This is the plate as it was read.", "Write what the picture shows instead, or leave it.")
    holders, alarms = corrections.holders_of_read(tx, row), tx.alarms.of_read(row)
    named, placed = _told_before(tx, row, {each.id for each in holders})
    holders += named
    known = {each.id for each in holders}
    tx.reads.correct(row.id, text, country, environment.clock.now(), author.actor)
    found = tx.reads.get(row.id)
    assert found is not None, "a read that was changed is there"
    place = {"camera": row.camera_id, "time": to_iso(row.time)}
    told = {"plate": _named(row, found), "right": _named(found, row)}
    wrong = Wrong(Cause.MISREAD, row.id, Remedy.CORRECT, told | place)
    corrections.notify(tx, environment, wrong, holders, author.actor, author.origin)
    corrections.notify(tx, environment, replace(wrong, facts=place), placed, author.actor, author.origin)
    for alarm in () if is_same else alarms:
        revised = _revise(tx, environment, author, alarm, found)
        # Who has the alarm without its plate learns where and when, and no plate.
        others = (each for each in corrections.holders_of_alarm(tx, alarm) if revised and each.id not in known)
        notice = replace(wrong, facts=place)
        corrections.notify(tx, environment, notice, others, author.actor, author.origin)
    return found


def _told_before(
    tx: Transaction, row: PlateReadRow, found: Collection[str]
) -> tuple[list[DepartureRow], list[DepartureRow]]:
    """Who was told of an earlier correction of this read and has what it said then, whatever it says now, but those found.

    (Whose notice still names a plate, whose does not: they learn where and when.)
    """
    before = [each for each in tx.departures.told(Cause.MISREAD, row.id) if each.id not in found]
    open_ones = {each.id: tx.corrections.open_of(each.id, Cause.MISREAD, row.id) for each in before}
    names = {id for id, notice in open_ones.items() if notice is not None and "plate" in notice.known_facts}
    return [each for each in before if each.id in names], [each for each in before if each.id not in names]


def _named(read: PlateReadRow, other: PlateReadRow) -> str:
    """The plate, with its country where that was wrong."""
    return read.text if read.country == other.country else f"{read.text} ({read.country or UNREAD})"


def _revise(tx: Transaction, environment: Environment, author: Author, alarm: AlarmRow, read: PlateReadRow) -> bool:
    """The alarm tells the right plate; where nothing that it counts is the plate sought, it was false. Whether that changed.

    Where an earlier correction made it false, and by this one it is the plate sought after all, it is true again.
    """
    entry = tx.watchlist.get(alarm.watchlist_entry_id or "")
    match = None if entry is None else match_entry(read, entry)
    is_sought = match is not None or (entry is not None and _was_seen_again(tx, alarm, entry))
    title = title_of(alarm.plate, alarm.camera_id)
    if not is_sought:
        title = f"Misread, not the sought vehicle {alarm.plate} at {alarm.camera_id}"
    tx.alarms.reread(alarm.id, read.text, alarm.match if match is None else match.kind, title)
    if is_sought:
        revised = alarm.verdict == "false" and _by_correction(tx, alarm) and tx.alarms.revise(alarm.id, "true")
    else:
        revised = alarm.verdict == "true" and tx.alarms.revise(alarm.id, "false")
    why = say("alarm-plate-corrected", "A person read the plate otherwise than the machine.")
    detail = {"why": why.text, "why_code": why.code, "kind": alarm.kind, "camera": alarm.camera_id}
    verdicts: dict[str, str] = (
        {"verdict": "true" if is_sought else "false", "was": str(alarm.verdict)} if revised else {}
    )
    record(tx, environment, author, "alarm.revise", alarm.id, detail | verdicts)
    return revised


def _by_correction(tx: Transaction, alarm: AlarmRow) -> bool:
    """Whether it was a correction of its plate that made the alarm false, and no person's own verdict."""
    told = [json.loads(row.detail) for row in tx.audit.about(alarm.id, action="alarm.revise")]
    return any(each.get("verdict") == "false" and each.get("why_code") == "alarm-plate-corrected" for each in told)


def _was_seen_again(tx: Transaction, alarm: AlarmRow, entry: WatchlistEntryRow) -> bool:
    """Whether another read that the alarm took up still fits, however many they were."""
    folds = (json.loads(row.detail) for row in tx.audit.each_about(alarm.id, "alarm.fold"))
    reads = (tx.reads.get(str(fold.get("observation"))) for fold in folds)
    return any(read is not None and match_entry(read, entry) is not None for read in reads)


def _checked(plate: str) -> str:
    """As the machine writes plates: capitals, nothing between."""
    text = written(plate)
    if len(text) > LONGEST_PLATE or len(fold(text)) < SHORTEST_PLATE or not all(map(_stands_on_plates, text)):
        raise PlateRefused(
            say(
                "plate-form",
                f"This cannot be a plate: a plate has {SHORTEST_PLATE} to {LONGEST_PLATE} letters and digits.",
                least=SHORTEST_PLATE,
                most=LONGEST_PLATE,
            ),
            "Write the letters and digits that the picture shows, and ? for one that cannot be read.",
        )
    return "".join(sign for sign in text if sign not in _BETWEEN)


def _stands_on_plates(sign: str) -> bool:
    return sign in _BETWEEN or sign == UNREAD or sign in "0123456789" or unicodedata.name(sign, "").startswith(_SCRIPTS)
