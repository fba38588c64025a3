"""What a simulated camera notices in the course of a day: motion now and then, a door that opens."""

from __future__ import annotations

from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.events import DIGITAL_INPUT, MOTION

QUIET_S = (15.0, 60.0)
MOTION_S = (3.0, 12.0)
DOOR_S = (4.0, 20.0)
DOOR_SHARE = 0.2
"""One happening in five is a door and not a passer-by."""


async def happen(device: SimulatedDevice) -> None:
    """Until cancelled."""
    clock, random = device.environment.clock, device.environment.random
    while True:
        await clock.sleep(random.uniform(*QUIET_S))
        topic, lasts = (DIGITAL_INPUT, DOOR_S) if random.random() < DOOR_SHARE else (MOTION, MOTION_S)
        device.events.say(topic, True)
        await clock.sleep(random.uniform(*lasts))
        device.events.say(topic, False)
