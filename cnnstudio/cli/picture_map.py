"""``map``: all pictures of a run as points, those that are alike near each other."""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch, counted, write_csv
from cnnstudio.jobs import run_inline, specs
from cnnstudio.understanding.outcomes import PictureMap

_COLUMNS = ("path", "x", "y", "label", "answer", "split")


def add_command(subparsers: Any) -> None:
    """Add ``map``."""
    parser = add_parser(
        subparsers,
        "map",
        _map,
        "lay all pictures of a run out as points, those that are alike near each other",
        "cnnstudio map RUN --csv map.csv",
    )
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a run folder; its pictures of every split")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a table with the place of each picture")


def _map(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found = run_inline(specs.LayOutPictures(run=options.run_folder), Watch(watch.control, report.beside))
    if options.csv:
        write_csv(options.csv, [_COLUMNS, *_rows(found)])
    told = counted(len(found.names), "picture")
    where = f"Their places: {options.csv}" if options.csv else "For their places, add --csv FILE or --json."
    mistakes = counted(int(found.mistakes.sum()), "mistake")
    text = (
        f"{told} laid out, {mistakes} among them. Near means alike to the network; how far islands lie from each other "
        f"means nothing. {where}"
    )
    report.result(text, list(_told(found)) if report.json else None)
    return 0


def _told(found: PictureMap) -> Iterator[dict[str, Any]]:
    """A row per picture, with where it was before this training, where the run continues another one."""
    before = list(_rows(found.before)) if found.before is not None else []
    for place, row in enumerate(_rows(found)):
        told: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
        if before:
            _, x, y, _, answer, _ = before[place]
            told["before"] = None if math.isnan(x) else {"x": x, "y": y, "answer": answer}
        yield told


def _rows(found: PictureMap) -> Iterator[tuple[str, float, float, str, str, str]]:
    for place, name in enumerate(found.names):
        x, y = found.places[place].tolist()
        label, answer = (found.classes[each[place]] for each in (found.labels, found.answers))
        yield str(found.root / name), round(x, 4), round(y, 4), label, answer, str(found.splits[place])
