"""The short commands: predict, evaluate, export, maps, doctor."""

import argparse
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnnstudio.cli import predict
from cnnstudio.cli.numbers import between
from cnnstudio.cli.outputs import keep_apart, whole_or_nothing
from cnnstudio.cli.report import Report
from cnnstudio.core import FolderScore, Watch, class_figures, counted, told
from cnnstudio.data import SPLITS
from cnnstudio.export.certificate_words import certificate_text
from cnnstudio.export.formats import FORMATS, ExportOptions
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.plain import plain
from cnnstudio.networks import ModelRef
from cnnstudio.networks.blocks.saved import network_named

_MODEL_HELP = "a run folder, a bundle folder, or the name or file of a network"


def add_commands(subparsers: Any) -> None:
    """Add every short command."""
    predicting = add_parser(
        subparsers, "predict", _predict, "predict what is on pictures", "cnnstudio predict RUN photo.jpg"
    )
    add_model(predicting)
    add_flip(predicting)
    predict.add_arguments(predicting)

    evaluate = add_parser(
        subparsers, "evaluate", _evaluate, "score a trained network on a folder", "cnnstudio evaluate RUN photos"
    )
    add_model(evaluate)
    add_flip(evaluate)
    evaluate.add_argument("dataset", type=Path, metavar="DATASET", help="folder of pictures")
    evaluate.add_argument(
        "--split",
        choices=(*SPLITS, "all"),
        help="which pictures (default: those for testing where the folder has such, else all that the network was not "
        "trained with)",
    )

    gain = add_parser(
        subparsers, "flip-gain", _flip_gain, "measure what --flip gains and costs", "cnnstudio flip-gain RUN"
    )
    gain.add_argument("model", type=Path, metavar="RUN", help="a run folder; its validation pictures are answered")
    export = add_parser(
        subparsers,
        "export",
        _export,
        "write a trained network for use elsewhere",
        "cnnstudio export RUN --format bundle --out DIR",
    )
    add_model(export)
    titles = ", ".join(f"{name} ({kind.title})" for name, kind in FORMATS.items())
    export.add_argument("--format", choices=tuple(FORMATS), required=True, help=titles)
    export.add_argument("--out", type=Path, required=True, metavar="PATH", help="folder to write")
    able = ", ".join(name for name, kind in FORMATS.items() if "half" in kind.knows)
    export.add_argument("--half", action="store_true", help=f"store the weights in half the size ({able})")
    able = ", ".join(name for name, kind in FORMATS.items() if "crops" in kind.knows)
    crops = f"write a second file for pictures of the network's own size, such as those of films ({able})"
    export.add_argument("--crops", action="store_true", help=crops)

    maps = add_parser(
        subparsers, "maps", _maps, "draw the feature maps of a layer",
        "cnnstudio maps RUN photo.jpg --layer features.3 --out maps.png",
    )  # fmt: skip
    add_model(maps)
    maps.add_argument("image", type=Path, metavar="PICTURE")
    maps.add_argument("--layer", metavar="NAME", help="layer; without it, the layers are listed")
    maps.add_argument("--out", type=Path, metavar="PNG", help="picture to write")
    maps.add_argument(
        "--tiles", type=between(1, 4096), default=64, metavar="N", help="channels at most, strongest first (default 64)"
    )

    add_parser(subparsers, "doctor", _doctor, "show what this computer can do", "cnnstudio doctor --json")


def add_parser(
    subparsers: Any, name: str, run: Callable[..., int], description: str, example: str
) -> argparse.ArgumentParser:
    """A command with help, ``--json`` and what runs it."""
    text = description[0].upper() + description[1:] + "."
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=description,
        description=text,
        epilog=f"example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    """Take what answers: a run, a bundle, or a network with weights."""
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--weights", type=Path, metavar="FILE|FOLDER", help="weights, for a network name")


def add_flip(parser: argparse.ArgumentParser) -> None:
    """Take whether the mirror image counts, too."""
    parser.add_argument(
        "--flip",
        action="store_true",
        help="average over each picture and its mirror image: twice the work, see: cnnstudio flip-gain",
    )


def model_ref(options: argparse.Namespace) -> ModelRef:
    """What ``add_model`` took; a network file stands for its network."""
    return ModelRef(
        source=network_named(options.model), weights=options.weights, mirror=getattr(options, "flip", False)
    )


def _predict(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    return predict.predict(options, model_ref(options), report, watch)


def _evaluate(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    job = specs.Evaluate(model=model_ref(options), folder=options.dataset, split=options.split)
    score = run_inline(job, Watch(watch.control, report.beside))
    report.result("\n\n".join([told(score), "\n".join(_class_lines(score))]), score)
    return 0


def _flip_gain(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    gain = run_inline(specs.MeasureMirror(run=options.model), Watch(watch.control, report.beside))
    report.result(gain.sentence, gain)
    return 0


def _class_lines(score: FolderScore) -> Iterator[str]:
    """A line per class that occurs, the least recognised first."""
    figures = [each for each in class_figures(score.classes, score.confusion, score.class_intervals) if each.pictures]
    width = max([len(each.name) for each in figures], default=0)
    yield f"{'class':{width}}  pictures  recognised  between (95 %)  correct when predicted"
    for each in sorted(figures, key=lambda each: each.recall or 0.0):
        low, high = (100 * end for end in each.interval)
        precision = "–" if each.precision is None else f"{100 * each.precision:.0f} %"
        recall, between = f"{100 * (each.recall or 0.0):.0f} %", f"{low:.0f} and {high:.0f} %" if score.is_fair else "–"
        yield f"{each.name:{width}}  {each.pictures:8,}  {recall:>10}  {between:>14}  {precision:>22}"


def _export(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    wanted = ExportOptions(half=options.half, crops=options.crops)
    job = specs.ExportModel(model=model_ref(options), format=options.format, out=options.out, options=wanted)
    with whole_or_nothing():
        done = run_inline(job, watch)
    script = next((file for file in done.files if file.name == "predict.py"), None)
    use = f"Its script, as README.txt explains it: {script}" if script is not None else done.snippet
    report.result(f"Exported to {done.path}.\n\n{certificate_text(done.certificate)}\n{use}", done)
    return 0


def _maps(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    if not options.layer or not options.out:
        info = run_inline(specs.DescribeModel(model=model_ref(options)), watch)
        rows = [f"{layer.name:40} {layer.kind:24} {'×'.join(map(str, layer.shape))}" for layer in info.layers]
        report.result("\n".join(rows) or "No layer of this network makes feature maps.", info)
        return 0
    from cnnstudio.inference.feature_maps import draw_sheet

    keep_apart(options.out, [options.image])
    spec = specs.ShowMaps(model=model_ref(options), image=options.image, layer=options.layer, max_tiles=options.tiles)
    maps = run_inline(spec, watch)
    draw_sheet(maps, options.out)
    shape = "×".join(map(str, maps.shape))
    report.result(
        f"{len(maps.channels)} of {counted(maps.total_channels, 'channel')} of {maps.layer} ({shape}): {options.out}",
        {**plain(maps), "out": str(options.out)},
    )
    return 0


def _doctor(_options: argparse.Namespace, report: Report, watch: Watch) -> int:
    findings = {**run_inline(specs.ExamineComputer(), watch).findings, "display": _display()}
    report.result("\n".join(f"{name + ':':18} {value}" for name, value in findings.items()), findings)
    return 0


def _display() -> str:
    from cnnstudio.cli.display import missing_display, missing_part

    if find_spec("PySide6") is None:
        return "PySide6 is not installed"
    return missing_display() or missing_part() or "there is one"
