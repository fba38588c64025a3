"""Passkeys (WebAuthn level 3): a key pair in the person's device, opened by their finger, face or PIN.

A passkey proves two things at once, the device and the person, so it signs in alone. User verification is required, the
challenge is the node's own, good for five minutes and once, and a signature counter that goes back is refused.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from istros.base.said import say
from istros.base.time import MINUTE, Time
from istros.compliance.accounts import Accounts
from istros.compliance.attempts import Limit, address_to_count
from istros.compliance.codes import recovery_codes
from istros.compliance.entry import SignedIn, Way, has_factor
from istros.compliance.errors import AccountRefused, ProofRefused
from istros.compliance.factors import SecondFactors
from istros.store import Transaction
from istros.store.rows import OperatorRow, SessionRow
from istros.store.rows_identity import PasskeyRow

CHALLENGE_US = 5 * MINUTE
MOST_PASSKEYS = 10
SIGN_IN = "sign-in"
"""What a challenge is for, when it is not for registering a key of one operator."""

_REFUSALS = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)
"""What the library raises for an answer that is none."""

_NONCE, _END, _MAC = 16, 8, 16
_NAME_LETTERS = 60


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for a passkey: the host's name, which keys are bound to, and the page's origin."""

    id: str
    origin: str


class Passkeys:
    """Registers passkeys, signs in with them, takes them away; lives beside `Accounts`."""

    def __init__(self, accounts: Accounts, party: RelyingParty) -> None:
        self._accounts = accounts
        self._environment = accounts.environment
        self._factors = SecondFactors(accounts)
        self._party = party

    async def begin(self, operator: OperatorRow, session: SessionRow) -> dict[str, Any]:
        """What `navigator.credentials.create` needs, as JSON. Raises SignInStale, AccountRefused."""
        self._factors.require_fresh(session)
        known = await self._accounts.database.read(lambda tx: tx.factors.passkeys(operator.id))
        if len(known) >= MOST_PASSKEYS:
            raise AccountRefused(
                say("passkeys-many", f"There are {len(known)} passkeys already.", count=len(known)),
                "Take one away first.",
            )
        options = generate_registration_options(
            rp_id=self._party.id,
            rp_name=self._accounts.rules.name,
            user_id=operator.id.encode(),
            user_name=operator.name,
            user_display_name=operator.display_name,
            challenge=self._challenge(operator.id),
            timeout=CHALLENGE_US // 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.id)) for row in known],
        )
        return options_to_json_dict(options)

    async def add(
        self, operator: OperatorRow, session: SessionRow, name: str, credential: Mapping[str, Any]
    ) -> tuple[list[str], SignedIn | None]:
        """(recovery codes where the account had none, the whole session where the sign-in had waited), on the record."""
        self._factors.require_fresh(session)
        challenge = challenge_of(credential)
        made = made_key(credential, challenge, self._party)
        now = self._environment.clock.now()
        row = PasskeyRow(
            bytes_to_base64url(made.credential_id), operator.id, made.credential_public_key, made.sign_count,
            _plain_name(name), now, None, made.credential_backed_up,
        )  # fmt: skip
        codes = recovery_codes(self._environment.random)

        def add(tx: Transaction) -> tuple[list[str], SignedIn | None]:
            self._spend(tx, challenge, operator.id)
            if tx.factors.passkey(row.id) is not None:
                raise AccountRefused(say("passkey-known", "This passkey is known already."), "Use another device.")
            tx.factors.add_passkey(row)
            fresh = [] if tx.factors.recovery_left(operator.id) else codes
            if fresh:
                digests = [self._factors.recovery_digest(operator, each) for each in fresh]
                tx.factors.set_recovery(operator.id, digests)
            self._factors.record(tx, operator, session, "factors.add", {"factor": "passkey", "name": row.name})
            if session.missing != "enrol":
                return fresh, None
            return fresh, self._accounts.entry.go_on(tx, operator, session, f"{session.method}+passkey")

        return await self._accounts.database.write(add)

    async def remove(self, operator: OperatorRow, session: SessionRow, id: str) -> bool:
        """Take a passkey away, on the record; false when there is none. AccountRefused when the role needs it."""
        self._factors.require_fresh(session)

        def remove(tx: Transaction) -> bool:
            if not tx.factors.remove_passkey(operator.id, id):
                return False
            if not has_factor(tx, operator.id):
                if self._accounts.entry.needs_factor(operator):
                    raise AccountRefused(
                        say("factor-needed", "Your role needs a second factor."), "Set up another one first."
                    )
                tx.factors.remove_codes(operator.id)
            self._factors.record(tx, operator, session, "factors.remove", {"factor": "passkey"})
            return True

        return await self._accounts.database.write(remove)

    def ask(self) -> dict[str, Any]:
        """What `navigator.credentials.get` needs, as JSON; whose key it will be, the device tells."""
        options = generate_authentication_options(
            rp_id=self._party.id,
            challenge=self._challenge(SIGN_IN),
            timeout=CHALLENGE_US // 1000,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    async def sign_in(self, credential: Mapping[str, Any], way: Way) -> SignedIn:
        """Open a session for whose passkey it is, on the record. Raises ProofRefused, TooManyAttempts."""
        limit = Limit("address", address_to_count(way.origin), 30)
        await self._accounts.take_turn([limit], "There were too many refused attempts from this address.")
        challenge, id = challenge_of(credential), str(credential.get("id", ""))
        found = await self._accounts.database.read(lambda tx: _find(tx, id))
        if found is None or found[1].disabled:
            await self._accounts.refuse(found[1] if found else None, way.origin)
            raise _refused()
        passkey, operator = found
        try:
            proven = proven_key(credential, challenge, self._party, passkey.public_key, passkey.sign_count)
        except ProofRefused:
            await self._accounts.refuse(operator, way.origin)
            raise

        def open_session(tx: Transaction) -> SignedIn:
            self._spend(tx, challenge, SIGN_IN)
            now = self._environment.clock.now()
            tx.factors.use_passkey(passkey.id, proven.new_sign_count, proven.credential_backed_up, now)
            self._accounts.attempts.take_back(tx, limit)
            return self._accounts.entry.open(tx, operator, way)

        return await self._accounts.database.write(open_session)

    def _challenge(self, purpose: str) -> bytes:
        """Random, dated and signed by the node itself, so that asking for many costs no memory."""
        end = self._environment.clock.now() + CHALLENGE_US
        head = self._environment.random.randbytes(_NONCE) + end.to_bytes(_END)
        return head + self._mac(head, purpose)

    def _mac(self, head: bytes, purpose: str) -> bytes:
        return bytes.fromhex(self._accounts.key.digest("challenge", f"{purpose}\n{head.hex()}"))[:_MAC]

    def _spend(self, tx: Transaction, challenge: bytes, purpose: str) -> None:
        """Take a challenge once. Raises ProofRefused when it is not the node's, too old, or spent."""
        head, mac = challenge[:-_MAC], challenge[-_MAC:]
        own = len(head) == _NONCE + _END and hmac.compare_digest(mac, self._mac(head, purpose))
        if not own or Time(int.from_bytes(head[_NONCE:])) <= self._environment.clock.now():
            raise _refused()
        if self._accounts.attempts.begin(tx, [Limit("challenge", challenge.hex(), 1)]) > 0:
            raise _refused()


def _find(tx: Transaction, id: str) -> tuple[PasskeyRow, OperatorRow] | None:
    passkey = tx.factors.passkey(id)
    operator = tx.operators.get(passkey.operator_id) if passkey else None
    return (passkey, operator) if passkey and operator else None


def made_key(credential: Mapping[str, Any], challenge: bytes, party: RelyingParty) -> VerifiedRegistration:
    """What the answer to `navigator.credentials.create` proves (section 7.1). Raises ProofRefused."""
    try:
        return verify_registration_response(
            credential=dict(credential), expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin, require_user_verification=True,
        )  # fmt: skip
    except _REFUSALS as error:
        raise _refused() from error


def proven_key(
    credential: Mapping[str, Any], challenge: bytes, party: RelyingParty, public_key: bytes, count: int
) -> VerifiedAuthentication:
    """What the answer to `navigator.credentials.get` proves (section 7.2), `count` being the key's last. Raises ProofRefused."""
    try:
        return verify_authentication_response(
            credential=dict(credential), expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin, credential_public_key=public_key,
            credential_current_sign_count=count, require_user_verification=True,
        )  # fmt: skip
    except _REFUSALS as error:
        raise _refused() from error


def challenge_of(credential: Mapping[str, Any]) -> bytes:
    """The challenge that the credential answers, as it says itself; whether it is the node's is asked later. Raises ProofRefused."""
    try:
        data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(data["challenge"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refused() from error


def _plain_name(name: str) -> str:
    plain = "".join(letter for letter in name if letter.isprintable()).strip()[:_NAME_LETTERS]
    return plain or "Passkey"


def _refused() -> ProofRefused:
    return ProofRefused(
        say("passkey-refused", "The passkey was not accepted."), "Try again, or sign in with name and password."
    )
