"""Ten and more ways to tamper with the audit log, each found and named; and what only a partner's anchors find."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from istros.base import stamping
from istros.base.environment import Environment, real_environment
from istros.base.signing import SigningKey
from istros.base.time import DAY, HOUR, Time
from istros.compliance import anchors, audit, chain, head_check
from istros.compliance.anchors import AnchorsRefused, AnchorsUnreadable
from istros.compliance.head_check import HeadFault
from istros.compliance.heads import HeadSigner, sign_head, signed_bytes, stamp_states
from istros.store import Database
from istros.store.audit_heads import AuditHeadRow
from istros.store.database import connection_of
from istros.store.rows import AuditRow
from tests.compliance.authority import LocalAuthority
from tests.compliance.test_audit import renumber, shift, take_guards_away

KEY, OTHER = SigningKey.generate(), SigningKey.generate()
KEYS = {KEY.public.id: KEY.public}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    return LocalAuthority(tmp_path_factory.mktemp("authority"))


@dataclass
class Node:
    """A database with its chain, and the hands of somebody who has the file and a database tool."""

    database: Database
    environment: Environment
    authority: LocalAuthority

    def act(self, count: int) -> None:
        for number in range(count):
            self.database.write_now(
                lambda tx, number=number: audit.append(
                    tx, self.environment, actor="olena", origin="10.0.0.7", action="plates.search",
                    subject=f"s{number}", permit="p1", detail={"text": "BH*"},
                )
            )  # fmt: skip

    def sign(self) -> AuditHeadRow | None:
        async def work() -> AuditHeadRow | None:
            signer = HeadSigner(self.environment, self.database, KEY, [self.authority.authority], self.authority.answer)
            made = await signer.sign()
            await signer.stamp()
            return made

        return asyncio.run(work())

    def rows(self) -> list[AuditRow]:
        return self.database.read_now(lambda tx: tx.audit.walk())

    def do(self, *statements: str) -> None:
        with connection_of(self.database) as connection:
            take_guards_away(connection)
            on_postgresql = connection.dialect.name == "postgresql"
            for table in ("audit_signed", "audit_stamp"):
                for act in ("update", "delete"):
                    if on_postgresql:
                        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                    else:
                        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
            for statement in statements:
                connection.exec_driver_sql(statement)

    def put(self, rows: Sequence[AuditRow]) -> None:
        """These rows and no others, each linked to the one before it, and the head row set to the last."""
        previous, statements = chain.GENESIS, ["DELETE FROM audit"]
        for number, row in enumerate(rows, 1):
            linked = replace(row, sequence=number, previous=previous)
            linked = replace(linked, hash=chain.hash_of(linked))
            previous = linked.hash
            values = ", ".join(f"'{getattr(linked, name)}'" for name in linked.__slots__)
            statements.append(f"INSERT INTO audit VALUES ({values})")
        self.do(*statements, f"UPDATE audit_head SET sequence = {len(rows)}, hash = '{previous}'")

    def found(self) -> list[tuple[str, int]]:
        """What `istros check` names: the fault and the row."""
        report = chain.verify_now(self.database)
        heads = head_check.verify_now(self.database, KEYS, [self.authority.authority])
        first = [] if report.kind is None else [(str(report.kind), report.sequence or 0)]
        assert report.ok == (report.problem is None)
        assert report.problem is None or report.problem.code == f"chain-{report.kind}"
        assert all(str(finding.head) in str(finding) for finding in heads.findings)
        return first + [(str(finding.fault), finding.sequence) for finding in heads.findings]

    def exported(self, key: SigningKey = KEY) -> anchors.Anchors:
        now, keys = self.environment.clock.now(), {key.public.id: key.public}
        content = self.database.read_now(lambda tx: anchors.export(tx, keys, "Izmail", now))
        return anchors.read(anchors.text_of(content).encode())


@pytest.fixture
def node(database: Database, authority: LocalAuthority) -> Iterator[Node]:
    """Nine rows: a signed and stamped head stands behind the sixth."""
    environment = real_environment(1)
    node = Node(database, environment, authority)
    node.act(6)
    assert node.sign() is not None
    node.act(3)
    yield node
    environment.workers.close()


def change_row(node: Node) -> None:
    node.do("UPDATE audit SET actor = 'ion' WHERE sequence = 3")


def change_field_with_new_hash(node: Node) -> None:
    row = replace(node.rows()[2], actor="ion")
    node.do(f"UPDATE audit SET actor = 'ion', hash = '{chain.hash_of(row)}' WHERE sequence = 3")


def remove_from_the_middle(node: Node) -> None:
    node.do("DELETE FROM audit WHERE sequence = 4")


def cut_the_tail(node: Node) -> None:
    node.do("DELETE FROM audit WHERE sequence >= 8")


def cut_the_first(node: Node) -> None:
    node.do("DELETE FROM audit WHERE sequence <= 3")


def swap_two(node: Node) -> None:
    node.do(renumber(4, 99), renumber(5, 4), renumber(99, 5))


def insert_a_row(node: Node) -> None:
    rows = node.rows()
    forged = replace(rows[3], actor="ion", previous=rows[2].hash)
    forged = replace(forged, hash=chain.hash_of(forged))
    values = ", ".join(f"'{getattr(forged, name)}'" for name in forged.__slots__)
    node.do(*shift(4, 1), f"INSERT INTO audit VALUES ({values})", "UPDATE audit_head SET sequence = 10")


def duplicate_a_row(node: Node) -> None:
    twice = replace(node.rows()[3], sequence=5)
    values = ", ".join(f"'{getattr(twice, name)}'" for name in twice.__slots__)
    node.do(*shift(5, 1), f"INSERT INTO audit VALUES ({values})", "UPDATE audit_head SET sequence = 10")


def rewrite_the_whole_chain(node: Node) -> None:
    node.put([replace(row, actor="ion") if row.sequence == 3 else row for row in node.rows()])


def rewrite_without_the_first_rows(node: Node) -> None:
    node.put(node.rows()[3:])


def set_the_head_row_back_with_the_tail(node: Node) -> None:
    node.put(node.rows()[:4])


def forge_a_head(node: Node) -> None:
    head = node.database.read_now(lambda tx: tx.audit_heads.newest())
    assert head is not None
    forged = replace(head, sequence=3, hash=node.rows()[2].hash, key_id=OTHER.public.id)
    signature = OTHER.sign(forged.facts())
    node.do(
        f"UPDATE audit_signed SET sequence = 3, hash = '{forged.hash}', key_id = '{forged.key_id}', "
        f"signature = '{signature}'",
        "DELETE FROM audit_stamp",
    )


def forge_a_head_in_the_key_s_name(node: Node) -> None:
    node.do("UPDATE audit_signed SET sequence = 5", "DELETE FROM audit_stamp")


def stamp_something_else(node: Node) -> None:
    node.act(1)
    head = node.sign()
    assert head is not None and head.number == 2
    node.do(
        "DELETE FROM audit_stamp WHERE number = 2",
        "INSERT INTO audit_stamp SELECT 2, authority, time, token FROM audit_stamp WHERE number = 1",
    )


def break_a_stamp(node: Node) -> None:
    node.do("UPDATE audit_stamp SET token = CAST('no token at all' AS " + _bytes(node) + ")")


def _bytes(node: Node) -> str:
    return "BYTEA" if node.database.kind == "postgresql" else "BLOB"


def remove_a_head(node: Node) -> None:
    node.sign()
    node.do("DELETE FROM audit_stamp", "DELETE FROM audit_signed WHERE number = 1")


def date_rows_anew(node: Node) -> None:
    node.do(f"UPDATE audit SET time = time - {2 * DAY} WHERE sequence = 2")


def date_rows_anew_with_new_hashes(node: Node) -> None:
    node.put([replace(row, time=Time(row.time - 2 * DAY)) for row in node.rows()])


def date_unsigned_rows_anew_with_new_hashes(node: Node) -> None:
    """Rows that no head covered yet: the next one is signed over the forged ones, and still shows it."""
    back = [replace(row, time=Time(row.time - 3 * HOUR)) if row.sequence > 6 else row for row in node.rows()]
    node.put(back)
    node.sign()


TAMPERINGS: list[tuple[Callable[[Node], None], list[tuple[str, int]]]] = [
    (change_row, [("changed", 3)]),
    (change_field_with_new_hash, [("changed", 3)]),
    (remove_from_the_middle, [("removed", 4)]),
    (cut_the_tail, [("removed", 8)]),
    (cut_the_first, [("removed", 1)]),
    (swap_two, [("reordered", 4)]),
    (insert_a_row, [("inserted", 4), ("rewritten", 1)]),
    (duplicate_a_row, [("inserted", 5), ("rewritten", 1)]),
    (rewrite_the_whole_chain, [("rewritten", 1)]),
    (rewrite_without_the_first_rows, [("rewritten", 1)]),
    (set_the_head_row_back_with_the_tail, [("cut", 5)]),
    (forge_a_head, [("head-forged", 3)]),
    (forge_a_head_in_the_key_s_name, [("head-forged", 5)]),
    (stamp_something_else, [("stamp-of-other", 10)]),
    (break_a_stamp, [("stamp-broken", 6)]),
    (remove_a_head, [("head-missing", 9)]),
    (date_rows_anew, [("changed", 2)]),
    (date_rows_anew_with_new_hashes, [("rewritten", 1)]),
    (date_unsigned_rows_anew_with_new_hashes, [("redated", 7)]),
]


@pytest.mark.parametrize(("tamper", "named"), TAMPERINGS, ids=[each.__name__ for each, _ in TAMPERINGS])
def test_tampering_is_found_and_named(node: Node, tamper: Callable[[Node], None], named: list[tuple[str, int]]) -> None:
    assert node.found() == []
    tamper(node)
    found = node.found()
    assert found[: len(named)] == named


def test_whoever_has_the_key_is_found_by_the_partner_s_anchors(node: Node) -> None:
    """Another history, signed anew with the node's own key: nothing on the node itself shows it."""
    kept = node.exported()
    node.put([replace(row, actor="ion") if row.sequence == 3 else row for row in node.rows()])
    node.do("DELETE FROM audit_stamp", "DELETE FROM audit_signed")
    assert node.sign() is not None
    assert node.found() == []
    report = node.database.read_now(lambda tx: anchors.check_own(tx, kept, KEYS, [node.authority.authority]))
    assert [(finding.fault, finding.sequence) for finding in report.findings] == [(HeadFault.REWRITTEN, 1)]
    node.put(node.rows()[:2])
    report = node.database.read_now(lambda tx: anchors.check_own(tx, kept, KEYS))
    assert [(finding.fault, finding.sequence) for finding in report.findings] == [(HeadFault.CUT, 3)]


