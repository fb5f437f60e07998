"""MeasureSpeeds: time a few networks on this computer, and estimate the others."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event, Progressed
from cnnstudio.jobs.specs import MeasureSpeeds
from cnnstudio.networks.speed_test import measure_speeds
from cnnstudio.networks.speeds import Speeds, load_speeds
from cnnstudio.training.device import choose_device


def run(spec: MeasureSpeeds, control: Control, emit: Callable[[Event], None]) -> Speeds:
    """What is remembered, or some twenty seconds of measuring."""
    known = None if spec.anew else load_speeds()
    return known or measure_speeds(
        choose_device("auto"),
        control=control,
        progress=lambda done, total, text: emit(Progressed(done=done, total=total, text=text)),
    )
