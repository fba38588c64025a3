"""Makes the index of accesses from the audit chain: which row was about which camera, for which purpose, which plate, and whose.

The log itself is written by every act and must stay cheap; the index follows behind it, and can be made anew at any
time. `check_page` holds it against the log, so that nobody can keep a look from the officer by taking it out here.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog

from istros.base.environment import Environment
from istros.base.plate_text import fold
from istros.compliance import camera_owners
from istros.compliance.camera_owners import Owners
from istros.compliance.program_keys import name_of
from istros.store import Database, Transaction
from istros.store.access_tables import AccessFactRow, ShareRow
from istros.store.rows import AuditRow

ALL_CAMERAS = "*"
"""Stands for every camera of the node: a search without a choice of cameras."""

NODE = "istros"
"""What the node does by itself is no access."""

_EVERY_S = 15.0
_PAGE = 500
_LONGEST_ID = 64
_CAMERA = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_ON_CAMERAS = ("live.view", "playback.view", "ptz.", "cameras.", "exports.order")
"""Actions whose subject is a camera, a stream of one (`IZ-07/main`) or several (`IZ-07,TL-01`)."""
_LOG = structlog.get_logger("istros.audit")


class AccessIndexer:
    """Keeps the index up with the log, beside everything else."""

    def __init__(self, environment: Environment, database: Database, owners: Owners) -> None:
        self._environment = environment
        self._database = database
        self._owners = owners

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a database that does not answer is asked again."""
        waiting = asyncio.create_task(stop.wait())
        while not stop.is_set():
            try:
                await catch_up(self._database, self._owners)
            except Exception as error:
                _LOG.error("accesses-not-indexed", error=str(error))
            pause = asyncio.ensure_future(self._environment.clock.sleep(_EVERY_S))
            await asyncio.wait({waiting, pause}, return_when=asyncio.FIRST_COMPLETED)
            pause.cancel()
        waiting.cancel()


async def catch_up(database: Database, owners: Owners) -> int:
    """Index what the log has and the index has not; the last row that is in it then."""
    while True:
        upto, more = await database.write(lambda tx: index_page(tx, owners))
        if not more:
            return upto


def catch_up_now(database: Database, owners: Owners) -> int:
    """`catch_up` for callers that may block."""
    while True:
        upto, more = database.write_now(lambda tx: index_page(tx, owners))
        if not more:
            return upto


def index_page(tx: Transaction, owners: Owners) -> tuple[int, bool]:
    """Index the next rows: (the last that is in the index then, whether there are more)."""
    mark = tx.accesses.mark()
    rows = tx.audit.walk(after=mark, limit=_PAGE)
    if not rows:
        return mark, False
    tx.accesses.index(facts_of(tx, rows), shares_of(tx, rows, owners), rows[-1].sequence)
    return rows[-1].sequence, len(rows) == _PAGE


def facts_of(tx: Transaction, rows: Sequence[AuditRow]) -> list[AccessFactRow]:
    """What rows of the log say about accesses; none for what the node did by itself and for the end of a view."""
    purposes = tx.accesses.purposes({row.permit_id for row in rows if row.permit_id})
    found: list[AccessFactRow] = []
    for row in rows:
        detail = _detail(row)
        if row.actor == NODE or detail.get("step") == "end":
            continue
        purpose, searched = purposes.get(row.permit_id or "", ""), _searched(row, detail)
        found += [
            AccessFactRow(
                row.sequence, camera, row.time, row.actor, row.action, purpose, row.result == "refused", searched
            )
            for camera in cameras_of(row, detail)
        ]
    return found


