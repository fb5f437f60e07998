"""What came out of a run, and what to do next."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from cnnstudio.core.sentences import right_sentence
from cnnstudio.runs.store import Run
from cnnstudio.training.recipe import Mode
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.buttons import button
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.text import label


class ResultCard(Card):
    """Hidden while there is no scored run."""

    def __init__(self, navigate: Callable[[str], object], make_better: Callable[[Mode], object]) -> None:
        super().__init__()
        self.setObjectName("result_card")
        self.title_text = label("", "heading", wrap=True, name="train_result_sentence")
        self.text = label("", kind="muted", wrap=True, name="result_text")
        self.see_results = button("See results", "see_results", lambda: navigate("results"), icon_name="results")
        self.try_it = button("Try it on a picture", "try_it", lambda: navigate("predict"), icon_name="predict")
        self.better_stage = button(
            "Make it better: last stage", "better_last_stage", lambda: make_better("last-stage"), icon_name="star"
        )
        self.better_all = button(
            "Make it better: everything", "better_all", lambda: make_better("all"), icon_name="star"
        )
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title_text)
        words.addWidget(self.text)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (self.see_results, self.try_it, self.better_stage, self.better_all):
            row.addWidget(entry)
        row.addStretch(1)
        self.body.addLayout(words)
        self.body.addLayout(row)
        self.hide()

    def show_run(self, run: Run | None) -> None:
        """Show a run's best score; hide without one."""
        record = run.record if run is not None else None
        shown = (record.scores.get("test") or record.scores.get("validation")) if record else None
        self.setVisible(shown is not None)
        if record is None or shown is None:
            return
        skipped = f" {record.skipped_images} pictures could not be read." if record.skipped_images else ""
        kept = f"best epoch {record.best_epoch} of {record.epochs_done}" if record.best_epoch else "the start was best"
        self.title_text.setText(right_sentence(shown))
        self.text.setText(f"{record.name}: {kept}.{skipped}")
