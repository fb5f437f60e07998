"""The menu bar: everything the pages offer, with keys."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio import __version__
from cnnstudio.core import log_folder
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon

SCHEMES: tuple[tuple[theme.Scheme, str], ...] = (
    ("system", "System theme"), ("light", "Light theme"), ("dark", "Dark theme"),
)  # fmt: skip
_SCHEME_ACTIONS: dict[theme.Scheme, str] = {"system": "coloursasthesystem", "light": "light", "dark": "dark"}
"""Object names that scripts rely on; they outlive the words."""


def add_action(
    menu: QtWidgets.QMenu,
    text: str,
    on_click: Callable[[], object],
    *,
    shortcut: QtGui.QKeySequence | QtGui.QKeySequence.StandardKey | None = None,
    icon_name: str = "",
    name: str = "",
) -> QtGui.QAction:
    """An action; its object name is made from its text unless ``name`` is given."""
    action = QtGui.QAction(text, menu.window())
    action.setObjectName(f"action_{name or ''.join(letter for letter in text.lower() if letter.isalpha())}")
    if shortcut is not None:
        action.setShortcut(shortcut)
    if icon_name:
        action.setIcon(icon(icon_name))
        theme.on_change(action, lambda: action.setIcon(icon(icon_name)))
    action.triggered.connect(lambda _=False: on_click())
    menu.addAction(action)
    return action


def add_scheme_actions(menu: QtWidgets.QMenu, chosen: str, choose: Callable[[theme.Scheme], object]) -> None:
    """System, light, dark: one of them checked."""
    group = QtGui.QActionGroup(menu)
    for scheme, title in SCHEMES:
        action = add_action(menu, title, partial(choose, scheme), name=_SCHEME_ACTIONS[scheme])
        action.setCheckable(True)
        action.setChecked(chosen == scheme)
        group.addAction(action)


def add_help_menu(window: QtWidgets.QMainWindow) -> None:
    """Logs and about."""
    menu = window.menuBar().addMenu("&Help")
    add_action(menu, "Show the log folder", _show_logs, icon_name="open-folder")
    add_action(menu, "About CNN Studio", partial(_about, window), icon_name="info")


def _show_logs() -> None:
    QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(log_folder())))


def _about(window: QtWidgets.QMainWindow) -> None:
    text = (
        f"CNN Studio {__version__}\n\nFine-tune a pretrained image network on your own pictures: private, offline, "
        "without programming.\n\nNetworks and weights: torchvision. Window: Qt for Python."
    )
    QtWidgets.QMessageBox.about(window, "About CNN Studio", text)
