"""Signatures, stamps and anchors of the audit log that are missing: states, alarms, and back by themselves."""

from __future__ import annotations

import asyncio

import pytest

from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.compliance import audit
from istros.compliance.heads import sign_head
from istros.events.audit_health import EXPORTED
from istros.events.health_watch import HealthWatch
from istros.settings import HealthSettings
from istros.store import Database, Transaction
from istros.store.audit_heads import AuditStampRow
from istros.store.rows import AlarmRow, AlarmState
from tests.compliance.conftest import HandClock
from tests.compliance.conftest import clock as clock
from tests.compliance.conftest import town as town
from tests.store.conftest import database as database
from tests.store.conftest import database_url as database_url


class Log:
    """An audit log, its watch, and a clock that is moved by hand."""

    def __init__(self, environment: Environment, clock: HandClock, database: Database) -> None:
        self.environment, self.clock, self.database = environment, clock, database
        self.key = SigningKey.generate()
        self.watch = self.started("ro")

    def started(self, *authorities: str, anchors_days: float | None = None) -> HealthWatch:
        """The watch as a server that starts now makes it."""
        settings = HealthSettings(anchors_days=anchors_days)
        return HealthWatch(self.environment, self.database, [], settings, authorities)

    def write(self, action: str = "live.view") -> None:
        """A row."""
        self.database.write_now(
            lambda tx: audit.append(tx, self.environment, actor="olena", origin="desk", action=action, subject="IZ-07")
        )

    def sign(self) -> None:
        """A signed head."""
        self.database.write_now(lambda tx: sign_head(tx, self.environment, self.key))

    def stamp(self) -> None:
        """A token over the newest head."""

        def work(tx: Transaction) -> None:
            head = tx.audit_heads.newest()
            assert head is not None
            tx.audit_heads.add_stamp(AuditStampRow(head.number, "ro", self.environment.clock.now(), b"token"))

        self.database.write_now(work)

    def run(self, hours: float, step_s: float = 300, *, signing: bool = True) -> None:
        """Look again and again, while the server signs what is written."""
        for _ in range(round(hours * 3600 / step_s)):
            self.clock.seconds += step_s
            if signing:
                self.sign()
            asyncio.run(self.watch.look())

    def bad(self) -> list[tuple[str, str]]:
        """What is bad."""
        return [(row.kind, row.stream) for row in self.database.read_now(lambda tx: tx.health.bad_ones())]

    def alarms(self) -> dict[str, AlarmRow]:
        """The newest alarm of each kind."""
        rows = self.database.read_now(lambda tx: tx.alarms.by_states(tuple(AlarmState), 100))
        return {row.kind: row for row in rows}


@pytest.fixture
def log(town: Environment, clock: HandClock, database: Database) -> Log:
    return Log(town, clock, database)


def test_a_missing_stamp_is_told_after_three_hours_and_returns(log: Log) -> None:
    log.write()
    log.sign()
    log.run(2.9)
    assert log.bad() == []
    log.run(0.3)
    assert log.bad() == [("audit-unstamped", "ro")]
    alarm = log.alarms()["audit-unstamped"]
    assert (alarm.priority, alarm.camera_id) == ("medium", "")
    log.run(5)
    assert len(log.alarms()) == 1 and log.alarms()["audit-unstamped"].count == 1
    log.stamp()
    log.run(0.1)
    assert log.bad() == [] and log.alarms()["audit-unstamped"].returned is not None


def test_rows_that_nobody_signed_are_told_after_two_hours_and_return(log: Log) -> None:
    log.write()
    log.sign()
    log.stamp()
    log.run(3)
    assert log.bad() == []  # nothing came since: nothing to sign
    log.write()
    log.run(1.9, signing=False)
    assert log.bad() == []
    log.run(0.3, signing=False)
    assert log.bad() == [("audit-unsigned", "")]
    assert log.alarms()["audit-unsigned"].priority == "high"
    log.sign()
    log.run(0.1)
    assert log.bad() == []


def test_anchors_that_stay_here_are_told_only_where_the_settings_ask(log: Log) -> None:
    log.watch = log.started()
    log.write()
    log.sign()
    log.run(31 * 24, 7200)
    assert log.bad() == []
    log.watch = log.started(anchors_days=30)
    log.run(0.2)
    assert log.bad() == [("anchors-late", "")]
    log.write(EXPORTED)
    log.run(0.1)
    assert log.bad() == []


def test_an_authority_that_is_named_no_more_is_bad_no_more(log: Log) -> None:
    log.write()
    log.sign()
    log.run(3.3)
    assert log.bad() == [("audit-unstamped", "ro")]
    log.watch = log.started()
    log.run(0.2)
    assert log.bad() == []


def test_a_head_of_yesterday_is_no_alarm_at_the_start(log: Log) -> None:
    """A node that was off for a day signs and has it stamped within the first minutes."""
    log.write()
    log.sign()
    log.clock.seconds += 24 * 3600
    log.watch = log.started("ro")
    log.run(150 / 3600, 50)
    assert log.bad() == []
    log.stamp()
    log.run(1)
    assert log.alarms() == {}
