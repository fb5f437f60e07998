"""One visual language: the colours in use, spacing, type, and the style sheet made from them."""

from collections.abc import Callable
from typing import Literal

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import resource
from cnnstudio.ui.look.colours import DARK, LIGHT, Theme
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
    if _scheme != "system":
        return DARK if _scheme == "dark" else LIGHT
    app = QtWidgets.QApplication.instance()
    hints = app.styleHints() if isinstance(app, QtWidgets.QApplication) else None
    return DARK if hints is not None and hints.colorScheme() == QtCore.Qt.ColorScheme.Dark else LIGHT


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


def apply(app: QtWidgets.QApplication) -> None:
    """Colour the application, now and when the system's scheme changes. Parts of windows are dressed by ``dress``."""
    global _in_use
    _in_use = _wanted()
    if app.property("themed") is None:
        app.setProperty("themed", "yes")
        app.setStyle(QtWidgets.QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(lambda _: apply(app))
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


def style_sheet(theme: Theme) -> str:
    """The one style sheet. Widgets are told apart by the dynamic property ``kind``."""
    tone = "dark" if theme.dark else "light"
    arrow_down, arrow_up, tick = (
        resource("icons", f"{name}-{tone}.svg").as_posix() for name in ("arrow-down", "arrow-up", "tick")
    )
    return f"""
QMainWindow, QDialog {{ background: {theme.window}; }}
QToolTip {{ background: {theme.surface_alt}; color: {theme.text}; border: 1px solid {theme.border};
    padding: 4px 6px; }}
QFrame[kind="card"] {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 10px; }}
QFrame[kind="drop"] {{ background: {theme.surface}; border: 2px dashed {theme.outline}; border-radius: 14px; }}
QFrame[kind="card"][hot="true"] {{ border: 2px solid {theme.accent}; background: {theme.accent_soft}; }}
QFrame[kind="drop"][hot="true"] {{ border-color: {theme.accent}; background: {theme.accent_soft}; }}
QLabel[kind="muted"][hot="true"] {{ color: {theme.accent}; }}
QListView[hot="true"] {{ border: 2px solid {theme.accent}; }}
QFrame[kind="rail"] {{ background: {theme.surface}; border: none; border-right: 1px solid {theme.border}; }}
QFrame[kind="drawer"] {{ background: {theme.surface}; border: 1px solid {theme.border};
    border-top-left-radius: 10px; border-bottom-left-radius: 10px; }}
QFrame[kind="option"] {{ border: none; border-left: 3px solid transparent; }}
QFrame[kind="option"][changed="true"] {{ border-left: 3px solid {theme.accent}; }}
QFrame[kind="line"] {{ background: {theme.border}; border: none; max-height: 1px; }}
QLabel[kind="muted"] {{ color: {theme.muted}; }}
QLabel[kind="accent"] {{ color: {theme.accent}; }}
QLabel[kind="good"] {{ color: {theme.good}; }}
QLabel[kind="bad"] {{ color: {theme.bad}; }}
QLabel[kind="badge"] {{ background: {theme.accent_soft}; color: {theme.accent}; border-radius: 8px; padding: 2px 8px; }}
QLabel[kind="badge"][on="true"] {{ background: {theme.surface}; }}
QFrame[kind="notice"] {{ background: {theme.accent_soft}; border: 1px solid {theme.border}; border-radius: 8px; }}
QFrame[kind="notice"][place="top"] {{ margin-top: {S}px; }}
QFrame[kind="notice"][level="warn"] {{ border-left: 4px solid {theme.warn}; }}
QFrame[kind="notice"][level="error"] {{ border-left: 4px solid {theme.bad}; }}
QFrame[kind="notice"][level="good"] {{ border-left: 4px solid {theme.good}; }}
QFrame[kind="notice"][level="info"] {{ border-left: 4px solid {theme.accent}; }}
QFrame[kind="toast"] {{ background: {theme.surface}; border: 1px solid {theme.muted}; border-radius: 10px; }}
QPushButton {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 7px;
    padding: 6px 14px; min-height: 20px; }}
QPushButton:hover {{ background: {theme.surface_alt}; }}
QPushButton:disabled {{ color: {theme.muted}; background: {theme.surface_alt}; }}
QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 5px 13px; }}
QPushButton[kind="primary"] {{ background: {theme.accent}; color: {theme.accent_text}; border: 1px solid {theme.accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {theme.accent_hover}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {theme.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {theme.surface_alt}; color: {theme.muted};
    border-color: {theme.border}; }}
QPushButton[kind="ghost"] {{ background: transparent; border: 1px solid transparent; padding: 5px 8px;
    color: {theme.accent}; }}
QPushButton[kind="ghost"]:hover {{ background: {theme.accent_soft}; }}
QPushButton[kind="ghost"]:focus {{ border: 2px solid {theme.accent}; padding: 4px 7px; }}
QPushButton[kind="ghost"]:disabled {{ color: {theme.muted}; background: transparent; }}
QPushButton[kind="nav"] {{ background: transparent; border: none; border-radius: 8px; text-align: left;
    padding: 9px 12px; color: {theme.muted}; font-weight: 500; }}
QPushButton[kind="nav"]:hover {{ background: {theme.surface_alt}; color: {theme.text}; }}
QPushButton[kind="nav"]:checked {{ background: {theme.accent_soft}; color: {theme.accent}; font-weight: 600; }}
QPushButton[kind="nav"]:focus {{ border: 2px solid {theme.accent}; padding: 7px 10px; }}
QPushButton[kind="tab"] {{ background: transparent; border: 1px solid transparent; color: {theme.muted};
    font-weight: 600; padding: 5px 12px; }}
QPushButton[kind="tab"]:hover {{ background: {theme.surface_alt}; color: {theme.text}; }}
QPushButton[kind="tab"]:checked {{ background: {theme.accent_soft}; color: {theme.accent}; }}
QPushButton[kind="tab"]:focus {{ border: 2px solid {theme.accent}; padding: 4px 11px; }}
QPushButton[density="small"] {{ padding: 1px 4px; min-height: 16px; color: {theme.muted}; text-align: left; }}
QPushButton[kind="ghost"][density="small"] {{ color: {theme.accent}; }}
QPushButton[density="small"]:checked {{ background: {theme.accent_soft}; color: {theme.accent}; }}
QPushButton[density="small"]:focus {{ padding: 0px 3px; }}
QFrame[kind="chip"] {{ border: 1px solid {theme.outline}; border-radius: 7px; background: transparent; }}
QFrame[kind="chip"][narrows="true"] {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
QFrame[kind="chip"] QPushButton {{ color: {theme.text}; }}
QPushButton[kind="choice"] {{ text-align: left; padding: 12px 14px; border-radius: 10px; min-height: 88px; }}
QPushButton[kind="choice"]:checked {{ border: 2px solid {theme.accent}; background: {theme.accent_soft};
    padding: 11px 13px; }}
QPushButton[kind="row"] {{ text-align: left; padding: 9px 12px; border-color: transparent; background: transparent; }}
QPushButton[kind="row"]:hover {{ background: {theme.surface_alt}; }}
QPushButton[kind="tab"][density="tight"] {{ padding: 5px 8px; }}
QPushButton[kind="tab"][density="tight"]:focus {{ padding: 4px 7px; }}
QPushButton[density="chip"] {{ padding: 3px 4px; min-height: 20px; border-radius: 6px; }}
QPushButton[density="chip"]:checked {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
QPushButton[density="chip"]:focus {{ padding: 2px 3px; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QListWidget, QListView, QTableView, QTreeView {{
    background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 7px;
    selection-background-color: {theme.selection}; selection-color: {theme.selection_text}; outline: none; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{ border-color: {theme.outline}; }}
QListView[kind="cards"], QListView[kind="cards"]:focus {{ background: transparent; border: none; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ padding: 5px 8px; min-height: 20px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QTableView:focus, QListWidget:focus,
QListView:focus, QTreeView:focus, QPlainTextEdit:focus {{ border: 2px solid {theme.accent}; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox[density="small"] {{ padding: 0px 4px; min-height: 18px; border-radius: 5px; }}
QComboBox::down-arrow {{ image: url({arrow_down}); width: 14px; height: 14px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ subcontrol-origin: border; subcontrol-position: top right;
    width: 24px; border: none; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ subcontrol-origin: border; subcontrol-position: bottom right;
    width: 24px; border: none; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({arrow_up}); width: 12px; height: 12px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({arrow_down}); width: 12px; height: 12px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.muted}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {theme.accent}; }}
QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px; background: {theme.accent}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {theme.text}; width: 10px; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {theme.muted}; border-radius: 4px;
    background: {theme.surface}; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent}; image: url({tick}); }}
QCheckBox:focus {{ color: {theme.accent}; }}
QCheckBox::indicator:focus {{ border: 2px solid {theme.accent}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0 2px; min-height: 0;
    background: transparent; }}
QAbstractSpinBox QLineEdit {{ padding: 0 6px; }}
QComboBox QAbstractItemView {{ background: {theme.surface}; color: {theme.text}; border: none; border-radius: 0;
    selection-background-color: {theme.selection}; selection-color: {theme.selection_text}; }}
QComboBoxPrivateContainer {{ background: {theme.surface}; border: 1px solid {theme.outline}; }}
QDialogButtonBox, QMessageBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
#network_diagram, #lab_diagram {{ border: 2px solid transparent; }}
#network_diagram:focus, #lab_diagram:focus {{ border-color: {theme.accent}; }}
QTableView {{ gridline-color: transparent; alternate-background-color: {theme.surface_alt}; }}
QTableView::item {{ padding: 4px 6px; }}
QHeaderView::section {{ background: {theme.surface}; color: {theme.muted}; border: none;
    border-bottom: 1px solid {theme.border}; padding: 7px 5px; font-weight: 600; }}
QHeaderView {{ background: {theme.surface}; }}
QListWidget[spaced="true"]::item {{ padding: 4px 8px; }}
QTreeView[spaced="true"]::item {{ padding: 5px 6px; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QTableCornerButton::section {{ background: {theme.surface}; border: none; }}
QProgressBar {{ background: {theme.surface_alt}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 4px; }}
QScrollArea, QScrollArea > QWidget > QWidget[kind="column"] {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 11px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 2px; }}
QScrollBar::handle {{ background: {theme.outline}; border-radius: 4px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {theme.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenuBar {{ background: {theme.surface}; color: {theme.text}; border-bottom: 1px solid {theme.border}; }}
QMenuBar::item {{ padding: 5px 10px; background: transparent; }}
QMenuBar::item:selected {{ background: {theme.surface_alt}; }}
QMenu {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px; }}
QMenu::item {{ padding: 6px 26px 6px 22px; border-radius: 5px; }}
QMenu::item:selected {{ background: {theme.selection}; color: {theme.selection_text}; }}
QMenu::item:disabled {{ color: {theme.muted}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 8px; }}
QStatusBar {{ background: {theme.surface}; color: {theme.muted}; border-top: 1px solid {theme.border}; }}
QStatusBar::item {{ border: none; }}
QSplitter::handle {{ background: transparent; }}
QCheckBox {{ spacing: 8px; }}
"""
