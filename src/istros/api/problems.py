"""Every error as `{code, message, remedy}`: never a stack trace, never a bare number (docs/design/0002)."""

from __future__ import annotations

import math

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from istros.api.invalid import told_of
from istros.base.errors import IstrosError
from istros.base.said import Said
from istros.compliance.errors import TooManyAttempts


class NotFound(IstrosError):
    """There is no such thing."""

    code = "not-found"


class NotSignedIn(IstrosError):
    """The request comes without a session that lives."""

    code = "not-signed-in"


class NotAllowed(IstrosError):
    """The role does not allow the action."""

    code = "not-allowed"


class Forged(IstrosError):
    """The request does not come from this node's own client."""

    code = "forged-request"


class BadRequest(IstrosError):
    """A value of the request is not acceptable."""

    code = "bad-request"


STATUS = {
    "not-signed-in": 401, "session-over": 401, "sign-in-refused": 401, "not-allowed": 403, "forged-request": 403,
    "permit": 403, "permit-needed": 403, "permit-expired": 403, "permit-too-narrow": 403, "permit-refused": 403,
    "permit-not-opened": 422, "camera-not-allowed": 403, "anchors-unreadable": 422, "anchors-refused": 409, "oversight-refused": 422,
    "finding-unknown": 404,
    "segment-gone": 404, "not-found": 404, "no-picture": 404, "alarm-unknown": 404, "entry-unknown": 404, "alarm-state": 409,
    "entry-state": 409, "hold-state": 409, "hold-refused": 422, "hold-unknown": 404,
    "models-refused": 422, "breach-state": 409, "breach-refused": 422, "breach-unknown": 404,
    "request-state": 409, "request-refused": 422, "request-unknown": 404, "segment-away": 503, "not-painted": 404,
    "plate-refused": 422, "plate-same": 409,
    "entry-refused": 422, "picture-refused": 422, "gallery-away": 503, "seal-broken": 404, "matching-refused": 422,
    "face-search-refused": 422, "face-search-unknown": 404, "face-search-state": 409,
    "candidate-unknown": 404, "candidate-state": 409,
    "alarm-needs-verdicts": 409,
    "import-refused": 422,
    "search-too-wide": 422, "over-limit": 422,
    "bad-request": 422, "too-many-attempts": 429, "pictures-busy": 429, "database": 503,
    "head-taken": 409, "device-unreachable": 503, "device-password": 503, "device-fault": 502, "device": 502,
    "device-not-offered": 404, "devices-away": 503, "no-search": 503, "hiding-away": 503,
    "whep-offer": 422, "whep-codec": 409, "whep-no-pictures": 409, "whep-busy": 503, "enough-masked": 409,
    "release-needed": 403, "release-refused": 403, "release-cameras-missing": 422, "release-state": 409, "release-unknown": 404,
    "zones-refused": 422, "zones-state": 409, "function-not-allowed": 403,
    "assessment-refused": 422, "assessment-state": 409, "camera-not-cleared": 403,
    "profile-refused": 422, "profile-unknown": 404, "profile-state": 409,
    "correction-refused": 409, "correction-unknown": 404, "transfer-refused": 422, "recipient-needed": 422,
    "export-not-ready": 409, "exports-off": 404,
    "database-unreachable": 503, "database-busy": 503,
    "account-refused": 422, "proof-refused": 422, "sign-in-stale": 403, "passkeys-off": 404,
    "directory-away": 503, "directory-refused": 403,
}  # fmt: skip
"""HTTP status of each code; a code that is not named here is answered with 400."""


def add_problem_answers(application: FastAPI) -> None:
    """Answer every error of a route in the one form."""
    application.add_exception_handler(IstrosError, _on_istros_error)
    application.add_exception_handler(RequestValidationError, _on_invalid)
    application.add_exception_handler(HTTPException, _on_http)


def problem_answer(status: int, code: str, message: str | Said, remedy: str) -> JSONResponse:
    """The answer in the one form; what is said by a code goes with it and its facts, for the reader's own language."""
    if isinstance(message, str):
        return JSONResponse({"code": code, "message": message, "remedy": remedy}, status)
    said = {"said": message.code, "facts": dict(message.facts)} if message.code else {}
    return JSONResponse({"code": code, "message": message.text, "remedy": remedy} | said, status)


async def _on_istros_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IstrosError)
    answer = problem_answer(STATUS.get(error.code, 400), error.code, error.told, error.remedy)
    if isinstance(error, TooManyAttempts):
        answer.headers["retry-after"] = str(math.ceil(error.wait_s))
    return answer


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return problem_answer(422, "invalid-json", "The request is not JSON.", "Correct it and send it again.")
    return problem_answer(422, "invalid-field", told_of(first), "Correct it and send it again.")


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem_answer(
            405, "method", f"{request.url.path} does not take {request.method}.", "Use another method."
        )
    if error.status_code == 404:
        return problem_answer(404, "not-found", f"There is nothing at {request.url.path}.", "Check the address.")
    if error.status_code == 413:
        return problem_answer(413, "too-large", error.detail, "Send less at once.")
    if error.status_code == 400 and isinstance(error.__cause__, ValueError | RecursionError):
        # What FastAPI says of a body that is no text, and therefore no JSON either.
        return problem_answer(422, "invalid-json", "The request is not JSON.", "Correct it and send it again.")
    if error.status_code == 422:
        return problem_answer(422, "invalid-letters", error.detail, "Remove them.")
    if error.status_code == 408:
        return problem_answer(408, "too-slow", error.detail, "Send it again.")
    sentence = f"{str(error.detail).rstrip('.')}."
    return problem_answer(error.status_code, "bad-request", sentence, "Correct it and send it again.")
