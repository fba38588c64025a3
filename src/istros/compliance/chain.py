"""Walks the audit chain and names the first row that was changed, removed, reordered or inserted.

A row's hash covers its sequence number and the hash before it. `audit_head` keeps where the chain ends, so rows cut
off the end are found too; whoever rewrites the whole chain and the head is found by a copy of the head kept elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from typing import Literal

import rfc8785

from istros.base.said import Said, say
from istros.store import Database, Transaction
from istros.store.rows import AuditRow

GENESIS = "0" * 64
"""The hash before the first row."""

Tampering = Literal["changed", "removed", "reordered", "inserted"]

_PAGE = 1000
"""Rows read in one transaction: a walk over millions must not hold one open."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk found: rows that hold, and the first that does not. `head` is the hash where the chain ends."""

    rows: int
    ok: bool
    head: str
    sequence: int | None = None
    kind: Tampering | None = None
    problem: Said | None = None
    """One sentence that names the row; None when the chain holds."""


_HASHED = tuple(field.name for field in fields(AuditRow) if field.name != "hash")


def hash_of(row: AuditRow) -> str:
    """SHA-256 over the canonical JSON of every field but the hash, as 64 hexadecimal digits."""
    return hashlib.sha256(rfc8785.dumps({name: getattr(row, name) for name in _HASHED})).hexdigest()


async def verify(database: Database) -> ChainReport:
    """Check the whole chain; rows that are appended meanwhile are checked too."""
    walk = _Walk()
    while (report := await database.read(walk.step)) is None:
        pass
    return report


def verify_now(database: Database) -> ChainReport:
    """`verify` for callers that may block."""
    walk = _Walk()
    while (report := database.read_now(walk.step)) is None:
        pass
    return report


class _Walk:
    """Where the walk stands: the newest row that holds."""

    def __init__(self) -> None:
        self.sequence = 0
        self.hash = GENESIS

    def step(self, tx: Transaction) -> ChainReport | None:
        """Check one page; a report when the chain broke or ended."""
        sequence, hash = self.sequence, self.hash
        page = tx.audit.walk(after=sequence, limit=_PAGE)
        for row in page:
            if row.sequence != sequence + 1 or row.previous != hash or hash_of(row) != row.hash:
                return _broken(*_Culprit(tx, sequence, hash, row).find(), rows=sequence, head=hash)
            sequence, hash = row.sequence, row.hash
        self.sequence, self.hash = sequence, hash
        return None if len(page) == _PAGE else self._at_the_end(tx)

    def _at_the_end(self, tx: Transaction) -> ChainReport:
        sequence, hash = tx.audit.tip()
        if sequence > self.sequence:
            return _broken(self.sequence + 1, "removed", rows=self.sequence, head=hash)
        if sequence < self.sequence:
            return _broken(sequence + 1, "inserted", rows=sequence, head=hash)
        if hash != self.hash:
            return _broken(sequence, "changed", rows=sequence - 1, head=hash)
        return ChainReport(sequence, True, hash)


class _Culprit:
    """Which row was tampered with, and how, when `row` does not follow the row `last` with the hash `hash`."""

    def __init__(self, tx: Transaction, last: int, hash: str, row: AuditRow) -> None:
        self._tx = tx
        self._expected = last + 1
        self._hash = hash
        self._row = row

    def find(self) -> tuple[int, Tampering]:
        """(sequence of the first bad row, what happened to it)."""
        if self._row.sequence != self._expected:
            return self._expected, "reordered" if self._stands_later() else "removed"
        if _holds(self._row, self._expected):
            return self._wrong_link()
        return self._wrong_hash()

    def _stands_later(self) -> bool:
        """Whether the missing row was only given another number."""
        after = self._expected
        while page := self._tx.audit.walk(after=after, limit=_PAGE):
            if any(_holds(row, self._expected) and row.previous == self._hash for row in page):
                return True
            after = page[-1].sequence
        return False

    def _wrong_link(self) -> tuple[int, Tampering]:
        """The row holds by itself but names another row before it: that one was changed and its hash made anew,
        unless the next row shows that this one was."""
        follower, _ = self._next_two()
        follows = self._row.hash == (follower.previous if follower else self._tx.audit.tip()[1])
        return (self._expected - 1 if follows and self._expected > 1 else self._expected), "changed"

    def _wrong_hash(self) -> tuple[int, Tampering]:
        expected = self._expected
        follower, third = self._next_two()
        if follower and follower.previous == self._hash and _holds(follower, expected):
            swapped = _holds(self._row, expected + 1) and (third is None or _holds(third, expected + 2))
            return expected, "reordered" if swapped else "inserted"
        if _holds(self._row, expected - 1):
            return expected - 1, "inserted"
        if _holds(self._row, expected + 1) and (follower is None or _holds(follower, expected + 2)):
            return expected, "removed"
        moved = any(_holds(self._row, place) for place in range(1, self._last() + 2))
        return expected, "reordered" if moved else "changed"

    def _next_two(self) -> tuple[AuditRow | None, AuditRow | None]:
        rows = [*self._tx.audit.walk(after=self._row.sequence, limit=2), None, None]
        return rows[0], rows[1]

    def _last(self) -> int:
        head = self._tx.audit.head()
        return max(head.sequence if head else 0, self._tx.audit.tip()[0])


def _holds(row: AuditRow, sequence: int) -> bool:
    """Whether the row's hash is right for the place `sequence`."""
    return hash_of(replace(row, sequence=sequence)) == row.hash


def _broken(sequence: int, kind: Tampering, *, rows: int, head: str) -> ChainReport:
    return ChainReport(rows, False, head, sequence, kind, _told(kind, sequence))


def _told(kind: Tampering, row: int) -> Said:
    match kind:
        case "changed":
            return say("chain-changed", f"Audit row {row} was changed; the rows before it hold.", row=row)
        case "removed":
            return say("chain-removed", f"Audit row {row} is missing; the rows before it hold.", row=row)
        case "reordered":
            return say("chain-reordered", f"Audit row {row} was reordered; the rows before it hold.", row=row)
        case "inserted":
            return say("chain-inserted", f"Audit row {row} was inserted; the rows before it hold.", row=row)
