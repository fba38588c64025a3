"""The deployment profile: what this node may do, for everybody; drafts and signatures, for the two who sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from istros.api.gate import Caller, needs, signed_in
from istros.api.problems import BadRequest
from istros.api.profile_shapes import (
    BASE_NAMES,
    STRICTEST_NAMES,
    NodeProfile,
    ProfileDocument,
    ProfileHistory,
    ProfileRequest,
    ProfileVersion,
    ProfileWithdrawal,
    SignedStatement,
    function_states,
    limits_shape,
    signature_shapes,
    version_shape,
)
from istros.base.said import say
from istros.base.time import Time, from_iso
from istros.compliance import profile_drafts
from istros.compliance.errors import ProfileUnknown
from istros.compliance.functions import MOST, QUESTIONS, Limits
from istros.compliance.profile import in_force, plate_reads_until, row_in_force, statement
from istros.compliance.profile_drafts import LONGEST, ProfileDraft
from istros.events.record import record
from istros.store import Transaction
from istros.store.profiles import ProfileRow

router = APIRouter(tags=["profile"])


@router.get("/profile")
async def get_profile(caller: Annotated[Caller, Depends(signed_in)]) -> NodeProfile:
    """What this node may do now, in what it says to everybody who is signed in."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> NodeProfile:
        profile = in_force(tx, now)
        row = tx.profiles.get(profile.version) if profile.version else None
        signatures = tx.profiles.signatures(profile.version) if profile.version else []
        answers = profile.answers
        return NodeProfile(
            version=profile.version, simulated=profile.simulated, functions=function_states(profile),
            limits=limits_shape(profile.limits), in_force=row.in_force if row else None, review=profile.review,
            signatures=signature_shapes(signatures), controller=answers.get("controller", ""),
            purpose=answers.get("purpose", ""), rights=answers.get("rights", ""),
            reads_kept_until=plate_reads_until(tx, now), may_write=caller.may("profile.draft"),
        )  # fmt: skip

    return await caller.node.database.read(work)


@router.get("/profiles")
async def list_profiles(caller: Annotated[Caller, Depends(needs("profile.draft"))]) -> ProfileHistory:
    """Every version, the newest first."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> ProfileHistory:
        record(tx, caller.node.environment, caller.author, "profile.read", "profiles", {})
        return ProfileHistory(
            versions=[_shape(tx, caller, row, now) for row in tx.profiles.all()], questions=list(QUESTIONS),  # type: ignore[arg-type]
            base=BASE_NAMES, strictest=STRICTEST_NAMES, most=limits_shape(MOST), least=limits_shape(Limits()),
            latest_review=now + LONGEST, training=caller.node.identity.training,
        )  # fmt: skip

    return await caller.node.database.write(work)


@router.post("/profiles", status_code=201)
async def save_profile(
    body: ProfileRequest, caller: Annotated[Caller, Depends(needs("profile.draft"))]
) -> ProfileVersion:
    """Keep a new version, finished or not; nobody has signed it yet."""
    draft = ProfileDraft(
        answers={name: text for name, text in body.answers.items()},
        functions={name: text for name, text in body.functions.items()}, review=from_iso(body.review),
        limits=Limits(**body.limits.model_dump()), simulated=body.simulated,
    )  # fmt: skip
    return await _changed(
        caller, "profile",
        lambda tx: profile_drafts.save(
            tx, caller.node.environment, caller.operator, draft, origin=caller.origin,
            training=caller.node.identity.training, access=caller.node.access,
        ),
    )  # fmt: skip


@router.post("/profiles/{version}/sign")
async def sign_profile(version: int, caller: Annotated[Caller, Depends(needs("profile.sign"))]) -> ProfileVersion:
    """Sign the newest version; with the second signature it is in force."""
    key = caller.node.signing_key
    if key is None:
        raise BadRequest(say("no-signing-key", "This node has no key to sign with."), "Start it with its data folder.")
    return await _changed(
        caller, f"profile-{version}",
        lambda tx: profile_drafts.sign(
            tx, caller.node.environment, caller.operator, version, key, origin=caller.origin,
            access=caller.node.access,
        ),
    )  # fmt: skip


@router.post("/profiles/{version}/withdraw")
async def withdraw_profile(
    version: int, body: ProfileWithdrawal, caller: Annotated[Caller, Depends(needs("profile.sign"))]
) -> ProfileVersion:
    """Take a version back: the strictest holds at once."""
    return await _changed(
        caller, f"profile-{version}",
        lambda tx: profile_drafts.withdraw(
            tx, caller.node.environment, caller.operator, version, body.reason, origin=caller.origin,
            access=caller.node.access,
        ),
    )  # fmt: skip


@router.get("/profiles/{version}/document")
async def get_profile_document(version: int, caller: Annotated[Caller, Depends(signed_in)]) -> ProfileDocument:
    """A version with its signatures, to be checked elsewhere."""

    def work(tx: Transaction) -> ProfileDocument:
        row = tx.profiles.get(version)
        if row is None or row.in_force is None:
            raise ProfileUnknown(
                say("profile-not-signed", f"There is no signed profile {version}.", version=version),
                "Look at the one in force.",
            )
        signatures = [
            SignedStatement.model_validate(
                {"statement": statement(row, each.role, each.signer, each.time), "publicKey": each.public_key,
                 "signature": each.signature}
            )
            for each in tx.profiles.signatures(version)
        ]  # fmt: skip
        record(tx, caller.node.environment, caller.author, "profile.document", f"profile-{version}", {})
        return ProfileDocument(version=version, sha256=row.sha256, content=row.content, signatures=signatures)

    return await caller.node.database.write(work)


def _shape(tx: Transaction, caller: Caller, row: ProfileRow, now: Time) -> ProfileVersion:
    newest = tx.profiles.newest()
    return version_shape(
        row, tx.profiles.signatures(row.version), newest.version if newest else 0, row_in_force(tx, now), now,
        caller.operator.role, caller.operator.name,
    )  # fmt: skip


async def _changed(caller: Caller, subject: str, step: Callable[[Transaction], ProfileRow]) -> ProfileVersion:
    now = caller.node.environment.clock.now()
    return await caller.act(subject, lambda tx: _shape(tx, caller, step(tx), now))
