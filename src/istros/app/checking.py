"""`istros check`: do recordings, index and audit chain agree?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import archive_of, open_node_database
from istros.base.environment import real_environment
from istros.base.signing import public_keys
from istros.compliance.chain import verify
from istros.recording.chain import KEY_NAME
from istros.recording.chain import verify as verify_segments
from istros.recording.check import check
from istros.settings import Settings


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What was found; `findings` are sentences about what is wrong (or was, and has been mended)."""

    ok: bool
    segments: int
    audit_rows: int
    audit_ok: bool
    heads: int
    unsigned: int
    """Segments that no signed head stands behind yet: those of the last hour."""
    chain_ok: bool
    findings: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "ok": self.ok,
            "segments": self.segments,
            "auditRows": self.audit_rows,
            "auditOk": self.audit_ok,
            "chainHeads": self.heads,
            "chainUnsigned": self.unsigned,
            "chainOk": self.chain_ok,
            "findings": list(self.findings),
        }


async def check_node(settings: Settings, *, repair: bool, progress: Callable[[str], None]) -> NodeReport:
    """Compare the segment files with the index, and walk both chains. A broken chain is never repaired."""
    prepare_data_folder(settings.data)
    environment = real_environment()
    database = open_node_database(settings, environment)
    try:
        progress("Walking the audit chain")
        chain = await verify(database)
        progress("Comparing recordings and index")
        segments = await verify_segments(database, public_keys(settings.data / "keys", KEY_NAME), progress)
        recordings = await check(environment, database, archive_of(settings), repair)
    finally:
        database.close()
    findings = [str(finding) for finding in [*recordings.findings, *segments.findings]]
    if chain.problem:
        findings.append(chain.problem)
    return NodeReport(
        ok=recordings.ok and chain.ok and segments.ok,
        segments=recordings.segments,
        audit_rows=chain.rows,
        audit_ok=chain.ok,
        heads=segments.heads,
        unsigned=segments.unsigned,
        chain_ok=segments.ok,
        findings=tuple(findings),
    )
