"""Entries of menus: actions with keys that scripts find by their names."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtGui, QtWidgets

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
        theme.on_change(action, partial(_follow, action, scheme))
        group.addAction(action)


def _follow(action: QtGui.QAction, scheme: theme.Scheme) -> None:
    action.setChecked(theme.scheme() == scheme)
