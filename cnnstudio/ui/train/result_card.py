"""What came out of a run, whether it is better than the one before, and the one next step."""

from collections.abc import Callable

from PySide6 import QtWidgets

from cnnstudio.core import Problem, counted, range_meaning, right_sentence
from cnnstudio.jobs.specs import CompareRuns, TellBeside
from cnnstudio.jobs.specs.comparisons import RunComparison
from cnnstudio.networks import MODES, Mode
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, label, set_kind, tint


class ResultCard(Card):
    """Hidden while there is no scored run."""

    def __init__(self, studio: Studio, make_better: Callable[[str], object]) -> None:
        super().__init__()
        self.setObjectName("result_card")
        self._studio = studio
        self._run: Run | None = None
        self._question = 0
        """The last comparison that was asked for: others come too late."""
        go = studio.navigate.emit
        self.number = label("", "figure", name="train_result_number")
        self.title_text = label("", "heading", wrap=True, name="train_result_sentence")
        self.compared = label("", wrap=True, name="better_than_before")
        self.text = label("", "caption", kind="muted", wrap=True, name="result_text")
        self.see_results = button("See what it gets wrong", "see_results", lambda: go("results"), icon_name="results")
        self.try_it = button("Try it on a picture", "try_it", lambda: go("predict"), icon_name="predict")
        self.better = {mode.name: _better_button(mode, make_better) for mode in MODES.values() if mode.better}
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(theme.XS)
        for part in (self.title_text, self.compared):
            words.addWidget(part)
        top = QtWidgets.QHBoxLayout()
        top.setSpacing(theme.M)
        top.addWidget(self.number)
        top.addLayout(words, 1)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (self.see_results, self.try_it, *self.better.values()):
            row.addWidget(entry)
        row.addStretch(1)
        self.body.addLayout(top)
        self.body.addLayout(row)
        self.body.addWidget(self.text)
        self.hide()

    def lead(self, *, on: bool) -> None:
        """Whether its button is the page's next step."""
        set_kind(self.see_results, "primary" if on else "secondary")
        tint(self.see_results, "results")

    def show_run(self, run: Run | None) -> None:
        """Show the score by which runs are chosen; hide without one."""
        self._question += 1
        self.compared.hide()
        self._run = run
        record = run.record if run is not None else None
        shown = record.told_score if record else None
        self.setVisible(shown is not None)
        if run is None or record is None or shown is None:
            return
        skipped = f" Could not be read: {counted(record.skipped_images, 'picture')}." if record.skipped_images else ""
        self.see_results.setText("See what it gets wrong" if shown.accuracy < 1 else "See the results")
        self.number.setText(f"{100 * shown.accuracy:.1f} %")
        self.number.setAccessibleName(f"Accuracy on the {shown.split} split")
        self.title_text.setText(right_sentence(shown))
        self.title_text.setToolTip(range_meaning(shown))
        kept = f"{record.name}. {record.chosen}.{skipped}"
        said = " ".join(filter(None, [kept, record.every_picture, *record.caveats]))
        self.text.setText(said)

        def add(beside: str) -> None:
            if self._run is run:
                self.text.setText(f"{beside} {said}")

        self._studio.submit(TellBeside(score=shown), done=add)
        self.compare(run)

    def compare(self, run: Run) -> None:
        """Ask whether it is better than the run before it, on the same validation pictures."""
        before = run_before(run, self._studio.runs)
        self._question += 1
        question = self._question
        if before is None:
            return
        name = before.record.name if before.record.name != run.record.name else before.record.dated_name

        def answer(found: RunComparison) -> None:
            if question == self._question:
                self.compared.setText(_compared(found, name))
                self.compared.show()

        def refuse(_: Problem) -> None:
            """They have no picture in common: nothing that could be said."""

        self._studio.submit(CompareRuns(first=before.folder, second=run.folder), done=answer, failed=refuse)


def run_before(run: Run, runs: list[Run]) -> Run | None:
    """The one it continues, else the newest that was there before it; not another one of the same repeats.

    Args:
        run: the one in question.
        runs: newest first.
    """
    record = run.record
    earlier = [
        each
        for each in runs
        if not each.damage and each.record.created < record.created and each.record.scores.get("validation") is not None
        and (record.repeat is None or each.record.repeat is None or each.record.repeat.group != record.repeat.group)
    ]  # fmt: skip
    parent = next((each for each in earlier if str(each.folder) == record.recipe.get("start_from")), None)
    return parent or next(iter(earlier), None)


def _compared(found: RunComparison, name: str) -> str:
    one = found.found
    old, new = (100 * (one.both + only) / one.pictures for only in (one.only_first, one.only_second))
    pictures = counted(one.pictures, "picture" if found.out_of_fold else "validation picture")
    step = f"{old:.1f} → {new:.1f} %, {new - old:+.1f} points on the same {pictures} as “{name}”."
    if one.is_clear:
        return step
    return f"{step} So small a difference may be chance."


def _better_button(mode: Mode, make_better: Callable[[str], object]) -> QtWidgets.QPushButton:
    name = f"better_{mode.name.replace('-', '_')}"
    made = button(f"Improve: {mode.better}", name, lambda: make_better(mode.name), icon_name="star")
    made.setToolTip(f"Continues this run and trains its {mode.better}, too. Both runs are kept.")
    return made
