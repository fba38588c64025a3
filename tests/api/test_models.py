"""Models over HTTP: officer and administrator see them, the officer approves a change, and it is told until then."""

from __future__ import annotations

from istros.compliance.models_record import record_models
from tests.api.site import Site

OLD = {"face-embedder": "a" * 64}
NEW = {"face-embedder": "c" * 64}


def test_a_change_is_told_and_approved(site: Site) -> None:
    officer, administrator = site.browser("protection_officer"), site.browser("administrator")
    for models in (OLD, NEW):
        site.database.write_now(lambda tx, m=models: record_models(tx, site.environment, m, by="istros"))  # type: ignore[misc]
    for browser in (officer, administrator):
        found = browser.get("/api/models").json()
        assert not found["approved"] and found["models"] == [{"name": "face-embedder", "sha256": "c" * 64}]
        assert "models" in [each["kind"] for each in browser.get("/api/notices").json()]
    assert site.browser("operator").http.get("/api/models").status_code == 403
    body = {"set": found["set"], "measuredBy": "administrator", "reason": "measured on the town's own pictures"}
    assert administrator.http.post("/api/models/approve", json=body).status_code == 403
    wrong = officer.http.post("/api/models/approve", json=body | {"after": ["no report"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "models-refused")
    unnamed = officer.http.post("/api/models/approve", json=body)
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "models-refused")
    assert found["changed"] == ["face-embedder"]
    done = officer.post("/api/models/approve", body | {"reason": "no pictures for face-embedder yet"}).json()
    assert done["approved"] and done["changed"] == [] and done["steps"][0]["unmeasured"] == ["face-embedder"]
    assert "models" not in [each["kind"] for each in officer.get("/api/notices").json()]
    assert site.audit("models.approve")[-1]["detail"]["measured_by"] == "administrator"
