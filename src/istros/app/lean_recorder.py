"""From a process that has read the configuration to one that only records: same process id, a fifth less memory."""

from __future__ import annotations

import os
import pickle
import sys
from typing import NoReturn

from istros.app.recorder import RecorderPlan
from istros.app.wiring import archive_of, cameras_of, own_ports, policy_of
from istros.settings import Settings

LEAN_HEAP = {"MALLOC_ARENA_MAX": "1"}
"""glibc gives each thread a heap of its own and keeps what was once used; one is enough for a handful of threads
(mallopt(3)): 4 MB less."""


def run(settings: Settings, *, standby: bool = False) -> NoReturn:
    """Become the recorder. The plan goes through memory that has no name, because of the passwords in it.

    `-OO` leaves the docstrings out, 3 MB of them in the packages.
    """
    plan = RecorderPlan(
        data=settings.data,
        database_url=settings.database_url,
        relay_path=settings.relay_path,
        cameras=cameras_of(settings),
        disks=archive_of(settings).disks,
        policy=policy_of(settings),
        own_ports=own_ports(settings),
    )
    file = os.memfd_create("istros-recorder-plan", 0)
    os.write(file, pickle.dumps(plan))
    os.lseek(file, 0, os.SEEK_SET)
    command = [sys.executable, "-OO", "-m", "istros.app.recorder", str(file), *(["standby"] if standby else [])]
    sys.stdout.flush()
    os.execve(sys.executable, command, os.environ | LEAN_HEAP)
