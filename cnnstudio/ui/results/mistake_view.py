"""One mistake, large, with what can be done about it beside it."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.mistake_list import MistakeRows, show_file
from cnnstudio.ui.state import Curator, Step, Studio
from cnnstudio.ui.widgets import Thumbnails, button, label
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.understanding.mistakes import Judged

_SIDE = 1200
"""Pixels that are read at most: enough for a screen."""
_PANEL = 250


class MistakeView(QtWidgets.QDialog):
    """Left and right go through the pictures; a decision goes on to the next one, and can be taken back."""

    def __init__(self, studio: Studio, curator: Curator, rows: MistakeRows, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("mistake_view")
        self.setModal(True)
        self.resize(940, 660)
        self._studio, self._curator, self._rows, self._row = studio, curator, rows, 0
        self._reader = Thumbnails(_SIDE, self, most=8)
        self._reader.ready.connect(self._arrived)
        self.canvas = PictureCanvas("mistake_picture", "Picture")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        row.setSpacing(theme.M)
        row.addWidget(self.canvas, 1)
        row.addWidget(self._panel())
        studio.history.did.connect(self._tell)
        studio.history.undid.connect(self._untell)
        rows.dataChanged.connect(self._show)

    @property
    def answer(self) -> Judged:
        """Of the picture that is shown."""
        return self._rows.answers[self._row]

    @property
    def path(self) -> Path:
        """The picture that is shown."""
        return self._rows.path_of(self.answer)

    def show_row(self, row: int) -> None:
        """Show one of the mistakes."""
        self._row = max(0, min(row, len(self._rows.answers) - 1))
        self._reader.forget_waiting()
        self._show()
        for near in (self._row + 1, self._row - 1):
            if 0 <= near < len(self._rows.answers):
                self._reader.get(self._rows.path_of(self._rows.answers[near]))

    def step(self, by: int) -> None:
        """Go on, or back."""
        self.show_row(self._row + by)

    def skip(self) -> None:
        """Do not use the picture any more, and go on to the next one."""
        if self.skip_button.isEnabled():
            self._curator.leave_out([self.path])
            self.step(1)

    def choose_class(self) -> None:
        """Ask for the class that it belongs to."""
        dataset = self._studio.dataset
        if dataset is not None:
            chooser = ClassChooser(dataset.classes, (self.answer.predicted,), self)
            chooser.chosen.connect(self._change_class)
            chooser.open_below(self.change_button)

    def _change_class(self, name: str) -> None:
        self._curator.relabel([self.path], name)
        self.step(1)

    def _panel(self) -> QtWidgets.QWidget:
        self.predicted = label("", "title", wrap=True, name="mistake_predicted")
        self.actual = label("", wrap=True, name="mistake_actual")
        self.sure = label("", kind="muted", wrap=True, name="mistake_sure")
        self.file_name = label("", "caption", kind="muted", wrap=True, name="mistake_file")
        self.decided = label("", kind="good", wrap=True, name="mistake_decided")
        self.change_button = button("Change class…", "mistake_change", self.choose_class, kind="primary")
        self.skip_button = button("Skip", "mistake_skip", self.skip)
        self.skip_button.setToolTip("Do not learn from this picture any more; the file stays where it is (Delete)")
        self.show_button = button("Show file", "mistake_show", lambda: show_file(self.path), icon_name="open-folder")
        self.said = label("", "caption", wrap=True, name="mistake_said")
        self.undo = button("Undo", "mistake_undo", self._studio.history.undo, kind="ghost")
        self.place = label("", "caption", kind="muted", name="mistake_place")
        self.before = button("Previous", "mistake_previous", lambda: self.step(-1))
        self.after = button("Next", "mistake_next", lambda: self.step(1))
        panel = QtWidgets.QWidget()
        panel.setFixedWidth(theme.scaled(_PANEL))
        column = QtWidgets.QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for widget in (self.predicted, self.actual, self.sure, self.file_name, self.decided):
            column.addWidget(widget)
        column.addSpacing(theme.M)
        for entry in (self.change_button, self.skip_button, self.show_button):
            column.addWidget(entry)
        told = QtWidgets.QHBoxLayout()
        told.addWidget(self.said, 1)
        told.addWidget(self.undo)
        column.addLayout(told)
        column.addStretch(1)
        column.addWidget(self.place)
        steps = QtWidgets.QHBoxLayout()
        steps.addWidget(self.before, 1)
        steps.addWidget(self.after, 1)
        column.addLayout(steps)
        self._untell()
        for entry in panel.findChildren(QtWidgets.QPushButton):
            entry.installEventFilter(self)
        return panel

    def _show(self) -> None:
        if not self._rows.answers:
            return
        answer, path = self.answer, self.path
        self.setWindowTitle("Mistake" if answer.true != answer.predicted else "Picture")
        self.predicted.setText(f"Predicted: {isolated(answer.predicted)}")
        self.actual.setText(f"Actual: {isolated(answer.true)}")
        self.sure.setText(_sure(answer))
        self.file_name.setText(isolated(path.name))
        self.file_name.setToolTip(str(path))
        decided = self._rows.decided(answer)
        self.decided.setText(f"Decided: {decided}." if decided else "")
        self.decided.setVisible(bool(decided))
        self.place.setText(f"{self._row + 1:,} of {len(self._rows.answers):,}")
        self.before.setEnabled(self._row > 0)
        self.after.setEnabled(self._row < len(self._rows.answers) - 1)
        ours = self._studio.dataset is not None and path.is_relative_to(self._studio.dataset.root)
        for entry in (self.change_button, self.skip_button):
            entry.setEnabled(ours)
        picture = self._reader.get(path)
        unreadable = picture is not None and picture.isNull()
        self.canvas.show_picture(picture, f"{path.name} can no longer be read." if unreadable else "")

    def _tell(self, step: Step) -> None:
        self.said.setText(step.said)
        self.undo.show()

    def _untell(self, _: Step | None = None) -> None:
        self.said.setText("")
        self.undo.hide()

    def _arrived(self, key: str) -> None:
        if self._rows.answers and key == str(self.path):
            self._show()

    @override
    def done(self, result: int) -> None:
        """Close, and read no more."""
        self._reader.close()
        super().done(result)
        self.deleteLater()

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Arrows go through the pictures from every button, where Qt would go to the next button."""
        arrows = (QtCore.Qt.Key.Key_Left, QtCore.Qt.Key.Key_Right)
        if isinstance(event, QtGui.QKeyEvent) and event.type() == QtCore.QEvent.Type.KeyPress and event.key() in arrows:
            self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtGui.QKeySequence.StandardKey
        step = {QtCore.Qt.Key.Key_Left: -1, QtCore.Qt.Key.Key_Right: 1}.get(QtCore.Qt.Key(event.key()))
        if step is not None:
            self.step(step)
        elif event.matches(keys.Delete):
            self.skip()
        elif event.matches(keys.Undo):  # the window's own menu is out of reach behind a dialog
            self._studio.history.undo()
        else:
            super().keyPressEvent(event)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Arrows work from the beginning: they are no button's."""
        super().showEvent(event)
        self.setFocus()


def _sure(answer: Judged) -> str:
    said = f"The network was {100 * answer.probability:.0f} % sure."
    if answer.of_true is None or answer.true == answer.predicted:
        return said
    return f"{said} It gave {isolated(answer.true)} {100 * answer.of_true:.0f} %."
