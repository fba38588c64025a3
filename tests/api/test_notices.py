"""What stands over the screens of those whom it concerns: no stamp for the audit log."""

from __future__ import annotations

from functools import partial

from istros.base.time import HOUR, Time, to_iso
from istros.compliance.divided import OVERSEES
from istros.store import Transaction
from istros.store.health import HealthStateRow
from tests.api.site import Browser, Site


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


def set_disabled(tx: Transaction, ids: list[str], disabled: bool) -> None:
    for id in ids:
        tx.operators.set_disabled(id, disabled)


def test_while_no_officer_works_for_the_node_officers_of_others_see_all_and_everybody_who_can_mend_it_is_told(
    site: Site,
) -> None:
    away = site.newcomer("officer_n", "protection_officer", "tulcea", must_change=False)
    leader_away = site.newcomer("leader_n", "shift_leader", "tulcea", must_change=False)
    facts = {"what": "A clip lay on a shared drive."}
    body = {"law": "gdpr", "known": to_iso(site.environment.clock.now()), "facts": facts}
    made = site.browser("operator").post("/api/breaches", body).json()

    def told(browser: Browser) -> set[str]:
        return {each["subject"] for each in browser.get("/api/notices").json() if each["kind"] == "no-officer"}

    def sees(browser: Browser) -> bool:
        return made["id"] in {each["id"] for each in browser.get("/api/breaches").json()}

    administrator = site.browser("administrator")
    assert (told(administrator), sees(away), sees(leader_away)) == (set(), False, False)
    officers = site.database.read_now(
        lambda tx: [row.id for row in tx.operators.all() if (row.role, row.organisation) == (OVERSEES, "izmail")]
    )
    for disabled in (True, False):
        site.database.write_now(partial(set_disabled, ids=officers, disabled=disabled))
        expected = {"izmail"} if disabled else set()
        assert (told(administrator), told(away), told(leader_away)) == (expected, expected, set())
        assert (sees(away), sees(leader_away)) == (disabled, False)
