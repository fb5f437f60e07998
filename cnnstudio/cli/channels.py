"""``channels``: what the channels of a layer add to an answer, and what excites them in one's own pictures."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import StudioError, Watch, counted, printable
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import ModelRef
from cnnstudio.understanding.inside.values import By, Crop, Excited, Ranking, Without

_SHOWN = 20


def add_command(subparsers: Any) -> None:
    """Add ``channels``."""
    parser = add_parser(
        subparsers,
        "channels",
        _channels,
        "tell what the channels of a layer add to an answer, or what excites them",
        "cnnstudio channels RUN photo.jpg --off 17,23; cnnstudio channels RUN --layer features.5",
    )
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument(
        "image", type=Path, nargs="?", metavar="PICTURE", help="without one: what excites the channels of --layer"
    )
    parser.add_argument(
        "--layer", default="", metavar="NAME", help="see: cnnstudio maps RUN PICTURE (default: the last)"
    )
    parser.add_argument("--label", default="", metavar="CLASS", help="for which class (default: the answer)")
    parser.add_argument("--off", type=_numbers, default=(), metavar="N,N", help="answer with these channels off, too")
    parser.add_argument(
        "--to-average", action="store_true", help="channels that are off give their average over the run's pictures"
    )
    parser.add_argument(
        "--by",
        choices=get_args(By),
        default="activation",
        help="what excites them: places where they are most active (default), or where they add most to the answer",
    )
    parser.add_argument(
        "--top", type=between(1, 1_000_000), default=_SHOWN, metavar="N", help=f"channels at most (default {_SHOWN})"
    )


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a list of channel numbers such as 17,23") from error


def _channels(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    beside = Watch(watch.control, report.beside)
    if options.image is None:
        return _excited(options, report, beside)
    model = ModelRef(source=str(options.run_folder))
    job = specs.RankChannels(
        model=model, image=options.image, layer=options.layer, label=options.label, most=options.top
    )
    found = run_inline(job, beside)
    layer = found.maps.layer
    off = None
    if options.off:
        switch = specs.SwitchOff(
            model=model, image=options.image, layer=layer, channels=options.off, to_average=options.to_average
        )
        off = run_inline(switch, beside)
    told = {
        "path": str(options.image),
        "layer": layer,
        "label": found.label,
        "channels": [
            {
                "channel": channel,
                "contribution": float(found.contributions[channel]),
                "strength": float(found.strengths[channel]),
            }
            for channel in found.order[: options.top]
        ],
        "top": _scores(found.top),
        "off": list(options.off),
        "averaged_over": off.averaged if off else 0,
        "top_without": _scores(off.top[:5]) if off else None,
    }
    report.result("\n".join(_lines(found, options.top, off)), told)
    return 0


def _scores(top: Any) -> list[dict[str, Any]]:
    return [{"label": score.label, "probability": score.probability} for score in top]


def _lines(found: Ranking, count: int, off: Without | None) -> Iterator[str]:
    yield f"Channels of {found.maps.layer} by what they add to the score of {printable(found.label)}:"
    for channel in found.order[:count]:
        yield f"  {channel:5}  {found.contributions[channel]:+8.3f}  strength {found.strengths[channel]:.3g}"
    now = {score.label: score.probability for score in off.top} if off else {}
    for score in found.top:
        then = f" → {100 * now[score.label]:5.1f} %" if now else ""
        yield f"  {100 * score.probability:5.1f} %{then}  {printable(score.label)}"
    if off and off.averaged:
        yield f"What is off gives its average over {counted(off.averaged, 'picture')} of the run."
    yield "A contribution is for this picture alone; switching off two channels need not change the score by their sum."


def _excited(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    if options.off or options.label or options.to_average:
        raise StudioError("Channels are switched off for a picture.", remedy="Name one behind the run.")
    layers = (options.layer,) if options.layer else ()
    found = run_inline(specs.FindExciting(run=options.run_folder, layers=layers, by=options.by), watch)
    told = [
        {
            "layer": layer,
            "channel": channel,
            "silent": channel in found.silent[layer],
            "crops": [_crop(crop, found.by) for crop in found.crops[layer][channel]],
        }
        for layer in found.layers
        for channel in range(min(options.top, len(found.crops[layer])))
    ]
    report.result("\n".join(_excited_lines(found, options.top)), told)
    return 0


def _crop(crop: Crop, by: By) -> dict[str, Any]:
    return {"path": str(crop.path), "box": list(crop.box), by: crop.activation}


def _excited_lines(found: Excited, count: int) -> Iterator[str]:
    for layer in found.layers:
        channels, silent = len(found.crops[layer]), len(found.silent[layer])
        pictures = counted(found.pictures, "picture")
        idle = "active" if found.by == "activation" else "of use"
        yield f"{layer}: {counted(channels, 'channel')}, {silent:,} of them never {idle} on {pictures}"
        for channel, crops in list(enumerate(found.crops[layer]))[:count]:
            if crops:
                first = crops[0]
                place = ", ".join(map(str, first.box))
                yield f"  {channel:5}  {first.activation:8.3f}  {printable(str(first.path))}  [{place}]"
    strongest = "strongest" if found.by == "activation" else "most useful"
    yield f"The {strongest} crop of each channel, in pixels of what the network sees; with --json, nine of them."
