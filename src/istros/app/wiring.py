"""From settings to the parts that every process needs."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.devices.camera import TO_BE_FOUND, Camera, Place, SecretUrl, Stream, StreamKey
from istros.devices.onvif.address import parse_onvif_address
from istros.recording.archive import Archive, NamedDisk
from istros.settings import GIGABYTE, CameraSettings, DiskSettings, Settings
from istros.store import Database, open_database
from istros.store.disk_local import LocalDisk
from istros.store.rows import MAIN_DISK, StreamName


class DataFolderError(IstrosError):
    """The data folder cannot be used."""

    code = "data-folder"


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
    )


def archive_of(settings: Settings) -> Archive:
    """The configured disks; without any, one disk `main` in the data folder."""
    disks = settings.disk or (DiskSettings(name=MAIN_DISK, path=settings.data / "recordings"),)
    return Archive([_disk(disk, settings.recording.free_gigabytes) for disk in disks])


def _disk(settings: DiskSettings, free_gigabytes: float) -> NamedDisk:
    free = free_gigabytes if settings.free_gigabytes is None else settings.free_gigabytes
    return NamedDisk(
        name=settings.name,
        disk=LocalDisk(settings.path),
        bytes_max=None if settings.gigabytes is None else round(settings.gigabytes * GIGABYTE),
        free_bytes_min=round(free * GIGABYTE),
        place=str(settings.path),
    )


def prepare_data_folder(data: Path) -> None:
    """Make the folders of docs/design/0001, for the node's own account alone. Raises DataFolderError."""
    try:
        for folder in (data, data / "run", data / "recordings", data / "keys", data / "exports"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / "run" / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise DataFolderError(
            f"The data folder {data} cannot be written: {error.strerror}.",
            "Choose another with `data = …` in the configuration, or correct its rights or its disk.",
        ) from error


def open_node_database(settings: Settings, environment: Environment) -> Database:
    """The node's database, migrated to the newest version."""
    return open_database(settings.database_url, environment.workers)
