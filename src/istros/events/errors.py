"""What can be refused about alarms and watchlists."""

from __future__ import annotations

from collections.abc import Sequence

from istros.base.errors import IstrosError
from istros.base.said import Said, say


class AlarmUnknown(IstrosError):
    """No alarm has this id."""

    code = "alarm-unknown"


class AlarmStateConflict(IstrosError):
    """The alarm is not in a state that allows the step."""

    code = "alarm-state"


class EntryUnknown(IstrosError):
    """No watchlist entry has this id."""

    code = "entry-unknown"


def _told(message: str | Said, field: str, what: str) -> Said:
    if isinstance(message, Said):
        return message
    match what:
        case "missing":
            return say("entry-missing", message, field=field)
        case "too-long":
            return say("entry-too-long", message, field=field)
        case "too-short":
            return say("entry-too-short", message, field=field)
        case "unknown-word" | "unknown-camera":
            return say("entry-unknown-word", message, field=field)
        case "not-text" | "not-moment":
            return say("entry-wrong-form", message, field=field)
        case "not-hours":
            return say("hours-wrong", message)
        case "wildcard":
            return say("entry-wildcard", message)
        case "past":
            return say("entry-past", message)
        case "too-late":
            return say("entry-too-late", message)
        case "outside":
            return say("entry-review-outside", message)
        case "another":
            return say("entry-of-another", message)
        case "same":
            return say("entry-own", message)
        case _:
            return say("entry-reason", message)


class EntryRefused(IstrosError):
    """A watchlist entry lacks what the law asks of it.

    `field` names what is wrong and `what` how (`missing`, `too-long`, …), so that a screen can say it in its language;
    `words` are those that may stand there, where only some may.
    """

    code = "entry-refused"

    def __init__(
        self, message: str | Said, remedy: str = "", field: str = "", what: str = "", words: Sequence[str] = ()
    ) -> None:
        super().__init__(_told(message, field, what), remedy)
        self.field, self.what, self.words = field, what, tuple(words)


class PlateRefused(IstrosError):
    """What was written cannot be a plate."""

    code = "plate-refused"


class PlateSame(IstrosError):
    """What was written is what was read."""

    code = "plate-same"


class EntryStateConflict(IstrosError):
    """The entry is closed already."""

    code = "entry-state"


class ImportRefused(IstrosError):
    """A file of entries cannot be taken."""

    code = "import-refused"


class MatchingRefused(IstrosError):
    """Faces cannot be compared live as it was asked for."""

    code = "matching-refused"


class FaceSearchRefused(IstrosError):
    """A face cannot be looked for in recordings as it was asked for."""

    code = "face-search-refused"


class FaceSearchUnknown(IstrosError):
    """No search for a face has this id."""

    code = "face-search-unknown"


class FaceSearchStateConflict(IstrosError):
    """The search is not in a state that allows the step."""

    code = "face-search-state"


class CandidateUnknown(IstrosError):
    """No candidate has this id, or it was erased with its entry."""

    code = "candidate-unknown"


class CandidateStateConflict(IstrosError):
    """The candidate is not in a state that allows the step."""

    code = "candidate-state"


class AlarmNeedsVerdicts(IstrosError):
    """A face's alarm is called true only after two people have confirmed its candidate."""

    code = "alarm-needs-verdicts"
