"""`istros serve` and `istros demo`."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from istros.base.secret_files import require_private
from istros.settings import load_settings, secrets_in

Part = Literal["recorder", "analyser", "server", "devices", "exporter", "searcher", "cameras"]
PARTS: dict[Part, str] = {
    "analyser": "analyser",
    "server": "server",
    "devices": "devices",
    "exporter": "exporter",
    "searcher": "searcher",
    "cameras": "farm",
}


def register(app: App) -> None:
    """Add the commands to the command line."""
    app.command(serve)
    app.command(show, name="demo")


def serve(
    *,
    config: Annotated[Path, Parameter(help="The configuration file (docs/reference/settings.md).")] = Path(
        "istros.toml"
    ),
    only: Annotated[Part | None, Parameter(help="Run this one process instead of all of them.")] = None,
    standby: Annotated[bool, Parameter(help="With --only recorder: wait until the one that works has ended.")] = False,
) -> None:
    """Run a node: recorder, analyser and server, each started again when it ends. Ctrl-C ends it cleanly."""
    settings = load_settings(config)
    if secrets_in(settings):
        require_private(config, "configuration, which holds passwords,")
    if only is None:
        from istros.app.node import run_node

        if settings.analysis.detector is not None:
            # A wrong card is told here, once, and not by an analyser that is started again and again.
            from istros.recognition.models.detector_card import read_card

            read_card(settings.analysis.detector)
        run_node(settings, config)
    elif only == "recorder":
        from istros.app.lean_recorder import run as record

        record(settings, standby=standby)
    else:
        # Each process loads its own part alone: a recorder that comes back must not wait for models and screens.
        _loaded(f"istros.app.{PARTS[only]}").run(settings)


def _loaded(name: str) -> ModuleType:
    """A module whose objects stay: looking for garbage among them costs the server a third of its start, and a pause later."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def show(
    *,
    port: Annotated[
        int, Parameter(help="Port of the screens on this machine.", validator=Number(gte=1, lte=65_535))
    ] = 8700,
    data: Annotated[Path, Parameter(help="Folder for everything the demo writes.")] = Path("data/demo"),
    cameras: Annotated[
        int, Parameter(help="How many cameras; 6 of the simulated city by default.", validator=Number(gte=0, lte=64))
    ] = 0,
    video: Annotated[
        list[Path] | None,
        Parameter(
            help="Films, pictures or folders of pictures that become cameras.",
            consume_multiple=True,
        ),
    ] = None,
    watch: Annotated[
        list[str] | None,
        Parameter(
            help="Plates to put on the watchlist; a simulated city brings its own.",
            consume_multiple=True,
        ),
    ] = None,
) -> None:
    """Show Istros with cameras of the simulated city, or with your own films. Ctrl-C ends it cleanly."""
    from istros.app.demo import DemoWishes, run_demo

    run_demo(DemoWishes(port, data, cameras, tuple(video or ()), tuple(watch or ())))
