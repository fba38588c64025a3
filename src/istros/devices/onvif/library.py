"""`onvif-zeep-async`, imported without what its import does: it turns on logging for the whole process."""

from __future__ import annotations

import logging

_HANDLERS, _LEVEL = list(logging.root.handlers), logging.root.level

import onvif.client as client  # noqa: E402
from onvif.exceptions import ONVIFError as ONVIFError  # noqa: E402

logging.root.handlers[:] = _HANDLERS
logging.root.setLevel(_LEVEL)
for _name in ("onvif", "zeep"):
    # Both write whole messages at DEBUG and warn of each schema oddity; what matters is raised.
    logging.getLogger(_name).setLevel(logging.CRITICAL)

__all__ = ["ONVIFError", "client"]
