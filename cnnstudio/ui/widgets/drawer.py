"""A panel that slides over the right side of a page, for what few need: closed, it takes no room at all."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.controls import button, label

_WIDTH = 440


class Drawer(QtWidgets.QFrame):
    """Add what always stays in sight to ``top``, and what scrolls to ``body``."""

    closed = QtCore.Signal()
    """By whomever."""

    def __init__(self, name: str, title: str, page: QtWidgets.QWidget, over: QtWidgets.QWidget) -> None:
        """It lies in ``page``, over the right side of ``over``."""
        super().__init__(page)
        self.setObjectName(name)
        self.setProperty("kind", "drawer")
        self.setAccessibleName(title)
        self._page, self._over = page, over
        self._opener: QtWidgets.QWidget | None = None
        self.title = label(title, "heading")
        self.dismiss = button("", f"{name}_close", self.close_it, kind="ghost", icon_name="close")
        self.dismiss.setAccessibleName(f"Close {title}")
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.dismiss)
        self.top = QtWidgets.QVBoxLayout()
        self.top.setSpacing(theme.S)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        self.body = QtWidgets.QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, theme.S, 0)
        self.body.setSpacing(theme.M)
        self.area = QtWidgets.QScrollArea()
        self.area.setWidget(content)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addLayout(self.top)
        column.addWidget(self.area, 1)
        over.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it is shown, be its page or not."""
        return not self.isHidden()

    def open(self, first: QtWidgets.QWidget) -> None:
        """Show it, with the keyboard in ``first``; it comes back to where it was when the drawer is closed."""
        if self.is_open:
            return
        self._opener = QtWidgets.QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self._application().focusChanged.connect(self._take_over)
        first.setFocus(QtCore.Qt.FocusReason.OtherFocusReason)

    def close_it(self) -> None:
        """Hide it."""
        if not self.is_open:
            return
        had_focus = self.isAncestorOf(QtWidgets.QApplication.focusWidget() or self.window())
        self._application().focusChanged.disconnect(self._take_over)
        self.hide()
        if had_focus and self._opener is not None and self._opener.isVisible():
            self._opener.setFocus(QtCore.Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    @staticmethod
    def _application() -> QtWidgets.QApplication:
        app = QtWidgets.QApplication.instance()
        assert isinstance(app, QtWidgets.QApplication)
        return app

    @QtCore.Slot(QtWidgets.QWidget, QtWidgets.QWidget)
    def _take_over(self, _before: QtWidgets.QWidget | None, now: QtWidgets.QWidget | None) -> None:
        """What it lies over gets no keys: they go on in the drawer."""
        if now is None or not self.isVisible() or not self._page.isAncestorOf(now) or self.isAncestorOf(now):
            return
        place = QtCore.QRect(now.mapTo(self._page, QtCore.QPoint()), now.size())
        if self.geometry().contains(place.center()):
            self.dismiss.setFocus(QtCore.Qt.FocusReason.TabFocusReason)

    @override
    def focusNextPrevChild(self, next: bool) -> bool:
        """The Tab key stays in it until it is closed: what it lies over cannot be seen."""
        at = to = QtWidgets.QApplication.focusWidget()
        if at is None or not self.isAncestorOf(at):
            return super().focusNextPrevChild(next)
        while to is not None and (to := to.nextInFocusChain() if next else to.previousInFocusChain()) is not at:
            takes = to.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus and to.focusProxy() is None
            if takes and self.isAncestorOf(to) and to.isVisible() and to.isEnabled():
                reason = QtCore.Qt.FocusReason.TabFocusReason if next else QtCore.Qt.FocusReason.BacktabFocusReason
                to.setFocus(reason)
                break
        return True

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.close_it()
        else:
            super().keyPressEvent(event)

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if event.type() in (QtCore.QEvent.Type.Resize, QtCore.QEvent.Type.Move) and self.is_open:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Down to the lower edge of the page, whatever margin lies there."""
        corner = self._over.mapTo(self._page, QtCore.QPoint(self._over.width(), 0))
        width = min(theme.scaled(_WIDTH), self._over.width(), self._page.width())
        right, top = min(corner.x(), self._page.width()), max(0, corner.y())  # what it lies over may be scrolled
        self.setGeometry(right - width, top, width, self._page.height() - top)
