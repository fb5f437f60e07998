"""Names of classes, files and runs are the user's words: nowhere in the window do they become markup."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.data.dataset import SplitSpec
from cnnstudio.data.scan import scan_folder
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs
from cnnstudio.ui.train.panel import Panel
from cnnstudio.ui.widgets import plain
from tests.conftest import draw_folder
from tests.ui.test_train_page import finished_run  # noqa: F401 - a fixture

NAMES = ("<h1>x<img src=y>", "<b>bold<", "R&lt;D", "a <a href='x'>link", "A & B")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such file names there")


def is_markup(text):
    return QtGui.Qt.mightBeRichText(text)


def tips_of(model, parent=QtCore.QModelIndex()):  # noqa: B008 - Qt's own signature
    is_list, is_table = (isinstance(model, kind) for kind in (QtCore.QAbstractListModel, QtCore.QAbstractTableModel))
    for row in range(model.rowCount(parent)):
        for column in range(1 if is_list else model.columnCount(parent)):
            index = model.index(row, column, parent)
            yield index.data(QtCore.Qt.ItemDataRole.ToolTipRole) or ""
            if column == 0 and not (is_list or is_table) and model.hasChildren(index):
                yield from tips_of(model, index)


def texts_that_guess(widget):
    """All texts of a widget and below that Qt would look at for markup, and that hold a user's words."""
    for each in [widget, *widget.findChildren(QtWidgets.QWidget)]:
        yield each.toolTip()
        if isinstance(each, QtWidgets.QLabel) and each.textFormat() != QtCore.Qt.TextFormat.PlainText:
            yield each.text()
        if isinstance(each, QtWidgets.QAbstractItemView) and each.model() is not None:
            yield from tips_of(each.model())


def users_words(text):
    return any(name in text or name.replace("<", "&lt;") in text for name in NAMES)


@pytest.fixture
def marked(qtbot, window, runner, studio, tmp_path, monkeypatch):
    """A window on classes and files with such names."""
    root = draw_folder(tmp_path / "<i>pictures", per_class=4, classes=NAMES)
    for name in NAMES:
        (root / name / "00.png").rename(root / name / f"{name}.png".replace("/", "∕"))
        (root / name / f"{name}.txt").write_text("x")
    dataset = scan_folder(root, SplitSpec())
    runner.answers[specs.ScanFolder] = dataset
    with qtbot.waitSignals([studio.dataset_changed, studio.run_changed]):
        window.data_page.open_folder(root)
    return window


def test_no_widget_takes_a_users_words_for_markup(finished_run, marked, runner, studio, qtbot):  # noqa: F811
    pictures = [sample.path for sample in studio.dataset.samples]
    runner.answers[specs.Predict] = tuple(
        Prediction(path=path, top=tuple(ClassScore(name, 0.2) for name in NAMES)) for path in pictures
    )
    run = finished_run()
    marked.predict_page.open_images(pictures)
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    studio.show_run(run)
    seen = [text for text in texts_that_guess(marked) if text]
    for page in ("home", "data", "model", "train", "results", "predict", "export"):
        marked.show_page(page)
        seen += [text for text in texts_that_guess(marked) if text]
    found = [text for text in seen if any(name[:3] in text.replace("\u2060", "") for name in NAMES)]
    assert len(found) > 20  # the tooltips of classes, pictures and skipped files
    assert [text for text in found if is_markup(text)] == []


def test_no_question_takes_a_users_words_for_markup(marked, monkeypatch):
    asked = []
    monkeypatch.setattr(QtWidgets.QInputDialog, "getText", lambda *args, **_: (asked.append(args[2]), ("", False))[1])
    view = marked.data_page.findChild(QtWidgets.QListView, "class_list")
    menu = view.menu(NAMES[0])
    next(action for action in menu.actions() if action.text().startswith("Rename")).trigger()
    assert "x" in asked[0]
    assert not is_markup(asked[0])
    menu.deleteLater()


def test_a_legend_shows_a_name_as_it_is(qtbot):
    plot = Panel("plot", "Loss")
    qtbot.addWidget(plot)
    plot.line("<h1>x<img src=y>", 0).extend([(1, 1)])
    assert plot.legend.names == ["<h1>x<img src=y>"], "which is painted as it is"
    assert not is_markup(plot.legend.toolTip())


@given(st.text(st.sampled_from("<>/&ltgimsrcbh1; =x\n"), max_size=30))
def test_plain_words_look_the_same_and_are_none(text):
    made = plain(text)
    assert not is_markup(made)
    assert made.replace("\u2060", "") == text


def test_ordinary_words_are_left_alone():
    for text in ("cat: 12 pictures", "a < b", "R&D", "", "2 > 1"):
        assert plain(text) == text
