"""Where a dialog for files begins, and that no part of the window asks in another way."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QDir, QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

import cnnstudio.ui
from cnnstudio.ui.widgets.file_dialogs import ask_file, ask_files, ask_folder, ask_new_file

_WAYS = ("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory")


@pytest.fixture
def asked(qtbot, monkeypatch, tmp_path):
    """Asks in a window of somebody whose pictures and documents are below ``tmp_path``; where each dialog began."""
    kept = {}
    monkeypatch.setattr(QSettings, "value", lambda _, key: kept.get(key))
    monkeypatch.setattr(QSettings, "setValue", lambda _, key, value: kept.update({key: value}))
    usual = {"PicturesLocation": tmp_path / "Pictures", "DocumentsLocation": tmp_path / "Documents"}
    monkeypatch.setattr(
        "PySide6.QtCore.QStandardPaths.writableLocation", lambda place: str(usual.get(place.name, tmp_path))
    )
    for folder in (*usual.values(), tmp_path / "stick"):
        folder.mkdir()
    parent, begun, answers = QWidget(), [], []
    qtbot.addWidget(parent)

    def answer(way, told):
        begun.append(told[2])
        name = answers.pop() if answers else ""
        return name if way == "getExistingDirectory" else ([name] if way.endswith("s") and name else name, "")

    for way in _WAYS:
        monkeypatch.setattr(QFileDialog, way, lambda *told, way=way: answer(way, told))
    return parent, begun, answers


def test_pictures_are_asked_for_among_the_pictures_and_then_where_the_last_one_was(asked, tmp_path):
    parent, begun, answers = asked
    assert ask_files(parent, "Open pictures", "Pictures (*.png)") == []
    answers.append(str(tmp_path / "stick" / "a.png"))
    assert ask_files(parent, "Open pictures", "Pictures (*.png)") == [tmp_path / "stick" / "a.png"]
    assert ask_folder(parent, "Open a folder") is None
    assert ask_file(parent, "Open a picture", "Pictures (*.png)", "pictures") is None
    assert begun == [str(tmp_path / "Pictures")] * 2 + [str(tmp_path / "stick")] * 2


def test_files_are_asked_for_among_the_documents_and_pictures_are_not_looked_for_there(asked, tmp_path):
    parent, begun, answers = asked
    answers.append(str(tmp_path / "stick" / "table.csv"))
    assert ask_new_file(parent, "Save", "table.csv", "Tables (*.csv)") == tmp_path / "stick" / "table.csv"
    assert ask_new_file(parent, "Save", "other.csv", "Tables (*.csv)") is None
    assert ask_files(parent, "Open pictures", "Pictures (*.png)") == []
    assert begun == [
        str(tmp_path / "Documents" / "table.csv"),
        str(tmp_path / "stick" / "other.csv"),
        str(tmp_path / "Pictures"),
    ]


def test_a_folder_that_is_gone_is_not_begun_in(asked, tmp_path):
    parent, begun, answers = asked
    answers.append(str(tmp_path / "stick" / "a.png"))
    ask_files(parent, "Open pictures", "Pictures (*.png)")
    (tmp_path / "stick").rmdir()
    (tmp_path / "Pictures").rmdir()
    ask_files(parent, "Open pictures", "Pictures (*.png)")
    assert begun[-1] == QDir.homePath()


def test_nothing_else_in_the_window_opens_a_dialog_for_files():
    folder = Path(cnnstudio.ui.__file__).parent
    others = [path.name for path in folder.rglob("*.py") if re.search("QFileDialog", path.read_text("utf-8"))]
    assert others == ["file_dialogs.py"], "a dialog of Qt's own begins in the folder that the program started in"
