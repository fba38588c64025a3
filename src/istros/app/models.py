"""What recognises on this node, by the hashes of its weights."""

from __future__ import annotations

from istros.recognition.evaluation.weights import OWN_DETECTOR
from istros.recognition.models.registry import hash_of, running_models
from istros.settings import Settings


def models_of(settings: Settings) -> dict[str, str]:
    """What recognises here: the models' weights, and the card of a detector of one's own, which names its weights' hash."""
    found = running_models()
    card = settings.analysis.detector
    if card is not None and card.is_file():
        found[OWN_DETECTOR] = hash_of(card)
    return found
