"""The server's loop around releases and the profile, under a clock moved by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from istros.app.checking import check_node
from istros.app.profile_bounds import within_profile
from istros.app.releases import ReleaseWatch
from istros.base.environment import Environment, real_environment
from istros.base.signing import SigningKey
from istros.base.workers import InlineWorkers
from istros.compliance import cascade, releases
from istros.compliance.assessments import ALL_USES, Clearance, Standing, Use
from istros.compliance.profile import STRICTEST_PROFILE, Function, Profile, in_force, kept_days
from istros.compliance.releases import Matter, ReleaseRow
from istros.compliance.simulated_profile import sign_simulated
from istros.devices.camera import SecretUrl
from istros.recording.bounds import keeping_now
from istros.recording.keeping import Keeping, KeepingRules
from istros.settings import load_settings
from istros.store import Database, Transaction, open_database
from istros.store.rows import OperatorRow
from tests.api.site import camera
from tests.compliance.conftest import HandClock
from tests.compliance.conftest import clock as clock
from tests.compliance.conftest import database as database
from tests.compliance.conftest import database_url as database_url
from tests.compliance.conftest import town as town

ADMIN = OperatorRow("o1", "taras", "Taras", "council", "administrator", "")
OFFICER = OperatorRow("o2", "ioana", "Ioana", "council", "protection_officer", "")
LEADER = OperatorRow("o3", "olena", "Olena", "council", "shift_leader", "")
HERE = camera("IZ-07", "Izmail")
ELSEWHERE = replace(HERE, streams=(replace(HERE.streams[0], url=SecretUrl("rtsp://10.20.0.7/main")),))


def version(database: Database, town: Environment) -> int:
    return database.read_now(lambda tx: in_force(tx, town.clock.now()).version)


@pytest.mark.parametrize(
    ("training", "cameras", "stays"), [(True, (HERE,), True), (False, (HERE,), False), (True, (HERE, ELSEWHERE), False)]
)
def test_a_simulated_profile_stays_only_where_every_camera_is_simulated(
    database: Database, town: Environment, training: bool, cameras: tuple[object, ...], stays: bool
) -> None:
    database.write_now(lambda tx: sign_simulated(tx, town, ADMIN, OFFICER, SigningKey.generate()))
    watch = ReleaseWatch(town, database, cameras, training=training)  # type: ignore[arg-type]
    asyncio.run(watch.look())
    assert (version(database, town) == 1) is stays
    rows = database.read_now(lambda tx: tx.audit.page(action="profile.withdraw"))
    assert [row.actor for row in rows] == ([] if stays else ["istros"])


def test_one_part_that_cannot_undo_holds_up_no_other(
    database: Database, town: Environment, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(cascade, "_UNDONE", {})

    def fail(tx: Transaction, environment: Environment, release: ReleaseRow) -> None:
        raise OSError("the disk is away")

    releases.on_undone(Matter.EVIDENCE_EXPORT, fail)
    releases.on_undone(Matter.WATCH_PERSON, lambda tx, environment, release: told.append(release.subject))
    for matter in (Matter.EVIDENCE_EXPORT, Matter.WATCH_PERSON):
        database.write_now(lambda tx, each=matter: releases.ask(tx, town, LEADER, each, "s1", "why"))  # type: ignore[misc]
    clock.seconds += 24 * 3600
    with pytest.raises(OSError, match="away"):
        asyncio.run(ReleaseWatch(town, database).look())
    assert told == ["s1"]


def test_plate_reads_of_an_upgraded_node_go_after_two_weeks_of_notice(
    database: Database, town: Environment, clock: HandClock
) -> None:
    def kept() -> float:
        return database.read_now(lambda tx: kept_days(tx, town.clock.now(), 14))

    def recorded() -> float:
        """How long a recording is kept that the settings keep for sixty days."""
        rules = KeepingRules(Keeping(60, 60))
        return database.read_now(lambda tx: keeping_now(tx, town.clock.now(), rules)).usual.days

    asyncio.run(ReleaseWatch(town, database).look())
    assert (kept(), recorded()) == (14, 60)
    clock.seconds += 14 * 86_400
    asyncio.run(ReleaseWatch(town, database).look())
    assert (kept(), recorded()) == (1, 30)
    database.write_now(lambda tx: sign_simulated(tx, town, ADMIN, OFFICER, SigningKey.generate()))
    assert kept() == 14, "the city's profile allows thirty days, the configuration fourteen"


def test_cameras_give_no_sound_and_no_plates_that_the_profile_does_not_allow() -> None:
    held = {"IZ-07": Clearance(Standing.VALID, uses=ALL_USES)}
    for profile, barred in (
        (STRICTEST_PROFILE, {Use.SOUND}),
        (Profile(1, grounds={Function.SOUND_RECORDED: "law"}), {Use.PLATES, Use.VEHICLES}),
    ):
        assert within_profile(held, profile)["IZ-07"].uses == ALL_USES - barred
    covered = {"IZ-07": Clearance(Standing.VALID, uses=frozenset({Use.PEOPLE}))}
    assert within_profile(covered, Profile(1, grounds={Function.SOUND_RECORDED: "law"})) == covered, "it adds nothing"


def test_the_check_names_a_profile_that_was_changed_or_signed_elsewhere(tmp_path: Path) -> None:
    config = tmp_path / "istros.toml"
    config.write_text(f'data = "{tmp_path}/data"\n', encoding="utf-8")
    settings = load_settings(config)
    report = asyncio.run(check_node(settings, repair=False, progress=lambda text: None))
    assert report.ok
    real = open_database(settings.database_url, InlineWorkers())
    environment = real_environment(1)
    real.write_now(lambda tx: sign_simulated(tx, environment, ADMIN, OFFICER, SigningKey.generate()))
    real.close()
    report = asyncio.run(check_node(settings, repair=False, progress=lambda text: None))
    assert not report.ok
    assert report.findings == (
        "Profile 1: taras signed with a key that is not this node's.",
        "Profile 1: ioana signed with a key that is not this node's.",
    )
