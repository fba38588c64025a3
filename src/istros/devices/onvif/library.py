"""`onvif-zeep-async`, imported without what its import does: it turns on logging for the whole process."""

from __future__ import annotations

import logging
from typing import Any

from zeep.settings import Settings

from istros.base.xml import check_xml

_HANDLERS, _LEVEL = list(logging.root.handlers), logging.root.level

import onvif.client as client  # noqa: E402
from onvif.exceptions import ONVIFError as ONVIFError  # noqa: E402

logging.root.handlers[:] = _HANDLERS
logging.root.setLevel(_LEVEL)
for _name in ("onvif", "zeep"):
    # Both write whole messages at DEBUG and warn of each schema oddity; what matters is raised.
    logging.getLogger(_name).setLevel(logging.CRITICAL)

ANSWER_SETTINGS = Settings(
    strict=False, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True, forbid_external=True
)
"""How a device's answers are read: forgiving about schemas, never about entities, document types and size."""


class CheckedTransport(client.AsyncTransportProtocolErrorHandler):  # type: ignore[misc]  # the library has no types
    """Looks at every answer before zeep builds anything of it. XmlRefused beside the library's own errors."""

    async def post(self, address: str, message: str, headers: dict[str, str]) -> Any:
        """Ask, and check what came."""
        answer = await super().post(address, message, headers)
        _check(answer)
        return answer

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> Any:
        """Ask, and check what came."""
        answer = await super().post_xml(address, envelope, headers)
        _check(answer)
        return answer


def _check(answer: Any) -> None:
    if answer.content and answer.status_code not in (401, 403, 404):
        check_xml(answer.content, forgiving=True)


__all__ = ["ANSWER_SETTINGS", "CheckedTransport", "ONVIFError", "client"]
