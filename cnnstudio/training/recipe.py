"""Everything that decides a training, as one frozen value that round-trips through TOML. No torch."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from cnnstudio.core import FormatError, NetworkError, RecipeError, codec, write_atomically
from cnnstudio.data import LEVELS, AugmentSpec, Dataset, Levels, SplitSpec
from cnnstudio.networks import DEFAULT_MODE, MODES, Mode, NetworkEntry
from cnnstudio.networks.blocks.saved import plan_text, remember_text
from cnnstudio.networks.weights.packages import address_of
from cnnstudio.training import rules
from cnnstudio.training.rules import (
    AUTOMATIC,
    DEPTHWISE,
    MAX_SEED,
    Balance,
    Colour,
    Device,
    FrozenPrecision,
    HeadSolver,
    Mix,
    Optimizer,
    Precision,
    Schedule,
)

__all__ = [
    "AUTOMATIC", "DEPTHWISE", "MAX_SEED", "Balance", "Colour", "Device", "FrozenPrecision", "HeadSolver", "Mix",
    "Optimizer", "Precision", "Recipe", "Schedule", "complete", "load_recipe", "recipe_from_plain", "recipe_from_toml",
    "recorded_split",
]  # fmt: skip


_MOST_BYTES, _MOST_DOTS = 1 << 18, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What the window saves, the command line takes and a run records.

    Zero for ``epochs``, ``batch_size``, ``learning_rate`` or ``views`` means "the default";
    ``resolved()`` fills them in, and a run records the resolved recipe.
    """

    dataset: str
    """Folder of pictures."""
    network: str
    plan: str = ""
    """Of a network that a person built: its network file, so that the recipe means the same wherever it is."""
    weights: str = "auto"
    """``auto`` (on this computer, else downloaded), ``none``, a file, a folder, or an installed ``package:…``."""
    mode: str = DEFAULT_MODE
    """Name of a mode in ``networks.modes``."""
    head_solver: HeadSolver = "auto"
    """How a last layer on frozen features is found: solved for as a regularised logistic regression (``regression``),
    or trained in epochs. ``auto`` takes epochs only for what asks for them, and what it became is recorded in its
    place. Where more than the last layer learns, it is how the last layer is prepared."""
    start_from: str = ""
    """Run folder whose best weights to go on from; empty for the pretrained weights."""
    epochs: int = 0
    batch_size: int = 0
    learning_rate: float = 0.0
    """Of the head; see ``backbone_lr_scale``. The default is the mode's and the optimiser's."""
    backbone_lr_scale: float = 0.1
    """Learning rate of the pretrained layers, as a multiple of the head's."""
    layer_decay: float = 1.0
    """Each stage further down learns at this multiple of the rate of the one above (layer-wise decay)."""
    gradual_unfreezing: bool = False
    """Begin with the head and let one stage after the other join during the first half (Howard & Ruder 2018)."""
    weight_decay: float = AUTOMATIC
    """Of the weights of linear layers and convolutions alone; ``AUTOMATIC`` (-1) is the optimiser's default."""
    optimizer: Optimizer = "adamw"
    schedule: Schedule = "cosine"
    warm_up: float = 0.05
    """Share of the training in which the learning rate rises to its full height; one-cycle takes at least 0.3."""
    label_smoothing: float = 0.0
    mix: Mix = "none"
    """Blend pictures of different classes: mixup (Zhang et al. 2017), cutmix (Yun et al. 2019), or both in turns.

    Where layers are frozen, mixup blends what they give; cutmix needs the pictures.
    """
    balance: Balance = "none"
    """For classes of very different size: weigh the loss, or draw pictures of small classes more often."""
    gradient_clip: float = 0.0
    """Largest norm of the gradient; 0 does not clip."""
    ema: float = 0.0
    """Decay per step of a running average of the weights, which is then what is scored and kept; 0 keeps none."""
    views: int = 0
    """Differently changed views of each training picture that are remembered where layers are frozen."""
    patience: int = 0
    """Stop after this many epochs without a lower validation loss; 0 never stops early."""
    input_size: int = 0
    """Side of the input in pixels; 0 takes what the weights were trained with."""
    colour: Colour = "auto"
    """What a network that is built from scratch sees; ``auto`` is what it was made for. Classics only."""
    augment: AugmentSpec = field(default_factory=AugmentSpec)
    split: SplitSpec = field(default_factory=SplitSpec)
    levels: Levels = LEVELS
    """What is black and white in pictures of more than 8 bits; the usual ones are replaced by what the pictures use."""
    threads: int = 0
    """That read and decode pictures; 0 chooses by the number of cores."""
    precision: Precision = "auto"
    """Of the training steps; ``auto`` is measured before the first epoch, and what it gave is recorded in its place."""
    frozen_precision: FrozenPrecision = "auto"
    """Of layers that stay as they are: the steps' where that is chosen, else measured and recorded like it."""
    device: Device = "auto"
    seed: int = 0
    watch_inside: int = 0
    """Steps from one look inside the network to the next (``core.InsideSeen``); 0 never looks. It changes no weight."""

    def __post_init__(self) -> None:
        if self.plan:
            try:
                remember_text(self.plan)
            except NetworkError as error:
                raise RecipeError(f"The network of this recipe cannot be built: {error}") from error
        faults = rules.faults(self)
        if faults:
            raise RecipeError("This recipe cannot work: " + " ".join(faults), remedy="Change these settings.")

    @property
    def how(self) -> Mode:
        """What there is to say of its mode."""
        return MODES[self.mode]

    @property
    def plain_precision(self) -> FrozenPrecision:
        """Of the steps, depthwise convolutions aside."""
        return "bf16" if self.precision == "bf16-depthwise-fp32" else self.precision

    @property
    def frozen(self) -> FrozenPrecision:
        """Of the frozen layers; ``auto`` where it has to be measured."""
        return self.plain_precision if self.frozen_precision == "auto" else self.frozen_precision

    @property
    def solves_head(self) -> bool:
        """Whether its last layer alone is learned, and solved for."""
        return self.how.on == "features" and self.head_solver == "regression"

    @property
    def balances(self) -> bool:
        """Whether all classes count alike: in what is learned, and so in which epoch is the best."""
        return self.balance != "none"

    def resolved(self) -> "Recipe":
        """The same recipe with the defaults of its mode and optimiser for what was left open, and the head's solver.

        A last layer that is solved for has no epochs, batches and rates: they are 0.
        """
        chosen = replace(self, head_solver=self._solver(), views=self.views or self.how.views)
        if chosen.solves_head:
            return replace(chosen, epochs=0, batch_size=0, learning_rate=0.0)
        usual = rules.USUAL[self.optimizer]
        return replace(
            chosen,
            epochs=self.epochs or self.how.epochs,
            batch_size=self.batch_size or self.how.batch_size,
            learning_rate=self.learning_rate or usual.rate or round(usual.times * self.how.learning_rate, 9),
            weight_decay=usual.weight_decay if self.weight_decay == AUTOMATIC else self.weight_decay,
        )

    def reopened(self) -> "Recipe":
        """The same recipe with what are the defaults left open again, so that they follow mode and optimiser."""
        left_open = replace(self, batch_size=0, learning_rate=0.0, weight_decay=AUTOMATIC, views=0)
        usual, own = left_open.resolved(), self.resolved()
        names = ("batch_size", "learning_rate", "weight_decay", "views")
        return replace(
            self, **{name: getattr(left_open, name) for name in names if getattr(own, name) == getattr(usual, name)}
        )

    def _solver(self) -> HeadSolver:
        if self.head_solver != "auto":
            return self.head_solver
        on_features = self.how.on == "features"
        return "epochs" if not self.how.pretrained or (on_features and rules.asks_for_epochs(self)) else "regression"

    def check_named(self) -> None:
        """Refuse a recipe that is not filled in; an empty folder would be the one that one is in.

        Raises:
            RecipeError: it names no pictures or no network.
        """
        empty = [what for what, name in (("dataset", self.dataset), ("network", self.network)) if not name.strip()]
        if empty:
            raise RecipeError(f"This recipe names no {empty[0]}.", remedy="Fill it in, and try again.")

    def to_toml(self) -> str:
        """The recipe as TOML; a network's file stands in it as it is."""
        plain = codec.to_plain(self)
        plan = plain.pop("plan")
        return (f"plan = '''\n{plan}'''\n" if plan else "") + tomli_w.dumps(plain)

    def save(self, path: Path) -> None:
        """Write the recipe as TOML, atomically."""
        write_atomically(path, self.to_toml().encode(errors="surrogateescape"))  # names of folders need not be UTF-8


