"""Signing in and staying signed in, on a clock moved by hand."""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from random import Random

import pytest

from istros.base.environment import Environment
from istros.compliance import attempts
from istros.compliance.accounts import (
    AccountRefused,
    Accounts,
    SignInRefused,
    TooManyAttempts,
    csrf_of,
    digest,
    new_password,
)
from istros.compliance.chain import verify_now
from istros.compliance.entry import Way
from istros.compliance.errors import ProofRefused
from istros.compliance.passwords import Passwords, check_password
from istros.store import Database, Transaction
from istros.store.rows import OperatorRow
from tests.compliance.conftest import HandClock

PASSWORD = "k7mq-2hxa-9vtw-p3cz"


def cheap(town: Environment, passes: int = 1) -> Passwords:
    return Passwords(town.workers, memory_kib=8, passes=passes, lanes=1)


@pytest.fixture
def accounts(town: Environment, database: Database) -> Accounts:
    """Accounts with one operator, olena, and cheap hashing."""
    made = Accounts(town, database, cheap(town))
    asyncio.run(create(made, "olena"))
    return made


async def create(accounts: Accounts, name: str, password: str = PASSWORD, role: str = "operator") -> OperatorRow:
    return await accounts.create_operator(
        name=name, display_name=name.title(), organisation="council", role=role, password=password
    )


def test_signing_in_opens_a_session_and_a_standing_permit(accounts: Accounts, database: Database) -> None:
    signed = asyncio.run(accounts.sign_in(" Olena ", PASSWORD, "10.0.0.7"))
    assert signed.operator.name == "olena" and signed.permit.standing
    assert len(signed.token) == 43 and signed.csrf_token == csrf_of(signed.token)
    stored = database.read_now(lambda tx: tx.sessions.get(hashlib.sha256(signed.token.encode()).hexdigest()))
    assert stored == signed.session and stored is not None
    assert stored.csrf_sha256 == digest(signed.csrf_token) and stored.permit_id == signed.permit.id
    assert asyncio.run(accounts.resume(signed.token)) == (signed.operator, signed.session)
    assert signed.token not in repr(signed) and signed.operator.password_hash not in repr(signed)
    actions = [row.action for row in database.read_now(lambda tx: tx.audit.walk())]
    assert actions == ["operators.create", "permits.open", "session.open"]
    assert verify_now(database).ok


@pytest.mark.parametrize("name", ["olena", "nobody", "", "\0", "\ud800", "x" * 5000])
def test_a_wrong_name_and_a_wrong_password_look_the_same(accounts: Accounts, database: Database, name: str) -> None:
    with pytest.raises(SignInRefused) as refusal:
        asyncio.run(accounts.sign_in(name, "not it at all", "10.0.0.7"))
    assert refusal.value.message == "The name and the password do not go together."
    row = database.read_now(lambda tx: tx.audit.head())
    assert row is not None and (row.action, row.result) == ("session.open", "refused")
    assert row.actor == ("olena" if name == "olena" else "unknown")


def test_an_unknown_name_costs_the_same_hash(
    accounts: Accounts, town: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    hasher = accounts._passwords._hash
    verify = hasher.verify_and_update

    def counting(password: str, stored: str) -> tuple[bool, str | None]:
        verified.append(stored.rsplit("$", 2)[0])
        return verify(password, stored)

    monkeypatch.setattr(hasher, "verify_and_update", counting)
    for name in ("olena", "nobody"):
        with pytest.raises(SignInRefused):
            asyncio.run(accounts.sign_in(name, "not it at all", "10.0.0.7"))
    assert len(verified) == 2 and verified[0] == verified[1]


def test_a_session_ends_without_use_and_after_twelve_hours(
    accounts: Accounts, database: Database, clock: HandClock
) -> None:
    signed = asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))
    for _ in range(24):
        clock.seconds += 29 * 60
        assert asyncio.run(accounts.resume(signed.token)) is not None
    clock.seconds += 24 * 60
    assert asyncio.run(accounts.resume(signed.token)) is None
    idle = asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))
    clock.seconds += 30 * 60
    assert asyncio.run(accounts.resume(idle.token)) is None
    assert database.read_now(lambda tx: tx.sessions.get(digest(idle.token))) is None


