"""A whole node behind a real uvicorn on the loopback, and browsers that visit it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from istros.api.node import ExportPlace, Identity, Node
from istros.api.server import serve_api
from istros.api.tls import TlsPlan
from istros.base.entry_keys import SealKeys
from istros.base.environment import Environment, real_environment
from istros.base.signing import SigningKey
from istros.compliance.access import ROLES
from istros.compliance.accounts import Accounts
from istros.compliance.directory import DirectoryClient
from istros.compliance.entry import SignInRules
from istros.compliance.passwords import Passwords
from istros.compliance.simulated_profile import sign_simulated
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.devices.control import DeviceControl
from istros.events.face_gallery import FaceGallery
from istros.recording.archive import Archive
from istros.recording.export.covering import FoundBox
from istros.recording.playback import Playback
from istros.store import Database, Transaction, open_database
from istros.store.disk_local import LocalDisk
from istros.video.fanout import Fanout
from istros.video.live import LiveHub
from istros.video.masked import MaskedStreams, MaskWatch, Painters
from istros.video.masked_views import MaskedViews
from istros.video.packet import Packet
from tests.assessed import assess

RECIPIENT = {
    "name": "Police of Odesa", "kind": "police", "country": "UA", "basis": "ua-14-2", "reference": "Letter 17/3",
}  # fmt: skip
"""To whom what leaves the node goes in tests."""

_PROBLEM = frozenset({"code", "message", "remedy"})
PROBLEM_FORMS = (_PROBLEM, _PROBLEM | {"said", "facts"})
"""What an answer that is no success holds: with code and facts where the screens say it in their own language."""

PASSWORD = "a ferry over the Danube"
OFFICES = {"investigator": "police-tulcea"}
"""Organisation of a role where it is not the node's own."""

KEY = SigningKey.generate()
"""The node's signing key."""

MIDDLE = (0.25, 0.25, 0.75, 0.75)
"""Left, top, right, bottom as shares of a picture: what MiddleFinder finds."""

KEYS = (StreamKey("IZ-07", "main"), StreamKey("IZ-07", "sub"), StreamKey("TL-01", "main"))


def camera(camera_id: str, town: str) -> Camera:
    """A camera with the streams of KEYS."""
    streams = tuple(
        Stream(key, SecretUrl(f"rtsp://eye:secret@127.0.0.1/{key}")) for key in KEYS if key.camera_id == camera_id
    )
    return Camera(
        camera_id, Place("Harbour gate", town, 45.3, 28.8), "izmail", streams, True, fps_expected={"main": 25.0}
    )


class MiddleFinder:
    """Takes the middle of each picture for somebody's head."""

    names = ("middle",)

    def find(self, picture: NDArray[np.uint8]) -> list[FoundBox]:
        """One box."""
        return [FoundBox("head", *MIDDLE)]


class Relay:
    """The recorder's side of live video: a fan-out for each stream."""

    def __init__(self) -> None:
        self.fanouts = {key: Fanout(key) for key in KEYS}

    async def open(self, key: StreamKey) -> AsyncGenerator[Packet, None]:
        """Read one stream."""
        reader = self.fanouts[key].reader()
        try:
            async for packet in reader:
                yield packet
        finally:
            reader.close()


