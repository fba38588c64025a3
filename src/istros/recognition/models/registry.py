"""Loads the models' sessions, and says clearly what to do when their weights are missing or not what they should be."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import overload

import onnxruntime

from istros.base.errors import IstrosError
from istros.recognition.models.cards import ModelCard
from istros.recognition.models.runtimes import RuntimeName, Session, open_runtime

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "_models"
MANIFEST = "manifest.json"


class ModelMissing(IstrosError):
    """The weights of a model are not there."""

    code = "model-missing"


class ModelDamaged(IstrosError):
    """The weights of a model are not those that were built."""

    code = "model-damaged"


_REMEDY = (
    "Delete the folder _models if it is there, and run any `./istros` command (`./istros setup` does nothing else): "
    "it makes the weights; where Istros was installed as a package, install it again."
)


@lru_cache(maxsize=64)
def model_path(card: ModelCard, folder: Path = MODELS_FOLDER) -> Path:
    """The model's file, its hash compared with the manifest once a process."""
    path, manifest = folder / card.file, folder / MANIFEST
    if not path.is_file() or not manifest.is_file():
        raise ModelMissing(
            f"The weights of the model {card.name} are missing: there is no {path.name} in {folder}.", _REMEDY
        )
    expected = json.loads(manifest.read_text(encoding="utf-8"))["models"].get(card.name, {}).get("sha256")
    if hash_of(path) != expected:
        raise ModelDamaged(f"The weights of the model {card.name} are not those that the manifest names.", _REMEDY)
    return path


def hash_of(path: Path) -> str:
    """SHA-256 of a file of weights or of a card, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def running_models(folder: Path = MODELS_FOLDER) -> dict[str, str]:
    """The name and SHA-256 of each model's weights, as the manifest names them; empty where none were made.

    The weights themselves are held against the manifest when they are opened.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return {}
    models = json.loads(manifest.read_text(encoding="utf-8"))["models"]
    return {name: str(each["sha256"]) for name, each in sorted(models.items())}


@overload
def open_session(
    card: ModelCard, *, dimensions: dict[str, int] | None = None, folder: Path = MODELS_FOLDER
) -> onnxruntime.InferenceSession: ...


@overload
def open_session(
    card: ModelCard, *, dimensions: dict[str, int] | None = None, folder: Path = MODELS_FOLDER, runtime: RuntimeName
) -> Session: ...


def open_session(
    card: ModelCard,
    *,
    dimensions: dict[str, int] | None = None,
    folder: Path = MODELS_FOLDER,
    runtime: RuntimeName = "onnxruntime",
) -> Session:
    """A session on one thread (the analyser's workers are the threads); `dimensions` fixes free sides by name."""
    return open_runtime(model_path(card, folder), runtime, dimensions)
