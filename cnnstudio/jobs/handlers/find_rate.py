"""FindRate: prepare a training as if it were to run, and try learning rates on it."""

import tempfile
from pathlib import Path

from cnnstudio.compute.depthwise import float32_depthwise
from cnnstudio.core.watch import Watch
from cnnstudio.jobs.execute import carry
from cnnstudio.jobs.handlers.fine_tune import open_training
from cnnstudio.jobs.specs.training import FindRate, FineTune
from cnnstudio.training.lr_finder import find_rate
from cnnstudio.training.rate_curve import RateCurve
from cnnstudio.training.run_training import prepare


def find(job: FindRate, watch: Watch) -> RateCurve:
    """The curve; nothing is left behind but cached features."""
    with tempfile.TemporaryDirectory() as folder:
        fine_tune = FineTune(recipe=job.recipe, dataset=job.dataset, out=Path(folder) / "run")
        training = open_training(fine_tune, watch)
        plan, _ = carry(prepare(training), watch.emit)
        with float32_depthwise(plan.model, on=plan.depthwise_fp32):
            return carry(find_rate(plan, watch.control), watch.emit)
