"""What the predict page can do beyond pictures that are dropped: one level down, behind one button."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.inference.folder.results import TableSpec
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.sorting.results import Sorted
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.many.serving import ServeDrawer
from cnnstudio.ui.predict.many.sort_dialog import SortDialog
from cnnstudio.ui.predict.many.table_card import TableCard
from cnnstudio.ui.predict.many.undoing import SORTING, said_of, undo_later
from cnnstudio.ui.predict.many.watch_strip import WatchStrip
from cnnstudio.ui.state import Step, Studio
from cnnstudio.ui.widgets import NoticeBar, Page, button, open_outside
from cnnstudio.ui.widgets.file_dialogs import ask_folder

MANY = 500
"""Pictures of which a table is offered."""


class MoreWays(QtWidgets.QWidget):
    """Nothing of it is seen until somebody wants it; what goes on says so in a line, on every picture."""

    answered = QtCore.Signal(Prediction)
    """A picture that came into a watched folder."""
    unsure_wanted = QtCore.Signal(list)
    """Pictures of a table that somebody wants to look at."""
    table_changed = QtCore.Signal()
    """A table is in front of what else the page shows, or not any more; see ``has_table``."""

    def __init__(
        self, studio: Studio, page: Page, over: QtWidgets.QWidget, model: Callable[[], ModelRef | None]
    ) -> None:
        """``over`` is what a drawer lies over; ``model`` tells what is chosen."""
        super().__init__()
        self._studio, self._page, self._model = studio, page, model
        self._notice: NoticeBar = page.notice
        self.button = button("More", "predict_more")
        self.menu = QtWidgets.QMenu(self.button)
        for text, name, act in (
            ("A folder into a table…", "more_table", self._ask_table),
            ("Sort a folder by its answers…", "more_sort", self._ask_sort),
            ("Undo an earlier sorting…", "more_undo", self._ask_undo),
            ("Watch a folder…", "more_watch", self._ask_watch),
            ("Answer other programs…", "more_serve", self._show_serving),
        ):
            action = QtGui.QAction(text, self.menu)
            action.setObjectName(name)
            action.triggered.connect(lambda _=False, act=act: act())
            self.menu.addAction(action)
        self.back = QtGui.QAction("Back to the table", self.menu)
        self.back.setObjectName("more_back")
        self.back.setVisible(False)
        self.back.triggered.connect(self._show_table)
        self.menu.insertAction(self.menu.actions()[0], self.back)
        self.button.setMenu(self.menu)
        self.table = TableCard(studio, self._notice)
        self.watch = WatchStrip(studio, self._notice)
        self.serve = ServeDrawer(studio, page, over)
        self.table.closed.connect(self.table_changed)
        self.table.sort_wanted.connect(lambda folders: self.sort(folders[0]))
        self.table.watch_wanted.connect(self._watch)
        self.table.unsure_wanted.connect(self.unsure_wanted)
        self.watch.answered.connect(self.answered)
        studio.history.undid.connect(self._undone)
        self._parts = (self.serve.strip, self.watch, self.table)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for part in self._parts:
            column.addWidget(part, int(part is self.table))
            part.installEventFilter(self)
        column.addStretch(0)
        self.hide()

    @property
    def has_table(self) -> bool:
        """Whether a table is shown, be its page or not."""
        return not self.table.isHidden()

    def show_model(self, model: ModelRef | None) -> None:
        """Another network is chosen: it answers what comes from now on, but other programs go on with theirs."""
        self.serve.show_model(model)
        self.watch.show_model(model)

    def offer(self, opened: Sequence[Path], pictures: int) -> None:
        """So many were opened that a list is not the best place for them."""
        folders = tuple(opened)
        if pictures < MANY or not folders:
            return
        self._notice.show_text(
            f"{counted(pictures, 'picture')}: would you rather have a table?",
            "It is made faster, continues where it was stopped, and the pictures can be sorted into folders by it.",
            "info", "Into a table", lambda: self.open_table(folders, pictures),
        )  # fmt: skip

    def open_table(self, images: tuple[Path, ...], pictures: int = 0) -> None:
        """Ask where a table of the answers is to go."""
        model = self._model()
        if model is not None:
            self._notice.hide()
            self.table.open(images, model, pictures)
            self.table_changed.emit()

    def sort(self, folder: Path) -> None:
        """Plan how the pictures of a folder go into a folder for each class."""
        model = self._model()
        if model is not None:
            dialog = SortDialog(self._studio, folder, model, self.window())
            dialog.sorted.connect(self._tell_sorted)
            dialog.show()

    def put_aside(self) -> bool:
        """Make room for pictures: a table that is shown waits, or continues, unseen; True where there is one."""
        if not self.has_table:
            return False
        self.table.hide()
        self.back.setVisible(True)
        self.table_changed.emit()
        return True

    def offer_table(self, told: str = "") -> None:
        """The way back to a table that was put aside."""
        told = told or ("The table continues meanwhile." if self.table.busy else "The table is put aside.")
        self._notice.show_text(told, "", "info", "Back to the table", self._show_table)

    def _show_table(self) -> None:
        self._notice.hide()
        self.table.show()
        self.table_changed.emit()

    def _tell_sorted(self, made: Sorted) -> None:
        show = partial(open_outside, made.out)
        self._notice.show_text(said_of(made), str(made.out), "good", "Show in folder", show)

    def _undone(self, step: Step) -> None:
        """What was told of is not there any more."""
        if step.kind == SORTING:
            self._notice.hide()

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """It takes no room while there is nothing in it, and a table that is shown needs no way back."""
        if watched is self.table and event.type() == QtCore.QEvent.Type.ShowToParent:
            self.back.setVisible(False)
        if event.type() in (QtCore.QEvent.Type.ShowToParent, QtCore.QEvent.Type.HideToParent):
            self.setVisible(any(not part.isHidden() for part in self._parts))
            tall = QtWidgets.QSizePolicy.Policy.Expanding if self.has_table else QtWidgets.QSizePolicy.Policy.Maximum
            self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, tall)
        return super().eventFilter(watched, event)

    # What the menu offers -------------------------------------------------------------------------------------

    def _ask(self, title: str) -> Path | None:
        if self._model() is None:
            self._notice.show_text("There is no trained network yet.", "Train one, or choose one with weights.")
            return None
        return ask_folder(self, title)

    def _ask_table(self) -> None:
        if folder := self._ask("A folder of pictures to predict into a table"):
            self.open_table((folder,))

    def _ask_sort(self) -> None:
        if folder := self._ask("A folder of pictures to sort by their answers"):
            self.sort(folder)

    def _ask_undo(self) -> None:
        if folder := ask_folder(self, "The folder that pictures were sorted into"):
            undo_later(self._studio, folder, self._notice)

    def _ask_watch(self) -> None:
        if folder := self._ask("A folder to watch: pictures that come into it are answered"):
            self._watch(folder)

    def _watch(self, folder: Path, table: TableSpec | None = None) -> None:
        model = self._model()
        if model is not None:
            self.watch.start(folder, model, table)

    def _show_serving(self) -> None:
        self.serve.open_it()
