"""From a checkpoint to a network that predicts: at the end of a run, and after one that was cut off."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from cnnstudio import __version__
from cnnstudio.core import (
    NetworkError,
    RunError,
    SplitScore,
    Watch,
    codec,
    restore_folder,
    wilson_interval,
    write_atomically,
)  # fmt: skip
from cnnstudio.data import Sample
from cnnstudio.networks import BundleCard, head
from cnnstudio.networks.bundle import save_bundle
from cnnstudio.runs import Ancestry, Run, forget_answers, now, open_run
from cnnstudio.training.base import Base, check_origin, find_weights_file, load_base
from cnnstudio.training.lineage import Trail
from cnnstudio.training.loop import Checkpoint, Checkpoints, FitState, LinearHead, not_of_this_run, put_weights
from cnnstudio.training.recipe import Recipe, recipe_from_plain

WEIGHTS_HASH = "weights_sha256"
"""Key in a run's environment under which the hash of its pretrained weights is kept."""
LAST_LAYER_FILE = "last-layer.safetensors"
"""In a run's folder: the last layer of the network that it delivered."""
_OF, _TEMPERATURE = "of", "temperature"


def load_trained(network: nn.Module, checkpoint: Checkpoint) -> None:
    """Put the weights of a checkpoint into the network the run started from.

    Raises:
        CheckpointDamaged: they are another network's.
    """
    if checkpoint.part == "network":
        put_weights(network, checkpoint.model)
        return
    head = head_of(checkpoint)
    try:
        head.put_into(network)
    except NetworkError as error:  # of other features or classes
        raise not_of_this_run(repr(error)) from error


def head_of(checkpoint: Checkpoint) -> LinearHead:
    """The linear head that a checkpoint holds.

    Raises:
        CheckpointDamaged: it holds something else.
    """
    try:
        classes, size = checkpoint.model["linear.weight"].shape
        head = LinearHead(size, classes)
        head.load_state_dict(checkpoint.model)
    except (LookupError, ValueError, RuntimeError) as error:
        raise not_of_this_run(repr(error)) from error
    return head


def save_run_bundle(
    run: Run, base: Base, recipe: Recipe, classes: tuple[str, ...], scores: Mapping[str, SplitScore]
) -> None:
    """Write the run's bundle from the network as it is now; what another one answered is forgotten."""
    forget_answers(run.folder)
    _save_bundle(run, base, recipe, classes, scores)


def _save_bundle(
    run: Run, base: Base, recipe: Recipe, classes: tuple[str, ...], scores: Mapping[str, SplitScore]
) -> None:
    shown = {
        name: {
            "accuracy": score.accuracy,
            "images": score.images,
            "interval": list(score.interval) if score.interval else None,
            "balanced_accuracy": score.balanced_accuracy,
            "groups": score.groups,
            "chosen_among": score.chosen_among,
            "origin": score.origin,
        }
        for name, score in scores.items()
    }
    card = BundleCard(
        network=recipe.network,
        plan=recipe.plan,
        classes=classes,
        preprocess=base.preprocess,
        temperature=base.temperature,
        scores=shown,
        recipe=codec.to_plain(recipe),
        weights_origin=f"{base.origin} sha256:{base.weights_hash}" if base.origin else "",
        licence=base.licence,
        dataset_hash=run.record.dataset_hash,
        versions=versions(),
        created=now(),
    )
    save_bundle(run.bundle, base.network, card, Trail().used_by(run.folder, delivered=True))


