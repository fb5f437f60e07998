"""Choose one of a thousand classes: a field to type in, over a list."""

from collections.abc import Sequence

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated, one_spelling
from cnnstudio.ui.look import theme

_SIZE = QtCore.QSize(260, 320)


class ClassChooser(QtWidgets.QFrame):
    """Opens below a button and closes with the choice, Escape or a click elsewhere; Return takes the marked one."""

    chosen = QtCore.Signal(str)

    def __init__(
        self,
        classes: Sequence[str],
        first: Sequence[str] = (),
        parent: QtWidgets.QWidget | None = None,
        *,
        may_be_new: bool = False,
    ) -> None:
        """``first`` are the likely ones, which stand on top; where it ``may_be_new``, what is typed can be a class."""
        super().__init__(parent, QtCore.Qt.WindowType.Popup)
        self.setObjectName("class_chooser")
        self.setAccessibleName("Choose a class")
        self.setProperty("kind", "card")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self._may_be_new, self._new = may_be_new, ""
        known = set(classes)
        likely = [name for name in dict.fromkeys(first) if name in known]
        self._names = [*likely, *(name for name in classes if name not in set(likely))]
        self.field = QtWidgets.QLineEdit()
        self.field.setObjectName("class_chooser_field")
        self.field.setAccessibleName("Find a class")
        self.field.setPlaceholderText("Find a class, or name a new one" if may_be_new else "Find a class")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self._model = QtCore.QStringListModel(self._names, self)
        self.list = QtWidgets.QListView()
        self.list.setObjectName("class_chooser_list")
        self.list.setAccessibleName("Classes")
        self.list.setModel(self._model)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(3)
        self.list.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._take)
        self.list.activated.connect(self._take)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        column.setSpacing(theme.S)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.resize(theme.scaled(_SIZE.width()), theme.scaled(_SIZE.height()))
        self._narrow("")

    def open_below(self, widget: QtWidgets.QWidget) -> None:
        """Show it under a widget, or over it where the screen ends."""
        place = widget.mapToGlobal(widget.rect().bottomLeft())
        screen = widget.screen().availableGeometry()
        if place.y() + self.height() > screen.bottom():
            place = widget.mapToGlobal(widget.rect().topLeft()) - QtCore.QPoint(0, self.height())
        place.setX(max(screen.left(), min(place.x(), screen.right() - self.width())))
        self.move(place)
        self.show()
        self.field.setFocus()

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Arrows in the field move in the list."""
        if isinstance(event, QtGui.QKeyEvent) and event.type() == QtCore.QEvent.Type.KeyPress:
            keys = QtCore.Qt.Key
            key = QtCore.Qt.Key(event.key())
            if key in (keys.Key_Down, keys.Key_Up, keys.Key_PageDown, keys.Key_PageUp):
                QtWidgets.QApplication.sendEvent(self.list, event)
                return True
            if key in (keys.Key_Return, keys.Key_Enter):
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        found = [name for name in self._names if wanted in name.casefold()]
        self._new = one_spelling(text.strip()) if self._may_be_new and wanted else ""
        if self._new and self._new not in self._names:
            found.append(f"New class “{isolated(self._new)}”")
        self._model.setStringList(found)
        self.list.setCurrentIndex(self._model.index(0))

    def _take(self, index: QtCore.QModelIndex) -> None:
        if index.isValid():
            name: str = index.data()
            if self._new and index.row() == self._model.rowCount() - 1 and self._new not in self._names:
                name = self._new
            self.close()
            self.chosen.emit(name)
