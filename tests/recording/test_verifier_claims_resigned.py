"""Claims that somebody with the node's own key signed anew over less than the whole: the page finds each.

The store is rewritten in place: the padding beside the signature takes up what became longer or shorter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
import pytest
from playwright.sync_api import Browser

from tests.recording.test_claims import OURS, forge, one
from tests.recording.test_claims import unpacked as unpacked
from tests.recording.test_stamped import said_by_page
from tests.recording.test_verifier_claims import FILM, STILL
from tests.recording.test_verifier_claims import both as both

pytestmark = pytest.mark.browser


@dataclass
class Box:
    """A box of JUMBF: bytes, or the boxes in it."""

    kind: bytes
    content: bytes | list[Box]

    @classmethod
    def all_in(cls, data: bytes) -> list[Box]:
        found, at = [], 0
        while at < len(data):
            size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
            inner = data[at + 8 : at + size]
            found.append(cls(kind, cls.all_in(inner) if kind == b"jumb" else inner))
            at += size
        return found

    @property
    def inner(self) -> list[Box]:
        assert isinstance(self.content, list)
        return self.content

    @property
    def label(self) -> str:
        described = self.inner[0].content
        assert isinstance(described, bytes)
        return described[17 : described.index(b"\0", 17)].decode()

    @property
    def cbor(self) -> Any:
        content = self.inner[1].content
        assert isinstance(content, bytes)
        return cbor2.loads(content)

    @cbor.setter
    def cbor(self, value: Any) -> None:
        self.inner[1].content = cbor2.dumps(value)

    @property
    def body(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else b"".join(map(bytes, self.content))

    def __bytes__(self) -> bytes:
        return (len(self.body) + 8).to_bytes(4, "big") + self.kind + self.body


class Store:
    """The claim in a file, to be changed and signed anew by the node's key."""

    def __init__(self, path: Path) -> None:
        self.path, self.data = path, path.read_bytes()
        self.start = self.data.index(b"jumb") - 4
        self.end = self.start + int.from_bytes(self.data[self.start : self.start + 4], "big")
        (self.root,) = Box.all_in(self.data[self.start : self.end])
        self.active = self.root.inner[-1]

    def part(self, label: str) -> Box:
        return [box for box in self.active.inner[1:] if box.label == label][-1]

    @property
    def assertions(self) -> list[Box]:
        return self.part("c2pa.assertions").inner

    def assertion(self, start: str) -> Box:
        return next(box for box in self.assertions[1:] if box.label.startswith(start))

    def change_claim(self, change: Callable[[dict[str, Any]], None]) -> None:
        claim = self.part("c2pa.claim.v2")
        facts = claim.cbor
        change(facts)
        claim.cbor = facts

    def write(self) -> None:
        signature, claim = self.part("c2pa.signature"), self.part("c2pa.claim.v2").inner[1].content
        covered, beside, _, _ = signature.cbor.value
        sent = OURS.sign(cbor2.dumps(["Signature1", covered, b"", claim]))
        padding = len(beside["pad"])
        for _ in range(2):  # as it was, then by as much as what came out is too short
            cose = [covered, {**beside, "pad": bytes(padding)}, None, sent]
            signature.cbor = cbor2.CBORTag(18, cose)
            padding += self.end - self.start - len(bytes(self.root))
        made = bytes(self.root)
        assert len(made) == self.end - self.start
        self.path.write_bytes(self.data[: self.start] + made + self.data[self.end :])


def bind(store: Store, exclusions: list[dict[str, Any]]) -> None:
    """The film's bytes, bound with these left out."""
    binding = store.assertion("c2pa.hash.bmff")
    facts = binding.cbor
    left_out, digest, at = {rule["xpath"] for rule in exclusions}, hashlib.sha256(), 0
    while at < len(store.data):
        size = int.from_bytes(store.data[at : at + 4], "big")
        size = int.from_bytes(store.data[at + 8 : at + 16], "big") if size == 1 else size
        if f"/{store.data[at + 4 : at + 8].decode()}" not in left_out:
            digest.update(at.to_bytes(8, "big") + store.data[at : at + size])
        at += size
    binding.cbor = facts | {"exclusions": exclusions, "hash": digest.digest()}

    def name(claim: dict[str, Any]) -> None:
        uri = next(each for each in claim["created_assertions"] if each["url"].endswith(binding.label))
        uri["hash"] = hashlib.sha256(binding.body).digest()

    store.change_claim(name)


def told(browser: Browser, folder: Path) -> list[str]:
    forge(folder)
    _, findings, notes = said_by_page(browser, folder)
    assert "claimUnchecked" not in notes
    return findings


def test_a_claim_that_is_signed_anew_as_it_was_holds(unpacked: Path, browser: Browser) -> None:
    """So what the others are found by is what they leave out."""
    store = Store(one(unpacked, FILM))
    binding = store.assertion("c2pa.hash.bmff").cbor
    bind(store, binding["exclusions"])
    assert store.assertion("c2pa.hash.bmff").cbor == binding
    store.write()
    assert told(browser, unpacked) == []


@pytest.mark.parametrize(
    "rule",
    [{"xpath": "/mdat"}, {"xpath": "/uuid"}, {"xpath": "/moov", "data": None}, {"xpath": "/moov/trak"}, {"xpath": "/free", "length": 9}],
    ids=["the pictures", "any uuid", "the index", "a part", "more than a path"],
)  # fmt: skip
def test_a_film_whose_claim_leaves_out_more_than_itself(unpacked: Path, browser: Browser, rule: dict[str, Any]) -> None:
    store = Store(one(unpacked, FILM))
    bind(store, [*store.assertion("c2pa.hash.bmff").cbor["exclusions"], rule])
    store.write()
    assert told(browser, unpacked) == ["claimBytes"]


@pytest.mark.parametrize("pattern", [FILM, STILL])
def test_one_assertion_twice_in_place_of_another(unpacked: Path, browser: Browser, pattern: str) -> None:
    store = Store(one(unpacked, pattern))
    boxes = store.assertions
    boxes[boxes.index(store.assertion("org.istros.source"))] = store.assertion("c2pa.actions")
    store.write()
    assert told(browser, unpacked) == ["claimEdited"]


def test_a_claim_that_names_one_assertion_twice(unpacked: Path, browser: Browser) -> None:
    store = Store(one(unpacked, FILM))
    store.assertions.remove(store.assertion("org.istros.source"))

    def name(claim: dict[str, Any]) -> None:
        lists = [claim[key] for key in ("created_assertions", "gathered_assertions") if key in claim]
        twice = next(uri for uris in lists for uri in uris if "c2pa.actions" in uri["url"])
        for uris in lists:
            uris[:] = [twice if "org.istros.source" in uri["url"] else uri for uri in uris]

    store.change_claim(name)
    store.write()
    assert told(browser, unpacked) == ["claimEdited"]


@pytest.mark.parametrize("label", ["c2pa.claim.v2", "c2pa.assertions", "c2pa.signature"])
def test_a_manifest_with_two_boxes_of_one_name(unpacked: Path, browser: Browser, label: str) -> None:
    """A reader that takes the first box would read another claim than one that takes the last."""
    store = Store(one(unpacked, FILM))
    described = store.part(label).inner[0]
    store.active.inner.insert(1, Box(b"jumb", [described, Box(b"cbor", b"\xf6")]))
    store.write()
    assert told(browser, unpacked) == ["claimEdited"]
