"""The chain of segments as it stands in the database: signed each hour, cleared behind retention, walked by `check`.

Segments join the chain when they are closed (`store.links`). This runs beside the API, because the signing code would
cost the recorder 14 MB.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from istros.base.environment import Environment
from istros.base.hourly import each_hour
from istros.base.signing import ALGORITHM, PublicKey, SigningKey
from istros.base.time import Time
from istros.recording.chain_proof import FORMAT, ChainFault, ChainFinding, check_head, walk
from istros.store import Database, Transaction
from istros.store.links import HeadRow, LinkRow, TipRow
from istros.store.rows import SegmentRow, StreamName

KEY_NAME = "recordings"
"""The key's name in DATA/keys."""

MOST_LINKS = 720
"""Links under one head: two hours. A longer tail, as after an upgrade, gets several heads, so that proofs stay small."""

_CLEARED = 200
_PAGE = 1000
_FAR = 1 << 62
_LOG = structlog.get_logger("istros.recording")


class ChainSigner:
    """Signs the end of every chain each hour and at an orderly end, and clears stretches that retention emptied."""

    def __init__(self, environment: Environment, database: Database, key: SigningKey) -> None:
        self._environment = environment
        self._database = database
        self._key = key

    async def run(self, stop: asyncio.Event) -> None:
        """Sign now, at each full hour and at the end; a database that does not answer is asked again."""
        await each_hour(self._environment, stop, self._work, self.sign, _not_signed)

    async def _work(self) -> None:
        await self.sign()
        await self.clear()

    async def sign(self, streams: Sequence[tuple[str, StreamName]] | None = None) -> int:
        """Sign the ends of these chains, or of all; returns how many heads were made."""
        tips = await self._database.read(lambda tx: tx.links.tips())
        made = 0
        for tip in tips:
            if streams is None or (tip.camera_id, tip.stream) in streams:
                now = self._environment.clock.now()
                made += await self._database.write(
                    lambda tx, tip=tip, now=now: _sign(tx, self._key, tip.camera_id, tip.stream, now)  # type: ignore[misc]
                )
        return made

    async def clear(self) -> int:
        """Let go of the links of stretches that hold no segment any more; a signed head says so in their place."""
        count = 0
        while heads := await self._database.read(lambda tx: tx.links.removed_stretches(_CLEARED)):
            now = self._environment.clock.now()
            await self._database.write(lambda tx, heads=heads, now=now: _clear(tx, self._key, heads, now))  # type: ignore[misc]
            count += len(heads)
        return count


def _not_signed(error: Exception) -> None:
    _LOG.error("chain-not-signed", error=str(error))


def _sign(tx: Transaction, key: SigningKey, camera_id: str, stream: StreamName, now: Time) -> int:
    tip, last = tx.links.tip(camera_id, stream), tx.links.newest_head(camera_id, stream)
    first = last.number + 1 if last else 1
    if tip is None or tip.number < first or tip.lowest is None or tip.highest is None:
        return 0
    ends = [(tip.number, tip.chain, tip.lowest, tip.highest)]
    if tip.number - first >= MOST_LINKS:
        ends = _ends(tx.links.tail(camera_id, stream, first, tip.lowest, tip.highest))
    for number, chain, lowest, highest in ends:
        head = HeadRow(camera_id, stream, number, first, chain, lowest, highest, now, False, key.public.id)
        tx.links.add_head(replace(head, signature=key.sign(head.facts())))
        first = number + 1
    return len(ends)


def _ends(tail: list[tuple[int, Time, str]]) -> list[tuple[int, str, Time, Time]]:
    """(number, chain, lowest and highest start) where each head of a long tail belongs."""
    ends = []
    for at in range(0, len(tail), MOST_LINKS):
        some = tail[at : at + MOST_LINKS]
        starts = [start for _, start, _ in some]
        ends.append((some[-1][0], some[-1][2], min(starts), max(starts)))
    return ends


