"""A new project without any folder: name classes, drop or record pictures on each; everything is kept at once."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import alike_key, counted, isolated, safe_file_name
from cnnstudio.data.collect import folder_of_class
from cnnstudio.data.new_project import Collected
from cnnstudio.data.reading import is_picture
from cnnstudio.jobs.specs import SortPaths
from cnnstudio.jobs.specs.pictures import Dropped
from cnnstudio.ui.home.class_box import ClassBox
from cnnstudio.ui.home.project_files import ProjectFiles
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import DropFilter, NoticeBar, Thumbnails, button, label, plain
from cnnstudio.ui.widgets.file_dialogs import ask_folder

_LEAST_WIDTH, _SIDE = 330, 104
_FEWEST, _GOOD = 2, 20


class NewProject(QtWidgets.QWidget):
    """The folder is made with the first picture; until then name and place can be changed."""

    title = "New project"
    subtitle = "Name your classes and give each some pictures, which are copied."
    opened = QtCore.Signal(Path)
    """The project is to be looked at."""
    left = QtCore.Signal()
    """It is to be continued later."""

    def __init__(self, studio: Studio, back: QtWidgets.QPushButton) -> None:
        """``back`` leads to where one came from."""
        super().__init__()
        self.setObjectName("new_project_view")
        self._studio = studio
        self.files = ProjectFiles(studio, self)
        self.thumbnails = Thumbnails(_SIDE, self)
        self.boxes: list[ClassBox] = []
        self.notice = NoticeBar("new_project_notice")
        self.name = QtWidgets.QLineEdit()
        self.name.setObjectName("project_name")
        self.name.setAccessibleName("Name of the project")
        self.name.setPlaceholderText("Name of the project, such as Leaves")
        self.name.setMinimumWidth(theme.scaled(240))
        self.name.textChanged.connect(lambda _: self._show_state())
        self.where = label("", "caption", kind="muted", name="project_place")
        self.change = button("Change…", "project_change_place", self._choose_place, kind="ghost")
        self.change.setAccessibleName("Change where the project is kept")
        self.more = button("Add class", "project_add_class", self._add_by_hand, icon_name="add")
        self.later = button("Continue later", "project_later", self._leave)
        self.done = button("Show the pictures", "project_done", self._finish, kind="primary", icon_name="chevron-right")
        self.tools = (self.later, self.done)
        self.advice = label("", "caption", kind="muted", wrap=True, name="project_advice")
        self._lay_out(back)
        DropFilter(self, self._take_anywhere, (self.advice,))
        self.files.begun.connect(lambda _: self._show_state())
        self.files.placed.connect(self._show_state)
        self.files.counted.connect(self._show_counts)
        self.files.failed.connect(self.notice.show_problem)

    def begin(self) -> None:
        """Another project: two classes without pictures."""
        self.files.forget()
        self._clear()
        self.name.clear()
        for _ in range(_FEWEST):
            self._add_box()
        self._show_state()
        self.name.setFocus()

    def go_on(self, root: Path) -> None:
        """Continue one that was begun earlier."""
        self._clear()
        self.name.setText(root.name)
        self.files.go_on(root)
        self._show_state()

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self, back: QtWidgets.QPushButton) -> None:
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(back)
        head.addWidget(self.name)
        head.addWidget(self.where, 1)
        head.addWidget(self.change)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        self._content = content
        self._grid = QtWidgets.QGridLayout(content)
        self._grid.setContentsMargins(0, 0, theme.S, 0)
        self._grid.setSpacing(theme.S)
        self._columns = 1
        self._area = QtWidgets.QScrollArea()
        self._area.setWidget(content)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QtWidgets.QHBoxLayout()
        foot.setSpacing(theme.S)
        foot.addWidget(self.more)
        foot.addWidget(self.advice, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self._area, 1)
        column.addLayout(foot)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = max(1, self.width() // _LEAST_WIDTH)
        if columns != self._columns:
            self._columns = columns
            self._place_boxes()

    def _place_boxes(self) -> None:
        for box in self.boxes:
            self._grid.removeWidget(box)
        for number, box in enumerate(self.boxes):
            self._grid.addWidget(box, *divmod(number, self._columns))
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(len(self.boxes) // self._columns + 1, 1)

    # Classes --------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self.notice.hide()
        for box in self.boxes:
            self._grid.removeWidget(box)
            box.hide()
            box.deleteLater()
        self.boxes = []

    def _add_box(self, name: str = "") -> ClassBox:
        box = ClassBox(len(self.boxes) + 1, self.thumbnails)
        box.setParent(self._content)
        box.name.setText(name)
        box.renamed.connect(partial(self._rename, box))
        box.dropped.connect(partial(self._add, box))
        box.record_wanted.connect(partial(self._record, box))
        box.removed.connect(partial(self._remove, box))
        self.boxes.append(box)
        box.show_pictures(0, ())
        self._place_boxes()
        box.show()
        return box

    def _add_by_hand(self) -> None:
        box = self._add_box()
        QtCore.QTimer.singleShot(0, box, lambda: self._area.ensureWidgetVisible(box))
        box.name.setFocus()
        self._show_state()

    def _remove(self, box: ClassBox) -> None:
        self.boxes.remove(box)
        self._grid.removeWidget(box)
        box.hide()
        box.deleteLater()
        self._place_boxes()
        self._show_state()

    def _rename(self, box: ClassBox, name: str) -> None:
        others = {alike_key(other.name.text()) for other in self.boxes if other is not box}
        root = self.files.root
        if name and alike_key(name) in others:
            text = f"There is a class called {isolated(name)} already."
            self.notice.show_text(text, "Choose another name, or add pictures to that one.", "warn")
            box.name.setText(box.kept_name)
        elif root is None or not box.kept_name:
            return
        elif not name:
            box.name.setText(box.kept_name)
        elif folder_of_class(root, name).name != box.kept_name:
            monitor = self.files.rename(root / box.kept_name, name, partial(self._renamed, box))
            monitor.failed.connect(lambda _: box.name.setText(box.kept_name))

    def _renamed(self, box: ClassBox, folder: Path) -> None:
        box.kept_name = folder.name
        self.files.count()

    # Pictures -------------------------------------------------------------------------------------------------

    def _add(self, box: ClassBox, paths: list[Path]) -> None:
        """Onto a class; one without a name is called like the folder that is dropped."""
        self.notice.hide()
        name = box.name.text().strip()
        if not name:
            name = self._free_name(paths[0].name if len(paths) == 1 and not is_picture(paths[0].name) else "")
            box.name.setText(name)
        self.files.begin(self.name.text().strip(), lambda root: self._add_to(root, box, paths))

    def _add_to(self, root: Path, box: ClassBox, paths: list[Path]) -> None:
        name = box.name.text().strip()
        box.kept_name = box.kept_name or folder_of_class(root, name).name
        self.files.add(root, box.kept_name, paths)

    def _take_anywhere(self, paths: list[Path]) -> None:
        self._studio.submit(SortPaths(paths=tuple(paths)), done=self._take)

    def _take(self, dropped: Dropped) -> None:
        """Beside the classes: every folder is a class, and so are loose pictures together."""
        for folder in dropped.folders:
            self._add(self._empty_box(), [folder])
        if dropped.pictures:
            self._add(self._empty_box(), list(dropped.pictures))

    def _empty_box(self) -> ClassBox:
        free = [box for box in self.boxes if not box.name.text().strip() and not box.pictures]
        return free[0] if free else self._add_box()

    def _free_name(self, wanted: str) -> str:
        taken = {alike_key(box.name.text()) for box in self.boxes}
        names = (wanted, *(f"{wanted or 'class'} {number}" for number in range(1 + bool(wanted), 2 + len(taken) + 1)))
        return next(name for name in names if name and alike_key(name) not in taken)

    def _record(self, box: ClassBox) -> None:
        if not box.name.text().strip():
            box.name.setText(self._free_name(""))
        name = box.name.text().strip()

        def begin(root: Path) -> None:
            box.kept_name = box.kept_name or folder_of_class(root, name).name
            self._studio.recording_wanted.emit(root, box.kept_name, partial(self.files.recorded, box.kept_name))

        self.files.begin(self.name.text().strip(), begin)

    # State ----------------------------------------------------------------------------------------------------

    def _show_counts(self, classes: tuple[Collected, ...]) -> None:
        known = {box.kept_name: box for box in self.boxes if box.kept_name}
        for each in classes:
            box = known.get(each.name)
            if box is None:
                box = self._add_box(each.name)
                box.kept_name = each.name
            box.show_pictures(each.pictures, each.newest)
        gone = set(known) - {each.name for each in classes}
        for name in gone:
            known[name].show_pictures(0, ())
        while len(self.boxes) < _FEWEST:
            self._add_box()
        self._show_state()

    def _show_state(self) -> None:
        root, place = self.files.root, self.files.place
        self.name.setReadOnly(root is not None)
        self.change.setVisible(root is None)
        shown = root or (place / safe_file_name(self.name.text(), "My-pictures") if place is not None else None)
        self.where.setText(str(shown or ""))
        self.where.setToolTip(plain(str(shown or "")))
        filled = [box for box in self.boxes if box.pictures]
        self.done.setEnabled(len(filled) >= _FEWEST)
        self.later.setEnabled(root is not None)
        few = [box for box in filled if box.pictures < _GOOD]
        if len(filled) < _FEWEST:
            text = f"At least {counted(_FEWEST, 'class', 'classes')} need pictures."
        elif few:
            text = f"It works from a few pictures on; from {_GOOD} for each class it works well."
        else:
            text = "Ready to learn. More pictures can be added at any time."
        self.advice.setText(text)

    def _choose_place(self) -> None:
        start = str(self.files.place or "")
        place = ask_folder(self, "Choose where the project's folder is made", start=start)
        if place is not None:
            self.files.put_into(place)

    def _leave(self) -> None:
        """Also classes that have no pictures yet are there the next time."""
        names = [name for box in self.boxes if (name := box.name.text().strip()) and not box.kept_name]
        self.files.count(names)
        self.left.emit()

    def _finish(self) -> None:
        if self.files.root is not None:
            self.opened.emit(self.files.root)
