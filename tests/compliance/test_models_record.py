"""Models on the record: the first count, others wait for the officer, and approved ones may come back."""

from __future__ import annotations

import json

import pytest

from istros.base.environment import Environment
from istros.compliance.models_record import (
    Approval,
    ModelsRefused,
    approve,
    may_run_on_persons,
    record_models,
    set_hash,
    standing,
)
from istros.store import Database
from istros.store.rows import OperatorRow
from tests.compliance.conftest import HandClock
from tests.compliance.conftest import clock as clock
from tests.compliance.conftest import town as town
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url

OFFICER = OperatorRow("o1", "iryna", "Iryna", "izmail", "protection_officer", "", "uk")
OLD = {"face-embedder": "a" * 64, "street-detector": "b" * 64}
NEW = OLD | {"face-embedder": "c" * 64}
REPORT = json.dumps({"kind": "faces", "folder": "town", "tables": [{"title": "Rates", "rows": []}]})


def start(database: Database, environment: Environment, models: dict[str, str]) -> bool:
    return database.write_now(lambda tx: record_models(tx, environment, models, by="istros"))


def test_a_change_waits_for_the_officer_and_a_rollback_does_not(
    database: Database, town: Environment, clock: HandClock
) -> None:
    assert database.read_now(may_run_on_persons)  # nothing was started yet
    assert start(database, town, OLD) and not start(database, town, OLD)
    assert database.read_now(may_run_on_persons)
    assert start(database, town, NEW)
    found = database.read_now(standing)
    assert not found.approved and found.models == NEW and not database.read_now(may_run_on_persons)
    assert database.read_now(lambda tx: may_run_on_persons(tx, OLD))  # a process that still runs the old ones
    assert start(database, town, OLD) and database.read_now(may_run_on_persons)
    assert start(database, town, NEW) and not database.read_now(may_run_on_persons)
    wanted, good = set_hash(NEW), Approval("administrator", "fewer false matches", REPORT, REPORT)
    for wrong, said in (
        (Approval("iryna", "x"), "does not approve"), (Approval("administrator", " "), "reason is missing"),
        (Approval("administrator", "x", after="{}"), "no report"),
    ):  # fmt: skip
        with pytest.raises(ModelsRefused, match=said):
            database.write_now(lambda tx, w=wrong: approve(tx, town, OFFICER, wanted, w, origin="here"))  # type: ignore[misc]
    with pytest.raises(ModelsRefused, match="Other models"):
        database.write_now(lambda tx: approve(tx, town, OFFICER, set_hash(OLD), good, origin="here"))
    assert database.write_now(lambda tx: approve(tx, town, OFFICER, wanted, good, origin="here")).approved
    with pytest.raises(ModelsRefused, match="No change"):
        database.write_now(lambda tx: approve(tx, town, OFFICER, wanted, good, origin="here"))
    assert [row.action for row in database.read_now(standing).rows] == [
        "models.first", "models.change", "models.rollback", "models.change", "models.approve",
    ]  # fmt: skip
    detail = json.loads(database.read_now(standing).rows[-1].detail)
    assert detail["measured_by"] == "administrator" and len(detail["reports"]["after"]["sha256"]) == 64
