"""`istros anchors`, `istros verify` and `istros check --anchors`, from file to file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from istros.app.anchors import export_anchors, keep_anchors, read_bytes, verify_anchors
from istros.app.checking import check_node
from istros.app.people import NewOperator, add_operator
from istros.base.workers import InlineWorkers
from istros.compliance.anchors import AnchorsRefused, read
from istros.settings import Settings
from istros.store import open_database
from istros.store.database import connection_of


def test_a_file_goes_to_the_partner_and_holds_the_owner_to_his_chain(tmp_path: Path) -> None:
    own, partner = (Settings(data=tmp_path / name) for name in ("izmail", "tulcea"))
    asyncio.run(add_operator(own, NewOperator("olena", "Olena", "council", "operator"), "a ferry over the Danube"))
    file = tmp_path / "anchors.json"
    assert export_anchors(own, file, days=31) == 1
    assert verify_anchors(file, "").ok
    assert (keep_anchors(partner, file, "Izmail"), keep_anchors(partner, file, "Izmail")) == (1, 0)
    assert not verify_anchors(file, "0" * 64).ok
    kept = read(read_bytes(file))
    report = asyncio.run(check_node(own, repair=False, progress=lambda text: None, anchors=kept))
    assert (report.ok, report.audit_heads, report.anchors) == (True, 1, 1), report.findings
    database = open_database(own.database_url, InlineWorkers())
    with connection_of(database) as connection:
        for trigger in ("audit_no_delete", "audit_signed_no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("DELETE FROM audit")
        connection.exec_driver_sql("DELETE FROM audit_signed")
        connection.exec_driver_sql(f"UPDATE audit_head SET sequence = 0, hash = '{'0' * 64}'")
    database.close()
    assert asyncio.run(check_node(own, repair=False, progress=lambda text: None)).ok
    report = asyncio.run(check_node(own, repair=False, progress=lambda text: None, anchors=kept))
    assert not report.audit_ok
    assert "Against the anchors: Audit rows 1 to 1 were cut off" in report.findings[0]


def test_a_file_that_does_not_hold_is_refused_on_the_record(tmp_path: Path) -> None:
    own = Settings(data=tmp_path / "izmail")
    asyncio.run(add_operator(own, NewOperator("olena", "Olena", "council", "operator"), "a ferry over the Danube"))
    file = tmp_path / "anchors.json"
    export_anchors(own, file, days=31)
    content = json.loads(file.read_text())
    content["heads"][0]["sequence"] += 1
    file.write_text(json.dumps(content))
    assert not verify_anchors(file, "").ok
    with pytest.raises(AnchorsRefused, match="forged"):
        keep_anchors(own, file, "Tulcea")
    database = open_database(own.database_url, InlineWorkers())
    head = database.read_now(lambda tx: tx.audit.head())
    assert head is not None and (head.action, head.result, head.subject) == ("anchors.keep", "refused", "Tulcea")
    database.close()