def test_anchors_hold_against_their_own_chain_and_by_themselves(node: Node) -> None:
    file = node.exported()
    report = node.database.read_now(lambda tx: anchors.check_own(tx, file, KEYS, [node.authority.authority]))
    assert (report.ok, report.heads, report.stamps) == (True, 1, 1)
    assert anchors.check(file).ok
    strange = {OTHER.public.id: OTHER.public}
    assert [finding.fault for finding in anchors.check(file, keys=strange).findings] == [HeadFault.FORGED]


def test_a_partner_s_anchors_are_kept_once_and_a_contradiction_is_refused(node: Node) -> None:
    def keep(file: anchors.Anchors) -> int:
        return len(
            node.database.write_now(
                lambda tx: anchors.keep(tx, node.environment, file, "Tulcea", actor="oana", origin="10.0.0.9")
            )
        )

    first = node.exported()
    assert (keep(first), keep(first)) == (1, 0)
    row = node.database.read_now(lambda tx: tx.audit_heads.anchors())[0]
    assert (row.partner, row.number, row.received_by) == ("Tulcea", 1, "oana")
    assert json.loads(row.stamps)[0]["authority"] == "local"
    node.put([replace(row, actor="ion") for row in node.rows()])
    node.do("DELETE FROM audit_stamp", "DELETE FROM audit_signed")
    node.sign()
    with pytest.raises(AnchorsRefused, match="written anew"):
        keep(node.exported())


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"format": "istros-audit-anchors-1"}', b"{" * 5000, b"\xff\xfe", b'{"format": 7}'],
)
def test_what_is_no_file_of_anchors_is_a_sentence(data: bytes) -> None:
    with pytest.raises(AnchorsUnreadable, match="anchors"):
        anchors.read(data)


