"""Takes the orders one by one, makes their packages, and lets them go when their time is over.

Everything that an export has done is in its journal on disk, so that a killed exporter goes on where it was; a package has
its name only when it is whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.paths import below
from istros.base.said import NOTHING, Said, say
from istros.base.signing import PublicKey, SigningKey
from istros.base.stamping import Asking, Authority, ask_by_http
from istros.base.time import Span, Time, after
from istros.compliance import audit
from istros.compliance.departures import Carrier, RecipientKind
from istros.compliance.profile import in_force
from istros.devices.camera import Camera
from istros.devices.masks import Masks, masks_of
from istros.recording.archive import Archive
from istros.recording.chain import ChainSigner, prove
from istros.recording.export import papers
from istros.recording.export.claims import Claims
from istros.recording.export.covering import Finder
from istros.recording.export.journal import StepJournal
from istros.recording.export.making import Maker, ReadSegment, Step
from istros.recording.export.manifest import NodeFacts, fingerprint, make_manifest, parse_covered
from istros.recording.export.package import pack, seal
from istros.recording.export.plan import Plan, make_plan, part_by_coding, plan_from
from istros.recording.export.stamps import seal_and_stamp
from istros.store import Database, Transaction
from istros.store.exports import ExportJobRow, ExportKind, ExportState
from istros.store.rows import SegmentRow, SegmentState
from istros.video.codec_configuration import configuration_of
from istros.video.fmp4 import read_init

T = TypeVar("T")

LOOK_S = 1.0
MOST_ATTEMPTS = 5
"""An order that brought the exporter down this often is given up."""

CLOSING_S = 90.0
"""How long an export waits for the segment that is being written to be closed: the longest segment is 120 s, most 10."""

_HEAD_BYTES = 1 << 16
_DAY_S = 86_400
_LOG = structlog.get_logger("istros.exporter")


class ExportRefused(IstrosError):
    """An export cannot be made; the message says why."""

    code = "export-refused"


class _Cancelled(Exception):
    """Somebody wishes it no more."""


@dataclass(frozen=True, slots=True)
class ExportPolicy:
    """How packages are kept and what they may fill."""

    kept_days: float = 7
    free_bytes_min: int = 2_000_000_000
    at_once: int = 1
    """Of each kind."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What exports are made from: the cameras, their recordings, the node, its key, and what finds heads and plates."""

    cameras: Sequence[Camera]
    archive: Archive
    read: ReadSegment
    node: NodeFacts
    key: SigningKey
    keys: Mapping[str, PublicKey]
    """Public keys that heads of the chain may be signed with: the node's own, and those it had before."""
    finder: Callable[[], Finder] | None = None
    authorities: Sequence[Authority] = ()
    """Who stamps manifests (RFC 3161)."""
    asking: Asking = ask_by_http
    claims: Claims | None = None
    """What signs C2PA claims on redacted films, stills and pictures of plates."""


