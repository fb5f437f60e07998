"""The gallery of examples: what works offline, and datasets to download, stop, go on with and open."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from cnnstudio.data.practice.prepare import MIRROR_VARIABLE, downloaded_bytes, practice_folder
from cnnstudio.data.practice.sets import SETS
from cnnstudio.jobs.specs import pictures as handler
from cnnstudio.ui.home import examples
from tests.practice_files import PUBLISHED

pytestmark = pytest.mark.pages("home", "data")


@pytest.fixture
def offered(school, monkeypatch):
    """EuroSAT as the server in the house has it."""
    wanted = school("eurosat", PUBLISHED["eurosat"][0])
    monkeypatch.setattr(handler, "practice_set", lambda _: wanted)
    monkeypatch.setattr(examples, "SETS", (wanted,))
    return wanted


def row_of(window, qtbot):
    qtbot.mouseClick(window.home_page.dashboard.examples_button, Qt.MouseButton.LeftButton)
    assert window.home_page.examples.isVisible()
    qtbot.waitUntil(lambda: bool(window.home_page.examples.rows))
    return window.home_page.examples.rows["eurosat"]


def test_every_dataset_has_a_picture_and_its_facts(window, qtbot):
    qtbot.mouseClick(window.home_page.dashboard.examples_button, Qt.MouseButton.LeftButton)
    gallery = window.home_page.examples
    qtbot.waitUntil(lambda: set(gallery.rows) == {each.name for each in SETS})
    assert (gallery.sample.badge.text(), gallery.rows["mnist"].badge.text()) == ("Works offline", "12 MB to download")
    qtbot.mouseClick(gallery.only_offline, Qt.MouseButton.LeftButton)
    assert [card.objectName() for card in gallery.cards if card.isVisible()] == ["practice_sample"]
    qtbot.mouseClick(gallery.only_offline, Qt.MouseButton.LeftButton)
    assert all(card.isVisible() for card in gallery.cards)
    for each in SETS:
        row = gallery.rows[each.name]
        image = row.picture.pixmap().toImage()
        middle = [image.pixelColor(x, image.height() // 2).name() for x in range(0, image.width(), 4)]
        assert len(set(middle)) > 1, each.name
        text = " ".join(found.text() for found in row.findChildren(QLabel))
        assert f"{each.pictures:,} pictures" in text
        assert each.terms in text


def test_download_and_open(window, qtbot, offered):
    row = row_of(window, qtbot)
    qtbot.mouseClick(row.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.open.isVisible, timeout=20_000)
    assert not row.get.isVisible()
    assert row.badge.text() == "Works offline"
    qtbot.mouseClick(row.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.studio.dataset is not None, timeout=20_000)
    assert not window.home_page.examples.isVisible()
    assert window.studio.dataset.classes == ("Forest", "River")
    assert window.pages.currentWidget() is window.data_page


def test_offline_is_a_sentence_in_the_row_and_another_try_works(window, qtbot, offered, monkeypatch):
    row = row_of(window, qtbot)
    with monkeypatch.context() as offline:
        offline.setenv(MIRROR_VARIABLE, "http://127.0.0.1:9")
        qtbot.mouseClick(row.get, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(row.problem.isVisible, timeout=20_000)
    assert row.problem.text().startswith("EuroSAT could not be downloaded. This computer seems to be offline")
    qtbot.mouseClick(row.get, Qt.MouseButton.LeftButton)
    assert not row.problem.isVisible()
    qtbot.waitUntil(row.open.isVisible, timeout=20_000)


def test_a_stopped_download_goes_on_or_is_thrown_away(window, qtbot, offered, monkeypatch):
    asked_to_stop = threading.Event()

    def slowly(paths):
        yield from offered.convert(paths)
        asked_to_stop.wait(10)
        yield from offered.convert(paths)

    monkeypatch.setattr(handler, "practice_set", lambda _: replace(offered, convert=slowly))
    row = row_of(window, qtbot)
    qtbot.mouseClick(row.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.progress.text.text() == "Unpacking", timeout=20_000)
    assert not row.get.isEnabled()
    qtbot.mouseClick(row.progress.stop, Qt.MouseButton.LeftButton)
    asked_to_stop.set()
    qtbot.waitUntil(lambda: row.get.text() == "Resume", timeout=20_000)
    assert not practice_folder(offered).exists()
    assert downloaded_bytes(offered) == len(PUBLISHED["eurosat"][0][0])
    qtbot.mouseClick(row.discard, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.get.text() == "Download", timeout=20_000)
    assert downloaded_bytes(offered) == 0
