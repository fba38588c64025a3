"""Secrets lie in files for the node's account alone, or come from systemd; what others can read stops the start."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from istros.app.data_folder import prepare_data_folder
from istros.base.secret_files import SecretExposed, SecretMissing, make_secret, read_secret, require_private
from istros.settings import SettingsError, load_settings, secrets_in

CAMERA = '[[camera]]\nid = "IZ-07"\nname = "Gate"\ntown = "Izmail"\nowner = "City"\nmain = '


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.touch(0o600)
    path.chmod(mode)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666, 0o620, 0o777])
def test_a_secret_that_others_can_read_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "secret", "s", mode)
    for look in (lambda: read_secret(path, "secret"), lambda: require_private(path, "secret")):
        with pytest.raises(SecretExposed) as refusal:
            look()
        assert f"mode {mode:04o}" in refusal.value.message and refusal.value.remedy == f"Run: chmod 600 {path}"
    path.chmod(0o400)
    assert read_secret(path, "secret") == b"s"


def test_a_secret_is_made_whole_for_one_account_and_never_over_another(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        make_secret(tmp_path / "new", b"key")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        make_secret(tmp_path / "new", b"other")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        make_secret(tmp_path / "link", b"other")
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_no_file_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing):
        read_secret(tmp_path / "nothing", "secret")
    with pytest.raises(SecretMissing):
        read_secret(tmp_path, "secret")


def test_secrets_of_the_configuration_may_stand_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    write(credentials / "gate", "rtsp://eye:from-systemd@10.0.7.7/main\n", 0o400)
    write(tmp_path / "gate.url", "rtsp://eye:from-file@10.0.7.7/main\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setenv("ISTROS_GATE", "rtsp://eye:from-environment@10.0.7.7/main")
    for source, word in (
        ('{ credential = "gate" }', "from-systemd"),
        ('{ file = "gate.url" }', "from-file"),
        ('{ environment = "ISTROS_GATE" }', "from-environment"),
    ):
        (camera,) = load_settings(write(tmp_path / "istros.toml", CAMERA + source)).camera
        assert camera.main is not None and word in camera.main.get_secret_value()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ('{ credential = "gone" }', "cannot be read"), ('{ credential = "../gone" }', "names no credential"),
        ('{ file = "open.url" }', r"can be read by others \(mode 0644\)"), ('{ environment = "NOT_SET" }', "has no NOT_SET"),
        ("{ file = 7 }", "has no name"),
    ],
)  # fmt: skip
def test_a_source_without_a_secret_is_named_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, sentence: str
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    write(tmp_path / "open.url", "rtsp://eye:secret@10.0.7.7/main", 0o644)
    with pytest.raises(SettingsError, match=rf"camera\.1\.main: .*{sentence}"):
        load_settings(write(tmp_path / "istros.toml", CAMERA + source))


def test_without_systemd_there_are_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SettingsError, match="Add LoadCredential="):
        load_settings(write(tmp_path / "istros.toml", CAMERA + '{ credential = "gate" }'))


def test_a_node_does_not_start_from_a_configuration_that_others_can_read(tmp_path: Path) -> None:
    path = write(tmp_path / "istros.toml", CAMERA + '"rtsp://eye:secret-42@10.0.7.7/main"\n', 0o644)
    assert secrets_in(load_settings(path))
    done = subprocess.run(
        [sys.executable, "-m", "istros", "serve", "--config", str(path)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and f"Run: chmod 600 {path}" in done.stderr and "secret-42" not in done.stderr
    assert not (tmp_path / "data").exists()
    assert not secrets_in(load_settings(write(path, CAMERA + '"rtsp://10.0.7.7/main"\n')))


def test_the_data_folder_is_for_the_node_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("keys", "run", "recordings", "exports"):
        (data / name).mkdir(parents=True, exist_ok=True)
        (data / name).chmod(0o755)
    data.chmod(0o755)
    prepare_data_folder(data)
    modes = {name: stat.S_IMODE((data / name).stat().st_mode) for name in ("", "keys", "run", "recordings", "exports")}
    assert modes == {"": 0o750, "keys": 0o700, "run": 0o700, "recordings": 0o750, "exports": 0o700}
