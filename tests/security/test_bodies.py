"""Bodies that are JSON and hostile all the same: letters that databases cannot keep, depth without end, numbers without end."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.site import PROBLEM_FORMS, Browser, Site, make_site
from tests.api.test_gate import BODIES, QUERY, ROUTES

LETTERS = {
    "nul": "a\0b",
    "lone surrogate": "a\ud800b",
    "right to left": "a\u202eb",
    "long": "x" * 5000,
    "astral": "𝕏" * 40,
}
RAW = {
    "deep list": "[" * 30_000 + "]" * 30_000,
    "deep object": '{"a":' * 9_000 + "1" + "}" * 9_000,
    "endless number": '{"hours": 1e99999, "name": ' + "9" * 5_000 + "}",
    "not a number": '{"hours": NaN, "pan": Infinity}',
    "twice": '{"name": "a", "name": "b", "password": "c"}',
    "no text": b"\xff\xfe{}",
    "null": "null",
}  # fmt: skip
CHANGING = [(method, path) for method, path, _ in ROUTES if method in ("POST", "PUT", "PATCH")]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_server").new_database()
    yield from _serving(make_site(tmp_path_factory.mktemp(request.param), url))


@pytest.fixture(scope="module")
def plain_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For what is refused before any database hears of it."""
    yield from _serving(make_site(tmp_path_factory.mktemp("plain")))


def _serving(site: Site) -> Iterator[Site]:
    site.start()
    yield site
    site.stop()
    site.database.close()
    site.environment.workers.close()


@pytest.fixture(scope="module")
def desks(site: Site) -> list[Browser]:
    return [site.browser(role) for role in ("shift_leader",)]


def address(path: str) -> str:
    return re.sub(r"\{\w+\}", "IZ-07", path.replace("{stream}", "main"))


def spoiled(body: Any, letters: str) -> Iterator[Any]:
    """The body with one of its texts replaced."""
    for name, value in (body or {}).items():
        if isinstance(value, str):
            yield body | {name: value + letters}


def fits(answer: Any) -> bool:
    return answer.status_code < 500 or answer.status_code in (502, 503)


@pytest.mark.parametrize("letters", LETTERS.values(), ids=LETTERS)
def test_letters_that_databases_cannot_keep_are_no_failure(site: Site, desks: list[Browser], letters: str) -> None:
    bad: list[str] = []
    for method, path in CHANGING:
        for body in spoiled(BODIES.get(path), letters):
            data = json.dumps(body).encode()
            for desk in desks:
                if path.startswith("/api/permits"):
                    body.setdefault("permit", desk.permit)
                answer = desk.http.request(
                    method, address(path), content=data, headers={"content-type": "application/json"}
                )
                if not fits(answer):
                    bad.append(f"{method} {path} {data[:120]!r} {answer.status_code}")
    assert bad == []


def test_letters_in_addresses_and_queries_are_no_failure(site: Site, desks: list[Browser]) -> None:
    bad: list[str] = []
    for method, path, _ in ROUTES:
        if method != "GET" or path == "/api/discovery":
            continue
        for letters in ("a%00b", "%ED%A0%80"):
            place = re.sub(r"\{\w+\}", letters, path)
            query = "&".join(f"{name}={letters}" for name in (*QUERY, "text", "actor", "q"))
            for asked in (f"{place}?{query}", f"{place}?permit={desks[0].permit}&text={letters}"):
                answer = desks[0].http.get(asked)
                if not fits(answer):
                    bad.append(f"{asked} {answer.status_code}")
    assert bad == []


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_json_without_sense_is_no_failure(plain_site: Site, raw: str | bytes) -> None:
    data = raw if isinstance(raw, bytes) else raw.encode()
    desks = plain_site.browser(), plain_site.browser("shift_leader")
    bad: list[str] = []
    for method, path in CHANGING:
        for desk in desks:
            answer = desk.http.request(
                method, address(path), content=data, headers={"content-type": "application/json"}
            )
            if not fits(answer) or (answer.status_code >= 400 and set(answer.json()) not in PROBLEM_FORMS):
                bad.append(f"{method} {path} {answer.status_code} {answer.text[:100]}")
    assert bad == []


def test_a_credential_that_holds_depth_is_refused(plain_site: Site) -> None:
    """What a passkey answers holds JSON in base64, which is read before anybody is known."""
    deep = base64.urlsafe_b64encode(b"[" * 30_000).decode()
    credential = {"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": deep}}
    for method, path in CHANGING:
        if "passkey" in path:
            for body in (
                {"credential": credential},
                credential,
                {"credential": credential, "name": "x", "answer": credential},
            ):
                answer = plain_site.browser().http.request(method, address(path), json=body)
                assert fits(answer), (path, answer.text)
