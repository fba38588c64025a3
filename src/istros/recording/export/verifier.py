"""The page that checks a package in a browser, without Istros and without a network."""

from __future__ import annotations

import json
from importlib.resources import files

from istros.recording.export.verifier_words import WORDS

_SCRIPTS = ("verifier_stamps.js", "verifier_claims.js", "verifier.js")


def verifier_page(language: str) -> bytes:
    """`verify.html`; it opens in that language, and speaks the others too."""
    folder = files("istros.recording.export")
    words = json.dumps({name: dict(each) for name, each in WORDS.items()}, ensure_ascii=False).replace("</", "<\\/")
    page = folder.joinpath("verifier.html").read_text("utf-8")
    script = "\n".join(folder.joinpath(name).read_text("utf-8") for name in _SCRIPTS)
    first = language if language in WORDS else "en"
    return page.replace("@LANGUAGE@", first).replace("@WORDS@", words).replace("@SCRIPT@", script).encode()
