"""The timeline of many cameras: what it holds, how it gathers, and that a month of thirty stays one small answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from istros.api.timeline import gaps_of, slot_of, timeline
from istros.base.time import DAY, HOUR, MINUTE, SECOND, Span, Time, to_iso
from istros.store import Transaction
from istros.store.holds import HoldRow
from istros.store.rows import GapCause, GapRow
from tests.api.site import Browser, Site, camera
from tests.store.rows_made import START, alarm, at, entry, read, segment


@pytest.fixture(scope="module")
def filled(site: Site) -> None:
    def work(tx: Transaction) -> None:
        for number in range(6):
            tx.segments.add(replace(segment(number, seconds=number * 10), id=f"line-{number}", path=f"line/{number}"))
        tx.segments.add(replace(segment(9, seconds=120), id="line-9", path="line/9"))
        tx.gaps.open(GapRow("g1", "IZ-07", "main", at(60), at(120), GapCause.NETWORK, "cable"))
        for number in (1, 2, 40):
            tx.reads.add(replace(read(number, "BH1234AA"), id=f"line-r{number}"))
        tx.reads.add(replace(read(50, "IF777AB"), id="line-r50"))
        tx.alarms.add(replace(alarm(41), id="line-a41"))
        for number, (start, end) in enumerate([(30, 70), (60, 90), (-50, 5)]):
            tx.holds.add(
                HoldRow(
                    f"line-h{number}", ("IZ-07",), at(start), at(end), "evidence", "case", "CPC", "114", "izmail", None,
                    at(0), "olena",
                )
            )  # fmt: skip
        tx.watchlist.add(replace(entry(0, "IF777AB"), id="line-w", expires=Time(site.environment.clock.now() + DAY)))

    site.database.write_now(work)


def ask(officer: Browser, span: Span, **more: object) -> dict[str, object]:
    cameras = ["IZ-07", "TL-01"]
    query = {"camera": cameras, "from": to_iso(span.start), "to": to_iso(span.end), "permit": officer.open_permit()}
    answer = officer.get("/api/timeline", **query | more)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def ms(seconds: float) -> int:
    return at(seconds) // 1000


def marks(line: dict[str, object], kind: str) -> dict[str, list[tuple[int, int]]]:
    """(time, count) by name."""
    return {
        each["name"]: list(zip(each["times"], each["counts"], strict=True))
        for each in line["marks"]  # type: ignore[attr-defined]
        if each["kind"] == kind
    }


def test_a_minute_tells_everything_exactly(site: Site, filled: None) -> None:
    found = ask(site.browser("investigator"), Span(START, at(180)))
    ours, other = found["cameras"]  # type: ignore[misc]
    assert ours["recorded"] == [ms(0), ms(60), ms(120), ms(130)]
    assert ours["held"] == [ms(0), ms(5), ms(30), ms(90)]
    assert ours["gaps"] == [
        {"start": ms(60), "end": ms(120), "cause": "network", "detail": "cable", "count": 1, "missingS": 60.0}
    ]
    assert marks(ours, "read") == {"": [(ms(number), 1) for number in (1, 2, 40, 50)]}
    assert marks(ours, "listed") == {"": [(ms(50), 1)]}
    assert marks(ours, "alarm") == {"high": [(ms(41), 1)]}
    assert (other["cameraId"], other["recorded"], other["marks"]) == ("TL-01", [], [])
    assert site.audit("playback.view")[-1]["detail"]["what"] == "timeline"


def test_a_month_is_gathered_and_loses_no_count(site: Site, filled: None) -> None:
    month = Span(Time(at(180) - 30 * DAY), at(180))
    found = ask(site.browser("investigator"), month)
    assert found["slotS"] == 6 * 3600
    ours = found["cameras"][0]  # type: ignore[index]
    assert sum(count for _, count in marks(ours, "read")[""]) == 4
    assert marks(ours, "read")[""][0][0] == ms(1)
    assert marks(ours, "listed") == {"": [(ms(50), 1)]}


def test_the_next_moment_is_found_and_on_the_record(site: Site, filled: None) -> None:
    officer = site.browser("investigator")
    asked = {"camera": ["TL-01", "IZ-07"], "time": to_iso(at(2)), "permit": officer.open_permit()}

    def look(kind: str, **more: object) -> tuple[str | None, str | None]:
        answer = officer.get("/api/timeline/next", kind=kind, **asked | more).json()
        return answer["time"], answer["cameraId"]

    assert look("read") == (to_iso(at(40)), "IZ-07")
    assert look("read", later=False) == (to_iso(at(1)), "IZ-07")
    assert (look("gap"), look("alarm")) == ((to_iso(at(60)), "IZ-07"), (to_iso(at(41)), "IZ-07"))
    assert look("read", time=to_iso(Time(site.environment.clock.now() + HOUR))) == (None, None)
    assert site.audit("playback.view")[-1]["detail"]["what"] == "jump"
    assert officer.get("/api/timeline/next", kind="face", **asked).status_code == 422


def test_whether_something_lies_beyond_the_permit_is_not_told(site: Site, filled: None) -> None:
    officer = site.browser("investigator")
    narrow = officer.open_permit(reachFrom=to_iso(at(2)), reachTo=to_iso(at(41)), cameras=["IZ-07"])

    def look(kind: str, seconds: float, later: bool = True, cameras: tuple[str, ...] = ("IZ-07",)) -> Any:
        asked = {"camera": cameras, "time": to_iso(at(seconds)), "permit": narrow, "kind": kind, "later": later}
        return officer.get("/api/timeline/next", **asked)

    assert look("read", 0).json()["time"] == to_iso(at(2)), "the first that the permit reaches, not the one at 1"
    assert look("read", 50, later=False).json()["time"] == look("read", 2).json()["time"] == to_iso(at(40))
    for beyond in (look("read", 40), look("alarm", 2), look("gap", 2), look("read", 60), look("read", 2, later=False)):
        assert (beyond.status_code, beyond.json()) == (200, {"time": None, "cameraId": None})
    assert look("read", 2 * 365 * 86400).json()["time"] is None, "as where there is nothing anywhere"
    for kind in ("read", "gap"):
        assert look(kind, 2, cameras=("IZ-07", "TL-01")).json()["said"] == "permit-cameras"


def test_the_permit_bounds_it_and_too_many_cameras_are_refused(site: Site, filled: None) -> None:
    officer = site.browser("investigator")
    span = {"from": to_iso(START), "to": to_iso(at(60))}
    assert officer.get("/api/timeline", camera=["IZ-07"], permit=officer.permit, **span).status_code == 403
    many = officer.get("/api/timeline", camera=["IZ-07"] * 33, permit=officer.open_permit(), **span)
    assert (many.status_code, many.json()["code"]) == (422, "invalid-field")


def gap(number: int, start: float, end: float | None, cause: GapCause = GapCause.NETWORK) -> GapRow:
    return GapRow(str(number), "IZ-07", "main", at(start), None if end is None else at(end), cause, f"d{number}")


def test_gaps_that_cannot_be_told_apart_are_one_with_their_number_and_what_is_missing() -> None:
    rows = [gap(1, 0, 10), gap(2, 20, 50, GapCause.CAMERA), gap(3, 60, 61), gap(4, 5000, 5001), gap(5, 5002, None)]
    one, alone, lasting = gaps_of(rows, 100 * SECOND, at(5010))
    assert (one.start, one.end, one.count, one.missing_s) == (ms(0), ms(61), 3, 41.0)
    assert (one.cause, one.detail) == ("camera", "d2")
    assert (alone.count, lasting.end, lasting.missing_s) == (1, None, 8.0)
    assert len(gaps_of(rows, SECOND, at(5010))) == 5


def test_slots_fit_the_screen() -> None:
    def slot(us: int, cameras: int) -> int:
        return slot_of(Span(START, Time(START + us)), cameras)

    assert slot(MINUTE, 1) == SECOND // 4
    assert slot(DAY, 4) == DAY // 480
    assert slot(30 * DAY, 30) == 6 * HOUR
    assert slot(10 * DAY, 1) == HOUR
    assert 30 * (30 * DAY // slot(30 * DAY, 30)) <= 4800
    assert slot(40 * DAY, 30) == 6 * HOUR


def test_a_timeline_of_a_camera_without_a_main_stream(site: Site) -> None:
    only = camera("IZ-07", "Izmail")
    only = replace(only, streams=only.streams[1:])
    found = site.database.read_now(lambda tx: timeline(tx, [only], Span(START, at(60)), at(60)))
    assert found.cameras[0].recorded == []