def check_page(tx: Transaction, after: int) -> tuple[int | None, int | None]:
    """Hold a page of the index against the log: (where to go on, or None at the end; the first row that differs)."""
    mark = tx.accesses.mark()
    rows = [row for row in tx.audit.walk(after=after, limit=_PAGE) if row.sequence <= mark]
    if not rows:
        return None, None
    # Without the settings: they tell whose a camera is now, the log whose it was.
    unshared = _unshared(shares_of(tx, rows, {}), tx.shares.between(rows[0].sequence, rows[-1].sequence))
    if unshared:
        return None, min(unshared)
    expected = sorted(facts_of(tx, rows), key=lambda fact: (fact.sequence, fact.camera_id))
    found = tx.accesses.facts(rows[0].sequence, rows[-1].sequence)
    if expected != found:
        wrong = {*expected} ^ {*found}
        return None, min((fact.sequence for fact in wrong), default=rows[0].sequence)
    return rows[-1].sequence, None


def _unshared(expected: Iterable[ShareRow], found: Sequence[ShareRow]) -> list[int]:
    """Rows of which somebody's share is missing, or only a part of it is there."""
    whole = {(each.organisation, each.sequence): each.whole for each in found}
    return [
        each.sequence for each in expected if whole.get((each.organisation, each.sequence)) not in (each.whole, True)
    ]


def shares_of(tx: Transaction, rows: Sequence[AuditRow], owners: Owners) -> list[ShareRow]:
    """Whose rows of the log are: of whoever acted and of the matter that they name as a whole, of a camera's owner in part.

    Whose a camera was the log tells itself (`camera_owners`); before that was first written down, `owners` do. What is
    nobody's stands in no share: whoever runs the node sees it.
    """
    owners = camera_owners.owners_before(tx, rows[0].sequence) or owners
    people = people_of(tx)
    details = {row.sequence: _detail(row) for row in rows}
    matters = tx.shares.owners({name for row in rows for name in _named(row, details[row.sequence])})
    found: list[ShareRow] = []
    for row in rows:
        detail = details[row.sequence]
        owners = camera_owners.told(row) if row.action == camera_owners.ACTION else owners
        whole = {people[row.actor]} if row.actor in people else set[str]()
        whole |= {matters[name] for name in _named(row, detail) if name in matters}
        cameras = cameras_of(row, detail)
        part = set(owners.values()) if ALL_CAMERAS in cameras else {owners[each] for each in cameras if each in owners}
        found += [ShareRow(each, row.sequence, True) for each in sorted(whole)]
        found += [ShareRow(each, row.sequence, False) for each in sorted(part - whole)]
    return found


def people_of(tx: Transaction) -> dict[str, str]:
    """For whom everybody works, by the name in the log: people and the keys of programs."""
    keys = {name_of(key): key.organisation for key in tx.program_keys.all()}
    return {row.name: row.organisation for row in tx.operators.all()} | keys


def _named(row: AuditRow, detail: Mapping[str, Any]) -> list[str]:
    """What a row names that may be the id of a matter: its subject, its permit and the plain words of its detail."""
    words = [value for value in detail.values() if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID]
    return [row.subject, *([row.permit_id] if row.permit_id else []), *words]


def named_cameras(row: AuditRow) -> list[str]:
    """The cameras that a row is about, by itself."""
    return cameras_of(row, _detail(row))


def cameras_of(row: AuditRow, detail: Mapping[str, Any]) -> list[str]:
    """The cameras that a row is about, each once; one empty name when it is about none."""
    listed = detail.get("cameras")
    if isinstance(listed, list):
        names = [str(name) for name in listed] or ([ALL_CAMERAS] if row.action == "plates.search" else [])
    elif isinstance(detail.get("camera"), str):
        names = [str(detail["camera"])]
    elif row.action.startswith(_ON_CAMERAS):
        names = [part.partition("/")[0] for part in row.subject.split(",")]
    else:
        names = []
    known = [name for name in dict.fromkeys(names) if name == ALL_CAMERAS or _CAMERA.fullmatch(name)]
    return sorted(known) or [""]


def _searched(row: AuditRow, detail: Mapping[str, Any]) -> str:
    text = detail.get("text")
    if row.action != "plates.search" or not isinstance(text, str) or set(text) & set("*?"):
        return ""
    return fold(text)


def _detail(row: AuditRow) -> dict[str, Any]:
    try:
        detail = json.loads(row.detail)
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}
