"""What a browser calls itself, short enough to be recognised by the person who used it."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_MOST_LETTERS = 40


def browser_of(user_agent: str) -> str:
    """`Firefox on Linux`; the program's own name where it is no browser; without versions, which change every month."""
    name = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if name:
        return f"{name} on {system}" if system else name
    program = user_agent.split("/", 1)[0].strip()[:_MOST_LETTERS]
    return program if program.isprintable() else ""
