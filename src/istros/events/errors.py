"""What can be refused about alarms and watchlists."""

from __future__ import annotations

from istros.base.errors import IstrosError


class AlarmUnknown(IstrosError):
    """No alarm has this id."""

    code = "alarm-unknown"


class AlarmStateConflict(IstrosError):
    """The alarm is not in a state that allows the step."""

    code = "alarm-state"


class EntryUnknown(IstrosError):
    """No watchlist entry has this id."""

    code = "entry-unknown"


class EntryRefused(IstrosError):
    """A watchlist entry lacks what the law asks of it.

    `field` names what is wrong and `what` how (`missing`, `too-long`, …), so that a screen can say it in its language.
    """

    code = "entry-refused"

    def __init__(self, message: str, remedy: str = "", field: str = "", what: str = "") -> None:
        super().__init__(message, remedy)
        self.field, self.what = field, what


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
