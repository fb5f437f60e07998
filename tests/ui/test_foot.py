"""What a panel rests on, and how it is kept."""

from PIL import Image
from PySide6.QtWidgets import QFileDialog

from cnnstudio.core import read_csv
from cnnstudio.jobs import specs
from cnnstudio.ui.widgets import Foot, label
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
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda _, __, name, *___: (str(tmp_path / name), ""))
    for entry in (foot.picture, foot.csv):
        with qtbot.waitSignal(studio.said) as said:
            click(qtbot, entry)
        assert said.args[0].startswith("Saved as stress test.")
    with Image.open(tmp_path / "stress test.png") as picture:
        assert picture.size == (shown.width(), shown.height())
    assert list(read_csv(tmp_path / "stress test.csv")) == [["class", "pictures"], ["=shirt", "3"]]


def test_nothing_is_written_where_nobody_chose_a_place_and_only_what_can_be_kept_is_offered(studio, qtbot, monkeypatch):
    foot = Foot(studio, "map", table=lambda: [])
    qtbot.addWidget(foot)
    foot.show()
    assert not foot.picture.isVisible()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    with qtbot.assertNotEmitted(studio.job_started):
        click(qtbot, foot.csv)