def test_signing_out_ends_session_and_permit(accounts: Accounts, database: Database, town: Environment) -> None:
    signed = asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))
    for _ in range(2):
        asyncio.run(accounts.sign_out(signed.token, "10.0.0.7"))
    assert asyncio.run(accounts.resume(signed.token)) is None
    assert database.read_now(lambda tx: tx.permits.open_for("olena", town.clock.now())) == []
    head = database.read_now(lambda tx: tx.audit.head())
    assert head is not None and head.action == "session.close"


def test_a_disabled_operator_is_out_at_once(accounts: Accounts, database: Database) -> None:
    signed = asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))
    database.write_now(lambda tx: tx.operators.set_disabled(signed.operator.id, True))
    assert asyncio.run(accounts.resume(signed.token)) is None
    with pytest.raises(SignInRefused):
        asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))


def test_guessing_is_stopped_by_name_and_address(accounts: Accounts, clock: HandClock) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            asyncio.run(accounts.sign_in("olena", "a wrong password", "10.0.0.66"))
    with pytest.raises(TooManyAttempts) as refusal:
        asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.66"))
    assert 0 < refusal.value.wait_s <= 900
    asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))
    clock.seconds += 900
    asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.66"))


def test_many_names_from_one_address_are_stopped(accounts: Accounts) -> None:
    for number in range(30):
        with pytest.raises(SignInRefused):
            asyncio.run(accounts.sign_in(f"name{number}", "a wrong password", "10.0.0.66"))
    with pytest.raises(TooManyAttempts):
        asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.66"))


def test_signing_in_often_is_no_guessing(accounts: Accounts) -> None:
    for _ in range(40):
        asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))


def test_a_hash_of_older_settings_is_renewed(accounts: Accounts, town: Environment, database: Database) -> None:
    before = database.read_now(lambda tx: tx.operators.by_name("olena"))
    stronger = Accounts(town, database, cheap(town, passes=2))
    asyncio.run(stronger.sign_in("olena", PASSWORD, "10.0.0.7"))
    after = database.read_now(lambda tx: tx.operators.by_name("olena"))
    assert before is not None and after is not None
    assert "t=1" in before.password_hash and "t=2" in after.password_hash
    asyncio.run(stronger.sign_in("olena", PASSWORD, "10.0.0.7"))


def test_a_new_password_signs_out_everywhere(accounts: Accounts) -> None:
    signed = asyncio.run(accounts.sign_in("olena", PASSWORD, "10.0.0.7"))
    other = new_password(Random(3))
    asyncio.run(accounts.change_password(signed.operator, other, by="admin", origin="10.0.0.1"))
    assert asyncio.run(accounts.resume(signed.token)) is None
    asyncio.run(accounts.sign_in("olena", other, "10.0.0.7"))


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("olena", PASSWORD, "operator"),
        ("OLENA", PASSWORD, "operator"),
        ("istros", PASSWORD, "operator"),
        ("a", PASSWORD, "operator"),
        ("two words", PASSWORD, "operator"),
        ("ion", "short", "operator"),
        ("ion", "ionionionion1", "operator"),
        ("ion", "aaaaaaaaaaaaaa", "operator"),
        ("ion", PASSWORD, "king"),
    ],
)
def test_an_account_that_cannot_be_is_refused(accounts: Accounts, name: str, password: str, role: str) -> None:
    with pytest.raises(AccountRefused):
        asyncio.run(create(accounts, name, password, role))


