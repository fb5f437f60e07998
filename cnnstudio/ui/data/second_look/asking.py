"""One doubtful picture, large; beside it what the network answers, what is like it, and a key for each decision."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.data.decoding import Levels
from cnnstudio.ui.data.second_look.alike import SIDE, AlikeRow
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, button, label, mnemonic_free, plain
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.ui.widgets.controls import Kind
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.understanding.outcomes import Doubt

_LARGE, _BESIDE = 1200, 300
_MOST_KEYS = 32
_COLUMNS = 2


class Asking(QtWidgets.QWidget):
    """Buttons tell their keys; whoever holds it hears the keys."""

    decided = QtCore.Signal(str, str)
    """A verdict, and the class of *class*."""
    undo_wanted = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self._root = Path()
        self._doubt: Doubt | None = None
        self._classes: Sequence[str] = ()
        self._large = Thumbnails(_LARGE, self, most=8)
        self._small = Thumbnails(2 * SIDE, self)
        self._large.ready.connect(lambda _: self._draw())
        self.canvas = PictureCanvas("second_look_picture", "Picture")
        self.file_name = label("", "caption", kind="muted", wrap=True, name="second_look_file")
        large = QtWidgets.QVBoxLayout()
        large.setSpacing(theme.XS)
        large.addWidget(self.canvas, 1)
        large.addWidget(self.file_name)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addLayout(large, 1)
        row.addWidget(self._beside())

    def show_classes(self, classes: Sequence[str], keys: Sequence[tuple[str, str]]) -> None:
        """A small button for each class that has a key."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._classes = classes
        for number, (key, name) in enumerate(keys[:_MOST_KEYS]):
            entry = self._act("", f"second_look_class_{number}", partial(self.decided.emit, "class", name), "ghost")
            entry.setProperty("density", "small")
            room = _BESIDE // _COLUMNS - theme.L
            shown = entry.fontMetrics().elidedText(name, QtCore.Qt.TextElideMode.ElideMiddle, room - 2 * theme.M)
            entry.setText(mnemonic_free(f"{key}  {isolated(shown)}"))
            entry.setToolTip(plain(f"It is {isolated(name)} (key {key})"))
            entry.setAccessibleName(f"It is {isolated(name)}, key {key}")
            place = QtCore.Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(entry, number // _COLUMNS, number % _COLUMNS, place)

    def show_levels(self, levels: Levels) -> None:
        """What is black and white in pictures of more than 8 bits."""
        self._large.show_levels(levels)
        self._small.show_levels(levels)

    def show_doubt(self, doubt: Doubt, root: Path, following: Sequence[Doubt], *, can_undo: bool) -> None:
        """Ask about a picture; those that follow are read already."""
        self._doubt, self._root = doubt, root
        mine, its = isolated(doubt.label), isolated(doubt.answer)
        self.labelled.setText(f"Its class: {mine}")
        self.answered.setText(
            f"The network's answer: {its} ({100 * doubt.p_answer:.0f} %). It finds {mine} "
            f"{100 * doubt.p_label:.2g} % likely."
        )
        self.like_label.show_pictures(doubt.label, root, doubt.like_label)
        self.like_answer.show_pictures(doubt.answer, root, doubt.like_answer)
        self.take_answer.setText(mnemonic_free(f"It is {its}  (1)"))
        self.take_answer.setAccessibleName(f"It is {its}, key 1")
        self.file_name.setText(f"{isolated(doubt.name)}, {doubt.split}")
        self.undo.setEnabled(can_undo)
        self._large.forget_waiting()
        self._draw()
        for each in following:
            self._large.get(root / each.name)

    def ask_class(self) -> None:
        """Choose among all classes."""
        if self._doubt is not None:
            chooser = ClassChooser(self._classes, (self._doubt.answer,), self)
            chooser.chosen.connect(partial(self.decided.emit, "class"))
            chooser.open_below(self.other)

    def release(self) -> None:
        """Wait for pictures being read."""
        self._large.close()
        self._small.close()

    def _beside(self) -> QtWidgets.QWidget:
        self.labelled = label("", "title", wrap=True, name="second_look_label")
        self.answered = label("", wrap=True, name="second_look_answer")
        self.like_label = AlikeRow("second_look_like_label", self._small)
        self.like_answer = AlikeRow("second_look_like_answer", self._small)
        tell = self.decided.emit
        self.correct = self._act(
            "Correct as it is  (Enter)", "second_look_correct", partial(tell, "right", ""), "primary"
        )
        self.take_answer = self._act("Take the answer  (1)", "second_look_take", self._take_answer)
        self.skip = self._act("Skip  (X)", "second_look_skip", partial(tell, "skip", ""))
        self.later = self._act("Later  (Space)", "second_look_later", partial(tell, "later", ""))
        self.undo = self._act("Undo  (Z)", "second_look_undo", self.undo_wanted.emit)
        self.other = button("Other class…", "second_look_other", self.ask_class)
        self.other.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
        classes = QtWidgets.QWidget()
        self._grid = QtWidgets.QGridLayout(classes)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        column = QtWidgets.QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.S, 0)
        column.setSpacing(theme.S)
        for part in (self.labelled, self.answered, self.like_label, self.like_answer, self.correct, self.take_answer):
            column.addWidget(part)
        for pair in ((self.skip, self.later), (self.other, self.undo)):
            row = QtWidgets.QHBoxLayout()
            row.setSpacing(theme.S)
            for entry in pair:
                row.addWidget(entry, 1)
            column.addLayout(row)
        column.addWidget(classes)
        column.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFixedWidth(theme.scaled(_BESIDE))
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        return area

    def _act(
        self, text: str, name: str, on_click: Callable[[], object], kind: Kind = "secondary"
    ) -> QtWidgets.QPushButton:
        """A button whose key is always at hand, so that the Tab key need not stop at it."""
        made = button(text, name, on_click, kind=kind)
        made.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        return made

    def _take_answer(self) -> None:
        if self._doubt is not None:
            self.decided.emit("class", self._doubt.answer)

    def _draw(self) -> None:
        doubt = self._doubt
        if doubt is None:
            return
        picture = self._large.get(self._root / doubt.name)
        gone = picture is not None and picture.isNull()
        self.canvas.show_picture(picture, f"{doubt.name} can no longer be read." if gone else "")
        self.canvas.setAccessibleName(f"{doubt.name}: {self.labelled.text()}. {self.answered.text()}")
