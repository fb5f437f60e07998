"""EstimateRun: measure what a recipe costs on this machine, without starting it and without downloading anything."""

from pathlib import Path

from cnnstudio.compute.device import choose_device
from cnnstudio.core.watch import Watch
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs.specs.training import EstimateRun
from cnnstudio.networks.weights.pretrained import find_weights, resolve_weights
from cnnstudio.training.base import load_base
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.training.machine.run_timing import estimate_run


def estimate(job: EstimateRun, watch: Watch) -> Estimate:
    """A few seconds the first time, at once when network, mode and picture size were measured before."""
    recipe = job.recipe.resolved()
    dataset = job.dataset or open_dataset(Path(recipe.dataset), recipe.split, watch=Watch(watch.control))
    device = choose_device(recipe.device)
    weights = None
    if recipe.how.pretrained and not recipe.start_from:
        auto = recipe.weights == "auto"
        weights = find_weights(recipe.network) if auto else resolve_weights(recipe.network, recipe.weights)
    # Random weights take as long as others, so nothing has to be downloaded for an estimate.
    base = load_base(recipe, dataset.classes, weights)
    return estimate_run(recipe, dataset, base, device, watch.control)
