"""The window is painted with its first page; the others are made behind it, and hear of everything that happens."""

import json
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cnnstudio.jobs import specs
from cnnstudio.ui.look import theme
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.page_stack import PageStack
from cnnstudio.ui.pages import PAGES, Row
from cnnstudio.ui.widgets import Page
from tests.ui.conftest import ask_nobody, keep_pages, let_go


@pytest.fixture
def begun(qtbot, studio, monkeypatch):
    """A window that is shown and painted, and whose other pages have not had their turns yet."""
    keep_pages(monkeypatch, "home")
    asked = []
    begin = PageStack.begin
    monkeypatch.setattr(PageStack, "begin", lambda pages: asked.append(pages))
    window = MainWindow(studio)
    qtbot.addWidget(window, before_close_func=ask_nobody)
    window.show()
    qtbot.waitUntil(lambda: asked == [window.pages])
    monkeypatch.setattr(PageStack, "begin", begin)
    yield window
    let_go(window)


def test_nothing_heavy_is_imported_before_the_first_paint_nor_by_a_command():
    code = (
        "import json, sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "import cnnstudio.ui.app\n"
        "from cnnstudio.ui.look import theme\n"
        "theme.apply(app)\n"
        "window = cnnstudio.ui.app.MainWindow(); window.show(); app.sendPostedEvents(); window.grab()\n"
        "print(json.dumps(sorted(sys.modules)))\n"
        "import cnnstudio.cli.main\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'torchvision', 'lightning_fabric')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert "cnnstudio.ui.home.page" in loaded
    assert not {"torch", "torchvision", "pyqtgraph", "pydoc"} & {name.split(".")[0] for name in loaded}
    others = ("data", "network", "train", "results", "predict", "inside", "export", "lab")
    assert [name for name in loaded if name.startswith(tuple(f"cnnstudio.ui.{page}" for page in others))] == []
    jobs = [name for name in loaded if name.startswith("cnnstudio.jobs.specs.")]
    assert len(jobs) < 14, f"jobs that nobody asked for yet: {jobs}"


def test_the_first_page_is_there_and_the_others_follow(begun, qtbot):
    assert [page.objectName() for page in begun.pages] == ["home_page"]
    assert begun.pages.currentWidget() is begun.home_page
    assert not begun.studio.runner.of(specs.WarmUp)
    begun.pages.begin()
    qtbot.waitUntil(lambda: begun.pages.is_complete)
    assert [page.objectName() for page in begun.pages] == [f"{row.name}_page" for row in PAGES]
    assert begun.pages.currentWidget() is begun.home_page
    assert begun.studio.runner.of(specs.WarmUp)


def test_a_page_that_is_not_there_yet_is_made_when_it_is_wanted(begun, qtbot):
    qtbot.keyClick(begun, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert begun.pages.currentWidget() is begun.train_page
    assert begun.rail_buttons[3].isChecked()
    assert len(list(begun.pages)) == 2
    QTest.mouseClick(begun.rail_buttons[8], Qt.MouseButton.LeftButton)
    assert begun.pages.currentWidget() is begun.lab_page
    begun.pages.begin()
    qtbot.waitUntil(lambda: begun.pages.is_complete)
    assert begun.pages.currentWidget() is begun.lab_page
    assert begun.pages.shown == "lab"


def test_until_it_is_made_its_title_is_seen(qtbot, studio):
    seen = []

    def load():
        seen.append(stack.currentWidget().findChild(QLabel, "page_to_come_title").text())
        return lambda _: Page("slow_page", "Slow")

    stack = PageStack(studio, [Row("first", "First", "home", lambda: lambda _: Page("first_page", "First")),
                               Row("slow", "Slow", "data", load)])  # fmt: skip
    qtbot.addWidget(stack)
    stack.show()
    assert stack.show_page("slow") is stack.currentWidget()
    assert seen == ["Slow"]
    assert stack.findChild(QLabel, "slow_page_title").isVisible()


def test_whoever_wants_another_page_is_heard_by_all(begun, dataset):
    begun.studio.runner.answers[specs.ScanFolder] = dataset
    begun.studio.navigate.emit("data")
    assert begun.pages.is_complete, "what a page says next is for any of them"
    assert begun.pages.shown == "data"


def test_what_is_opened_from_outside_waits_for_the_pages(begun, qtbot, tiny_folder):
    begun.open_paths([tiny_folder])
    assert not begun.studio.runner.of(specs.SortPaths)
    begun.pages.begin()
    qtbot.waitUntil(lambda: bool(begun.studio.runner.of(specs.ScanFolder)))
    assert begun.pages.currentWidget() is begun.data_page


def test_another_theme_before_a_page_is_made_is_the_pages_theme(begun):
    theme.set_scheme("dark")
    begun.show_page("export")
    assert theme.current().text in begun.export_page.styleSheet()
    theme.set_scheme("light")
    assert theme.current().text in begun.export_page.styleSheet()


def test_a_window_can_be_closed_before_its_pages_are_there(begun, qtbot):
    begun.close()
    assert not begun.isVisible()
    assert len(list(begun.pages)) == 1
