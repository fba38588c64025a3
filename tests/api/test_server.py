"""The server ends soon, whatever is open; and the same interface runs on PostgreSQL."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from istros.api.server import PortTaken, serve_api
from tests.api.site import make_site
from tests.api.test_alarms import alarm_for, seen, sought


def test_it_ends_with_websockets_open(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.start()
    operator = site.browser("operator")
    with operator.socket("/api/changes") as changes, operator.socket("/api/live/IZ-07/main") as live:
        live.recv(timeout=10)
        changes.recv(timeout=10)
        site.stop()
        for each in (changes, live):
            with pytest.raises(ConnectionClosed):
                while True:
                    each.recv(timeout=10)
    assert [row["detail"]["step"] for row in site.audit("live.view")] == ["begin", "end"]
    site.database.close()
    site.environment.workers.close()


def test_a_taken_port_is_said_to_be(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken, match="cannot be listened on"):
        asyncio.run(serve_api(site._node(), "127.0.0.1", taken.getsockname()[1], asyncio.Event()))
    site.database.close()
    site.environment.workers.close()


def test_it_serves_from_postgresql(tmp_path: Path, fresh_postgres_url: str) -> None:
    site = make_site(tmp_path, fresh_postgres_url)
    site.start()
    operator = site.browser("operator")
    sought(site, "BH 1001 AA")
    alarm = alarm_for(operator, seen(site, "BH1001AA"))
    assert operator.post(f"/api/alarms/{alarm['id']}/acknowledge").json()["state"] == "acknowledged"
    assert site.browser("protection_officer").get("/api/audit/verify").json()["ok"] is True
    site.stop()
    site.database.close()
    site.environment.workers.close()
