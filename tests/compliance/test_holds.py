"""Who places a hold on which cameras: the policy's camera groups count here as for every look."""

from __future__ import annotations

import pytest

from istros.base.environment import Environment
from istros.base.time import HOUR, Span, Time
from istros.compliance import holds, permits
from istros.compliance.access import Access, standard_access
from istros.compliance.errors import CameraNotAllowed
from istros.compliance.holds import HoldRequest
from istros.store import Database
from istros.store.holds import HoldRow
from istros.store.rows import OperatorRow

POLICE = OperatorRow("o1", "vasyl", "Vasyl", "police", "investigator", "")
OFFICER = OperatorRow("o3", "ioana", "Ioana", "council", "protection_officer", "")
BORDER = """
@id("not-the-border")
forbid (principal in Role::"investigator", action == Action::"holds.place", resource in CameraGroup::"border");
"""


@pytest.fixture(scope="module")
def access() -> Access:
    """The standard policy, with one camera at the border where the police hold nothing."""
    return Access(standard_access().text + BORDER, groups={"IZ-07": ("harbour",), "IZ-09": ("border",)})


def place(
    database: Database, town: Environment, access: Access, who: OperatorRow, *cameras: str, permit: str | None = None
) -> HoldRow:
    now = town.clock.now()
    asked = HoldRequest(cameras, Span(Time(now - HOUR), now), "evidence", "robbery", permit, "GDPR, article 18")
    return database.write_now(lambda tx: holds.place(tx, town, who, asked, origin="desk", access=access))


def test_a_hold_reaches_no_camera_that_the_policy_bars(database: Database, town: Environment, access: Access) -> None:
    permit = database.write_now(
        lambda tx: permits.open_permit(tx, town, POLICE, "offence", "CPC article 40", "C-1", 2)
    ).id
    for cameras in (("IZ-09",), ("IZ-07", "IZ-09")):
        with pytest.raises(CameraNotAllowed, match=r"investigator.*IZ-09"):
            place(database, town, access, POLICE, *cameras, permit=permit)
    assert place(database, town, access, POLICE, "IZ-07", permit=permit).cameras == ("IZ-07",)
    assert place(database, town, access, OFFICER, "IZ-07", "IZ-09").placed_by == "ioana", "only the police are barred"
