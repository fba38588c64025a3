"""`istros check --breach`: an audit chain that does not hold becomes a breach, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from istros.app.checking import check_node, tell_breach
from istros.app.people import NewOperator, add_operator
from istros.base.workers import InlineWorkers
from istros.compliance import breaches
from istros.settings import Settings
from istros.store import open_database
from istros.store.database import connection_of


def test_a_changed_row_is_told_as_a_breach_in_the_language_of_the_node(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "node")
    asyncio.run(add_operator(settings, NewOperator("olena", "Olena", "council", "operator"), "a ferry over the Danube"))
    database = open_database(settings.database_url, InlineWorkers())
    with connection_of(database) as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE sequence = 1")
    report = asyncio.run(check_node(settings, repair=False, progress=lambda text: None))
    assert not report.audit_ok
    number = tell_breach(settings, report)
    assert tell_breach(settings, report) == number
    (breach,) = database.read_now(lambda tx: breaches.every(tx, 10, tx.breaches.organisations()))
    database.close()
    assert (breach.row.number, breach.row.source_kind, breach.row.opened_by) == (number, "chain", "istros check")
    assert breach.is_running and breach.row.law == "ua", "the country follows the time zone where none is named"
    assert breach.facts.what == "istros check: Рядок 1 журналу аудиту змінено; рядки перед ним цілі."