class Exporter:
    """Makes what was ordered into packages below `folder`."""

    def __init__(
        self, environment: Environment, database: Database, sources: Sources, folder: Path, policy: ExportPolicy
    ) -> None:
        self._environment, self._database, self._sources = environment, database, sources
        self._folder, self._policy = folder, policy
        self._signer = ChainSigner(environment, database, sources.key)
        self._going: dict[str, tuple[ExportKind, asyncio.Task[None]]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what is being made then goes on with the next start."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while not stop.is_set():
            try:
                await self._let_go()
                await self._take_up()
            except IstrosError as error:
                _LOG.error("exports wait", problem=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
        tasks = [task for _, task in self._going.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def once(self) -> None:
        """Make everything that waits, then return."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for job in await self._database.read(lambda tx: tx.exports.open_ones()):
            await self._make(job)

    async def _take_up(self) -> None:
        """A redacted export takes hours, an exact one seconds: each kind has its own turn."""
        self._going = {id: (kind, task) for id, (kind, task) in self._going.items() if not task.done()}
        for job in await self._database.read(lambda tx: tx.exports.open_ones()):
            of_kind = sum(kind == job.kind for kind, _ in self._going.values())
            if job.id not in self._going and of_kind < self._policy.at_once:
                self._going[job.id] = job.kind, asyncio.create_task(self._make(job), name=f"export {job.id}")

    async def _make(self, job: ExportJobRow) -> None:
        now = self._environment.clock.now()
        await self._database.write(lambda tx: tx.exports.begin(job.id, now))
        try:
            if job.cancel_wished:
                raise _Cancelled
            if job.attempts >= MOST_ATTEMPTS:
                raise ExportRefused(
                    say("export-broken-off", "The export was broken off too often."),
                    "Order it again with a shorter span.",
                )
            await self._make_package(job)
        except _Cancelled:
            await self._end(job, ExportState.CANCELLED, "exports.cancel", NOTHING)
        except IstrosError as error:
            await self._end(job, ExportState.FAILED, "exports.fail", error.said)
        except OSError as error:
            await self._end(job, ExportState.FAILED, "exports.fail", _why(error))
        except Exception as error:  # one order's fault may not stop the others
            _LOG.exception("export failed", export=job.id)
            fault = type(error).__name__
            sentence = f"The export failed ({fault}); the log of the exporter tells more."
            await self._end(job, ExportState.FAILED, "exports.fail", say("export-failed", sentence, fault=fault))

    async def _make_package(self, job: ExportJobRow) -> None:
        home = self._folder / job.id
        work = home / "work"
        journal = StepJournal(work / "journal")
        try:
            plan = await self._plan(job, journal)
            covered = parse_covered(job.covered) if job.kind == "redacted" else None
            sources, claims = self._sources, self._sources.claims
            masks, lift = await self._masks(job, plan, journal)
            maker = Maker(job, plan, covered, work / "package", journal, sources.read, sources.finder, claims, masks)
            await self._do_steps(job, maker, journal)
            entries = await self._papers(job, plan, maker, journal)
            leaving = await self._database.read(lambda tx: tx.departures.of(Carrier.EXPORT, job.id))
            language = job.language if leaving is None or leaving.kind is RecipientKind.OWN else leaving.language
            key = fingerprint(sources.key.public)
            manifest = make_manifest(job, plan, maker, entries, sources.node, covered, lift, key, leaving)
            certificates = "" if claims is None else claims.certificates.pem

            def sealed(stamps: dict[str, Any]) -> str:
                return seal(work / "package", manifest | {"stamps": stamps}, sources.key, language, certificates)

            digest = await self._run(seal_and_stamp, work / "package", sealed, sources.authorities, sources.asking)
            size = await self._run(pack, work / "package", package_path(self._folder, job.id))
        finally:
            journal.close()
        await self._finish(job, digest, size, len(maker.to_review()))
        await self._run(shutil.rmtree, work, True)

    async def _papers(self, job: ExportJobRow, plan: Plan, maker: Maker, journal: StepJournal) -> list[dict[str, Any]]:
        """What of the case lies beside the films; read once, so that a second attempt packs the same."""
        if "papers" not in journal:
            found = await self._database.read(lambda tx: papers.collect(tx, job, plan, self._sources.cameras))
            made = {film.path: each for key, film in maker.films() if (each := maker.made(key)) is not None}
            journal.done("papers", await self._run(papers.write, maker.folder, job, found, made, maker.claims))
        entries: list[dict[str, Any]] = journal["papers"]
        return entries

    async def _plan(self, job: ExportJobRow, journal: StepJournal) -> Plan:
        """The plan of an earlier attempt, or a new one once no segment of it is being written any more."""
        if "plan" in journal:
            return plan_from(journal["plan"])
        began = self._environment.clock.elapsed()
        while True:
            await self._signer.sign([(camera_id, job.stream) for camera_id in job.cameras])
            raw = await self._read_plan(job)
            if all(row.state is SegmentState.CLOSED for row in raw.segments):
                break
            if self._environment.clock.elapsed() - began > CLOSING_S:
                break
            await self._advance(job, 0.0, "planning")
            await self._environment.clock.sleep(LOOK_S)
        plan = await self._run(part_by_coding, raw, job, self._coding_of)
        if not any(True for _ in plan.segments):
            raise ExportRefused(
                say("export-nothing-recorded", "Nothing was recorded in this span."),
                "Look at the timeline, and choose another span.",
            )
        await self._require_room(job, plan)
        journal.done("plan", plan.as_json())
        return plan

    async def _masks(
        self, job: ExportJobRow, plan: Plan, journal: StepJournal
    ) -> tuple[dict[str, Masks], dict[str, Any] | None]:
        """The masks to paint, by segment, and the release that lifts them instead; fixed by the first attempt."""
        if "masks" not in journal:
            now = self._environment.clock.now()
            journal.done("masks", await self._database.read(lambda tx: self._read_masks(tx, job, plan, now)))
        masks, lift = journal["masks"]
        return {id: tuple(tuple((x, y) for x, y in mask) for mask in found) for id, found in masks.items()}, lift

    def _read_masks(self, tx: Transaction, job: ExportJobRow, plan: Plan, now: Time) -> list[Any]:
        if job.lifted_under:
            lift = tx.releases.get(job.lifted_under)
            if lift is None or not lift.stands(now):
                raise ExportRefused(
                    say("export-lift-over", "The release that lifts the privacy masks is over."),
                    "Ask for another, and order again.",
                )
            said = {"release": lift.id, "asked_by": lift.asked_by, "released_by": lift.answered_by or ""}
            return [{}, said | {"reason": lift.reason, "emergency": lift.emergency}]
        over = {camera.id: masks_of(tx, self._sources.cameras, camera.id) for camera in plan.cameras}
        found = {row.id: over[row.camera_id].over(Span(row.start, row.end)) for row in plan.segments}
        return [{id: masks for id, masks in found.items() if masks}, None]

    async def _read_plan(self, job: ExportJobRow) -> Plan:
        now = self._environment.clock.now()
        cameras = [camera for camera in self._sources.cameras if camera.id in job.cameras]
        return await self._database.read(lambda tx: make_plan(tx, now, job, cameras, self._prove))

    def _prove(self, tx: Transaction, rows: Sequence[SegmentRow]) -> dict[str, Any]:
        return prove(tx, rows, self._sources.keys)

    def _coding_of(self, row: SegmentRow) -> bytes:
        head = self._sources.archive.read(row, 0, _HEAD_BYTES)
        try:
            return configuration_of(read_init(head))
        except ValueError:
            return b""

    async def _require_room(self, job: ExportJobRow, plan: Plan) -> None:
        """Films, originals, and the package beside them while it is packed; a film is there three times while it is claimed."""
        recorded = sum(row.size_bytes for row in plan.segments)
        redacted_times = 2 if self._sources.claims is None else 3
        exact_times = 4 if job.originals else 2
        needed = recorded * (exact_times if job.kind == "exact" else redacted_times)
        free = await self._run(_free_bytes, self._folder)
        if free - needed < self._policy.free_bytes_min:
            need, have = f"{needed / 1e9:.1f}", f"{free / 1e9:.1f}"
            sentence = f"The export needs about {need} GB while it is made, and {have} GB are free."
            raise ExportRefused(
                say("export-no-room", sentence, needed=need, free=have),
                "Choose a shorter span or fewer cameras, or ask the administrator for room.",
            )

    async def _do_steps(self, job: ExportJobRow, maker: Maker, journal: StepJournal) -> None:
        steps = maker.steps()
        total, done, said = sum(step.weight for step in steps) or 1, 0, -1.0
        for step in steps:
            if step.key not in journal:
                elapsed = self._environment.clock.elapsed()
                if elapsed - said >= LOOK_S / 2 or said < 0:
                    await self._advance(job, done / total, step.word)
                    said = elapsed
                await self._do(job, step, maker, done, total)
            done += step.weight
        await self._advance(job, 1.0, "packing")

    async def _do(self, job: ExportJobRow, step: Step, maker: Maker, done: int, total: int) -> None:
        """One step, saying each second how far it is; a wish to cancel stops a long one in the middle."""
        maker.share = 0.0
        work = asyncio.ensure_future(self._run(step.run))
        while not (await asyncio.wait({work}, timeout=LOOK_S))[0]:
            try:
                await self._advance(job, (done + step.weight * maker.share) / total, step.word)
            except BaseException:
                maker.is_over = True
                await asyncio.gather(work, return_exceptions=True)
                raise
        work.result()

    async def _advance(self, job: ExportJobRow, progress: float, word: str) -> None:
        if await self._database.write(lambda tx: tx.exports.advance(job.id, progress, word)):
            raise _Cancelled

    async def _finish(self, job: ExportJobRow, digest: str, size: int, to_review: int) -> None:
        now = self._environment.clock.now()

        def finish(tx: Transaction) -> None:
            days = min(self._policy.kept_days, in_force(tx, now).limits.export_hours / 24)
            expires = after(now, days * _DAY_S)
            tx.exports.finish(
                job.id, now, expires=expires, size_bytes=size, manifest_sha256=digest, to_review=to_review
            )
            self._record(tx, job, "exports.finish", {"manifest_sha256": digest, "size_bytes": size})

        await self._database.write(finish)

    async def _end(self, job: ExportJobRow, state: ExportState, action: str, problem: Said) -> None:
        """It will not be made: say so, and leave no picture behind."""
        await self._run(shutil.rmtree, self._folder / job.id, True)
        now = self._environment.clock.now()

        def end(tx: Transaction) -> None:
            tx.exports.end(job.id, state, now, problem)
            self._record(tx, job, action, {"why": problem.text} if problem else {})

        await self._database.write(end)

    async def _let_go(self) -> None:
        """Delete packages whose time is over, by what was said when they were made or by the profile in force now."""
        now = self._environment.clock.now()

        def over(tx: Transaction) -> list[ExportJobRow]:
            return tx.exports.expired(now, after(now, -in_force(tx, now).limits.export_hours * 3600))

        for job in await self._database.read(over):
            await self._end(job, ExportState.EXPIRED, "exports.expire", NOTHING)

    def _record(self, tx: Transaction, job: ExportJobRow, action: str, detail: dict[str, object]) -> None:
        audit.append(
            tx, self._environment, actor="istros", origin="exporter", action=action, subject=job.id,
            permit=job.permit_id, detail={"ordered_by": job.ordered_by, "cameras": list(job.cameras)} | detail,
        )  # fmt: skip

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        return await self._environment.workers.run(work, *args)


def package_path(folder: Path, id: str) -> Path:
    """Where the finished package of an export lies. PathRefused for an id that is none."""
    return below(folder, id, f"istros-export-{id}.zip")


def _free_bytes(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def _why(error: OSError) -> Said:
    """What a package failed of."""
    if error.errno == errno.ENOSPC:
        return say("export-disk-full", "The disk of the exports is full.")
    reason = error.strerror or type(error).__name__
    return say("export-file", f"A file cannot be read or written: {reason}.", reason=reason)
