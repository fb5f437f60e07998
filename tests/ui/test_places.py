"""How the window was left is how it opens again."""

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QSplitter, QTreeView

from cnnstudio.jobs import specs
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.state import Studio
from tests.ui.conftest import ScriptedRunner, keep_pages

pytestmark = pytest.mark.pages("home", "data", "model")


@pytest.fixture
def sessions(request, qtbot, tmp_path, monkeypatch):
    """Makes windows one after the other, as on one day and the next."""
    keep_pages(monkeypatch, *request.node.get_closest_marker("pages").args)
    ini = QSettings.Format.IniFormat
    before = QSettings.defaultFormat()
    QSettings.setDefaultFormat(ini)
    QSettings.setPath(ini, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    QSettings().clear()

    def begin(dataset=None):
        runner = ScriptedRunner()
        if dataset is not None:
            runner.answers[specs.ScanFolder] = dataset
        window = MainWindow(Studio(runner))
        window.pages.complete()
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield begin
    QSettings.setDefaultFormat(before)


def test_size_columns_and_splitters_are_as_they_were_left(sessions, qtbot):
    window = sessions()
    window.resize(1180, 720)
    window.show_page("model")
    tree = next(view for view in window.findChildren(QTreeView) if view.objectName() == "layer_tree")
    header, width = tree.header(), tree.header().sectionSize(0)
    header.resizeSection(0, width + 57)
    splitter = window.findChild(QSplitter, "data_splitter")
    sizes = splitter.sizes()
    splitter.moveSplitter(sizes[0] + 40, 1)
    moved = splitter.saveState()
    window.close()
    again = sessions()
    assert again.height() == 720, "the screen of the tests is too narrow for its width"
    assert (
        next(v for v in again.findChildren(QTreeView) if v.objectName() == "layer_tree").header().sectionSize(0)
        == width + 57
    )
    assert again.findChild(QSplitter, "data_splitter").saveState() == moved
    again.close()


@pytest.mark.pages("home", "train")
def test_the_folder_and_the_page_of_the_last_time_are_opened_again(sessions, qtbot, dataset):
    window = sessions(dataset)
    with qtbot.waitSignal(window.studio.dataset_changed):
        window.studio.open_folder(dataset.root)
    window.show_page("train")
    window.close()
    again = sessions(dataset)
    with qtbot.waitSignal(again.studio.dataset_changed):
        again.places.open_last()
    assert again.pages.currentWidget() is again.train_page
    again.close()


@pytest.mark.pages("home", "train")
def test_whoever_has_gone_to_a_page_meanwhile_stays_there(sessions, qtbot, dataset):
    window = sessions(dataset)
    QSettings().setValue("page", "train")
    QSettings().setValue("folder", str(dataset.root))
    window.show_page("data")
    with qtbot.waitSignal(window.studio.dataset_changed):
        window.places.open_last()
    assert window.pages.currentWidget() is window.data_page
    window.close()


@pytest.mark.pages("home", "train")
def test_a_folder_that_is_gone_is_not_opened_and_no_error(sessions, qtbot, dataset, tmp_path):
    window = sessions()
    QSettings().setValue("page", "train")
    QSettings().setValue("folder", str(tmp_path / "gone"))
    window.places.open_last()
    qtbot.waitUntil(lambda: not window.studio.is_under_way(specs.ExistingFolders))
    assert window.studio.dataset is None
    assert window.pages.currentWidget() is window.home_page
    assert window.notice.isHidden()
    window.close()


def test_columns_that_were_remembered_wrongly_are_left_alone(sessions):
    QSettings().setValue("geometry", "x")
    QSettings().setValue("splitter/data_splitter", 4)
    window = sessions()
    header = next(view for view in window.findChildren(QTreeView) if view.objectName() == "layer_tree").header()
    width = header.sectionSize(0)
    assert width > 20
    for told in ("", "nonsense", "[1]", '["a", null]', "{}"):
        QSettings().setValue("columns/layer_tree", told)
        window.places.restore()
        assert header.sectionSize(0) == width, told
    window.close()
