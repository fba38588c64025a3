"""Who may do what: the whole table, as people would check it on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from istros.compliance.access import ACTIONS, ROLES, Access, Subject, actions_of, allowed, load_access, purposes_of
from istros.compliance.errors import PolicyFault
from istros.compliance.purposes import PURPOSES, TO_OPEN

SEARCH = {"plates.search", "vehicles.search"}
WATCH = SEARCH | {"cameras.read", "live.view", "alarms.read", "playback.view", "permits.open", "watchlist.read"}
EXPORT = {"exports.order", "exports.fetch"}
HOLD = {"holds.read", "holds.place", "holds.release", "holds.review"}
RELEASE = {
    "releases.read", "releases.ask", "releases.grant", "releases.emergency", "releases.withdraw", "searches.ask",
}  # fmt: skip
PERSONS = {"persons.read", "persons.picture", "persons.search", "persons.count", "faces.judge"}
PROFILE = {"profile.draft", "profile.sign"}
TELL = {"breaches.report"}
MAY = {
    "operator": WATCH | PERSONS | TELL | {"alarms.answer", "ptz.move", "gaps.read", "requests.take"},
    "shift_leader": WATCH
    | TELL
    | {"breaches.read", "breaches.close"}
    | HOLD
    | EXPORT
    | RELEASE
    | PERSONS
    | {"searches.grant", "persons.write", "faces.report", "faces.results"}
    | {"plates.correct", "duties.read"}
    | {
        "alarms.answer",
        "watchlist.write",
        "ptz.move",
        "ptz.lead",
        "storage.read",
        "gaps.read",
        "cameras.scale",
        "cameras.zones",
        "policy.read",
        "requests.take",
    },
    "investigator": WATCH
    | TELL
    | HOLD
    | EXPORT
    | RELEASE
    | PERSONS
    | {"faces.search", "faces.results"}
    | {"persons.write", "faces.report", "storage.read", "watchlist.write", "gaps.read", "plates.correct"},
    "patrol": {"cameras.read", "alarms.read"} | TELL,
    "traffic_engineer": {"cameras.read", "persons.count"} | TELL,
    "protection_officer": HOLD
    | TELL
    | {"breaches.read", "breaches.handle", "breaches.close"}
    | {"models.read", "models.approve"}
    | {"cameras.read", "audit.read", "permits.oversee", "watchlist.read", "storage.read", "retention.read", "gaps.read"}
    | {"releases.read", "releases.withdraw", "searches.grant", "oversight.write", "policy.read", "persons.read"}
    | {"people.read", "people.agree", "keys.read", "keys.release", "keys.revoke"}
    | {"requests.take", "requests.handle"}
    | {"persons.count", "faces.report", "faces.results"}
    | {"departures.read", "corrections.write", "duties.read"}
    | {"assessments.answer", "assessments.withdraw"}
    | PROFILE,
    "administrator": PROFILE
    | TELL
    | {"models.read"}
    | {"assessments.write", "assessments.withdraw"}
    | {"faces.report"}
    | {"cameras.read", "cameras.learn", "cameras.scale", "cameras.zones", "devices.find", "storage.read", "gaps.read"}
    | {"retention.read"}
    | {"policy.read", "sessions.end", "people.read", "people.write", "people.agree"}
    | {"keys.read", "keys.write", "keys.revoke"},
}
PURPOSES_OF = {
    "operator": {"alarm-review", "threat-to-life"},
    "shift_leader": {
        "alarm-review",
        "threat-to-life",
        "missing-person",
        "traffic-safety",
        "civil-protection",
        "subject-request",
    },
    "investigator": set(TO_OPEN) - {"alarm-review", "civil-protection", "subject-request"},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_exactly_this(role: str) -> None:
    assert actions_of(role) == MAY[role]
    assert purposes_of(role) == PURPOSES_OF.get(role, set())


def test_a_decision_names_its_rule() -> None:
    yes = allowed(Subject("operator", "Izmail"), "live.view", "Tulcea")
    assert yes and yes.policy_id == "shift-watches"
    no = allowed(Subject("administrator", "Izmail"), "live.view")
    assert not no and no.policy_id == "no-pictures-for-oversight-and-administration"


def test_the_watchlist_of_another_organisation_is_closed() -> None:
    police = Subject("investigator", "police")
    assert allowed(police, "watchlist.write") and allowed(police, "watchlist.write", "police")
    assert not allowed(police, "watchlist.write", "council")


@pytest.mark.parametrize(
    ("role", "action", "purpose"),
    [("root", "live.view", ""), ("operator", "live.veiw", ""), ("operator", "permits.open", 'x" || true || "')],
)
def test_what_is_not_known_is_not_allowed(role: str, action: str, purpose: str) -> None:
    assert not allowed(Subject(role, "x"), action, purpose=purpose)


def test_permits_for_a_purpose_cover_known_actions() -> None:
    assert all(purpose.covers <= set(ACTIONS) for purpose in PURPOSES.values())
    assert not any("audit.read" in purpose.covers for purpose in PURPOSES.values())


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ("permit (principal, action", "unexpected end"),
        ('permit (principal, action == Action::"live.veiw", resource);', "live.veiw"),
        ('permit (principal in Role::"operater", action, resource);', "operater"),
        ("permit (principal, action, resource) when { resource.owner == 1 };", "owner"),
    ],
)
def test_a_policy_with_an_error_is_refused_with_a_sentence(tmp_path: Path, policy: str, fault: str) -> None:
    file = tmp_path / "own.cedar"
    file.write_text(policy)
    with pytest.raises(PolicyFault, match=fault) as refusal:
        load_access(file)
    assert "own.cedar" in refusal.value.message and refusal.value.remedy


def test_a_policy_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PolicyFault, match="cannot be read"):
        load_access(tmp_path / "none.cedar")


def test_another_policy_can_be_given() -> None:
    strict = Access('@id("audit") permit (principal in Role::"protection_officer", action, resource);')
    assert strict.allowed(Subject("protection_officer", "x"), "audit.read")
    assert strict.actions_of("operator") == frozenset()
