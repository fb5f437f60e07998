"""What the predict page says above everything else."""

from collections.abc import Callable, Sequence

from cnnstudio.core import counted
from cnnstudio.data import FileProblem
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar


def say_nothing_found(notice: NoticeBar) -> None:
    """No picture was dropped."""
    notice.show_text("There are no pictures in what you dropped.", "", "warn")


def say_no_network(notice: NoticeBar, studio: Studio) -> None:
    """Nothing can answer yet."""
    notice.show_text(
        "There is no trained network yet.",
        "Train one, or choose one with weights on the Network page.", "info",
        "Go to Network", lambda: studio.navigate.emit("model"),
    )  # fmt: skip


def say_stopped(notice: NoticeBar, answered: int, pictures: int, go_on: Callable[[], object]) -> None:
    """What is done stays."""
    title = f"Stopped: {answered:,} of {counted(pictures, 'picture')} predicted."
    notice.show_text(title, "The answers so far are kept.", "info", "Continue", go_on)


def say_skipped(notice: NoticeBar, named: Sequence[FileProblem]) -> None:
    """Files of a folder that are no pictures, or cannot be read."""
    title = f"{counted(len(named), 'file')} in the folder cannot be predicted."
    notice.show_text(title, named[0].detail if len(named) == 1 else "", "info")