def complete(
    recipe: Recipe, dataset: Dataset, network: Callable[[], NetworkEntry], weights: Path | None = None
) -> Recipe:
    """A recipe with nothing left open: what a run records, and what window, terminal and demo train.

    Args:
        recipe: as a person chose; completing a complete one changes nothing.
        dataset: the opened pictures, which know their folder and how they are divided.
        network: looks up ``recipe.network``; called only where its size has to be chosen.
        weights: the file that was found for ``recipe.weights``, so that the recipe repeats exactly.
    """
    if recipe.start_from:
        folder = Path(recipe.start_from).absolute()
        recipe = replace(recipe, start_from=str(folder), weights="auto")  # which is not looked at
    elif not recipe.how.pretrained:
        recipe = replace(recipe, weights="none", input_size=recipe.input_size or network().scratch_size)
    elif weights is not None:
        recipe = replace(recipe, weights=address_of(weights))
    levels = dataset.levels if recipe.levels == LEVELS else recipe.levels
    recipe = replace(recipe, plan=plan_text(recipe.network))
    return replace(recipe.resolved(), dataset=str(dataset.root.absolute()), split=dataset.spec, levels=levels)


def recipe_from_toml(text: str) -> Recipe:
    """The inverse of ``Recipe.to_toml``.

    Raises:
        RecipeError: not TOML, or the values cannot work.
        FormatError: unknown keys or wrong types.
    """
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):  # each is a table in the one before
        raise RecipeError("This recipe is not valid TOML: a name has too many dots.", remedy="Correct that line.")
    try:
        plain = codec.parsed(text, tomllib.loads, "recipe")
    except FormatError as error:
        told = error.problem.meaning
        raise RecipeError(f"This recipe is not valid TOML: {told}", remedy="Correct that line.") from error
    return recipe_from_plain(plain)


