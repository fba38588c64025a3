"""`istros check`: do recordings, index and audit chain agree?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import archive_of, cameras_of, open_node_database
from istros.base.environment import real_environment
from istros.base.said import Said
from istros.base.signing import PublicKey, public_keys
from istros.base.stamping import Authority, load_authority
from istros.compliance import anchors as anchor_files
from istros.compliance import head_check
from istros.compliance.access_index import catch_up, check_page
from istros.compliance.anchors import AnchorReport, Anchors
from istros.compliance.breaches import MOST_LETTERS, BreachFacts, Law, Opening, open_breach
from istros.compliance.camera_owners import Owners
from istros.compliance.chain import verify
from istros.compliance.departures import LANGUAGES
from istros.compliance.profile import faults
from istros.compliance.transfers import Sending
from istros.devices.camera import owners_of
from istros.recording.chain import KEY_NAME
from istros.recording.chain import verify as verify_segments
from istros.recording.check import check
from istros.reports.record_words import told_in
from istros.settings import Settings
from istros.store import Database, Transaction

BY = "istros check"
"""How the audit chain names what was done by the check at the node's own command line."""


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
    audit_heads: int
    """Signed heads of the audit chain."""
    audit_signed_to: int
    """The last audit row that a signed head stands behind."""
    audit_stamps: int
    audit_stamps_unchecked: int
    """Those of authorities that the settings do not name: over the right heads, but nobody checked whose they are."""
    anchors: int | None
    """Heads of the file of anchors that the chain was held against; None without one."""
    findings: tuple[str, ...]
    audit_findings: tuple[Said, ...] = ()
    """Those about the audit chain alone, for readers of any language."""

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
            "auditHeads": self.audit_heads,
            "auditSignedTo": self.audit_signed_to,
            "auditStamps": self.audit_stamps,
            "auditStampsUnchecked": self.audit_stamps_unchecked,
            "anchors": self.anchors,
            "findings": list(self.findings),
        }


def authorities_of(settings: Settings) -> tuple[Authority, ...]:
    """The time-stamping authorities of the configuration, with their certificates. Raises StampProblem."""
    return tuple(
        load_authority(stamp.name, stamp.url.get_secret_value(), stamp.certificates) for stamp in settings.stamp
    )


def _profile_faults(tx: Transaction, keys: Mapping[str, PublicKey]) -> list[str]:
    """What is wrong with the deployment profiles that were ever in force; they are never mended either."""
    signed = [row for row in tx.profiles.all() if row.in_force is not None]
    return [fault for row in signed for fault in faults(row, tx.profiles.signatures(row.version), keys)]


async def check_node(
    settings: Settings, *, repair: bool, progress: Callable[[str], None], anchors: Anchors | None = None
) -> NodeReport:
    """Compare the segment files with the index, walk both chains, hold the audit chain against its signed heads.

    And against a file of `anchors` that somebody else kept. A broken chain is never repaired.
    """
    prepare_data_folder(settings.data)
    authorities = authorities_of(settings)
    keys = public_keys(settings.data / "keys", KEY_NAME)
    environment = real_environment()
    database = open_node_database(settings, environment)
    try:
        progress("Walking the audit chain")
        chain = await verify(database)
        heads = await head_check.verify(database, keys, authorities)
        accesses = await _check_accesses(database, owners_of(cameras_of(settings)), repair)
        kept: AnchorReport | None = None
        if anchors is not None:
            file = anchors
            kept = await database.read(lambda tx: anchor_files.check_own(tx, file, keys, authorities))
        profiles = await database.read(lambda tx: _profile_faults(tx, keys))
        progress("Comparing recordings and index")
        segments = await verify_segments(database, keys, progress)
        recordings = await check(environment, database, archive_of(settings), repair)
    finally:
        database.close()
    findings = [str(finding) for finding in [*recordings.findings, *segments.findings]]
    broken = [*([chain.problem] if chain.problem else []), *(finding.sentence for finding in heads.findings)]
    against = [finding.sentence for finding in (kept.findings if kept is not None else ())]
    findings += [told.text for told in broken]
    findings += accesses
    findings += [f"Against the anchors: {told.text}" for told in against]
    findings += profiles
    audit_ok = chain.ok and heads.ok and (kept is None or kept.ok)
    return NodeReport(
        ok=recordings.ok and audit_ok and segments.ok and not profiles and (repair or not accesses),
        segments=recordings.segments,
        audit_rows=chain.rows,
        audit_ok=audit_ok,
        heads=segments.heads,
        unsigned=segments.unsigned,
        chain_ok=segments.ok,
        audit_heads=heads.heads,
        audit_signed_to=heads.signed_to,
        audit_stamps=heads.stamps,
        audit_stamps_unchecked=heads.unchecked,
        anchors=None if kept is None else kept.heads,
        findings=tuple(findings),
        audit_findings=(*broken, *against),
    )


def tell_breach(settings: Settings, report: NodeReport) -> str:
    """Make a breach of an audit chain that does not hold; its number, or that of the one which is open for it already.

    It says what was found in the language of the node's country: the authority's letter repeats it.
    """
    environment = real_environment()
    database = open_node_database(settings, environment)
    now = environment.clock.now()
    language = LANGUAGES.get(settings.node.home, "en")
    found = " ".join(told_in(language, each) for each in report.audit_findings)
    facts = BreachFacts(f"{BY}: {found}"[:MOST_LETTERS], ("changed",), ("other",))
    law = Law(Sending(settings.node.home, settings.node.regime).law)

    def work(tx: Transaction) -> str:
        standing = [row.number for row in tx.breaches.not_closed() if row.source_kind == "chain"]
        if standing:
            return standing[0]
        told = Opening(law, now, facts, "chain", f"up to row {report.audit_rows}")
        return open_breach(tx, environment, BY, told, origin="command line").row.number

    try:
        return database.write_now(work)
    finally:
        database.close()
        environment.workers.close()


async def _check_accesses(database: Database, owners: Owners, repair: bool) -> list[str]:
    """Hold the officer's index of accesses against the log; it can always be made anew."""
    after: int | None = 0
    while after is not None:
        place = after
        after, wrong = await database.read(lambda tx, place=place: check_page(tx, place))  # type: ignore[misc]
        if wrong is not None:
            if repair:
                await database.write(lambda tx: tx.accesses.clear())
                await catch_up(database, owners)
            mended = "it was made anew" if repair else "`istros check --repair` makes it anew"
            return [f"The index of accesses differs from the audit log from row {wrong} on; {mended}."]
    return []
