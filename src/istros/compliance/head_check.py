"""Holds the audit chain against its signed heads and their time stamps: what was written anew, cut off or dated anew.

`compliance.chain` finds what does not hang together; this finds a chain that hangs together and is another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from istros.base import stamping
from istros.base.said import Said, say
from istros.base.signing import PublicKey
from istros.base.stamping import Authority, StampOfOther, StampProblem
from istros.base.time import MINUTE, Time, to_iso
from istros.compliance.heads import signed_bytes
from istros.store import Database, Transaction
from istros.store.audit_heads import AuditHeadRow, AuditStampRow

TOLERANCE_US = 10 * MINUTE
"""How far a node's clock may be set without its rows being called dated anew."""

_PAGE = 200


class HeadFault(StrEnum):
    """What can be wrong with a signed head, or with the chain behind it."""

    REWRITTEN = "rewritten"
    CUT = "cut"
    REDATED = "redated"
    FORGED = "head-forged"
    MISSING = "head-missing"
    STAMP_OF_OTHER = "stamp-of-other"
    STAMP_BROKEN = "stamp-broken"


@dataclass(frozen=True, slots=True)
class HeadFinding:
    """One thing that is wrong; `head` is the signed head's number, `sequence` the first audit row that it touches."""

    fault: HeadFault
    head: int
    sequence: int
    sentence: Said

    def __str__(self) -> str:
        return self.sentence.text