def recipe_from_plain(plain: Any) -> Recipe:
    """A recipe from the values that a run's record or a TOML file holds.

    Those from before there was a choice of ``head_solver`` say how many epochs they train; their last layers go on as
    they began.

    Raises:
        RecipeError: the values cannot work.
        FormatError: unknown keys or wrong types.
    """
    if isinstance(plain, dict) and plain.get("epochs"):
        plain = {"head_solver": "epochs", **plain}
    try:
        return codec.from_plain(Recipe, plain, what="recipe")
    except FormatError as error:
        cause = error.__cause__
        refused = cause.subgroup(RecipeError) if isinstance(cause, ExceptionGroup) else None
        if refused is not None and isinstance(refused.exceptions[0], RecipeError):
            raise refused.exceptions[0] from error
        raise


def recorded_split(plain: dict[str, Any]) -> SplitSpec | None:
    """How the pictures of a run were split, by the recipe that it recorded; None where that does not say."""
    try:
        return codec.from_plain(SplitSpec, plain.get("split"))
    except FormatError:
        return None


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        RecipeError: the file cannot be read, is not TOML, or its values cannot work.
        FormatError: unknown keys or wrong types.
    """
    try:
        text = codec.bounded_text(path, _MOST_BYTES, errors="surrogateescape")
    except (OSError, ValueError, FormatError) as error:
        raise RecipeError(f"The recipe {path} cannot be read.", details=repr(error)) from error
    return recipe_from_toml(text)
