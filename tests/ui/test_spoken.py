"""What a screen reader hears of widgets that paint themselves, through Qt's accessibility tree."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from cnnstudio.core import wilson_interval
from cnnstudio.inference.results import FeatureMaps
from cnnstudio.ui.inside.map_grid import MapGrid
from cnnstudio.ui.look import spoken
from cnnstudio.ui.network.audition_plot import AuditionPlot
from cnnstudio.ui.network.network_plot import NetworkPlot
from cnnstudio.ui.train.panel import Panel
from cnnstudio.ui.widgets import Choices, combo, make_editable
from cnnstudio.understanding.auditions import Audition
from tests.ui.conftest import CATALOGUE, SPEEDS
from tests.ui.faults import faults_of

ROLE = QAccessible.Role


def heard(widget):
    """Role, name and description, as Qt hands them to the system."""
    told = QAccessible.queryAccessibleInterface(widget)
    return told.role(), told.text(QAccessible.Text.Name), told.text(QAccessible.Text.Description)


@pytest.fixture
def said(monkeypatch):
    """What is announced."""
    words = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: words.append(event.message()))
    return words


def test_curves_are_told_by_where_they_begin_and_end_and_their_best(qtbot):
    panel = Panel("accuracy", "Accuracy", "%")
    qtbot.addWidget(panel)
    assert heard(panel) == (ROLE.Chart, "Accuracy", "Nothing to show yet.")
    train, validation = panel.line("train", 0), panel.line("validation", 1)
    train.extend([(1, 40.0), (2, 90.0)])
    validation.extend([(1, 30.0), (2, 70.5), (3, 60.0)])
    assert heard(panel)[2] == (
        "train: from 40 % at epoch 1 to 90 % at epoch 2, highest 90 % at epoch 2. "
        "validation: from 30 % at epoch 1 to 60 % at epoch 3, highest 70.5 % at epoch 2."
    )
    loss = Panel("loss", "Loss")
    qtbot.addWidget(loss)
    line = loss.line("train", 0)
    line.extend([(1, 2.0)])
    assert heard(loss)[2] == "train: 2 at epoch 1."
    line.extend([(2, 0.25), (3, 0.5)])
    assert heard(loss)[2] == "train: from 2 at epoch 1 to 0.5 at epoch 3, lowest 0.25 at epoch 2."


def test_networks_in_a_plot_are_told_and_the_arrows_announce_the_chosen_one(qtbot, said):
    plot = NetworkPlot()
    qtbot.addWidget(plot)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.show_networks(CATALOGUE.networks[:3], ["Alpha", "Beta", "Gamma"], SPEEDS)
    plot.chosen.connect(lambda name: plot.mark(name, ""))
    plot.setFocus()
    qtbot.waitUntil(plot.hasFocus)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    role, _, description = heard(plot)
    assert role == ROLE.Chart
    assert description.startswith("3 networks. Best trade-offs, the cheapest first: Gamma 60.0 %")
    assert "Chosen: Gamma, 60.0 % on ImageNet" in description
    assert said[-1].startswith("Gamma")


def test_tried_networks_are_told_with_their_range_and_number_of_pictures(qtbot):
    plot = AuditionPlot()
    qtbot.addWidget(plot)
    right = {str(number): number < 9 for number in range(10)}
    tried = Audition(
        network="gamma", title="Gamma", weights="", right=right, groups={}, seconds=0.01,
        interval=wilson_interval(9, 10),
    )  # fmt: skip
    plot.show_results([tried], "")
    assert heard(plot)[2] == "Gamma: 90.0 % of 10 pictures correct, between 59.6 and 98.2 %, 10 ms per picture."


def test_maps_are_told_with_the_one_that_the_keyboard_is_at(qtbot, said):
    grid = MapGrid()
    qtbot.addWidget(grid)
    grid.resize(500, 300)
    maps = FeatureMaps(
        layer="x", shape=(3, 4, 4), channels=(4, 7, 9), tiles=np.zeros((3, 4, 4), np.uint8), low=(0.0,) * 3,
        high=(1.0, 2.0, 3.0), total_channels=3, input_image=np.zeros((4, 4, 3), np.uint8),
    )  # fmt: skip
    grid.show_maps(maps)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert heard(grid) == (ROLE.Graphic, "Feature maps", "3 maps. Here: channel 7, 0.00 … 2.00.")
    assert said == ["channel 7, 0.00 … 2.00"]


def test_one_of_several_buttons_is_told_as_such_with_its_state(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    row, group = QHBoxLayout(host), Choices(host)
    one, other = QPushButton("one"), QPushButton("other")
    for entry in (one, other):
        entry.setCheckable(True)
        group.addButton(entry)
        row.addWidget(entry)
    other.setChecked(True)
    states = [QAccessible.queryAccessibleInterface(entry).state() for entry in (one, other)]
    assert [heard(entry)[0] for entry in (one, other)] == [ROLE.RadioButton] * 2
    assert [bool(state.checked) for state in states] == [False, True]


def test_a_field_that_one_types_into_has_the_name_of_its_box(qtbot):
    box = combo("layer", "Layer")
    qtbot.addWidget(box)
    make_editable(box)
    assert heard(box.lineEdit())[1] == "Layer"


def test_what_says_nothing_of_itself_is_found(qtbot):
    """The check that walks all pages, itself."""

    class Painted(QWidget):
        def paintEvent(self, event):
            pass

    Painted.__module__ = "cnnstudio.made_up"
    host, painted = QWidget(), Painted()
    host.setObjectName("host")
    qtbot.addWidget(host)
    QHBoxLayout(host).addWidget(painted)
    painted.setObjectName("painted")
    with qtbot.waitExposed(host):
        host.show()
    assert faults_of(host) == ["host/painted: has no role: Client"]
    Painted.spoken_role = spoken.Role.Chart
    silent = Painted()
    silent.setObjectName("silent")
    host.layout().replaceWidget(painted, silent)
    painted.deleteLater()
    painted.hide()
    qtbot.waitUntil(silent.isVisible)
    assert faults_of(host) == ["host/silent: says nothing of what it shows"]
    Painted.spoken = lambda _: "9 of 10 correct."
    assert faults_of(host) == []
