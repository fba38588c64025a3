"""From settings to the parts that every process needs."""

from __future__ import annotations

from pydantic import SecretStr

from istros.base.entry_keys import SealKeys
from istros.base.environment import Environment
from istros.compliance.access import Access, load_access
from istros.compliance.entry import SignInRules
from istros.devices.camera import TO_BE_FOUND, Camera, Place, SecretUrl, Stream, StreamKey
from istros.devices.onvif.address import parse_onvif_address
from istros.recording.archive import Archive, NamedDisk
from istros.recording.keeping import Keeping, KeepingRules
from istros.recording.policy import RecordingPolicy
from istros.recording.schedule import Schedules, StreamSchedule, Window
from istros.recording.triggers import EventRules
from istros.settings import (
    GIGABYTE,
    CameraSettings,
    DiskSettings,
    RecordingSettings,
    RecordMode,
    Settings,
    WindowSettings,
)
from istros.store import Database, open_database
from istros.store.disk import Disk
from istros.store.disk_local import LocalDisk
from istros.store.rows import MAIN_DISK, StreamName

FACE_KEYS = "faces"
"""The folder of the keys that faces are sealed with, in the node's folder of keys."""

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

GIGABYTES_OF_ONE_DISK = 500.0
"""What recordings may fill on a node that names neither disks nor a bound."""


def cameras_of(settings: Settings) -> tuple[Camera, ...]:
    """The configured cameras."""
    return tuple(_camera(camera, settings.sound.allowed) for camera in settings.camera)


def _camera(settings: CameraSettings, sound_allowed: bool) -> Camera:
    addresses: tuple[tuple[StreamName, SecretStr | None], ...] = (
        ("main", settings.main),
        ("sub", settings.sub),
    )
    onvif = parse_onvif_address(settings.onvif.get_secret_value()) if settings.onvif is not None else None
    streams = tuple(
        Stream(
            StreamKey(settings.id, name),
            TO_BE_FOUND if address is None else SecretUrl(address.get_secret_value()),
            settings.transport,
            sound_allowed and settings.sound,
        )
        for name, address in addresses
        if address is not None or (onvif is not None and name in settings.find)
    )
    rates: tuple[tuple[StreamName, float | None], ...] = (
        ("main", settings.fps_main),
        ("sub", settings.fps_sub),
    )
    return Camera(
        id=settings.id,
        place=Place(settings.name, settings.town, settings.latitude, settings.longitude),
        owner=settings.owner,
        streams=streams,
        reads_plates=settings.plates,
        analysis=settings.analysis,
        fps_expected={name: rate for name, rate in rates if rate is not None},
        onvif=onvif,
        sets_clock=settings.set_clock,
        network=settings.network,
        priority=settings.priority,
        plate_zone=settings.plate_zone,
        face_zone=settings.face_zone,
        ignored_zone=settings.ignored_zone,
        private_zone=settings.private_zone,
        bearing=settings.bearing,
        groups=settings.groups,
    )


def own_ports(settings: Settings) -> frozenset[int]:
    """The ports that the node itself listens on: no camera's address may lead there."""
    tls = settings.server.tls
    return frozenset({settings.server.port, (tls and tls.redirect_port) or 0}) - {0}


def access_of(settings: Settings) -> Access:
    """The access policy of the configuration, or the one that comes with Istros. Raises PolicyFault."""
    return load_access(settings.access.policy, {camera.id: camera.groups for camera in settings.camera})


def sign_in_rules(settings: Settings) -> SignInRules:
    """What people prove when they sign in."""
    return SignInRules(frozenset(settings.sign_in.second_factor), settings.node.name)


def archive_of(settings: Settings) -> Archive:
    """The configured disks; without any, one disk `main` in the data folder."""
    most = settings.recording.gigabytes or GIGABYTES_OF_ONE_DISK
    main = DiskSettings(name=MAIN_DISK, path=settings.data / "recordings", gigabytes=most)
    disks = settings.disk or (main,)
    return Archive([_disk(disk, settings.recording.free_gigabytes) for disk in disks])


def _disk(settings: DiskSettings, free_gigabytes: float) -> NamedDisk:
    free = free_gigabytes if settings.free_gigabytes is None else settings.free_gigabytes
    return NamedDisk(
        name=settings.name,
        disk=LocalDisk(settings.path) if settings.path is not None else _bucket(settings),
        tier=settings.tier,
        bytes_max=None if settings.gigabytes is None else round(settings.gigabytes * GIGABYTE),
        free_bytes_min=round(free * GIGABYTE) if settings.path is not None else 0,
        place=str(settings.path or settings.url),
    )


def _bucket(settings: DiskSettings) -> Disk:
    from istros.store.disk_bucket import BucketDisk, read_key  # 20 MB that only a node with a bucket needs

    bucket, _, prefix = (settings.url or "").removeprefix("s3://").partition("/")
    key = None if settings.credentials is None else read_key(settings.credentials)
    return BucketDisk(bucket, prefix.strip("/"), endpoint=settings.endpoint, region=settings.region, key=key)


def policy_of(settings: Settings) -> RecordingPolicy:
    """How the recorder cuts and keeps, from the configuration."""
    recording = settings.recording
    gigabytes = recording.gigabytes or (None if settings.disk else GIGABYTES_OF_ONE_DISK)
    return RecordingPolicy(
        keeping=KeepingRules(_usual(recording), {camera.id: _own(recording, camera) for camera in settings.camera}),
        bytes_max=None if gigabytes is None else round(gigabytes * GIGABYTE),
        free_bytes_min=round(recording.free_gigabytes * GIGABYTE),
        move_after_days=recording.move_after_days,
        move_bytes_per_s=recording.move_megabits_per_s * 125_000,
        schedules=schedules_of(settings),
        events=EventRules(recording.event_kinds, recording.event_before_s, recording.event_after_s),
        segment_s=recording.segment_s,
        fragment_s=recording.fragment_s,
    )


def schedules_of(settings: Settings) -> Schedules:
    """What is recorded when, of every stream."""
    streams: dict[StreamKey, StreamSchedule] = {}
    for camera in settings.camera:
        modes: dict[StreamName, RecordMode] = {"main": camera.record_main, "sub": camera.record_sub}
        for name, mode in modes.items():
            windows = tuple(_window(each) for each in camera.schedule if each.stream in {None, name})
            streams[StreamKey(camera.id, name)] = StreamSchedule(mode, windows, settings.node.time_zone)
    return Schedules(streams, settings.recording.preroll_s, settings.recording.postroll_s)


def _window(settings: WindowSettings) -> Window:
    days = tuple(_WEEK.index(day) for day in settings.days)
    return Window(days, _minute(settings.begins), _minute(settings.ends), settings.record)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _usual(recording: RecordingSettings) -> Keeping:
    return Keeping(recording.days, max(recording.days, recording.event_days or 0))


def _own(recording: RecordingSettings, camera: CameraSettings) -> Keeping:
    days = camera.days or recording.days
    event_days = camera.event_days or recording.event_days or days
    bytes_max = None if camera.gigabytes is None else round(camera.gigabytes * GIGABYTE)
    return Keeping(days, max(days, event_days), bytes_max)


def face_keys(settings: Settings, environment: Environment) -> SealKeys:
    """The keys that the faces of sought persons are sealed with, one an entry, apart from the data."""
    return SealKeys(settings.data / "keys" / FACE_KEYS, environment.random)


def open_node_database(settings: Settings, environment: Environment) -> Database:
    """The node's database, migrated to the newest version."""
    return open_database(settings.database_url, environment.workers)
