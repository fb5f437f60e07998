"""Pictures into a folder for each answer: the plan first, with counts and bytes, and then it is carried out."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated, paths, size_in_words
from cnnstudio.inference.folder.results import FolderSoFar
from cnnstudio.inference.sorting.results import UNLIKE, UNSURE, Sorted, SortPlan, SortSpec, Way
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.many.undoing import sorted_step
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import NoticeBar, ProgressStrip, button, combo, label, number, table
from cnnstudio.ui.widgets.dialog_frame import give_room
from cnnstudio.ui.widgets.file_dialogs import ask_folder

_WIDTH, _HEIGHT, _ROW, _FIGURES = 640, 560, 26, 96
_LATER_MS = 400
"""After which another threshold is planned: while a person turns the wheel, none is."""
_WAYS: tuple[tuple[str, Way], ...] = (("Copy", "copy"), ("Hard link", "link"), ("Symbolic link", "symlink"))
_MEANING = {
    UNSURE: f"{UNSURE}: not sure enough, so a person should look",
    UNLIKE: f"{UNLIKE}: like nothing it learned from, so a person should look",
}
_ABOUT_WAYS: dict[Way, str] = {
    "copy": "A copy of each picture; takes as much room again. The pictures themselves stay where they are.",
    "link": "A second name for the same file: takes no room, on the same disk only. Whoever edits one edits both.",
    "symlink": "A pointer to the file: takes no room, and leads nowhere once the picture is moved.",
}


class SortDialog(QtWidgets.QDialog):
    """Not modal: planning answers pictures that have no answer yet, and that may take minutes."""

    sorted = QtCore.Signal(Sorted)
    """What was made, be it all or what was made before a stop."""

    def __init__(self, studio: Studio, folder: Path, model: ModelRef, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sort_dialog")
        self.setWindowTitle("Sort into folders")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, _WIDTH, _HEIGHT)
        self._studio, self._folder, self._model = studio, folder, model
        self._plan: SortPlan | None = None
        self._planning: JobMonitor[SortPlan] | None = None
        self._sorting: JobMonitor[Sorted] | None = None
        self._later = QtCore.QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._later.timeout.connect(self._make_plan)
        self.notice = NoticeBar("sort_notice")
        self.out = QtWidgets.QLineEdit(str(folder.with_name(f"{folder.name} sorted")))
        self.out.setObjectName("sort_out")
        self.out.setAccessibleName("Folder to sort into")
        self.out.textChanged.connect(lambda _: self._changed())
        self.way = combo("sort_way", "How a picture gets into its folder", _WAYS)
        self.way.currentIndexChanged.connect(lambda _: self._changed())
        self.about_way = label(_ABOUT_WAYS["copy"], "caption", kind="muted", wrap=True, name="sort_about_way")
        self.threshold = number("sort_threshold", "Smallest probability of an answer that is believed", 0, 99, 70)
        self.threshold.setSuffix(" %")
        self.threshold.valueChanged.connect(lambda _: self._changed())
        self.rows = QtWidgets.QTableWidget(0, 3)
        table(self.rows, "sort_plan", "What goes where", _ROW)
        self.rows.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        for column in (1, 2):
            # measured for each of a thousand classes, they took 30 ms
            self.rows.setColumnWidth(column, theme.scaled(_FIGURES))
        self.rows.horizontalHeader().setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        sides = QtCore.Qt.AlignmentFlag
        heads = (("Folder", sides.AlignLeft), ("Pictures", sides.AlignRight), ("Size", sides.AlignRight))
        for place, (text, side) in enumerate(heads):
            head = QtWidgets.QTableWidgetItem(text)
            head.setTextAlignment(side | sides.AlignVCenter)
            self.rows.setHorizontalHeaderItem(place, head)
        self.sum = label("", wrap=True, name="sort_sum")
        self.progress = ProgressStrip("sort_progress", stop_text="Stop")
        self.dismiss = button("Cancel", "sort_cancel", self.close)
        self.act = button("Sort", "sort_act", self._sort, kind="primary")
        self.act.setEnabled(False)
        self._lay_out()
        self._make_plan()

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        place = QtWidgets.QHBoxLayout()
        place.addWidget(self.out, 1)
        place.addWidget(button("Choose…", "sort_choose", self._choose, icon_name="open-folder"))
        how = QtWidgets.QHBoxLayout()
        how.setSpacing(theme.S)
        how.addWidget(self.way)
        how.addStretch(1)
        how.addWidget(label("Unsure below"))
        how.addWidget(self.threshold)
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self.sum, 1)
        foot.addWidget(self.dismiss)
        foot.addWidget(self.act)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(label(f"The pictures of {isolated(self._folder.name)}, by their answers", "heading"))
        column.addWidget(self.notice)
        column.addWidget(label("Into this folder, one inside for each class", "caption", kind="muted"))
        column.addLayout(place)
        column.addLayout(how)
        column.addWidget(self.about_way)
        column.addWidget(self.progress)
        column.addWidget(self.rows, 1)
        column.addLayout(foot)

    @override
    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        """What is planned is forgotten; what is being sorted stops, and says how far it came."""
        self._later.stop()
        for job in (self._planning, self._sorting):
            if job is not None and job.active:
                job.stop()
        super().closeEvent(event)

    def _choose(self) -> None:
        folder = ask_folder(self, "Folder to sort into", "pictures", str(self._folder.parent))
        if folder is not None:
            self.out.setText(str(folder))

    # The plan -------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.act.setEnabled(False)
        self.about_way.setText(_ABOUT_WAYS[self.way.currentData()])
        self._later.start()

    def _make_plan(self) -> None:
        if self._planning is not None and self._planning.active:
            self._planning.stop()
        self.act.setEnabled(False)
        spec = SortSpec(
            folder=self._folder, out=paths.expanded(self.out.text()), way=self.way.currentData(),
            threshold=self.threshold.value() / 100,
        )  # fmt: skip
        self._planning = monitor = self._studio.submit(
            specs.PlanSorting(model=self._model, sorting=spec), part=self._move, done=self._show, failed=self._fail
        )
        self.progress.follow(monitor)
        self.progress.text.setText("Looking what goes where")

    def _move(self, far: FolderSoFar) -> None:
        if self.sender() is self._planning:
            self.progress.advance("Predicting", far.done, far.total)

    def _show(self, plan: SortPlan) -> None:
        if self._planning is None or self._planning.active or self._later.isActive():
            return  # another one is asked for
        self.notice.hide()
        self._plan = plan
        self.rows.setRowCount(len(plan.folders))
        right = QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter
        for row, folder in enumerate(plan.folders):
            name = isolated(folder.name) if folder.label else _MEANING.get(folder.name, folder.name)
            for column, text in enumerate((name, f"{folder.pictures:,}", size_in_words(folder.bytes))):
                cell = QtWidgets.QTableWidgetItem(text)
                if column:
                    cell.setTextAlignment(right)
                self.rows.setItem(row, column, cell)
        self.sum.setText(" ".join(_sentences(plan)))
        self.act.setText(f"Sort {counted(plan.pictures, 'picture')}")
        self.act.setAccessibleName(self.act.text())
        self.act.setEnabled(plan.pictures > 0 and plan.fits)

    # Sorting --------------------------------------------------------------------------------------------------

    def _sort(self) -> None:
        if self._plan is None:
            return
        self.notice.hide()
        for part in (self.act, self.out, self.way, self.threshold):
            part.setEnabled(False)
        plan = self._plan
        monitor = self._studio.submit(
            specs.SortPictures(plan=plan), done=lambda made: self._sorted(plan, made), failed=self._fail
        )
        monitor.stopped.connect(lambda made: self._sorted(plan, made))
        self._sorting = monitor
        self.progress.follow(monitor)
        self.progress.text.setText("Sorting")

    def _sorted(self, plan: SortPlan, made: Sorted | None) -> None:
        """Tell it where it stays to be read, with the way back."""
        if made is None or not made.made:
            self._enable()
            return
        self._studio.history.add(sorted_step(self._studio, plan, made))
        self.sorted.emit(made)
        self.close()

    def _fail(self, problem: Problem) -> None:
        self.notice.show_problem(problem)
        self._enable()

    def _enable(self) -> None:
        for part in (self.out, self.way, self.threshold):
            part.setEnabled(True)
        self.act.setEnabled(self._plan is not None and self._plan.pictures > 0 and self._plan.fits)


def _sentences(plan: SortPlan) -> list[str]:
    said = []
    if plan.spec.way == "copy":
        room = f"{size_in_words(plan.bytes_needed)} of {size_in_words(plan.bytes_free)} that are free there."
        said.append(room if plan.fits else f"There is not enough room: {room}")
    if plan.already:
        said.append(f"{counted(plan.already, 'picture')} are there already.")
    if plan.numbered:
        said.append(f"{counted(plan.numbered, 'picture')} get a number, since names meet.")
    if plan.unreadable:
        said.append(f"{counted(plan.unreadable, 'file')} cannot be read and stay out.")
    return said
