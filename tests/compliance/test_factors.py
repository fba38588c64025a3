"""One-time codes and recovery codes, on a clock moved by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from istros.base.environment import Environment
from istros.base.sealing import SealBroken, SealingKey, load_or_make_seal
from istros.compliance.accounts import AccountRefused, Accounts, SignedIn, TooManyAttempts
from istros.compliance.codes import code_at, fitting_step, secret_address, secret_text, step_of
from istros.compliance.entry import SignInRules
from istros.compliance.errors import ProofRefused, SignInStale
from istros.compliance.factors import SecondFactors
from istros.store import Database
from tests.compliance.conftest import HandClock
from tests.compliance.test_accounts import PASSWORD, cheap, create

SEEDS = {"sha1": b"12345678901234567890", "sha256": b"12345678901234567890123456789012"}
SEEDS["sha512"] = b"1234567890123456789012345678901234567890123456789012345678901234"


@pytest.mark.parametrize(
    ("seconds", "algorithm", "code"),
    [
        (59, "sha1", "94287082"), (59, "sha256", "46119246"), (59, "sha512", "90693936"),
        (1111111109, "sha1", "07081804"), (1111111109, "sha256", "68084774"), (1111111109, "sha512", "25091201"),
        (1111111111, "sha1", "14050471"), (1234567890, "sha1", "89005924"), (1234567890, "sha256", "91819424"),
        (2000000000, "sha1", "69279037"), (2000000000, "sha512", "38618901"), (20000000000, "sha1", "65353130"),
    ],
)  # fmt: skip
def test_the_vectors_of_rfc_6238(seconds: int, algorithm: str, code: str) -> None:
    assert code_at(SEEDS[algorithm], seconds // 30, 8, algorithm) == code  # type: ignore[arg-type]


def test_codes_near_now_fit_and_no_others(clock: HandClock) -> None:
    secret, now = SEEDS["sha1"], clock.now()
    fits = [fitting_step(secret, code_at(secret, step_of(now) + off), now) for off in (-2, -1, 0, 1, 2)]
    assert fits == [None, step_of(now) - 1, step_of(now), step_of(now) + 1, None]
    assert fitting_step(secret, "", now) is None
    assert fitting_step(secret, "１２３４５６", now) is None


def test_the_address_that_an_app_reads() -> None:
    address = secret_address(SEEDS["sha1"], "Izmail & Tulcea", "olena")
    assert address == (
        "otpauth://totp/Izmail%20%26%20Tulcea%3Aolena?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Izmail%20%26%20Tulcea"
    )
    assert secret_text(SEEDS["sha1"]) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


@pytest.fixture
def accounts(town: Environment, database: Database) -> Accounts:
    """A node whose investigators need a second factor; one of them, ion."""
    made = Accounts(town, database, cheap(town), SignInRules(frozenset({"investigator"}), "Izmail"))
    asyncio.run(create(made, "ion", role="investigator"))
    return made


def enter(accounts: Accounts) -> SignedIn:
    return asyncio.run(accounts.sign_in("ion", PASSWORD, "10.0.0.7"))


def code_of(accounts: Accounts, operator_id: str, off: int = 0) -> str:
    row = accounts.database.read_now(lambda tx: tx.factors.secret(operator_id))
    assert row is not None
    secret = accounts.key.open(row.sealed, operator_id)
    return code_at(secret, step_of(accounts.environment.clock.now()) + off)


def enrol(accounts: Accounts) -> tuple[SignedIn, list[str]]:
    """Sign in, set codes up, and be in."""
    begun, factors = enter(accounts), SecondFactors(accounts)
    assert begun.session.missing == "enrol" and begun.permit is None
    asyncio.run(factors.begin_codes(begun.operator, begun.session))
    code = code_of(accounts, begun.operator.id)
    recovery, whole = asyncio.run(factors.confirm_codes(begun.operator, begun.session, code))
    assert whole is not None and whole.session.missing == "" and whole.permit is not None
    return whole, recovery


def test_who_needs_a_second_factor_sets_it_up_first_and_uses_it_then(accounts: Accounts, clock: HandClock) -> None:
    whole, recovery = enrol(accounts)
    assert whole.session.method == "password+code" and len(set(recovery)) == 10
    clock.seconds += 30
    begun, factors = enter(accounts), SecondFactors(accounts)
    assert begun.session.missing == "factor" and begun.permit is None
    code = code_of(accounts, begun.operator.id)
    signed = asyncio.run(factors.take_code(begun.operator, begun.session, f"{code[:3]} {code[3:]}"))
    assert signed.session.missing == "" and signed.token != begun.token
    assert asyncio.run(accounts.resume(begun.token)) is None


def test_no_code_is_taken_twice(accounts: Accounts, clock: HandClock) -> None:
    enrol(accounts)
    factors = SecondFactors(accounts)
    begun = enter(accounts)
    with pytest.raises(ProofRefused):  # the one that confirmed the enrolment
        asyncio.run(factors.take_code(begun.operator, begun.session, code_of(accounts, begun.operator.id)))
    later = code_of(accounts, begun.operator.id, +1)
    asyncio.run(factors.take_code(begun.operator, begun.session, later))
    again = enter(accounts)
    with pytest.raises(ProofRefused):
        asyncio.run(factors.take_code(again.operator, again.session, later))
    with pytest.raises(ProofRefused):  # one that is older than the newest taken
        asyncio.run(factors.take_code(again.operator, again.session, code_of(accounts, begun.operator.id)))
    refused = accounts.database.read_now(
        lambda tx: [row.action for row in tx.audit.walk() if row.result == "refused" and row.actor == "ion"]
    )
    assert refused == ["factors.use"] * 3


def test_a_recovery_code_works_once(accounts: Accounts) -> None:
    _, recovery = enrol(accounts)
    factors = SecondFactors(accounts)
    begun = enter(accounts)
    signed = asyncio.run(factors.take_code(begun.operator, begun.session, recovery[3].upper().replace("-", " ")))
    assert signed.session.method == "password+recovery"
    again = enter(accounts)
    with pytest.raises(ProofRefused):
        asyncio.run(factors.take_code(again.operator, again.session, recovery[3]))
    assert accounts.database.read_now(lambda tx: tx.factors.recovery_left(begun.operator.id)) == 9


def test_guessing_codes_is_stopped_even_after_a_restart(
    accounts: Accounts, town: Environment, database: Database, clock: HandClock
) -> None:
    enrol(accounts)
    clock.seconds += 60
    begun, factors = enter(accounts), SecondFactors(accounts)
    for _ in range(5):
        with pytest.raises(ProofRefused):
            asyncio.run(factors.take_code(begun.operator, begun.session, "000000"))
    restarted = SecondFactors(Accounts(town, database, cheap(town), accounts.rules, accounts.key))
    with pytest.raises(TooManyAttempts):
        asyncio.run(restarted.take_code(begun.operator, begun.session, code_of(accounts, begun.operator.id)))


def test_the_secret_is_sealed_in_the_database(accounts: Accounts) -> None:
    begun = enter(accounts)
    text, address = asyncio.run(SecondFactors(accounts).begin_codes(begun.operator, begun.session))
    row = accounts.database.read_now(lambda tx: tx.factors.secret(begun.operator.id))
    assert row is not None
    secret = accounts.key.open(row.sealed, begun.operator.id)
    assert secret_text(secret) == text and text.replace(" ", "") in address
    assert secret not in row.sealed and repr(row.sealed) not in repr(row)
    for key, operator_id in ((SealingKey.generate(), begun.operator.id), (accounts.key, "another person")):
        with pytest.raises(SealBroken):
            key.open(row.sealed, operator_id)


def test_a_stale_session_changes_nothing(accounts: Accounts, clock: HandClock) -> None:
    whole, _ = enrol(accounts)
    clock.seconds += 15 * 60
    factors = SecondFactors(accounts)
    for step in (factors.remove_codes, factors.new_recovery_codes, factors.begin_codes):
        with pytest.raises(SignInStale):
            asyncio.run(step(whole.operator, whole.session))  # type: ignore[operator]


def test_a_role_that_needs_a_factor_keeps_one(accounts: Accounts) -> None:
    whole, _ = enrol(accounts)
    with pytest.raises(AccountRefused):
        asyncio.run(SecondFactors(accounts).remove_codes(whole.operator, whole.session))
    with pytest.raises(AccountRefused):
        asyncio.run(SecondFactors(accounts).begin_codes(whole.operator, whole.session))


def test_the_key_is_made_once_for_the_node_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first, second = load_or_make_seal(folder), load_or_make_seal(folder)
    assert second.open(first.seal(b"secret", "olena"), "olena") == b"secret"
    assert (folder / "secrets.key").stat().st_mode & 0o777 == 0o600
    assert first.digest("attempt", "x") == second.digest("attempt", "x") != first.digest("recovery", "x")
    (folder / "secrets.key").write_bytes(b"short")
    with pytest.raises(SealBroken):
        load_or_make_seal(folder)