def test_an_edited_file_does_not_hold(node: Node) -> None:
    now = node.environment.clock.now()
    content = node.database.read_now(lambda tx: anchors.export(tx, KEYS, "Izmail", now))
    for change in ({"sequence": 5}, {"hash": "f" * 64}, {"time": now - DAY}, {"signature": "AAAA"}):
        edited = {**content, "heads": [{**content["heads"][0], **change}]}
        report = anchors.check(anchors.read(anchors.text_of(edited).encode()))
        assert HeadFault.FORGED in [finding.fault for finding in report.findings], change


def test_nothing_is_signed_twice_and_the_heads_cannot_be_changed(node: Node) -> None:
    assert node.sign() is not None
    assert node.database.write_now(lambda tx: sign_head(tx, node.environment, KEY)) is None
    for statement in ("UPDATE audit_signed SET sequence = 1", "DELETE FROM audit_stamp", "DELETE FROM audit_signed"):
        with pytest.raises(Exception, match="cannot be changed"), connection_of(node.database) as connection:
            connection.execute(text(statement))


def test_an_authority_that_is_away_holds_nothing_up_and_is_asked_again(node: Node, tmp_path: Path) -> None:
    second = LocalAuthority(tmp_path / "second", "second")
    second.away = True
    signer = HeadSigner(
        node.environment, node.database, KEY, [node.authority.authority, second.authority],
        lambda url, request: (second if "second" in url else node.authority).answer(url, request),
    )  # fmt: skip

    async def sign_and_stamp() -> int:
        await signer.sign()
        return await signer.stamp()

    assert asyncio.run(sign_and_stamp()) == 1
    now, names = node.environment.clock.now(), ["local", "second"]
    fresh = node.database.read_now(lambda tx: stamp_states(tx, names, now))
    late = node.database.read_now(lambda tx: stamp_states(tx, names, Time(now + HOUR)))
    assert [state.late for state in fresh] == [False, False]
    assert [state.late for state in late] == [False, True]
    node.act(1)
    assert chain.verify_now(node.database).rows == 10
    second.away = False
    assert asyncio.run(signer.stamp()) == 1
    report = head_check.verify_now(node.database, KEYS, [node.authority.authority, second.authority])
    assert (report.ok, report.heads, report.stamps, report.unchecked, report.signed_to) == (True, 2, 3, 0, 9)
    assert head_check.verify_now(node.database, KEYS).unchecked == 3
    file = anchors.read(
        anchors.text_of(node.database.read_now(lambda tx: anchors.export(tx, KEYS, "Izmail", now))).encode()
    )
    assert (anchors.check(file).stamps, anchors.check(file).unchecked) == (3, 3)
    assert anchors.check(file, [second.authority]).unchecked == 2


