"""The whole interface, asked with what its schema allows and with what it does not, by every role and by nobody.

Bounded and from a fixed seed; `ISTROS_SCHEMATHESIS=200 ./istros test tests/api/test_schemathesis.py` asks each operation so often.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from istros.api.application import describe
from istros.compliance.access import ROLES
from tests.api.conftest import record_two_seconds, serving
from tests.api.site import PASSWORD, PROBLEM_FORMS, Site
from tests.api.test_gate import ANY_ROLE, OPEN

EXAMPLES = int(os.environ.get("ISTROS_SCHEMATHESIS", "8"))
SLOW = {("GET", "/api/discovery"): 2}
"""Operations that cost seconds each: the network is looked at for three."""


@schemathesis.serializer("application/sdp")
def sdp_of(_context: Any, offer: Any) -> bytes:
    """Offers of WebRTC go as they are."""
    return offer if isinstance(offer, bytes) else str(offer).encode("utf-8", "surrogatepass")


load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(describe())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
REAL = {
    "camera_id": "IZ-07",
    "camera": "TL-01",
    "stream": "main",
    "from": "2026-11-24T00:00:00Z",
    "to": "2026-11-24T00:10:00Z",
}
"""What is put in the place of made-up values now and then, so that routes are asked further than their first look-up."""


class Desk:
    """Sessions of every role, and of nobody, with a permit where the role may open one."""

    def __init__(self, site: Site) -> None:
        self.address = f"http://127.0.0.1:{site.port}"
        self.sessions: dict[str, requests.Session] = {}
        self.permits: dict[str, str] = {}
        for role in ("", *sorted(ROLES)):
            self.sign_in(role)

    def sign_in(self, role: str) -> None:
        session = requests.Session()
        session.trust_env = False
        if role:
            answer = session.post(f"{self.address}/api/session", json={"name": role, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            session.headers["x-csrf-token"] = answer.json()["csrfToken"]
            asked = {"purpose": "offence", "ground": "CPC", "caseRef": "12026-114", "hours": 1}
            opened = session.post(f"{self.address}/api/permits", json=asked)
            if opened.status_code == 201:
                self.permits[role] = opened.json()["id"]
        self.sessions[role] = session


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Of a node of its own: what is asked here disables people, ends sessions and locks addresses out."""
    with serving(tmp_path_factory.mktemp("asked")) as site:
        record_two_seconds(site)
        yield Desk(site)


def made_real(case: Case, permit: str) -> None:
    """Known cameras, times and the role's own permit in the places of made-up ones."""
    for name in case.path_parameters or {}:
        if name in REAL:
            case.path_parameters[name] = REAL[name]
    for name in list(case.query or {}):
        if name in REAL:
            case.query[name] = REAL[name]
        elif name == "permit":
            case.query[name] = permit
    if isinstance(case.body, dict) and "permit" in case.body:
        case.body["permit"] = permit


def judge(case: Case, answer: Any, role: str) -> None:
    """No failure, the documented form, and no way in without a session."""
    said = f"{role or 'nobody'}: {case.as_curl_command()}\n{answer.status_code} {answer.content[:300]!r}"
    assert answer.status_code < 500 or answer.status_code in (502, 503), said
    key = (case.operation.method.upper(), case.operation.path)
    if answer.status_code >= 400:
        problem = answer.json()
        assert set(problem) in PROBLEM_FORMS and problem["message"].endswith((".", "…")), said
        assert b"Traceback" not in answer.content and b'File "' not in answer.content, said
    if not role and key not in OPEN:
        assert answer.status_code in (401, 413, 422), said
        assert answer.status_code == 401 or answer.json()["code"] in ("invalid-json", "invalid-letters", "too-large"), (
            said
        )
    if answer.status_code < 400:
        assert role or key in OPEN, said
        checks = [content_type_conformance, response_schema_conformance, response_headers_conformance]
        case.validate_response(answer, checks=checks)


@pytest.mark.parametrize("operation", OPERATIONS, ids=[f"{each.method.upper()} {each.path}" for each in OPERATIONS])
def test_nothing_fails_and_nothing_is_open(desk: Desk, operation: Any) -> None:
    key = (operation.method.upper(), operation.path)
    roles = itertools.cycle(("", *sorted(ROLES)))
    reals = itertools.cycle((True, True, False))
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @seed(20261127)
    @settings(
        max_examples=max(1, min(EXAMPLES, SLOW.get(key, EXAMPLES))), deadline=None, database=None, derandomize=False,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.one_of(modes))
    def ask(case: Case) -> None:
        for role in ("", next(roles), next(roles)):
            if next(reals):
                made_real(case, desk.permits.get(role, "none"))
            answer = case.call(base_url=desk.address, session=desk.sessions[role], timeout=30)
            judge(case, answer, role)
            if role and key in ANY_ROLE and key[0] == "DELETE":
                desk.sign_in(role)

    try:
        ask()
    finally:
        if key == ("DELETE", "/api/session"):
            for role in ROLES:
                desk.sign_in(role)
