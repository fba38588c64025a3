"""The purposes for which a permit can be opened (docs/design/0002), and what each one covers.

Which role may open which purpose is said in `policy.cedar`; here stands what a purpose is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

DUTY = "duty"
"""Purpose of the standing permit that comes with signing in; nobody opens it by hand."""

ALARM_REVIEW = "alarm-review"
"""Purpose for looking at the time around one alarm."""

SUBJECT_REQUEST = "subject-request"
"""Purpose for what a person asked about themselves; exports under it are redacted ones alone."""

_SHIFT = frozenset(
    {"cameras.read", "live.view", "ptz.move", "ptz.lead", "alarms.read", "alarms.answer", "persons.picture"}
)
_PICTURES = _SHIFT | {"playback.view", "holds.place"}
_EXPORTS = frozenset({"exports.order", "exports.fetch"})
_CLIPS = _PICTURES | _EXPORTS
_SEARCH = _CLIPS | {"plates.search", "plates.correct", "vehicles.search"}
_PEOPLE = _SEARCH | {"persons.search", "faces.search"}


@dataclass(frozen=True, slots=True)
class Purpose:
    """One lawful purpose; `covers` are the actions that a permit for it allows to a role that may do them."""

    code: str
    number: str
    """P1 to P7 of the joint purposes; empty for the node's own."""
    title: str
    covers: frozenset[str]
    needs_ground: bool = True


_ALL = (
    Purpose("offence", "P1", "Investigating a criminal offence", _PEOPLE),
    Purpose("missing-person", "P2", "Finding a missing person", _PEOPLE),
    Purpose("threat-to-life", "P3", "Averting a threat to life or health", _PEOPLE),
    Purpose("stolen-vehicle", "P4", "Finding a stolen vehicle", _SEARCH),
    Purpose("smuggling", "P5", "Investigating smuggling", _SEARCH),
    Purpose("traffic-safety", "P6", "Clearing up a road accident", _CLIPS),
    Purpose("civil-protection", "P7", "Protecting the population in an emergency", _CLIPS),
    Purpose(SUBJECT_REQUEST, "", "Answering a person who asks about themselves", _CLIPS),
    Purpose(ALARM_REVIEW, "", "Reviewing one alarm", _PICTURES, needs_ground=False),
    Purpose(DUTY, "", "Watching and answering on shift", _SHIFT, needs_ground=False),
)

PURPOSES = MappingProxyType({purpose.code: purpose for purpose in _ALL})
"""Every purpose by its code."""


@cache
def purpose_words(language: str) -> Mapping[str, str]:
    """What people read for each purpose, by its code: the words of the screens (tools.codegen); English for other languages."""
    found = json.loads(files("istros.compliance").joinpath("purpose_words.json").read_bytes())
    return MappingProxyType(found.get(language, found["en"]))


TO_OPEN = tuple(purpose.code for purpose in _ALL if purpose.code != DUTY)
"""The purposes that an operator can open a permit for."""
