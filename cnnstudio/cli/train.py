"""``cnnstudio train``: a recipe from a file and flags, a run folder from the recipe."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from cnnstudio.cli import repeats
from cnnstudio.cli.numbers import number
from cnnstudio.cli.outcome import outcome
from cnnstudio.cli.report import Report
from cnnstudio.core import (
    RecipeError,
    StopRequested,
    Watch,
    counted,
    seconds_in_words,
)
from cnnstudio.data import SplitSpec
from cnnstudio.data.project import split_of
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.plain import plain
from cnnstudio.jobs.specs import EstimateRun, FindRate, FineTune, ListNetworks, ResumeRun
from cnnstudio.networks import DEFAULT_MODE, MODES
from cnnstudio.networks.blocks.saved import network_named
from cnnstudio.networks.catalogue.recommend import recommended
from cnnstudio.runs import RECORD_FILE, open_run
from cnnstudio.training.recipe import (
    Balance,
    Colour,
    Device,
    HeadSolver,
    Mix,
    Optimizer,
    Precision,
    Recipe,
    Schedule,
    load_recipe,
    recorded_split,
)
from cnnstudio.training.rules import OF_EPOCHS, WATCH_STEPS

_EXAMPLES = """\
examples:
  cnnstudio train photos                                   last layer of a pretrained network: seconds
  cnnstudio train photos --mode all --from RUN             make an earlier run better
  cnnstudio train photos --model squeezenet1_0 --weights ~/weights/squeezenet1_0.pth
  cnnstudio train photos --mode scratch --input-size 64    without pretrained weights
  cnnstudio train photos --mode scratch --model mine.toml  a network of blocks, see: cnnstudio lab network
  cnnstudio train photos --folds 5                         five times, with mean and spread on validation
  cnnstudio train --resume RUN                             resume after a stop or a crash
  cnnstudio train --resume RUN --epochs 80                 train a finished run longer
  cnnstudio train --recipe RUN/recipe.toml                 the same run again
  torchrun --nproc-per-node 4 -m cnnstudio train photos --mode all     on four graphics cards

