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


class EntryStateConflict(IstrosError):
    """The entry is closed already."""

    code = "entry-state"


class ImportRefused(IstrosError):
    """A file of entries cannot be taken."""

    code = "import-refused"


class MatchingRefused(IstrosError):
    """Faces cannot be compared live as it was asked for."""

    code = "matching-refused"