@dataclass(slots=True)
class HeadReport:
    """What was looked at and what is wrong."""

    heads: int = 0
    stamps: int = 0
    unchecked: int = 0
    """Stamps of authorities whose certificates this node does not have: they stamp the right head, more is not known."""
    signed_to: int = 0
    """The last row that a signed head stands behind."""
    findings: list[HeadFinding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


async def verify(
    database: Database, keys: Mapping[str, PublicKey], authorities: Sequence[Authority] = ()
) -> HeadReport:
    """Check every signed head against the chain, the node's keys and its stamps."""
    walk = _Walk(keys, authorities)
    while await database.read(walk.step):
        pass
    return walk.report


def verify_now(database: Database, keys: Mapping[str, PublicKey], authorities: Sequence[Authority] = ()) -> HeadReport:
    """`verify` for callers that may block."""
    walk = _Walk(keys, authorities)
    while database.read_now(walk.step):
        pass
    return walk.report


class _Walk:
    """The last head that was looked at, and the last that held."""

    def __init__(self, keys: Mapping[str, PublicKey], authorities: Sequence[Authority]) -> None:
        self.report = HeadReport()
        self._keys = keys
        self._authorities = {authority.name: authority for authority in authorities}
        self._last = 0
        self._good: AuditHeadRow | None = None
        self._is_cut = False

    def step(self, tx: Transaction) -> bool:
        """One page; False at the end."""
        page = tx.audit_heads.walk(after=self._last, limit=_PAGE)
        stamps = tx.audit_heads.stamps(page[0].number, page[-1].number) if page else []
        for head in page:
            self._head(tx, head, [stamp for stamp in stamps if stamp.number == head.number])
        return len(page) == _PAGE

    def _head(self, tx: Transaction, head: AuditHeadRow, stamps: list[AuditStampRow]) -> None:
        self.report.heads += 1
        if head.number != self._last + 1:
            gone = self._last + 1
            text = f"Signed head {gone} of the audit chain is missing; the next one is {head.number}."
            self._find(
                HeadFault.MISSING, head, head.sequence, say("chain-head-missing", text, head=gone, next=head.number)
            )
        self._last = head.number
        is_real = signature_holds(head, self._keys)
        if not is_real:
            self._find(HeadFault.FORGED, head, head.sequence, forged_sentence(head, self._keys))
        for stamp in stamps:
            self._stamp(head, stamp)
        if is_real:
            self._rows(tx, head)

    def _rows(self, tx: Transaction, head: AuditHeadRow) -> None:
        first = self._good.sequence + 1 if self._good is not None else 1
        fault = fault_of(tx, head, first)
        if fault is not None and not (fault.fault is HeadFault.CUT and self._is_cut):
            self.report.findings.append(fault)
            self._is_cut = self._is_cut or fault.fault is HeadFault.CUT
        if fault is None:
            self._dates(tx, head, first)
            self._good = head
            self.report.signed_to = head.sequence

    def _dates(self, tx: Transaction, head: AuditHeadRow, first: int) -> None:
        earliest = self._good.time - TOLERANCE_US if self._good is not None else -(1 << 62)
        row = tx.audit.dated_outside(first, head.sequence, Time(earliest), Time(head.time + TOLERANCE_US))
        if row is not None:
            dated, signed = to_iso(row.time), to_iso(head.time)
            text = (
                f"Audit row {row.sequence} is dated {dated}, but head {head.number} signed it at {signed}: it was dated "
                "anew, or the clock was set."
            )
            told = say("chain-row-redated", text, row=row.sequence, time=dated, head=head.number, end=signed)
            self._find(HeadFault.REDATED, head, row.sequence, told)

    def _stamp(self, head: AuditHeadRow, stamp: AuditStampRow) -> None:
        self.report.stamps += 1
        authority = self._authorities.get(stamp.authority)
        self.report.unchecked += authority is None
        finding = stamp_finding(head, stamp.authority, stamp.token, authority)
        if finding is not None:
            self.report.findings.append(finding)

    def _find(self, fault: HeadFault, head: AuditHeadRow, sequence: int, sentence: Said) -> None:
        self.report.findings.append(HeadFinding(fault, head.number, sequence, sentence))


def signature_holds(head: AuditHeadRow, keys: Mapping[str, PublicKey]) -> bool:
    """Whether one of these keys signed the head."""
    return head.key_id in keys and keys[head.key_id].holds(head.facts(), head.signature)


def forged_sentence(head: AuditHeadRow, keys: Mapping[str, PublicKey]) -> Said:
    """Why a head is not the node's."""
    forged = f"Signed head {head.number} of the audit chain is forged"
    if head.key_id in keys:
        return say("chain-head-forged", f"{forged}: its signature does not hold.", head=head.number)
    text = f"{forged}: the key {head.key_id} is not one of this node's."
    return say("chain-head-of-other-key", text, head=head.number, key=head.key_id)


def fault_of(tx: Transaction, head: AuditHeadRow, first: int) -> HeadFinding | None:
    """What the chain's own row says against a head; `first` is the first row that no head before it has vouched for."""
    row = tx.audit.at(head.sequence)
    if row is None:
        last = tx.audit.head()
        end = last.sequence if last is not None else 0
        text = (
            f"Audit rows {end + 1} to {head.sequence} were cut off: head {head.number}, signed at {to_iso(head.time)}, "
            f"stands behind row {head.sequence}."
        )
        told = say(
            "chain-cut", text, first=end + 1, last=head.sequence, head=head.number, time=to_iso(head.time)
        )  # fmt: skip
        return HeadFinding(HeadFault.CUT, head.number, end + 1, told)
    if row.hash == head.hash:
        return None
    text = (
        f"The audit chain was written anew from one of the rows {first} to {head.sequence} on: head {head.number}, "
        f"signed at {to_iso(head.time)}, was made over other rows."
    )
    told = say("chain-rewritten", text, first=first, last=head.sequence, head=head.number, time=to_iso(head.time))
    return HeadFinding(HeadFault.REWRITTEN, head.number, first, told)


def stamp_finding(head: AuditHeadRow, name: str, token: bytes, authority: Authority | None) -> HeadFinding | None:
    """What is wrong with a token over a head; without the authority's certificates, whether it stamps this head."""
    data = signed_bytes(head)
    about = f"The time stamp of '{name}' for signed head {head.number} of the audit chain"
    try:
        time = stamping.verify(authority, token, data) if authority else stamping.stamped_time(token, data)
    except StampOfOther:
        told = say("chain-stamp-of-other", f"{about} stamps something else.", authority=name, head=head.number)
        return HeadFinding(HeadFault.STAMP_OF_OTHER, head.number, head.sequence, told)
    except StampProblem as problem:
        told = say("chain-stamp-broken", f"{about} fails: {problem.message}", authority=name, head=head.number)
        return HeadFinding(HeadFault.STAMP_BROKEN, head.number, head.sequence, told)
    if time + TOLERANCE_US < head.time:
        made, signed = to_iso(time), to_iso(head.time)
        text = f"{about} was made at {made}, before the head says that it was signed ({signed})."
        told = say("chain-stamp-early", text, authority=name, head=head.number, time=made, end=signed)
        return HeadFinding(HeadFault.REDATED, head.number, head.sequence, told)
    return None
