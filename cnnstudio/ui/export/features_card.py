"""Features that were written for other programs: what there is, and the lines that use it."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import counted, isolated
from cnnstudio.inference.embedding.code import code_for
from cnnstudio.inference.embedding.results import Embedded
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, button, label, open_outside

_PROJECTOR = 'To see them in TensorBoard: tensorboard --logdir "{folder}", then choose Projector.'


class FeaturesCard(Card):
    """Hidden until there is something."""

    def __init__(self) -> None:
        super().__init__("Features")
        self.setObjectName("features_outcome")
        self._out: Path | None = None
        self.text = label("", wrap=True, name="features_text")
        self.place = label("", "caption", kind="muted", wrap=True, name="features_place")
        self.place.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.projector = label("", "caption", kind="muted", wrap=True, name="features_projector")
        self.projector.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.code = QtWidgets.QPlainTextEdit()
        self.code.setObjectName("features_code")
        self.code.setAccessibleName("Python code that uses the features")
        self.code.setReadOnly(True)
        self.code.setTabChangesFocus(True)
        self.code.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.code.setFixedHeight(theme.scaled(150))
        self.head.addWidget(button("Show in folder", "open_features", self._open, icon_name="open-folder"))
        self.head.addWidget(button("Copy the code", "copy_features", self._copy, icon_name="copy"))
        for part in (self.text, self.place, self.code, self.projector):
            self.body.addWidget(part)
        self.hide()

    def show_made(self, made: Embedded) -> None:
        """What was written."""
        self._out = made.out
        said = [f"{counted(made.pictures, 'picture')}, each a row of {made.size:,} figures."]
        if made.labelled < made.pictures:
            said.append(f"The class of {made.labelled:,} is known.")
        if made.unreadable:
            said.append(f"{counted(made.unreadable, 'picture')} could not be read; unreadable.csv says why.")
        self.text.setText(" ".join(said))
        self.place.setText(isolated(str(made.out)))
        self.code.setPlainText(code_for(made.classes, made.out))
        self.projector.setText(_PROJECTOR.format(folder=made.out / "projector"))
        self.projector.setVisible(made.in_projector > 0)

    def _open(self) -> None:
        if self._out is not None:
            open_outside(self._out)

    def _copy(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self.code.toPlainText())
