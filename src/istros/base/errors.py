"""The root of every error that Istros raises on purpose."""

from __future__ import annotations


class IstrosError(Exception):
    """Something went wrong that a person can act on.

    `code` is stable and shared by the API, the logs and the documentation; the message is one sentence
    that names the thing, and `remedy` is one sentence that says what to do.
    """

    code = "error"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
