"""`istros operator key`: made, listed and revoked on the node's own machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from istros.cli.operators import add_key, list_keys, revoke_key
from istros.compliance.errors import AccountRefused


def test_a_key_is_made_listed_and_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "istros.toml"
    config.write_text("")
    add_key("weather", action=["gaps.read"], organisation="Izmail", config=config)
    made = capsys.readouterr()
    assert made.out.startswith("istros.") and made.err == ""
    with pytest.raises(AccountRefused):
        add_key("searcher", action=["plates.search"], organisation="Izmail", config=config)
    add_key(
        "searcher", action=["plates.search"], organisation="Izmail", purpose="offence", ground="Art. 40", case="7",
        config=config,
    )  # fmt: skip
    assert "data-protection officer" in capsys.readouterr().err
    list_keys(config=config)
    listed = capsys.readouterr().out
    assert [line.split("\t")[:3] for line in listed.splitlines()] == [
        ["searcher", "waiting", "plates.search"],
        ["weather", "valid", "gaps.read"],
    ]
    assert made.out.strip() not in listed
    revoke_key("Weather", config=config)
    capsys.readouterr()
    list_keys(config=config)
    assert "weather\trevoked" in capsys.readouterr().out
