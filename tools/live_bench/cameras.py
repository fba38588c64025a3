"""`python -m tools.live_bench.cameras PORT MAIN SUB COUNT LOG`: the cameras as a process."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from tools.live_bench.rig import Films, serve

if __name__ == "__main__":
    port, main, sub, count, log = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(int(port), Films(Path(main), Path(sub), int(count)), Path(log)))
