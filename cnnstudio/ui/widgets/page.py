"""The frame of every page, what it shows while it is empty, and all that the window knows of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.widgets.controls import button, label
from cnnstudio.ui.widgets.notice_bar import NoticeBar

_WIDTH = 460


class EmptyState(QtWidgets.QWidget):
    """An icon, a title, a sentence, and one action."""

    def __init__(
        self, icon_name: str, title: str, text: str, action: str = "", on_action: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("empty_state")
        self._icon_name = icon_name
        self._picture = QtWidgets.QLabel()
        column = QtWidgets.QVBoxLayout(self)
        column.setSpacing(theme.S)
        column.addStretch(2)
        self.title, self.text = label("", "title"), label("", kind="muted", wrap=True)
        self.say(title, text)
        for widget in (self._picture, self.title, self.text):
            if isinstance(widget, QtWidgets.QLabel):
                widget.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget, 0, QtCore.Qt.AlignmentFlag.AlignHCenter)
        if action:
            column.addSpacing(theme.S)
            self.action = button(action, "empty_state_action", on_action, kind="primary")
            column.addWidget(self.action, 0, QtCore.Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.notifier().changed.connect(self._tint)
        self._tint()

    def say(self, title: str, text: str) -> None:
        """Change its words."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setFixedSize(_WIDTH, self.text.heightForWidth(_WIDTH))  # aligned, a layout would not ask for it

    def _tint(self) -> None:
        self._picture.setPixmap(pixmap(self._icon_name, 56, theme.current().muted, self.devicePixelRatioF()))


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """What a page offers in the File menu."""

    text: str
    act: Callable[[], object]
    icon: str = ""
    shortcut: QtGui.QKeySequence.StandardKey | None = None
    name: str = ""
    """Of the action, for scripts, where it is not made from the text."""
    begins: bool = False
    """Whether it is of another kind than what stands above it."""


class Card(QtWidgets.QFrame):
    """A rounded surface; add content to ``body``, and small actions to ``head``."""

    def __init__(self, title: str = "", parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.body = QtWidgets.QVBoxLayout(self)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.head = QtWidgets.QHBoxLayout()
        self.title = label(title, "heading")
        if title:
            self.head.addWidget(self.title)
            self.head.addStretch(1)
            self.body.addLayout(self.head)


class Page(QtWidgets.QWidget):
    """Title, subtitle and a message line; add content to ``column``, which scrolls, and buttons to ``tools``."""

    takes_folders: ClassVar[bool] = False
    """Whether a folder that is dropped while the page is shown is for the page, and not one to learn from."""
    keys: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What keys do in its lists and views, for *Help → Keyboard shortcuts*: what is pressed, and what it does."""

    def __init__(self, name: str, title: str, subtitle: str = "", *, scrolls: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = label(title, "title", name=f"{name}_title")
        self.subtitle = label(subtitle, kind="muted", wrap=True, name=f"{name}_subtitle")
        self.notice = NoticeBar(f"{name}_notice")
        self.tools = QtWidgets.QHBoxLayout()
        self.tools.setSpacing(theme.S)
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        head = QtWidgets.QHBoxLayout()
        head.addLayout(words, 1)
        head.addLayout(self.tools)
        whole = Shrinking()
        outer = QtWidgets.QVBoxLayout(whole)
        outer.setContentsMargins(theme.L, theme.L, theme.L, theme.M)
        outer.setSpacing(theme.M)
        outer.addLayout(head)
        outer.addWidget(self.notice)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        self.column = QtWidgets.QVBoxLayout(content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.M)
        self._scrolling = scrolling(content) if scrolls else None
        outer.addWidget(self._scrolling or content, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._frame = scrolling(whole)
        self._frame.setObjectName("page_frame")
        column.addWidget(self._frame)

    def reveal(self, part: QtWidgets.QWidget) -> None:
        """Scroll to a part that is shown from now on, as soon as it has its place."""

        def show() -> None:
            around: QtWidgets.QWidget | None = part if part.isVisible() else None
            while around is not None and around is not self:
                around = around.parentWidget()
                if isinstance(around, QtWidgets.QScrollArea):
                    around.ensureWidgetVisible(part)

        QtCore.QTimer.singleShot(0, part, show)

    def menu_entries(self) -> Sequence[MenuEntry]:
        """For the File menu, in its order."""
        return ()

    def wants_pictures(self) -> bool:
        """Whether pictures that are dropped or pasted while the page is shown are for it; else they are predicted."""
        return False

    def take_pictures(self, paths: Sequence[Path]) -> None:
        """Take pictures that were dropped or pasted as files, if the page has a use for some."""

    def paste(self) -> None:
        """Take the picture that is on the clipboard, if the page has a use for one."""

    def release(self) -> None:
        """The window closes: wait for what reads in the background."""


class Shrinking(QtWidgets.QWidget):
    """What gives way until everything in it has the least room it needs, and only then scrolls.

    Letters may be twice as large as usual; Qt would scroll as soon as something has less room than it would like.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "column")

    @override
    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1


def scrolling(content: QtWidgets.QWidget) -> QtWidgets.QScrollArea:
    """A frameless place for something that may be higher than there is room, and with large letters also wider."""
    area = QtWidgets.QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
    return area
