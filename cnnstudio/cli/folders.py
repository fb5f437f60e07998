"""``sort``, ``watch``, ``embed``: what is done with all pictures of a folder, and with those that come."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_flip, add_model, add_parser, model_ref
from cnnstudio.cli.numbers import between
from cnnstudio.cli.outputs import whole_or_nothing
from cnnstudio.cli.predict import answer_lines
from cnnstudio.cli.report import Report
from cnnstudio.core import Event, Partial, Warned, Watch, counted, size_in_words
from cnnstudio.inference.folder.results import TableSpec, WatchState
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.sorting.results import Sorted, SortPlan, SortSpec, Undone, Way
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.job import StoppedWith
from cnnstudio.jobs.plain import plain

_NAMED = 20
_DONE: dict[Way, str] = {"copy": "copied", "link": "linked", "symlink": "linked"}


def add_commands(subparsers: Any) -> None:
    """Add every command of this file."""
    _add_sort(subparsers)
    _add_watch(subparsers)
    _add_embed(subparsers)


def _add_embed(subparsers: Any) -> None:
    parser = add_parser(
        subparsers,
        "embed",
        _embed,
        "write what the last layer works on, for scikit-learn and TensorBoard's projector",
        "cnnstudio embed RUN photos --out embeddings",
    )
    add_model(parser)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder of pictures")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder that is new or empty")
    parser.add_argument("--no-projector", action="store_true", help="without the files for TensorBoard's projector")


def _embed(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    job = specs.EmbedFolder(
        model=model_ref(options), folder=options.folder, out=options.out, projector=not options.no_projector
    )
    with whole_or_nothing():
        done = run_inline(job, Watch(watch.control, report.beside))
    rows = [f"{counted(done.pictures, 'picture')}, {counted(done.size, 'value')} each: {done.out}"]
    if done.from_cache:
        rows.append(f"{counted(done.from_cache, 'picture was', 'pictures were')} known already.")
    if done.unreadable:
        rows.append(f"{counted(done.unreadable, 'picture')} could not be read, see unreadable.csv.")
    rows.append(f"index.csv knows the class of {counted(done.labelled, 'picture')}.")
    if done.in_projector:
        rows.append(f"In TensorBoard's projector: {counted(done.in_projector, 'picture')}.")
    report.result("\n".join(rows), done)
    return 0


def _add_watch(subparsers: Any) -> None:
    parser = add_parser(
        subparsers,
        "watch",
        _watch,
        "predict every picture that comes into a folder, when it is whole; until Ctrl-C",
        "cnnstudio watch RUN inbox --csv answers.csv",
    )
    add_model(parser)
    add_flip(parser)
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="folder that is looked at every second, with all folders in it")
    add("--csv", type=Path, metavar="FILE", help="add the answers to a table, too; what it has is not asked again")
    add("--wide", action="store_true", help="in the table one row for a picture, with its margin")
    add("--new-only", action="store_true", help="pass over what is there at the beginning")
    add("--top", type=between(1, 1_000_000), default=5, metavar="K", help="answers per picture (default 5)")


def _watch(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    def emit(event: Event) -> None:
        if isinstance(event, Warned):
            report.note(f"Note: {event.problem.sentence()}")
        elif isinstance(event, Partial) and isinstance(event.result, Prediction):
            if report.json:
                report.line({"event": "answer", **plain(event.result)})
            else:
                report.result("\n".join(answer_lines(event.result)), None)
                report.flush()
        elif isinstance(event, Partial) and isinstance(event.result, WatchState) and report.json:
            report.line({"event": "folder", **plain(event.result)})

    table = TableSpec(file=options.csv, form="wide" if options.wide else "long", top=options.top)
    job = specs.WatchFolder(
        model=model_ref(options),
        folder=options.folder,
        table=table if options.csv is not None else None,
        new_only=options.new_only,
        top=options.top,
    )
    report.note(f"Watching {options.folder}. Stop with Ctrl-C.")
    try:
        run_inline(job, Watch(watch.control, emit))
    except StoppedWith as stop:
        if isinstance(stop.result, WatchState):
            report.note(f"{counted(stop.result.answered, 'picture')} answered.")
        raise
    return 0


def _add_sort(subparsers: Any) -> None:
    parser = add_parser(
        subparsers,
        "sort",
        _sort,
        "copy or link the pictures of a folder into a folder for each answer",
        "cnnstudio sort RUN photos --out sorted --plan",
    )
    add = parser.add_argument
    add_model(parser)
    add_flip(parser)
    add("folder", type=Path, metavar="FOLDER", help="folder of pictures; they stay where they are")
    add("--out", type=Path, required=True, metavar="DIR", help="where the folders are made")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--copy", dest="way", action="store_const", const="copy", default="copy", help="copy (default)")
    way.add_argument(
        "--link", dest="way", action="store_const", const="link",
        help="hard links: no room needed, but who edits one edits the picture",
    )  # fmt: skip
    way.add_argument("--symlink", dest="way", action="store_const", const="symlink", help="symbolic links")
    add(
        "--threshold", type=between(0.0, 1.0, float), default=0.0, metavar="SHARE",
        help="answers with a smaller probability go into the folder unsure; for a good one see: cnnstudio sure",
    )  # fmt: skip
    add("--plan", action="store_true", help="only say what would be done")
    add("--yes", action="store_true", help="do it without asking")
    add(
        "--undo",
        action="store_true",
        help="the same command with it removes what was made in DIR and nobody has changed since",
    )


def _sort(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    beside = Watch(watch.control, report.beside)
    if options.undo:
        undone = run_inline(specs.UndoSorting(out=options.out), beside)
        report.result("\n".join(_undone(undone)), undone)
        return 1 if undone.failed else 0
    spec = SortSpec(folder=options.folder, out=options.out, way=options.way, threshold=options.threshold)
    plan = run_inline(specs.PlanSorting(model=model_ref(options), sorting=spec), beside)
    if report.json and not options.yes:
        report.result("", plan)
        return 0
    report.note("\n".join(_planned(plan)))
    if not options.yes and (options.plan or not _agreed(report)):
        return 0
    try:
        done = run_inline(specs.SortPictures(plan=plan), beside)
    except StoppedWith as stop:
        if isinstance(stop.result, Sorted):
            report.note("\n".join(_done(stop.result, options.way)))
            report.note("Another sorting into the same folder continues it; --undo removes what was made.")
        raise
    report.result("\n".join(_done(done, options.way)), {**plain(done), "plan": plain(plan)})
    return 1 if done.failed else 0


def _agreed(report: Report) -> bool:
    """Whether the person at the terminal says yes; a script has to say it beforehand."""
    if not sys.stdin.isatty():
        report.note("Nothing was done yet. To do it, add --yes.")
        return False
    report.note("Do it? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _planned(plan: SortPlan) -> Iterator[str]:
    width = max([len(folder.name) for folder in plan.folders], default=0)
    yield f"Into {plan.spec.out}:"
    for folder in plan.folders:
        yield f"  {folder.name:{width}}  {counted(folder.pictures, 'picture'):>16}  {size_in_words(folder.bytes):>10}"
    if plan.spec.way == "copy":
        yield (
            f"{counted(plan.pictures, 'copy', 'copies')}, {size_in_words(plan.bytes_needed)}; "
            f"{size_in_words(plan.bytes_free)} are free."
        )
    else:
        yield f"{counted(plan.pictures, 'link')}, hardly any room needed. The pictures stay where they are."
    if plan.spec.way == "link":
        yield "A hard link is the picture itself under a second name: who edits it there edits the picture."
    if plan.numbered:
        what = counted(plan.numbered, "picture gets", "pictures get")
        yield f"{what} a number behind the name, since there is another one of that name."
    if plan.already:
        yield f"{counted(plan.already, 'picture was', 'pictures were')} sorted there before and will not be again."
    if plan.unreadable:
        yield f"{counted(plan.unreadable, 'picture')} cannot be read and will not be sorted."


def _done(done: Sorted, way: Way) -> Iterator[str]:
    yield f"{done.made:,} of {counted(done.total, 'picture')} {_DONE[way]} into {done.out}."
    yield "To undo it, give the same command with --undo."
    for name, reason in done.failed[:_NAMED]:
        yield f"  Skipped: {reason}  ({name})"
    if len(done.failed) > _NAMED:
        yield f"  … and {len(done.failed) - _NAMED:,} more (--json lists all)"


def _undone(undone: Undone) -> Iterator[str]:
    yield f"{counted(undone.removed, 'file')} removed from {undone.out}. The pictures themselves were not touched."
    if undone.gone:
        yield f"{counted(undone.gone, 'file was', 'files were')} not there any more."
    if undone.changed:
        yield f"{counted(len(undone.changed), 'file was', 'files were')} changed since and stay:"
        yield from (f"  {name}" for name in undone.changed[:_NAMED])
    for name, reason in undone.failed[:_NAMED]:
        yield f"  Could not be removed: {name}. {reason}"
