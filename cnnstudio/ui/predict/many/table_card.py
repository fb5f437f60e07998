"""A folder of any number of pictures into a table: begun, stopped and continued, and what comes next."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, RunError, counted, isolated, paths
from cnnstudio.inference.folder.results import Counts, FolderAnswers, FolderSoFar, Form, TableFacts, TableSpec
from cnnstudio.inference.results import UNSURE
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.places import TablePlace
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.many.counts_view import CountsView
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, NoticeBar, ProgressStrip, button, combo, label, open_outside
from cnnstudio.ui.widgets.file_dialogs import ask_new_file

_FORMS: tuple[tuple[str, Form], ...] = (
    ("One row for each picture", "wide"), ("With every class", "probabilities"), ("One row for each answer", "long"),
)  # fmt: skip
_ABOUT = (
    "The answer to each picture, how sure it is, and the second answer. The table grows while it is made; stopped, or "
    "cut off with the power, it is continued where it was."
)
_UNSURE = f"Pictures with less than {100 * UNSURE:.0f} %, unlike anything it learned from, or between two classes"


class TableCard(Card):
    """Asks where to first; then shows how the answers are distributed while they come."""

    sort_wanted = QtCore.Signal(list)
    """Paths of folders or pictures whose answers are to be sorted."""
    watch_wanted = QtCore.Signal(Path, TableSpec)
    """A folder whose answers are in this table, and what comes into it is to go there, too."""
    unsure_wanted = QtCore.Signal(list)
    """Pictures that are to be looked at; the table waits meanwhile."""
    closed = QtCore.Signal()

    def __init__(self, studio: Studio, notice: NoticeBar) -> None:
        super().__init__("Into a table")
        self.setObjectName("table_card")
        self._studio, self._notice = studio, notice
        self._images: tuple[Path, ...] = ()
        self._model: ModelRef | None = None
        self._found: Path | None = None
        self._table: TableSpec | None = None
        self._job: JobMonitor[FolderAnswers] | None = None
        self.dismiss = button("", "table_close", self.close_it, kind="ghost", icon_name="close")
        self.dismiss.setAccessibleName("Close the table; its file stays")
        self.head.addWidget(self.dismiss)
        self.about = label(_ABOUT, kind="muted", wrap=True, name="table_about")
        self.earlier = label("", wrap=True, name="table_earlier")
        self.file = QtWidgets.QLineEdit()
        self.file.setObjectName("table_file")
        self.file.setAccessibleName("File of the table")
        self.file.editingFinished.connect(self._look)
        self.form = combo("table_form", "What a row is", _FORMS)
        self.begin = button("Predict", "table_begin", self._begin, kind="primary", icon_name="predict")
        self.progress = ProgressStrip("table_progress", stop_text="Stop")
        self.figures = label("", wrap=True, name="table_figures")
        self.counts = CountsView()
        self.asking, self.answering = self._asking(), self._answering()
        for part in (self.asking, self.progress, self.answering):
            self.body.addWidget(part, int(part is self.answering))
        self.hide()

    def open(self, images: tuple[Path, ...], model: ModelRef, pictures: int = 0) -> None:
        """Ask where the answers of these folders and pictures are to go; ``pictures`` are how many, if known."""
        if self._job is not None and self._job.active:
            self.show()
            return
        self._images, self._model, self._table = images, model, None
        folder = images[0] if len(images) == 1 else images[0].parent
        name = isolated(folder.name or str(folder))
        more = counted(pictures, "picture") if pictures else "every picture"
        self.title.setText(f"{name}: {more} into a table")
        self.earlier.hide()
        self.progress.hide()
        self._show_asking()
        self._offer(None)
        self._studio.submit(
            specs.FindTable(folder=folder, model=model.source), done=self._place, failed=self._notice.show_problem
        )
        self.show()

    @property
    def busy(self) -> bool:
        """Whether it grows."""
        return self._job is not None and self._job.active

    def close_it(self) -> None:
        """Put it away; what is under way is stopped, and can be continued."""
        if self._job is not None and self._job.active:
            self._job.stop()
        self.hide()
        self.closed.emit()

    # Layout ---------------------------------------------------------------------------------------------------

    def _asking(self) -> QtWidgets.QWidget:
        place = QtWidgets.QHBoxLayout()
        place.addWidget(self.file, 1)
        place.addWidget(button("Choose…", "table_choose", self._choose, icon_name="open-folder"))
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self.form)
        foot.addStretch(1)
        foot.addWidget(self.begin)
        made = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.about)
        column.addWidget(self.earlier)
        column.addWidget(label("Into this file", "caption", kind="muted"))
        column.addLayout(place)
        column.addLayout(foot)
        return made

    def _answering(self) -> QtWidgets.QWidget:
        self.unsure = button("Show the unsure", "table_unsure", self._find_unsure)
        self.unsure.setToolTip(_UNSURE)
        self.sort = button("Sort into folders…", "table_sort", self._sort)
        self.watch = button("Watch this folder", "table_watch", self._watch)
        self.show_table = button("Show in folder", "table_show", self._show_file, icon_name="open-folder")
        self.again = button("Continue", "table_again", self._begin, kind="primary", icon_name="resume")
        foot = QtWidgets.QHBoxLayout()
        foot.setSpacing(theme.S)
        for entry in (self.unsure, self.sort, self.watch, self.show_table):
            foot.addWidget(entry)
        foot.addStretch(1)
        foot.addWidget(self.again)
        made = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.figures)
        column.addWidget(self.counts, 1)
        column.addLayout(foot)
        return made

    def _show_asking(self) -> None:
        self.answering.hide()
        self.asking.show()
        self._take_room()

    def _take_room(self) -> None:
        """All there is for answers; a question needs no more than it has words."""
        tall = QtWidgets.QSizePolicy.Policy
        self.setSizePolicy(tall.Preferred, tall.Maximum if self.answering.isHidden() else tall.Expanding)

    # Before ---------------------------------------------------------------------------------------------------

    def _place(self, place: TablePlace) -> None:
        self._found = place.file
        self.file.setText(str(place.file))
        self._offer(place.facts)

    def _choose(self) -> None:
        file = ask_new_file(self, "Table of answers", Path(self.file.text()).name, "Tables (*.csv)")
        if file is not None:
            self.file.setText(str(file if file.suffix else file.with_suffix(".csv")))
            self._look()

    def _look(self) -> None:
        """Whether the table that is named was begun before."""
        file = paths.expanded(self.file.text())
        if self._job is None or not self._job.active:
            self._studio.submit(specs.LookAtTable(file=file), done=self._offer, failed=self._notice.show_problem)

    def _offer(self, facts: TableFacts | None) -> None:
        self.begin.setText("Continue" if facts is not None and not facts.complete else "Predict")
        self.begin.setAccessibleName(self.begin.text())
        self.earlier.setVisible(facts is not None)
        if facts is None:
            return
        if facts.complete:
            self.earlier.setText(
                f"{counted(facts.done, 'file')} were answered before. These answers are kept; only pictures that have "
                "changed, and those behind one that was added or removed, are asked again."
            )
        else:
            self.earlier.setText(
                f"{facts.done:,} of {counted(facts.total, 'file')} were answered before. These are kept, and it "
                "continues with the others."
            )

    # Under way ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._predict(resume=True)

    def _begin_again(self) -> None:
        self._predict(resume=False)

    def _predict(self, *, resume: bool) -> None:
        model = self._model
        if model is None or not self._images or (self._job is not None and self._job.active):
            return
        self._notice.hide()
        self._table = table = TableSpec(file=paths.expanded(self.file.text()), form=self.form.currentData())
        job = specs.PredictFolder(model=model, images=self._images, table=table, resume=resume)
        monitor = self._studio.submit(job, part=self._move, done=self._finish, failed=self._fail)
        monitor.stopped.connect(self._finish)
        self._job = monitor
        self.progress.follow(monitor)
        self.progress.text.setText("Looking for pictures")
        self.asking.hide()
        self.answering.show()
        self._take_room()
        for entry in (self.unsure, self.sort, self.watch, self.again):
            entry.hide()
        self.figures.setText("")
        self.counts.counts.show(())

    def _move(self, far: FolderSoFar) -> None:
        self._show_counts(far.counts)

    def _finish(self, answers: FolderAnswers | None) -> None:
        if answers is None:  # stopped before there was anything
            self.answering.hide()
            self.asking.show()
            self._look()
            return
        self._show_counts(answers.counts)
        self.again.setVisible(not answers.complete)
        self.unsure.setVisible(bool(answers.counts.answered))
        for entry in (self.sort, self.watch):
            entry.setVisible(answers.complete and len(self._images) == 1)  # what is sorted and watched is a folder
        kept = f" {answers.kept:,} of them were answered before." if answers.kept else ""
        title = (
            f"{counted(answers.counts.answered, 'picture')} answered.{kept}"
            if answers.complete
            else f"Stopped: {answers.done:,} of {counted(answers.total, 'file')} are done, and kept.{kept}"
        )
        self.figures.setText(f"{title} {_beside(answers.counts)}\n{isolated(str(answers.table))}")

    def _fail(self, problem: Problem) -> None:
        self._notice.show_problem(problem)
        if problem.kind == RunError.kind:  # of another network, or of other rows
            self._notice.offer("Begin again", self._begin_again)
        self._show_asking()

    def _show_counts(self, counts: Counts) -> None:
        self.counts.counts.show(tuple(counts.classes.items()))
        self.figures.setText(_beside(counts))

    # Afterwards -----------------------------------------------------------------------------------------------

    def _sort(self) -> None:
        self.sort_wanted.emit(list(self._images))

    def _watch(self) -> None:
        if self._table is not None:
            self.watch_wanted.emit(self._images[0], self._table)

    def _find_unsure(self) -> None:
        if self._table is not None:
            job = specs.FindUnsure(table=self._table.file)
            self._studio.submit(job, done=self._offer_unsure, failed=self._notice.show_problem)

    def _offer_unsure(self, pictures: tuple[Path, ...]) -> None:
        if not pictures:
            self._notice.show_text("It is sure of every picture in the table.", f"{_UNSURE}: none.", "good")
        elif not self.isHidden():
            self.unsure_wanted.emit(list(pictures))

    def _show_file(self) -> None:
        if self._table is not None:
            open_outside(self._table.file.parent)


def _beside(counts: Counts) -> str:
    """What a person should look at."""
    said = []
    if counts.unlike:
        said.append(f"{counted(counts.unlike, 'picture')} unlike anything it learned from.")
    if counts.between:
        said.append(f"{counted(counts.between, 'picture')} between two classes.")
    if counts.unreadable:
        said.append(f"{counted(counts.unreadable, 'file')} cannot be read; the table says why.")
    return " ".join(said)
