"""What was just done, at the foot of the window for some seconds, with the way back."""

from collections.abc import Callable

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import announce
from cnnstudio.ui.widgets.controls import button, label

_STAYS_MS = 8000
_WIDEST = 720


class Toast(QtWidgets.QFrame):
    """Floats over its host and takes no focus by itself; it stays while the mouse is on it or the keyboard in it."""

    def __init__(self, host: QtWidgets.QWidget, name: str = "toast") -> None:
        super().__init__(host)
        self.setObjectName(name)
        self.setProperty("kind", "toast")
        self.setAccessibleName("What was just done")
        self._host = host
        self.text = label("", wrap=True, name=f"{name}_text")
        self.action = button("", f"{name}_action", self._act, kind="ghost")
        self.dismiss = button("", f"{name}_close", self.hide, kind="ghost", icon_name="close")
        self.dismiss.setAccessibleName("Close this message")
        self._on_action: Callable[[], object] | None = None
        self.clock = QtCore.QTimer(self)
        self.clock.setSingleShot(True)
        self.clock.setInterval(_STAYS_MS)
        self.clock.timeout.connect(self._leave)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.XS, theme.XS, theme.XS)
        row.setSpacing(theme.S)
        row.addWidget(self.text, 1)
        row.addWidget(self.action)
        row.addWidget(self.dismiss)
        host.installEventFilter(self)
        self.hide()

    def tell(self, text: str, action: str = "", on_action: Callable[[], object] | None = None) -> None:
        """Say what was done, in place of what was said before; ``action`` is mostly *Undo*."""
        self.text.setText(text)
        self._on_action = on_action
        self.action.setText(action)
        self.action.setAccessibleName(f"{action}: {text}")
        self.action.setVisible(bool(action))
        self._place()
        self.show()
        self.raise_()
        self.clock.start()
        announce(self, text)

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    @override
    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        self.clock.stop()
        super().hideEvent(event)

    def _act(self) -> None:
        act = self._on_action
        self.hide()
        if act is not None:
            act()

    def _leave(self) -> None:
        if self.underMouse() or self.isAncestorOf(QtWidgets.QApplication.focusWidget() or self.window()):
            self.clock.start()
        else:
            self.hide()

    def _place(self) -> None:
        """At the foot of the host, over its status bar; as wide as the sentence, in one line where there is room."""
        host = self._host
        most = min(_WIDEST, host.width() - 2 * theme.L)
        line = self.text.fontMetrics().horizontalAdvance(self.text.text())
        beside = sum(part.sizeHint().width() for part in (self.action, self.dismiss) if not part.isHidden())
        width = min(most, line + beside + theme.M + theme.XS + 3 * theme.S)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        self.setGeometry((host.width() - width) // 2, host.height() - height - theme.XS, width, height)