def _clear(tx: Transaction, key: SigningKey, heads: Sequence[HeadRow], now: Time) -> None:
    for head in heads:
        before = tx.links.head_before(head.camera_id, head.stream, head.first)
        joined = before if before is not None and before.cleared else None
        cleared = replace(head, cleared=True, time=now, key_id=key.public.id, signature="")
        if joined is not None:
            lowest, highest = min(joined.lowest, head.lowest), max(joined.highest, head.highest)
            cleared = replace(cleared, first=joined.first, lowest=lowest, highest=highest)
        tx.links.clear(replace(cleared, signature=key.sign(cleared.facts())), joined)


@dataclass(slots=True)
class ChainReport:
    """What a walk over all chains found."""

    links: int = 0
    heads: int = 0
    unsigned: int = 0
    """Segments since the newest heads."""
    findings: list[ChainFinding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every chain holds."""
        return not self.findings


async def verify(
    database: Database, keys: Mapping[str, PublicKey], progress: Callable[[str], None] = lambda text: None
) -> ChainReport:
    """Walk every chain: removed, altered, inserted and reordered segments, forged and missing heads. Changes nothing."""
    report = ChainReport()
    for tip in await database.read(lambda tx: tx.links.tips()):
        progress(f"Walking the chain of {tip.camera_id}/{tip.stream}")
        await _Walk(database, keys, tip, report).run()
    for camera_id, stream in await database.read(_without_chain):
        sentence = "there are closed segments, but no chain."
        report.findings.append(ChainFinding(ChainFault.INSERTED, f"{camera_id}/{stream}", 0, sentence))
    return report


class _Walk:
    """One stream's chain, a stretch at a time: the hash and the number where the walk stands."""

    def __init__(self, database: Database, keys: Mapping[str, PublicKey], tip: TipRow, report: ChainReport) -> None:
        self._database = database
        self._keys = keys
        self._here = (tip.camera_id, tip.stream)
        self._name = f"{tip.camera_id}/{tip.stream}"
        self._report = report
        self._heads: list[HeadRow] = []

    async def run(self) -> None:
        """Every stretch under a head, the tail, and whether each segment stands where its number belongs."""
        number = 0
        while heads := await self._database.read(lambda tx, after=number: tx.links.heads(*self._here, after, _PAGE)):  # type: ignore[misc]
            for head in heads:
                await self._under(head)
            number = heads[-1].number
        await self._tail()
        await self._strays()

    async def _under(self, head: HeadRow) -> None:
        self._report.heads += 1
        finding = check_head(head_json(head), self._name, self._keys)
        if finding is not None:
            self._report.findings.append(finding)
        before = self._heads[-1] if self._heads else None
        expected = before.number + 1 if before else 1
        if head.first != expected:
            self._find(ChainFault.HEAD_MISSING, expected, f"a signed head before segment {head.first} is missing.")
        if not head.cleared:
            links = await self._database.read(
                lambda tx: tx.links.stretch(*self._here, head.first, head.number, head.lowest, head.highest)
            )
            self._report.links += len(links)
            again = await self._database.read(lambda tx: tx.links.head_over(*self._here, head.number))
            if again == head:  # Else it was cleared while it was read.
                self._walk(before, head.first, head.number, links, head.chain)
        self._heads.append(head)

    async def _tail(self) -> None:
        last = self._heads[-1] if self._heads else None
        first = last.number + 1 if last else 1
        tip, links, head = await self._database.read(lambda tx: _read_tail(tx, *self._here, first))
        if head is not None:  # Signed while this walk ran.
            await self._under(head)
            await self._tail()
        elif tip is None or tip.number < first - 1:
            self._find(ChainFault.REMOVED, first - 1, f"the end of the chain is gone: segment {first - 1} was signed.")
        else:
            self._report.links += len(links)
            self._report.unsigned += len(links)
            self._walk(last, first, tip.number, links, tip.chain)

    def _walk(self, before: HeadRow | None, first: int, last: int, links: Sequence[LinkRow], chain: str) -> None:
        if before is not None and before.number != first - 1:
            before = None
        if before is None and first != 1:
            return  # The hash that it follows is not known; that a head is missing was said.
        previous = before.chain if before is not None else "0" * 64
        self._report.findings += walk(self._name, previous, first, last, [link_json(link) for link in links], chain)

    async def _strays(self) -> None:
        """Closed segments without a number, or with one that belongs to another time."""
        after = Time(-_FAR)
        while (found := await self._database.read(lambda tx, after=after: _places(tx, *self._here, after)))[0]:  # type: ignore[misc]
            page, tip = found
            after = page[-1][0]
            for start, path, number in page:
                if number is None or self._is_astray(start, number, tip):
                    self._find(ChainFault.INSERTED, number or 0, f"the segment {path} was not closed by a recorder.")

    def _is_astray(self, start: Time, number: int, tip: int) -> bool:
        at = bisect_left(self._heads, number, key=lambda head: head.number)
        if at == len(self._heads):
            return number > tip
        head = self._heads[at]
        return head.first <= number and (head.cleared or not head.lowest <= start <= head.highest)

    def _find(self, fault: ChainFault, number: int, sentence: str) -> None:
        self._report.findings.append(ChainFinding(fault, self._name, number, sentence))


def _places(
    tx: Transaction, camera_id: str, stream: StreamName, after: Time
) -> tuple[list[tuple[Time, str, int | None]], int]:
    tip = tx.links.tip(camera_id, stream)
    return tx.links.places(camera_id, stream, after, _PAGE), 0 if tip is None else tip.number


def _read_tail(
    tx: Transaction, camera_id: str, stream: StreamName, first: int
) -> tuple[TipRow | None, list[LinkRow], HeadRow | None]:
    """(tip, links that no head covers yet, or the head that was made meanwhile)."""
    tip, head = tx.links.tip(camera_id, stream), tx.links.head_over(camera_id, stream, first)
    if tip is None or head is not None or tip.lowest is None or tip.highest is None:
        return tip, [], head
    return tip, tx.links.stretch(camera_id, stream, first, tip.number, tip.lowest, tip.highest), None


def _without_chain(tx: Transaction) -> list[tuple[str, StreamName]]:
    chained = {(tip.camera_id, tip.stream) for tip in tx.links.tips()}
    return [here for here in tx.spans.streams() if here not in chained and tx.links.places(*here, Time(-_FAR), 1)]


def prove(tx: Transaction, segments: Sequence[SegmentRow], keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """The chain proof of some segments (docs/design/0019): every stretch that holds one, from signed head to signed head.

    Call `ChainSigner.sign` before it for their streams, so that the newest ones are signed too.
    """
    stretches: list[dict[str, Any]] = []
    signers: set[str] = set()
    streams = sorted({(row.camera_id, row.stream) for row in segments})
    for camera_id, stream in streams:
        mine = [row for row in segments if (row.camera_id, row.stream) == (camera_id, stream)]
        numbers = sorted(row.number for row in mine if row.number is not None)
        covered = 0
        for number in numbers:
            if number > covered:
                stretch, covered = _stretch_over(tx, camera_id, stream, number)
                stretches.append(stretch)
                signers |= {head["key"] for head in (stretch["before"], stretch["after"]) if head is not None}
    known = [{"id": id, "algorithm": ALGORITHM, "public": keys[id].text} for id in sorted(signers) if id in keys]
    return {"format": FORMAT, "keys": known, "stretches": stretches}


def _stretch_over(tx: Transaction, camera_id: str, stream: StreamName, number: int) -> tuple[dict[str, Any], int]:
    head, before = tx.links.head_over(camera_id, stream, number), tx.links.head_before(camera_id, stream, number)
    first = before.number + 1 if before is not None else 1
    if head is not None:
        last, links = head.number, tx.links.stretch(camera_id, stream, first, head.number, head.lowest, head.highest)
    else:
        tip, links, _ = _read_tail(tx, camera_id, stream, first)
        last = number if tip is None else tip.number
    return {
        "camera": camera_id,
        "stream": stream,
        "before": None if before is None else head_json(before),
        "links": [link_json(link) for link in links],
        "after": None if head is None else head_json(head),
    }, last


def link_json(link: LinkRow) -> dict[str, Any]:
    """A link as proofs carry it."""
    removed = None if link.removed is None else {"time": link.removed, "reason": str(link.reason)}
    return {**link.facts(), "chain": link.chain, "removed": removed}


def head_json(head: HeadRow) -> dict[str, Any]:
    """A signed head as proofs carry it."""
    return {**head.facts(), "signature": head.signature}
