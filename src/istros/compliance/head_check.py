"""Holds the audit chain against its signed heads and their time stamps: what was written anew, cut off or dated anew.

`compliance.chain` finds what does not hang together; this finds a chain that hangs together and is another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from istros.base import stamping
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
    sentence: str

    def __str__(self) -> str:
        return self.sentence


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
            missing = f"Signed head {self._last + 1} of the audit chain is missing"
            self._find(HeadFault.MISSING, head, head.sequence, f"{missing}; the next one is {head.number}.")
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
            said = f"Audit row {row.sequence} is dated {to_iso(row.time)}, but was signed at {to_iso(head.time)}"
            self._find(HeadFault.REDATED, head, row.sequence, f"{said}: it was dated anew, or the clock was set.")

    def _stamp(self, head: AuditHeadRow, stamp: AuditStampRow) -> None:
        self.report.stamps += 1
        authority = self._authorities.get(stamp.authority)
        self.report.unchecked += authority is None
        finding = stamp_finding(head, stamp.authority, stamp.token, authority)
        if finding is not None:
            self.report.findings.append(finding)

    def _find(self, fault: HeadFault, head: AuditHeadRow, sequence: int, sentence: str) -> None:
        self.report.findings.append(HeadFinding(fault, head.number, sequence, sentence))


def signature_holds(head: AuditHeadRow, keys: Mapping[str, PublicKey]) -> bool:
    """Whether one of these keys signed the head."""
    return head.key_id in keys and keys[head.key_id].holds(head.facts(), head.signature)


def forged_sentence(head: AuditHeadRow, keys: Mapping[str, PublicKey]) -> str:
    """Why a head is not the node's."""
    why = "its signature does not hold" if head.key_id in keys else f"the key {head.key_id} is not one of this node's"
    return f"Signed head {head.number} of the audit chain is forged: {why}."


def fault_of(tx: Transaction, head: AuditHeadRow, first: int) -> HeadFinding | None:
    """What the chain's own row says against a head; `first` is the first row that no head before it has vouched for."""
    row = tx.audit.at(head.sequence)
    if row is None:
        last = tx.audit.head()
        end = last.sequence if last is not None else 0
        gone = f"Audit rows {end + 1} to {head.sequence} were cut off"
        said = f"{gone}: head {head.number}, signed at {to_iso(head.time)}, stands behind row {head.sequence}."
        return HeadFinding(HeadFault.CUT, head.number, end + 1, said)
    if row.hash == head.hash:
        return None
    said = f"The audit chain was written anew from one of the rows {first} to {head.sequence} on"
    signed = f"head {head.number}, signed at {to_iso(head.time)}, was made over other rows"
    return HeadFinding(HeadFault.REWRITTEN, head.number, first, f"{said}: {signed}.")


def stamp_finding(head: AuditHeadRow, name: str, token: bytes, authority: Authority | None) -> HeadFinding | None:
    """What is wrong with a token over a head; without the authority's certificates, whether it stamps this head."""
    data = signed_bytes(head)
    about = f"The time stamp of '{name}' for signed head {head.number} of the audit chain"
    try:
        time = stamping.verify(authority, token, data) if authority else stamping.stamped_time(token, data)
    except StampOfOther:
        return HeadFinding(HeadFault.STAMP_OF_OTHER, head.number, head.sequence, f"{about} stamps something else.")
    except StampProblem as problem:
        return HeadFinding(HeadFault.STAMP_BROKEN, head.number, head.sequence, f"{about} fails: {problem.message}")
    if time + TOLERANCE_US < head.time:
        said = f"{about} was made at {to_iso(time)}, before the head says that it was signed ({to_iso(head.time)})."
        return HeadFinding(HeadFault.REDATED, head.number, head.sequence, said)
    return None
