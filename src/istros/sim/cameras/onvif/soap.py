"""SOAP 1.2 as cameras speak it: the envelope, who asks (WS-Security UsernameToken), faults in ONVIF's words."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from xml.sax.saxutils import escape as escape

from lxml import etree

from istros.base.time import SECOND, Time, from_iso, to_iso

SOAP = "http://www.w3.org/2003/05/soap-envelope"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
RECORDING = "http://www.onvif.org/ver10/recording/wsdl"
SEARCH = "http://www.onvif.org/ver10/search/wsdl"
REPLAY = "http://www.onvif.org/ver10/replay/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
NOTIFICATION = "http://docs.oasis-open.org/wsn/b-2"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
PREFIXES = {
    "s": SOAP, "tds": DEVICE, "trt": MEDIA, "tr2": MEDIA2, "tptz": PTZ, "tev": EVENTS, "trc": RECORDING,
    "tse": SEARCH, "trp": REPLAY, "tt": SCHEMA, "wsnt": NOTIFICATION, "wsa": ADDRESSING,
    "ter": "http://www.onvif.org/ver10/error", "tns1": "http://www.onvif.org/ver10/topics",
    "wsrf-bf": "http://docs.oasis-open.org/wsrf/bf-2", "wstop": "http://docs.oasis-open.org/wsn/t-1",
}  # fmt: skip
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
_NONCES = 4096


class Fault(Exception):
    """What the camera refuses: SOAP's side (`Sender` or `Receiver`), ONVIF's subcodes and a reason in words."""

    def __init__(self, subcode: str, reason: str, side: str = "Sender", status: int = 400) -> None:
        super().__init__(reason)
        self.subcode, self.reason, self.side, self.status = subcode, reason, side, status

    def body(self) -> str:
        """The fault as XML."""
        nested = ""
        for code in reversed(self.subcode.split("/")):
            nested = f"<s:Subcode><s:Value>{code}</s:Value>{nested}</s:Subcode>"
        return (
            f"<s:Fault><s:Code><s:Value>s:{self.side}</s:Value>{nested}</s:Code>"
            f'<s:Reason><s:Text xml:lang="en">{escape(self.reason)}</s:Text></s:Reason></s:Fault>'
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that somebody asks for; `origin` is http://HOST:PORT as the client wrote it."""

    namespace: str
    operation: str
    element: etree._Element = field(repr=False)
    header: etree._Element | None = field(repr=False)
    origin: str = ""
    path: str = ""

    def text(self, name: str, default: str = "") -> str:
        """The text of the first element of that name below the operation, whatever its namespace."""
        for found in self.element.iter(f"{{*}}{name}"):
            return (found.text or "").strip()
        return default

    def first(self, name: str) -> etree._Element | None:
        """The first element of that name below the operation."""
        return next(iter(self.element.iter(f"{{*}}{name}")), None)


def parse_call(body: bytes, origin: str, path: str) -> Call:
    """Raises Fault for what is no SOAP. No entity is expanded, nothing is loaded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Fault("ter:WellFormed", "The message is no XML.") from None
    if root.getroottree().docinfo.doctype:
        raise Fault("ter:WellFormed", "A document type is not allowed.")
    content = root.find(f"{{{SOAP}}}Body")
    asked = next((child for child in content if isinstance(child.tag, str)), None) if content is not None else None
    if asked is None:
        raise Fault("ter:WellFormed", "The message has no SOAP body.")
    name = etree.QName(asked)
    return Call(name.namespace or "", name.localname, asked, root.find(f"{{{SOAP}}}Header"), origin, path)


def envelope(body: str, header: str = "") -> bytes:
    """A whole message."""
    text = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_DECLARED}>'
    return f"{text}<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


class TokenGate:
    """Checks UsernameTokens (OASIS WSS UsernameToken Profile 1.0): digest, freshness, no nonce twice."""

    def __init__(self, user: str, password: str, tolerance_s: float) -> None:
        self._user = user
        self._password = password
        self._tolerance_us = round(tolerance_s * SECOND)
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def admits(self, call: Call, now: Time) -> bool | None:
        """Whether the token is right; None when the call carries none."""
        token = None if call.header is None else call.header.find(f".//{{{_WSSE}}}UsernameToken")
        if token is None:
            return None
        given = token.findtext(f"{{{_WSSE}}}Username", "")
        password = token.find(f"{{{_WSSE}}}Password")
        if password is None or given != self._user or not password.get("Type", "").endswith("#PasswordDigest"):
            return False
        nonce, created = token.findtext(f"{{{_WSSE}}}Nonce", ""), token.findtext(f"{{{_WSU}}}Created", "")
        return self._is_right(password.text or "", nonce, created, now)

    def _is_right(self, given: str, nonce: str, created: str, now: Time) -> bool:
        try:
            raw, moment = base64.b64decode(nonce, validate=True), from_iso(created)
        except (ValueError, binascii.Error):
            return False
        # The profile names SHA-1; that is what every camera computes.
        digest = hashlib.sha1(raw + created.encode() + self._password.encode(), usedforsecurity=False).digest()
        right = base64.b64encode(digest)
        if not hmac.compare_digest(right, given.strip().encode()) or abs(moment - now) > self._tolerance_us:
            return False
        if nonce in self._nonces:
            return False
        self._nonces[nonce] = None
        if len(self._nonces) > _NONCES:
            self._nonces.popitem(last=False)
        return True


def seconds_of(duration: str, default: float) -> float:
    """An xs:duration of hours, minutes and seconds in seconds; `default` for anything else."""
    text = duration.strip().upper()
    if not text.startswith("PT"):
        return default
    total, number = 0.0, ""
    for letter in text[2:]:
        if letter in "HMS":
            try:
                total += float(number) * {"H": 3600, "M": 60, "S": 1}[letter]
            except ValueError:
                return default
            number = ""
        else:
            number += letter
    return default if number else total


def moment(time: Time) -> str:
    """xs:dateTime."""
    return to_iso(time)
