"""What crosses to the browser about the deployment profile (docs/design/0002, 0031)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import Field

from istros.api.schemas import Moment, MomentText, Shape
from istros.base.time import Time
from istros.compliance.functions import (
    BASE,
    QUESTIONS,
    STRICTEST_FUNCTIONS,
    Function,
    Limits,
    Profile,
)
from istros.compliance.profile import SIGNERS, profile_of
from istros.compliance.profile_drafts import lacks, renews
from istros.store.profiles import ProfileRow, ProfileSignatureRow

FunctionName = Literal[
    "live-view", "recording", "exports", "plates-read", "plates-search", "vehicles-described", "people-detected",
    "people-described", "age-sex-counted", "age-sex-described", "faces-searched", "faces-matched-live",
    "redaction-lifted", "sound-recorded", "public-page",
]  # fmt: skip
QuestionName = Literal[
    "controller", "purpose", "necessity", "people", "data", "recipients", "risks", "measures", "consultation", "signs",
    "rights", "fria", "registration",
]  # fmt: skip
LackName = Literal["answer", "ground", "law", "fria", "registration", "late", "past", "same"]
ProfileStateName = Literal["draft", "in-force", "replaced", "past-review", "taken-back"]
Answer = Annotated[str, Field(max_length=4000)]


class ProfileLimits(Shape):
    """How long at most, in hours, and how many cameras."""

    recording_hours: int = Field(ge=1)
    plate_hours: int = Field(ge=1)
    people_hours: int = Field(ge=1)
    export_hours: int = Field(ge=1)
    search_hours: int = Field(ge=1)
    search_cameras: int = Field(ge=1)
    matching_hours: int = Field(ge=1)
    matching_cameras: int = Field(ge=1)


class FunctionState(Shape):
    """One function: whether this node may do it, and on what ground."""

    function: FunctionName
    allowed: bool
    ground: str


class ProfileSignature(Shape):
    """Who signed a version, for which office."""

    role: str
    signer: str
    time: Moment


class NodeProfile(Shape):
    """What this node may do now. Without a signed profile `version` is 0 and the strictest holds.

    `readsKeptUntil` says until when plate reads older than the strictest's are kept on a node without a signed profile.
    """

    version: int
    simulated: bool
    functions: list[FunctionState]
    limits: ProfileLimits
    in_force: Moment | None
    review: Moment | None
    signatures: list[ProfileSignature]
    controller: str
    purpose: str
    rights: str
    reads_kept_until: Moment | None
    may_write: bool


class ProfileLack(Shape):
    """What keeps a version from being signed; `place` is a question, `function:CODE` or `review`."""

    place: str
    lacks: LackName


class ProfileVersion(Shape):
    """One version: what it says, who signed it, and what became of it."""

    version: int
    sha256: str
    state: ProfileStateName
    simulated: bool
    answers: dict[QuestionName, str]
    functions: dict[FunctionName, str]
    limits: ProfileLimits
    review: Moment
    drafted: Moment
    drafted_by: str
    signatures: list[ProfileSignature]
    lacks: list[ProfileLack]
    in_force: Moment | None
    ended: Moment | None
    ended_by: str | None
    end_reason: str
    may_sign: bool
    renews: bool
    """It says what the one in force says, and moves the review alone."""


class ProfileHistory(Shape):
    """Every version, the newest first; and what the form asks."""

    versions: list[ProfileVersion]
    questions: list[QuestionName]
    base: list[FunctionName]
    """Functions that no profile leaves out."""
    strictest: list[FunctionName]
    most: ProfileLimits
    least: ProfileLimits
    """The strictest profile's limits: where a first draft begins."""
    latest_review: Moment
    training: bool


class ProfileRequest(Shape):
    """A new version, finished or not. `functions` holds the ground of each that shall be allowed."""

    answers: dict[QuestionName, Answer]
    functions: dict[FunctionName, Answer]
    limits: ProfileLimits
    review: MomentText
    simulated: bool = False


class ProfileWithdrawal(Shape):
    """Why a version is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class SignedStatement(Shape):
    """What one person signed: the canonical JSON (RFC 8785) of `statement`, with the node's Ed25519 key."""

    statement: dict[str, str | int]
    public_key: str
    signature: str


class ProfileDocument(Shape):
    """A version as anyone can check it: `sha256` is over the UTF-8 of `content`."""

    version: int
    sha256: str
    content: str
    signatures: list[SignedStatement]


def limits_shape(limits: Limits) -> ProfileLimits:
    """Limits on the wire."""
    return ProfileLimits(**asdict(limits))


def function_states(profile: Profile) -> list[FunctionState]:
    """Every function, allowed or not."""
    return [
        FunctionState(function=each.value, allowed=profile.allows(each), ground=profile.ground(each))
        for each in Function
    ]


def signature_shapes(signatures: list[ProfileSignatureRow]) -> list[ProfileSignature]:
    """Signatures on the wire."""
    return [ProfileSignature(role=each.role, signer=each.signer, time=each.time) for each in signatures]


def version_shape(
    row: ProfileRow,
    signatures: list[ProfileSignatureRow],
    newest: int,
    current: ProfileRow | None,
    now: Time,
    role: str,
    name: str,
) -> ProfileVersion:
    """One version as the person of that role and sign-in name sees it; `current` is the one in force."""
    profile = profile_of(row.version, row.content)
    lacking = [ProfileLack.model_validate(each) for each in lacks(row, now, current)] if row.in_force is None else []
    signed = any(each.role == role or each.signer == name for each in signatures)
    open_ = row.version == newest and row.in_force is None and row.ended is None
    return ProfileVersion(
        version=row.version, sha256=row.sha256, state=_state(row, current.version if current else 0, now), simulated=profile.simulated,
        answers={name: profile.answers[name] for name in QUESTIONS if name in profile.answers},  # type: ignore[misc]
        functions={each.value: profile.grounds[each] for each in Function if each in profile.grounds},
        limits=limits_shape(profile.limits), review=row.review, drafted=row.drafted, drafted_by=row.drafted_by,
        signatures=signature_shapes(signatures), lacks=lacking, in_force=row.in_force, ended=row.ended,
        ended_by=row.ended_by, end_reason=row.end_reason,
        may_sign=open_ and not lacking and not signed and role in SIGNERS,
        renews=row.in_force is None and renews(row, current),
    )  # fmt: skip


def _state(row: ProfileRow, current: int, now: Time) -> ProfileStateName:
    if row.ended is not None:
        return "taken-back"
    if row.in_force is None:
        return "draft"
    if row.version == current:
        return "in-force"
    return "past-review" if now >= row.review else "replaced"


def names_of(functions: frozenset[Function]) -> list[FunctionName]:
    """Functions by their codes, in their own order."""
    return [each.value for each in Function if each in functions]


BASE_NAMES, STRICTEST_NAMES = names_of(BASE), names_of(STRICTEST_FUNCTIONS)
