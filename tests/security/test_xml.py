"""XML from outside: no entities, no document types, nothing loaded, no depth, and every parser goes this way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.xml import DEEPEST, LARGEST, XmlRefused, check_xml, parse_xml
from istros.devices.discovery import read_datagram
from istros.devices.onvif.events import parse_notices
from tests.house.places import SOURCES, name_of

LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]><l>&e;&e;&e;&e;</l>'
)
HOSTILE = {
    "billion laughs": LAUGHS,
    "quadratic": b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 50_000 + b'">]><l>' + b"&a;" * 5_000 + b"</l>",
    "external file": b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>',
    "external host": b'<!DOCTYPE l SYSTEM "http://169.254.169.254/evil.dtd"><l/>',
    "parameter entity": b'<!DOCTYPE l [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]><l/>',
    "document type alone": b"<!DOCTYPE l><l/>",
    "utf-16": '<!DOCTYPE l [<!ENTITY a "b">]><l>&a;</l>'.encode("utf-16"),
    "deep": b"<l>" * (DEEPEST + 1) + b"</l>" * (DEEPEST + 1),
    "endless depth": b"<l>" * 100_000,
    "large": b"<l>" + b"x" * LARGEST + b"</l>",
    "empty": b"",
    "unknown coding": b'<?xml version="1.0" encoding="nope"?><l/>',
    "unknown entity": b"<l>&nothing;</l>",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused_in_a_sentence(document: bytes) -> None:
    for reader in (parse_xml, parse_notices):
        with pytest.raises(XmlRefused, match="XML"):
            reader(document)
    assert read_datagram(document, lambda: "read") is None


def test_plain_xml_is_read() -> None:
    root = parse_xml(b'<?xml version="1.0"?><!-- a word --><s:a xmlns:s="urn:s"><b c="d">&lt;e&gt;</b></s:a>')
    assert root[0].text == "<e>" and root[0].get("c") == "d"
    check_xml(b"<l>" * DEEPEST + b"</l>" * DEEPEST)


def test_small_faults_are_forgiven_only_where_asked() -> None:
    broken = b"<a><b></a>"
    check_xml(broken, forgiving=True)
    with pytest.raises(XmlRefused):
        check_xml(broken)
    with pytest.raises(XmlRefused, match="document type"):
        check_xml(HOSTILE["external file"], forgiving=True)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet='<>&;!/=?"a []x-', max_size=120).map(str.encode)))
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    try:
        parse_xml(document)
    except XmlRefused:
        return


PARSING = re.compile(
    r"(?:etree\.(?:fromstring|parse|XML|iterparse)|minidom\.parse|ElementTree|XMLParser|expat|sax\.parse)\(?"
)
READERS = {
    "src/istros/base/xml.py": "the guard itself",
    "src/istros/sim/cameras/onvif/soap.py": "the simulated camera's own reading of what the node asks it",
}


def test_xml_is_parsed_in_one_place() -> None:
    found = {
        name_of(path)
        for path in SOURCES.rglob("*.py")
        for line in Path(path).read_text(encoding="utf-8").splitlines()
        if PARSING.search(line) and not line.strip().startswith("#")
    }
    assert found - set(READERS) == set()
