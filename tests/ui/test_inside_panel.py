"""Looking inside a network on the page Train: live, and of a run that was trained before."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnstudio.core import BlockSeen, InsideSeen
from cnnstudio.ui.train.inside_panel import InsidePanel


def block(name, kind="ReLU", *, units=0, silent=0, gradient=0.0):
    return BlockSeen(name=name, kind=kind, units=units, silent=silent, low=0.0, high=2.0, mean=0.5, deviation=0.25,
                     counts=(10, *[1] * 23), gradient=gradient, weights=3.0 if gradient else 0.0)  # fmt: skip


def look(step, *, silent=0, gradient=0.1, blocks=()):
    mine = (
        block("features.0", "Conv2d", gradient=gradient), block("features.1", units=8, silent=silent),
        block("classifier.0", "Linear", gradient=0.2),
    )  # fmt: skip
    return InsideSeen(epoch=1, step=step, batch=32, pictures=128, blocks=blocks or mine)


@pytest.fixture
def panel(qtbot):
    panel = InsidePanel()
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    return panel


def test_every_block_is_told_with_how_many_pictures(panel):
    assert panel.isHidden()
    panel.add([look(1), look(21, silent=2)])
    assert panel.isVisible()
    assert panel.sentence.text() == (
        "Step 21, in epoch 1: 2 of 8 units silent on 128 training pictures (most in features.1: 2 of 8). "
        "Values and gradients are those of 32 training pictures."
    )
    rows = [[panel.blocks.item(row, column).text() for column in range(4)] for row in range(3)]
    assert rows[0] == ["features.0  Conv2d", "–", "0.1", "0.50 ± 0.25"]
    assert rows[1][:3] == ["features.1  ReLU", "2 of 8", "–"]
    assert "gave 0 on all of 128 training pictures. They learn no more (dead ReLU)." in panel.notes.text()
    assert panel.silent_curve.points.tolist() == [[1, 0], [21, 25]]
    assert not panel.gradient.isVisible(), "it has no weights"


def test_another_block_is_chosen_with_the_keyboard(panel, qtbot):
    panel.add([look(step, gradient=10.0**-step) for step in (1, 2, 3)])
    panel.blocks.setFocus()
    QTest.keyClick(panel.blocks, Qt.Key.Key_Up)
    assert panel.about.text() == "features.0 (Conv2d), in 3 looks."
    assert panel.gradient_curve.points.round(6).tolist() == [[1, -1], [2, -2], [3, -3]]
    assert not panel.silent.isVisible()
    panel.add([look(4, gradient=0.01)])
    assert len(panel.gradient_curve.points) == 4, "the chosen block stays chosen"


def test_what_was_seen_before_a_resume_comes_in_its_place(panel):
    panel.add([look(41)])
    panel.add([look(1), look(21)])
    panel.add([InsideSeen(epoch=3, step=61, batch=4, pictures=4, blocks=())])
    assert panel.silent_curve.points[:, 0].tolist() == [1, 21, 41]
    panel.clear()
    assert panel.isHidden()
