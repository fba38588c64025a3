"""What is erased when its time is over."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

from istros.app.forgetting import forget_reads
from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.base.time import DAY, Span, Time, after
from istros.compliance import profile_drafts
from istros.compliance.functions import MOST
from istros.compliance.simulated_profile import simulated_draft
from istros.recording.bounds import keeping_now
from istros.recording.keeping import Keeping, KeepingRules
from istros.store import Database, Transaction, open_database
from istros.store.people import PeopleQuery
from istros.store.plate_spots import PlateSpotRow
from istros.store.rows import OperatorRow, PlateQuery
from istros.store.vehicles import VehicleQuery, VehicleRow
from tests.events.city import hand_environment
from tests.store.rows_made import read
from tests.store.test_people import seen as person_seen

ADMIN = OperatorRow("o1", "taras", "Taras", "council", "administrator", "")
OFFICER = OperatorRow("o2", "ioana", "Ioana", "council", "protection_officer", "")


def _passage(name: str, time: Time) -> VehicleRow:
    return VehicleRow(name, "IZ-07", name, time, time, "car", 0.9, "red", "towards", None, 0.0, (0.1, 0.2, 0.3, 0.4))


async def _once(environment: Environment, database: Database, days: float) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(forget_reads(environment, database, days, stop))
    await asyncio.sleep(0.2)
    stop.set()
    await task


def test_reads_and_passages_go_after_their_days_and_sums_of_widths_stay(tmp_path: Path) -> None:
    environment, clock = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    now = clock.now()
    old, young = after(now, -15 * 86_400), after(now, -13 * 86_400)

    def fill(tx: Transaction) -> None:
        for name, time in (("old", old), ("young", young)):
            tx.reads.add(replace(read(1), id=name, time=time, first_seen=time, last_seen=time))
        tx.vehicles.add([_passage("old", old), _passage("young", young)])
        tx.plate_spots.add([PlateSpotRow("IZ-07", 1, 1, 1, 0.1, 0, 0.0)])

    database.write_now(fill)
    asyncio.run(_once(environment, database, 14))
    ever = Span(Time(now - 30 * DAY), now)
    reads, _ = database.read_now(lambda tx: tx.reads.search(PlateQuery("", True, ever)))
    passages = database.read_now(lambda tx: tx.vehicles.search(VehicleQuery(ever)))
    assert ([each.id for each in reads], [each.id for each in passages]) == (["young"], ["young"])
    assert len(database.read_now(lambda tx: tx.plate_spots.of("IZ-07"))) == 1
    record = database.read_now(lambda tx: tx.audit.head())
    assert record is not None
    assert (record.action, json.loads(record.detail)) == (
        "plates.forget",
        {"count": 1, "cause": "age", "passages": 1, "older_than_days": 14},
    )
    database.close()


def test_a_signed_profile_bounds_recordings_reads_passages_and_people(tmp_path: Path) -> None:
    """Each by its own figure, whatever the settings keep; the pass after a signature is the first that follows it."""
    environment, clock = hand_environment()
    database = open_database(f"sqlite:///{tmp_path}/istros.sqlite3", environment.workers)
    now = clock.now()
    ages = {f"{hours} h": after(now, -hours * 3600) for hours in (5, 7, 11, 13)}
    limits = replace(MOST, recording_hours=48, plate_hours=12, people_hours=6)

    def fill(tx: Transaction) -> None:
        draft = replace(simulated_draft(now), limits=limits)
        row = profile_drafts.save(tx, environment, ADMIN, draft, training=True)
        for person in (ADMIN, OFFICER):
            profile_drafts.sign(tx, environment, person, row.version, SigningKey.generate())
        for name, time in ages.items():
            tx.reads.add(replace(read(1), id=name, time=time, first_seen=time, last_seen=time))
            tx.vehicles.add([_passage(name, time)])
            tx.people.add([replace(person_seen(1), id=name, first_seen=time, last_seen=time)])

    database.write_now(fill)
    asyncio.run(_once(environment, database, 14))
    ever = Span(Time(now - 30 * DAY), now)
    reads, _ = database.read_now(lambda tx: tx.reads.search(PlateQuery("", True, ever)))
    passages = database.read_now(lambda tx: tx.vehicles.search(VehicleQuery(ever)))
    people, _ = database.read_now(lambda tx: tx.people.between(PeopleQuery(ever), 9))
    assert {each.id for each in reads} == {each.id for each in passages} == {"5 h", "7 h", "11 h"}
    assert {each.id for each in people} == {"5 h"}
    rules = KeepingRules(Keeping(60, 60))
    assert database.read_now(lambda tx: keeping_now(tx, now, rules)).usual.days == 2
    database.close()
