"""What stands over the screens of those whom it concerns: no stamp for the audit log."""

from __future__ import annotations

from istros.base.time import HOUR, Time
from istros.store.health import HealthStateRow
from tests.api.site import Site


def test_a_missing_stamp_stands_over_the_screens_of_officer_and_administrator(site: Site) -> None:
    since = Time(site.environment.clock.now() - HOUR)
    row = HealthStateRow("", "ro", "audit-unstamped", "bad", since, since, 4.0, None)
    site.database.write_now(lambda tx: tx.health.put([row]))
    for role, sees in (("protection_officer", True), ("administrator", True), ("operator", False), ("patrol", False)):
        found = [each for each in site.browser(role).get("/api/notices").json() if each["kind"] == "audit-unstamped"]
        assert [each["subject"] for each in found] == (["ro"] if sees else []), role
    site.database.write_now(
        lambda tx: tx.health.put([HealthStateRow("", "ro", row.kind, "ok", since, since, 0.0, None)])
    )
    assert site.browser("administrator").get("/api/notices").json() == []


def test_the_download_of_anchors_is_on_the_record_as_at_the_command_line(site: Site) -> None:
    assert site.browser("protection_officer").get("/api/oversight/anchors").status_code == 200
    (row,) = site.database.read_now(lambda tx: tx.audit.page(limit=1, action="anchors.export"))
    assert (row.actor, row.subject) == ("protection_officer", "audit")
