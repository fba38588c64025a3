"""What can go wrong with a device beside its pictures: one sentence naming the camera, one with the remedy, no secret."""

from __future__ import annotations

from istros.base.errors import IstrosError


class DeviceError(IstrosError):
    """A device does not do what it was asked to; only this device is concerned."""

    code = "device"


class DeviceUnreachable(DeviceError):
    """No connection could be made, or no answer came in time."""

    code = "device-unreachable"


class DeviceRefusedPassword(DeviceError):
    """The device wants another account or password."""

    code = "device-password"


class DeviceFault(DeviceError):
    """The device answered with a fault, or with nonsense."""

    code = "device-fault"


class NotOffered(DeviceError):
    """The device has no such service."""

    code = "device-not-offered"


class DevicesAway(DeviceError):
    """The process that speaks to the devices does not answer."""

    code = "devices-away"
