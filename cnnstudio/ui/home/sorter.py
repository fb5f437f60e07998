"""Sort pictures that have no classes: those that are alike together, a key for each class."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated, one_spelling
from cnnstudio.data.by_hand import Unsorted
from cnnstudio.jobs.specs import CopySorted, GroupAlike, ListUnsorted
from cnnstudio.networks.catalogue.recommend import recommended
from cnnstudio.ui.home.sort_grid import SIDE, SortGrid
from cnnstudio.ui.home.sorting import SKIPPED, Sorting
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import (
    Card,
    NoticeBar,
    ProgressStrip,
    Thumbnails,
    acted_on,
    button,
    label,
    mnemonic_free,
    plain,
)
from cnnstudio.ui.widgets.file_dialogs import ask_folder

KEYS = "123456789" + "".join(letter for letter in ascii_lowercase if letter not in "gns")
"""Of classes, in their order; g, n and s mean something else."""
_RAIL, _NAME_WIDTH = 232, 110
_FEWEST = 2


class Sorter(QtWidgets.QWidget):
    """A grid of what is left, and the classes beside it. Files stay where they are."""

    title = "Sort pictures"
    opened = QtCore.Signal(Path)
    """The sorted pictures are to be looked at."""

    def __init__(self, studio: Studio, back: QtWidgets.QPushButton) -> None:
        """``back`` leads to where one came from."""
        super().__init__()
        self.setObjectName("sorter")
        self.subtitle = ""
        self._studio = studio
        self.sorting = Sorting(studio, self)
        self.thumbnails = Thumbnails(2 * SIDE, self)
        self.grid = SortGrid(self.thumbnails)
        self.notice = NoticeBar("sorter_notice")
        self.progress = ProgressStrip("sorter_progress")
        self.bar = QtWidgets.QProgressBar()
        self.bar.setObjectName("sorter_bar")
        self.bar.setAccessibleName("Sorted pictures")
        self.bar.setTextVisible(False)
        self.count = label("", name="sorter_count")
        self.whole = QtWidgets.QCheckBox("Choose whole groups")
        self.whole.setObjectName("sorter_whole")
        self.whole.setAccessibleName("Choose whole groups of pictures that are alike")
        self.whole.setEnabled(False)
        self.whole.toggled.connect(lambda _: self._choose_at(self.grid.currentIndex().row()))
        self.new = QtWidgets.QLineEdit()
        self.new.setObjectName("sorter_new_class")
        self.new.setAccessibleName("Name of a new class")
        self.new.setPlaceholderText("New class (N)")
        self.new.returnPressed.connect(self._add_class)
        self.skip = button("Skip", "sorter_skip", lambda: self._put(SKIPPED))
        self.skip.setToolTip("S, or Delete: these pictures are not used; their files stay")
        self.copy = button("Copy into folders…", "sorter_copy", self._copy)
        self.done = button("Show the classes", "sorter_done", self._finish, kind="primary", icon_name="chevron-right")
        self.tools = (self.copy, self.done)
        self.buttons: list[QtWidgets.QPushButton] = []
        self._lay_out(back)
        self.grid.pressed.connect(self._key)
        self.sorting.changed.connect(self._show)

    def open(self, folder: Path) -> None:
        """Sort the pictures of a folder or an archive."""
        self.notice.hide()
        self.subtitle = str(folder)
        self.sorting.begin(Unsorted(root=folder, names=(), classes={}, skipped=frozenset()))
        self.whole.setChecked(False)
        self.whole.setEnabled(False)
        monitor = self._studio.submit(ListUnsorted(folder=folder), done=self._begin, failed=self.notice.show_problem)
        self.progress.follow(monitor)
        self.progress.text.setText("Listing the pictures")

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self, back: QtWidgets.QPushButton) -> None:
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(back)
        head.addWidget(self.count)
        head.addWidget(self.bar, 1)
        head.addWidget(self.whole)
        rail = Card("Classes")
        rail.setFixedWidth(theme.scaled(_RAIL))
        rows = QtWidgets.QWidget()
        rows.setProperty("kind", "column")
        self._rows = QtWidgets.QVBoxLayout(rows)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.XS)
        self._rows.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidget(rows)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        words = (
            "Choose pictures, then press the key of their class. Ctrl or Shift and click choose several, a double "
            "click or G the whole group. Ctrl+Z takes back."
        )
        rail.body.addWidget(area, 1)
        rail.body.addWidget(self.new)
        rail.body.addWidget(self.skip)
        rail.body.addWidget(label(words, "caption", kind="muted", wrap=True))
        body = QtWidgets.QHBoxLayout()
        body.setSpacing(theme.M)
        body.addWidget(self.grid, 1)
        body.addWidget(rail)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self.progress)
        column.addLayout(body, 1)

    @override
    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        self.sorting.keep_what_waits()
        super().hideEvent(event)

    # What is sorted -------------------------------------------------------------------------------------------

    def _begin(self, pictures: Unsorted) -> None:
        self.sorting.begin(pictures)
        if not pictures.names:
            self.notice.show_text("There are no pictures in this folder.", "Open another one.", "warn")
            return
        self._studio.remember(self._studio.preferences.with_recent(pictures.root))
        self._studio.recent_changed.emit()
        self.sorting.keep()
        self.grid.setFocus()
        self._choose_at(0)
        catalogue = self._studio.catalogue
        network = recommended(catalogue).network if catalogue is not None else ""
        job = GroupAlike(root=pictures.root, names=pictures.names, network=network)
        monitor = self._studio.submit(job, done=partial(self._group, pictures), failed=self._say_ungrouped)
        self.progress.follow(monitor)
        self.progress.text.setText("Finding out what is alike")

    def _group(self, pictures: Unsorted, groups: tuple[tuple[str, ...], ...]) -> None:
        if self.sorting.root == pictures.root:
            self.whole.setEnabled(len(groups) > 1)
            self.sorting.group(groups)
            self.whole.setChecked(len(groups) > 1)
            self._choose_at(0)

    def _say_ungrouped(self, problem: Problem) -> None:
        self.notice.show_text(problem.title, problem.remedy or problem.meaning, "info")

    def _put(self, name: str) -> None:
        row = min((index.row() for index in acted_on(self.grid)), default=0)
        chosen = self.grid.chosen()
        if chosen:
            self.sorting.put(chosen, name)
            self._choose_at(row)

    def _choose_at(self, row: int) -> None:
        """What comes next is chosen, so that one key after the other sorts."""
        last = self.grid.pictures.rowCount() - 1
        if last < 0:
            return
        row = max(0, min(row, last))
        if self.whole.isChecked():
            self.grid.choose_group(row)
        else:
            self.grid.choose(row, row)

    def _key(self, event: QtGui.QKeyEvent) -> None:
        modifiers = event.modifiers() & ~QtCore.Qt.KeyboardModifier.KeypadModifier
        if modifiers:
            return
        letter = event.text().lower()
        acts: dict[str, Callable[[], object]] = {
            "s": lambda: self._put(SKIPPED),
            "n": self.new.setFocus,
            "g": lambda: self.grid.choose_group(self.grid.currentIndex().row()),
        }
        if event.key() in (QtCore.Qt.Key.Key_Delete, QtCore.Qt.Key.Key_Backspace):
            letter = "s"
        if letter in acts:
            acts[letter]()
        elif letter and letter in KEYS:
            number = KEYS.index(letter)
            if number < len(self.sorting.classes):
                self._put(self.sorting.classes[number])
            else:
                self.new.setFocus()  # the class is made with its name, and what is chosen goes into it
        else:
            return
        event.accept()

    def _add_class(self) -> None:
        name = one_spelling(self.new.text()) if self.new.text().strip() else ""
        self.new.clear()
        self.grid.setFocus()
        if name and self.grid.chosen():
            self._put(name)
        else:
            self.sorting.add_class(name)

    def _show(self) -> None:
        sorting, counts = self.sorting, self.sorting.counts()
        before = set(self.grid.pictures.names)
        self.grid.show_groups(sorting.root, sorting.left())
        if before:
            self.grid.choose_names([name for name in self.grid.pictures.names if name not in before])
        total, done = len(sorting.names), len(sorting.decided)
        skipped = f", {counts[SKIPPED]:,} of them skipped" if counts[SKIPPED] else ""
        self.count.setText(f"{done:,} of {counted(total, 'picture')} sorted{skipped}")
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        filled = sum(1 for name in sorting.classes if counts[name])
        self.done.setEnabled(filled >= _FEWEST)
        self.copy.setEnabled(filled >= 1)
        while len(self.buttons) < len(sorting.classes):
            self._add_button(len(self.buttons))
        for number, entry in enumerate(self.buttons):
            entry.setVisible(number < len(sorting.classes))
            if number < len(sorting.classes):
                name = sorting.classes[number]
                key = KEYS[number].upper() if number < len(KEYS) else "–"
                shown = entry.fontMetrics().elidedText(
                    name, QtCore.Qt.TextElideMode.ElideMiddle, theme.scaled(_NAME_WIDTH)
                )
                entry.setText(mnemonic_free(f"{key}   {isolated(shown)}   {counts[name]:,}"))
                entry.setToolTip(plain(name))
                pictures = counted(counts[name], "picture")
                entry.setAccessibleName(f"Put into {name}, {pictures}, key {key}")

    def _add_button(self, number: int) -> None:
        entry = button("", f"sorter_class_{number}", lambda: self._put(self.sorting.classes[number]), kind="row")
        entry.clicked.connect(lambda: self.grid.setFocus())
        self._rows.insertWidget(self._rows.count() - 1, entry)
        self.buttons.append(entry)

    # What becomes of it ---------------------------------------------------------------------------------------

    def _finish(self) -> None:
        monitor = self.sorting.keep()
        if monitor is not None:
            root = self.sorting.root
            monitor.finished.connect(lambda _: self.opened.emit(root))

    def _copy(self) -> None:
        target = ask_folder(self, "Choose or make a folder for the class folders")
        if target is not None:
            classes = {name: own for name, own in self.sorting.decided.items() if own != SKIPPED}
            job = CopySorted(root=self.sorting.root, classes=classes, target=target)
            done = partial(self._copied, len(classes))
            self.progress.follow(self._studio.submit(job, done=done, failed=self.notice.show_problem))

    def _copied(self, count: int, target: Path) -> None:
        self.notice.show_text(
            f"Copied {counted(count, 'picture')} into class folders.", str(target), "good", "Open the copies",
            lambda: self.opened.emit(target),
        )  # fmt: skip