def ensure_bundle(folder: Path) -> Path:
    """The bundle of a run; made from its best checkpoint when the run was cut off before it could.

    Raises:
        RunError: no epoch was finished.
        CheckpointDamaged, WeightsError: the pieces are not usable any more.
    """
    bundle = folder / "bundle"
    restore_folder(bundle)
    if bundle.is_dir():  # predicts, whatever became of the record
        return bundle
    run = open_run(folder)
    checkpoints = Checkpoints(run.checkpoints)
    if not checkpoints.best.is_file():
        raise RunError(
            f"The run {run.record.name} has no finished epoch yet.",
            meaning="There is nothing to predict with.",
            remedy="Resume it, or choose another run.",
        )
    recipe = recipe_from_plain(run.record.recipe)
    base = load_base(recipe, run.record.classes, find_weights_file(recipe, Watch()))
    check_origin(base, run.record.environment.get(WEIGHTS_HASH, ""))
    checkpoint = checkpoints.load_best()
    load_trained(base.network, checkpoint)
    if (delivered := _with_last_layer(base, run)) is not None:  # the very same network as before
        told = {name: score for name, score in run.record.scores.items() if score.origin != "while-training"}
        _save_bundle(run, delivered, recipe, run.record.classes, told)
        return run.bundle
    done = max((epoch.epoch for epoch in run.history().epochs), default=0)
    found = scores_so_far(checkpoint.state, epochs_compared(recipe, done, run.record.ancestry))
    scores = {name: score for name, score in found.items() if score.is_fair}
    save_run_bundle(run, base, recipe, run.record.classes, scores)
    return run.bundle


def keep_last_layer(run: Run, base: Base, state: FitState) -> None:
    """Keep the last layer of a finished run, for its checkpoints lack what comes at the very end.

    That is a last layer that was solved for again, and a temperature.

    Raises:
        StorageError: it cannot be written.
    """
    layer = head.head_layer(base.network)
    assert layer.bias is not None  # as every head that was put into a network for a run's classes
    arrays = {"weight": layer.weight.detach().flatten(1).contiguous(), "bias": layer.bias.detach().contiguous()}
    about = {_OF: _finished_as(state.epoch, state.best_epoch), _TEMPERATURE: repr(base.temperature)}
    write_atomically(run.folder / LAST_LAYER_FILE, save(arrays, about))


def _with_last_layer(base: Base, run: Run) -> Base | None:
    """A network of the best epoch with the last layer that the run ended with.

    None where that was not kept, or the run went on since.
    """
    record = run.record
    if record.state != "finished":
        return None
    try:
        with safe_open(run.folder / LAST_LAYER_FILE, "pt") as file:
            about = file.metadata() or {}
            if about.get(_OF) != _finished_as(record.epochs_done, record.best_epoch):
                return None
            temperature = float(about[_TEMPERATURE])
            head.set_head(base.network, file.get_tensor("weight"), file.get_tensor("bias"))
    except (OSError, ValueError, LookupError, SafetensorError, NetworkError):
        return None
    return replace(base, temperature=temperature)


def _finished_as(epochs: int, best: int) -> str:
    return f"epoch {best} of {epochs}"


def epochs_compared(recipe: Recipe, epochs: int, ancestry: Ancestry | None) -> int:
    """Of how many epochs the best one was chosen by validation; 1 where none was, see ``Plan.newest_counts``.

    Those of earlier runs count, where the same pictures have chosen among them.
    """
    own = 1 if recipe.how.on == "features" and not recipe.patience else max(1, epochs)
    return own - 1 + (ancestry.compared if ancestry else 1)


def scores_so_far(state: FitState, compared: int, validation: Sequence[Sample] = ()) -> dict[str, SplitScore]:
    """Scores of the best epoch as the loop saw them; exact ones replace them at the end.

    Args:
        state: with the best epoch.
        compared: see ``epochs_compared``.
        validation: the pictures that chose it, where they are known; those that belong together count for less.
    """
    train, chosen = state.best_train, state.best_validation
    if chosen is not None:
        interval = wilson_interval(chosen.right, chosen.images, compared)
        labels, groups = [sample.label for sample in validation], [sample.group for sample in validation]
        chosen = replace(chosen, chosen_among=compared, interval=interval).judged_roughly(labels, groups)
    return {score.split: score for score in (train, chosen) if score is not None}


def versions() -> dict[str, str]:
    """Versions of what computed the result."""
    others = {name: version(name) for name in ("torch", "torchvision", "numpy", "pillow")}
    return {"python": platform.python_version(), "cnnstudio": __version__, **others}
