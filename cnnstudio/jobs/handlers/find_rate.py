"""FindRate: prepare a training as if it were to run, and try learning rates on it."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from cnnstudio.compute.depthwise import float32_depthwise
from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.carry import carry
from cnnstudio.jobs.handlers.fine_tune import open_training
from cnnstudio.jobs.specs import FindRate, FineTune
from cnnstudio.training.lr_finder import find_rate
from cnnstudio.training.rate_curve import RateCurve
from cnnstudio.training.run_training import prepare


def run(spec: FindRate, control: Control, emit: Callable[[Event], None]) -> RateCurve:
    """The curve; nothing is left behind but cached features."""
    with tempfile.TemporaryDirectory() as folder:
        fine_tune = FineTune(recipe=spec.recipe, dataset=spec.dataset, out=Path(folder) / "run")
        training = open_training(fine_tune, control, emit)
        plan, _ = carry(prepare(training), emit)
        with float32_depthwise(plan.model, on=plan.depthwise_fp32):
            return carry(find_rate(plan, control), emit)
