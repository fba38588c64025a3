"""`istros anchors`: signed heads of the audit chain, given to the partner and taken from him."""

from __future__ import annotations

from pathlib import Path

from istros.app.checking import authorities_of
from istros.app.data_folder import prepare_data_folder
from istros.app.wiring import open_node_database
from istros.base.environment import real_environment
from istros.base.errors import IstrosError
from istros.base.signing import PublicKey, load_or_make, public_keys
from istros.compliance import anchors, audit
from istros.compliance.anchors import AnchorReport, AnchorsUnreadable
from istros.compliance.heads import sign_head
from istros.events.audit_health import EXPORTED
from istros.recording.chain import KEY_NAME
from istros.settings import Settings

BY = "istros anchors"
"""How the audit chain names what was done at the node's own command line."""


def export_anchors(settings: Settings, out: Path, days: float) -> int:
    """Sign where the chain ends, write the heads of the last days to a file, on the record; how many there are."""
    prepare_data_folder(settings.data)
    environment = real_environment(1)
    database = open_node_database(settings, environment)
    folder = settings.data / "keys"
    key = load_or_make(folder, KEY_NAME)
    try:
        database.write_now(lambda tx: sign_head(tx, environment, key))
        keys, now = public_keys(folder, KEY_NAME), environment.clock.now()
        content = database.read_now(lambda tx: anchors.export(tx, keys, settings.node.name, now, days))
        _write(out, anchors.text_of(content))
        detail: dict[str, object] = {"heads": len(content["heads"]), "days": days}
        database.write_now(
            lambda tx: audit.append(
                tx, environment, actor=BY, origin="command line", action=EXPORTED, subject="audit",
                detail=detail,
            )
        )  # fmt: skip
    finally:
        database.close()
        environment.workers.close()
    return len(content["heads"])


def keep_anchors(settings: Settings, file: Path, partner: str) -> int:
    """Keep a partner's anchors, on the record; how many were new. Raises AnchorsUnreadable or AnchorsRefused."""
    read = anchors.read(read_bytes(file))
    prepare_data_folder(settings.data)
    environment = real_environment(1)
    database = open_node_database(settings, environment)
    try:
        fresh = database.write_now(
            lambda tx: anchors.keep(
                tx, environment, read, partner, actor=BY, origin="command line", authorities=authorities_of(settings)
            )
        )
    except IstrosError as refusal:
        why = refusal.message
        database.write_now(
            lambda tx: audit.append(
                tx, environment, actor=BY, origin="command line", action="anchors.keep", subject=partner,
                result="refused", detail={"why": why},
            )
        )  # fmt: skip
        raise
    finally:
        database.close()
        environment.workers.close()
    return len(fresh)


def verify_anchors(file: Path, key: str) -> AnchorReport:
    """Check a file of anchors without a node; `key` is the fingerprint or the PEM file of the key to believe."""
    read = anchors.read(read_bytes(file))
    return anchors.check(read, keys=None if not key else _wanted(read.keys, key))


def _wanted(keys: dict[str, PublicKey], key: str) -> dict[str, PublicKey]:
    from istros.recording.export.verify import wanted_digits

    return {id: each for id, each in keys.items() if wanted_digits(key).startswith(id)}


def read_bytes(file: Path) -> bytes:
    """The bytes of a file of anchors. Raises AnchorsUnreadable."""
    try:
        with file.open("rb") as opened:
            return opened.read(anchors.LARGEST + 1)
    except OSError as error:
        raise AnchorsUnreadable(f"{file} cannot be read: {error.strerror}.", "Check the path.") from error


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnchorsUnreadable(f"{out} cannot be written: {error.strerror}.", "Choose another place.") from error
