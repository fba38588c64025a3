"""The configuration file: what is accepted, and how each fault is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeGuard, get_args

import pytest
from pydantic import BaseModel

from istros.app.wiring import cameras_of
from istros.compliance.access import ROLES
from istros.settings import RoleName, Settings, SettingsError, load_settings

GOOD = """
data = "here"

[node]
name = "Izmail"

[[camera]]
id = "IZ-01"
name = "Myru Ave"
town = "Izmail"
owner = "Izmail city council"
main = "rtsp://viewer:secret-word@127.0.0.1:8554/IZ-01/main"
plates = true
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "istros.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(folder, text))
    return str(caught.value)


def test_a_good_file_is_read_and_data_is_meant_from_its_folder(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, GOOD))
    assert settings.data == tmp_path / "here"
    assert settings.camera[0].plates
    assert settings.database_url == f"sqlite:///{tmp_path}/here/istros.sqlite3"


def test_a_password_never_shows_in_the_repr(tmp_path: Path) -> None:
    assert "secret-word" not in repr(load_settings(write(tmp_path, GOOD)))


def test_a_wrong_key_is_named_with_its_line(tmp_path: Path) -> None:
    assert "line 14: camera.1.colour: there is no such key" in fault(tmp_path, GOOD + 'colour = "red"\n')


def test_a_wrong_value_in_the_second_camera_is_named_with_its_line(
    tmp_path: Path,
) -> None:
    second = '\n[[camera]]\nid = "IZ-02"\nname = "B"\ntown = "Izmail"\nowner = "o"\nmain = "ftp://elsewhere/"\n'
    text = fault(tmp_path, GOOD + second)
    assert "line 20: camera.2.main: is not an RTSP address" in text


def test_a_fault_in_an_address_never_repeats_the_password(tmp_path: Path) -> None:
    text = fault(tmp_path, GOOD.replace("rtsp://", "rtps://"))
    assert "secret-word" not in text


def test_two_cameras_of_one_id_are_refused(tmp_path: Path) -> None:
    camera = GOOD[GOOD.index("[[camera]]") :]
    assert "two cameras have the id IZ-01" in fault(tmp_path, GOOD + camera)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[server]\nport = 70000\n", "line 2: server.port"),
        ("[[camera]]\nid = 'x'\n", "camera.1.name: is missing"),
        ("[node\n", "is not valid TOML"),
        ("recording = 3\n", "line 1: recording"),
        ("[sound]\nallowed = true\n", "sound: sound may be taken on a legal ground only; name it in ground"),
        ('[sound]\nallowed = true\nground = "  "\n', "on a legal ground only"),
    ],
)
def test_each_fault_says_where(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in fault(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no file"):
        load_settings(tmp_path / "none.toml")


def keys_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        inner = next(
            (part for part in (field.annotation, *get_args(field.annotation)) if is_part(part)),
            None,
        )
        keys |= keys_of(inner, f"{prefix}{name}.") if inner else {prefix + name}
    return keys


def is_part(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def test_every_key_is_in_the_reference_and_no_other() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == keys_of(Settings)


def test_the_example_in_the_reference_is_a_good_file(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
    example = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert load_settings(write(tmp_path, example)).camera[0].id == "IZ-07"


@pytest.mark.parametrize(("node", "own", "expected"), [(True, True, True), (True, False, False), (False, True, False)])
def test_sound_needs_the_leave_of_node_and_camera(tmp_path: Path, node: bool, own: bool, expected: bool) -> None:
    rule = '\n[sound]\nallowed = true\nground = "Act 1, article 2; decision 3"\n' if node else ""
    settings = load_settings(write(tmp_path, GOOD + ("sound = true\n" if own else "") + rule))
    assert [stream.sound for camera in cameras_of(settings) for stream in camera.streams] == [expected]


def test_the_roles_of_the_settings_are_those_of_the_policy() -> None:
    assert set(get_args(RoleName)) == set(ROLES)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[server]\ntrusted_proxies = ["10.0.0.5", "here"]', "'here' is no address and no network"),
        ('[server]\naddress = "http://centre.example"', "is no https address"),
        ('[sign_in]\nsecond_factor = ["king"]', "sign_in.second_factor"),
    ],
)
def test_what_the_sign_in_cannot_work_with_is_named(tmp_path: Path, lines: str, said: str) -> None:
    config = tmp_path / "istros.toml"
    config.write_text(lines)
    with pytest.raises(SettingsError) as error:
        load_settings(config)
    assert said in error.value.message and "line 2" in error.value.message
