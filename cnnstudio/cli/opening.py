"""``open``: the window on files and folders, as a file manager opens them."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.report import Report
from cnnstudio.core import RunError, Watch

_DESCRIPTION = """\
Open the window on files and folders, each where it belongs:

  a folder of pictures or an archive   on Data, with its classes, split and problems
  pictures                             on Predict, with their answers
  a trained network (a bundle as a
  folder or .cnnbundle, or a run)      on Predict, as the network that answers
  weights (.pth, .safetensors, …)      on Network, to start a training from
  a network file of blocks (.toml)     in the Lab

A trained network and pictures may be opened together.
"""


def add_command(subparsers: Any) -> None:
    """Add ``open``."""
    parser = subparsers.add_parser(
        "open",
        help="open the window on files and folders",
        description=_DESCRIPTION,
        epilog="example: cnnstudio open shirts.cnnbundle new-pictures",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="nothing opens the window as it was last")
    parser.set_defaults(run=_open)


def _open(options: argparse.Namespace, _report: Report, _watch: Watch) -> int:
    for path in options.paths:
        if not _is_there(path):
            raise RunError(f"There is no file or folder called {path}.", remedy="Check how its name is written.")
    return int(options.open_window(tuple(path.absolute() for path in options.paths)))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
