"""RFC 6381 types from codec strings, for those who hold no parameter sets."""

from __future__ import annotations


def mime_of_codec(codec: str) -> str:
    """`avc1.4d401f` becomes `video/mp4; codecs="avc1.4d401f"`; a bare name has no codecs; empty stays empty."""
    return f'video/mp4; codecs="{codec}"' if "." in codec else ("video/mp4" if codec else "")
