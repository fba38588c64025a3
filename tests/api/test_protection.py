"""Headers, limits, errors and the client's files, through a real uvicorn on the loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from istros.api.client_files import client_router
from istros.api.problems import add_problem_answers
from istros.api.protection import LARGEST_REQUEST, Protection, most_bytes_of
from istros.api.schemas import AlarmClosing
from istros.base.environment import Environment

BUILT = {"index.html": "<title>Istros</title>", "assets/app-1a2b.js": "export {}", "icon.svg": "<svg/>"}


@pytest.fixture
def web_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    for name, text in BUILT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret.txt").write_text("outside")
    return folder


@pytest.fixture
def site(web_folder: Path, environment: Environment) -> Iterator[httpx2.Client]:
    with serving(small_application(web_folder, environment)) as client:
        yield client


def small_application(web_folder: Path, environment: Environment) -> FastAPI:
    application = FastAPI(openapi_url=None)
    application.add_middleware(Protection, ids=environment.ids, strict_transport=True)
    add_problem_answers(application)

    @application.post("/api/echo")
    async def echo(body: AlarmClosing) -> dict[str, str]:
        return {"verdict": body.verdict}

    @application.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    application.include_router(client_router(web_folder))
    return application


class serving:
    """A uvicorn in a thread, and a client for it."""

    def __init__(self, application: FastAPI) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> httpx2.Client:
        self._thread.start()
        host, port = self._listener.getsockname()
        self._client = httpx2.Client(base_url=f"http://{host}:{port}", trust_env=False, timeout=20)
        return self._client

    def __exit__(self, *failure: object) -> None:
        self._client.close()
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@pytest.mark.parametrize("path", ["/", "/api/echo", "/nothing.js", "/alarms"])
def test_every_answer_carries_the_headers(site: httpx2.Client, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "media-src 'self' blob:" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert "max-age" in headers["strict-transport-security"]


def test_a_large_body_is_refused_announced_or_not(site: httpx2.Client) -> None:
    large = b'{"verdict":"true","note":"' + b"x" * LARGEST_REQUEST + b'"}'
    json_type = {"content-type": "application/json"}

    def in_pieces() -> Iterator[bytes]:
        yield from (large[at : at + 8192] for at in range(0, len(large), 8192))

    for answer in (
        site.post("/api/echo", content=large, headers=json_type),
        site.post("/api/echo", content=in_pieces(), headers=json_type),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        assert "content-security-policy" in answer.headers


def test_only_what_takes_files_takes_more() -> None:
    assert most_bytes_of("/api/watchlist/file") > 1_000_000
    assert most_bytes_of("/api/persons/x/face") > 1_000_000
    for path in ("/api/watchlist", "/api/persons/x/y/face", "/api/persons//face/x", "/api/echo"):
        assert most_bytes_of(path) == LARGEST_REQUEST


def test_an_invalid_field_is_named(site: httpx2.Client) -> None:
    answer = site.post("/api/echo", json={"verdict": "maybe"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-field"
    assert "'verdict'" in answer.json()["message"]
    assert site.post("/api/echo", json={"verdict": "true", "more": 1}).status_code == 422
    assert site.post("/api/echo", json={"verdict": True}).status_code == 422
    broken = site.post("/api/echo", content=b"{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid-json")


def test_a_failure_tells_a_number_and_nothing_else(site: httpx2.Client, capsys: pytest.CaptureFixture[str]) -> None:
    answer = site.get("/api/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "failure")
    assert "hunter2" not in answer.text and "Traceback" not in answer.text
    number = answer.json()["message"].split(" under ")[1].rstrip(".")
    assert number in capsys.readouterr().out


def test_unknown_addresses_and_methods_answer_in_the_one_form(site: httpx2.Client) -> None:
    assert site.get("/api/nothing").json()["code"] == "not-found"
    assert site.get("/api/nothing").status_code == 404
    assert set(site.put("/api/echo").json()) == {"code", "message", "remedy"}


def test_assets_stay_for_ever_and_the_page_never(site: httpx2.Client) -> None:
    asset = site.get("/assets/app-1a2b.js")
    assert "immutable" in asset.headers["cache-control"] and "javascript" in asset.headers["content-type"]
    for path in ("/", "/alarms", "/playback/IZ-07"):
        page = site.get(path)
        assert page.text == BUILT["index.html"] and page.headers["cache-control"] == "no-cache"
    assert site.get("/icon.svg").headers["cache-control"] == "no-cache"
    assert site.get("/assets/gone.js").status_code == 404


@pytest.mark.parametrize("path", ["/../secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/%00.txt"])
def test_no_file_outside_the_folder_is_served(site: httpx2.Client, path: str) -> None:
    assert "outside" not in site.get(path).text


def test_a_client_that_is_not_built_says_so(tmp_path: Path, environment: Environment) -> None:
    with serving(small_application(tmp_path / "missing", environment)) as site:
        answer = site.get("/")
        assert answer.status_code == 503 and "not built" in answer.text