def test_a_stamp_that_somebody_made_himself_under_the_authoritys_name_is_found(node: Node, tmp_path: Path) -> None:
    """In the log and in a file of anchors; without the authority's certificate it is counted as unchecked."""
    impostor = LocalAuthority(tmp_path / "impostor", "local")
    head = node.database.read_now(lambda tx: tx.audit_heads.newest())
    assert head is not None
    token = stamping.ask(impostor.authority, signed_bytes(head), impostor.answer)
    finding = head_check.stamp_finding(head, "local", token, node.authority.authority)
    assert finding is not None and finding.fault is HeadFault.STAMP_BROKEN
    now = node.environment.clock.now()
    content = node.database.read_now(lambda tx: anchors.export(tx, KEYS, "Izmail", now))
    content["heads"][-1]["stamps"] = [{"authority": "local", "token": base64.b64encode(token).decode()}]
    file = anchors.read(anchors.text_of(content).encode())
    found = anchors.check(file, [node.authority.authority])
    assert ([finding.fault for finding in found.findings], found.unchecked) == ([HeadFault.STAMP_BROKEN], 0)
    found = anchors.check(file)
    assert found.ok and found.unchecked == found.stamps


def test_a_token_of_another_authority_is_refused_on_arrival(node: Node, tmp_path: Path) -> None:
    stranger = LocalAuthority(tmp_path / "stranger", "stranger")
    signer = HeadSigner(node.environment, node.database, KEY, [stranger.authority], node.authority.answer)
    assert asyncio.run(signer.stamp()) == 0
    head = node.database.read_now(lambda tx: tx.audit_heads.newest())
    assert head is not None
    finding = head_check.stamp_finding(head, "stranger", b"\x30\x03\x02\x01\x00", stranger.authority)
    assert finding is not None and finding.fault is HeadFault.STAMP_BROKEN
