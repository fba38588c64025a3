"""The configuration file, parsed once; every error is named with its key and line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from istros.base.errors import IstrosError
from istros.base.key_lines import KeyLines
from istros.base.reach import AUTHORITY, CAMERA, DEVICE, SERVICE, Reach, check_setting, leads_to_own_port
from istros.base.secret_files import SourceBroken, with_secrets
from istros.settings.part import Part as _Part
from istros.settings.people import DirectorySettings as DirectorySettings
from istros.settings.people import RoleName as RoleName
from istros.settings.people import ServerSettings as ServerSettings
from istros.settings.people import SignInSettings as SignInSettings

GIGABYTE = 1_000_000_000


class SettingsError(IstrosError):
    """The configuration cannot be used; the message lists every fault with its key and line."""

    code = "settings"


class NodeSettings(_Part):
    """Who runs this node."""

    name: str = "Istros"
    organisation: str = "Not named yet"
    town: str = ""
    time_zone: str = "Europe/Kyiv"
    """The town's own time, in which schedules are meant: Europe/Kyiv, Europe/Bucharest."""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    """Under whose law the node sends data: UA, RO or another EU member state; empty: UA in Kyiv's time zone, else RO."""
    regime: Literal["police", "civil"] = "civil"
    """Whether the organisation is the police (Directive 2016/680) or another authority (GDPR)."""
    simulated: bool = False
    """Shows SIMULATED on every screen; set by the demo."""

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone; write Europe/Kyiv or Europe/Bucharest") from error
        return value

    @property
    def home(self) -> str:
        """The country under whose law the node sends data."""
        return self.country or ("UA" if self.time_zone == "Europe/Kyiv" else "RO")


class DatabaseSettings(_Part):
    """Where the node's records live; empty means SQLite in the data folder."""

    url: SecretStr = SecretStr("")

    @field_validator("url")
    @classmethod
    def _leads_to_a_database(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and urlsplit(text).scheme.startswith("postgres") and urlsplit(text).hostname:
            _checked_address(value, "a PostgreSQL", SERVICE, "postgresql+psycopg://USER:PASSWORD@HOST/NAME")
        return value


class RecordingSettings(_Part):
    """How long recordings are kept and how they are cut."""

    days: Annotated[float, Field(gt=0, le=3650)] = 14
    event_days: Annotated[float, Field(gt=0, le=3650)] | None = None
    """How long what lies round an alarm or a signal is kept; None: no longer than the rest."""
    event_kinds: tuple[str, ...] = ("motion", "tamper", "digital-input")
    """Kinds of signals round which recordings count as an event's; alarms of a camera always do."""
    event_before_s: Annotated[float, Field(ge=0, le=3600)] = 30
    event_after_s: Annotated[float, Field(ge=0, le=3600)] = 60
    preroll_s: Annotated[float, Field(ge=0, le=60)] = 10
    """What is kept in memory of a stream that is recorded on events, and recorded with the event."""
    postroll_s: Annotated[float, Field(ge=1, le=3600)] = 30
    """How long after the last sign of an event such a stream is recorded."""
    gigabytes: Annotated[float, Field(gt=0)] | None = None
    """None: 500 on a node that names no disks, else what the disks hold."""
    free_gigabytes: Annotated[float, Field(ge=0)] = 5
    move_after_days: Annotated[float, Field(ge=0, le=3650)] = 1
    move_megabits_per_s: Annotated[float, Field(ge=0)] = 0
    """How fast old segments move to the second tier at most; 0: as fast as it goes."""
    segment_s: Annotated[float, Field(ge=2, le=120)] = 10
    fragment_s: Annotated[float, Field(ge=0.2, le=10)] = 1


class DiskSettings(_Part):
    """One place for recordings: a folder (`path`), or a bucket of an S3 server (`url = "s3://bucket/folder"`)."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    path: Path | None = None
    url: Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9._/-]*)?$")] | None = None
    tier: Annotated[int, Field(ge=1, le=2)] = 1
    """1: recorded to. 2: takes segments that are older than `recording.move_after_days`."""
    endpoint: Annotated[str, Field(pattern=r"^(https?://[^/@?]+)?$")] = ""
    region: str = ""
    credentials: Path | None = None
    """A file with the access key's id and its secret on two lines, mode 0600; None: from the environment."""
    gigabytes: Annotated[float, Field(gt=0)] | None = None
    """What recordings may fill on it; None: all of it but what stays free."""
    free_gigabytes: Annotated[float, Field(ge=0)] | None = None
    """None: `recording.free_gigabytes`."""

    @model_validator(mode="after")
    def _is_one_place(self) -> DiskSettings:
        if self.endpoint:
            _checked_address(SecretStr(self.endpoint), "an S3 server's", SERVICE, "https://host")
        if (self.path is None) == (self.url is None):
            raise ValueError(f"disk {self.name} needs either path or url")
        if self.url is not None and self.tier == 1:
            raise ValueError(f"disk {self.name} is a bucket; give it tier = 2, for nothing is recorded to a bucket")
        return self


class SoundSettings(_Part):
    """Whether this node may take the sound of its cameras: off, unless somebody names the ground."""

    allowed: bool = False
    ground: str = ""
    """The legal ground: an article and the decision that rests on it."""

    @model_validator(mode="after")
    def _has_a_ground(self) -> SoundSettings:
        if self.allowed and not self.ground.strip():
            raise ValueError("sound may be taken on a legal ground only; name it in ground, or write allowed = false")
        return self


class AnalysisSettings(_Part):
    """What the analyser may spend."""

    enabled: bool = True
    frames_per_second: Annotated[float, Field(gt=0, le=25)] = 5
    reads_kept_days: Annotated[float, Field(gt=0, le=3650)] = 14
    """Plate reads that matched nothing are erased after this time."""
    detector: Path | None = None
    """The card of another detector of people and vehicles (docs/design/0027); None: the street detector."""
    runtime: Literal["onnxruntime", "openvino"] = "onnxruntime"
    """What computes the detector."""


class ExportSettings(_Part):
    """How exports are made and how long their packages stay."""

    enabled: bool = True
    kept_days: Annotated[float, Field(gt=0, le=365)] = 7
    free_gigabytes: Annotated[float, Field(ge=0)] = 2
    """An export that would leave less free space is refused at its start."""
    at_once: Annotated[int, Field(ge=1, le=8)] = 1


RecordMode = Literal["always", "event", "off"]
_WeekDay = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class WindowSettings(_Part):
    """A stretch of some days of the week in which a camera's streams are recorded otherwise than usual."""

    days: tuple[_WeekDay, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    begins: _ClockTime
    ends: _ClockTime
    """Of the next day, when it is not after `begins`."""
    record: RecordMode
    stream: Literal["main", "sub"] | None = None
    """None: both."""


_Share = Annotated[float, Field(ge=0, le=1)]
ZoneSettings = Annotated[tuple[tuple[_Share, _Share], ...], Field(min_length=3, max_length=40)]
"""The corners of a part of the picture, each (x, y) in shares of its width and height from the upper left."""

AlarmWorth = Literal["critical", "high", "medium", "low", "none"]
"""What an alarm is worth; `none`: it is shown and kept in the history, and nobody is called."""

HealthKind = Literal[
    "offline", "not-recording", "frame-rate", "bitrate", "loss", "reconnects", "clock", "no-keyframe",
    "covered", "defocused", "moved", "frozen", "dark", "recorder-silent", "analysis-short",
    "review-due", "review-overdue",
    "audit-unsigned", "audit-unstamped", "anchors-late",
]  # fmt: skip
"""Every state that is watched (docs/design/0022)."""


class HealthStateSettings(_Part):
    """What to change of one state; what is left out keeps the value of docs/reference/settings.md."""

    enter: Annotated[float, Field(ge=0)] | None = None
    enter_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    leave: Annotated[float, Field(ge=0)] | None = None
    leave_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    alarm: AlarmWorth | None = None


class HealthSettings(_Part):
    """When a camera counts as ill, and how many that fall together are one alarm."""

    states: dict[HealthKind, HealthStateSettings] = Field(default_factory=dict)
    together: Annotated[int, Field(ge=2, le=1000)] = 3
    """Cameras of one network that fall together are one alarm from this number on, or when they are all of it."""
    together_s: Annotated[float, Field(ge=1, le=3600)] = 60
    """Seconds between them that still count as together."""
    together_wait_s: Annotated[float, Field(ge=0, le=600)] = 15
    """Seconds that the alarm of a single camera waits for others to follow."""
    anchors_days: Annotated[float, Field(ge=1, le=366)] | None = None
    """After how many days without an export of anchors for the partner that is a state; nothing: it never is."""
    history_days: Annotated[float, Field(gt=0, le=3650)] = 31
    """How long changes of states, and signals, are kept."""


class SignalRuleSettings(_Part):
    """A signal of this kind is an alarm; the first rule that fits counts, before those that come with Istros."""

    signal: str
    cameras: tuple[str, ...] = ()
    subject: str | None = None
    alarm: AlarmWorth = "medium"


class InputSettings(_Part):
    """A digital input of a camera: a door contact, an alarm button."""

    token: str
    name: str
    alarm: AlarmWorth = "medium"
    when: Literal["on", "off"] = "on"
    """Which of its two states is the alarm."""


class EdgeSettings(_Part):
    """Filling holes with what the cameras' own cards kept (ONVIF Profile G)."""

    enabled: bool = True
    hours: Annotated[float, Field(gt=0, le=720)] = 48
    """How old a hole may be."""
    megabits: Annotated[float, Field(gt=0)] = 16
    """Megabits a second that fetching may take, from one camera at a time."""


class AccessSettings(_Part):
    """Who may do what."""

    policy: Path | None = None
    """A Cedar policy of the node's own; None: the one that comes with Istros."""


class StampSettings(_Part):
    """An authority that stamps the audit chain's signed heads (RFC 3161)."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    url: SecretStr
    """Where it takes requests; an account may stand in it."""
    certificates: Path
    """A PEM file with its root certificate."""

    @field_validator("url")
    @classmethod
    def _is_web(cls, value: SecretStr) -> SecretStr:
        checked = _checked_address(value, "a web", AUTHORITY, "https://stamp.example/tsa")
        assert checked is not None
        return checked


def _checked_address(value: SecretStr | None, kind: str, reach: Reach, example: str) -> SecretStr | None:
    if value is not None:
        check_setting(value.get_secret_value(), kind, reach, example)
    return value


class CameraSettings(_Part):
    """One camera: `main` and `sub` are RTSP addresses with user and password."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
    name: str
    town: str
    owner: str
    main: SecretStr | None = None
    sub: SecretStr | None = None
    transport: Literal["auto", "tcp", "udp"] = "auto"
    """How pictures come: inside RTSP, by UDP, or inside RTSP unless the camera does not do that."""
    sound: bool = False
    """Whether its sound is recorded, too, where the node allows it."""
    plates: bool = False
    analysis: Literal["full", "motion", "off"] = "full"
    """What is looked for: vehicles and plates, motion alone, nothing."""
    priority: Literal["high", "usual", "low"] = "usual"
    """Who is looked at first when the cores do not suffice for all."""
    plate_zone: tuple[ZoneSettings, ...] = ()
    """Where plates are read; empty: in the whole picture."""
    face_zone: tuple[ZoneSettings, ...] = ()
    """Where faces are looked for, as far as the deployment profile allows; empty: nowhere."""
    ignored_zone: tuple[ZoneSettings, ...] = ()
    """What is looked at by nobody: neither motion nor vehicles nor plates are searched for there."""
    private_zone: tuple[ZoneSettings, ...] = ()
    """Privacy masks: painted over in everything that people see, and searched by nothing."""
    bearing: Annotated[float, Field(ge=0, lt=360)] | None = None
    """Where it looks, in degrees from north; reads then tell the compass direction of a vehicle."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    fps_main: Annotated[float, Field(gt=0)] | None = None
    fps_sub: Annotated[float, Field(gt=0)] | None = None
    record_main: RecordMode = "always"
    record_sub: RecordMode = "always"
    schedule: tuple[WindowSettings, ...] = ()
    days: Annotated[float, Field(gt=0, le=3650)] | None = None
    event_days: Annotated[float, Field(gt=0, le=3650)] | None = None
    gigabytes: Annotated[float, Field(gt=0)] | None = None
    """The most that this camera's recordings may fill; None: no bound of its own."""
    onvif: SecretStr | None = None
    """The camera's ONVIF address with account and password: events, clock, head, and the streams that are left out."""
    find: tuple[Literal["main", "sub"], ...] = ("main", "sub")
    """Which streams ONVIF is asked for where they are left out."""
    set_clock: bool = False
    """Set the camera's clock by ONVIF whenever it is more than two seconds off."""
    network: str = ""
    """The switch, radio link or building that it hangs on; empty: known by its address."""
    input: tuple[InputSettings, ...] = ()
    groups: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")], ...] = ()
    """Camera groups that it stands in; the access policy may limit a role to one."""

    @field_validator("main", "sub")
    @classmethod
    def _is_rtsp(cls, value: SecretStr | None) -> SecretStr | None:
        return _checked_address(value, "an RTSP", CAMERA, "rtsp://name:password@host:554/path")

    @field_validator("onvif")
    @classmethod
    def _is_onvif(cls, value: SecretStr | None) -> SecretStr | None:
        example = "http://user:password@host/onvif/device_service"
        return _checked_address(value, "an ONVIF", DEVICE, example)

    @model_validator(mode="after")
    def _has_a_stream(self) -> CameraSettings:
        if self.plates and self.analysis != "full":
            raise ValueError(f'camera {self.id} cannot read plates with analysis = "{self.analysis}"; write "full"')
        if self.onvif is not None and not self.find and self.main is None and self.sub is None:
            raise ValueError(f"camera {self.id} has no stream, and `find` names none to be found")
        if self.onvif is None and self.main is None and self.sub is None:
            raise ValueError(f"camera {self.id} has no stream; give it main, sub or both, or onvif")
        return self


class Settings(_Part):
    """The whole configuration of a node."""

    data: Path = Path("data")
    node: NodeSettings = NodeSettings()
    server: ServerSettings = ServerSettings()
    sign_in: SignInSettings = SignInSettings()
    directory: tuple[DirectorySettings, ...] = ()
    database: DatabaseSettings = DatabaseSettings()
    recording: RecordingSettings = RecordingSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    export: ExportSettings = ExportSettings()
    sound: SoundSettings = SoundSettings()
    disk: tuple[DiskSettings, ...] = ()
    health: HealthSettings = HealthSettings()
    rule: tuple[SignalRuleSettings, ...] = ()
    edge: EdgeSettings = EdgeSettings()
    access: AccessSettings = AccessSettings()
    stamp: Annotated[tuple[StampSettings, ...], Field(max_length=2)] = ()
    camera: tuple[CameraSettings, ...] = ()

    @model_validator(mode="after")
    def _cameras_are_not_this_node(self) -> Settings:
        for camera in self.camera:
            for name, url in (("main", camera.main), ("sub", camera.sub), ("onvif", camera.onvif)):
                if url is not None and leads_to_own_port(url.get_secret_value(), CAMERA, {self.server.port}):
                    raise ValueError(f"camera {camera.id}: {name} leads to this node's own port {self.server.port}")
        return self

    @model_validator(mode="after")
    def _ids_differ(self) -> Settings:
        seen: set[str] = set()
        for camera in self.camera:
            if camera.id in seen:
                raise ValueError(f"two cameras have the id {camera.id}; ids must differ")
            seen.add(camera.id)
        if len({directory.id for directory in self.directory}) < len(self.directory):
            raise ValueError("two directories have the same id; ids must differ")
        names = [disk.name for disk in self.disk]
        if len(set(names)) < len(names):
            raise ValueError("two disks have the same name; names must differ")
        if len({stamp.name for stamp in self.stamp}) < len(self.stamp):
            raise ValueError("two time-stamping authorities have the same name; names must differ")
        if self.disk and all(disk.tier == 2 for disk in self.disk):
            raise ValueError("no disk has tier 1; nothing could be recorded")
        return self

    @property
    def database_url(self) -> str:
        """The database's address: as configured, else SQLite in the data folder."""
        configured = self.database.url.get_secret_value()
        return configured or f"sqlite:///{self.data / 'istros.sqlite3'}"

    @property
    def devices_path(self) -> Path:
        """The Unix socket on which the process `devices` takes orders."""
        return self.data / "run" / "devices.sock"

    @property
    def relay_path(self) -> Path:
        """The Unix socket on which the recorder offers packets."""
        return self.data / "run" / "relay.sock"


def load_settings(path: Path) -> Settings:
    """Read the file; a relative `data` folder is meant from the file's own folder.

    Raises SettingsError with one sentence per fault, each with key and line.
    """
    text = _read_text(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.", "Correct that line and start again.") from error
    try:
        content = with_secrets(content, path.parent)
        settings = Settings.model_validate(content)
    except SourceBroken as error:
        raise SettingsError(f"{path}: {error.message}", error.remedy) from error
    except ValidationError as error:
        lines = KeyLines(text)
        faults = [_sentence(path, lines, fault["loc"], fault["msg"], fault["type"]) for fault in error.errors()]
        raise SettingsError("\n".join(faults), "docs/reference/settings.md lists every key.") from error
    changed: dict[str, object] = {"data": _meant(path, settings.data)}
    if settings.analysis.detector is not None:
        card = _meant(path, settings.analysis.detector)
        changed["analysis"] = settings.analysis.model_copy(update={"detector": card})
    if settings.access.policy is not None:
        changed["access"] = AccessSettings(policy=_meant(path, settings.access.policy))
    changed["stamp"] = tuple(
        stamp.model_copy(update={"certificates": _meant(path, stamp.certificates)}) for stamp in settings.stamp
    )
    if (tls := settings.server.tls) is not None:
        files = {"certificate": _meant(path, tls.certificate), "key": _meant(path, tls.key)}
        changed["server"] = settings.server.model_copy(update={"tls": tls.model_copy(update=files)})
    return settings.model_copy(update=changed)


def secrets_in(settings: Settings) -> bool:
    """Whether the configuration itself holds an account's password."""
    addresses = [settings.database.url, *(each for c in settings.camera for each in (c.main, c.sub, c.onvif))]
    addresses += [stamp.url for stamp in settings.stamp]
    return any(each is not None and "@" in each.get_secret_value() for each in addresses)


def _meant(config: Path, path: Path) -> Path:
    """A path of the configuration, from the configuration's own folder."""
    return path if path.is_absolute() else (config.parent / path).resolve()


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no file {path}.",
            "Give the path of a configuration with --config.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", "Check the file and its rights.") from error


def _sentence(path: Path, lines: KeyLines, place: tuple[int | str, ...], message: str, kind: str) -> str:
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place) or "the file"
    if kind == "extra_forbidden":
        message = "there is no such key"
    if kind == "missing":
        message = "is missing"
    return f"{path}, line {lines.of(place)}: {key}: {message.removeprefix('Value error, ')}."
