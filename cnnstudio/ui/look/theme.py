"""One visual language: the colours in use, spacing, type, and the style sheet made from them."""

from collections.abc import Callable
from typing import Literal

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import focus, spoken
from cnnstudio.ui.look.colours import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Theme
from cnnstudio.ui.look.letters import scaled as scaled
from cnnstudio.ui.look.style_sheet import style_sheet
from cnnstudio.ui.look.turns import soon

XS, S, M, L, XL = 4, 8, 16, 24, 40
"""Spacing in device-independent pixels."""
Scheme = Literal["system", "light", "dark"]
Role = Literal["figure", "display", "title", "heading", "body", "caption"]
_SIZES: dict[Role, tuple[float, int]] = {
    "figure": (2.8, 600),
    "display": (2.0, 600), "title": (1.55, 600), "heading": (1.12, 600), "body": (1.0, 400), "caption": (0.9, 400),
}  # fmt: skip


class Notifier(QtCore.QObject):
    """Tells widgets that paint themselves that the colours changed."""

    changed = QtCore.Signal()


_notifier: Notifier | None = None
_scheme: Scheme = "system"
_contrast = False
_in_use: Theme | None = None
"""Since the application was coloured; asked for with everything that is painted."""


def notifier() -> Notifier:
    """The one notifier, which lives as long as the application."""
    global _notifier
    if _notifier is None:
        _notifier = Notifier()
    return _notifier


def on_change(owner: QtCore.QObject, react: Callable[[], object]) -> None:
    """Call ``react`` when the colours change, as long as ``owner`` lives; for lambdas, which Qt cannot disconnect."""
    connection = notifier().changed.connect(react)
    owner.destroyed.connect(lambda: QtCore.QObject.disconnect(connection))


def current() -> Theme:
    """The colours in use."""
    return _in_use or _wanted()


def _wanted() -> Theme:
    app = QtWidgets.QApplication.instance()
    hints = app.styleHints() if isinstance(app, QtWidgets.QApplication) else None
    is_dark = _scheme == "dark"
    if _scheme == "system":
        is_dark = hints is not None and hints.colorScheme() == QtCore.Qt.ColorScheme.Dark
    if _contrast or (hints is not None and _asks_for_contrast(hints)):
        return DARK_CONTRAST if is_dark else LIGHT_CONTRAST
    return DARK if is_dark else LIGHT


def _asks_for_contrast(hints: QtGui.QStyleHints) -> bool:
    """Qt tells it from 6.10 on."""
    if not hasattr(hints, "accessibility"):
        return False
    return hints.accessibility().contrastPreference() == QtCore.Qt.ContrastPreference.HighContrast


def scheme() -> Scheme:
    """What the user chose."""
    return _scheme


def set_scheme(wanted: Scheme) -> None:
    """Follow the system, or stay light or dark."""
    global _scheme, _in_use
    _scheme, _in_use = wanted, None
    app = QtWidgets.QApplication.instance()
    if isinstance(app, QtWidgets.QApplication):
        apply(app)


def set_contrast(*, high: bool) -> None:
    """High contrast, or what the system asks for."""
    global _contrast, _in_use
    _contrast, _in_use = high, None
    app = QtWidgets.QApplication.instance()
    if isinstance(app, QtWidgets.QApplication) and app.property("themed"):
        apply(app)


def apply(app: QtWidgets.QApplication) -> None:
    """Colour the application, now and when the system's scheme changes. Parts of windows are dressed by ``dress``."""
    global _in_use
    _in_use = _wanted()
    if app.property("themed") is None:
        app.setProperty("themed", "yes")
        spoken.begin()
        focus.begin(app)
        app.setStyle(QtWidgets.QStyleFactory.create("Fusion"))
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(lambda _: apply(app))
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(lambda _: apply(app))
    app.setPalette(_palette(current()))
    notifier().changed.emit()


class _Dress(QtCore.QObject):
    """The style sheet of one part of a window, in the colours in use."""

    def __init__(self, part: QtWidgets.QWidget) -> None:
        super().__init__(part)
        self._part = part
        self._old = True
        part.installEventFilter(self)
        notifier().changed.connect(self._change)
        self._change()

    @QtCore.Slot()
    def _change(self) -> None:
        self._old = True
        if self._part.isVisible():
            self._renew()
        else:
            soon(self, self._renew, seen=False)

    def _renew(self) -> None:
        if self._old:
            self._old = False
            self._part.setStyleSheet(style_sheet(current()))

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Type.Show:
            self._renew()
        return super().eventFilter(watched, event)


def dress(part: QtWidgets.QWidget) -> None:
    """Give a part of a window that is built the style sheet, and all that is opened from it; it follows the colours.

    Not the application: then Qt would style every widget anew each time that one is put into another. Nor the window:
    then all pages would be styled at once, for 0.2 seconds. A part that is not seen has a turn of its own.
    """
    _Dress(part)


def dress_opened(opened: QtWidgets.QWidget) -> None:
    """The same for what opens over a window, whose buttons were made before and have icons of the system's."""
    dress(opened)
    for box in opened.findChildren(QtWidgets.QDialogButtonBox):
        for entry in box.buttons():
            entry.setIcon(QtGui.QIcon())


def font(role: Role) -> QtGui.QFont:
    """The system's font in the size of a role; digits are as wide as each other where the font allows it."""
    chosen = QtGui.QFont(QtWidgets.QApplication.font())
    factor, weight = _SIZES[role]
    chosen.setPointSizeF(max(9.0, QtWidgets.QApplication.font().pointSizeF() or 10.0) * factor)
    chosen.setWeight(QtGui.QFont.Weight(weight))
    return chosen


def _palette(theme: Theme) -> QtGui.QPalette:
    palette = QtGui.QPalette()
    role_of = QtGui.QPalette.ColorRole
    roles = {
        role_of.Window: theme.window, role_of.WindowText: theme.text,
        role_of.Base: theme.surface, role_of.AlternateBase: theme.surface_alt,
        role_of.Text: theme.text, role_of.Button: theme.surface,
        role_of.ButtonText: theme.text, role_of.PlaceholderText: theme.muted,
        role_of.ToolTipBase: theme.surface_alt, role_of.ToolTipText: theme.text,
        role_of.Highlight: theme.selection, role_of.HighlightedText: theme.selection_text,
        role_of.Link: theme.accent, role_of.Accent: theme.accent,
    }  # fmt: skip
    for role, colour in roles.items():
        palette.setColor(role, QtGui.QColor(colour))
    for role in (
        QtGui.QPalette.ColorRole.Text,
        QtGui.QPalette.ColorRole.ButtonText,
        QtGui.QPalette.ColorRole.WindowText,
    ):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, role, QtGui.QColor(theme.muted))
    return palette
