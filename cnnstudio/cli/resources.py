"""Commands about what a training needs: folders of pictures, networks and their weights."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.numbers import between, number
from cnnstudio.cli.report import Report
from cnnstudio.core import DatasetError, Watch, WeightsError, counted, pictures_in_classes
from cnnstudio.data import Dataset, FindingKind, ProblemKind, SplitSpec
from cnnstudio.data.checks.finding_words import sentence
from cnnstudio.data.layouts.reading import NAMES
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sets import SETS, PracticeSet
from cnnstudio.data.project import split_of
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import Catalogue, NetworkEntry, Speeds, WeightsReport
from cnnstudio.networks.anatomy.layers import Anatomy, Layer
from cnnstudio.networks.blocks.saved import network_named
from cnnstudio.networks.names import unknown_network

_KINDS = (*get_args(FindingKind), *get_args(ProblemKind))
_SHOWN = 20


def add_folders(subparsers: Any) -> None:
    """Add every command of this file."""
    scan = add_parser(
        subparsers, "scan", _scan, "list a folder of pictures, its skipped files and the problems found",
        "cnnstudio scan photos --fail-on leakage,unreadable",
    )  # fmt: skip
    add = scan.add_argument
    add("dataset", type=Path, metavar="DATASET", help="folder of pictures, or an archive of one (ZIP, tar)")
    add(
        "--seed",
        type=number("seed", int),
        metavar="N",
        help="of the split, where the folder has none (default: as it was split before)",
    )
    add("--group-pattern", metavar="REGEX", help="keep together by file name, such as '(patient\\d+)'")
    add(
        "--groups-apart", action="store_true",
        help="pictures that a table's column puts together (patient, lesion …) may be on both sides of the split",
    )  # fmt: skip
    add(
        "--classes-from",
        default="",
        metavar="CHOICE",
        help="where the classes are, if that is not clear: names (of the files), folders-1 (those in DATASET), "
        "folders-2 (those one level down) and so on; remembered for the folder",
    )
    add("--names-are-labels", action="store_true", help="the same as --classes-from names")
    add(
        "--merge-alike",
        action=argparse.BooleanOptionalAction,
        help="make classes that are spelt almost alike one, or no longer; remembered for the folder",
    )
    add("--fail-on", default="", metavar="KINDS", help=f"exit with 1 when there is any of: {', '.join(_KINDS)}")

    practice = add_parser(
        subparsers, "practice", _practice, "list practice datasets, or download one as a folder of pictures",
        "cnnstudio practice eurosat",
    )  # fmt: skip
    practice.add_argument(
        "dataset", nargs="?", default="", metavar="NAME", help="a dataset of the list; without it, the list"
    )


def _scan(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    fatal = [kind.strip() for kind in options.fail_on.split(",") if kind.strip()]
    if unknown := [kind for kind in fatal if kind not in _KINDS]:
        raise DatasetError(f"There is no kind of problem called {unknown[0]}.", remedy=f"Use: {', '.join(_KINDS)}.")
    try:
        given = {"seed": options.seed, "group_pattern": options.group_pattern}
        given |= {"groups_together": False} if options.groups_apart else {}
        given = {name: value for name, value in given.items() if value is not None}
        split = replace(split_of(options.dataset), **given) if given else None
    except ValueError as error:
        raise DatasetError(str(error), remedy="Correct the pattern.") from error
    watch = Watch(watch.control, report.beside)
    dataset: Dataset = run_inline(_spec(options, split), watch)
    if options.merge_alike is not None:
        merges = [pair for finding in dataset.findings for pair in finding.merges] if options.merge_alike else ()
        run_inline(specs.MergeClasses(root=dataset.root, merges=tuple(merges), anew=not options.merge_alike), watch)
        dataset = run_inline(_spec(options, split), watch)
    report.result("\n".join(_rows(dataset)), dataset)
    kinds = {finding.kind for finding in dataset.findings} | {problem.kind for problem in dataset.problems}
    failed = [kind for kind in fatal if kind in kinds]
    if failed:
        report.note(f"Found, and named by --fail-on: {', '.join(failed)}.")
    return 1 if failed else 0


def _spec(options: argparse.Namespace, split: SplitSpec | None) -> specs.ScanFolder:
    chosen = options.classes_from or (NAMES if options.names_are_labels else "")
    return specs.ScanFolder(folder=options.dataset, split=split, classes_from=chosen)


def _rows(dataset: Dataset) -> list[str]:
    counts = dataset.counts()
    rows = [f"{'class':24} {'train':>6} {'valid.':>6} {'test':>6}"]
    rows += [f"{name:24} {row['train']:6} {row['validation']:6} {row['test']:6}" for name, row in counts.items()]
    skipped = sum(problem.kind != "table" for problem in dataset.problems)
    rows.append(f"{pictures_in_classes(len(dataset.samples), len(counts))}, {counted(skipped, 'skipped file')}.")
    rows += [f"  {problem.detail}  ({problem.path})" for problem in dataset.problems]
    for finding in dataset.findings:
        rows.append(sentence(finding))
        if finding.merges:
            rows.append("  If they are one class, merge them with --merge-alike.")
        for group in finding.groups[:_SHOWN]:
            rows.append("  " + " = ".join(path.relative_to(dataset.root).as_posix() for path in group))
        if len(finding.groups) > _SHOWN:
            rows.append(f"  … and {len(finding.groups) - _SHOWN} more (--json lists all)")
    return rows


def _practice(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    if options.dataset:
        folder = run_inline(specs.FetchPractice(name=options.dataset), watch)
        report.result(str(folder), {"folder": str(folder)})
        return 0
    report.result("\n".join(map(_practice_row, SETS)), SETS)
    return 0


def _practice_row(each: PracticeSet) -> str:
    here = "downloaded" if practice_folder(each).is_dir() else ""
    size = f"{each.megabytes:,} MB"
    return f"{each.name:<14} {each.pictures:>8,} pictures {each.classes:>4} classes {size:>9}  {here:<10} {each.text}"


def add_networks(subparsers: Any) -> None:
    """Add every command of this file."""
    models = add_parser(subparsers, "models", _models, "list the networks", "cnnstudio models --json")
    models.add_argument("--weights", type=Path, metavar="FOLDER", help="where else to look for weights files")

    anatomy = add_parser(
        subparsers, "anatomy", _anatomy, "show the layers of a network: shapes, weights, work, receptive field",
        "cnnstudio anatomy resnet18 --input-size 96",
    )  # fmt: skip
    anatomy.add_argument("network", metavar="NETWORK", help="a name, see: cnnstudio models, or a network file")
    anatomy.add_argument("--input-size", type=between(1, 4096), default=0, metavar="PIXELS", help="side of the input")
    anatomy.add_argument(
        "--classes", type=between(1, 100_000), default=1000, metavar="N", help="outputs (default 1000)"
    )
    anatomy.add_argument(
        "--depth", type=between(1, 100), default=3, metavar="N", help="levels of the tree to list (default 3)"
    )

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
        subparsers, "check-weights", _check, "show what a weights file is, safely", "cnnstudio check-weights mine.pth"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--model", dest="network", default="", metavar="NETWORK", help="what it should fit")


def _models(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    folders = (options.weights,) if options.weights else ()
    catalogue: Catalogue = run_inline(specs.ListNetworks(folders=folders), watch)
    text = f"{'network':22} {'top-1':>6} {'weights':>9} {'GMACs':>7} {'MB':>7} {'px':>4}  on this computer"
    report.result("\n".join([text, *map(_network_line, catalogue.networks)]), catalogue)
    return 0


def _network_line(network: NetworkEntry) -> str:
    entry = network.shown_weights
    local = next((item.local for item in network.weights if item.local), "")
    accuracy = f"{entry.acc1:6.1f}" if entry and entry.acc1 is not None else f"{'–':>6}"
    size = f"{entry.file_size_mb:7.1f}" if entry else f"{'–':>7}"
    note = local or (
        "trained from scratch" if network.classic else "not for commercial use" if network.restricted else ""
    )
    return (
        f"{network.name:22} {accuracy} {network.parameters / 1e6:8.2f}M {network.gflops:7.2f} {size} "
        f"{network.input_size:4}  {note}"
    ).rstrip()


def _anatomy(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    network = network_named(options.network)
    spec = specs.DissectNetwork(network=network, classes=options.classes, input_size=options.input_size)
    anatomy: Anatomy = run_inline(spec, watch)
    rows = [f"{'layer':44} {'kind':24} {'output':>14} {'weights':>12} {'MMACs':>9}  sees"]
    rows += [_layer_line(layer) for layer in anatomy.layers if layer.name.count(".") < options.depth]
    rows.append(
        f"{anatomy.parameters:,} weights, {anatomy.multiplications / 1e9:.3f} GMACs (billion multiply-adds) "
        f"for a picture of {anatomy.input_size} × {anatomy.input_size} px; the head takes "
        f"{anatomy.features:,} features."
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
        raise unknown_network(options.network, [entry.name for entry in catalogue.networks])
    entry = network.default_weights
    if options.entry:
        entry = next((item for item in network.weights if item.name == options.entry), None)
    if entry is None:
        names = ", ".join(item.name for item in network.weights)
        raise WeightsError(
            f"There are no such weights for {network.name}."
            if options.entry
            else f"{network.name} has no weights that may be used commercially.",
            remedy=f"Name them with --entry: {names}." if names else "It is trained from scratch.",
        )
    if entry.restricted:
        report.note(f"These weights carry a licence that restricts their use: {entry.licence}")
    path = run_inline(specs.DownloadWeights(network=network.name, entry=entry.name), watch)
    report.result(str(path), {"path": str(path)})
    return 0


def _check(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found: WeightsReport = run_inline(
        specs.CheckWeights(file=options.file, network=network_named(options.network)), watch
    )
    report.result(found.note, found)
    return 0
