"""The whole job with the keyboard alone: pictures, one of them skipped, a training, mistakes, answers, an export."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFileDialog, QPlainTextEdit, QPushButton

from cnnstudio.core import JobStopped
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs import specs
from cnnstudio.runs import create_run
from cnnstudio.ui.pages import PAGES
from tests.ui.sheets import record_of
from tests.ui.test_results_predict_export_pages import MAPS, answer

CONTROL = Qt.KeyboardModifier.ControlModifier
MOST = 150
"""Presses of the Tab key that nobody would make; a page with more controls than that has no order."""


@pytest.fixture
def keys(window, qtbot):
    """Presses of keys wherever the keyboard is, and never a click."""

    class Keys:
        def press(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
            qtbot.keyClick(QApplication.focusWidget() or window, key, modifiers)

        def tab_to(self, widget):
            """With the Tab key, as far as it takes."""
            for _ in range(MOST):
                if widget.hasFocus():
                    return
                self.press(Qt.Key.Key_Tab)
            stuck = QApplication.focusWidget()
            raise AssertionError(f"Tab never gets to {widget.objectName()}, and ends at {stuck and stuck.objectName()}")

        def use(self, widget):
            assert widget.isVisible()
            assert widget.isEnabled()
            self.tab_to(widget)
            self.press(Qt.Key.Key_Space)

        def show(self, page):
            number = [row.name for row in PAGES].index(page)
            self.press(Qt.Key(Qt.Key.Key_1 + number), CONTROL)
            assert window.pages.currentWidget() is getattr(window, f"{page}_page")

    return Keys()


def test_the_whole_job(window, runner, studio, qtbot, keys, monkeypatch, dataset, tiny_folder):  # noqa: PLR0913
    runner.answers |= {specs.ScanFolder: dataset, specs.FineTune: ...}
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(dataset.root))
    with qtbot.waitSignal(studio.dataset_changed):
        keys.press(Qt.Key.Key_O, CONTROL)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.data_page)

    grid = window.data_page.browser.view
    keys.tab_to(grid)
    keys.press(Qt.Key.Key_Right)
    with qtbot.waitSignal(studio.history.did):
        keys.press(Qt.Key.Key_Delete)
    with qtbot.waitSignal(studio.history.undid):
        keys.press(Qt.Key.Key_Z, CONTROL)

    keys.use(window.findChild(QPushButton, "data_next"))
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.model_page)
    keys.show("train")
    keys.use(window.train_page.start_button)
    qtbot.waitUntil(lambda: studio.training_active)
    run = create_run(record_of(dataset), root=project_folder(dataset.root)).update(state="finished", owner=None)
    run.bundle.mkdir()
    runner.end(next(each for each in runner.handles if isinstance(each.job, specs.FineTune)), [JobStopped(result=run)])
    see = window.findChild(QPushButton, "see_results")
    qtbot.waitUntil(see.isVisible)

    keys.use(see)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.results_page)
    tabs = window.results_page.tabs
    qtbot.waitUntil(lambda: tabs.name == "overview")
    keys.tab_to(tabs.buttons["overview"])
    keys.press(Qt.Key.Key_Right)
    assert tabs.name == "mistakes", "as in any row of tabs"
    table = tabs.tab("mistakes").table
    qtbot.waitUntil(table.isVisible)
    keys.tab_to(table)

    pictures = sorted(tiny_folder.rglob("*.png"))[:3]
    runner.answers |= {specs.Predict: answer, specs.ShowMaps: MAPS}
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(each) for each in pictures], ""))
    keys.show("predict")
    keys.use(window.findChild(QPushButton, "open_pictures"))
    qtbot.waitUntil(lambda: bool(runner.of(specs.Predict)))
    assert len(runner.of(specs.Predict)[-1].images) == 3

    keys.show("export")
    runner.answers[specs.ExportModel] = ...
    keys.use(window.export_page.export_button)
    assert runner.of(specs.ExportModel)


def test_the_tab_key_gets_out_of_everything_it_gets_into(window):
    """Tables would keep it among their cells, and texts take it for a letter."""
    for view in window.findChildren(QAbstractItemView):
        assert not view.tabKeyNavigation(), view.objectName()
    for text in window.findChildren(QPlainTextEdit):
        assert text.tabChangesFocus(), text.objectName()
