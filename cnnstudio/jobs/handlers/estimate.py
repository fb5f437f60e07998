"""EstimateRun: measure what a recipe costs on this machine, without starting it and without downloading anything."""

from collections.abc import Callable
from pathlib import Path

from cnnstudio.compute.device import choose_device
from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs.specs import EstimateRun
from cnnstudio.networks.weights.pretrained import find_weights, resolve_weights
from cnnstudio.training.base import load_base
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.training.machine.run_timing import estimate_run


def run(spec: EstimateRun, control: Control, _emit: Callable[[Event], None]) -> Estimate:
    """A few seconds the first time, at once when network, mode and picture size were measured before."""
    recipe = spec.recipe.resolved()
    dataset = spec.dataset or open_dataset(Path(recipe.dataset), recipe.split, control=control)
    device = choose_device(recipe.device)
    weights = None
    if recipe.mode != "scratch" and not recipe.start_from:
        auto = recipe.weights == "auto"
        weights = find_weights(recipe.network) if auto else resolve_weights(recipe.network, recipe.weights)
    # Random weights take as long as others, so nothing has to be downloaded for an estimate.
    base = load_base(recipe, dataset.classes, weights)
    return estimate_run(recipe, dataset, base, device, control)
