"""The window: a rail of steps on the left, one page per step, and a way in for whatever is dropped or pasted."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem
from cnnstudio.jobs import specs
from cnnstudio.ui.frame.attention import Attention
from cnnstudio.ui.frame.edit_menu import EditMenu
from cnnstudio.ui.frame.file_menu import FileMenu
from cnnstudio.ui.frame.help_menu import HelpMenu, KeysOfPages
from cnnstudio.ui.frame.hints import Hints
from cnnstudio.ui.frame.menus import add_action, add_scheme_actions
from cnnstudio.ui.frame.places import Places
from cnnstudio.ui.frame.rail import Rail
from cnnstudio.ui.frame.status_line import StatusLine
from cnnstudio.ui.frame.updates import Updates
from cnnstudio.ui.frame.way_in import WayIn
from cnnstudio.ui.look import motion, theme
from cnnstudio.ui.look.icons import icon
from cnnstudio.ui.page_stack import PageStack
from cnnstudio.ui.pages import PAGES
from cnnstudio.ui.state import Step, Studio
from cnnstudio.ui.widgets import NoticeBar, Question, Toast, has_local_paths

_CLOSE_TIMEOUT_S = 10.0
_UNSEEN_MS = 1000
"""After which a window that is not painted, such as one that opens minimised, goes on all the same."""


class MainWindow(QtWidgets.QMainWindow):
    """Holds the pages and knows nothing of their insides; scripts find them as ``data_page`` and so on.

    All pages are there a moment after the first paint; a script that cannot wait calls ``pages.complete()``.
    """

    def __init__(self, studio: Studio | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("CNN Studio")
        self.setMinimumSize(1000, 660)
        self.setAcceptDrops(True)
        self.studio = studio or Studio()
        self.pages = PageStack(self.studio, PAGES)
        self._closing = False
        self.unasked = False
        """Whether closing it asks nobody, also while a training goes on."""
        self._begun = False
        self._beginning = QtCore.QTimer(self, singleShot=True)
        self._beginning.timeout.connect(self._begin)
        self.notice = NoticeBar("window_notice")
        self._lay_out()
        self._way_in = WayIn(self.studio, self.pages, self.show_page, self.notice)
        self.toast = Toast(self)
        self.attention = Attention(self, self.studio)
        self.hints = Hints(self, self.studio, self.rail.place_below)
        self.updates = Updates(self.studio, self.notice)
        self._add_menus()
        self.status = StatusLine(self.statusBar(), self.studio)
        self.device_label, self.engine_label = self.status.device, self.status.engine
        self.studio.navigate.connect(self._go_to)
        self.studio.problem.connect(self.show_problem)
        self.studio.paths_wanted.connect(self.open_paths)
        self.studio.said.connect(self.toast.tell)
        history = self.studio.history
        history.did.connect(self._offer_undo)
        history.redid.connect(self._offer_undo)
        history.undid.connect(lambda step: self.toast.tell(f"Undone: {step.text}.", "Redo", history.redo))
        history.changed.connect(self.toast.hide)
        self._restore_place()
        for part in (self.rail, self.menuBar(), self.statusBar(), self.notice, self.toast):
            theme.dress(part)
        self._receive(self.pages.shown)
        self.pages.made.connect(self._receive)
        self.pages.when_complete(self._warm_up)

    def show_page(self, name: str) -> None:
        """Show a page by its name: home, data, model, train, results, predict, inside, export or lab."""
        focused = self.pages.focusWidget()
        leaves = focused is not None and focused.hasFocus()
        self.rail.check(name)
        chosen = self.pages.show_page(name)
        if leaves or self.hasFocus():  # else Qt gives it to a control, such as a run picker; the next key Tab does
            chosen.setFocus()
        self.hints.reach(name)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Take folders, pictures or weights as if they were dropped."""
        self.pages.when_complete(lambda: self._way_in.take(paths))

    def show_problem(self, problem: Problem) -> None:
        """Show a problem above the pages."""
        self.notice.show_problem(problem)

    def _go_to(self, name: str) -> None:
        """A page wants another to be shown, and may have something to say to any."""
        self.pages.complete()
        self.show_page(name)

    def _receive(self, name: str) -> None:
        """A page was made."""
        page = self.pages.page(name)
        setattr(self, f"{name}_page", page)
        self.places.restore_parts(page)
        self.file.add(page.menu_entries())

    def _offer_undo(self, step: Step) -> None:
        if step.said:
            self.toast.tell(step.said, "Undo", self.studio.history.undo)

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """From the outside to the inside: what is put into something is styled anew, with all that is in it."""
        self.rail = Rail([(row.name, row.title, row.icon) for row in PAGES], self.show_page)
        self.rail_buttons = self.rail.buttons
        body, right = QtWidgets.QWidget(), QtWidgets.QWidget()
        self.setCentralWidget(body)
        beside = QtWidgets.QHBoxLayout(body)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.rail)
        beside.addWidget(right, 1)
        stack = QtWidgets.QVBoxLayout(right)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        above = QtWidgets.QVBoxLayout()
        above.setContentsMargins(theme.L, 0, theme.L, 0)
        self.notice.setProperty("place", "top")
        above.addWidget(self.notice)
        stack.addLayout(above)
        stack.addWidget(self.pages, 1)
        self.setWindowIcon(icon("app"))

    def _add_menus(self) -> None:
        self.file = FileMenu(self, self.studio, self.show_settings)
        self.edit = EditMenu(self, self.studio.history, self.paste)
        view = self.menuBar().addMenu("&View")
        for number, row in enumerate(PAGES, 1):
            show = partial(self.show_page, row.name)
            keys_of_page = QtGui.QKeySequence(f"Ctrl+{number}")
            add_action(view, row.title, show, shortcut=keys_of_page, icon_name=row.icon, name=row.name)
        view.addSeparator()
        add_scheme_actions(view, self.studio.preferences.scheme, self._set_scheme)
        self.help = HelpMenu(self, self.studio, self._keys_of_pages, self.hints.show_again)

    def _keys_of_pages(self) -> KeysOfPages:
        self.pages.complete()
        return [(row.title, page.keys) for row, page in zip(PAGES, self.pages, strict=True)]

    def show_settings(self) -> None:
        """Theme, messages, cores, cache and folders."""
        from cnnstudio.ui.frame.settings_dialog import SettingsDialog

        dialog = self.findChild(SettingsDialog) or SettingsDialog(self.studio, self._set_scheme, self)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    # Actions --------------------------------------------------------------------------------------------------

    def paste(self) -> None:
        """Take files, folders or a picture from the clipboard."""
        self.pages.complete()
        self._way_in.paste()

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        if not self._begun:
            self._beginning.start(_UNSEEN_MS)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._begun:
            self._beginning.start(0)  # when all of it is painted

    def _begin(self) -> None:
        """Make the other pages, and then load the engine, visibly, so that the first click does not wait for it."""
        self._begun = True
        self.pages.begin()

    def _warm_up(self) -> None:
        if self._closing:
            return
        self.engine_label.setText("Starting…")
        monitor = self.studio.submit(specs.WarmUp(), failed=self.studio.problem.emit)
        monitor.ended.connect(lambda: self.engine_label.setText(""))
        self.studio.refresh_catalogue()
        self.studio.find_devices()
        self.studio.submit(specs.LookAtMotion(), done=lambda still: motion.keep_still(wanted=still, by="system"))
        self.hints.begin()
        self.studio.settled.emit()
        if limit := self.studio.preferences.cache_gb:
            self.studio.submit(specs.TrimCache(limit=limit * 10**9))

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.fit(self.width())

    @override
    def childEvent(self, event: QtCore.QChildEvent) -> None:
        """What opens over the window wears what its parts wear; when it is polished, it is built."""
        super().childEvent(event)
        if event.polished() and isinstance(opened := event.child(), QtWidgets.QWidget) and opened.isWindow():
            theme.dress_opened(opened)

    @override
    def dragEnterEvent(self, event: QtGui.QDragEnterEvent) -> None:
        if has_local_paths(event.mimeData()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QtGui.QDropEvent) -> None:
        event.acceptProposedAction()
        self.pages.complete()
        self._way_in.drop(event.mimeData())

    @override
    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        """Ask while a training goes on; then stop it, wait for its last save, and close."""
        training = self.studio.training
        if training is not None and training.active and not self._closing:
            event.ignore()
            if self.unasked or self.may_close():
                self._closing = True
                self.engine_label.setText("Stopping the training and saving the best so far…")
                self.setEnabled(False)
                training.ended.connect(self.close)
                training.stop()
            return
        self._closing = True
        self._beginning.stop()
        self.places.save(self.pages.shown)
        self.hide()  # what is still read or written ends unseen
        for page in self.pages:
            page.release()
        self.studio.close(_CLOSE_TIMEOUT_S)
        event.accept()

    def end(self) -> None:
        """Close without asking, as Ctrl-C and the end of a session want it: a training is stopped, its best kept."""
        self.unasked = True
        for other in QtWidgets.QApplication.topLevelWidgets():
            if isinstance(other, QtWidgets.QDialog):
                other.reject()
        self.close()

    def may_close(self) -> bool:
        """Ask whether the training may be stopped."""
        title, text = "Training is still running", "Stop the training and close?"
        details = "The best so far is kept, and the run can be resumed later."
        box = Question(self, title, text, details, ("Stop and close", "Keep training"))
        box.setObjectName("close_question")
        return box.agrees()

    def _set_scheme(self, scheme: theme.Scheme) -> None:
        theme.set_scheme(scheme)
        self.studio.remember(replace(self.studio.preferences, scheme=scheme))

    def _restore_place(self) -> None:
        self.places = Places(self, self.studio, lambda: self.pages.currentIndex() == 0)
        self.places.restore()
        self.pages.page(self.pages.shown).setFocus()  # so that no button looks chosen before the keyboard is used
