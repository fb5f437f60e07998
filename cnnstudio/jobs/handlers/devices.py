"""ListDevices: what can compute on this computer."""

from collections.abc import Callable

from cnnstudio.compute.device import list_devices
from cnnstudio.compute.device_choice import DeviceInfo
from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import ListDevices


def run(_spec: ListDevices, _control: Control, _emit: Callable[[Event], None]) -> tuple[DeviceInfo, ...]:
    """The devices, best first."""
    return list_devices()
