"""Writing, approving and taking back assessments of cameras. What a version says never changes: a change is a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import say
from istros.base.time import DAY, Time, to_iso
from istros.compliance import audit
from istros.compliance.access import Access, Subject, standard_access
from istros.compliance.assessments import Assessment, content_of, sha256_of
from istros.compliance.errors import AssessmentRefused as AssessmentRefused
from istros.compliance.errors import AssessmentStateConflict as AssessmentStateConflict
from istros.store import Transaction
from istros.store.assessments import AssessmentRow
from istros.store.rows import OperatorRow

LONGEST = 365 * DAY
"""Microseconds until the review at the latest (rule L18)."""
MOST_LETTERS = 2_000
MOST_KEEP_HOURS = 3650 * 24
LANGUAGES = ("uk", "ro", "en")

SIGN_LANGUAGES: Mapping[str, tuple[str, ...]] = {"izmail": ("uk",), "tulcea": ("ro",)}
"""What people in a town read; of a town that is not named here one of the two is asked for."""


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the node itself knows of a camera, against which an assessment is held."""

    town: str
    zones_drawn: bool
    """Whether a part of its picture is hidden from people; what is only ignored is not."""
    keep_hours: int
    """The longest that the configuration keeps anything of it."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a version from being approved: a field, and what it lacks."""

    place: str
    lacks: str
    """`text`, `date`, `late`, `past`, `future`, `not-drawn`, `shorter` (than recordings are kept)."""


def write(
    tx: Transaction, environment: Environment, operator: OperatorRow, camera_id: str, says: Assessment, *,
    origin: str = "server", access: Access | None = None,
) -> AssessmentRow:  # fmt: skip
    """Keep a new version, finished or not; what counts goes on until it is approved. Raises AssessmentRefused."""
    _check_may(access, operator, "assessments.write")
    _check_words(says)
    tx.wait_for(f"assessment {camera_id}")
    content = canonical(asdict(says) | {"sign": dict(says.sign), "uses": sorted(says.uses)}).decode()
    row = AssessmentRow(
        camera_id, tx.assessments.next_version(camera_id), content, sha256_of(content), environment.clock.now(),
        operator.name,
    )  # fmt: skip
    tx.assessments.add(row)
    _record(tx, environment, operator.name, origin, "write", row, {"uses": sorted(says.uses)})
    return row


def lacks(says: Assessment, facts: CameraFacts, now: Time) -> list[Lack]:
    """What keeps it from being approved; empty when it can be."""
    texts = {
        "owner": says.owner, "purpose": says.purpose, "looksAt": says.looks_at, "signPlace": says.sign_place,
        "dpiaRef": says.dpia_ref,
    }  # fmt: skip
    found = [Lack(place, "text") for place, text in texts.items() if not text.strip()]
    found += [Lack(f"sign:{language}", "text") for language in _sign_lacks(says, facts.town)]
    if says.zones == "drawn" and not facts.zones_drawn:
        found.append(Lack("zones", "not-drawn"))
    if says.zones != "drawn" and not says.zones_reason.strip():
        found.append(Lack("zonesReason", "text"))
    if says.keep_hours < facts.keep_hours:
        found.append(Lack("keepHours", "shorter"))
    if not 0 < says.dpia_date <= now:
        found.append(Lack("dpiaDate", "future" if says.dpia_date else "date"))
    if says.review <= now:
        found.append(Lack("review", "past"))
    elif says.review > now + LONGEST:
        found.append(Lack("review", "late"))
    return found


def waits(row: AssessmentRow) -> bool:
    """Whether nobody has answered or taken back the version."""
    return row.approved is None and row.refused is None and row.ended is None


def answer(
    tx: Transaction, environment: Environment, operator: OperatorRow, camera_id: str, version: int, facts: CameraFacts,
    *, approve: bool, reason: str = "", origin: str = "server", access: Access | None = None,
) -> AssessmentRow:  # fmt: skip
    """The data-protection officer's word on the newest version: it counts from now on, or is sent back with a reason.

    `AssessmentRefused` (no right, the writer's own, something is missing), `AssessmentStateConflict` (not the newest,
    answered before).
    """
    _check_may(access, operator, "assessments.answer")
    tx.wait_for(f"assessment {camera_id}")
    row, now = tx.assessments.get(camera_id, version), environment.clock.now()
    if row is None or tx.assessments.next_version(camera_id) != version + 1 or not waits(row):
        raise AssessmentStateConflict(
            say(
                "assessment-waits-not",
                f"Version {version} of the assessment of {camera_id} waits for no answer.",
                version=version,
                camera=camera_id,
            ),
            "Look at the newest version.",
        )
    if row.written_by == operator.name:
        raise AssessmentRefused(
            say("assessment-own", "Nobody approves what they wrote themselves."), "Have the other person answer."
        )
    missing = lacks(content_of(row), facts, now) if approve else []
    if missing:
        named = ", ".join(f"{each.place} ({each.lacks})" for each in missing)
        raise AssessmentRefused(
            say("assessment-unfinished", f"The assessment of {camera_id} is not finished: {named}.", camera=camera_id),
            "Have it written anew.",
        )
    said = _reason(reason, "An assessment is not sent back") if not approve else reason.strip()[:MOST_LETTERS]
    tx.assessments.answer(camera_id, version, now, operator.name, said, approve=approve)
    detail = {"reason": said, "writtenBy": row.written_by, "review": to_iso(content_of(row).review)}
    _record(tx, environment, operator.name, origin, "approve" if approve else "refuse", row, detail)
    return _known(tx, row)


