"""From simulated cameras to evidence: recorded, exported both ways, the exporter killed on the way, verified, tampered with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.line.demo_run import DemoRun, demo_run, wait_for

CASE = "C-17"
OWN = {"name": "Joint centre", "kind": "own", "country": "UA", "basis": "ua-10"}


def moment(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def order(client: httpx2.Client, permit: str, **body: Any) -> str:
    answer = client.post(
        "/api/exports", json={"permit": permit, "reason": "theft of a bicycle", "recipient": OWN} | body
    )
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def state(client: httpx2.Client, export: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/exports/{export}").json()
    return found


def finished(client: httpx2.Client, export: str, seconds: float) -> dict[str, Any]:
    done = wait_for(
        "the export to end",
        lambda: (now := state(client, export))["state"] not in ("waiting", "running") and now,
        seconds,
    )
    assert done["state"] == "done", done
    return dict(done)


def fetch(client: httpx2.Client, leader: httpx2.Client, export: str, permit: str, folder: Path) -> Path:
    """Once a second person has released it."""
    body = {"matter": "evidence-export", "subject": export, "reason": "the court asks", "permit": permit}
    asked = client.post("/api/releases", json=body)
    assert asked.status_code == 201, asked.text
    answered = leader.post(f"/api/releases/{asked.json()['id']}/answer", json={"grant": True, "note": ""})
    assert answered.status_code == 200, answered.text
    answer = client.get(f"/api/exports/{export}/package", params={"permit": permit})
    assert answer.status_code == 200, answer.text
    path = folder / f"{export}.zip"
    path.write_bytes(answer.content)
    return path


def verify(path: Path, key: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "istros", "verify", str(path), "--key", key, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/")
    return done.returncode, json.loads(done.stdout)


def films(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as package:
        manifest = json.loads(package.read("manifest.json"))
    return {file["path"]: file["sha256"] for file in manifest["files"] if file["what"] == "film"}


def permit_of(client: httpx2.Client) -> str:
    body = {"purpose": "offence", "ground": "Art. 40", "caseRef": CASE, "hours": 1}
    found: str = client.post("/api/permits", json=body).json()["id"]
    return found


@pytest.mark.slow
@pytest.mark.browser
def test_evidence_from_camera_to_court(browser: Browser, tmp_path: Path, free_port: int) -> None:
    with demo_run(tmp_path / "data", free_port, "--cameras", "2") as run:
        client, leader = run.sign_in("investigator"), run.sign_in("leader")
        cameras = [camera["id"] for camera in client.get("/api/cameras").json()]
        permit = permit_of(client)
        began = datetime.now(UTC)
        wait_for("half a minute of recordings", lambda: datetime.now(UTC) - began > timedelta(seconds=30), 60)
        span = {"since": moment(began + timedelta(seconds=8.3)), "until": moment(began + timedelta(seconds=21.7))}
        exact = order(client, permit, cameras=cameras, **span)
        wait_for("the exporter to begin", lambda: state(client, exact)["state"] != "waiting", 60)
        killed = run.kill("exporter")
        wait_for("another exporter", lambda: run.pid("exporter") not in (None, killed), 60)
        finished(client, exact, 90)
        package = fetch(client, leader, exact, permit, tmp_path)
        key = client.get("/api/exports").json()["key"]
        status, verdict = verify(package, key)
        assert (status, verdict["ok"], verdict["pinned"]) == (0, True, True), verdict
        assert verdict["segments"] == verdict["proven"] >= 4
        again = order(client, permit, cameras=cameras, **span)
        finished(client, again, 90)
        assert films(fetch(client, leader, again, permit, tmp_path)) == films(package), "the kill left no trace"
        plays_as_long_as_ordered(package, tmp_path, 13.4)
        tampered_is_refused(package, key, tmp_path)
        hidden(client, leader, cameras[0], permit, began, key, tmp_path)
        looks_right(browser, run)


def plays_as_long_as_ordered(package: Path, folder: Path, seconds: float) -> None:
    with zipfile.ZipFile(package) as file:
        for name in films(package):
            file.extract(name, folder)
            with av.open(str(folder / name)) as film:
                frames = list(film.decode(video=0))
            assert len(frames) == pytest.approx(seconds * 25, abs=2)
            assert frames[-1].time is not None and frames[-1].time == pytest.approx(seconds, abs=0.1)


def tampered_is_refused(package: Path, key: str, folder: Path) -> None:
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    flipped = folder / "flipped.zip"
    flipped.write_bytes(data)
    status, verdict = verify(flipped, key)
    assert status == 1 and verdict["findings"][0]["code"] == "changed"
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(package) as file:
        file.extractall(unpacked)
    assert verify(unpacked, key)[0] == 0
    next((unpacked / "originals").rglob("*.mp4")).unlink()
    status, verdict = verify(unpacked, key)
    assert status == 1 and verdict["findings"][0]["code"] == "missing"
    assert verify(package, "0" * 64)[0] == 1


def hidden(
    client: httpx2.Client, leader: httpx2.Client, camera: str, permit: str, began: datetime, key: str, folder: Path
) -> None:
    """A redacted one of the small stream: three seconds, by the models."""
    corners = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.5], [0.1, 0.5]]
    since = moment(began + timedelta(seconds=10))
    export = order(
        client, permit, cameras=[camera], since=since, until=moment(began + timedelta(seconds=13)), stream="sub",
        kind="redacted", drawn=[{"cameraId": camera, "keys": [{"time": since, "corners": corners}]}],
    )  # fmt: skip
    finished(client, export, 240)
    package = fetch(client, leader, export, permit, folder)
    status, verdict = verify(package, key)
    assert (status, verdict["claims"]) == (0, 1), verdict
    (name,) = films(package)
    with zipfile.ZipFile(package) as file:
        assert not [entry for entry in file.namelist() if entry.startswith("originals/")]
        file.extract(name, folder)
    with av.open(str(folder / name)) as film:
        for frame in film.decode(video=0):
            inside = frame.to_ndarray(format="gray")[60:160, 80:240]
            assert float(inside.std()) < 3, "the drawn field shows something"


def looks_right(browser: Browser, run: DemoRun) -> None:
    """The screen lists them, orders one, and hands one over."""
    page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page.set_default_timeout(30_000)
    page.goto(f"{run.url}/")
    page.get_by_role("textbox", name="Name").fill("investigator")
    page.get_by_label("Password").fill(run.passwords["investigator"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Exports").click(timeout=60_000)
    expect(page.locator(".entries li")).to_have_count(3, timeout=60_000)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=30_000)
    dialog.get_by_label("From").fill("rubbish")
    expect(dialog.get_by_role("alert")).to_contain_text("Write a time as", timeout=30_000)
    expect(dialog.get_by_role("button", name="Order", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Throw it away").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    assert download.value.suggested_filename.endswith(".zip")
    page.close()
