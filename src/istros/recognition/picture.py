"""Pictures as the recognisers take them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""Height x width x 3 (BGR), or height x width (luma), 0 to 255."""

Floats: TypeAlias = NDArray[np.floating[Any]]
