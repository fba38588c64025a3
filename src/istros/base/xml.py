"""XML from outside: no document type, no entities, nothing loaded, and no tree deeper or larger than a camera's answer."""

from __future__ import annotations

from typing import Any

from lxml import etree

from istros.base.errors import IstrosError

LARGEST = 4 << 20
"""Bytes of a document; the longest honest answer of a camera is 100 kB."""

DEEPEST = 100
"""Elements inside one another; ONVIF's own answers have 12."""


class XmlRefused(IstrosError):
    """The text is no XML that the node reads."""

    code = "xml-refused"


class _Depth:
    """A parser's target that counts how deep it is, and builds nothing."""

    def __init__(self) -> None:
        self._depth = 0

    def start(self, _tag: str, _attributes: Any) -> None:
        """One deeper."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise XmlRefused("The XML is nested deeper than any device's answer.", "Ask the device's maker.")

    def end(self, _tag: str) -> None:
        """One up."""
        self._depth -= 1

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """No document type: it is where entities come from, and no device needs one."""
        raise XmlRefused("The XML brings a document type of its own.", "Ask the device's maker to leave it out.")

    def close(self) -> None:
        """Nothing to give."""


def check_xml(document: bytes, *, forgiving: bool = False) -> None:
    """Raises XmlRefused for a document that is too large, too deep, has a document type, or is no XML.

    `forgiving`: small faults are left to whoever reads it, as zeep reads cameras that write bad XML.
    """
    if len(document) > LARGEST:
        raise XmlRefused(f"The XML is larger than {LARGEST >> 20} MiB.", "Ask the device's maker.")
    try:
        etree.fromstring(document, _parser(target=_Depth(), recover=forgiving))
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise XmlRefused(f"The text is no XML ({type(error).__name__}).", "A newer firmware may mend it.") from None


def parse_xml(document: bytes) -> etree._Element:
    """The root element of a checked document. Raises XmlRefused."""
    check_xml(document)
    try:
        return etree.fromstring(document, _parser())
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise XmlRefused(f"The text is no XML ({type(error).__name__}).", "A newer firmware may mend it.") from None


def _parser(**more: Any) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, **more,
    )  # fmt: skip
