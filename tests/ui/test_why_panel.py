"""Why this answer: asked for when the tab is opened, painted on one scale, and covered by mouse and keys."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cnnstudio.core import Progressed
from cnnstudio.inference.results import ClassScore, ModelInfo, Prediction
from cnnstudio.jobs import specs
from cnnstudio.ui.predict.page import PredictPage
from cnnstudio.understanding.why.drawing import AGAINST, FOR
from cnnstudio.understanding.why.values import Alike, Evidence, Explanation, Neighbours, Occlusion
from tests.ui.conftest import CATALOGUE
from tests.ui.test_results_predict_export_pages import LAYERS, answer
from tests.ui.test_train_page import click

LABELS = ("blue", "green", "red")
LEFT = Qt.MouseButton.LeftButton


def explained(spec):
    maps = np.array([[[1.0, -0.5], [0.0, 0.02]], [[0.2, 0.0], [0.0, -1.0]]], np.float32)
    return Explanation(
        path=spec.image, labels=LABELS, pixels=np.full((40, 40, 3), 200, np.uint8),
        evidence=Evidence(
            layer="features", classes=(2, 0), maps=maps, logits=np.array([2.0, 1.0]), rest=np.array([0.5, 0.2]),
            exact=spec.image.name != "01.png", probabilities=np.array([0.25, 0.05, 0.7]),
        ),
    )  # fmt: skip


def covered(spec):
    left, top, right, bottom = spec.box
    area = (right - left) * (bottom - top)
    shares = (("red", 0.7 - area), ("blue", 0.25 + area), ("green", 0.05))
    top = tuple(ClassScore(*each) for each in sorted(shares, key=lambda each: -each[1]))
    return Prediction(path=spec.image, top=top)


@pytest.fixture
def page(qtbot, studio, runner):
    runner.answers |= {
        specs.DescribeModel: ModelInfo(
            title="x", network="gamma", classes=LABELS, layers=LAYERS, suggested_layer="layer1"
        ),
        specs.Predict: answer,
        specs.ExplainAnswer: explained,
        specs.CoverPart: covered,
        specs.CoverSquares: Occlusion(
            classes=(2, 0), drops=np.ones((2, 7, 7), np.float32), falls=np.full((2, 7, 7), 0.25, np.float32)
        ),
    }
    studio.catalogue = CATALOGUE
    page = PredictPage(studio)
    qtbot.addWidget(page)
    page.resize(824, 616)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def why(page, qtbot, tiny_folder):
    """The tab, opened by a click, on a picture."""
    monitor = page.open_images([tiny_folder / "red" / "00.png"])
    qtbot.waitUntil(lambda: not monitor.active)
    click(qtbot, page.tabs.buttons["why"])
    qtbot.waitUntil(page.why.maps.isVisible)
    return page.why


def colour_at(view, across, down):
    pixel = view.picture.toImage().pixelColor(int(across * view.picture.width()), int(down * view.picture.height()))
    return pixel.red(), pixel.green(), pixel.blue()


def test_nothing_is_asked_before_the_tab_is_opened(page, qtbot, tiny_folder, runner):
    monitor = page.open_images([tiny_folder / "red" / "00.png"])
    qtbot.waitUntil(lambda: not monitor.active)
    assert not runner.of(specs.ExplainAnswer)
    click(qtbot, page.tabs.buttons["why"])
    qtbot.waitUntil(lambda: bool(runner.of(specs.ExplainAnswer)))
    click(qtbot, page.tabs.buttons["answer"])
    click(qtbot, page.tabs.buttons["why"])
    assert len(runner.of(specs.ExplainAnswer)) == 1, "the same answer is not explained twice"


def test_two_maps_on_one_scale_orange_for_and_blue_against(why, qtbot):
    assert [title.text() for title in why.maps.titles] == [
        "for red, 70.0 %",
        "for blue, 25.0 %",
    ]
    first, second = why.maps.views
    assert np.abs(np.subtract(colour_at(first, 0.02, 0.02), FOR)).max() < 60
    assert colour_at(first, 0.98, 0.98) == (200, 200, 200), "little is nothing"
    assert np.abs(np.subtract(colour_at(second, 0.98, 0.98), AGAINST)).max() < 60
    assert colour_at(second, 0.02, 0.02)[0] > 190, "0.2 of the other map's strongest place is faint"
    assert "add up to the score exactly" in why.maps.about.text()
    why.maps.strength.setFocus()
    qtbot.keyClick(why.maps.strength, Qt.Key.Key_Home)
    assert colour_at(first, 0.02, 0.02) == (200, 200, 200)


def test_an_approximation_is_called_one(why, page, qtbot, tiny_folder):
    monitor = page.open_images([tiny_folder / "red" / "01.png"])
    qtbot.waitUntil(lambda: not monitor.active)
    qtbot.waitUntil(lambda: "roughly" in why.maps.about.text())


def test_a_dragged_square_moves_the_bars(why, qtbot, runner):
    view = why.cover.view
    place = view.picture_rect()
    start = place.topLeft().toPoint() + QPoint(2, 2)
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, start + QPoint(int(0.4 * place.width()), int(0.4 * place.height())))
    qtbot.waitUntil(lambda: "stays" in why.cover.about.text())
    qtbot.mouseMove(view, place.bottomRight().toPoint() - QPoint(2, 2))
    qtbot.mouseRelease(view, LEFT, pos=place.bottomRight().toPoint() - QPoint(2, 2))
    qtbot.waitUntil(lambda: "is blue now" in why.cover.about.text())
    assert why.cover.bars.accessibleDescription().startswith("red"), "the classes keep their places"
    boxes = [job.box for job in runner.of(specs.CoverPart)]
    assert boxes[-1][2] > 0.95 > boxes[0][2] > 0.3
    click(qtbot, why.cover.uncover)
    assert "Drag" in why.cover.about.text()
    assert why.cover.bars.accessibleDescription().startswith("red 70.0 %")


def test_the_cover_works_by_keyboard(why, qtbot, runner):
    view = why.cover.view
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert view.box == (0.375, 0.375, 0.625, 0.625)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.box == pytest.approx((0.4375, 0.375, 0.75, 0.6875))
    for _ in range(9):
        qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.box[0] == 0.0, "it stays on the picture"
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.box is None
    assert runner.of(specs.CoverPart)[-1].box[0] == 0.0


def test_49_squares_are_the_plain_reference(why, qtbot, runner):
    click(qtbot, why.maps.kinds["covering"])
    qtbot.waitUntil(lambda: "49 answers" in why.maps.about.text())
    qtbot.waitUntil(lambda: colour_at(why.maps.views[0], 0.5, 0.5)[2] < 100)
    click(qtbot, why.maps.kinds["reasons"])
    click(qtbot, why.maps.kinds["covering"])
    assert len(runner.of(specs.CoverSquares)) == 1


def test_from_here_it_goes_inside(why, studio, qtbot, tiny_folder):
    with qtbot.waitSignal(studio.navigate) as going:
        click(qtbot, why.inside)
    assert going.args == ["inside"]


def test_only_a_run_of_the_folder_has_pictures_to_compare_with(why):
    assert not why.alike.isVisible()


def test_the_most_alike_pictures_come_first_and_a_long_look_can_be_stopped(qtbot, why, runner, tiny_folder):
    pictures = [tiny_folder / "red" / f"{number:02}.png" for number in range(1, 4)]
    found = Neighbours(
        alike=tuple(Alike(path=path, label="red", similarity=0.9, same=False) for path in pictures), among=36,
        learned=True,
    )  # fmt: skip
    run = Path("/runs/one")
    runner.answers[specs.FindAlike] = ...
    why.alike.show_picture(run, pictures[0])
    handle = runner.handles[-1]
    qtbot.waitUntil(lambda: why.alike.about.text() == "Looking through your training pictures…")
    handle.events.put(Progressed(done=3, total=36, text="Predicting", kind="work"))
    qtbot.waitUntil(why.alike.progress.isVisible)
    click(qtbot, why.alike.progress.stop)
    assert handle.control.stop_requested
    runner.end(handle, found)
    qtbot.waitUntil(lambda: why.alike.pictures.rowCount() == 3)
    assert "has learned from it" in why.alike.about.text()
    assert why.alike.pictures.index(0).data() == "red\n90 % alike"
