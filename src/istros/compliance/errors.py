"""Why something is refused, in sentences that a person can act on."""

from __future__ import annotations

from istros.base.errors import IstrosError


class PolicyFault(IstrosError):
    """The policy file cannot be used."""

    code = "policy-fault"


class AuditDetail(IstrosError):
    """What was to be recorded is not plain data."""

    code = "audit-detail"


class OverLimit(IstrosError):
    """A step goes over a figure of the deployment profile."""

    code = "over-limit"


class SearchTooWide(OverLimit):
    """A search reaches over more cameras or time than the deployment profile lets it."""

    code = "search-too-wide"


class HoldRefused(IstrosError):
    """A hold cannot be placed or released like this."""

    code = "hold-refused"


class HoldUnknown(IstrosError):
    """No hold has this id."""

    code = "hold-unknown"


class HoldStateConflict(IstrosError):
    """The hold is not in a state that allows the step."""

    code = "hold-state"


class PermitRefused(IstrosError):
    """The root of what can be wrong with a permit."""

    code = "permit-refused"


class PermitNeeded(PermitRefused):
    """No permit was named, or it is not the asker's own."""

    code = "permit-needed"


class PermitExpired(PermitRefused):
    """The permit is over."""

    code = "permit-expired"


class PermitTooNarrow(PermitRefused):
    """The permit is open, but not for this action or this time."""

    code = "permit-too-narrow"


class CameraNotAllowed(PermitRefused):
    """The policy does not allow the action with one of the cameras."""

    code = "camera-not-allowed"


class PermitNotOpened(PermitRefused):
    """A permit cannot be opened as it was asked for."""

    code = "permit-not-opened"


class AccountError(IstrosError):
    """The root of what can be wrong with an account."""

    code = "account"


class SignInRefused(AccountError):
    """Name and password do not go together; which of the two is wrong is not told."""

    code = "sign-in-refused"


class ProofRefused(AccountError):
    """A code, a passkey or the password so far is not right; the session is as it was."""

    code = "proof-refused"


class SignInStale(AccountError):
    """The person signed in too long ago to change how they sign in."""

    code = "sign-in-stale"


class TooManyAttempts(AccountError):
    """Too many wrong passwords for this name or from this address."""

    code = "too-many-attempts"

    def __init__(self, message: str, remedy: str = "", wait_s: float = 0.0) -> None:
        super().__init__(message, remedy)
        self.wait_s = wait_s
        """Seconds until the next attempt is allowed."""


class AccountRefused(AccountError):
    """An account cannot be made as it was asked for."""

    code = "account-refused"


class ReleaseRefused(IstrosError):
    """A release cannot be asked for or answered like this."""

    code = "release-refused"


class ReleaseCamerasMissing(ReleaseRefused):
    """A release shows what is hidden at cameras, and names none."""

    code = "release-cameras-missing"


class ReleaseNeeded(IstrosError):
    """This is done only once a second person released it."""

    code = "release-needed"


class ReleaseUnknown(IstrosError):
    """No release has this id."""

    code = "release-unknown"


class ReleaseStateConflict(IstrosError):
    """The release is not in a state that allows the step."""

    code = "release-state"


class ProfileRefused(IstrosError):
    """A deployment profile cannot be written or signed like this."""

    code = "profile-refused"


class ProfileUnknown(IstrosError):
    """No profile has this version."""

    code = "profile-unknown"


class ProfileStateConflict(IstrosError):
    """The profile is not in a state that allows the step."""

    code = "profile-state"


class BreachRefused(IstrosError):
    """What was written about a breach is not enough, or not yours to write."""

    code = "breach-refused"


class BreachUnknown(IstrosError):
    """No breach has this id."""

    code = "breach-unknown"


class BreachStateConflict(IstrosError):
    """The breach is not in a state that allows the step."""

    code = "breach-state"


class AssessmentRefused(IstrosError):
    """An assessment of a camera cannot be written or approved like this."""

    code = "assessment-refused"


class AssessmentStateConflict(IstrosError):
    """The assessment is not in a state that allows the step."""

    code = "assessment-state"


class CameraNotCleared(IstrosError):
    """No assessment in force lets the camera do this."""

    code = "camera-not-cleared"


class ModelsRefused(IstrosError):
    """A change of models cannot be approved like this."""

    code = "models-refused"


class RequestRefused(IstrosError):
    """A person's request lacks something, or the step is not allowed."""

    code = "request-refused"


class RequestUnknown(IstrosError):
    """There is no such request."""

    code = "request-unknown"


class RequestStateConflict(IstrosError):
    """The request is not in a state that allows the step."""

    code = "request-state"


class TransferTableFault(IstrosError):
    """The table of transfers leaves something open, or says it twice."""

    code = "transfer-table"


class TransferRefused(IstrosError):
    """Data may not go to this recipient, or not on this ground."""

    code = "transfer-refused"


class RecipientNeeded(IstrosError):
    """Nobody said to whom it goes and on what ground."""

    code = "recipient-needed"


class CorrectionRefused(IstrosError):
    """A notice is confirmed already, or the confirmation says nothing."""

    code = "correction-refused"


class CorrectionUnknown(IstrosError):
    """There is no such notice."""

    code = "correction-unknown"
