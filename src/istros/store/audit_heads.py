"""Signed heads of the audit chain, their time stamps, and the heads that partners handed over (docs/design/0032)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Column, Index, Table, func, select

from istros.base.time import Time
from istros.store.columns import BLOB, KEY, TEXT, WHOLE
from istros.store.repository import Repository
from istros.store.schema import METADATA


@dataclass(frozen=True, slots=True)
class AuditHeadRow:
    """A signed statement: at `time` the audit chain ended with the row `sequence`, whose hash was `hash`.

    `number` counts the heads without holes.
    """

    number: int
    sequence: int
    hash: str
    time: Time
    key_id: str
    signature: str = ""

    def facts(self) -> dict[str, object]:
        """What the signature covers."""
        return {
            "kind": "istros-audit-head-1",
            "number": self.number,
            "sequence": self.sequence,
            "hash": self.hash,
            "time": self.time,
            "key": self.key_id,
        }


@dataclass(frozen=True, slots=True)
class AuditStampRow:
    """A token of RFC 3161 over a signed head; `time` is the one that it names."""

    number: int
    authority: str
    time: Time
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartnerAnchorRow:
    """A signed head of a partner's audit chain, as it was handed over; `stamps` is JSON (docs/design/0032)."""

    partner: str
    number: int
    key_id: str
    sequence: int
    hash: str
    time: Time
    public: str
    signature: str
    stamps: str
    received: Time
    received_by: str

    @property
    def head(self) -> AuditHeadRow:
        """The statement itself."""
        return AuditHeadRow(self.number, self.sequence, self.hash, self.time, self.key_id, self.signature)


AUDIT_SIGNED = Table(
    "audit_signed",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("sequence", WHOLE, nullable=False),
    Column("hash", TEXT, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("key_id", TEXT, nullable=False),
    Column("signature", TEXT, nullable=False),
    sqlite_strict=True,
)
"""Append-only, as `audit` is: triggers refuse to change or delete a row."""

AUDIT_STAMP = Table(
    "audit_stamp",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("authority", KEY, primary_key=True),
    Column("time", WHOLE, nullable=False),
    Column("token", BLOB, nullable=False),
    Index("audit_stamp_authority", "authority", "number"),
    sqlite_strict=True,
)

PARTNER_ANCHOR = Table(
    "partner_anchor",
    METADATA,
    Column("partner", KEY, primary_key=True),
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    Column("key_id", TEXT, nullable=False),
    Column("sequence", WHOLE, nullable=False),
    Column("hash", TEXT, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("public", TEXT, nullable=False),
    Column("signature", TEXT, nullable=False),
    Column("stamps", TEXT, nullable=False),
    Column("received", WHOLE, nullable=False),
    Column("received_by", TEXT, nullable=False),
    sqlite_strict=True,
)

_S = AUDIT_SIGNED.c
_T = AUDIT_STAMP.c
_P = PARTNER_ANCHOR.c


class AuditHeads(Repository):
    """The tables `audit_signed`, `audit_stamp` and `partner_anchor`."""

    def add(self, row: AuditHeadRow) -> None:
        """A new head behind the newest."""
        self._insert(AUDIT_SIGNED, row)

    def newest(self) -> AuditHeadRow | None:
        """The last head."""
        return self._one(AuditHeadRow, select(AUDIT_SIGNED).order_by(_S.number.desc()).limit(1))

    def walk(self, after: int = 0, limit: int = 1000) -> list[AuditHeadRow]:
        """Heads with a greater number, by number."""
        return self._all(AuditHeadRow, select(AUDIT_SIGNED).where(_S.number > after).order_by(_S.number).limit(limit))

    def since(self, time: Time, limit: int) -> list[AuditHeadRow]:
        """The newest heads made at or after a time, by number; the newest of all in any case."""
        found = self._all(AuditHeadRow, select(AUDIT_SIGNED).order_by(_S.number.desc()).limit(limit))
        return [head for at, head in enumerate(found) if at == 0 or head.time >= time][::-1]

    def add_stamp(self, row: AuditStampRow) -> None:
        """A token over one of the heads; a second one of the same authority is left out."""
        known = select(_T.number).where(_T.number == row.number, _T.authority == row.authority)
        if self._connection.execute(known).first() is None:
            self._insert(AUDIT_STAMP, row)

    def stamps(self, first: int, last: int) -> list[AuditStampRow]:
        """Tokens over heads of those numbers, by number and authority."""
        query = select(AUDIT_STAMP).where(_T.number.between(first, last)).order_by(_T.number, _T.authority)
        return self._all(AuditStampRow, query)

    def newest_stamp(self, authority: str) -> AuditStampRow | None:
        """The authority's token over the latest head."""
        query = select(AUDIT_STAMP).where(_T.authority == authority).order_by(_T.number.desc()).limit(1)
        return self._one(AuditStampRow, query)

    def waiting(self, authority: str) -> AuditHeadRow | None:
        """The oldest head that no token of the authority covers; a token over a head covers those before it."""
        last = select(func.coalesce(func.max(_T.number), 0)).where(_T.authority == authority).scalar_subquery()
        return self._one(AuditHeadRow, select(AUDIT_SIGNED).where(_S.number > last).order_by(_S.number).limit(1))

    def add_anchor(self, row: PartnerAnchorRow) -> None:
        """Keep a partner's head."""
        self._insert(PARTNER_ANCHOR, row)

    def anchor(self, partner: str, number: int) -> PartnerAnchorRow | None:
        """A partner's head by its number, whichever of the partner's keys signed it."""
        query = select(PARTNER_ANCHOR).where(_P.partner == partner, _P.number == number)
        return self._one(PartnerAnchorRow, query)

    def anchors(self, limit: int = 200) -> list[PartnerAnchorRow]:
        """What partners handed over, newest first."""
        query = select(PARTNER_ANCHOR).order_by(_P.received.desc(), _P.partner, _P.number.desc()).limit(limit)
        return self._all(PartnerAnchorRow, query)
