"""Labels that show text as it is: names of classes and files are the user's words, never markup."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from cnnstudio.ui.look import theme


def label(text: str = "", role: theme.Role = "body", *, kind: str = "", wrap: bool = False, name: str = "") -> QLabel:
    """A plain-text label in a role's font; ``kind`` is muted, good, bad or badge."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(theme.font(role))
    made.setWordWrap(wrap)
    if name:
        made.setObjectName(name)
    if kind:
        made.setProperty("kind", kind)
    return made


def set_kind(widget: QWidget, kind: str) -> None:
    """Change a widget's style."""
    widget.setProperty("kind", kind)
    restyle(widget)


def restyle(widget: QWidget) -> None:
    """Let the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
