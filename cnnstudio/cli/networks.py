"""Commands about networks: models, anatomy, speed, download, import-weights."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core.errors import NetworkError, WeightsError
from cnnstudio.core.watch import Watch
from cnnstudio.jobs import specs
from cnnstudio.jobs.execute import run_inline
from cnnstudio.networks.anatomy.layers import Anatomy, Layer
from cnnstudio.networks.catalogue.entries import Catalogue, NetworkEntry
from cnnstudio.networks.catalogue.speeds import Speeds
from cnnstudio.networks.weights.store import WeightsReport


def add_commands(subparsers: Any) -> None:
    """Add every command of this file."""
    models = add_parser(subparsers, "models", _models, "list the networks", "cnnstudio models --json")
    models.add_argument("--weights", type=Path, metavar="FOLDER", help="where else to look for weights files")

    anatomy = add_parser(
        subparsers, "anatomy", _anatomy, "take a network apart: shapes, weights, work, receptive field",
        "cnnstudio anatomy resnet18 --input-size 96",
    )  # fmt: skip
    anatomy.add_argument("network", metavar="NETWORK", help="see: cnnstudio models")
    anatomy.add_argument("--input-size", type=int, default=0, metavar="PIXELS", help="side of the input")
    anatomy.add_argument("--classes", type=int, default=1000, metavar="N", help="outputs (default 1000)")
    anatomy.add_argument("--depth", type=int, default=3, metavar="N", help="levels of the tree to list (default 3)")

    speed = add_parser(
        subparsers, "speed", _speed, "measure how long networks take for a picture here", "cnnstudio speed"
    )
    speed.add_argument("--anew", action="store_true", help="measure again")

    download = add_parser(
        subparsers, "download", _download, "fetch pretrained weights", "cnnstudio download resnet18"
    )  # fmt: skip
    download.add_argument("network", metavar="NETWORK")
    download.add_argument("--entry", metavar="NAME", help="which weights, such as IMAGENET1K_V1 (default: the best)")

    check = add_parser(
        subparsers, "check-weights", _check, "see what a weights file is, safely", "cnnstudio check-weights mine.pth"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--model", dest="network", default="", metavar="NETWORK", help="what it should fit")


def _models(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    folders = (options.weights,) if options.weights else ()
    catalogue: Catalogue = run_inline(specs.ListNetworks(folders=folders), watch)
    text = f"{'network':22} {'top-1':>6} {'weights':>9} {'GFLOPS':>7} {'MB':>7} {'px':>4}  on this computer"
    report.result("\n".join([text, *map(_network_line, catalogue.networks)]), catalogue)
    return 0


def _network_line(network: NetworkEntry) -> str:
    entry = network.shown_weights
    local = next((item.local for item in network.weights if item.local), "")
    accuracy = f"{entry.acc1:6.1f}" if entry and entry.acc1 is not None else f"{'–':>6}"
    size = f"{entry.file_size_mb:7.1f}" if entry else f"{'–':>7}"
    note = ("starter weights" if network.starter_weights and not network.is_local else local) or (
        "trained from scratch" if network.classic else "not for commercial use" if network.restricted else ""
    )
    return (
        f"{network.name:22} {accuracy} {network.parameters / 1e6:8.2f}M {network.gflops:7.2f} {size} "
        f"{network.input_size:4}  {note}"
    ).rstrip()


def _anatomy(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    spec = specs.DissectNetwork(network=options.network, classes=options.classes, input_size=options.input_size)
    anatomy: Anatomy = run_inline(spec, watch)
    rows = [f"{'layer':44} {'kind':24} {'output':>14} {'weights':>12} {'M mult.':>9}  sees"]
    rows += [_layer_line(layer) for layer in anatomy.layers if layer.name.count(".") < options.depth]
    rows.append(
        f"{anatomy.parameters:,} weights, {anatomy.multiplications / 1e9:.3f} GFLOPS for a picture of "
        f"{anatomy.input_size} × {anatomy.input_size} px; the head takes {anatomy.features:,} features."
    )
    report.result("\n".join(rows), anatomy)
    return 0


def _layer_line(layer: Layer) -> str:
    shape = "×".join(map(str, layer.output)) or "training only"
    sees = layer.reach.in_words() if layer.reach else ""
    return (
        f"{'  ' * layer.name.count('.')}{layer.name:{44 - 2 * layer.name.count('.')}} {layer.kind:24} {shape:>14} "
        f"{layer.parameters:>12,} {layer.multiplications / 1e6:>9,.1f}  {'head, ' if layer.in_head else ''}{sees}"
    )


def _speed(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    speeds: Speeds = run_inline(specs.MeasureSpeeds(anew=options.anew), watch)
    rows = [f"{'network':22} {'ms per picture':>14}   on {speeds.device}"]
    for name, seconds in sorted(speeds.seconds.items(), key=lambda pair: pair[1]):
        rows.append(f"{name:22} {1000 * seconds:14.2f}   {'estimated' if speeds.is_estimate(name) else 'measured'}")
    report.result("\n".join(rows), speeds)
    return 0


def _download(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    catalogue: Catalogue = run_inline(specs.ListNetworks(), watch)
    network = catalogue.find(options.network)
    if network is None:
        raise NetworkError(f"There is no network called {options.network}.", remedy="See: cnnstudio models.")
    entry = network.default_weights
    if options.entry:
        entry = next((item for item in network.weights if item.name == options.entry), None)
    if entry is None:
        names = ", ".join(item.name for item in network.weights)
        raise WeightsError(
            f"There are no such weights for {network.name}."
            if options.entry
            else f"{network.name} has no free weights.",
            remedy=f"Name them with --entry: {names}." if names else "It is trained from scratch.",
        )
    if entry.licence:
        report.note(f"These weights carry a licence that restricts their use: {entry.licence}")
    path = run_inline(specs.DownloadWeights(network=network.name, entry=entry.name), watch)
    report.result(str(path), {"path": str(path)})
    return 0


def _check(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found: WeightsReport = run_inline(specs.CheckWeights(file=options.file, network=options.network), watch)
    report.result(found.note, found)
    return 0
