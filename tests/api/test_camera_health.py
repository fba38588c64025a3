"""Health of a camera over HTTP: states, a day's history, signals, and learning anew, on the record."""

from __future__ import annotations

from istros.base.time import DAY, Time
from istros.store import Transaction
from istros.store.health import HealthChangeRow, HealthStateRow, PictureReferenceRow
from istros.store.signals import SignalRow
from tests.api.site import Site


def fill(site: Site) -> None:
    now = site.environment.clock.now()
    new = site.environment.ids.new

    def work(tx: Transaction) -> None:
        tx.health.put([HealthStateRow("IZ-07", "main", "frame-rate", "bad", now, now, 4.0, 25.0)])
        tx.health.put([HealthStateRow("IZ-07", "third", "frame-rate", "bad", now, now, 4.0, 25.0)])
        tx.health.changed(
            [
                HealthChangeRow(new(), "IZ-07", "main", "frame-rate", "ok", Time(now - 3 * DAY), None, None),
                HealthChangeRow(new(), "IZ-07", "main", "frame-rate", "bad", now, 4.0, 25.0),
            ]
        )
        tx.health.put_references([PictureReferenceRow("IZ-07", "09", now, now, 90, b"x")])
        tx.signals.add([SignalRow(0, new(), "IZ-07", "onvif", "tamper", "on", now, now)])

    site.database.write_now(work)


def test_everybody_sees_how_a_camera_does(site: Site) -> None:
    fill(site)
    browser = site.browser("traffic_engineer")
    health = browser.get("/api/cameras/IZ-07/health").json()
    assert [(each["stream"], each["kind"], each["state"], each["value"]) for each in health["states"]] == [
        ("main", "frame-rate", "bad", 4.0)
    ]
    assert [each["state"] for each in health["changes"]] == ["ok", "bad"]
    assert [(each["slot"], each["looks"]) for each in health["references"]] == [("09", 90)]
    assert [each["kind"] for each in browser.get("/api/cameras/IZ-07/signals").json()] == ["tamper"]
    assert browser.get("/api/cameras/XX/health").status_code == 404


def test_only_an_administrator_has_a_camera_learnt_anew_and_it_is_on_the_record(site: Site) -> None:
    fill(site)
    assert site.browser("operator").post("/api/cameras/IZ-07/learn").status_code == 403
    answer = site.browser("administrator").post("/api/cameras/IZ-07/learn")
    assert answer.status_code == 200
    assert answer.json()["references"] == [] and answer.json()["askedAnew"] is not None
    assert "IZ-07" in [row["subject"] for row in site.audit("cameras.learn")]
