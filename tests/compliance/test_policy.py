"""Camera groups in the policy, its changes on the record, and what the simulator says of it."""

from __future__ import annotations

import json

import pytest

from istros.base.environment import Environment
from istros.compliance import simulator
from istros.compliance.access import ROLES, Access, Subject, load_access, standard_access
from istros.compliance.errors import PolicyFault
from istros.compliance.policy_record import ACTION, record_policy, rules_of
from istros.compliance.simulator import MATTERS_OF, Question
from istros.store import Database
from istros.store.releases import Matter
from tests.house.places import ROOT

GROUPS = {"IZ-07": ("harbour",), "IZ-09": ("border", "harbour"), "TL-01": ()}
HARBOUR = """
@id("patrol-at-the-harbour")
permit (principal in Role::"patrol", action == Action::"live.view", resource in CameraGroup::"harbour");
// Not the border.
@id("not-the-border")
forbid (principal, action == Action::"live.view", resource in CameraGroup::"border");
"""


def test_a_right_reaches_a_group_s_cameras_alone() -> None:
    access = Access(HARBOUR, groups=GROUPS)
    patrol = Subject("patrol", "izmail")
    assert [bool(access.on_camera(patrol, "live.view", camera)) for camera in (*GROUPS, "XX-1")] == [
        True, False, False, False,
    ]  # fmt: skip
    assert access.on_camera(patrol, "live.view", "IZ-09").rules == ("not-the-border",)
    assert access.actions_of("patrol") == {"live.view"}
    assert access.cameras_by_group == {"border": ["IZ-09"], "harbour": ["IZ-07", "IZ-09"]}


def test_a_group_without_cameras_is_an_error_at_start() -> None:
    with pytest.raises(PolicyFault, match="camera group 'border'"):
        Access(HARBOUR)


def test_the_standard_policy_is_the_same_with_groups() -> None:
    grouped = load_access(groups=GROUPS)
    for role in ROLES:
        assert grouped.actions_of(role) == standard_access().actions_of(role)


def test_every_rule_has_a_name_and_words_for_the_lawyer() -> None:
    access = standard_access()
    rules = rules_of(access)
    assert len(rules) == access.text.count("@id(") == access.text.count("permit (\n") + access.text.count("forbid (\n")
    for rule in rules.values():
        assert rule.text.startswith(("permit", "forbid")) and rule.text.endswith(";"), rule.id
        assert rule.comment, rule.id


def test_a_changed_policy_is_on_the_record_once(database: Database, town: Environment) -> None:
    first, second = Access(HARBOUR, "own.cedar", GROUPS), standard_access()
    told = [database.write_now(lambda tx, a=a: record_policy(tx, town, a, by="istros")) for a in (first, first, second)]
    assert told == [True, False, True]
    rows = database.read_now(lambda tx: tx.audit.page(action=ACTION))
    newest, oldest = (json.loads(row.detail) for row in rows)
    assert (oldest["before"], oldest["after"], oldest["source"]) == ("", first.sha256, "own.cedar")
    assert (newest["before"], newest["after"], newest["started_by"]) == (first.sha256, second.sha256, "istros")
    assert newest["groups_before"] == {"border": ["IZ-09"], "harbour": ["IZ-07", "IZ-09"]}


def test_the_simulator_says_what_the_node_does() -> None:
    access = standard_access()
    for role in ROLES:
        for action in access.actions_of(role) - {"permits.open"}:
            answer = simulator.ask(access, Question(role, action))
            assert answer.allowed and answer.rules and all(rule.text for rule in answer.rules), (role, action)
    search = simulator.ask(access, Question("investigator", "plates.search"))
    assert (search.permit, search.purposes) == (
        "own", ("offence", "missing-person", "threat-to-life", "stolen-vehicle", "smuggling"),
    )  # fmt: skip
    assert (
        simulator.ask(access, Question("investigator", "plates.search", purpose="traffic-safety")).purpose_covers
        is False
    )
    assert simulator.ask(access, Question("operator", "live.view")).permit == "standing"
    refused = simulator.ask(access, Question("administrator", "live.view"))
    assert (refused.allowed, [rule.id for rule in refused.rules]) == (
        False, ["no-pictures-for-oversight-and-administration"],
    )  # fmt: skip
    assert simulator.ask(access, Question("patrol", "audit.read")).rules[0].id == "oversight-stays-apart"
    assert simulator.ask(access, Question("patrol", "storage.read")).rules == ()
    assert not simulator.ask(access, Question("investigator", "watchlist.write", own=False)).allowed


def test_the_simulator_says_what_a_second_person_must_release_and_who_that_may_be() -> None:
    access, police = standard_access(), ("shift_leader", "investigator")
    person, live = simulator.ask(access, Question("investigator", "persons.write")).releases
    assert (person.matter, set(person.by), person.function, person.alone) == (
        Matter.WATCH_PERSON,
        set(police),
        "",
        True,
    )
    assert (live.matter, set(live.by), live.function) == (Matter.FACE_MATCHING, set(police), "faces-matched-live")
    for action in ("exports.order", "exports.fetch"):
        (need,) = simulator.ask(access, Question("shift_leader", action)).releases
        assert need.matter is Matter.EVIDENCE_EXPORT
    (zones,) = simulator.ask(access, Question("administrator", "cameras.zones")).releases
    assert (zones.matter, set(zones.by), zones.alone) == (
        Matter.UNCOVER_ZONE, {"administrator", "shift_leader"}, False,
    )  # fmt: skip
    assert simulator.ask(access, Question("administrator", "persons.write")).releases == (), "it is not allowed at all"


def test_every_matter_is_told_for_some_action() -> None:
    assert {matter for matters in MATTERS_OF.values() for matter in matters} == set(Matter)


@pytest.mark.parametrize("language", ["en", "uk", "ro"])
def test_every_rule_has_its_meaning_in_each_language(language: str) -> None:
    words = json.loads((ROOT / f"web/src/words/{language}.json").read_text(encoding="utf-8"))
    assert set(words["policy"]["meaning"]) == set(rules_of(standard_access()))
