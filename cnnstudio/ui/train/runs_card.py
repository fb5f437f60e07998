"""The runs on the open folder, with what can be done with them."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtWidgets

from cnnstudio.core import Problem, StudioError, counted
from cnnstudio.jobs.specs import CompareRuns, DeleteRun, RenameRun
from cnnstudio.jobs.specs.comparisons import RunComparison
from cnnstudio.runs import SPREAD_MEANING, RepeatKind, Repeats, Run, repeats_among
from cnnstudio.training.recipe import recipe_from_plain
from cnnstudio.ui.state import Studio
from cnnstudio.ui.train.runs_table import RunsTable
from cnnstudio.ui.widgets import Card, Question, button, label, plain

_TIMES = 5


class RunsCard(Card):
    """Hidden while there are no runs."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Runs on this folder")
        self.setObjectName("runs_card")
        self._studio = studio
        self.table = RunsTable()
        self.table.chosen.connect(studio.show_run)
        self.table.resume.connect(lambda run: studio.resume_run(run.folder))
        self.table.train_longer.connect(self._train_longer)
        self.table.renamed.connect(self._rename)
        self.table.delete.connect(self._delete)
        self.table.itemSelectionChanged.connect(self._compare)
        self.resume_button = button("Resume this run", "resume_run", self._resume, icon_name="resume")
        self.head.addWidget(self.resume_button)
        self.repeat_buttons = [
            _repeat_button("seeds", self._repeat, "Train 5 times by this recipe, with other seeds and other validation "
                           "pictures: how much of its accuracy is chance?"),
            _repeat_button("folds", self._repeat, "Train 5 times by this recipe, so that every picture that is not for "
                           "testing is for validation once: an accuracy on all of them."),
        ]  # fmt: skip
        for entry in self.repeat_buttons:
            self.head.addWidget(entry)
        self.body.addWidget(self.table)
        self._compared: tuple[Run, ...] = ()
        self.verdict = label("", "heading", wrap=True, name="comparison")
        self.grounds = label("", kind="muted", wrap=True, name="comparison_details")
        self.spread = label("", wrap=True, name="repeats_sentence")
        self.spread.setToolTip(SPREAD_MEANING)
        for words in (self.verdict, self.grounds, self.spread):
            self.body.addWidget(words)
            words.hide()
        self.body.addWidget(
            label(
                "Click a heading to sort. Select two rows to see which run is better, several to compare their curves. "
                "Right-click for more. Validation is slightly too good where it chose the best of several epochs.",
                "caption",
                kind="muted",
                wrap=True,
            )
        )
        studio.runs_changed.connect(self.refresh)
        studio.run_changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Show the runs as they are now."""
        run = self._studio.run
        self.setVisible(bool(self._studio.runs) and not self._studio.training_active)
        self.table.show_runs(self._studio.runs, run)
        group = self._group_of(run)
        rest = group is not None and not group.is_complete
        name = "Continue the repeats" if rest else "Resume this run"
        self.resume_button.setText(name)
        self.resume_button.setAccessibleName(name)
        self.resume_button.setVisible(run is not None and (run.can_resume or rest))
        repeatable = run is not None and run.record.state == "finished" and run.record.repeat is None
        for entry in self.repeat_buttons:
            entry.setVisible(repeatable)
        self.spread.setText(" ".join(group.sentences()) if group is not None else "")
        self.spread.setVisible(group is not None)

    def _group_of(self, run: Run | None) -> Repeats | None:
        repeat = run.record.repeat if run is not None else None
        return repeats_among(self._studio.runs).get(repeat.group) if repeat is not None else None

    def _repeat(self, kind: RepeatKind) -> None:
        run = self.table.selected_run() or self._studio.run
        if run is None:
            return
        try:
            recipe = recipe_from_plain(run.record.recipe)
        except StudioError as error:  # a run by a newer version
            self._studio.problem.emit(error.problem)
            return
        self._studio.repeat_training(recipe, kind, _TIMES)

    def _compare(self) -> None:
        """Two runs, on the validation pictures of both."""
        self._tell("", ())
        self._compared = runs = tuple(self.table.selected_runs())
        if len(runs) == 2:
            self._studio.submit(
                CompareRuns(first=runs[0].folder, second=runs[1].folder),
                done=partial(self._show_comparison, runs),
                failed=partial(self._show_why_not, runs),
            )

    def _show_comparison(self, runs: tuple[Run, ...], found: RunComparison) -> None:
        if runs == self._compared:
            self._tell(found.sentence, found.details)

    def _show_why_not(self, runs: tuple[Run, ...], problem: Problem) -> None:
        if runs == self._compared:
            self._tell(problem.title, (problem.meaning, problem.remedy))

    def _tell(self, sentence: str, details: tuple[str, ...]) -> None:
        self.verdict.setText(sentence)
        self.grounds.setText(" ".join(filter(None, details)))
        for words in (self.verdict, self.grounds):
            words.setVisible(bool(words.text()))

    def _train_longer(self, run: Run) -> None:
        done = run.record.epochs_done
        epochs, sure = QtWidgets.QInputDialog.getInt(
            self,
            "Train longer",
            plain(f"“{run.record.name}” has {counted(done, 'epoch')}. Train until epoch:"),
            2 * done,
            done + 1,
            10_000,
        )
        if sure:
            self._studio.resume_run(run.folder, epochs)

    def _resume(self) -> None:
        run = self.table.selected_run() or self._studio.run
        if run is None:
            return
        group = self._group_of(run)
        if group is not None and not group.is_complete:
            self._studio.continue_repeats(run.folder)
        else:
            self._studio.resume_run(run.folder)

    def _rename(self, run: Run, name: str) -> None:
        job = RenameRun(run=run, name=name)
        self._studio.submit(job, failed=self._studio.problem.emit).ended.connect(self._studio.refresh_runs)

    def _delete(self, run: Run) -> None:
        text = f"Delete the run “{run.record.name}”?"
        details = "Its checkpoints and results go with it. Your pictures stay. This cannot be undone."
        if Question(self, "Delete a run", text, details, ("Delete", "Keep")).agrees():
            monitor = self._studio.submit(DeleteRun(run=run), failed=self._studio.problem.emit)
            monitor.ended.connect(partial(self._deleted, run))

    def _deleted(self, run: Run) -> None:
        if self._studio.run is not None and self._studio.run.folder == run.folder:
            self._studio.show_run(None)
        self._studio.refresh_runs()


def _repeat_button(kind: RepeatKind, act: Callable[[RepeatKind], object], text: str) -> QtWidgets.QPushButton:
    made = button(f"Repeat: {_TIMES} {kind}", f"repeat_{kind}", lambda: act(kind))
    made.setToolTip(text)
    return made
