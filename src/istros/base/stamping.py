"""Time stamps of RFC 3161: somebody else says that certain bytes were there at a certain time.

A token holds without a network: its own signature is checked against the certificates of the authority, as they were at
the time that it names. Asking for one is a POST of some bytes to the authority's address (section 3.4).
"""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from istros.base.errors import IstrosError
from istros.base.stamp_signer import names_its_signer
from istros.base.time import Time, from_datetime

TIMEOUT_S = 20.0
_LARGEST_ANSWER = 256 * 1024
_TYPE = "application/timestamp-query"


class StampProblem(IstrosError):
    """A time stamp could not be had, or does not hold."""

    code = "stamp"


class AuthorityAway(StampProblem):
    """The authority does not answer: asking again later may help."""

    code = "stamp-authority-away"


class StampOfOther(StampProblem):
    """The token is whole, but stamps other bytes."""

    code = "stamp-of-other"


class StampBroken(StampProblem):
    """The token is damaged, or not of this authority."""

    code = "stamp-broken"


@dataclass(frozen=True, slots=True)
class Authority:
    """Who stamps: a name of ours, the address that takes requests, and the certificates that its tokens lead to."""

    name: str
    url: str
    roots: tuple[x509.Certificate, ...] = field(repr=False)

    @property
    def ders(self) -> tuple[bytes, ...]:
        """The certificates in DER."""
        return tuple(root.public_bytes(Encoding.DER) for root in self.roots)


Asking = Callable[[str, bytes], bytes]
"""Sends a request to an address; the answer's bytes. Raises AuthorityAway. Blocks."""


def load_authority(name: str, url: str, certificates: Path) -> Authority:
    """An authority whose certificates lie in a PEM file. Raises StampProblem."""
    try:
        roots = x509.load_pem_x509_certificates(certificates.read_bytes())
    except (OSError, ValueError) as error:
        raise StampProblem(
            f"The certificates of the time-stamping authority '{name}' in {certificates} cannot be read: {error}.",
            "Put the authority's root certificate there, as PEM.",
        ) from error
    return Authority(name, url, tuple(roots))


def authority_of(name: str, ders: Iterable[bytes]) -> Authority:
    """An authority of which nothing is known but its certificates (DER). ValueError where one is none."""
    return Authority(name, "", tuple(x509.load_der_x509_certificate(der) for der in ders))


def ask(authority: Authority, data: bytes, asking: Asking) -> bytes:
    """A token over the bytes, verified: the whole answer of the authority as DER. Blocks. Raises StampProblem."""
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    token = asking(authority.url, request.as_bytes())
    _verify(authority, token, data, request.nonce)
    return token


def verify(authority: Authority, token: bytes, data: bytes) -> Time:
    """When the authority saw the bytes. Raises StampOfOther or StampBroken."""
    return _verify(authority, token, data, None)


def stamped_time(token: bytes, data: bytes) -> Time:
    """When the token says that the bytes were there; no signature is checked. Raises StampOfOther or StampBroken."""
    answer = _decoded(token)
    _require_same(answer, data)
    return from_datetime(answer.tst_info.gen_time)


def policy_of(token: bytes) -> str:
    """The number of the policy under which the authority says that it stamped (RFC 3161, 2.4.2). Raises StampBroken."""
    return _decoded(token).tst_info.policy.dotted_string


def _verify(authority: Authority, token: bytes, data: bytes, nonce: int | None) -> Time:
    answer = _decoded(token)
    _require_same(answer, data)
    builder = VerifierBuilder(roots=list(authority.roots), nonce=nonce)
    try:
        builder.build().verify_message(answer, data)
        is_named = names_its_signer(answer.time_stamp_token())
    except (VerificationError, ValueError) as error:
        raise StampBroken(
            f"The time stamp is not one of the authority '{authority.name}': {error}.",
            "Check the certificates that are named for it.",
        ) from error
    if not is_named:
        raise StampBroken(
            f"The time stamp of the authority '{authority.name}' does not name the certificate that lies in it.",
            "The certificate may have been put there in place of another: ask the authority.",
        )
    return from_datetime(answer.tst_info.gen_time)


def _decoded(token: bytes) -> TimeStampResponse:
    try:
        answer = decode_timestamp_response(token)
        if PKIStatus(answer.status) != PKIStatus.GRANTED:
            raise StampBroken("The authority refused to stamp.", "Ask whoever runs it.")
    except ValueError as error:
        raise StampBroken("The time stamp cannot be read: it is damaged.", "") from error
    return answer


def _require_same(answer: TimeStampResponse, data: bytes) -> None:
    try:
        imprint = bytes(answer.tst_info.message_imprint.message)
    except ValueError as error:
        raise StampBroken("The time stamp cannot be read: it is damaged.", "") from error
    if imprint != hashlib.sha256(data).digest():
        raise StampOfOther("The time stamp was made over something else.", "")


def ask_by_http(url: str, request: bytes) -> bytes:
    """POST to an authority, following no redirection. Raises AuthorityAway."""
    asked = urllib.request.Request(url, data=request, headers={"content-type": _TYPE}, method="POST")
    try:
        with _OPENER.open(asked, timeout=TIMEOUT_S) as answer:
            data: bytes = answer.read(_LARGEST_ANSWER + 1)
    except (OSError, ValueError) as error:  # urllib's own errors are OSErrors, http.client's some of each
        raise AuthorityAway(f"The time-stamping authority does not answer ({_reason(error)}).", "") from error
    if len(data) > _LARGEST_ANSWER:
        raise AuthorityAway("The time-stamping authority answers with more than a token.", "")
    return data


def _reason(error: Exception) -> str:
    """Without the address, in which a password may stand."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    return type(getattr(error, "reason", error)).__name__


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object, **more: object) -> None:
        """None: the answer is then an error."""


def _opener() -> urllib.request.OpenerDirector:
    """Web addresses alone, by no proxy of the shell."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(), urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(), _NoRedirection(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


_OPENER = _opener()
