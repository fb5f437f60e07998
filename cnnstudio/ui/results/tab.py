"""What a tab of Results is."""

from collections.abc import Sequence

from PySide6 import QtWidgets

from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.runs import Run


class ResultsTab(QtWidgets.QWidget):
    """Made when it is first opened; the page shows it a run whenever there is another one and somebody looks."""

    def show_run(self, run: Run | None) -> None:
        """Show a run that has results; None takes away what is shown, and stops what is computed for it."""
        raise NotImplementedError

    def show_about(self, names: Sequence[str]) -> None:
        """Show what somebody wants to see in it, such as the mix-up of two classes; called after ``show_run``."""

    def release(self) -> None:
        """The window closes: wait for what reads in the background."""


class SplitTab(ResultsTab):
    """One that is about the pictures of one split, which is chosen at the top of the page."""

    def show_split(self, split: str) -> None:
        """Show this split of the run that was shown last."""
        raise NotImplementedError

    def show_figures(self, figures: Figures) -> None:
        """What was counted over the split that was shown last, which may come a moment later."""
        raise NotImplementedError
