"""The reader that tests look into PDFs with: whatever letters the three languages have, however typst writes them."""

from __future__ import annotations

import typst

from istros.reports.period_words import WORDS
from tests.api.pdf_text import text_of


def test_every_letter_of_the_three_languages_is_read() -> None:
    """Together they need more than 127 glyphs, and glyphs whose numbers are those of brackets."""
    letters = "".join(sorted({letter for words in WORDS.values() for text in words.values() for letter in text}))
    told = f"{letters.replace(' ', '')}șțăâîȘȚĂÂÎ{letters[::-1].replace(' ', '')}"
    page = f"#set page(width: 4000pt)\n#text({_quoted(told)}, ligatures: false)"
    assert text_of(typst.compile(page.encode(), ignore_system_fonts=True)) == told


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
