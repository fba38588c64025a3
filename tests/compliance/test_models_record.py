"""Models on the record: the first count, others wait for the officer, and approved ones may come back."""

from __future__ import annotations

import json

import pytest

from istros.base.environment import Environment
from istros.compliance.models_record import (
    Approval,
    ModelsRefused,
    approve,
    changed,
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


def report(**weights: str) -> str:
    """A report of `istros evaluate` on these weights; `_` in a model's name stands for a dash."""
    named = [
        {"model": name.replace("_", "-"), "file": f"{name}.onnx", "sha256": sha256} for name, sha256 in weights.items()
    ]
    tables = [{"title": "Rates", "rows": []}]
    return json.dumps({"kind": "faces", "folder": "town", "tables": tables} | ({"weights": named} if named else {}))


BEFORE, AFTER = report(face_embedder="a" * 64), report(face_embedder="c" * 64)


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
    wanted, good = set_hash(NEW), Approval("administrator", "fewer false matches", (BEFORE,), (AFTER,))
    for wrong, said in (
        (Approval("iryna", "x"), "does not approve"), (Approval("administrator", " "), "reason is missing"),
        (Approval("administrator", "x", after=("{}",)), "no report"),
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
    assert detail["measured_by"] == "administrator" and len(detail["reports"]["after"][0]["sha256"]) == 64
    assert detail["reports"]["after"][0]["weights"] == {"face-embedder": "c" * 64} and detail["unmeasured"] == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("", BEFORE, "report-after-of-others"),
        ("", report(face_embedder="c" * 64, face_detector="d" * 64), "report-after-of-others"),
        ("", report(street_detector="b" * 64), "models-not-measured"),
        ("", report(), "report-without-weights"),
        (AFTER, AFTER, "report-before-of-others"),
        (BEFORE, AFTER, ""),
        (report(), AFTER, ""),
        ("", "", "models-not-measured"),
    ],
    ids=["old-weights", "one-of-others", "what-did-not-change", "no-weights", "swapped", "right", "older-version", "none"],
)  # fmt: skip
def test_a_report_about_other_weights_approves_nothing(
    database: Database, town: Environment, before: str, after: str, code: str
) -> None:
    for models in (OLD, NEW):
        start(database, town, models)
    approval = Approval("administrator", "fewer false matches", (before,) if before else (), (after,) if after else ())
    try:
        done = database.write_now(lambda tx: approve(tx, town, OFFICER, set_hash(NEW), approval, origin="here"))
    except ModelsRefused as refusal:
        assert refusal.said.code == code and not database.read_now(may_run_on_persons)
    else:
        assert code == "" and done.approved


MORE = {"face-embedder": "c" * 64, "street-detector": "d" * 64, "street": "e" * 64}


@pytest.mark.parametrize(
    ("after", "reason", "missing"),
    [
        ((AFTER,), "fewer false matches", ["street", "street-detector"]),
        ((AFTER,), "nobody measures street-detector", ["street"]),
        ((AFTER,), "no pictures for street, street-detector is as it was but for its name", []),
        ((AFTER, report(street="e" * 64), report(street_detector="d" * 64)), "fewer false matches", []),
        ((report(face_embedder="c" * 64, street="e" * 64, street_detector="d" * 64),), "fewer false matches", []),
        ((), "no pictures of face-embedder, street, street-detector", []),
    ],
    ids=["one-of-three", "named-in-another", "named", "three-reports", "one-report", "all-named"],
)  # fmt: skip
def test_each_model_that_changed_is_measured_or_named(
    database: Database, town: Environment, after: tuple[str, ...], reason: str, missing: list[str]
) -> None:
    for models in (OLD, MORE):
        start(database, town, models)
    assert changed(database.read_now(standing)) == ["face-embedder", "street", "street-detector"]
    approval = Approval("administrator", reason, (), after)
    if missing:
        with pytest.raises(ModelsRefused, match=f"measures {', '.join(missing)}[.]"):
            database.write_now(lambda tx: approve(tx, town, OFFICER, set_hash(MORE), approval, origin="here"))
        assert not database.read_now(may_run_on_persons)
        return
    assert database.write_now(lambda tx: approve(tx, town, OFFICER, set_hash(MORE), approval, origin="here")).approved
    measured = {model for text in after for model in (each["model"] for each in json.loads(text)["weights"])}
    assert json.loads(database.read_now(standing).rows[-1].detail)["unmeasured"] == sorted(MORE.keys() - measured)


def test_a_model_that_runs_no_more_needs_no_measurement(database: Database, town: Environment) -> None:
    less = {"face-embedder": "a" * 64}
    for models in (OLD, less):
        start(database, town, models)
    approval = Approval("administrator", "the cameras of the street are gone")
    assert database.write_now(lambda tx: approve(tx, town, OFFICER, set_hash(less), approval, origin="here")).approved
