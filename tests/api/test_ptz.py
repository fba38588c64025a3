"""Steering through the interface, down to the head of a simulated camera: leases, roles, the dead man's hand, the record."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from istros.app.devices import watch_devices
from istros.base.environment import real_environment
from istros.devices.camera import Camera, Place
from istros.devices.onvif.address import parse_onvif_address
from istros.settings import Settings
from istros.sim.cameras.onvif import Position, SimulatedDevice, SimulatedHead, SimulatedProfile, serve_onvif
from tests.api.site import Browser, Site, make_site

HEAD = "/api/cameras/IZ-07/ptz"


class Town:
    """A node that is served, its process `devices`, and one camera with a head; all in this process."""

    def __init__(self, folder: Path) -> None:
        self.site: Site = make_site(folder)
        self.environment = real_environment(workers=2)
        self.head = SimulatedHead(self.environment.clock)
        self.head.presets["gate"] = ("Gate", Position(0.5, 0.1, 0.2))
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> None:
        self.site.start()
        self._thread.start()
        assert self._ready.wait(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        self.site.stop()
        self.site.database.close()
        for environment in (self.environment, self.site.environment):
            environment.workers.close()

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        profiles = (SimulatedProfile("main", "Main", 1920, 1080, 25),)
        simulated = SimulatedDevice(self.environment, "IZ-07", 8554, profiles, "eye", "secret", self.head)
        server = await serve_onvif([simulated], "127.0.0.1", 0, self.environment)
        where = parse_onvif_address(f"http://eye:secret@127.0.0.1:{server.port}/IZ-07/onvif/device_service")
        camera = Camera("IZ-07", Place("Harbour gate", "Izmail"), "izmail", (), onvif=where)
        watching = asyncio.create_task(
            watch_devices(self.environment, self.site.database, (camera,), Settings(data=self.site.folder), self._stop)
        )
        while not any(row.steers for row in await self.site.database.read(lambda tx: tx.devices.all())):
            await asyncio.sleep(0.02)
        self._ready.set()
        await watching
        await server.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("ptz"))
    town.start()
    yield town
    town.stop()


@pytest.fixture
def operator(town: Town) -> Iterator[Browser]:
    browser = town.site.browser("operator")
    yield browser
    browser.http.delete(f"{HEAD}/lease")


@pytest.fixture
def leader(town: Town) -> Iterator[Browser]:
    browser = town.site.browser("shift_leader")
    yield browser
    browser.http.delete(f"{HEAD}/lease")


def until(what: Any) -> None:
    for _ in range(500):
        if what():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come true")


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_camera_says_what_can_be_steered(operator: Browser) -> None:
    assert operator.get("/api/ptz").json() == [
        {"cameraId": "IZ-07", "online": True, "problem": "", "problemCode": "", "problemFacts": {}}
    ]
    head = operator.get(HEAD).json()
    assert (head["available"], head["turns"], head["zooms"], head["home"]) == (True, True, True, True)
    assert head["presets"] == [{"token": "gate", "name": "Gate"}]
    assert head.get("lease") is None
    assert set(head["position"]) == {"pan", "tilt", "zoom"}


def test_a_camera_without_a_head_is_not_available(operator: Browser) -> None:
    head = operator.get("/api/cameras/TL-01/ptz").json()
    assert head["available"] is False and "TL-01" in head["problem"]
    assert (head["problemCode"], head["problemFacts"]) == ("device-no-onvif", {"camera": "TL-01"})
    assert code(operator.get("/api/cameras/XX-99/ptz")) == (404, "not-found")


def test_without_a_lease_nothing_moves(town: Town, operator: Browser) -> None:
    before = town.head.moves
    for path in ("move", "home", "presets/gate/go"):
        answer = operator.post(f"{HEAD}/{path}", {"pan": 1.0} if path == "move" else None)
        assert code(answer) == (409, "head-taken")
    assert town.head.moves == before


def test_a_hand_moves_the_camera_and_a_lost_hand_stops_it(town: Town, operator: Browser) -> None:
    lease = operator.post(f"{HEAD}/lease", {}).json()
    assert lease["mine"] is True and lease["holderName"] == "Operator"
    recorded = len(town.site.audit("ptz.move"))
    for _ in range(5):
        assert operator.post(f"{HEAD}/move", {"pan": 0.3, "tilt": 0, "zoom": 0}).status_code == 204
    assert town.head.is_moving and town.head.position.pan > 0
    assert len(town.site.audit("ptz.move")) == recorded + 1, "one run of moves is one act"
    until(lambda: not town.head.is_moving)
    stops = town.head.stops
    assert stops >= 1, "our own stop came before the camera's limit"
    assert operator.post(f"{HEAD}/move", {"pan": -0.3}).status_code == 204
    assert operator.post(f"{HEAD}/stop").status_code == 204
    assert not town.head.is_moving


def test_analysis_pauses_with_the_first_order_to_a_head_on_the_record(town: Town, operator: Browser) -> None:
    database = town.site.database
    database.write_now(lambda tx: tx.pauses.end("IZ-07"))
    before = len(town.site.audit("analysis.pause"))
    operator.post(f"{HEAD}/lease", {})
    assert database.read_now(lambda tx: tx.pauses.get("IZ-07")) is None, "holding a head turns nothing"
    assert operator.post(f"{HEAD}/home").status_code == 204
    row = database.read_now(lambda tx: tx.pauses.get("IZ-07"))
    assert row is not None and (row.cause, row.to_home) == ("head", True)
    assert operator.post(f"{HEAD}/presets/gate/go").status_code == 204
    row = database.read_now(lambda tx: tx.pauses.get("IZ-07"))
    assert row is not None and (row.cause, row.to_home) == ("head", False)
    assert len(town.site.audit("analysis.pause")) == before + 1
    assert town.site.audit("analysis.pause")[-1]["actor"] == "operator"


def test_speeds_beyond_full_are_refused(operator: Browser) -> None:
    operator.post(f"{HEAD}/lease", {})
    for body in ({"pan": 1.5}, {"pan": "fast"}, {"spin": 1}, {"tilt": None}):
        assert operator.post(f"{HEAD}/move", body).status_code == 422


def test_the_shift_leader_takes_over_and_the_one_before_is_told(town: Town, operator: Browser, leader: Browser) -> None:
    operator.post(f"{HEAD}/lease", {})
    assert code(leader.post(f"{HEAD}/lease", {})) == (409, "head-taken")
    assert leader.post(f"{HEAD}/lease", {"over": True}).json()["before"] == "Operator"
    refused = operator.post(f"{HEAD}/move", {"pan": 0.1})
    assert code(refused) == (409, "head-taken")
    assert "Shift_Leader steers camera IZ-07 and took it over from Operator" in refused.json()["message"]
    assert operator.get(HEAD).json()["lease"]["mine"] is False
    assert code(operator.post(f"{HEAD}/lease", {"over": True})) == (403, "not-allowed")
    assert town.site.audit("ptz.take")[-1]["detail"] == {"from": "operator"}


def test_places_are_the_shift_leaders(town: Town, operator: Browser, leader: Browser) -> None:
    operator.post(f"{HEAD}/lease", {})
    assert operator.post(f"{HEAD}/presets/gate/go").status_code == 204
    until(lambda: not town.head.is_moving)
    assert abs(town.head.position.pan - 0.5) < 1e-3
    assert code(operator.post(f"{HEAD}/presets", {"name": "Mine"})) == (403, "not-allowed")
    assert code(operator.post(f"{HEAD}/presets/nowhere/go")) == (502, "device-fault")
    leader.post(f"{HEAD}/lease", {"over": True})
    made = leader.post(f"{HEAD}/presets", {"name": "Причал №1"})
    assert made.status_code == 201
    assert {"token": made.json()["token"], "name": "Причал №1"} in leader.get(HEAD).json()["presets"]
    assert leader.http.delete(f"{HEAD}/presets/{made.json()['token']}").status_code == 204
    assert len(leader.get(HEAD).json()["presets"]) == 1
    acts = [town.site.audit(action)[-1]["actor"] for action in ("ptz.go", "ptz.keep", "ptz.forget")]
    assert acts == ["operator", "shift_leader", "shift_leader"]


def test_letting_go_stops_the_camera(town: Town, operator: Browser) -> None:
    operator.post(f"{HEAD}/lease", {})
    operator.post(f"{HEAD}/move", {"zoom": 0.2})
    assert operator.http.delete(f"{HEAD}/lease").status_code == 204
    assert not town.head.is_moving
    assert operator.get(HEAD).json().get("lease") is None
    assert town.site.audit("ptz.release")[-1]["actor"] == "operator"
