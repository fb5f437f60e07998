"""ListDevices: what can compute on this computer."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import ListDevices
from cnnstudio.training.device import list_devices
from cnnstudio.training.device_choice import DeviceInfo


def run(_spec: ListDevices, _control: Control, _emit: Callable[[Event], None]) -> tuple[DeviceInfo, ...]:
    """The devices, best first."""
    return list_devices()
