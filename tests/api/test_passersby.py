"""People who passed: hidden small numbers, and a search by looks that needs a permit and stands on the record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from istros.base.time import HOUR, MINUTE, Time, to_iso
from istros.compliance.small_numbers import hidden_below
from istros.store.people import PeopleCountRow, PersonSeenRow
from tests.api.site import Browser, Site


def person(site: Site, number: int, **more: Any) -> PersonSeenRow:
    time = Time(site.environment.clock.now() - number * MINUTE)
    facts: dict[str, Any] = {
        "id": f"person-{number}", "camera_id": "TL-01", "track_id": "t", "first_seen": time, "last_seen": time,
        "box": (0.1, 0.1, 0.2, 0.4), "height_px": 200, "direction": "left", "upper": (("red", 0.7), ("grey", 0.3)),
        "lower": (("blue", 0.9),), "bag": None, "age_low": 30, "age_high": 44, "sex": "female", "sex_certainty": 0.9,
    }  # fmt: skip
    return PersonSeenRow(**(facts | more))


@pytest.fixture(scope="module", autouse=True)
def seen(site: Site) -> None:
    rows = [
        person(site, 1), person(site, 2, upper=(("black", 0.9),), bag="backpack", direction="right"),
        person(site, 3, upper=(("red", 0.3), ("white", 0.6)), camera_id="IZ-07"),
        person(site, 4, age_low=None, age_high=None, sex=None, sex_certainty=None),
    ]  # fmt: skip
    hour = Time((site.environment.clock.now() // HOUR - 1) * HOUR)
    not_over = Time(hour + 2 * HOUR)  # by the next hour, too, should it begin while the tests run
    counts = [
        PeopleCountRow("TL-01", not_over, "", "", 40), PeopleCountRow("TL-01", not_over, "30-44", "female", 12),
        PeopleCountRow("TL-01", hour, "", "", 57), PeopleCountRow("IZ-07", hour, "", "", 9),
        PeopleCountRow("TL-01", hour, "18-29", "female", 21), PeopleCountRow("TL-01", hour, "18-29", "male", 14),
        PeopleCountRow("TL-01", hour, "30-44", "male", 4),
    ]  # fmt: skip

    def fill(tx: Any) -> None:
        tx.people.add(rows)
        tx.people.add(rows)
        tx.people.count(counts)

    site.database.write_now(fill)


def span(site: Site, hours: float = 1) -> dict[str, str]:
    now = site.environment.clock.now()
    return {"from": to_iso(Time(now - round(hours * HOUR))), "to": to_iso(Time(now + MINUTE))}


def found(browser: Browser, site: Site, **query: Any) -> Any:
    return browser.http.get("/api/passersby", params=span(site) | query)


def test_people_are_searched_by_looks_under_a_permit_on_the_record(site: Site, officer: Browser) -> None:
    assert found(officer, site, permit="none").status_code == 403
    assert found(officer, site, permit=officer.open_permit("stolen-vehicle")).status_code == 403, "not for vehicles"
    permit = officer.open_permit("missing-person")
    everybody = found(officer, site, permit=permit).json()
    assert (len(everybody["people"]), everybody["searched"]) == (4, 4)
    assert {each["agreement"] for each in everybody["people"]} == {None}, "no clothes were asked for"
    red = found(officer, site, permit=permit, upper="red").json()["people"]
    assert [each["id"] for each in red] == ["person-1", "person-4", "person-3"], "the best fitting first"
    assert [each["agreement"] for each in red] == [0.7, 0.7, 0.3]
    assert [each["id"] for each in found(officer, site, permit=permit, bag="backpack").json()["people"]] == ["person-2"]
    women = found(officer, site, permit=permit, sex="female", age=35, camera="TL-01").json()
    assert [each["id"] for each in women["people"]] == ["person-1", "person-2"]
    assert women["people"][0]["ageSex"] == {"low": 30, "high": 44, "sex": "female", "certainty": 0.9}
    row = site.audit("persons.search")[-1]
    assert (row["detail"]["sex"], row["detail"]["age"], row["permit"]) == ("female", 35, permit)


def test_a_search_reaches_no_further_than_the_profile(site: Site, officer: Browser) -> None:
    answer = officer.http.get("/api/passersby", params=span(site, 200) | {"permit": officer.open_permit("offence")})
    assert (answer.status_code, answer.json()["code"]) == (422, "search-too-wide")
    assert "168 hours" in answer.json()["message"] and "another profile" in answer.json()["remedy"]
    assert (answer.json()["said"], answer.json()["facts"]) == ("search-hours-over", {"count": 168})
    assert "168 hours" in site.audit("persons.search", "refused")[-1]["detail"]["why"]


def test_small_groups_are_hidden(site: Site) -> None:
    answer = site.browser("traffic_engineer").http.get("/api/passersby/counts", params=span(site, 2)).json()
    told = {(each["cameraId"], each["band"], each["sex"]): each.get("count") for each in answer["counts"]}
    assert told == {
        ("TL-01", "", ""): 57, ("IZ-07", "", ""): None, ("TL-01", "18-29", "female"): 21,
        ("TL-01", "18-29", "male"): None, ("TL-01", "30-44", "male"): None,
    }  # fmt: skip
    assert (answer["least"], answer["counted"], answer["byAgeAndSex"]) == (10, True, True)
    assert site.browser("administrator").http.get("/api/passersby/counts", params=span(site)).status_code == 403


@given(some.dictionaries(some.text(max_size=3), some.integers(0, 40), max_size=8))
def test_no_small_group_is_told_and_none_follows_from_the_rest(counts: dict[str, int]) -> None:
    told = hidden_below(counts)
    assert not [count for count in told.values() if count is not None and 0 < count < 10]
    hidden = [key for key, count in told.items() if count is None]
    assert len(hidden) != 1 or not [count for count in counts.values() if count >= 10]
    left = [count for count in told.values() if count is not None and count >= 10]
    assert not hidden or not left or sum(counts[key] for key in hidden) >= 10, "their sum would tell them one by one"


def test_an_hour_is_told_once_it_is_over(site: Site) -> None:
    """Whoever asked twice while it runs would see one person be added, with age and sex."""
    browser, running = site.browser("traffic_engineer"), site.environment.clock.now() // HOUR * HOUR
    query = {"from": to_iso(Time(running - 2 * HOUR)), "to": to_iso(Time(running + 3 * HOUR))}
    told = browser.http.get("/api/passersby/counts", params=query).json()["counts"]
    assert told and {each["count"] for each in told} & {40, 12} == set()
