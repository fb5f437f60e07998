"""``lab``: what the Lab of the window does, in a terminal."""

from typing import Any

from cnnstudio.cli import lab_apply, lab_network, lab_size


def add_command(subparsers: Any) -> None:
    """Add ``lab`` with its rooms."""
    text = "Try operations on a picture, or build a network."
    lab = subparsers.add_parser("lab", help=text[0].lower() + text[1:-1], description=text)
    rooms = lab.add_subparsers(metavar="WHAT", required=True)
    lab_size.add_commands(rooms)
    lab_apply.add_command(rooms)
    lab_network.add_command(rooms)
