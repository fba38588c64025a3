"""What a node may do: two signatures, a review, and nothing in code that can exceed it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from istros.base.environment import Environment
from istros.base.signing import PublicKey, SigningKey
from istros.base.time import DAY, Time
from istros.compliance import profile, profile_drafts
from istros.compliance.chain import verify_now
from istros.compliance.deployment import STRICTEST
from istros.compliance.errors import ProfileRefused, ProfileStateConflict, ProfileUnknown
from istros.compliance.functions import BASE, MOST, QUESTIONS, STRICTEST_FUNCTIONS, Function, Limits
from istros.compliance.profile import STRICTEST_PROFILE, FunctionNotAllowed, Profile
from istros.compliance.profile_drafts import Lack, ProfileDraft
from istros.compliance.simulated_profile import sign_simulated, simulated_draft
from istros.store import Database
from istros.store.database import connection_of
from istros.store.profiles import ProfileRow
from istros.store.rows import OperatorRow
from tests.compliance.conftest import HandClock

ADMIN = OperatorRow("o1", "taras", "Taras", "council", "administrator", "")
OFFICER = OperatorRow("o2", "ioana", "Ioana", "council", "protection_officer", "")
LEADER = OperatorRow("o3", "olena", "Olena", "council", "shift_leader", "")
KEY = SigningKey.generate()
ANSWERED = {name: "Answered at the council's meeting" for name in QUESTIONS if name not in ("fria", "registration")}


def draft(now: Time, **more: object) -> ProfileDraft:
    """A finished draft of an ordinary town."""
    grounds = {str(function): "Law 333/2003 article 2" for function in STRICTEST_FUNCTIONS}
    return replace(ProfileDraft(ANSWERED, grounds, Time(now + 300 * DAY), Limits(plate_hours=72)), **more)  # type: ignore[arg-type]


class Town:
    """The people who write profiles, each step in a transaction of its own."""

    def __init__(self, database: Database, town: Environment) -> None:
        self.database, self.town = database, town

    @property
    def now(self) -> Time:
        return self.town.clock.now()

    @property
    def profile(self) -> Profile:
        return self.database.read_now(lambda tx: profile.in_force(tx, self.now))

    def save(self, training: bool = False, **more: object) -> ProfileRow:
        wanted = draft(self.now, **more)
        return self.database.write_now(lambda tx: profile_drafts.save(tx, self.town, ADMIN, wanted, training=training))

    def sign(self, version: int, operator: OperatorRow) -> ProfileRow:
        return self.database.write_now(lambda tx: profile_drafts.sign(tx, self.town, operator, version, KEY))

    def lacks(self, version: int) -> list[Lack]:
        row = self.database.read_now(lambda tx: tx.profiles.get(version))
        assert row is not None
        return self.database.read_now(
            lambda tx: profile_drafts.lacks(row, self.now, profile.row_in_force(tx, self.now))
        )


@pytest.fixture
def node(database: Database, town: Environment) -> Town:
    return Town(database, town)


def test_without_a_signed_profile_a_node_watches_records_and_reads_plates(node: Town) -> None:
    strictest = node.profile
    assert strictest == STRICTEST_PROFILE
    assert {function for function in Function if strictest.allows(function)} == STRICTEST_FUNCTIONS
    assert (strictest.limits.plate_hours, strictest.people) == (24, STRICTEST)
    with pytest.raises(FunctionNotAllowed, match=r"'sound-recorded'.*What this node may do"):
        node.database.read_now(lambda tx: profile.require_function(tx, node.now, Function.SOUND_RECORDED))


def test_two_people_bring_a_profile_into_force_until_its_review(node: Town, clock: HandClock) -> None:
    row = node.save()
    with pytest.raises(ProfileStateConflict, match="that signature already"):
        for _ in range(2):
            node.sign(row.version, ADMIN)
    assert node.profile is STRICTEST_PROFILE, "one signature is none"
    node.sign(row.version, OFFICER)
    current = node.profile
    assert (current.version, current.limits.plate_hours) == (1, 72)
    assert current.ground(Function.PLATES_READ) == "Law 333/2003 article 2"
    assert not current.allows(Function.PEOPLE_DETECTED)
    clock.seconds += 300 * 86_400
    assert node.profile is STRICTEST_PROFILE, "past its review"
    rows = node.database.read_now(lambda tx: tx.audit.about("profile-1"))
    assert sorted((row.action, row.actor) for row in rows) == [
        ("profile.draft", "taras"), ("profile.enter", "ioana"), ("profile.sign", "ioana"), ("profile.sign", "taras"),
    ]  # fmt: skip
    assert verify_now(node.database).ok


def test_a_draft_that_changes_nothing_is_not_signed_and_a_renewal_is_said_to_be_one(
    node: Town, clock: HandClock
) -> None:
    first = node.save()
    node.sign(first.version, ADMIN)
    node.sign(first.version, OFFICER)
    clock.seconds += 10
    again = node.save(review=Time(first.review + 3_600_000_000))
    assert node.lacks(again.version) == [Lack("review", "same")]
    with pytest.raises(ProfileRefused, match="changes nothing"):
        node.sign(again.version, ADMIN)
    renewal = node.save(review=Time(first.review + 60 * DAY))
    assert node.lacks(renewal.version) == []
    node.sign(renewal.version, OFFICER)
    node.sign(renewal.version, ADMIN)
    assert (node.profile.version, node.profile.review) == (renewal.version, first.review + 60 * DAY)
    rows = node.database.read_now(lambda tx: tx.audit.about(f"profile-{renewal.version}"))
    told = {row.action: json.loads(row.detail).get("renews") for row in rows}
    assert told == {"profile.draft": None, "profile.sign": first.version, "profile.enter": first.version}
    sooner = node.save(review=Time(first.review + 60 * DAY), limits=Limits(plate_hours=12))
    assert node.lacks(sooner.version) == [], "another figure is a change"


def test_only_the_two_offices_write_and_sign(node: Town) -> None:
    row = node.save()
    with pytest.raises(ProfileRefused, match="does not allow"):
        node.sign(row.version, LEADER)
    with pytest.raises(ProfileRefused, match="does not allow"):
        node.database.write_now(lambda tx: profile_drafts.save(tx, node.town, LEADER, draft(node.now)))
    with pytest.raises(ProfileUnknown):
        node.sign(7, ADMIN)
    node.sign(row.version, ADMIN)
    with pytest.raises(ProfileStateConflict, match="that signature already"):
        node.sign(row.version, replace(OFFICER, name=ADMIN.name))
    assert node.profile is STRICTEST_PROFILE, "one person under two roles is one person"


def test_a_new_version_replaces_and_the_old_ones_stay(node: Town) -> None:
    for version, hours in ((1, 48), (2, 12)):
        node.save(limits=Limits(plate_hours=hours))
        node.sign(version, ADMIN)
        node.sign(version, OFFICER)
    assert (node.profile.version, node.profile.limits.plate_hours) == (2, 12)
    node.save()
    with pytest.raises(ProfileStateConflict, match="cannot be signed"):
        node.sign(1, OFFICER)
    assert node.profile.version == 2, "a draft changes nothing"
    taken = node.database.write_now(lambda tx: profile_drafts.withdraw(tx, node.town, OFFICER, 2, "complaint"))
    assert (taken.ended_by, taken.end_reason) == ("ioana", "complaint")
    assert node.profile is STRICTEST_PROFILE, "the strictest, not the one before"
    assert [row.version for row in node.database.read_now(lambda tx: tx.profiles.all())] == [3, 2, 1]
    with pytest.raises(ProfileStateConflict):
        node.database.write_now(lambda tx: profile_drafts.withdraw(tx, node.town, ADMIN, 2, "again"))


def test_what_is_missing_is_named_and_keeps_it_from_being_signed(node: Town) -> None:
    grounds = {"plates-read": " ", "live-view": "Law", "faces-matched-live": "some decree"}
    row = node.save(answers=ANSWERED | {"risks": " "}, functions=grounds, review=Time(node.now + 366 * DAY))
    assert {(each.place, each.lacks) for each in node.lacks(row.version)} == {
        ("risks", "answer"), ("function:plates-read", "ground"), ("function:recording", "ground"),
        ("function:faces-matched-live", "law"), ("function:faces-matched-live", "fria"),
        ("function:faces-matched-live", "registration"), ("review", "late"),
    }  # fmt: skip
    with pytest.raises(ProfileRefused, match="not finished: risks"):
        node.sign(row.version, ADMIN)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"functions": {"mind-reading": "Law"}}, "not known: mind-reading"),
        ({"answers": {"favourite": "blue"}}, "not known: favourite"),
        ({"answers": {"risks": "x" * 4001}}, "too long"),
        ({"limits": Limits(plate_hours=721)}, "1 to 720"),
        ({"limits": Limits(matching_cameras=0)}, "1 to 16"),
        ({"simulated": True}, "training node alone"),
    ],
)
def test_nothing_outside_its_bounds_is_kept(node: Town, change: dict[str, object], why: str) -> None:
    with pytest.raises(ProfileRefused, match=why):
        node.save(**change)
    assert node.database.read_now(lambda tx: tx.profiles.newest()) is None


def test_live_faces_need_their_law_whatever_was_signed() -> None:
    live = Function.FACES_MATCHED_LIVE
    ids = {"fria": "F-1", "registration": "EU-1"}
    assert Profile(1, answers=ids, grounds={live: "law:Law 1/2027 art. 3"}).allows(live)
    for ground, answers in (("law:", ids), ("Law 1/2027", ids), ("law:Law 1/2027", {"fria": "F-1"})):
        refused = Profile(1, answers=answers, grounds={live: ground})
        assert not refused.allows(live)
        assert not refused.people.matching
        assert refused.ground(live) == ""


def test_the_database_keeps_what_was_said_and_signed(node: Town) -> None:
    row = node.save()
    node.sign(row.version, ADMIN)
    for statement in (
        "UPDATE profile SET content = '{}'", "UPDATE profile SET review = 9", "DELETE FROM profile",
        "UPDATE profile_signature SET signer = 'x'", "DELETE FROM profile_signature",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="never overwritten"), connection_of(node.database) as connection:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE profile SET content = replace(content, '\"simulated\":false', '\"simulated\":true')",
        "UPDATE profile SET review = review + 1",
        "UPDATE profile_signature SET signer = 'somebody' WHERE role = 'administrator'",
        "DELETE FROM profile_signature WHERE role = 'protection_officer'",
        "UPDATE profile_signature SET public_key = 'AAAA'",
    ],
)
def test_a_profile_changed_behind_the_nodes_back_counts_no_more(node: Town, statement: str) -> None:
    node.save()
    node.sign(1, ADMIN)
    node.sign(1, OFFICER)
    assert node.profile.version == 1
    with connection_of(node.database) as connection:
        for table in ("profile", "profile_signature"):
            for name in (f"{table}_kept", f"{table}_fixed"):
                on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
        connection.exec_driver_sql(statement)
    assert node.profile is STRICTEST_PROFILE


def test_anyone_can_verify_a_signed_profile(node: Town) -> None:
    node.save()
    node.sign(1, ADMIN)
    row = node.sign(1, OFFICER)
    signatures = node.database.read_now(lambda tx: tx.profiles.signatures(1))
    told = json.loads(json.dumps(profile.document(row, signatures)))
    for each in told["signatures"]:
        assert PublicKey.of_text(each["publicKey"]).holds(each["statement"], each["signature"])
        assert each["statement"]["sha256"] == told["sha256"]
    assert profile.faults(row, signatures, {KEY.public.id: KEY.public}) == []
    other = SigningKey.generate().public
    assert len(profile.faults(row, signatures, {other.id: other})) == 2
    assert (
        "words are not those signed"
        in profile.faults(replace(row, content="{}"), signatures, {KEY.public.id: KEY.public})[0]
    )


def test_the_simulated_city_turns_everything_on_and_says_so(node: Town) -> None:
    row = node.database.write_now(lambda tx: sign_simulated(tx, node.town, ADMIN, OFFICER, KEY))
    assert row is not None
    current = node.profile
    assert all(current.allows(function) for function in Function)
    assert (current.simulated, current.limits) == (True, MOST)
    assert current.people.matching
    assert all("made up" in current.ground(function) for function in Function)
    assert node.database.write_now(lambda tx: sign_simulated(tx, node.town, ADMIN, OFFICER, KEY)) is None
    assert set(simulated_draft(node.now).answers) == set(QUESTIONS)
    assert BASE <= STRICTEST_FUNCTIONS


def test_an_upgraded_node_has_two_weeks_before_its_plate_reads_go(node: Town, clock: HandClock) -> None:
    begun = node.now
    node.database.write_now(lambda tx: tx.profiles.note_since(begun))
    clock.seconds += 5 * 86_400
    assert node.database.read_now(lambda tx: profile.plate_reads_until(tx, node.now)) == begun + 14 * DAY
    node.save()
    node.sign(1, ADMIN)
    node.sign(1, OFFICER)
    assert node.database.read_now(lambda tx: profile.plate_reads_until(tx, node.now)) is None