def withdraw(
    tx: Transaction, environment: Environment, operator: OperatorRow, camera_id: str, reason: str, *,
    origin: str = "server", access: Access | None = None,
) -> None:  # fmt: skip
    """Stop a camera, one person alone: what lets it film is taken back. `AssessmentStateConflict` when nothing does."""
    _check_may(access, operator, "assessments.withdraw")
    said, now = _reason(reason, "A camera is not stopped"), environment.clock.now()
    tx.wait_for(f"assessment {camera_id}")
    counting = next((row for row in tx.assessments.newest_approved() if row.camera_id == camera_id), None)
    ended = counting is not None and tx.assessments.end(camera_id, counting.version, now, operator.name, said)
    ended = tx.assessments.end_notice(camera_id, now, operator.name, said) or ended
    if not ended:
        raise AssessmentStateConflict(
            say("assessment-none", f"Camera {camera_id} has no assessment in force.", camera=camera_id),
            "It does not film.",
        )
    audit.append(
        tx, environment, actor=operator.name, origin=origin, action="assessment.withdraw", subject=camera_id,
        detail={"reason": said, "version": counting.version if counting else 0},
    )  # fmt: skip


def _sign_lacks(says: Assessment, town: str) -> list[str]:
    asked = SIGN_LANGUAGES.get(town.strip().lower())
    if asked is None:
        return [] if any(says.sign.get(each, "").strip() for each in ("uk", "ro")) else ["uk"]
    return [each for each in asked if not says.sign.get(each, "").strip()]


def _check_words(says: Assessment) -> None:
    """No control characters, no unknown language, numbers within their bounds."""
    texts = [says.owner, says.purpose, says.looks_at, says.sign_place, says.zones_reason, says.dpia_ref]
    for text in (*texts, *says.sign.values()):
        if not is_plain(text, MOST_LETTERS, "\n\t"):
            raise AssessmentRefused(
                say("answer-too-long", "An answer is too long or holds control characters.", most=MOST_LETTERS),
                f"Keep each to {MOST_LETTERS} letters.",
            )
    if not set(says.sign) <= set(LANGUAGES) or says.zones not in ("drawn", "none"):
        raise AssessmentRefused(
            say("assessment-unknown-names", "The assessment names what is not known."),
            "Use the form of the camera's page.",
        )
    if not 1 <= says.keep_hours <= MOST_KEEP_HOURS:
        raise AssessmentRefused(
            say("assessment-hours", f"Recordings are kept for 1 to {MOST_KEEP_HOURS} hours.", most=MOST_KEEP_HOURS),
            "Choose a number within it.",
        )


def _reason(reason: str, what: str) -> str:
    said = reason.strip()
    if not said or not is_plain(said, MOST_LETTERS):
        raise AssessmentRefused(say("assessment-reason", f"{what} without a reason."), "Write why, in plain letters.")
    return said


def _known(tx: Transaction, row: AssessmentRow) -> AssessmentRow:
    found = tx.assessments.get(row.camera_id, row.version)
    assert found is not None, "versions are never deleted"
    return found


def _check_may(access: Access | None, operator: OperatorRow, action: str) -> None:
    if not (access or standard_access()).allowed(Subject(operator.role, operator.organisation), action):
        raise AssessmentRefused(
            say(
                "role-bars-assessment",
                f"The role '{operator.role}' does not allow this ({action}).",
                role=operator.role,
            ),
            "The administrator writes a camera's assessment, the data-protection officer approves it.",
        )


def _record(
    tx: Transaction, environment: Environment, actor: str, origin: str, word: str, row: AssessmentRow,
    detail: Mapping[str, object],
) -> None:  # fmt: skip
    audit.append(
        tx, environment, actor=actor, origin=origin, action=f"assessment.{word}", subject=row.camera_id,
        detail={"version": row.version, "sha256": row.sha256, **detail},
    )  # fmt: skip
