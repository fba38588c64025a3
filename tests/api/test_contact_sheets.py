"""Contact sheets through the interface: bounded, under a permit, every hash on the record."""

from __future__ import annotations

import hashlib

from istros.base.time import SECOND, Time, to_iso
from tests.api.conftest import START
from tests.api.site import Browser, Site


def asked(permit: str, **more: object) -> dict[str, object]:
    span = {"from": to_iso(Time(START - SECOND)), "to": to_iso(Time(START + 2 * SECOND))}
    return {"cameras": ["TL-01", "IZ-07"], "permit": permit, "perCamera": 6, "language": "ro"} | span | more


def test_a_sheet_is_made_and_every_hash_is_on_the_record(site: Site, officer: Browser, data: bytes) -> None:
    permit = officer.open_permit()
    answer = officer.post("/api/contact-sheets", asked(permit, note="Ștefan"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert 'filename="contact-sheet_' in answer.headers["content-disposition"]
    before, made = site.audit("playback.view")[-2:]
    assert (before["detail"]["what"], before["detail"]["each"]) == ("contact-sheet", 6)
    assert made["detail"]["hidden"] is True, "it leaves the node"
    assert made["detail"]["sha256"] == answer.headers["x-istros-sha256"] == hashlib.sha256(answer.content).hexdigest()
    hashes = {sha256 for camera, _, sha256 in made["detail"]["pictures"] if camera == "TL-01"}
    assert len(hashes) == len(made["detail"]["pictures"]) == 4
    starts = [at for at in range(len(answer.content)) if answer.content.startswith(b"\xff\xd8\xff", at)]
    ends = [answer.content.index(b"\xff\xd9\nendstream", at) + 2 for at in starts]
    assert {hashlib.sha256(answer.content[at:end]).hexdigest() for at, end in zip(starts, ends, strict=True)} == hashes


def test_without_a_permit_or_beyond_its_bounds_there_is_none(site: Site, officer: Browser, data: bytes) -> None:
    assert officer.post("/api/contact-sheets", asked(officer.permit)).status_code == 403
    permit = officer.open_permit()
    many = officer.post("/api/contact-sheets", asked(permit, perCamera=31))
    assert (many.status_code, many.json()["code"]) == (422, "bad-request")
    assert officer.post("/api/contact-sheets", asked(permit, perCamera=0)).status_code == 422
    assert officer.post("/api/contact-sheets", asked(permit, language="ru")).status_code == 422
    empty = officer.post("/api/contact-sheets", asked(permit, cameras=["IZ-07"]))
    assert (empty.status_code, empty.json()["code"]) == (404, "no-picture")
