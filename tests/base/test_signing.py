"""Canonical facts, and the node's key."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from istros.base.canonical import GENESIS, canonical, linked
from istros.base.secret_files import SecretExposed
from istros.base.signing import PublicKey, SigningKey, SigningKeyBroken, load_or_make, public_keys

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.one_of(TEXTS, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none())
FACTS = st.dictionaries(
    st.text("abcdefghijklmnopqrstuvwxyzABC_-0123456789", max_size=8), st.one_of(PLAIN, st.lists(PLAIN))
)


@given(FACTS)
def test_canonical_is_the_form_of_rfc_8785(facts: dict[str, object]) -> None:
    assert canonical(facts) == rfc8785.dumps(facts)


def test_numbers_with_a_point_are_refused() -> None:
    for facts in ({"a": 1.5}, {"a": [1, {"b": 2.0}]}):
        with pytest.raises(TypeError, match="whole number"):
            canonical(facts)


def test_a_link_covers_its_facts_and_what_came_before() -> None:
    link = linked({"a": 1}, GENESIS)
    assert len(link) == 64
    assert len({link, linked({"a": 2}, GENESIS), linked({"a": 1}, link)}) == 3


def test_a_signature_holds_for_its_facts_and_its_key_alone() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    signature = key.sign({"number": 7})
    assert key.public.holds({"number": 7}, signature)
    assert not key.public.holds({"number": 8}, signature)
    assert not other.public.holds({"number": 7}, signature)
    assert not key.public.holds({"number": 7}, "no base64!") and not key.public.holds({"number": 7}, "")
    assert not key.public.holds({"number": 7.5}, signature)
    assert PublicKey.of_text(key.public.text) == key.public
    with pytest.raises(ValueError):
        PublicKey.of_text("AAAA")


def test_the_key_is_made_once_and_readable_for_the_node_alone(tmp_path: Path) -> None:
    first = load_or_make(tmp_path / "keys", "recordings")
    again = load_or_make(tmp_path / "keys", "recordings")
    assert first.public == again.public
    assert stat.S_IMODE((tmp_path / "keys/recordings.key").stat().st_mode) == 0o600
    assert public_keys(tmp_path / "keys", "recordings") == {first.public.id: first.public}
    (tmp_path / "keys/recordings.key").chmod(0o640)
    with pytest.raises(SecretExposed, match=r"can be read by others \(mode 0640\)\. Run: chmod 600 "):
        load_or_make(tmp_path / "keys", "recordings")


def test_an_old_public_key_stays_when_the_key_is_replaced(tmp_path: Path) -> None:
    first = load_or_make(tmp_path, "recordings")
    (tmp_path / "recordings.key").unlink()
    second = load_or_make(tmp_path, "recordings")
    assert public_keys(tmp_path, "recordings").keys() == {first.public.id, second.public.id}
    (tmp_path / "recordings-0000000000000000.pub").write_text("rubbish")
    assert len(public_keys(tmp_path, "recordings")) == 2


def test_a_broken_key_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "recordings.key").touch(0o600)
    (tmp_path / "recordings.key").write_text("rubbish")
    with pytest.raises(SigningKeyBroken, match="cannot be read") as raised:
        load_or_make(tmp_path, "recordings")
    assert "rubbish" not in str(raised.value)


def _make(folder: Path) -> None:
    load_or_make(folder, "recordings")


def test_processes_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    processes = [multiprocessing.get_context("spawn").Process(target=_make, args=(tmp_path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(public_keys(tmp_path, "recordings")) == 1
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".key", ".pub"]
