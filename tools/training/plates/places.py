"""Where trainings find the labelled pictures and keep what they make."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MADE = Path(os.environ.get("ISTROS_TRAINING", ROOT / "data" / "training"))
"""Fonts, pools of rendered plates, checkpoints: nothing here is committed."""
