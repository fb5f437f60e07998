"""Commands about folders of pictures: scan and practice."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core.errors import DatasetError
from cnnstudio.core.watch import Watch
from cnnstudio.data.checks.finding_words import sentence
from cnnstudio.data.dataset import Dataset, FindingKind, ProblemKind
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sets import SETS, PracticeSet
from cnnstudio.data.project import split_of
from cnnstudio.data.spec import SplitSpec
from cnnstudio.jobs import specs
from cnnstudio.jobs.execute import run_inline

_KINDS = (*get_args(FindingKind), *get_args(ProblemKind))
_SHOWN = 20


def add_commands(subparsers: Any) -> None:
    """Add every command of this file."""
    scan = add_parser(
        subparsers, "scan", _scan, "list a folder of pictures and everything wrong with it",
        "cnnstudio scan photos --fail-on leakage,unreadable",
    )  # fmt: skip
    add = scan.add_argument
    add("dataset", type=Path, metavar="DATASET", help="folder of pictures, or a ZIP archive")
    add("--seed", type=int, metavar="N", help="of the split, where the folder brings none; else as it was drawn")
    add("--group-pattern", metavar="REGEX", help="names that belong together, such as '(patient\\d+)'")
    add("--names-are-labels", action="store_true", help="take the classes from file names; remembered for the folder")
    add("--fail-on", default="", metavar="KINDS", help=f"exit with 1 when there is any of: {', '.join(_KINDS)}")

    practice = add_parser(
        subparsers, "practice", _practice, "list well-known datasets, or download one as a folder of pictures",
        "cnnstudio practice eurosat",
    )  # fmt: skip
    practice.add_argument("dataset", nargs="?", default="", metavar="NAME", help="from the list; without it, the list")


def _scan(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    fatal = [kind.strip() for kind in options.fail_on.split(",") if kind.strip()]
    if unknown := [kind for kind in fatal if kind not in _KINDS]:
        raise DatasetError(f"There is no kind of problem called {unknown[0]}.", remedy=f"Use: {', '.join(_KINDS)}.")
    try:
        given = {"seed": options.seed, "group_pattern": options.group_pattern}
        given = {name: value for name, value in given.items() if value is not None}
        split = replace(split_of(options.dataset), **given) if given else None
    except ValueError as error:
        raise DatasetError(str(error), remedy="Correct the pattern.") from error
    dataset: Dataset = run_inline(_spec(options, split), watch)
    report.result("\n".join(_rows(dataset)), dataset)
    kinds = {finding.kind for finding in dataset.findings} | {problem.kind for problem in dataset.problems}
    failed = [kind for kind in fatal if kind in kinds]
    if failed:
        report.note(f"Failed on: {', '.join(failed)}.")
    return 1 if failed else 0


def _spec(options: argparse.Namespace, split: SplitSpec | None) -> specs.ScanFolder:
    return specs.ScanFolder(folder=options.dataset, split=split, names_are_labels=options.names_are_labels)


def _rows(dataset: Dataset) -> list[str]:
    counts = dataset.counts()
    rows = [f"{'class':24} {'train':>6} {'valid.':>6} {'test':>6}"]
    rows += [f"{name:24} {row['train']:6} {row['validation']:6} {row['test']:6}" for name, row in counts.items()]
    rows.append(f"{len(dataset.samples)} pictures in {len(counts)} classes, {len(dataset.problems)} problems.")
    rows += [f"  {problem.detail}  ({problem.path})" for problem in dataset.problems]
    for finding in dataset.findings:
        rows.append(sentence(finding))
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
    here = "here" if practice_folder(each).is_dir() else ""
    size = f"{each.megabytes:,} MB"
    return f"{each.name:<14} {each.pictures:>8,} pictures {each.classes:>4} classes {size:>9}  {here:<5} {each.text}"
