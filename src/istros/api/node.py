"""What the server needs of its node."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from istros.api.proxies import TrustedProxies
from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.compliance.access import Access, standard_access
from istros.compliance.accounts import Accounts
from istros.compliance.directory import DirectoryClient
from istros.compliance.transfers import Sending
from istros.devices.camera import Camera, owners_of
from istros.devices.control import DeviceControl
from istros.devices.discovery import FoundDevice, find_devices
from istros.events.face_gallery import FaceGallery
from istros.recording.export.covering import Finder
from istros.recording.keeping import KeepingRules
from istros.recording.playback import Playback
from istros.store import Database
from istros.video.masked import MaskWatch
from istros.video.masked_views import MaskedViews


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs this node, as everybody may know it. `training` marks a node whose city is simulated."""

    name: str
    organisation: str
    town: str
    training: bool
    languages: tuple[str, ...] = ("uk", "ro", "en")


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """Where the exporter's packages lie, how long they stay, and the fingerprint of the key that signs them."""

    folder: Path
    fingerprint: str
    kept_days: float


@dataclass(frozen=True, slots=True)
class Node:
    """Everything that the routes reach; made once by the composition root.

    `web_folder` holds the built client (None: the one inside the package). `cookie_secure` is false only for a node
    that is reached without TLS on its own machine. `address` is where people reach it, from the settings.
    """

    environment: Environment
    database: Database
    cameras: tuple[Camera, ...]
    playback: Playback
    live: MaskedViews
    masks: MaskWatch
    """Which privacy masks hold; to be asked again as soon as one has changed."""
    accounts: Accounts
    identity: Identity
    web_folder: Path | None = None
    cookie_secure: bool = True
    devices: DeviceControl | None = None
    exports: ExportPlace | None = None
    open_finder: Callable[[], Finder] | None = None
    """What finds people and plates in a picture that leaves the node; None: no picture leaves it but as it is allowed."""
    signing_key: SigningKey | None = None
    find_devices: Callable[[Environment], Awaitable[list[FoundDevice]]] = find_devices
    keeping: KeepingRules = field(default_factory=KeepingRules)
    access: Access = field(default_factory=standard_access)
    """The policy that counts, with the cameras' groups."""
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    address: str = ""
    sending: Sending = field(default_factory=Sending)
    """Under which country's and regime's law data leave this node."""
    gallery: FaceGallery | None = None
    """Where faces of sought persons are enrolled; None on a node that enrols none."""
    reads_kept_days: float = 30.0
    authorities: tuple[str, ...] = ()
    """Names of the authorities that stamp the audit chain's heads."""
    keys: Path | None = None
    """The folder of the node's keys."""
    directories: Mapping[str, DirectoryClient] = field(default_factory=dict)

    @property
    def owners(self) -> dict[str, str]:
        """Whose each camera is."""
        return owners_of(self.cameras)

    def camera(self, camera_id: str) -> Camera | None:
        """The camera of that id, where the node has one."""
        return next((camera for camera in self.cameras if camera.id == camera_id), None)
