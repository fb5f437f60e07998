"""The wheel scrolls: it changes no value of a field without the keyboard, and ruins no plot."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollBar

from cnnstudio.core import EpochDone
from cnnstudio.ui.network.network_plot import NetworkPlot
from cnnstudio.ui.train.live_plot import LivePlot
from cnnstudio.ui.train.panel import Panel
from cnnstudio.ui.train.rate_finder import RateFinder
from cnnstudio.ui.train.strength_plot import StrengthPlot
from cnnstudio.ui.widgets.plots import Plot
from tests.ui.conftest import CATALOGUE, SPEEDS
from tests.ui.real_wheel import wheel

CONTROL = Qt.KeyboardModifier.ControlModifier


def value(field):
    if isinstance(field, QComboBox):
        return field.currentIndex()
    return field.value() if hasattr(field, "value") else field.text()


def test_no_field_of_the_window_is_turned_by_a_wheel_that_passes_over_it(opened):
    """Fields that are hidden or disabled now, too: they are shown and enabled some time."""
    kinds = (QAbstractSpinBox, QComboBox, QAbstractSlider)
    fields = [
        field for kind in kinds for field in opened.findChildren(kind)
        if not isinstance(field, QScrollBar) and not isinstance(field.parent(), QScrollBar)
    ]  # fmt: skip
    assert len(fields) > 20
    opened.setFocus()
    for field in fields:
        before = value(field)
        for up in (True, False, False):
            wheel(field, up=up)
        assert value(field) == before, field.objectName()
        assert not field.hasFocus(), field.objectName()


def shown(plot, qtbot):
    qtbot.addWidget(plot)
    plot.resize(500, 320)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


@pytest.fixture
def curves(qtbot):
    plot = shown(Panel("p", "P"), qtbot)
    curve = plot.line("a", 0)
    curve.extend((number, number / 2) for number in range(1, 31))
    qtbot.waitUntil(lambda: plot.viewRange()[0][1] > 29 and plot.is_drawn)
    return plot


@pytest.fixture
def networks(qtbot):
    plot = shown(NetworkPlot(), qtbot)
    plot.show_networks(CATALOGUE.networks, ["Alpha", "Beta", "Gamma", "LeNet"], SPEEDS)
    return plot


@pytest.mark.parametrize("which", ["curves", "networks"])
def test_a_plot_is_zoomed_with_ctrl_and_shown_whole_with_a_double_click(which, request, qtbot):
    plot = request.getfixturevalue(which)
    before = plot.viewRange()
    for _ in range(6):
        wheel(plot.viewport())
    assert plot.viewRange() == before, "the page would have scrolled"
    assert not plot.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus, "nor takes the keyboard"
    for _ in range(6):
        wheel(plot.viewport(), keys=CONTROL)
    assert plot.viewRange()[0] != before[0]
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(250, 150))
    qtbot.waitUntil(lambda: plot.viewRange()[0] == pytest.approx(before[0]))
    assert plot.viewRange()[1] == pytest.approx(before[1])


def epochs(last):
    return [
        EpochDone(
            epoch=number, epochs=last, train_loss=1 / number, train_accuracy=0.5, validation_loss=1 / number,
            validation_accuracy=0.5, learning_rate=0.1, seconds=1.0, validation_images=9, is_best=False,
        )
        for number in range(1, last + 1)
    ]  # fmt: skip


def test_a_new_run_shows_all_of_itself_whatever_was_zoomed_before(qtbot):
    plot = shown(LivePlot(), qtbot)
    for _ in range(2):
        plot.begin()
        plot.add_epochs(epochs(30))
        for panel in (plot.loss, plot.accuracy):
            qtbot.waitUntil(lambda panel=panel: 29 < panel.viewRange()[0][1] < 40)
            for _ in range(30):
                wheel(panel.viewport(), keys=CONTROL)
            assert panel.viewRange()[0][1] > 40


def test_every_plot_is_of_the_one_kind(qtbot):
    for made in (LivePlot(), StrengthPlot(), RateFinder(lambda _: None), NetworkPlot()):
        qtbot.addWidget(made)
        plots = [made] if isinstance(made, NetworkPlot) else made.findChildren(Panel)
        assert plots
        assert all(isinstance(plot, Plot) for plot in plots)
