"""`istros report`: the report of a month or a year, made on the node's own machine and on the record."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Literal

from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import cameras_of, open_node_database, policy_of
from istros.base.environment import real_environment
from istros.base.errors import IstrosError
from istros.base.time import Time
from istros.compliance import audit
from istros.compliance.access_index import catch_up_now
from istros.compliance.oversight import KeepingLimits
from istros.compliance.period import Edition, period_of
from istros.compliance.profile import kept_days
from istros.devices.camera import owners_of
from istros.recording.bounds import keeping_now
from istros.reports.period import ReportFacts, period_report
from istros.settings import Settings
from istros.store import Transaction

BY = "istros report"
"""How the audit chain names what was done at the node's own command line."""


class ReportRefused(IstrosError):
    """The report cannot be made or written."""

    code = "report-refused"


def write_report(
    settings: Settings, period: str, language: Literal["en", "uk", "ro"], edition: Edition, out: Path
) -> None:
    """Write the PDF; its hash goes on the record first. Raises ReportRefused."""
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", period):
        raise ReportRefused(f"'{period}' is no month and no year.", "Write it as 2026-11, or as 2026.")
    if not out.parent.is_dir() or out.is_dir():
        raise ReportRefused(f"{out} cannot be written.", "Name a file in a folder that is there.")
    prepare_data_folder(settings.data)
    environment = real_environment(1)
    database = open_node_database(settings, environment)
    try:
        upto, now = catch_up_now(database, owners_of(cameras_of(settings))), environment.clock.now()
        limits = database.read_now(lambda tx: _limits(settings, tx, now))
        counted = database.read_now(lambda tx: period_of(tx, period, edition, limits, now, upto))
        facts = ReportFacts(settings.node.name, settings.node.organisation, language, now)
        pdf = period_report(facts, counted)
        detail = {"period": period, "language": language, "edition": edition, "sha256": hashlib.sha256(pdf).hexdigest()}
        database.write_now(
            lambda tx: audit.append(
                tx, environment, actor=BY, origin="command line", action="audit.read", subject="report",
                detail=detail,
            )
        )  # fmt: skip
    finally:
        database.close()
        environment.workers.close()
    try:
        out.write_bytes(pdf)
    except OSError as error:
        raise ReportRefused(f"{out} cannot be written: {error.strerror}.", "Choose another place.") from error


def _limits(settings: Settings, tx: Transaction, now: Time) -> KeepingLimits:
    keeping = keeping_now(tx, now, policy_of(settings).keeping)
    streams = [
        (camera.id, stream.key.name, keeping.of(camera.id).event_days)
        for camera in cameras_of(settings)
        for stream in camera.streams
    ]
    return KeepingLimits(streams, kept_days(tx, now, settings.analysis.reads_kept_days))
