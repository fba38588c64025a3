"""The gap ledger and the monthly availability over HTTP."""

from __future__ import annotations

import csv
import io

from istros.base.time import HOUR, MINUTE, Time, to_datetime, to_iso
from istros.store.rows import GapCause, GapRow
from tests.api.site import Site


def put(site: Site, *rows: GapRow) -> None:
    site.database.write_now(lambda tx: [tx.gaps.open(row) for row in rows])


def gap(id: str, start: Time, minutes: int, cause: GapCause, detail: str = "no answer") -> GapRow:
    return GapRow(
        id, "IZ-07", "main", start, Time(start + minutes * MINUTE), cause, detail, "camera-unreachable", (("a", 1),)
    )


def test_the_ledger_is_read_without_a_permit_in_pages_and_as_a_file(site: Site) -> None:
    now = site.environment.clock.now()
    start = Time(now - 300 * 24 * HOUR)
    rows = [
        gap(f"p{n}", Time(start + n * HOUR), 5, list(GapCause)[n % 5], "=1+1" if n == 1 else "no") for n in range(5)
    ]
    put(site, *rows)
    span = {"from": to_iso(start), "to": to_iso(Time(start + 5 * HOUR))}
    officer = site.browser("protection_officer").http
    first = officer.get("/api/gaps", params={**span, "limit": 3}).json()
    assert [row["id"] for row in first["gaps"]] == ["p4", "p3", "p2"]
    rest = officer.get("/api/gaps", params={**span, "limit": 3, "before": first["next"]}).json()
    assert [row["id"] for row in rest["gaps"]] == ["p1", "p0"] and rest["next"] is None
    assert rest["gaps"][1]["facts"] == {"a": 1} and rest["gaps"][1]["code"] == "camera-unreachable"
    disk = officer.get("/api/gaps", params={**span, "cause": "disk", "camera": "IZ-07"}).json()
    assert [row["id"] for row in disk["gaps"]] == ["p3"]
    file = officer.get("/api/gaps.csv", params=span)
    assert file.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert len(lines) == 6 and lines[1][4] == "300.000"
    assert lines[4][7] == "'=1+1", "no formula from outside"
    for wrong in ({"before": "x"}, {"before": "1e5.x"}, {"limit": 0}, {"cause": "weather"}):
        assert officer.get("/api/gaps", params={**span, **wrong}).status_code in (400, 422)


def test_a_month_tells_what_took_the_rest(site: Site) -> None:
    now = site.environment.clock.now()
    month = f"{to_datetime(Time(now - 200 * 24 * HOUR)):%Y-%m}"
    first = Time(now - 200 * 24 * HOUR)
    start = Time(first - to_datetime(first).day * 24 * HOUR + 26 * HOUR)
    put(site, gap(f"m-{month}", start, 60, GapCause.NETWORK))
    administrator = site.browser("administrator").http
    answer = administrator.get("/api/availability", params={"month": month}).json()
    (main,) = [each for each in answer["streams"] if (each["cameraId"], each["stream"]) == ("IZ-07", "main")]
    assert answer["month"] == month and main["missingS"]["network"] >= 3600
    assert abs(main["expectedS"] - main["recordedS"] - sum(main["missingS"].values())) < 0.01
    assert 0 < main["share"] < 1
    file = administrator.get("/api/availability.csv", params={"month": month}).text
    assert "IZ-07,main," in file
    assert administrator.get("/api/availability").status_code == 200
    for wrong in ("2026-13", "2026", "x", "0000-01", "1969-12"):
        assert administrator.get("/api/availability", params={"month": wrong}).status_code in (400, 422)
