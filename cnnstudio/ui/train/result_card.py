"""What came out of a run, and what to do next."""

from collections.abc import Callable

from PySide6 import QtWidgets

from cnnstudio.core import beside_sentence, counted, range_meaning, right_sentence
from cnnstudio.networks import MODES, Mode
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, button, label


class ResultCard(Card):
    """Hidden while there is no scored run."""

    def __init__(self, navigate: Callable[[str], object], make_better: Callable[[str], object]) -> None:
        super().__init__()
        self.setObjectName("result_card")
        self.title_text = label("", "heading", wrap=True, name="train_result_sentence")
        self.text = label("", kind="muted", wrap=True, name="result_text")
        self.see_results = button("See results", "see_results", lambda: navigate("results"), icon_name="results")
        self.try_it = button("Try it on a picture", "try_it", lambda: navigate("predict"), icon_name="predict")
        self.better = {mode.name: _better_button(mode, make_better) for mode in MODES.values() if mode.better}
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title_text)
        words.addWidget(self.text)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (self.see_results, self.try_it, *self.better.values()):
            row.addWidget(entry)
        row.addStretch(1)
        self.body.addLayout(words)
        self.body.addLayout(row)
        self.hide()

    def show_run(self, run: Run | None) -> None:
        """Show the score by which runs are chosen; hide without one."""
        record = run.record if run is not None else None
        shown = record.told_score if record else None
        self.setVisible(shown is not None)
        if record is None or shown is None:
            return
        skipped = f" Could not be read: {counted(record.skipped_images, 'picture')}." if record.skipped_images else ""
        self.title_text.setText(right_sentence(shown))
        self.title_text.setToolTip(range_meaning(shown))
        kept = f"{record.name}. {record.chosen}.{skipped}"
        self.text.setText(" ".join(filter(None, [beside_sentence(shown), kept, record.every_picture, *record.caveats])))


def _better_button(mode: Mode, make_better: Callable[[str], object]) -> QtWidgets.QPushButton:
    name = f"better_{mode.name.replace('-', '_')}"
    return button(f"Make it better: {mode.better}", name, lambda: make_better(mode.name), icon_name="star")
