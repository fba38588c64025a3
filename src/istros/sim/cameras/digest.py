"""What a simulated camera makes of an answer to its Digest challenge (RFC 7616), by RTSP and by HTTP alike."""

from __future__ import annotations

import hmac
import re

from istros.video.rtsp_authentication import Challenge, digest_answer

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


def is_right(given: str, challenge: Challenge, user: str, password: str, method: str) -> bool:
    """Whether the `Authorization` header answers that challenge for that account."""
    fields = {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(given)}
    if not challenge.nonce or fields.get("nonce") != challenge.nonce or fields.get("username") != user:
        return False
    count, own = fields.get("nc", ""), fields.get("cnonce", "")
    right = digest_answer(challenge, user, password, method, fields.get("uri", ""), count, own)
    return hmac.compare_digest(right.encode(), fields.get("response", "").encode())