def test_the_settings_of_a_node_are_the_strong_ones(town: Environment) -> None:
    assert asyncio.run(Passwords(town.workers).hash(PASSWORD)).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_flood_of_names_costs_no_room(
    accounts: Accounts, database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_KEPT", 50)
    for number in range(60):
        clock.seconds += 1
        limits = [attempts.Limit("name", str(number), 5), attempts.Limit("address", str(number), 5)]
        assert database.write_now(lambda tx, limits=limits: accounts.attempts.begin(tx, limits)) == 0
    kept = [database.read_now(lambda tx, number=number: _times(tx, accounts, str(number))) for number in range(60)]
    assert kept == [0] * 35 + [2] * 25


def _times(tx: Transaction, accounts: Accounts, text: str) -> int:
    return sum(
        len(tx.attempts.times(accounts.key.digest("attempt", f"{kind}\n{text}"))) for kind in ("name", "address")
    )


def test_a_restart_forgives_nobody(accounts: Accounts, town: Environment, database: Database) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            asyncio.run(accounts.sign_in("olena", "a wrong password", "10.0.0.66"))
    restarted = Accounts(town, database, cheap(town), key=accounts.key)
    with pytest.raises(TooManyAttempts):
        asyncio.run(restarted.sign_in("olena", PASSWORD, "10.0.0.66"))


def test_what_was_typed_as_a_name_is_not_in_the_database(accounts: Accounts, database: Database) -> None:
    with pytest.raises(SignInRefused):
        asyncio.run(accounts.sign_in("my secret password", "x" * 12, "10.0.0.66"))
    key = accounts.key.digest("attempt", "name\nmy secret password")
    assert database.read_now(lambda tx: len(tx.attempts.times(key))) == 1
    assert "secret" not in key


def test_addresses_of_one_household_count_together(accounts: Accounts) -> None:
    for number in range(30):
        with pytest.raises(SignInRefused):
            asyncio.run(accounts.sign_in(f"name{number}", "a wrong password", f"2001:db8:1:2::{number:x}"))
    with pytest.raises(TooManyAttempts):
        asyncio.run(accounts.sign_in("olena", PASSWORD, "2001:db8:1:2::ffff"))
    asyncio.run(accounts.sign_in("olena", PASSWORD, "2001:db8:1:3::1"))


@pytest.mark.parametrize(
    "password",
    ["Password2026!", "P@ssw0rd2026", "qwertyuiop12", "123456789012", "Пароль123456", "IzmailIzmail1", "abcdefghijkl"],
)
def test_what_many_people_take_is_refused(password: str) -> None:
    with pytest.raises(AccountRefused) as refusal:
        check_password(password, "olena")
    assert password not in refusal.value.message + refusal.value.remedy


def test_a_password_is_the_same_from_every_keyboard(town: Environment) -> None:
    passwords = cheap(town)
    composed = "două bărci și un țărm"
    stored = asyncio.run(passwords.hash(unicodedata.normalize("NFC", composed)))
    assert asyncio.run(passwords.verify(unicodedata.normalize("NFD", composed), stored))[0]


def test_who_did_not_choose_the_password_chooses_one(accounts: Accounts, database: Database) -> None:
    made = asyncio.run(create(accounts, "ion"))
    asyncio.run(accounts.change_password(made, "four boats wait here", by="admin", origin="10.0.0.1", must_change=True))
    signed = asyncio.run(accounts.sign_in("ion", "four boats wait here", "10.0.0.7", "Firefox on Linux"))
    assert (signed.session.missing, signed.permit, signed.session.permit_id) == ("password", None, "")
    assert database.read_now(lambda tx: tx.permits.open_for("ion", signed.session.created)) == []
    way = Way("10.0.0.7")
    for current, new in (("not this one at all", "seven herons fly"), ("four boats wait here", "four boats wait here")):
        with pytest.raises((ProofRefused, AccountRefused)):
            asyncio.run(accounts.change_own_password(signed.operator, signed.session, current, new, way))
    whole, _ = asyncio.run(
        accounts.change_own_password(signed.operator, signed.session, "four boats wait here", "seven herons fly", way)
    )
    assert whole is not None and whole.session.missing == "" and whole.permit is not None
    assert whole.token != signed.token and asyncio.run(accounts.resume(signed.token)) is None
    asyncio.run(accounts.sign_in("ion", "seven herons fly", "10.0.0.7"))


def test_a_new_place_is_on_the_record_once(accounts: Accounts, database: Database) -> None:
    ways = [
        ("10.0.0.7", "Firefox on Linux"), ("10.0.0.99", "Firefox on Linux"), ("10.0.9.7", "Firefox on Linux"),
        ("10.0.9.8", "Firefox on Linux"), ("10.0.0.7", "Chrome on Android"),
    ]  # fmt: skip
    for origin, browser in ways:
        asyncio.run(accounts.sign_in("olena", PASSWORD, origin, browser))
    rows = database.read_now(lambda tx: [row for row in tx.audit.walk() if row.action == "session.new-place"])
    assert [row.origin for row in rows] == ["10.0.9.7", "10.0.0.7"]
    olena = database.read_now(lambda tx: tx.operators.by_name("olena"))
    assert olena is not None
    places = database.read_now(lambda tx: tx.places.of(olena.id))
    assert sorted((place.block, place.browser, place.confirmed) for place in places) == [
        ("10.0.0.0/24", "Chrome on Android", False),
        ("10.0.0.0/24", "Firefox on Linux", True),
        ("10.0.9.0/24", "Firefox on Linux", False),
    ]
