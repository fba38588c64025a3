"""The command `istros`: each command in a module of its own, errors as sentences, exit codes that scripts can trust.

0: done. 1: done, and something was found wrong (`check`) or could not be read (`read`) or compared (`compare`). 2: could not be done.
"""

from __future__ import annotations

import sys

from cyclopts import App

from istros import __version__
from istros.app.logs import configure_logs, redact
from istros.base.errors import IstrosError
from istros.cli import anchors, cameras, check, city, compare, count, evaluate, operators, read, report, run, verify

app = App(
    name="istros",
    version=__version__,
    help="Istros, a city-safety centre: `istros demo` shows it, `istros serve` runs it.",
)
for module in (run, read, compare, count, evaluate, check, verify, anchors, report, operators, cameras, city):
    module.register(app)


def main() -> None:
    """Run the command line; an error that a person can act on is one sentence, not a trace."""
    configure_logs(as_json=not sys.stderr.isatty())
    try:
        app()
    except IstrosError as error:
        sys.stderr.write(f"istros: {redact(str(error))}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
