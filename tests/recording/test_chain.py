"""Whoever removes, alters, inserts or reorders segments in the index, or forges a head, is found out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from istros.base.canonical import GENESIS, linked
from istros.base.environment import Environment, real_environment
from istros.base.signing import PublicKey, SigningKey
from istros.base.time import Span, Time
from istros.base.workers import InlineWorkers
from istros.recording import chain as chains
from istros.recording.chain import ChainReport, ChainSigner, prove, verify
from istros.recording.chain_proof import FORMAT, HEAD_FACTS, LINK_FACTS, ChainFault, Claim, check_proof
from istros.store import Database, open_database
from istros.store.database import connection_of
from istros.store.links import HeadRow, RemovalReason
from istros.store.rows import SegmentRow, SegmentState
from tests.store.rows_made import at, segment

EVER = Span(Time(0), Time(1 << 60))
KEY = SigningKey.generate()
KEYS = {KEY.public.id: KEY.public}


class Chain:
    """A database whose streams have a chain, and the hands that tamper with it."""

    def __init__(self, database: Database, environment: Environment) -> None:
        self.database = database
        self.signer = ChainSigner(environment, database, KEY)

    def record(self, numbers: range, camera: str = "IZ-07") -> None:
        for number in numbers:
            row = replace(segment(number, camera), sha256=f"{number:064x}")
            opened = replace(row, state=SegmentState.OPEN, sha256=None)
            self.database.write_now(lambda tx, row=opened: tx.segments.add(row))
            self.database.write_now(
                lambda tx, row=row: tx.segments.close(
                    row.id, end=row.end, size_bytes=row.size_bytes, frames=row.frames, sha256=row.sha256
                )
            )

    def sign(self) -> int:
        return asyncio.run(self.signer.sign())

    def tamper(self, statement: str, **values: object) -> None:
        with connection_of(self.database) as connection:
            assert connection.execute(text(statement), values).rowcount > 0

    def verify(self, keys: dict[str, PublicKey] = KEYS) -> ChainReport:
        return asyncio.run(verify(self.database, keys))

    def faults(self) -> set[tuple[ChainFault, int]]:
        return {(finding.fault, finding.number) for finding in self.verify().findings}

    def rows(self, camera: str = "IZ-07") -> list[SegmentRow]:
        return self.database.read_now(lambda tx: tx.segments.between(camera, "main", EVER))

    def heads(self, camera: str = "IZ-07") -> list[HeadRow]:
        return self.database.read_now(lambda tx: tx.links.heads(camera, "main"))

    def remove(self, *numbers: int) -> None:
        ids = [f"IZ-07-{number}" for number in numbers]
        self.database.write_now(lambda tx: tx.segments.remove(ids, at(999), RemovalReason.RETENTION))

    def clear(self) -> int:
        return asyncio.run(self.signer.clear())


@pytest.fixture
def chain() -> Iterator[Chain]:
    """Three stretches of five segments under heads, and a tail of three that no head covers yet."""
    environment = real_environment(1)
    database = open_database("sqlite://", InlineWorkers())
    made = Chain(database, environment)
    for first in (0, 5, 10):
        made.record(range(first, first + 5))
        assert made.sign() == 1
    made.record(range(15, 18))
    yield made
    database.close()
    environment.workers.close()


def test_an_honest_chain_holds(chain: Chain) -> None:
    chain.record(range(4), "TL-01")
    report = chain.verify()
    assert report.ok and (report.links, report.heads, report.unsigned) == (22, 3, 7)
    rows = chain.rows()
    assert [row.number for row in rows] == list(range(1, 19))
    assert rows[1].chain == linked(
        {"camera": "IZ-07", "stream": "main", "number": 2, "start": at(10), "end": at(20), "size": 1000, "frames": 250,
         "mime": 'video/mp4; codecs="avc1.4d401f"', "sha256": f"{1:064x}"},
        rows[0].chain or GENESIS,
    )  # fmt: skip
    assert chain.sign() == 2 and chain.sign() == 0, "nothing new, no new head"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM segment WHERE number = 7", {(ChainFault.REMOVED, 7)}),
        ("DELETE FROM segment WHERE number = 17", {(ChainFault.REMOVED, 17)}),
        ("UPDATE segment SET sha256 = zeroblob(32) WHERE number = 7", {(ChainFault.ALTERED, 7)}),
        ('UPDATE segment SET "end" = "end" - 5 WHERE number = 17', {(ChainFault.ALTERED, 17)}),
        ("UPDATE segment SET size_bytes = 2 WHERE number IN (2, 12)", {(ChainFault.ALTERED, 2), (ChainFault.ALTERED, 12)}),
        (
            "UPDATE segment SET number = CASE number WHEN 7 THEN 8 ELSE 7 END WHERE number IN (7, 8)",
            {(ChainFault.REORDERED, 7), (ChainFault.REORDERED, 8)},
        ),
        ("UPDATE segment SET number = NULL WHERE number = 7", {(ChainFault.REMOVED, 7), (ChainFault.INSERTED, 0)}),
        ("UPDATE segment SET number = 99 WHERE number = 18", {(ChainFault.REMOVED, 18), (ChainFault.INSERTED, 99)}),
        ("UPDATE segment SET start = start + 200000000 WHERE number = 7", {(ChainFault.REMOVED, 7), (ChainFault.INSERTED, 7)}),
        ("DELETE FROM chain_head WHERE number = 10", {(ChainFault.HEAD_MISSING, 6)}),
        ("UPDATE chain_head SET time = time + 1 WHERE number = 10", {(ChainFault.HEAD_FORGED, 10)}),
        ("DELETE FROM chain_tip", {(ChainFault.INSERTED, 0)}),
    ],
)  # fmt: skip
def test_tampering_with_the_index_shows(chain: Chain, statement: str, found: set[tuple[ChainFault, int]]) -> None:
    chain.tamper(statement)
    assert chain.faults() == found


def test_a_segment_put_in_by_hand_shows(chain: Chain) -> None:
    chain.tamper(
        """INSERT INTO segment SELECT 'x', camera_id, stream, start + 1, "end", 'x', size_bytes, frames, mime, state,
           sha256, disk, number, chain FROM segment WHERE number = 7"""
    )
    assert chain.faults() == {(ChainFault.INSERTED, 7)}


def test_a_chain_made_anew_behind_a_change_is_not_what_was_signed(chain: Chain) -> None:
    """Whoever can compute hashes still lacks the key."""
    rows = chain.rows()
    previous = rows[5].chain or ""
    chain.tamper("UPDATE segment SET sha256 = zeroblob(32) WHERE number = 7")
    for link in chain.database.read_now(lambda tx: tx.links.stretch("IZ-07", "main", 7, 18, at(0), at(999))):
        previous = linked(link.facts(), previous)
        chain.tamper(
            "UPDATE segment SET chain = :chain WHERE number = :n", chain=bytes.fromhex(previous), n=link.number
        )
    chain.tamper("UPDATE chain_tip SET chain = :chain", chain=bytes.fromhex(previous))
    faults = chain.faults()
    assert (ChainFault.REWRITTEN, 6) in faults and (ChainFault.ALTERED, 11) in faults
    chain.tamper("UPDATE chain_head SET chain = (SELECT chain FROM segment WHERE number = chain_head.number)")
    assert {fault for fault, _ in chain.faults()} == {ChainFault.HEAD_FORGED}


def test_heads_of_another_key_are_not_believed(chain: Chain) -> None:
    stranger = SigningKey.generate().public
    assert {finding.fault for finding in chain.verify({stranger.id: stranger}).findings} == {ChainFault.HEAD_FORGED}


def test_cutting_off_the_end_shows_back_to_the_newest_head(chain: Chain) -> None:
    for table in ("segment", "chain_tip"):
        chain.tamper(
            f"DELETE FROM {table} WHERE number > 12" if table == "segment" else "UPDATE chain_tip SET number = 12"
        )
    assert (ChainFault.REMOVED, 13) in chain.faults()


def test_retention_leaves_links_and_then_signed_words(chain: Chain) -> None:
    chain.remove(0, 1, 2)
    assert chain.verify().ok and chain.clear() == 0
    chain.remove(3, 4)
    assert chain.verify().ok and chain.clear() == 1
    assert [(head.first, head.number, head.cleared) for head in chain.heads()][:1] == [(1, 5, True)]
    assert chain.verify().ok
    chain.remove(5, 6, 7, 8, 9, 11)
    assert chain.clear() == 1
    assert [(head.first, head.number, head.cleared) for head in chain.heads()] == [(1, 10, True), (11, 15, False)]
    assert chain.verify().ok, "a segment in the middle that was removed under a hold beside it keeps its link"
    chain.tamper("DELETE FROM segment_link WHERE number = 12")
    assert chain.faults() == {(ChainFault.REMOVED, 12)}


def test_words_that_a_stretch_is_gone_cannot_be_forged(chain: Chain) -> None:
    chain.tamper("DELETE FROM segment WHERE number BETWEEN 6 AND 10")
    chain.tamper("UPDATE chain_head SET cleared = 1 WHERE number = 10")
    assert chain.faults() == {(ChainFault.HEAD_FORGED, 10)}


def test_a_segment_closed_again_with_other_facts_keeps_both_links(chain: Chain) -> None:
    chain.database.write_now(
        lambda tx: tx.segments.close("IZ-07-3", end=at(39), size_bytes=900, frames=240, sha256="cd" * 32)
    )
    chain.database.write_now(
        lambda tx: tx.segments.close("IZ-07-3", end=at(39), size_bytes=900, frames=240, sha256="cd" * 32)
    )
    row = chain.database.read_now(lambda tx: tx.segments.get("IZ-07-3"))
    assert row is not None and (row.number, row.size_bytes) == (19, 900)
    (link,) = chain.database.read_now(lambda tx: tx.links.stretch("IZ-07", "main", 4, 4, at(0), at(999)))
    assert (link.reason, link.size_bytes) == (RemovalReason.AMENDED, 1000)
    assert chain.verify().ok and chain.sign() == 1 and chain.verify().ok


def test_a_long_tail_gets_several_heads(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "MOST_LINKS", 10)
    chain.record(range(25), "TL-01")
    assert chain.sign() == 4
    assert [(head.first, head.number) for head in chain.heads("TL-01")] == [(1, 10), (11, 20), (21, 25)]
    assert chain.verify().ok


def proof_of(chain: Chain, *numbers: int) -> tuple[dict[str, object], list[Claim]]:
    rows = [row for row in chain.rows() if row.number in numbers]
    made = chain.database.read_now(lambda tx: prove(tx, rows, KEYS))
    claims = [Claim(row.camera_id, row.stream, row.number or 0, row.sha256 or "") for row in rows]
    return json.loads(json.dumps(made)), claims


def test_a_proof_stands_by_itself(chain: Chain) -> None:
    proof, claims = proof_of(chain, 7, 8, 13)
    report = check_proof(proof, claims)
    assert report.ok and (report.segments, report.heads, report.keys) == (3, 4, (KEY.public.id,))
    assert check_proof(proof, claims, KEYS).ok
    assert [len(stretch["links"]) for stretch in proof["stretches"]] == [5, 5]  # type: ignore[attr-defined]
    stranger = SigningKey.generate().public
    assert not check_proof(proof, claims, {stranger.id: stranger}).ok


def test_the_tail_says_that_it_is_not_signed(chain: Chain) -> None:
    report = check_proof(*proof_of(chain, 16))
    assert not report.ok and report.findings == () and report.unsigned == 1
    chain.sign()
    assert check_proof(*proof_of(chain, 16)).ok


def test_a_proof_over_removed_neighbours_holds(chain: Chain) -> None:
    chain.remove(5, 6, 8)
    assert check_proof(*proof_of(chain, 8)).ok


Change = Callable[[dict[str, object]], object]


def stretch(proof: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    return proof["stretches"][0]  # type: ignore[index,no-any-return]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda proof: stretch(proof)["links"].pop(2), ChainFault.REMOVED),
        (lambda proof: stretch(proof)["links"][2].update(end=5), ChainFault.ALTERED),
        (lambda proof: stretch(proof)["links"][1].update(sha256="00" * 32), ChainFault.NOT_IN_CHAIN),
        (lambda proof: stretch(proof)["links"].insert(2, stretch(proof)["links"][1]), ChainFault.INSERTED),
        (lambda proof: stretch(proof).update(before=None), ChainFault.REMOVED),
        (lambda proof: stretch(proof)["after"].update(time=5), ChainFault.HEAD_FORGED),  # type: ignore[attr-defined]
        (lambda proof: stretch(proof)["before"].update(signature="AAAA"), ChainFault.HEAD_FORGED),  # type: ignore[attr-defined]
        (lambda proof: proof.update(keys=[]), ChainFault.HEAD_FORGED),
        (lambda proof: proof.update(stretches=[]), ChainFault.NOT_IN_CHAIN),
        (lambda proof: stretch(proof)["links"][0].update(camera="TL-01"), ChainFault.MALFORMED),
        (lambda proof: proof.update(format="other"), ChainFault.MALFORMED),
        (lambda proof: proof.clear(), ChainFault.MALFORMED),
    ],
)
def test_a_proof_that_was_changed_fails(chain: Chain, change: Change, fault: ChainFault) -> None:
    proof, claims = proof_of(chain, 7)
    change(proof)
    report = check_proof(proof, claims)
    assert not report.ok and fault in {finding.fault for finding in report.findings}


def test_the_facts_of_the_rows_are_those_of_the_proof(chain: Chain) -> None:
    (link, *_) = chain.database.read_now(lambda tx: tx.links.stretch("IZ-07", "main", 1, 5, at(0), at(999)))
    assert tuple(link.facts()) == LINK_FACTS and tuple(chain.heads()[0].facts()) == HEAD_FACTS
    assert FORMAT == "istros-chain-proof-1"
