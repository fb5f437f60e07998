"""What a page shows before there is anything to show: what it is for, and what to do next."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.widgets.controls import button, label

_WIDTH = 460


class EmptyState(QWidget):
    """An icon, a title, a sentence, and one action."""

    def __init__(
        self, icon_name: str, title: str, text: str, action: str = "", on_action: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("empty_state")
        self._icon_name = icon_name
        self._picture = QLabel()
        column = QVBoxLayout(self)
        column.setSpacing(theme.S)
        column.addStretch(2)
        heading = label(title, "title")
        explanation = label(text, kind="muted", wrap=True)
        explanation.setFixedSize(_WIDTH, explanation.heightForWidth(_WIDTH))  # aligned, a layout would not ask for it
        for widget in (self._picture, heading, explanation):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        if action:
            column.addSpacing(theme.S)
            self.action = button(action, "empty_state_action", on_action, kind="primary")
            column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.notifier().changed.connect(self._tint)
        self._tint()

    def _tint(self) -> None:
        self._picture.setPixmap(pixmap(self._icon_name, 56, theme.current().muted, self.devicePixelRatioF()))
