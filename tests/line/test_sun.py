"""The sun over a place, against NOAA's own solar calculator (gml.noaa.gov/grad/solcalc) to the minute."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from tests.house.places import ROOT
from tools.node import BuildProblem, find_node

PLACES = {
    # (latitude, longitude, day) -> sunrise and sunset in UTC.
    "Greenwich in summer": (51.4769, 0.0, "2024-06-20", "03:43", "20:21"),
    "Greenwich in winter": (51.4769, 0.0, "2024-12-21", "08:04", "15:53"),
    "Quito": (-0.18, -78.47, "2024-03-20", "11:17", "23:24"),
}


def turns(latitude: float, longitude: float, day: str) -> dict[str, str]:
    try:
        node = find_node()
    except BuildProblem as problem:
        pytest.skip(f"no Node here: {problem}")
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    program = f"""
      import {{ turnsOfLight, lightAt }} from {json.dumps((ROOT / "web/src/base/sun.ts").as_uri())};
      const from = {int(start.timestamp() * 1000)}, spot = {{ latitude: {latitude}, longitude: {longitude} }};
      const found = Object.fromEntries(turnsOfLight(from, from + 86400000, spot).map((t) => [t.kind, new Date(t.at).toISOString()]));
      console.log(JSON.stringify({{ ...found, noon: lightAt(from + 43200000 - longitude() * 240000, spot), }}));
      function longitude() {{ return {longitude}; }}
    """
    run = subprocess.run(
        [node.program, "--no-warnings", "--input-type=module", "-e", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("place", PLACES)
def test_sunrise_and_sunset(place: str) -> None:
    latitude, longitude, day, rise, fall = PLACES[place]
    found = turns(latitude, longitude, day)
    for kind, expected in (("sunrise", rise), ("sunset", fall)):
        told = datetime.fromisoformat(f"{day}T{expected}:00+00:00")
        assert abs(datetime.fromisoformat(found[kind]) - told) <= timedelta(seconds=90), (kind, found[kind])
    assert found["noon"] == "day"
    assert found["dawn"] < found["sunrise"]


def test_where_the_sun_does_not_rise_there_is_no_sunrise() -> None:
    found = turns(69.65, 18.96, "2024-12-21")
    assert "sunrise" not in found
    assert "dawn" in found