@dataclass(slots=True)
class Site:
    """The node, its address, and what a test may reach behind the screens."""

    environment: Environment
    database: Database
    relay: Relay
    folder: Path
    loop: asyncio.AbstractEventLoop = field(init=False)
    port: int = 0
    directories: dict[str, DirectoryClient] = field(default_factory=dict)
    rules: SignInRules = field(default_factory=SignInRules)
    tls: TlsPlan | None = None
    secure: bool = False
    """Whether a proxy in front serves by TLS."""
    gallery: FaceGallery = field(init=False)
    painters: Painters = field(init=False)
    """They read from the relay that a test serves at `relay.sock` in the folder."""
    _stop: asyncio.Event = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        keys = SealKeys(self.folder / "keys" / "faces", self.environment.random)
        self.painters = Painters(self.folder / "relay.sock")
        self.gallery = FaceGallery(self.environment, self.database, keys)

    def start(self) -> None:
        """Serve in a thread; returns when the port is known."""
        ready = threading.Event()

        async def main() -> None:
            self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()

            def listening(port: int) -> None:
                self.port = port
                ready.set()

            node = self._node()
            watching = asyncio.create_task(node.masks.run(self._stop))
            await serve_api(node, "127.0.0.1", 0, self._stop, on_listening=listening, tls=self.tls)
            await watching
            await node.live.close()
            await self.painters.close()

        self._thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
        self._thread.start()
        assert ready.wait(20)

    def stop(self) -> None:
        """End the server, and wait for it."""
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def publish(self, packets: list[Packet]) -> None:
        """Let a camera send packets."""
        fanout = self.relay.fanouts[packets[0].key]
        while not fanout.readers:
            threading.Event().wait(0.005)  # the first packets are for those that look already
        for packet in packets:
            self.loop.call_soon_threadsafe(self.relay.fanouts[packet.key].publish, packet)

    def browser(self, role: str | None = None) -> Browser:
        """A browser, signed in as the operator of a role."""
        browser = Browser(self.port)
        if role is not None:
            browser.sign_in(role)
        return browser

    def newcomer(self, name: str, role: str, organisation: str = "izmail", *, must_change: bool = True) -> Browser:
        """A browser of somebody whose password another person chose, signed in as far as that goes."""
        accounts = cheap_accounts(self.environment, self.database)
        making = accounts.create_operator(
            name=name, display_name=name, organisation=organisation, role=role, password=PASSWORD,
            must_change=must_change,
        )  # fmt: skip
        asyncio.run_coroutine_threadsafe(making, self.loop).result(20)
        browser = Browser(self.port)
        browser.sign_in(name)
        return browser

    def audit(self, action: str, result: str = "done") -> list[dict[str, Any]]:
        """Audit rows of an action, oldest first, as dictionaries."""
        rows = self.database.read_now(lambda tx: tx.audit.page(limit=1000, action=action))
        return [
            {"actor": row.actor, "subject": row.subject, "permit": row.permit_id, "detail": json.loads(row.detail)}
            for row in reversed(rows)
            if row.result == result
        ]

    def _node(self) -> Node:
        cameras = (camera("IZ-07", "Izmail"), camera("TL-01", "Tulcea"))
        masks = MaskWatch(self.environment, self.database, cameras)
        streams = MaskedStreams(masks, self.relay.open, self.painters.read)
        hub = LiveHub(self.environment, streams.read, linger_s=0.2)
        return Node(
            environment=self.environment, database=self.database, cameras=cameras,
            playback=Playback(self.database, Archive.of(LocalDisk(self.folder / "recordings")), cameras),
            live=MaskedViews(self.environment.clock, hub, masks), masks=masks,
            directories=self.directories,
            accounts=cheap_accounts(self.environment, self.database, self.rules),
            identity=Identity("Izmail", "izmail", "Izmail", training=True),
            web_folder=self.folder / "web", cookie_secure=self.secure or self.tls is not None,
            devices=DeviceControl(self.folder / "run" / "devices.sock"),
            exports=ExportPlace(self.folder / "exports", "ab" * 32, 7),
            open_finder=MiddleFinder,
            signing_key=KEY, gallery=self.gallery,
        )  # fmt: skip


class Browser:
    """An HTTP client with its cookie, its CSRF token and its WebSockets."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
        self.session: dict[str, Any] = {}

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        """Sign in, and keep the CSRF token."""
        answer = self.http.post("/api/session", json={"name": name, "password": password})
        if answer.status_code == 200:
            self.session = answer.json()
            self.http.headers["x-csrf-token"] = self.session["csrfToken"]
        return answer

    @property
    def permit(self) -> str:
        """The standing permit."""
        return str(self.session["permit"])

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """GET with a query."""
        return self.http.get(path, params=query)

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        """POST a JSON body."""
        return self.http.post(path, json=body) if body is not None else self.http.post(path)

    def open_permit(self, purpose: str = "offence", **more: Any) -> str:
        """A permit of one's own."""
        asked = {"purpose": purpose, "ground": "CPC Art. 40", "caseRef": "12026-114", "hours": 1} | more
        answer = self.post("/api/permits", asked)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def socket(self, path: str, origin: str | None = None, **more: Any) -> ClientConnection:
        """Open a WebSocket as a page of this node does (or of another origin)."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        headers = {"Cookie": cookies} if cookies else {}
        own = f"http://127.0.0.1:{self.port}"
        return connect(
            f"ws://127.0.0.1:{self.port}{path}", origin=Origin(origin or own), additional_headers=headers, proxy=None,
            compression=None, max_size=None, **more,
        )  # fmt: skip


def cheap_accounts(environment: Environment, database: Database, rules: SignInRules | None = None) -> Accounts:
    """Accounts whose hashes cost a millisecond."""
    return Accounts(environment, database, Passwords(environment.workers, memory_kib=1024, passes=1, lanes=1), rules)


def _sign_profile(tx: Transaction, environment: Environment) -> None:
    administrator, officer = tx.operators.by_name("administrator"), tx.operators.by_name("protection_officer")
    assert administrator and officer
    sign_simulated(tx, environment, administrator, officer, KEY)


def make_site(folder: Path, url: str | None = None, *, profile: bool = True) -> Site:
    """A node with one operator a role, each named as the role, and the simulated city's profile; not yet serving."""
    environment = real_environment(workers=3)
    database = open_database(url or f"sqlite:///{folder}/istros.sqlite3", environment.workers)
    (folder / "web").mkdir()
    (folder / "web" / "index.html").write_text("<title>Istros</title>")

    async def add_operators() -> None:
        accounts = cheap_accounts(environment, database)
        for role in ROLES:
            await accounts.create_operator(
                name=role, display_name=role.title(), organisation=OFFICES.get(role, "izmail"), role=role,
                password=PASSWORD,
            )  # fmt: skip

    asyncio.run(add_operators())
    if profile:
        database.write_now(lambda tx: _sign_profile(tx, environment))
    assess(database, environment, sorted({key.camera_id for key in KEYS}))
    return Site(environment, database, Relay(), folder)
