"""Rail, menu, keys and attributes come from one table; what pages tell each other goes through the studio."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from cnnstudio.data import AugmentSpec
from cnnstudio.jobs import specs
from cnnstudio.ui import main_window
from cnnstudio.ui.pages import PAGES, Row
from cnnstudio.ui.widgets import MenuEntry, Page
from tests.ui.conftest import make_window


def test_every_row_is_a_page_with_a_way_to_it(window, qtbot):
    assert [entry.text() for entry in window.rail_buttons] == [row.title for row in PAGES]
    for number, row in enumerate(PAGES):
        page = getattr(window, f"{row.name}_page")
        assert window.pages.widget(number) is page
        assert page.objectName() == f"{row.name}_page"
        assert window.rail_buttons[number].objectName() == f"nav_{row.name}"
        window.studio.navigate.emit(row.name)
        assert window.pages.currentWidget() is page
        assert window.rail_buttons[number].isChecked()
        action = next(a for a in window.findChildren(QAction) if a.text() == row.title)
        assert action.shortcut().toString() == f"Ctrl+{number + 1}"


class Kitchen(Page):
    def __init__(self, studio):
        super().__init__("kitchen_page", "Kitchen")
        self.done = []

    def menu_entries(self):
        return (MenuEntry("Mix something…", lambda: self.done.append("mixed")),)

    def release(self):
        self.done.append("released")


def test_another_page_is_a_folder_and_a_row(qtbot, studio, monkeypatch):
    monkeypatch.setattr(main_window, "PAGES", (*PAGES[:-1], Row("kitchen", "Kitchen", "sample", lambda: Kitchen)))
    window = make_window(qtbot, monkeypatch, studio)
    qtbot.waitUntil(lambda: studio.catalogue is not None)
    qtbot.keyClick(window, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentWidget() is window.kitchen_page
    window.findChild(QAction, "action_mixsomething").trigger()
    window.close()
    assert window.kitchen_page.done == ["mixed", "released"]


def test_the_file_menu_has_what_the_pages_offer_in_their_order(window):
    file = window.menuBar().actions()[0].menu()
    assert [action.text() for action in file.actions() if not action.isSeparator()] == [
        "New project…", "Open folder…", "Open recent", "Open archive…", "Try the sample pictures", "Try an example…",
        "Record with the camera…", "Settings…", "Quit",
    ]  # fmt: skip
    names = {action.objectName() for action in file.actions()}
    assert {"action_openfolder", "action_trythesamplepictures", "action_recordwiththecamera"} <= names


@pytest.mark.pages("train")
def test_how_pictures_are_changed_is_for_the_next_training(window, studio):
    studio.changes_chosen.emit(AugmentSpec(flip=False, crop=0.25))
    values = window.train_page.form.options.values()
    assert (values["augment.flip"], values["augment.crop"]) == (False, 0.25)


@pytest.mark.pages("train")
def test_small_classes_count_more_when_wanted(window, studio):
    studio.balance_wanted.emit()
    assert window.train_page.form.options.values()["balance"] == "weights"


@pytest.mark.pages("model", "predict")
def test_wanted_weights_are_checked_and_wanted_pictures_predicted(window, studio, runner):
    runner.answers |= {specs.CheckWeights: ..., specs.Predict: ...}
    studio.weights_wanted.emit(Path("/weights/mine.pth"))
    assert runner.of(specs.CheckWeights)[-1].file == Path("/weights/mine.pth")
    studio.predict_wanted.emit([Path("/pictures/a.png")])
    assert runner.of(specs.Predict)[-1].images == (Path("/pictures/a.png"),)


@pytest.mark.pages("home", "data", "predict")
@pytest.mark.parametrize(("page", "shown", "job"), [("predict", "predict", "Predict"), ("home", "data", "ScanFolder")])
def test_a_folder_is_for_the_page_that_takes_folders_or_to_learn_from(window, qtbot, tiny_folder, page, shown, job):
    runner = window.studio.runner
    runner.answers |= {specs.Predict: ..., specs.ScanFolder: ...}
    window.show_page(page)
    window.open_paths([tiny_folder])
    qtbot.waitUntil(lambda: bool(runner.of(getattr(specs, job))))
    assert window.pages.currentWidget() is getattr(window, f"{shown}_page")


def test_pages_do_nothing_on_their_own(qtbot):
    page = Page("plain_page", "Plain")
    qtbot.addWidget(page)
    assert (page.takes_folders, list(page.menu_entries())) == (False, [])
    page.paste()
    page.release()
