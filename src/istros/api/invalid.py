"""What is wrong with a value of a request, in English and by a code, from what Pydantic found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from istros.base.said import Said, say


def told_of(found: Mapping[str, Any]) -> Said:
    """The sentence for one error of `ValidationError.errors()`; `field` is the last name on the way to the value."""
    path, bounds = _path(found["loc"]), found.get("ctx", {})
    field = next((str(part) for part in reversed(found["loc"][1:]) if isinstance(part, str)), "")
    reason = _lower_first(str(found["msg"]))
    if not field:
        return say("request-wrong", f"The request is not acceptable: {reason}.")
    sentence = f"The field '{path}' is not acceptable: {reason}."
    match found["type"]:
        case "missing":
            return say("field-missing", sentence, field=field)
        case "string_too_long" | "too_long":
            return say("field-too-long", sentence, field=field, most=bounds["max_length"])
        case "string_too_short" | "too_short":
            return say("field-too-short", sentence, field=field, least=bounds["min_length"])
        case "greater_than_equal" | "greater_than":
            return say("field-too-low", sentence, field=field, least=_shown(bounds.get("ge", bounds.get("gt"))))
        case "less_than_equal" | "less_than":
            return say("field-too-high", sentence, field=field, most=_shown(bounds.get("le", bounds.get("lt"))))
        case "enum" | "literal_error":
            return say("field-no-choice", sentence, field=field)
        case _:
            return say("field-wrong", sentence, field=field)


def _path(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location[1:])


def _shown(bound: object) -> str:
    return str(bound).removesuffix(".0")


def _lower_first(text: str) -> str:
    text = text.removeprefix("Value error, ").rstrip(".")
    return text[:1].lower() + text[1:]
