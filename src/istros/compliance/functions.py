"""What a node may do, as its deployment profile says it: functions with their grounds, and limits (docs/design/0031)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType

from istros.base.time import Time
from istros.compliance.deployment import PeopleFunctions


class Function(StrEnum):
    """What touches people or their vehicles, each with its own ground in law. The codes are stable."""

    LIVE_VIEW = "live-view"
    """Cameras are watched live."""
    RECORDING = "recording"
    """Cameras are recorded, and recordings looked at under a permit."""
    EXPORTS = "exports"
    """Recordings leave the node, with people and plates hidden."""
    PLATES_READ = "plates-read"
    """Plates are read and compared with the watchlist."""
    PLATES_SEARCH = "plates-search"
    """Plates that were read are searched under a permit."""
    VEHICLES_DESCRIBED = "vehicles-described"
    """Class, colour and direction of vehicles."""
    PEOPLE_DETECTED = "people-detected"
    """People are found and followed in one camera's pictures, and counted."""
    PEOPLE_DESCRIBED = "people-described"
    """Clothes and direction of people, for a search inside a case."""
    AGE_SEX_COUNTED = "age-sex-counted"
    """Age bands and sex in aggregate: at least 10 people and a quarter of an hour in each number."""
    AGE_SEX_DESCRIBED = "age-sex-described"
    """Age band and sex on a confirmed match, or on a search inside a case."""
    FACES_SEARCHED = "faces-searched"
    """A sought face is looked for in recordings, inside a case."""
    FACES_MATCHED_LIVE = "faces-matched-live"
    """Faces are compared live with released watchlist entries."""
    REDACTION_LIFTED = "redaction-lifted"
    """Pictures leave the node, or are shown, without their masks."""
    SOUND_RECORDED = "sound-recorded"
    """The sound of cameras is recorded."""
    PUBLIC_PAGE = "public-page"
    """The public page says which cameras there are and what they do."""


BASE = frozenset({Function.LIVE_VIEW, Function.RECORDING})
"""What every node does: without them it is none. A profile names their ground and cannot leave them out."""

STRICTEST_FUNCTIONS = BASE | {
    Function.EXPORTS, Function.PLATES_READ, Function.PLATES_SEARCH, Function.VEHICLES_DESCRIBED,
}  # fmt: skip
"""What a node without a signed profile may do: watch, record, and read plates against watchlists (rule L13)."""

LAW = "law:"
"""How the ground of live face matching begins: a law that allows it by name (AI Act article 5(5))."""

QUESTIONS = (
    "controller", "purpose", "necessity", "people", "data", "recipients", "risks", "measures", "consultation", "signs",
    "rights", "fria", "registration",
)  # fmt: skip
"""Questions of the data-protection impact assessment (GDPR article 35(7), Directive 2016/680 article 27(2)).

`fria` and `registration` are the ids of the fundamental-rights impact assessment and of the entry in the EU database;
they may stay empty while faces are not matched live.
"""

ONLY_FOR_FACES = frozenset({"fria", "registration"})

MOST_LETTERS = 4000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much at most; hours, and numbers of cameras. The defaults are the strictest profile's."""

    recording_hours: int = 720
    """Recordings; 30 days are the usual longest (Romania)."""
    plate_hours: int = 24
    """Plate reads that matched nothing (rule L13)."""
    people_hours: int = 24
    """Descriptions of people."""
    export_hours: int = 168
    """Packages of exports on the node."""
    search_hours: int = 24
    """How much recorded time one search for a face or a person may look through (rule L3)."""
    search_cameras: int = 16
    matching_hours: int = 24
    """How long live face matching may run at a time (rule L1)."""
    matching_cameras: int = 4


MOST = Limits(720, 720, 72, 720, 168, 64, 72, 16)
"""What no profile may exceed."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a node may do now. `version` 0 is the strictest: no signed profile counts."""

    version: int = 0
    simulated: bool = False
    """Its cameras and people are made up."""
    answers: Mapping[str, str] = field(default_factory=dict)
    grounds: Mapping[Function, str] = field(default_factory=dict)
    """The ground of each function that it allows."""
    limits: Limits = Limits()
    review: Time | None = None

    def allows(self, function: Function) -> bool:
        """Whether the function may run at all. Live face matching needs its law and both ids, whatever was signed."""
        if function not in self.grounds:
            return False
        return function is not Function.FACES_MATCHED_LIVE or not live_lacks(self.grounds[function], self.answers)

    def ground(self, function: Function) -> str:
        """The ground in law of an allowed function; empty when it is not allowed."""
        return self.grounds[function] if self.allows(function) else ""

    @property
    def people(self) -> PeopleFunctions:
        """The part that recognition asks."""
        live, searched = self.allows(Function.FACES_MATCHED_LIVE), self.allows(Function.FACES_SEARCHED)
        age = self.allows(Function.AGE_SEX_COUNTED) or self.allows(Function.AGE_SEX_DESCRIBED)
        return PeopleFunctions(
            faces=live or searched or age, matching=live or searched, age_and_sex=age,
            appearance=self.allows(Function.PEOPLE_DESCRIBED),
        )  # fmt: skip


STRICTEST_PROFILE = Profile(
    grounds=MappingProxyType(
        dict.fromkeys(
            sorted(STRICTEST_FUNCTIONS), "Without a signed profile: the least that a town's safety centre does"
        )
    )
)
"""What counts when no profile is signed, or the signed one is past its review."""


def live_lacks(ground: str, answers: Mapping[str, str]) -> list[str]:
    """What live face matching lacks: `law`, `fria`, `registration`."""
    lacking = [name for name in ("fria", "registration") if not answers.get(name, "").strip()]
    has_law = ground.startswith(LAW) and ground[len(LAW) :].strip()
    return lacking if has_law else ["law", *lacking]


def limits_of(facts: Mapping[str, int]) -> Limits:
    """Limits from plain numbers; what is not named is the strictest."""
    return Limits(**{field.name: facts[field.name] for field in fields(Limits) if field.name in facts})
