"""What a panel rests on, and how it is kept."""

from pathlib import Path

from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QDesktopServices, QFontMetrics
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QVBoxLayout, QWidget

from cnnstudio.core import Watch, read_csv
from cnnstudio.jobs import specs
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Foot, label, open_outside
from cnnstudio.ui.widgets.sheet import sheet
from tests.ui.conftest import carry_out
from tests.ui.test_train_page import click


def test_what_is_shown_is_kept_as_a_picture_and_as_a_table(studio, runner, qtbot, monkeypatch, tmp_path):
    runner.answers |= {specs.SavePicture: carry_out, specs.SaveTable: carry_out}
    shown = label("shirts")
    foot = Foot(studio, "stress_test", shown=shown, table=lambda: [("class", "pictures"), ("=shirt", 3)])
    for widget in (shown, foot):
        qtbot.addWidget(widget)
    foot.show()
    foot.say("On 341 validation pictures.", "It cannot tell why.")
    assert foot.words.text() == "On 341 validation pictures. It cannot tell why."
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda _, __, place, *___: (str(tmp_path / Path(place).name), "")
    )
    for entry in (foot.picture, foot.csv):
        with qtbot.waitSignal(studio.said) as said:
            click(qtbot, entry)
        assert said.args[0].startswith("Saved as stress test.")
    with Image.open(tmp_path / "stress test.png") as picture:
        assert picture.width > shown.width()
        assert picture.height > shown.height() + foot.words.fontMetrics().height()
    assert list(read_csv(tmp_path / "stress test.csv")) == [["class", "pictures"], ["=shirt", "3"]]


def test_a_long_table_is_made_by_the_job_that_writes_it(studio, runner, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "map.csv"), ""))
    made = []
    runner.answers[specs.SaveTable] = ...
    foot = Foot(studio, "map", table=lambda: lambda: made.append(1) or [("path",), ("a.png",)])
    qtbot.addWidget(foot)
    foot.show()
    click(qtbot, foot.csv)
    assert not made, "60,000 rows would hold up the window"
    runner.of(specs.SaveTable)[0].handle(Watch())
    assert list(read_csv(tmp_path / "map.csv")) == [["path"], ["a.png"]]


def test_a_picture_that_is_kept_says_what_it_shows_and_on_what_it_rests(qtbot):
    host, plot = QWidget(), QWidget()
    plot.setStyleSheet("background: #ff0000")
    plot.setFixedSize(300, 100)
    foot = QWidget()
    foot.setObjectName("plot_foot")
    column = QVBoxLayout(host)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(plot)
    column.addWidget(foot, 1)
    host.resize(300, 200)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    bare, told = sheet([host], "", ""), sheet([host], "86 % are correct.", "On 341 validation pictures. " * 9)
    ink = [QColor(bare.pixel(x, y)).name() for x in range(bare.width()) for y in range(bare.height())]
    assert ink.count("#ff0000") == 300 * 100 - 300 * theme.S, "down to the foot, which is no part of the picture"
    assert bare.size() == QSize(300 + 2 * theme.M, 100 - theme.S + 2 * theme.M)
    lines = QFontMetrics(theme.font("caption")).height()
    assert told.height() >= bare.height() + 4 * lines, "a long sentence takes several lines"
    twice = sheet([host, plot], "", "")
    assert twice.width() == 2 * 300 + 3 * theme.M


def test_nothing_is_written_where_nobody_chose_a_place_and_only_what_can_be_kept_is_offered(studio, qtbot, monkeypatch):
    foot = Foot(studio, "map", table=lambda: [])
    qtbot.addWidget(foot)
    foot.show()
    assert not foot.picture.isVisible()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    with qtbot.assertNotEmitted(studio.job_started):
        click(qtbot, foot.csv)


def test_where_nothing_opens_a_folder_its_place_is_said(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    open_outside(tmp_path)
    assert not any(isinstance(each, QMessageBox) for each in QApplication.topLevelWidgets())
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    open_outside(tmp_path)
    box = next(each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox))
    qtbot.waitUntil(box.isVisible)
    assert box.informativeText() == str(tmp_path)
    box.close()
