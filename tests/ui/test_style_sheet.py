"""The style sheet holds in whatever folder the program was put."""

import shutil

import pytest
from PySide6 import QtWidgets

from cnnstudio.core import resource
from cnnstudio.ui.look import style_sheet, theme


@pytest.mark.parametrize("folder", ["plain", "ein Ordner für Bücher 书", 'a "b" (c)', "it's {100 %};#"])
def test_marks_are_found_in_any_folder(qtbot, qtlog, tmp_path, monkeypatch, folder):
    """Where a ``url()`` was not understood, all rules after it were missing, and boxes had no tick."""
    shutil.copytree(resource("icons"), tmp_path / folder)
    monkeypatch.setattr(style_sheet, "resource", lambda _, name: tmp_path / folder / name)
    box = QtWidgets.QCheckBox()
    qtbot.addWidget(box)
    box.setChecked(True)
    box.setStyleSheet(style_sheet.style_sheet(theme.current()))
    box.resize(40, 30)
    picture = box.grab().toImage()
    white = sum(picture.pixelColor(x, y).lightness() > 240 for x in range(2, 16) for y in range(8, 22))
    assert white > 10
    assert [record.message for record in qtlog.records] == []
