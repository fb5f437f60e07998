"""Home: one's projects as cards, with a real mouse, real keys and real drops."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from cnnstudio.core import JobStopped
from cnnstudio.data.overview import note_opened
from cnnstudio.jobs import specs
from cnnstudio.jobs.projects import Project
from cnnstudio.ui.home.project_card import MISSING_ROLE, PROJECT_ROLE, _resume, opened_words
from cnnstudio.ui.state import Preferences, load_preferences

pytestmark = pytest.mark.pages("home", "data")

COVER = np.full((128, 512, 3), 90, np.uint8)


def project(root, **more):
    facts = {"pictures": 40, "classes": 2, "opened": "2026-11-20T10:00:00Z", "cover": COVER, **more}
    return Project(root=Path(root), name=Path(root).name, place=str(Path(root).parent), **facts)


PROJECTS = (
    project("/a/hats", accuracy=0.823, accuracy_pictures=572),
    project("/a/leaves", state="Stopped at epoch 12", resumable=Path("/runs/leaves")),
    project("/a/<b>gone</b> & قطة", opened=""),
)


@pytest.fixture
def runner(runner):
    runner.answers |= {
        specs.ListProjects: lambda job: tuple(each for root in job.roots for each in PROJECTS if each.root == root),
        specs.ExistingFolders: lambda job: job.folders[:2],
    }
    return runner


@pytest.fixture
def home(window, studio, qtbot):
    """With three projects, the last one's folder missing."""
    studio.remember(replace(studio.preferences, recent=tuple(str(each.root) for each in PROJECTS)))
    studio.recent_changed.emit()
    page = window.home_page
    qtbot.waitUntil(lambda: page.projects.model().rowCount() == 3)
    qtbot.waitUntil(lambda: page.projects.model().index(2).data(MISSING_ROLE))
    return page


def place_of(home, row, part="card"):
    view = home.projects
    cell = view.visualRect(view.model().index(row))
    return _resume(cell.adjusted(4, 4, -4, -4)).center() if part == "resume" else cell.center()


def click(qtbot, home, row, part="card"):
    qtbot.mouseClick(home.projects.viewport(), Qt.MouseButton.LeftButton, pos=place_of(home, row, part))


def scanned(runner):
    return [job.folder for job in runner.of(specs.ScanFolder)]


def test_a_click_opens_a_project(home, window, runner, qtbot):
    click(qtbot, home, 0)
    assert scanned(runner) == [Path("/a/hats")]
    assert window.pages.currentWidget() is window.data_page


def test_keys_open_find_and_remove(home, window, runner, qtbot):
    home.projects.setFocus()
    assert home.projects.currentIndex().row() == 0, "the keyboard comes to the first one"
    QTest.keyClick(home.projects, Qt.Key.Key_L)
    assert home.projects.currentIndex().data() == "leaves"
    QTest.keyClick(home.projects, Qt.Key.Key_Return)
    assert scanned(runner) == [Path("/a/leaves")]
    window.show_page("home")
    QTest.keyClick(home.projects, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: load_preferences().recent == ("/a/hats", "/a/<b>gone</b> & قطة"))
    assert home.projects.model().rowCount() == 2
    qtbot.mouseClick(window.toast.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: home.projects.model().rowCount() == 3)
    assert load_preferences().recent[1] == "/a/leaves"


def test_a_folder_that_went_away_is_noticed_when_one_comes_back_to_the_page(home, window, runner, qtbot):
    runner.answers[specs.ExistingFolders] = lambda job: job.folders[1:]
    window.show_page("data")
    window.show_page("home")
    missing = [home.projects.model().index(row) for row in range(3)]
    qtbot.waitUntil(lambda: [index.data(MISSING_ROLE) for index in missing] == [True, False, False])


def test_a_project_whose_folder_was_moved_is_found_again_with_all_that_was_done(
    home, window, runner, qtbot, monkeypatch, tmp_path
):
    now = tmp_path / "now"
    runner.answers[specs.FollowPictures] = lambda job: job.now
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(now))
    click(qtbot, home, 2)
    qtbot.waitUntil(lambda: scanned(runner) == [now])
    (asked,) = runner.of(specs.FollowPictures)
    assert (asked.before, asked.now) == (PROJECTS[2].root, now)
    assert window.pages.currentWidget() is window.data_page
    qtbot.waitUntil(lambda: str(now) in load_preferences().recent)
    assert str(PROJECTS[2].root) not in load_preferences().recent
    assert home.projects.menu(home.projects.model().index(0)).actions()[0].text() == "Open"


@pytest.mark.pages("home", "train")
def test_a_stopped_training_is_resumed_from_its_card(home, window, runner, studio, dataset, qtbot):
    runner.answers[specs.ScanFolder] = dataset
    click(qtbot, home, 1, "resume")
    qtbot.waitUntil(lambda: bool(runner.of(specs.ResumeRun)))
    assert runner.of(specs.ResumeRun)[0].run == Path("/runs/leaves")
    assert scanned(runner) == [Path("/a/leaves")]
    assert window.pages.currentWidget() is window.train_page
    runner.end(next(each for each in runner.handles if isinstance(each.job, specs.ResumeRun)), JobStopped())
    qtbot.waitUntil(lambda: not studio.training_active)


