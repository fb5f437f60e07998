"""The network a recipe starts from: pretrained, from an earlier run, or fresh."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from cnnstudio.compute.engines import FrozenLayers
from cnnstudio.core import FormatError, NetworkError, RecipeError, RunError, Watch, WeightsError, sha256_of
from cnnstudio.data import LEVELS, PreprocessSpec
from cnnstudio.networks import builder, head
from cnnstudio.networks.bundle import WEIGHTS_FILE, load_bundle
from cnnstudio.networks.weights.pretrained import WeightsFile, find_weights, open_weights, resolve_weights
from cnnstudio.runs import open_run
from cnnstudio.training.fair_split import Before
from cnnstudio.training.recipe import Recipe

TRAIN_HEAD_FILE = "train-head.safetensors"
"""In a run whose last layer was solved for: the layer that did not learn from validation pictures, ``weight``
classes×D and ``bias``, on plain features. Runs that continue it start from that one."""
_CHANNELS = {"auto": None, "grey": 1, "colour": 3}


@dataclass(frozen=True, kw_only=True)
class Base:
    """A network with the head for the run's classes, and where it comes from."""

    network: nn.Module
    preprocess: PreprocessSpec
    pretrained: bool
    trained_head: bool
    """Whether it already tells the run's classes apart."""
    solved_head: bool = False
    """Whether that last layer was solved for, on training pictures alone."""
    origin: str
    """Name of the weights file or run; empty for fresh weights."""
    weights_hash: str
    """SHA-256 of the weights it starts from; empty for fresh ones."""
    licence: str = ""
    """Of the pretrained weights, where they carry one of their own."""
    notes: tuple[str, ...] = ()
    """Sentences on what was unusual in the weights file."""
    before: Before = field(default_factory=Before)
    """What it was trained with before."""
    temperature: float = 1.0
    """By which its last layer is divided, in the network that is delivered."""

    @cached_property
    def without_head(self) -> FrozenLayers:
        """From pictures to pooled features; for as long as nothing below the head is trained."""
        return FrozenLayers(head.feature_network(self.network), self.preprocess)


def find_weights_file(recipe: Recipe, watch: Watch, *, download: bool = True) -> WeightsFile | None:
    """The pretrained weights the recipe asks for; None when it needs none.

    Args:
        recipe: what is asked for.
        watch: of a download.
        download: when they are not on this computer; else None for those.

    Raises:
        WeightsError: there are none, or they are not usable.
    """
    if not recipe.how.pretrained or recipe.start_from or recipe.weights == "none":
        return None
    if recipe.weights == "auto" and not download:
        return find_weights(recipe.network)
    return resolve_weights(recipe.network, recipe.weights, watch=watch)


def load_base(recipe: Recipe, classes: tuple[str, ...], weights: WeightsFile | None) -> Base:
    """Build the network to start from.

    Raises:
        RecipeError: the earlier run has other classes or another network.
        WeightsError: the weights do not fit, or are not those the run was started with.
    """
    if recipe.start_from:
        return _from_run(recipe, classes)
    if recipe.input_size:
        builder.check_input_size(recipe.network, recipe.input_size)
    preprocess = builder.preprocess_of(recipe.network, (weights.entry or None) if weights else None)
    notes: tuple[str, ...] = ()
    if weights is None:
        network = builder.build_network(
            recipe.network,
            len(classes),
            seed=recipe.seed,
            image_size=recipe.input_size or None,
            channels=_CHANNELS[recipe.colour],
        )
        origin, weights_hash = "", ""
    else:
        fitted = open_weights(recipe.network, weights)
        network, notes = fitted.build(len(classes)), fitted.notes
        origin, weights_hash = weights.path.name, weights.sha256
    built_for = getattr(network, "image_size", recipe.input_size)  # vision transformers take one size only
    if built_for and built_for != preprocess.crop:
        preprocess = builder.scaled_preprocess(preprocess, built_for)
    return Base(
        network=network,
        preprocess=replace(builder.with_channels(preprocess, head.input_channels(network)), levels=recipe.levels),
        pretrained=weights is not None,
        trained_head=False,
        origin=origin,
        weights_hash=weights_hash,
        licence=builder.licence_of(recipe.network, weights.entry) if weights else "",
        notes=notes,
    )


def check_origin(base: Base, weights_hash: str) -> None:
    """Refuse to go on with a run whose pretrained weights have changed since.

    Raises:
        WeightsError: the hash differs.
    """
    if base.weights_hash != weights_hash:
        raise WeightsError(
            f"The weights file {base.origin} is not the one this run was started with.",
            meaning="The saved epochs only fit the original weights.",
            remedy="Put the original file back, or start a new run.",
        )


def bundle_in(folder: Path) -> Path:
    """The bundle of a run's folder; a bundle's folder is its own."""
    return folder / "bundle" if (folder / "bundle").is_dir() else folder


def _from_run(recipe: Recipe, classes: tuple[str, ...]) -> Base:
    folder = Path(recipe.start_from)
    bundle = bundle_in(folder)
    network, card = load_bundle(bundle)
    if card.network != recipe.network or card.classes != classes:
        raise RecipeError(
            f"The earlier run {folder.name} does not fit: it knows other classes or uses another network.",
            remedy="Start from the pretrained weights, or choose a run on the same classes.",
        )
    head.divide_head(network, 1 / card.temperature)  # learning goes on from the layer as it was trained
    solved = bundle != folder and ((file := folder / TRAIN_HEAD_FILE).is_file() or _was_solved(folder))
    if solved:
        take_train_head(network, file)
    preprocess = card.preprocess
    if preprocess.levels == LEVELS:
        preprocess = replace(preprocess, levels=recipe.levels)
    if recipe.input_size:
        preprocess = builder.scaled_preprocess(preprocess, recipe.input_size)
    return Base(
        network=network,
        preprocess=preprocess,
        pretrained=True,
        trained_head=True,
        solved_head=solved,
        origin=folder.name,
        weights_hash=sha256_of(bundle / WEIGHTS_FILE),
        licence=card.licence,
    )


def _was_solved(run: Path) -> bool:
    try:
        return open_run(run).record.cross_validated
    except (FormatError, RunError):
        return False


def take_train_head(network: nn.Module, file: Path) -> None:
    """Give a network the last layer that learned from training pictures alone.

    Raises:
        WeightsError: it is missing or damaged.
    """
    try:
        layer = load_file(file)
        head.set_head(network, layer["weight"], layer["bias"])
    except (OSError, ValueError, LookupError, SafetensorError, NetworkError) as error:
        raise WeightsError(
            f"The last layer that other runs start from, {file.name} in {file.parent.name}, is missing or damaged.",
            meaning="The one that predicts has learned from validation pictures, so these could not judge the new run.",
            remedy="Train the earlier run again, or start from the pretrained weights.",
            details=repr(error),
        ) from error
