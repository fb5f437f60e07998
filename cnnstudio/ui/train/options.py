"""Every advanced setting of a training in plain words: what it is, and why one would change it. No widgets."""

from dataclasses import dataclass
from typing import Any

from cnnstudio.data import AugmentSpec
from cnnstudio.training.recipe import MAX_SEED, Recipe
from cnnstudio.training.rules import OF_EPOCHS

_WHOLE_SEED = min(MAX_SEED, 2**31 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting of a recipe; ``path`` is its field, such as ``weight_decay`` or ``augment.flip``."""

    path: str
    title: str
    text: str
    """One line that is always shown."""
    why: str
    """For the tooltip: when and why to change it."""
    choices: tuple[tuple[str, str], ...] = ()
    """Shown text and value, for a list."""
    high: float = 0.0
    """Largest value of a number; the smallest is 0."""
    decimals: int = 0
    step: float = 1.0
    zero: str = ""
    """What 0 means, such as ``automatic``."""
    low: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Settings that belong together."""

    title: str
    options: tuple[Option, ...]


GROUPS = (
    Group(title="Learning", options=(
        Option(path="head_solver", title="Last layer", choices=(
                   ("By cross-validation", "auto"), ("By epochs", "epochs")),
               text="How the last layer is trained when it learns alone.",
               why="Cross-validation tries how strongly to hold the weights back, each time on pictures that were not "
                   "learned from, and takes the best: quick, the same every time, and better with few pictures. Epochs "
                   "are for what needs them, such as blended pictures."),
        Option(path="learning_rate", title="Learning rate", high=10, decimals=5, step=0.0005, zero="automatic",
               text="How far each step goes.",
               why="Too high and it forgets what it knew, too low and it crawls. “Find one” tries rates on your "
                   "pictures and shows where the error falls fastest."),
        Option(path="schedule", title="Learning rate over time", choices=(
                   ("Falls smoothly (cosine)", "cosine"), ("Rises, then falls", "one-cycle"),
                   ("Falls in steps", "step"), ("Constant", "constant")),
               text="Falling smoothly is almost always right.",
               why="Large steps find the region, small ones settle in it. A constant rate never settles."),
        Option(path="warm_up", title="Warm-up", high=0.9, decimals=2, step=0.05,
               text="Share of the training in which the rate rises to its full height.",
               why="The first steps point in rough directions; a rising rate keeps them from doing harm."),
        Option(path="batch_size", title="Batch size", high=4096, zero="automatic",
               text="Pictures per step.",
               why="Larger is steadier and needs more memory. When memory runs out, the batch is computed in pieces "
                   "by itself."),
        Option(path="optimizer", title="Optimiser", choices=(
                   ("AdamW", "adamw"), ("Adam", "adam"), ("SGD", "sgd"), ("RMSprop", "rmsprop")),
               text="The rule that turns errors into changes of the weights.",
               why="AdamW works nearly everywhere. The automatic learning rate and weight decay are those of the "
                   "optimiser."),
        Option(path="patience", title="Stop early after", high=1000, zero="never",
               text="Epochs without a lower error on validation pictures.",
               why="Saves time once nothing improves any more. The epoch with the best validation score is then kept."),
    )),
    Group(title="Against overfitting", options=(
        Option(path="weight_decay", title="Weight decay", high=10, low=-0.01, decimals=4, step=0.01, zero="automatic",
               text="Keeps weights small.",
               why="Raise it if the accuracy on training pictures is far above that on validation pictures "
                   "(overfitting)."),
        Option(path="label_smoothing", title="Label smoothing", high=0.9, decimals=2, step=0.05,
               text="Makes the network less sure of itself.",
               why="Helps if some pictures are in the wrong folder. 0.1 is usual."),
        Option(path="mix", title="Blend pictures", choices=(
                   ("No", "none"), ("Mixup", "mixup"), ("Cutmix", "cutmix"), ("Both, alternating", "both")),
               text="Shows two pictures at once, with both answers.",
               why="Mixup lays one over the other, cutmix pastes a piece of one into the other, for which the last "
                   "layer alone sees no pictures. Good for long trainings of all layers; the accuracy while training "
                   "then looks low."),
        Option(path="ema", title="Weight averaging (EMA)", high=0.99999, decimals=5, step=0.001, zero="off",
               text="Scores and keeps a running average of the weights.",
               why="Smooths out the last steps. 0.999 suits trainings of a thousand steps and more."),
        Option(path="gradient_clip", title="Limit gradient size", high=1000, decimals=2, step=0.5, zero="off",
               text="Longest gradient that is let through (gradient clipping).",
               why="Keeps single odd batches from throwing the network off. 1 is usual."),
    )),
    Group(title="How fast each layer learns", options=(
        Option(path="backbone_lr_scale", title="Pretrained layers", high=10, decimals=3, step=0.05,
               text="Their learning rate, as a multiple of the last layer's.",
               why="They already know much: small steps adapt it, large ones destroy it."),
        Option(path="layer_decay", title="Slower in earlier layers", high=1, low=0.1, decimals=2, step=0.05,
               text="Each stage further down learns at this multiple of the one above.",
               why="Early layers see edges and colours, which are the same everywhere. 0.8 lets them nearly rest."),
        Option(path="gradual_unfreezing", title="Unfreeze layers one by one",
               text="Begin with the last layers; the ones below follow in the first half.",
               why="Gentle with few pictures, and the first epochs are quicker."),
    )),
    Group(title="Augmentation: how pictures are varied", options=(
        Option(path="augment.flip", title="Mirror left and right", text="Not for text or left/right differences.",
               why="Doubles the variety at no cost, unless left and right matter."),
        Option(path="augment.crop", title="Crop at random", high=0.95, decimals=2, step=0.05,
               text="0 shows each picture as it is scored, every time.",
               why="Teaches that objects may be anywhere and partly hidden. Too much, and the object is cut away."),
        Option(path="augment.rotate_degrees", title="Rotate by up to", high=180, step=5,
               text="Degrees; high if your objects have no up or down.",
               why="180 for microscopes and objects seen from above, 0 to 15 for photographs."),
        Option(path="augment.colour", title="Vary colours", high=0.9, decimals=2, step=0.05,
               text="0 when colour tells the classes apart.",
               why="Teaches that light and camera do not matter."),
        Option(path="augment.blur", title="Blur by up to", high=8, decimals=1, step=0.5,
               text="Pixels, as the network sees the picture.",
               why="For pictures that may be out of focus. The stress test on Results tells whether it matters."),
        Option(path="augment.noise", title="Noise of up to", high=100, step=5,
               text="Standard deviation, in levels of 255.",
               why="For pictures taken in little light."),
        Option(path="augment.compression", title="Compress by up to", high=0.98, decimals=2, step=0.05,
               text="As JPEG files are: 0.9 is quality 10.",
               why="For pictures that are sent by messengers or come from the web."),
        Option(path="augment.shrink", title="Shrink by up to", high=0.95, decimals=2, step=0.05,
               text="Made smaller and enlarged again; 0.75 leaves a quarter of the side.",
               why="For objects that are far away, and for old cameras."),
        Option(path="views", title="Stored variations", high=64, zero="automatic",
               text="Of each picture, where layers are frozen.",
               why="Frozen layers compute every picture once per variation, and then never again. More "
                   "variations, more variety, more time at the start."),
    )),
    Group(title="Classes and pictures", options=(
        Option(path="balance", title="Uneven classes", choices=(
                   ("Leave as they are", "none"), ("Small ones weigh more", "weights"),
                   ("Small ones are shown more often", "sampling")),
               text="For classes with far fewer pictures than others.",
               why="Otherwise the network may get away with never answering a small class. Accuracy over all "
                   "pictures can fall a little while small classes gain."),
        Option(path="input_size", title="Picture size", high=1024, zero="automatic",
               text="Side in pixels. Smaller is quicker and sees less.",
               why="Larger helps when what matters is small in the picture; time grows with the square."),
        Option(path="colour", title="Colour", choices=(
                   ("As the network was made", "auto"), ("Grey", "grey"), ("Colour", "colour")),
               text="What a classic network that learns from scratch sees.",
               why="Grey is quicker and enough where shape tells the classes apart. torchvision's networks always "
                   "see colour; grey pictures work with them too."),
    )),
    Group(title="Computing", options=(
        Option(path="precision", title="Numeric precision", choices=(
                   ("Measure which is fastest", "auto"), ("32 bit", "fp32"), ("16 bit, bfloat", "bf16"),
                   ("16 bit, half", "fp16")),
               text="How exactly the training computes. Final scores are always exact.",
               why="The measurement takes a few seconds, once per network."),
        Option(path="threads", title="Reading threads", high=256, zero="automatic",
               text="Threads that read and decode pictures.",
               why="Automatic is one per core. More can help with pictures on a slow network drive."),
        Option(path="watch_inside", title="Look inside every", high=100_000, step=10, zero="never",
               text="Steps between looks at dead units, values and gradients of each block; 20 cost 5 % of the time at "
                    "most.",
               why="Shows why a network does not learn: units that fell silent, gradients that fade or explode. A look "
                   "takes 1 to 95 % of the time of a step, most in the smallest networks. It changes nothing of what "
                   "is learned."),
        Option(path="seed", title="Seed", high=_WHOLE_SEED, text="The same seed gives the same run.",
               why="Train with three seeds to see how much of a difference is luck."),
    )),
)  # fmt: skip
NOT_SOLVED = frozenset({*OF_EPOCHS, "watch_inside", "backbone_lr_scale", "layer_decay", "gradual_unfreezing"})
"""What says nothing to a last layer that is solved for."""
OPTIONS = {option.path: option for group in GROUPS for option in group.options}


def value_of(recipe: Recipe, path: str) -> Any:
    """A setting of a recipe."""
    target: Any = recipe
    for name in path.split("."):
        target = getattr(target, name)
    return target


def fields_from(values: dict[str, Any]) -> dict[str, Any]:
    """Recipe fields from settings by path."""
    augment = {path.removeprefix("augment."): value for path, value in values.items() if path.startswith("augment.")}
    plain = {path: value for path, value in values.items() if "." not in path}
    return {**plain, "augment": AugmentSpec(**augment)}
