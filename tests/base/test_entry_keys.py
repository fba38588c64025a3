"""Sealed data: it opens with its own key alone, and with nothing once the key is destroyed."""

from __future__ import annotations

import stat
from pathlib import Path
from random import Random

import pytest

from istros.base.entry_keys import SealKeys
from istros.base.sealing import SealBroken


@pytest.fixture
def keys(tmp_path: Path) -> SealKeys:
    return SealKeys(tmp_path / "keys", Random(7))


def test_what_is_sealed_opens_again(keys: SealKeys) -> None:
    keys.make("one")
    sealed = keys.seal("one", b"numbers of a face", "template")
    assert b"numbers" not in sealed
    assert keys.seal("one", b"numbers of a face", "template") != sealed, "no nonce is used twice"
    assert keys.open("one", sealed, "template") == b"numbers of a face"


def test_another_key_another_word_or_a_changed_byte_opens_nothing(keys: SealKeys) -> None:
    for name in ("one", "two"):
        keys.make(name)
    sealed = keys.seal("one", b"numbers", "template")
    broken = bytes([*sealed[:-1], sealed[-1] ^ 1])
    for name, what, data in (("two", "template", sealed), ("one", "picture", sealed), ("one", "template", broken),
                             ("one", "template", b""), ("none", "template", sealed)):  # fmt: skip
        with pytest.raises(SealBroken):
            keys.open(name, data, what)


def test_a_destroyed_key_is_nowhere(keys: SealKeys, tmp_path: Path) -> None:
    keys.make("one")
    place = tmp_path / "keys" / "one.key"
    secret = place.read_bytes()
    sealed = keys.seal("one", b"numbers", "template")
    assert keys.destroy("one") and not keys.destroy("one")
    assert keys.names() == []
    assert not any(secret in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    with pytest.raises(SealBroken, match="gone"):
        keys.open("one", sealed, "template")


def test_a_key_is_readable_for_the_node_alone(keys: SealKeys, tmp_path: Path) -> None:
    keys.make("one")
    assert stat.S_IMODE((tmp_path / "keys" / "one.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    with pytest.raises(FileExistsError):
        keys.make("one")


@pytest.mark.parametrize("name", ["", "../one", "a/b", "a.b", "x" * 65])
def test_a_name_leads_to_no_other_file(keys: SealKeys, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a key"):
        keys.make(name)
