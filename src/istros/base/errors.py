"""The root of every error that Istros raises on purpose."""

from __future__ import annotations

from istros.base.said import Said


class IstrosError(Exception):
    """Something went wrong that a person can act on.

    `code` is stable and shared by the API, the logs and the documentation; the message is one sentence
    that names the thing, and `remedy` is one sentence that says what to do. A message made by `base.said.say` is told
    in the reader's language, remedy and all.
    """

    code = "error"

    def __init__(self, message: str | Said, remedy: str = "") -> None:
        told = message if isinstance(message, Said) else Said(message)
        super().__init__(told.text)
        self.message = told.text
        self.remedy = remedy
        self.told = told
        """The message with its code and facts."""

    @property
    def said(self) -> Said:
        """Message and remedy, and what another language says both with; without a code where there is none."""
        return Said(str(self), self.told.code, self.told.facts)

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
