"""The rail says where one is, in words where there is room for them."""

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel

from cnnstudio.ui.frame.rail import Rail
from cnnstudio.ui.pages import PAGES

ROWS = [(row.name, row.title, row.icon) for row in PAGES if row.name in ("home", "data", "train")]


@pytest.fixture
def rail(qtbot, letters):
    made = Rail(ROWS, lambda _: None)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("letters", [1, 2], indirect=True)
@pytest.mark.parametrize("window", [1000, 1500, 2600])
def test_it_takes_a_quarter_of_the_window_at_most(rail, letters, window):
    rail.fit(window)
    assert rail.width() <= window / 4
    in_words = [entry.text() for entry in rail.buttons] == ["Home", "Data", "Train"]
    assert in_words == (letters == 1 or window > 1000)


def test_icons_alone_still_have_their_names(rail):
    rail.fit(300)
    assert [entry.toolTip() for entry in rail.buttons] == ["Home", "Data", "Train"]
    told = [QAccessible.queryAccessibleInterface(entry).text(QAccessible.Text.Name) for entry in rail.buttons]
    assert told == ["Home", "Data", "Train"]
    assert not rail.place_below("data", hint := QLabel("a hint"))
    rail.fit(3000)
    assert [entry.text() for entry in rail.buttons] == ["Home", "Data", "Train"]
    assert {entry.toolTip() for entry in rail.buttons} == {""}
    assert rail.place_below("data", hint)