def test_a_card_without_a_stopped_training_has_no_such_place(home, runner, qtbot):
    click(qtbot, home, 0, "resume")
    assert runner.of(specs.ResumeRun) == []
    assert scanned(runner) == [Path("/a/hats")]


def test_the_menu_key_offers_everything(home, qtbot):
    menu = home.projects.menu(home.projects.model().index(1))
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Open", "Resume the training", "Show in the file manager", "Remove from this list",
    ]  # fmt: skip
    assert all(action.isEnabled() for action in menu.actions())
    gone = home.projects.menu(home.projects.model().index(2))
    assert [action.isEnabled() for action in gone.actions() if action.text()] == [True, False, False, True]
    assert isinstance(menu, QMenu)
    menu.deleteLater()
    gone.deleteLater()


def test_what_a_card_says(home):
    said = [home.projects.model().index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert "40 pictures in 2 classes\nBest: 82.3 % of 572 validation pictures" in said[0]
    assert "Not trained yet\nStopped at epoch 12" in said[1]
    assert "The folder is not there" in said[2]
    assert "<b>" in said[2]


def test_cards_use_the_room(home, window, qtbot):
    view = home.projects

    def cards():
        return [view.visualRect(view.model().index(row)) for row in range(3)]

    for width, columns in ((1000, 1), (1440, 2)):
        window.resize(width, 700)
        qtbot.waitUntil(lambda columns=columns: len({card.left() for card in cards()}) == columns)
        assert max(card.right() for card in cards()) <= view.viewport().width()
        assert columns * cards()[0].width() > 0.9 * view.viewport().width()


@pytest.mark.pages("home", "train")
def test_a_change_while_nobody_looks_is_read_when_the_page_is_shown(home, window, runner, studio):
    window.show_page("train")
    before = len(runner.of(specs.ListProjects))
    studio.recent_changed.emit()
    assert len(runner.of(specs.ListProjects)) == before
    window.show_page("home")
    assert len(runner.of(specs.ListProjects)) == before + 1


def test_what_is_opened_is_noted_under_the_name_of_what_was_opened(window, runner, studio, dataset, qtbot):
    runner.answers |= {
        specs.ScanFolder: dataset,
        specs.NoteProject: lambda job: note_opened(job.dataset, job.source, ""),
    }
    with qtbot.waitSignal(studio.dataset_changed):
        window.open_paths([dataset.root])
    assert [job.source for job in runner.of(specs.NoteProject)] == [dataset.root]


def test_without_projects_it_says_how_it_works(window):
    assert window.home_page.dashboard.drop_panel.isVisible()
    assert not window.home_page.projects.isVisible()


def test_thirty_projects_are_shown_at_once(home, studio, runner, qtbot):
    many = tuple(project(f"/m/{number}") for number in range(30))
    runner.answers[specs.ListProjects] = many
    studio.remember(replace(studio.preferences, recent=tuple(str(each.root) for each in many)))
    studio.recent_changed.emit()
    qtbot.waitUntil(lambda: home.projects.model().rowCount() == 30)
    assert home.projects.model().index(29).data(PROJECT_ROLE).root == Path("/m/29")


@pytest.mark.parametrize("name", ["leaves", "leaves.zip"])
def test_a_folder_or_a_zip_is_dropped_anywhere(home, runner, qtbot, own_folder, tmp_path, name):
    target = tmp_path / name
    shutil.make_archive(str(tmp_path / "leaves"), "zip", own_folder) if name.endswith("zip") else target.mkdir()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(target))])
    for widget in (home.projects.viewport(), home.dashboard.open_button):
        place = widget.mapTo(home, QPoint(5, 5))
        over = QDragEnterEvent(
            place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(home, over)
        assert over.isAccepted()
        assert home.dashboard.hint.property("hot")
        assert not widget.acceptDrops(), "so that Qt brings it to the page"
        drop = QDropEvent(
            QPointF(place), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(home, drop)
        assert not home.dashboard.hint.property("hot")
    qtbot.waitUntil(lambda: scanned(runner) == [target, target])
    assert home.window().pages.currentWidget() is home.window().data_page


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        ("2026-11-26T08:05:00Z", "Opened today at 08:05"),
        ("2026-11-25T23:59:00Z", "Opened yesterday at 23:59"),
        ("2026-10-02T10:00:00Z", "Opened on 2 October 2026"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_when_it_was_opened(opened, said):
    assert opened_words(opened, datetime(2026, 11, 26, 12, tzinfo=UTC)) == said


def test_a_dialog_for_folders_begins_beside_the_last_one_or_where_pictures_are(home, studio, monkeypatch, tmp_path):
    begun = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *told: begun.append(told[2]) or "")
    studio.preferences = Preferences()
    home.choose_folder()
    studio.preferences = studio.preferences.with_recent(tmp_path / "hats")
    home.choose_folder()
    assert begun == [QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation), str(tmp_path)]


def test_behind_an_example_that_was_opened_there_are_the_projects_again(home, studio, runner, dataset, qtbot):
    runner.answers[specs.ScanFolder] = dataset
    home.show_examples()
    studio.open_folder(dataset.root)
    qtbot.waitUntil(lambda: studio.dataset is not None)
    assert home.views.currentWidget() is home.dashboard
    assert home.title.text() == home.dashboard.title
