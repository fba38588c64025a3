"""Session descriptions (RFC 8866) as cameras write them, read leniently: which track is video, and how it is coded."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from istros.video.depacketise_sound import UnitHeaders
from istros.video.packet import Codec, CodecParameters
from istros.video.parameter_sets import parameters_of
from istros.video.sound import SoundCodec, SoundParameters, read_configuration

_CODECS = {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}
_G711 = {"PCMU": SoundCodec.PCMU, "PCMA": SoundCodec.PCMA}
_STATIC = {0: "PCMU", 8: "PCMA"}
"""Payload types that need no `rtpmap` (RFC 3551 table 4)."""

_G711_RATE = 8000
_LAYOUT = (("sizelength", 13), ("indexlength", 3), ("indexdeltalength", 3))
_SPROP = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")


_HBR = UnitHeaders()


@dataclass(frozen=True, slots=True)
class OfferedSound:
    """A sound that Istros can record, and how its packets are laid out."""

    payload_type: int
    parameters: SoundParameters
    headers: UnitHeaders = _HBR


@dataclass(slots=True)
class Track:
    """One `m=` section. `encodings` maps payload types to encoding names in upper case."""

    kind: str
    control: str = ""
    payload_types: list[int] = field(default_factory=list)
    encodings: dict[int, str] = field(default_factory=dict)
    formats: dict[int, dict[str, str]] = field(default_factory=dict)
    rates: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Clock rate and channels by payload type."""

    def coded(self) -> tuple[int, Codec] | None:
        """The first payload type with a codec that Istros knows."""
        for payload_type in self.payload_types:
            codec = _CODECS.get(self.encodings.get(payload_type, self._guessed(payload_type)))
            if codec is not None:
                return payload_type, codec
        return None

    def _guessed(self, payload_type: int) -> str:
        """A camera that forgets the `rtpmap` may still tell its parameter sets."""
        fields = self.formats.get(payload_type, {})
        if "sprop-parameter-sets" in fields:
            return "H264"
        return "H265" if "sprop-sps" in fields else ""

    def sound(self) -> OfferedSound | None:
        """The first payload type with a sound that Istros knows."""
        offers = (self._sound(payload_type) for payload_type in self.payload_types)
        return next((offer for offer in offers if offer is not None), None)

    def _sound(self, payload_type: int) -> OfferedSound | None:
        name = self.encodings.get(payload_type, _STATIC.get(payload_type, ""))
        rate, channels = self.rates.get(payload_type, (_G711_RATE, 1))
        if name in _G711:
            return OfferedSound(payload_type, SoundParameters(_G711[name], rate or _G711_RATE, channels or 1))
        if name != "MPEG4-GENERIC":
            return None
        fields = self.formats.get(payload_type, {})
        try:
            parameters = read_configuration(bytes.fromhex(fields.get("config", "")))
        except ValueError:
            return None
        headers = UnitHeaders(*(_number(fields.get(name), usual) for name, usual in _LAYOUT))
        return OfferedSound(payload_type, parameters, headers) if headers.makes_sense() else None

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

    def sound(self) -> tuple[Track, OfferedSound] | None:
        """The first sound track that Istros can record."""
        offers = ((track, track.sound()) for track in self.tracks if track.kind == "audio")
        return next(((track, offer) for track, offer in offers if offer is not None), None)

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
            encoding, *numbers = rest.strip().split("/")
            track.encodings[int(number)] = encoding.strip().upper()
            track.rates[int(number)] = (
                _number(numbers[0] if numbers else None, 0),
                _number(numbers[1] if len(numbers) > 1 else None, 1),
            )
        else:
            track.formats[int(number)] = _fields(rest)


def _number(text: str | None, usual: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else usual


def _fields(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name.lower(): value for name, _, value in pairs if name}
