"""The map: what is drawn around is selected, what is hidden is not, and what is selected can be mended."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from cnnstudio.core.events import JobFinished
from cnnstudio.data.curation import load_curation
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from cnnstudio.ui.results.picture_map.lasso import inside
from cnnstudio.ui.results.picture_map.points import HIDDEN, Mark, Points
from cnnstudio.ui.results.picture_map.tab import MapTab
from cnnstudio.understanding.outcomes import PictureMap
from tests.ui.test_second_look import run_on

CLASSES = ("blue", "green", "red")


def map_of(root, places, labels, answers):
    count = len(labels)
    names = tuple(f"{CLASSES[label]}/{number:02}.png" for number, label in enumerate(labels))
    return PictureMap(
        root=root, classes=CLASSES, names=names, labels=np.array(labels), answers=np.array(answers),
        sure=np.full(count, 0.8, np.float32),
        splits=np.array((["train", "validation", "test"] * count)[:count]), held_out=np.ones(count, bool),
        places=np.array(places, np.float32),
    )  # fmt: skip


@pytest.fixture
def tab(studio, runner, own_folder, qtbot):
    runner.answers[specs.ScanFolder] = open_dataset(own_folder)
    studio.open_folder(own_folder)
    qtbot.waitUntil(lambda: studio.dataset is not None)
    corners = [(x, y) for y in (0, 1) for x in (0, 1, 2)]
    found = map_of(own_folder, corners, [0, 1, 2, 0, 1, 2], [0, 1, 2, 0, 1, 0])
    tab = MapTab(studio)
    qtbot.addWidget(tab)
    tab.resize(900, 560)
    tab.show()
    qtbot.waitExposed(tab)
    runner.answers[specs.LayOutPictures] = lambda _: ...
    tab.show_run(run_on(own_folder))
    for event in (map_of(own_folder, [(0, 0)] * 5 + [(1, 1)], [0, 1, 2, 0, 1, 2], [0, 1, 2, 0, 1, 0]), found):
        tab._take(tab._run, event)  # noqa: SLF001 - as the job hands them over
    runner.close(0)
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.LayOutPictures) and tab.plot.is_drawn)
    yield tab
    tab.release()
    tab.close()


def send(tab, kind, place, modifiers, *, button=Qt.MouseButton.LeftButton, held=Qt.MouseButton.LeftButton):
    plot = tab.plot
    scene = plot.getViewBox().mapViewToScene(QPointF(*place))
    at = QPointF(plot.mapFromScene(scene))
    event = QMouseEvent(kind, at, plot.viewport().mapToGlobal(at), button, held, modifiers)
    QApplication.sendEvent(plot.viewport(), event)


def draw_around(tab, corners, modifiers=Qt.KeyboardModifier.NoModifier):
    send(tab, QEvent.Type.MouseButtonPress, corners[0], modifiers)
    for corner in (*corners[1:], corners[0]):
        time.sleep(0.011)  # pyqtgraph passes over what comes faster
        send(tab, QEvent.Type.MouseMove, corner, modifiers, button=Qt.MouseButton.NoButton)
    send(tab, QEvent.Type.MouseButtonRelease, corners[0], modifiers, held=Qt.MouseButton.NoButton)


LEFT = [(-0.08, -0.1), (0.4, -0.1), (0.4, 1.1), (-0.08, 1.1)]
RIGHT = [(1.6, -0.1), (2.08, -0.1), (2.08, 1.1), (1.6, 1.1)]


def test_rings_are_explained_where_they_are_and_rows_are_made_later(tab):
    assert "1 mistake, ringed." in tab.foot.words.text()
    tab.colours.setCurrentIndex(1)
    assert "1 mistake. Near" in tab.foot.words.text()
    assert tab.colours.fontMetrics().horizontalAdvance(tab.colours.itemText(0)) < tab.colours.width() / 2
    rows = list(tab._rows()())  # noqa: SLF001 - what the foot hands to the job that saves it
    assert rows[0] == ("path", "x", "y", "label", "answer", "split")
    assert rows[6] == (tab._map.names[5], 2, 1, "red", "blue", "test")  # noqa: SLF001


def test_what_is_drawn_around_is_selected_and_shift_adds(tab):
    draw_around(tab, LEFT)
    assert tab.plot.selection.tolist() == [0, 3]
    assert [answer.path for answer in tab.chosen.grid.rows.answers] == ["blue/00.png", "blue/03.png"]
    draw_around(tab, RIGHT, Qt.KeyboardModifier.ShiftModifier)
    assert tab.plot.selection.tolist() == [0, 2, 3, 5]
    assert "4 pictures selected, 1 mistake." in tab.chosen.words.text()
    assert tab.chosen.grid.rows.answers[0].path == "red/05.png"  # mistakes first


def test_what_is_selected_keeps_its_colour_and_the_rest_is_pale(tab, qtbot):
    assert tab.plot.points.opacity() == 1
    draw_around(tab, RIGHT)
    assert tab.plot.chosen.kinds.tolist() == [HIDDEN, HIDDEN, 2, HIDDEN, HIDDEN, 5]
    assert tab.plot.points.opacity() < 0.5
    tab.colours.setCurrentIndex(1)
    assert tab.plot.chosen.kinds[[2, 5]].tolist() == [0, 1], "other colours for those that are selected, too"
    qtbot.keyClick(tab.plot, Qt.Key.Key_Escape)
    assert tab.plot.points.opacity() == 1
    assert (tab.plot.chosen.kinds == HIDDEN).all()


def test_what_is_hidden_is_neither_drawn_around_nor_stays_selected(tab, qtbot):
    qtbot.keyClick(tab.plot, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(tab.plot.selection) == 6
    tab.legend.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert tab.plot.selection.tolist() == [1, 2, 4, 5]
    draw_around(tab, LEFT)
    assert tab.plot.selection.tolist() == []
    tab.legend.itemDoubleClicked.emit(tab.legend.item(2))
    assert tab.legend.shown().tolist() == [False, False, True]
    tab.legend.itemDoubleClicked.emit(tab.legend.item(2))
    assert tab.legend.shown().all()


def test_colours_say_class_mistake_or_split(tab):
    assert tab.plot.points.kinds.tolist() == [0, 1, 2, 0, 1, 5]  # the last one ringed
    tab.colours.setCurrentIndex(1)
    assert [tab.legend.item(row).text() for row in range(2)] == ["Correct  5", "Mistake  1"]
    assert tab.plot.points.kinds.tolist() == [0, 0, 0, 0, 0, 1]
    tab.colours.setCurrentIndex(2)
    assert tab.plot.points.kinds.tolist() == [0, 1, 2, 0, 1, 2]


def test_what_is_selected_is_skipped_and_shown_among_the_data(tab, studio, own_folder, qtbot):
    draw_around(tab, RIGHT)
    with qtbot.waitSignal(studio.pictures_wanted) as wanted:
        tab.chosen.show_in_data.click()
    assert [path.name for path in wanted.args[0]] == ["05.png", "02.png"]
    tab.chosen.skip.click()
    qtbot.waitUntil(lambda: load_curation(own_folder).left_out == ("red/05.png", "red/02.png"))
    qtbot.waitUntil(lambda: bool(studio.history.undo_text))


def test_a_point_under_the_mouse_shows_its_picture(tab):
    send(
        tab, QEvent.Type.MouseMove, (2, 1), Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.NoButton,
        held=Qt.MouseButton.NoButton,
    )  # fmt: skip
    assert tab.hint.isVisible()
    assert tab.hint.words.text() == "red → blue"
    tab.plot.leaveEvent(QEvent(QEvent.Type.Leave))
    assert not tab.hint.isVisible()


def test_crossing_numbers_agree_with_a_circle_and_take_milliseconds():
    random = np.random.default_rng(0)
    places = random.uniform(-2, 2, (60_000, 2)).astype(np.float32)
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    begun = time.process_time()
    found = inside(places, np.stack([np.cos(turn), np.sin(turn)], 1))
    assert time.process_time() - begun < 0.5
    radius = np.hypot(*places.T)
    assert found[radius < 0.99].all()
    assert not found[radius > 1].any()
    assert not inside(places, np.zeros((2, 2))).any()


def test_sixty_thousand_points_are_painted_at_once_and_hidden_ones_are_not(qapp):
    points = Points()
    places = np.random.default_rng(0).uniform(0, 200, (60_000, 2)).astype(np.float32)
    points.show_marks([Mark("o", "#ff0000", "#ff0000"), Mark("s", "#00ff00", "#00ff00")])
    points.show_points(places, np.where(places[:, 0] < 100, 0, HIDDEN))
    image = QImage(240, 240, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.translate(20, 20)
    begun = time.process_time()
    points.paint(painter)
    assert time.process_time() - begun < 0.5
    painter.end()
    assert image.pixelColor(70, 120).name() == "#ff0000"
    assert image.pixelColor(180, 120).name() == "#ffffff"


def test_a_run_that_continues_another_shows_where_its_pictures_were(tab, own_folder, qtbot):
    """Points walk there and back; what was not there is hidden; mistakes are those of that time."""
    assert tab.when.isHidden(), "it continues none"
    missing = [(np.nan, np.nan), *([(0, 5)] * 5)]
    before = map_of(own_folder, missing, [0, 1, 2, 0, 1, 2], [0, 0, 0, 0, 1, 2])
    now = replace(tab._map, before=before)  # noqa: SLF001 - as the job hands it over
    tab.show_run(run_on(own_folder))
    tab._take(tab._run, now)  # noqa: SLF001
    assert tab.when.isVisible()
    tab.plot.select(np.array([1, 2, 5]))
    assert "3 pictures selected, 1 mistake." in tab.chosen.words.text()
    tab.when.setFocus()
    qtbot.keyClick(tab.when, Qt.Key.Key_Down)
    tab.when.activated.emit(1)
    qtbot.waitUntil(lambda: tab.plot.points.places[1].tolist() == [0, 5])
    assert tab.plot.points.kinds[0] == HIDDEN
    assert "3 pictures selected, 2 mistakes." in tab.chosen.words.text()
    assert "On 5 pictures of every split, as the network saw them that this one began with" in tab.foot.words.text()
    tab.when.setCurrentIndex(0)
    tab.when.activated.emit(0)
    qtbot.waitUntil(lambda: tab.plot.points.places[1].tolist() == now.places[1].tolist())
    assert tab.plot.points.kinds[0] != HIDDEN
    assert tab.plot.selection.tolist() == [1, 2, 5]


def sixty_thousand(root):
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 60_000)
    answers = np.where(random.random(60_000) < 0.1, (labels + 1) % 3, labels)
    return map_of(root, random.uniform(-2, 2, (60_000, 2)), labels, answers)


@pytest.mark.slow
def test_of_sixty_thousand_points_the_chosen_are_shown_within_a_tenth_of_a_second(tab, runner, own_folder, qtbot):
    """From the end of a line of 200 corners to the grid, zooming, and hiding a class, in time of the processor."""
    runner.answers[specs.LayOutPictures] = JobFinished(result=sixty_thousand(own_folder))
    tab.show_run(run_on(own_folder))
    qtbot.waitUntil(lambda: len(tab.plot.points.places) == 60_000)
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1)
    drawn = tab.plot.getViewBox().drawn  # lines that are finished and add to nothing
    acts = {
        "few": lambda: drawn.emit(0.5 * circle, True, False),  # noqa: FBT003 - a signal
        "half": lambda: drawn.emit(1.6 * circle, True, False),  # noqa: FBT003 - a signal
        "zoom": lambda: tab.plot.zoom(1.2),
        "hide": lambda: tab.legend.item(0).setCheckState(Qt.CheckState.Unchecked),
        "colour": lambda: tab.colours.setCurrentIndex(1),
        "hover": lambda: send(
            tab, QEvent.Type.MouseMove, (0, 0), Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.NoButton,
            held=Qt.MouseButton.NoButton,
        ),
    }  # fmt: skip
    tab.grab()
    taken = {}
    for name, act in acts.items():
        begun = time.process_time()
        act()
        QApplication.processEvents()
        taken[name] = time.process_time() - begun
        if name == "half":
            assert len(tab.chosen.grid.rows.answers) == pytest.approx(60_000 * np.pi * 1.6**2 / 16, rel=0.05)
    half = taken.pop("half")
    assert max(taken.values()) < 0.1, taken
    assert half < 0.2, "30,000 pictures at once"
