"""What is fuzzed: each target takes any bytes and raises nothing but what its parser promises."""

from __future__ import annotations

import atexit
import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from istros.base.canonical import canonical
from istros.base.clock import SystemClock
from istros.base.reach import CAMERA, FEED, AddressRefused, check_url
from istros.base.xml import XmlRefused, parse_xml
from istros.devices.camera import SecretUrl, StreamKey
from istros.devices.discovery import read_answer
from istros.devices.onvif.address import parse_onvif_address
from istros.devices.onvif.events import parse_notices
from istros.recognition.checked_picture import PictureRefused, checked_picture
from istros.recording.export.manifest import MANIFEST
from istros.recording.export.verify import sentences, verify_package
from istros.settings import SettingsError, load_settings
from istros.video.codec_configuration import parameters_from
from istros.video.fmp4 import init_length, read_init, safe_length, walk_fragments
from istros.video.packet import Codec
from istros.video.parameter_sets import parameters_of
from istros.video.rtcp import leaves, sender_reports
from istros.video.rtp import RtpReceiver
from istros.video.rtsp_authentication import Credentials, parse_challenges
from istros.video.rtsp_connection import ReceiveBuffer, RtspConnection
from istros.video.rtsp_messages import (
    body_length,
    parse_address,
    parse_response,
    parse_session,
    resolve_base,
    resolve_control,
)
from istros.video.samples import bytes_of, keyframes_only, read_table
from istros.video.sdp import parse_sdp
from istros.video.segment_units import read_units
from tests.fuzz.proofs import anchors, passkey, stamp, watchlist_file

CORPUS = Path(__file__).parent / "corpus"
KEY = StreamKey("IZ-07", "main")
PACKETS_MOST = 200


def rtsp(data: bytes) -> None:
    """What comes on a camera's connection, in pieces: answers, RTP between them, nonsense."""
    receiver = RtpReceiver(KEY, Codec.H264, 96, None, SystemClock())
    connection = RtspConnection(ReceiveBuffer(), lambda: None, lambda _: None)
    connection.receiver = receiver
    step = 1 + (data[0] if data else 0)
    for start in range(0, len(data), step):
        piece = data[start : start + step]
        connection.get_buffer(-1)[: len(piece)] = piece
        connection.buffer_updated(len(piece))
        receiver.packets = []


def rtsp_texts(data: bytes) -> None:
    """The parts of answers."""
    text = data.decode("latin-1")
    answer = parse_response(text)
    body_length(text)
    lines = answer.headers.get("www-authenticate", []) if answer is not None else []
    credentials = Credentials("eye", "secret", SystemRandomless())
    for challenge in parse_challenges([*lines, text]):
        credentials.accept(challenge)
        credentials.header("DESCRIBE", "rtsp://camera/stream")
    parse_session(text, "known")
    resolve_control(resolve_base("rtsp://camera/", text), text)


class SystemRandomless(random.Random):
    """Chance without chance, so that what failed once fails again."""

    def getrandbits(self, bits: int) -> int:
        """Always the same."""
        return (1 << bits) - 1

    def randbytes(self, count: int) -> bytes:
        """Always the same."""
        return b"\7" * count


def rtp(data: bytes) -> None:
    """RTP packets of both codecs: a byte for the codec, then packets with two bytes of length before each."""
    codec = Codec.H265 if data[:1] and data[0] & 1 else Codec.H264
    receiver = RtpReceiver(KEY, codec, 96, None, SystemClock())
    at, count = 1, 0
    while at + 2 <= len(data) and count < PACKETS_MOST:
        length = int.from_bytes(data[at : at + 2], "big")
        receiver.rtp(memoryview(data[at + 2 : at + 2 + length]))
        receiver.packets = []
        at, count = at + 2 + length, count + 1
    receiver.reception()


def rtcp(data: bytes) -> None:
    """Reports of cameras."""
    list(sender_reports(data))
    leaves(data)


def sdp(data: bytes) -> None:
    """Descriptions of streams."""
    session = parse_sdp(data.decode("utf-8", "replace"))
    for track in (session.video(), (session.sound() or (None,))[0]):
        if track is not None and (coded := track.coded()) is not None:
            track.parameters(*coded)
    session.codings()


def parameter_sets(data: bytes) -> None:
    """Parameter sets as cameras send them, and as MP4 keeps them."""
    codec = Codec.H265 if data[:1] and data[0] & 1 else Codec.H264
    with suppress(ValueError):
        parameters_of(codec, data[1:].split(b"\0\0\0\1"))
    with suppress(ValueError):
        parameters_from(codec, data[1:])


def fmp4(data: bytes) -> None:
    """Segments, whole and torn."""
    init_length(data)
    safe_length(data)
    list(walk_fragments(data))
    for read in (read_init, read_units, keyframes_only):
        try:
            read(data)
        except ValueError:
            continue
    try:
        table = read_table(data)
    except ValueError:
        return
    for place, sample in enumerate(table.samples[:50]):
        bytes_of(data, sample)
        table.key_before(place)
    table.shown_at(0)


def onvif(data: bytes) -> None:
    """Notices, and XML altogether."""
    for read in (parse_xml, parse_notices):
        try:
            read(data)
        except XmlRefused:
            continue


def addresses(data: bytes) -> None:
    """Addresses that people and discovery give."""
    text = data.decode("utf-8", "replace")
    for reach in (CAMERA, FEED):
        try:
            check_url(text, reach)
        except AddressRefused as refusal:
            assert "secret-42" not in str(refusal), "an account in a refusal"
    for read in (parse_onvif_address, lambda each: parse_address(SecretUrl(each))):
        try:
            read(text)
        except ValueError as problem:
            assert "secret-42" not in str(problem), "an account in a problem"
    read_answer(text.split(), list(text.split("|")))


def settings(data: bytes) -> None:
    """Configuration files."""
    path = scratch() / "istros.toml"
    path.write_bytes(data)
    try:
        load_settings(path)
    except SettingsError as error:
        assert "secret-42" not in str(error), "a secret in an error"


def package(data: bytes) -> None:
    """Export packages: a ZIP that `istros verify` opens."""
    path = scratch() / "package.zip"
    path.write_bytes(data)
    list(sentences(verify_package(path)))


def manifest(data: bytes) -> None:
    """Manifests of unpacked packages."""
    folder = scratch() / "package"
    folder.mkdir(exist_ok=True)
    (folder / MANIFEST).write_bytes(_in_form(data))
    list(sentences(verify_package(folder)))


def _in_form(data: bytes) -> bytes:
    """JSON in the form of a node, so that what was changed in it is looked at and not its spelling alone."""
    try:
        return canonical(json.loads(data))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return data


def picture(data: bytes) -> None:
    """Pictures that people bring."""
    try:
        checked_picture(data)
    except PictureRefused:
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        rtsp, rtsp_texts, rtp, rtcp, sdp, parameter_sets, fmp4, onvif, addresses, settings, package, manifest, picture,
        passkey, stamp, anchors, watchlist_file,
    )
}  # fmt: skip


def scratch() -> Path:
    """A folder of this process for files of targets; on memory where there is one, for they are written thousands of times."""
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    folder = base / f"istros-fuzz-{os.getpid()}"
    if not folder.exists():
        folder.mkdir(mode=0o700)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def corpus_of(target: str) -> list[Path]:
    """The committed inputs of a target."""
    return sorted((CORPUS / target).glob("*"))
