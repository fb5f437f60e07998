"""The runs on the open folder, with what can be done with them."""

from functools import partial

from PySide6 import QtWidgets

from cnnstudio.core import Problem, counted
from cnnstudio.jobs.specs import CompareRuns, DeleteRun, RenameRun
from cnnstudio.jobs.specs.comparisons import RunComparison
from cnnstudio.runs import Run
from cnnstudio.ui.state import Studio
from cnnstudio.ui.train.runs_table import RunsTable
from cnnstudio.ui.widgets import Card, button, label, plain


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
        self.body.addWidget(self.table)
        self._compared: tuple[Run, ...] = ()
        self.verdict = label("", "heading", wrap=True, name="comparison")
        self.grounds = label("", kind="muted", wrap=True, name="comparison_details")
        for words in (self.verdict, self.grounds):
            self.body.addWidget(words)
            words.hide()
        self.body.addWidget(
            label(
                "Click a heading to sort. Select two rows to see which run is better, several to compare their curves. "
                "Right-click for more.",
                "caption",
                kind="muted",
            )
        )
        studio.runs_changed.connect(self.refresh)
        studio.run_changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Show the runs as they are now."""
        run = self._studio.run
        self.setVisible(bool(self._studio.runs))
        self.table.show_runs(self._studio.runs, run)
        self.resume_button.setVisible(run is not None and run.can_resume)

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
        if run is not None:
            self._studio.resume_run(run.folder)

    def _rename(self, run: Run, name: str) -> None:
        job = RenameRun(run=run, name=name)
        self._studio.submit(job, failed=self._studio.problem.emit).ended.connect(self._studio.refresh_runs)

    def _delete(self, run: Run) -> None:
        question = f"Delete the run “{run.record.name}” with its checkpoints and results?"
        if (
            QtWidgets.QMessageBox.question(self, "Delete a run", plain(question))
            == QtWidgets.QMessageBox.StandardButton.Yes
        ):
            monitor = self._studio.submit(DeleteRun(run=run), failed=self._studio.problem.emit)
            monitor.ended.connect(partial(self._deleted, run))

    def _deleted(self, run: Run) -> None:
        if self._studio.run is not None and self._studio.run.folder == run.folder:
            self._studio.show_run(None)
        self._studio.refresh_runs()
