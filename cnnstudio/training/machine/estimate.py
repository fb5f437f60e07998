"""How long a training takes here, how much memory, and which rate suits it: arithmetic on measurements. No torch."""

from dataclasses import dataclass

from cnnstudio.networks import MODES
from cnnstudio.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Pictures per second of one network on this machine, from file to result, and memory; 0 where not measured."""

    features: float = 0.0
    """Through the frozen layers, in the fastest precision."""
    scoring: float = 0.0
    """Through the whole network, in full precision."""
    training: float = 0.0
    """Forward, backward and update, pictures read from disk."""
    checking: float = 0.0
    """Validation between epochs, pictures read from disk."""
    training_again: float = 0.0
    """As ``training``, once the pictures are remembered."""
    checking_again: float = 0.0
    """As ``checking``, once the pictures are remembered."""
    head: float = 0.0
    """Through a linear head on features, while it is trained or solved for."""
    memory: int = 0
    """Bytes a training step takes on its device."""
    kept: int = 0
    """Bytes kept for each training and validation picture: feature maps in memory, or the decoded picture on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Pictures of a dataset, and how many of them have cached features."""

    train: int
    validation: int
    test: int
    cached: int = 0
    """Of training, all views."""
    validation_cached: int = 0
    test_cached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Seconds and memory of a whole run, scores included."""

    seconds: float
    memory: int
    """Bytes: of the graphics card for the step and the maps, else of the whole process; 0 when unknown."""


HEAD_LOOKS = 150
"""At its pictures until a head is solved for, its strength chosen: 143 and 154 with two networks on 3,400 pictures."""
OVERHEAD_S = 1.0
"""Loading and compiling the network, writing the run."""


def estimate(recipe: Recipe, amount: Amount, speed: Speed, *, on_maps: bool, room: int) -> Estimate:
    """Time and memory of a run.

    Args:
        recipe: resolved.
        amount: of pictures.
        speed: measured for the recipe's network and mode.
        on_maps: whether a last stage is trained on feature maps.
        room: bytes there are for maps, or for the system to have decoded pictures at hand.
    """
    seen, checked = amount.train, amount.validation
    seconds = OVERHEAD_S
    if recipe.how.pretrained and not recipe.start_from:  # features, and a head on them
        views = recipe.views if recipe.how.on == "features" else 1
        head_epochs = recipe.epochs if recipe.how.on == "features" else MODES["head"].epochs
        if recipe.head_solver == "regression":
            head_epochs = HEAD_LOOKS
        seconds += max(0, views * seen - amount.cached) / speed.features
        seconds += max(0, checked - amount.validation_cached) / speed.scoring
        seconds += head_epochs * seen / speed.head
    if recipe.how.on == "features":
        return Estimate(seconds=seconds + (amount.test - amount.test_cached) / speed.scoring, memory=speed.memory)
    if on_maps:
        seconds += (recipe.views * seen + checked) / speed.features
    pictures = (recipe.views if on_maps else 1) * seen + checked
    remembered = min(1.0, room / max(1, pictures * speed.kept))
    again, first = epoch_range(recipe, amount, speed)
    seconds += first + (recipe.epochs - 1) * (remembered * again + (1 - remembered) * first)
    memory = speed.memory + (min(room, pictures * speed.kept) if on_maps else 0)
    return Estimate(seconds=seconds + (seen + checked + amount.test) / speed.scoring, memory=memory)


def epoch_range(recipe: Recipe, amount: Amount, speed: Speed) -> tuple[float, float]:
    """Seconds of an epoch with its validation: with all pictures at hand, and with all of them read from disk."""
    if recipe.how.on == "features":
        return amount.train / speed.head, amount.train / speed.head
    again = amount.train / speed.training_again + amount.validation / speed.checking_again
    return again, amount.train / speed.training + amount.validation / speed.checking


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCurve:
    """Loss over learning rates that grew from step to step (Smith 2017)."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Smoothed cross-entropy, in nats, after a step at that rate."""
    suggestion: float
    """Where the loss falls most steeply; 0 when it never fell."""


def suggest(rates: tuple[float, ...], losses: tuple[float, ...]) -> float:
    """The rate at which the loss falls most steeply per decade, before its lowest point; 0 when it never fell."""
    lowest = min(range(len(losses)), key=losses.__getitem__, default=0)
    span = max(1, len(losses) // 20)  # slopes over a few points: single ones are noise
    slopes = {
        (start + end) // 2: losses[end] - losses[start]
        for start, end in ((i, i + span) for i in range(max(0, lowest - span + 1)))
    }
    if not slopes or min(slopes.values()) >= 0:
        return 0.0
    return rates[min(slopes, key=slopes.__getitem__)]
