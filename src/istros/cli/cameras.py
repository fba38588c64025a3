"""`istros cameras find`, `istros cameras probe` and `istros cameras state`."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from istros.base.errors import IstrosError

if TYPE_CHECKING:
    from istros.devices.discovery import FoundDevice


class WrongAddress(IstrosError):
    """What was given is no ONVIF address."""

    code = "wrong-address"


def register(app: App) -> None:
    """Add the command group to the command line."""
    group = App(name="cameras", help="Look for cameras in the network, ask one what it offers, and see which may film.")
    group.command(find)
    group.command(probe)
    group.command(state)
    app.command(group)


def find(
    *,
    seconds: Annotated[float, Parameter(help="How long to wait for answers.", validator=Number(gt=0, lte=60))] = 3.0,
    config: Annotated[Path | None, Parameter(help="A configuration, to tell known cameras from new ones.")] = None,
    json_output: Annotated[bool, Parameter(name="--json", help="Print what was found as JSON.")] = False,
) -> None:
    """List the cameras that answer in the network, with the lines to paste into the configuration."""
    from istros.app.probing import find_cameras

    found = asyncio.run(find_cameras(seconds, config))
    if json_output:
        listed = [{"url": each.url, "name": each.name, "hardware": each.hardware, "camera": id} for each, id in found]
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(_found_words(found))


def probe(
    url: Annotated[str, Parameter(help="http://account@host/onvif/device_service; the password is asked for.")],
    *,
    json_output: Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Ask a camera by ONVIF who it is, which streams it has, and whether its clock is right."""
    from istros.app.probing import probe_camera
    from istros.devices.onvif.address import parse_onvif_address

    try:
        address = parse_onvif_address(url if "://" in url else f"http://{url}")
    except ValueError as problem:
        raise WrongAddress(
            f"The address cannot be used: {problem}.",
            "Write it as http://, the account, @ and the host; the password is asked for.",
        ) from None
    password = address.password or (_ask_password() if address.user else "")
    found = asyncio.run(probe_camera(address, password))
    sys.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n" if json_output else found.words())


def state(
    *,
    config: Annotated[Path, Parameter(help="The node's configuration.")] = Path("istros.toml"),
    json_output: Annotated[bool, Parameter(name="--json", help="Print it as JSON.")] = False,
) -> None:
    """Say of each camera whether it may film, what is missing, and who does it next."""
    from istros.app.camera_states import camera_states
    from istros.settings import load_settings

    states = camera_states(load_settings(config))
    if json_output:
        sys.stdout.write(json.dumps([each.as_json() for each in states], indent=2, ensure_ascii=False) + "\n")
        return
    sys.stdout.write("".join(each.words() + "\n" for each in states) or "The configuration names no camera.\n")


def _found_words(found: list[tuple[FoundDevice, str]]) -> str:
    if not found:
        return "No camera answered. Cameras in other networks do not hear the question; probe them by their address.\n"
    lines: list[str] = []
    new = 0
    for device, camera_id in found:
        said = ", ".join(word for word in (device.name, device.hardware, device.place) if word)
        lines.append(f"{device.url}  {said}  {f'configured as {camera_id}' if camera_id else 'new'}")
        if not camera_id:
            new += 1
            lines += ["", device.lines(new), ""]
    return "\n".join(lines) + "\n"


def _ask_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password of the camera: ")
    return sys.stdin.readline().rstrip("\n")
