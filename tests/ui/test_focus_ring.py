"""Where the keyboard is, is seen: WCAG's 3:1 between a control with and without it, in every theme."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.lab.operation.kernel_grid import KernelGrid
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.colours import MARK
from cnnstudio.ui.widgets import button, combo, slider
from tests.ui.faults import is_control, path_of
from tests.ui.sheets import STATES, Scene, shown, views_in

THEMES = [("light", False), ("dark", False), ("light", True), ("dark", True)]
LEAST = 40
"""Pixels that change that much: the handle of a slider, the edge of a box to tick."""


def luminance(window: QWidget, part: QRect) -> np.ndarray:
    """Of every pixel, as WCAG has it."""
    image = window.grab(part).toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1] / 255
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def ring_of(control: QWidget) -> int:
    """How many pixels change by 3:1 when the keyboard gets there."""
    window = control.window()
    control.setFocus(Qt.FocusReason.TabFocusReason)
    around = control.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(control)
        around = around.parentWidget()
    QCoreApplication.processEvents()
    place = QRect(control.mapTo(window, QPoint(0, 0)), control.size()).adjusted(-3, -3, 3, 3) & window.rect()
    if not control.hasFocus() or place.isEmpty():
        return -1
    focused = luminance(window, place)
    control.clearFocus()
    QCoreApplication.processEvents()
    plain = luminance(window, place)
    ratio = (np.maximum(focused, plain) + 0.05) / (np.minimum(focused, plain) + 0.05)
    return int((ratio >= MARK).sum())


@pytest.fixture(autouse=True)
def usual_theme(qapp):
    yield
    theme.set_contrast(high=False)
    theme.set_scheme("light")


@pytest.fixture
def host(qtbot):
    """One of each kind."""
    made = QWidget()
    made.resize(300, 700)
    column = QVBoxLayout(made)
    kinds = ("primary", "secondary", "ghost", "row", "choice", "nav", "tab")
    parts = [button("Do it", kind, kind=kind) for kind in kinds]
    for kind in ("choice", "nav", "tab"):
        parts.append(button("Chosen", f"{kind}_on", kind=kind))
        parts[-1].setCheckable(True)
        parts[-1].setChecked(True)
    chip = button("Chip", "chip_on", kind="row")
    chip.setProperty("density", "chip")
    chip.setCheckable(True)
    chip.setChecked(True)
    tick = QCheckBox("Tick")
    parts += [chip, tick, slider("s", "S", 0, 10, 5), combo("c", "C", [("x", 1)]), QSpinBox(), QLineEdit()]
    parts += [QPlainTextEdit(), QListWidget(), KernelGrid("k", "K")]
    for part in parts:
        column.addWidget(part)
    theme.dress(made)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return parts


def test_every_kind_of_control_shows_that_the_keyboard_is_in_it(host):
    faint = {}
    for scheme, high in THEMES:
        theme.set_scheme(scheme)
        theme.set_contrast(high=high)
        for part in host:
            if (pixels := ring_of(part)) < LEAST:
                faint[scheme, high, part.objectName() or type(part).__name__] = pixels
    assert faint == {}


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "high"), THEMES)
def test_on_every_page_it_is_seen_where_the_keyboard_is(tmp_path, monkeypatch, qtbot, scheme, high):
    monkeypatch.setattr("PySide6.QtCore.QSettings.value", lambda *_: None)
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda *_: None)
    theme.set_scheme(scheme)
    theme.set_contrast(high=high)
    scene, faint, tried = Scene(tmp_path), {}, set()
    try:
        STATES["done-ten"](scene)
        for view in views_in("done-ten"):
            if view in ("predict-serving", "predict-camera"):
                continue  # a drawer lies over some of it
            window = shown(scene, view, QSize(1440, 900))
            window.activateWindow()
            for control in window.findChildren(QWidget):
                takes_keys = control.focusPolicy() & Qt.FocusPolicy.TabFocus and control.focusProxy() is None
                path = path_of(control)
                if path in tried or not (control.isVisible() and control.isEnabled() and takes_keys):
                    continue
                if is_control(control):
                    tried.add(path)
                    pixels = ring_of(control)
                    if 0 <= pixels < LEAST:
                        faint[f"{view}: {path}"] = pixels
    finally:
        scene.close()
    assert faint == {}
    assert len(tried) > 150
