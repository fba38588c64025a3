"""Session descriptions (RFC 8866) as cameras write them, read leniently: which track is video, and how it is coded."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import parameters_of

_CODECS = {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}
_SPROP = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")


@dataclass(slots=True)
class Track:
    """One `m=` section. `encodings` maps payload types to encoding names in upper case."""

    kind: str
    control: str = ""
    payload_types: list[int] = field(default_factory=list)
    encodings: dict[int, str] = field(default_factory=dict)
    formats: dict[int, dict[str, str]] = field(default_factory=dict)

    def coded(self) -> tuple[int, Codec] | None:
        """The first payload type with a codec that Istros knows."""
        for payload_type in self.payload_types:
            codec = _CODECS.get(self.encodings.get(payload_type, ""))
            if codec is not None:
                return payload_type, codec
        return None

    def parameters(self, payload_type: int, codec: Codec) -> CodecParameters | None:
        """From the sprop fields (RFC 6184 section 8.1, RFC 7798 section 7.1); None where missing or damaged."""
        fields = self.formats.get(payload_type, {})
        texts = [text for name in _SPROP for text in fields.get(name, "").split(",")]
        try:
            return parameters_of(codec, [base64.b64decode(text.strip() + "==") for text in texts if text.strip()])
        except (ValueError, binascii.Error):
            return None


@dataclass(slots=True)
class SessionDescription:
    """The session's own `a=control` and its tracks in order."""

    control: str = ""
    tracks: list[Track] = field(default_factory=list)

    def video(self) -> Track | None:
        """The first video track that Istros can record."""
        return next((track for track in self.tracks if track.kind == "video" and track.coded()), None)

    def codings(self) -> str:
        """What the tracks offer, for an error's sentence, e.g. `video JPEG, audio PCMU`."""
        return ", ".join(f"{track.kind} {'/'.join(track.encodings.values()) or '?'}" for track in self.tracks)


def parse_sdp(text: str) -> SessionDescription:
    """Never fails: what makes no sense is passed over."""
    session = SessionDescription()
    for line in text.splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            session.tracks.append(_track(value))
        elif kind == "a":
            _attribute(session, value)
    return session


def _track(value: str) -> Track:
    words = value.split()
    track = Track(words[0] if words else "")
    track.payload_types = [int(word) for word in words[3:] if word.isascii() and word.isdigit()]
    return track


def _attribute(session: SessionDescription, text: str) -> None:
    name, _, value = text.partition(":")
    track = session.tracks[-1] if session.tracks else None
    if name == "control":
        if track is None:
            session.control = value.strip()
        else:
            track.control = value.strip()
    elif track is not None and name in ("rtpmap", "fmtp"):
        number, _, rest = value.strip().partition(" ")
        if not (number.isascii() and number.isdigit()):
            return
        if name == "rtpmap":
            track.encodings[int(number)] = rest.strip().split("/")[0].upper()
        else:
            track.formats[int(number)] = _fields(rest)


def _fields(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name.lower(): value for name, _, value in pairs if name}
