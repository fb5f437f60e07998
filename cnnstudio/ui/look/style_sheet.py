"""The one style sheet, made from the colours."""

from pathlib import Path

from cnnstudio.core import resource
from cnnstudio.ui.look.colours import Theme
from cnnstudio.ui.look.letters import scaled

_ABOVE = 8
"""Pixels above a notice at the top of the window."""


def style_sheet(theme: Theme) -> str:
    """The one style sheet. Widgets are told apart by the dynamic property ``kind``."""
    tone = "dark" if theme.dark else "light"
    arrow_down, arrow_up, tick = (
        _quoted(resource("icons", f"{name}-{tone}.svg")) for name in ("arrow-down", "arrow-up", "tick")
    )
    line, low, box, choice = (scaled(pixels) for pixels in (20, 16, 16, 88))
    return f"""
QMainWindow, QDialog {{ background: {theme.window}; }}
QToolTip {{ background: {theme.surface_alt}; color: {theme.text}; border: 1px solid {theme.border};
    padding: 4px 6px; }}
QFrame[kind="card"] {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 10px; }}
QFrame[kind="drop"] {{ background: {theme.surface}; border: 2px dashed {theme.outline}; border-radius: 14px; }}
QFrame[kind="card"][hot="true"] {{ border: 2px solid {theme.accent}; background: {theme.accent_soft}; }}
QFrame[kind="drop"][hot="true"] {{ border-color: {theme.accent}; background: {theme.accent_soft}; }}
QLabel[kind="muted"][hot="true"] {{ color: {theme.accent}; }}
QListView[hot="true"] {{ border: 2px solid {theme.accent}; padding: 0; }}
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
QFrame[kind="notice"][place="top"] {{ margin-top: {_ABOVE}px; }}
QFrame[kind="notice"][level="warn"] {{ border-left: 4px solid {theme.warn}; }}
QFrame[kind="notice"][level="error"] {{ border-left: 4px solid {theme.bad}; }}
QFrame[kind="notice"][level="good"] {{ border-left: 4px solid {theme.good}; }}
QFrame[kind="notice"][level="info"] {{ border-left: 4px solid {theme.accent}; }}
QFrame[kind="toast"] {{ background: {theme.surface}; border: 1px solid {theme.muted}; border-radius: 10px; }}
QAbstractButton, QSlider {{ outline: none; }}
QPushButton {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 7px;
    padding: 6px 14px; min-height: {line}px; }}
QPushButton:hover {{ background: {theme.surface_alt}; }}
QPushButton:disabled {{ color: {theme.muted}; background: {theme.surface_alt}; }}
QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 5px 13px; }}
QPushButton[kind="primary"] {{ background: {theme.accent}; color: {theme.accent_text}; border: 1px solid {theme.accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {theme.accent_hover}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {theme.text}; outline: 2px solid {theme.accent_text};
    outline-offset: 2px; outline-radius: 5px; }}
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
QPushButton[density="small"] {{ padding: 1px 4px; min-height: {low}px; color: {theme.muted}; text-align: left; }}
QPushButton[kind="ghost"][density="small"] {{ color: {theme.accent}; }}
QPushButton[density="small"]:checked {{ background: {theme.accent_soft}; color: {theme.accent}; }}
QPushButton[density="small"]:focus {{ padding: 0px 3px; }}
QFrame[kind="chip"] {{ border: 1px solid {theme.outline}; border-radius: 7px; background: transparent; }}
QFrame[kind="chip"][narrows="true"] {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
QFrame[kind="chip"] QPushButton {{ color: {theme.text}; }}
QPushButton[kind="choice"] {{ text-align: left; padding: 12px 14px; border-radius: 10px; min-height: {choice}px; }}
QPushButton[kind="choice"]:checked {{ border: 2px solid {theme.accent}; background: {theme.accent_soft};
    padding: 11px 13px; }}
QPushButton[kind="choice"]:focus {{ border: 4px solid {theme.accent}; padding: 9px 11px; }}
QPushButton[kind="row"] {{ text-align: left; padding: 9px 12px; border-color: transparent; background: transparent; }}
QPushButton[kind="row"]:hover {{ background: {theme.surface_alt}; }}
QPushButton[kind="row"]:focus {{ border: 2px solid {theme.accent}; padding: 8px 11px; }}
QPushButton[kind="tab"][density="tight"] {{ padding: 5px 8px; }}
QPushButton[kind="tab"][density="tight"]:focus {{ padding: 4px 7px; }}
QPushButton[density="chip"] {{ padding: 3px 4px; min-height: {line}px; border-radius: 6px; }}
QPushButton[density="chip"]:checked {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
QPushButton[density="chip"]:focus {{ padding: 2px 3px; }}
QPushButton[density="chip"]:checked:focus {{ border: 3px solid {theme.accent}; padding: 1px 2px; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QListWidget, QListView, QTableView, QTreeView {{
    background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 7px;
    selection-background-color: {theme.selection}; selection-color: {theme.selection_text}; outline: none; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{ border-color: {theme.outline}; }}
QListView[kind="cards"], QListView[kind="cards"]:focus {{ background: transparent; border: none; padding: 0; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ padding: 5px 8px; min-height: {line}px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QTableView:focus, QListWidget:focus,
QListView:focus, QTreeView:focus, QPlainTextEdit:focus {{ border: 2px solid {theme.accent}; }}
QListView, QTableView, QTreeView {{ padding: 1px; }}
QListView:focus, QTableView:focus, QTreeView:focus {{ padding: 0; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox[density="small"] {{ padding: 0px 4px; min-height: {scaled(18)}px; border-radius: 5px; }}
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
QSlider::handle:horizontal:focus {{ border: 3px solid {theme.accent}; width: 8px; background: {theme.surface}; }}
QCheckBox::indicator {{ width: {box}px; height: {box}px; border: 1px solid {theme.muted}; border-radius: 4px;
    background: {theme.surface}; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent}; image: url({tick}); }}
QCheckBox:focus {{ color: {theme.accent}; }}
QCheckBox::indicator:focus {{ border: 2px solid {theme.accent}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0 2px; min-height: 0;
    background: transparent; }}
QAbstractSpinBox QLineEdit {{ padding: 0 6px; }}
QComboBox QAbstractItemView {{ background: {theme.surface}; color: {theme.text}; border: none; border-radius: 0;
    padding: 0; selection-background-color: {theme.selection}; selection-color: {theme.selection_text}; }}
QComboBoxPrivateContainer {{ background: {theme.surface}; border: 1px solid {theme.outline}; }}
QDialogButtonBox, QMessageBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
#network_diagram, #lab_diagram, #second_look {{ border: 2px solid transparent; }}
#network_diagram:focus, #lab_diagram:focus, #second_look:focus {{ border-color: {theme.accent}; }}
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


def _quoted(file: Path) -> str:
    """For ``url()``, since the sheet would end at a space or another letter of the folder that we are installed in."""
    escaped = file.as_posix().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
