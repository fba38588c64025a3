"""What server and exporter share; apart from `wiring`, for the signing code is large and the recorder has no use for it."""

from __future__ import annotations

from pathlib import Path

from istros.api.node import ExportPlace
from istros.base.claim_key import ClaimKey, load_or_make_claim_key
from istros.base.signing import SigningKey, load_or_make
from istros.base.time import Time
from istros.recording.chain import KEY_NAME
from istros.recording.export.manifest import fingerprint
from istros.settings import Settings


def signing_key_of(settings: Settings) -> SigningKey:
    """The key that signs recordings and exports, made at the first start."""
    return load_or_make(settings.data / "keys", KEY_NAME)


def claim_key_of(settings: Settings, now: Time) -> ClaimKey:
    """The key and certificate that sign C2PA claims, made at the exporter's first start."""
    node = settings.node
    return load_or_make_claim_key(settings.data / "keys", node.organisation, f"Istros {node.name}", now)


def export_place(settings: Settings) -> ExportPlace:
    """Where exports lie, for the server that hands them out."""
    return ExportPlace(
        exports_folder(settings), fingerprint(signing_key_of(settings).public), settings.export.kept_days
    )


def exports_folder(settings: Settings) -> Path:
    """Where the exporter works and leaves its packages."""
    return settings.data / "exports"