DATASET is a folder with one subfolder of pictures per class, or with train, validation and test folders that hold
such subfolders. The run folder gets the recipe, the history, checkpoints, scores and a bundle that predicts.
"""


_MODES = ", ".join(f"{mode.name} ({mode.words})" for mode in MODES.values())


def add_command(subparsers: Any) -> None:
    """Add ``train``."""
    parser = subparsers.add_parser(
        "train",
        usage="cnnstudio train DATASET [options]\n       cnnstudio train --resume RUN [--epochs N]",
        help="fine-tune a network on a folder of pictures",
        description="Fine-tune a network on a folder of pictures.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser)
    run_group = parser.add_argument_group("the run")
    add = run_group.add_argument
    add("--resume", type=Path, metavar="RUN", help="resume a run; with --epochs, train a finished one longer")
    add("--out", type=Path, metavar="RUN", help="run folder to create (default: in the user's runs folder)")
    add("--json", action="store_true", help="one JSON object per line")
    add(
        "--watch",
        dest="watch_inside",
        nargs="?",
        const=WATCH_STEPS,
        type=number("watch_inside", int),
        metavar="STEPS",
        help="look inside the network every STEPS steps while it learns: silent units, values and gradients of each "
        f"block (default {WATCH_STEPS}, where it adds up to 5 %% of the time); kept with the run",
    )
    repeats.add_arguments(run_group)
    _add_details(parser)
    parser.set_defaults(run=run, parser=parser)
    for name, help_text, act in (
        ("estimate", "estimate how long a training takes on this computer, and how much memory", _estimate),
        ("find-rate", "try learning rates on a folder of pictures", _find_rate),
    ):
        usage, words = f"cnnstudio {name} DATASET [options]", help_text[0].upper() + help_text[1:] + "."
        tool = subparsers.add_parser(name, usage=usage, help=help_text, description=words)
        _add_common(tool)
        _add_details(tool)
        tool.add_argument("--json", action="store_true", help="one JSON document")
        tool.set_defaults(run=act, parser=tool)


def _add_common(parser: argparse.ArgumentParser) -> None:
    """What most people want, first."""
    parser.add_argument("dataset", nargs="?", metavar="DATASET", help="folder of pictures")
    add = parser.add_argument_group("most used").add_argument
    add(
        "--model",
        dest="network",
        metavar="NAME|FILE",
        help="network, see: cnnstudio models, or a network file (default: the best one whose weights are on this "
        "computer)",
    )
    add("--mode", choices=tuple(MODES), help=f"what to train: {_MODES} (default {DEFAULT_MODE})")
    add("--from", dest="start_from", metavar="RUN", help="continue an earlier run, on its split")
    add("--epochs", type=number("epochs", int), metavar="N", help="how often the training sees every picture")
    add(
        "--weights",
        metavar="auto|none|FILE|FOLDER",
        help="pretrained weights; auto looks on this computer, then downloads",
    )
    add("--recipe", type=Path, metavar="FILE", help="read the recipe from a TOML file; flags override it")


def _add_details(parser: argparse.ArgumentParser) -> None:
    """The rest of a recipe, which has good values by itself."""
    _add_learning(parser.add_argument_group("how it learns").add_argument)
    _add_pictures(parser.add_argument_group("how pictures are seen").add_argument)
    _add_computing(parser.add_argument_group("how it is computed").add_argument)


def _add_learning(add: Callable[..., object]) -> None:
    add(
        "--head-solver",
        choices=get_args(HeadSolver),
        help="how a last layer is found: solved for, its strength chosen by cross-validation (regression), or trained "
        "in epochs (default: epochs only where something is asked for that needs them, such as --mix or --epochs)",
    )
    add("--batch-size", type=number("batch_size", int), metavar="N", help="pictures per step")
    add(
        "--lr",
        dest="learning_rate",
        type=number("learning_rate", float),
        metavar="X",
        help="learning rate of the head (default: the mode's and the optimiser's)",
    )
    add("--optimizer", choices=get_args(Optimizer), help="rule that changes the weights (default adamw)")
    add("--schedule", choices=get_args(Schedule), help="how the learning rate changes")
    add(
        "--weight-decay",
        type=number("weight_decay", float),
        metavar="X",
        help="keeps weights small (default: the optimiser's)",
    )
    add(
        "--warm-up",
        type=number("warm_up", float),
        metavar="X",
        help="share of the training in which the learning rate rises (default 0.05)",
    )
    add(
        "--label-smoothing",
        type=number("label_smoothing", float),
        metavar="X",
        help="makes the network less sure of itself",
    )
    add("--gradient-clip", type=number("gradient_clip", float), metavar="X", help="limit of the gradient's size")
    add(
        "--ema", type=number("ema", float), metavar="X", help="decay of a running average of the weights, such as 0.999"
    )
    add(
        "--layer-decay",
        type=number("layer_decay", float),
        metavar="X",
        help="learning rate of each stage, as a multiple of the one above",
    )
    add("--gradual-unfreezing", action="store_true", default=None, help="unfreeze layers one by one")
    add("--balance", choices=get_args(Balance), help="balance the classes while training")
    add(
        "--patience",
        type=number("patience", int),
        metavar="N",
        help="stop after N epochs without a lower validation loss",
    )
    add("--seed", type=number("seed", int), metavar="N", help="the same recipe and seed give the same run")


def _add_pictures(add: Callable[..., object]) -> None:
    add(
        "--input-size",
        type=number("input_size", int),
        metavar="PIXELS",
        help="side of the input (default: the weights', small from scratch)",
    )
    add("--colour", choices=get_args(Colour), help="what a classic network sees (default: what it was made for)")
    add(
        "--mix",
        choices=get_args(Mix),
        help="blend two pictures and their answers; with the last layer alone, mixup blends their features",
    )
    add(
        "--views",
        type=number("views", int),
        metavar="N",
        help="stored variations of each picture, where layers are frozen",
    )


def _add_computing(add: Callable[..., object]) -> None:
    add("--device", choices=get_args(Device), help="where to compute (default auto)")
    add("--precision", choices=get_args(Precision), help="numeric precision of the computation (default auto)")
    add("--threads", type=number("threads", int), metavar="N", help="threads that read and decode pictures")


def run(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    """Train, and print how it went."""
    if options.resume:
        if not options.epochs and (rest := repeats.continued(options.resume)) is not None:
            return repeats.train(rest, report, watch)
        spec: FineTune | ResumeRun = ResumeRun(run=options.resume, epochs=options.epochs or 0)
    else:
        recipe = recipe_of(options, report, watch)
        if (several := repeats.begun(options, recipe)) is not None:
            return repeats.train(several, report, watch)
        spec = FineTune(recipe=recipe, out=options.out)
    try:
        done = run_inline(spec, watch)
    except StopRequested as stop:
        kept = getattr(stop, "result", None)
        if kept is not None and report.json:
            report.line({"event": "stopped", **plain(kept)})
        elif kept is not None:
            how = f"after {counted(done, 'epoch')}" if (done := kept.record.epochs_done) else "before it had learned"
            report.note(f"Stopped {how}. Resume with: cnnstudio train --resume {kept.folder}")
        raise
    if report.json:
        report.line({"event": "finished", **plain(done)})
    else:
        report.result(outcome(done), None)
    return 0


def recipe_of(options: argparse.Namespace, report: Report, watch: Watch) -> Recipe:
    """The recipe file, if any, with every flag that was given; without a network, the recommended one."""
    given = {
        name: getattr(options, name) for name in Recipe.__dataclass_fields__ if getattr(options, name, None) is not None
    }
    if "network" in given:
        given["network"] = network_named(given["network"])
    if options.recipe:
        recipe = load_recipe(options.recipe)
        return replace(recipe, **_solver_of(given, recipe.mode), **given)
    if "dataset" not in given:
        options.parser.error("DATASET is missing (or give --recipe or --resume)")
    if "start_from" in given and "network" not in given:
        given["network"] = _network_of(Path(given["start_from"]))
    if "network" not in given:
        given["network"] = recommended(run_inline(ListNetworks(), watch)).network
    split = _split_of_run(Path(given.get("start_from", ""))) or split_of(Path(given["dataset"]))
    return Recipe(**{"split": split, **_solver_of(given, DEFAULT_MODE), **given})


def _solver_of(given: dict[str, Any], mode: str) -> dict[str, Any]:
    """Whoever gives a number of epochs wants epochs, be it the usual one."""
    on_features = MODES[given.get("mode", mode)].on == "features"
    asked = on_features and "head_solver" not in given and not given.keys().isdisjoint(OF_EPOCHS)
    return {"head_solver": "epochs"} if asked else {}


def _estimate(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found = run_inline(EstimateRun(recipe=recipe_of(options, report, watch)), watch)
    time, gigabytes = seconds_in_words(found.seconds), found.memory / 2**30
    words = f"About {time} on this computer, and about {gigabytes:.1f} GB of memory."
    report.result(words if found.memory else f"About {time} on this computer.", found)
    return 0


def _find_rate(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    curve = run_inline(FindRate(recipe=recipe_of(options, report, watch)), watch)
    words = (
        f"The error falls fastest at about {curve.suggestion:.2g}."
        if curve.suggestion
        else "The error never fell clearly."
    )
    report.result(words, curve)
    return 0


def _network_of(folder: Path) -> str:
    if not (folder / RECORD_FILE).is_file():
        raise RecipeError(f"There is no run in {folder}.", remedy="Give a run folder after --from.")
    return open_run(folder).record.network


def _split_of_run(folder: Path) -> SplitSpec | None:
    """What is continued keeps its split, so that its test pictures stay what they are."""
    return recorded_split(open_run(folder).record.recipe) if (folder / RECORD_FILE).is_file() else None
