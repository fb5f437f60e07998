"""The inside page: channels by contribution, switched off by mouse and keys; crops; before and after; all layers."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from cnnstudio.core import JobStopped, Progressed
from cnnstudio.inference.results import ClassScore, FeatureMaps, ModelInfo
from cnnstudio.jobs import specs
from cnnstudio.runs import open_run
from cnnstudio.ui.inside.page import InsidePage
from cnnstudio.understanding.inside.values import (
    BeforeAfter,
    Crop,
    CropPictures,
    Excited,
    FirstFilters,
    Ranking,
    Without,
)
from tests.ui.conftest import CATALOGUE
from tests.ui.test_results_predict_export_pages import LAYERS, MAPS
from tests.ui.test_train_page import click, finished_run  # noqa: F401 - a fixture

LEFT = Qt.MouseButton.LeftButton
TOP = (ClassScore("red", 0.75), ClassScore("blue", 0.25))


def ranked(spec):
    contributions = np.array([0.1, -2.0, 1.0, 0.5], np.float32)
    order = (3, 2, 1, 0) if spec.by_strength else (1, 2, 3, 0)
    maps = FeatureMaps(
        layer=spec.layer, shape=(4, 4, 4), tiles=np.zeros((4, 4, 4), np.uint8), channels=order, low=(0.0,) * 4,
        high=(1.0,) * 4, total_channels=4, input_image=np.zeros((8, 8, 3), np.uint8),
    )  # fmt: skip
    label = spec.label or "red"
    return Ranking(label=label, contributions=contributions, strengths=contributions**2, maps=maps, top=TOP)


def silenced(spec):
    top = (ClassScore("blue", 0.6), ClassScore("red", 0.4)) if 1 in spec.channels else TOP
    return Without(top=top, averaged=64 * spec.to_average)


def exciting(spec):
    crops = tuple((Crop(path=Path("a.png"), box=(0, 0, 4, 4), activation=1.0),) for _ in range(8))
    return Excited(
        layers=("conv1", "layer1"), pictures=30, crops={"conv1": crops, "layer1": crops},
        random={"conv1": crops[0], "layer1": crops[0]}, silent={"conv1": (7,), "layer1": ()}, by=spec.by, of=90,
    )  # fmt: skip


def cropped(spec):
    picture = np.zeros((4, 4, 3), np.uint8)
    return tuple(
        CropPictures(
            layer=spec.layer, channel=channel, side=4, exciting=(picture,) * 9, random=(picture,) * 9,
            paths=(Path("a.png"),) * 9, silent=channel == 7,
        )
        for channel in spec.channels
    )  # fmt: skip


@pytest.fixture
def page(qtbot, studio, runner, tiny_folder):
    """On a network with weights, looking at a picture."""
    pictures = np.zeros((6, 3, 3, 3), np.uint8)
    runner.answers |= {
        specs.DescribeModel: ModelInfo(
            title="x", network="gamma", classes=("blue", "green", "red"), layers=LAYERS, suggested_layer="layer1"
        ),
        specs.ShowMaps: MAPS,
        specs.RankChannels: ranked,
        specs.RankBeside: ranked,
        specs.SwitchOff: silenced,
        specs.FindExciting: ...,
        specs.ShowCrops: cropped,
        specs.ShowFilters: FirstFilters(layer="conv1", pictures=pictures, before=pictures),
        specs.CompareBefore: BeforeAfter(
            before=MAPS, after=MAPS, changes=(0.5,) * 6, untouched=True, origin="Gamma, gamma.pth"
        ),
    }
    studio.catalogue = CATALOGUE
    page = InsidePage(studio)
    qtbot.addWidget(page)
    page.resize(824, 616)
    page.show()
    qtbot.waitExposed(page)
    studio.picture_looked_at.emit(tiny_folder / "red" / "00.png")
    return page


@pytest.fixture
def decided(page, qtbot):
    tab = page.tabs.tab("decided")
    qtbot.waitUntil(lambda: tab.grid.maps is not None)
    return tab


def tile(tab, index):
    return tab.grid.tile_rect(index).center().toPoint()


def test_nothing_is_loaded_before_the_page_is_shown(studio, runner, qtbot):
    studio.catalogue = CATALOGUE
    page = InsidePage(studio)
    qtbot.addWidget(page)
    assert not runner.of(specs.DescribeModel)
    runner.answers[specs.DescribeModel] = ...
    page.show()
    qtbot.waitUntil(lambda: bool(runner.of(specs.DescribeModel)))


def test_a_network_without_maps_says_so_in_place_of_empty_tabs(page, studio, qtbot):
    model = page._picker.model  # noqa: SLF001
    flat = ModelInfo(title="x", network="Dense@00000000", classes=("a", "b"), layers=(), suggested_layer="")
    page._describe(model, flat)  # noqa: SLF001
    assert page.parts.part is page.without_maps
    with qtbot.waitSignal(studio.navigate) as went:
        click(qtbot, page.without_maps.action)
    assert went.args == ["predict"]


def test_channels_come_in_the_order_of_what_they_contributed(decided, runner, qtbot):
    assert decided.grid.maps.channels == (1, 2, 3, 0)
    assert decided.grid.caption(0) == "channel 1: -2.000 for red"
    assert runner.of(specs.RankChannels)[-1].layer == "layer1", "the end of the last stage"
    assert decided.bars.accessibleDescription() == "red 75.0 %, blue 25.0 %"
    decided.order.setFocus()
    qtbot.keyClick(decided.order, Qt.Key.Key_Down)
    decided.order.activated.emit(1)
    qtbot.waitUntil(lambda: decided.grid.maps.channels == (3, 2, 1, 0))
    decided.label.setCurrentIndex(decided.label.findData("green"))
    decided.label.activated.emit(0)
    qtbot.waitUntil(lambda: runner.of(specs.RankChannels)[-1].label == "green")


def test_a_click_switches_a_channel_off_and_the_bars_move(decided, runner, qtbot):
    qtbot.mouseClick(decided.grid, LEFT, pos=tile(decided, 0))
    qtbot.waitUntil(lambda: "the answer is blue (60 %)" in decided.said.text())
    assert decided.bars.accessibleDescription() == "red 40.0 %, blue 60.0 %", "the classes keep their places"
    assert decided.grid.caption(0).endswith("switched off")
    decided.grid.setFocus()
    qtbot.keyClick(decided.grid, Qt.Key.Key_Right)
    qtbot.keyClick(decided.grid, Qt.Key.Key_Space)
    assert runner.of(specs.SwitchOff)[-1].channels == (1, 2)
    qtbot.mouseClick(decided.grid, LEFT, pos=tile(decided, 0))
    qtbot.waitUntil(lambda: "stays red" in decided.said.text())
    click(qtbot, decided.back)
    assert decided.grid.off == set()
    assert decided.said.text() == ""
    assert not decided.back.isEnabled()


def test_only_a_network_that_knows_pictures_has_averages(decided):
    assert not decided.off.isEnabled()
    assert "trained here" in decided.off.toolTip()


def test_another_picture_is_another_order(page, decided, runner, tiny_folder, studio, qtbot):
    other = tiny_folder / "blue" / "01.png"
    studio.picture_looked_at.emit(other)
    qtbot.waitUntil(lambda: runner.of(specs.RankChannels)[-1].image == other)
    assert page.picture_button.text() == "01.png"


def test_all_layers_zoom_and_show_one_large(page, qtbot, runner):
    click(qtbot, page.tabs.buttons["layers"])
    tab = page.tabs.tab("layers")
    qtbot.waitUntil(lambda: tab.grid.maps is not None)
    assert runner.of(specs.ShowMaps)[-1].layer == "layer1"
    assert "8 × 4 × 4" in tab.about.text()
    assert "6 of 8 channels" in tab.about.text()
    before = tab.grid.tile
    click(qtbot, tab.zoom_in)
    assert tab.grid.tile > before
    tab.grid.setFocus()
    qtbot.keyClick(tab.grid, Qt.Key.Key_Minus)
    assert tab.grid.tile == pytest.approx(before, abs=1)
    qtbot.mouseClick(tab.grid, LEFT, pos=tab.grid.tile_rect(2).center().toPoint())
    assert tab.large_text.text() == "channel 1, 0.00 … 3.00"
    qtbot.keyClick(tab.grid, Qt.Key.Key_Left)
    qtbot.keyClick(tab.grid, Qt.Key.Key_Return)
    assert tab.large_text.text() == "channel 3, 0.00 … 2.00"
    tab.layer.setCurrentIndex(0)
    tab.layer.activated.emit(0)
    assert runner.of(specs.ShowMaps)[-1].layer == "conv1"


def test_a_network_that_was_not_trained_here_has_filters_but_no_pictures(page, qtbot):
    click(qtbot, page.tabs.buttons["looks"])
    tab = page.tabs.tab("looks")
    qtbot.waitUntil(lambda: tab.filters.count == 6)
    assert not tab.start.isVisible()
    assert "trained here" in tab.start_about.text()
    click(qtbot, page.tabs.buttons["before"])
    assert "not trained here" in page.tabs.tab("before").about.text()


@pytest.fixture
def of_run(page, studio, finished_run, qtbot):  # noqa: F811
    """The page on a run of the open folder."""
    run = open_run(finished_run().folder)
    studio.runs = [run]
    studio.run = run
    studio.runs_changed.emit()
    qtbot.waitUntil(lambda: page.tabs.tab("decided").run == run.folder)
    return page


def test_channels_are_switched_to_their_average(of_run, runner, qtbot):
    tab = of_run.tabs.tab("decided")
    qtbot.waitUntil(lambda: tab.grid.maps is not None)
    qtbot.mouseClick(tab.grid, LEFT, pos=tile(tab, 0))
    tab.off.setFocus()
    qtbot.keyClick(tab.off, Qt.Key.Key_Down)
    tab.off.activated.emit(1)
    qtbot.waitUntil(lambda: "1 channel at its average the answer is blue (60 %)" in tab.said.text())
    assert "Averages are taken over 64 pictures" in tab.foot.words.text()
    runner.answers[specs.SwitchOff] = ...
    qtbot.mouseClick(tab.grid, LEFT, pos=tile(tab, 1))
    assert runner.specs[-1].to_average
    assert runner.specs[-1].channels == (1, 2)
    handle = runner.handles[-1]
    handle.events.put(Progressed(done=8, total=64, text="Averaging over your pictures", kind="work"))
    qtbot.waitUntil(lambda: tab.said.text() == "Averaging over your pictures: 8 of 64.")
    click(qtbot, tab.back)
    assert handle.control.stop_requested
    assert tab.grid.off == set()
    assert tab.said.text() == ""
    assert tab.bars.accessibleDescription() == "red 75.0 %, blue 25.0 %"


def test_edges_textures_and_parts_in_one_view_after_one_pass(of_run, runner, qtbot):
    click(qtbot, of_run.tabs.buttons["looks"])
    tab = of_run.tabs.tab("looks")
    click(qtbot, tab.start)
    handle = next(each for each in runner.handles if isinstance(each.job, specs.FindExciting))
    handle.events.put(Progressed(done=3, total=30, text="Looking", kind="work"))
    qtbot.waitUntil(lambda: tab.progress.left.text() == "3 of 30")
    runner.end(handle, exciting(handle.job))
    qtbot.waitUntil(lambda: tab.rows[0].layer == "conv1")
    assert [row.isVisible() for row in tab.rows] == [True, True, False], "as many as the network has"
    assert "1 channel never active" in tab.rows[0].about.text()
    qtbot.waitUntil(lambda: tab.rows[0].mosaics[0].accessibleName() == "channel 1")
    assert tab.rows[0].mosaics[-1].accessibleName() == "by chance"
    click(qtbot, tab.rows[0].after)
    qtbot.waitUntil(lambda: runner.of(specs.ShowCrops)[-1].channels[0] != 1)
    tab.rows[0].channel.setFocus()
    tab.rows[0].channel.setValue(3)
    qtbot.keyClick(tab.rows[0].channel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab.rows[0].mosaics[0].accessibleName() == "channel 3")


def test_where_channels_are_of_most_use_is_looked_for_when_it_is_chosen(of_run, runner, qtbot):
    runner.answers[specs.FindExciting] = exciting
    click(qtbot, of_run.tabs.buttons["looks"])
    tab = of_run.tabs.tab("looks")
    click(qtbot, tab.start)
    qtbot.waitUntil(lambda: tab.rows[0].layer == "conv1")
    tab.by.setCurrentIndex(1)
    tab.by.activated.emit(1)
    assert of_run.window().focusWidget() is tab.by, "what had the keyboard is gone, and Qt would give it to the rail"
    assert len(runner.of(specs.FindExciting)) == 1, "not before it is asked for"
    assert tab.start.isVisible()
    assert not tab.stack.isVisible()
    click(qtbot, tab.start)
    qtbot.waitUntil(lambda: tab.stack.isVisible())
    assert runner.of(specs.FindExciting)[-1].by == "contribution"
    qtbot.waitUntil(lambda: "never of use on your pictures" in tab.rows[0].about.text())
    assert "30 of 90 training or validation pictures" in tab.foot.words.text()
    tab.by.setCurrentIndex(0)
    tab.by.activated.emit(0)
    assert tab.stack.isVisible(), "what was found is kept"
    assert len(runner.of(specs.FindExciting)) == 2


def test_a_stopped_pass_can_begin_again(of_run, runner, qtbot):
    click(qtbot, of_run.tabs.buttons["looks"])
    tab = of_run.tabs.tab("looks")
    click(qtbot, tab.start)
    handle = next(each for each in runner.handles if isinstance(each.job, specs.FindExciting))
    click(qtbot, tab.progress.stop)
    assert handle.control.stop_requested
    handle.events.put(JobStopped())
    qtbot.waitUntil(tab.start.isVisible)
    assert not tab.progress.isVisible()


def test_what_training_left_as_it_was_is_said(of_run, qtbot):
    click(qtbot, of_run.tabs.buttons["before"])
    tab = of_run.tabs.tab("before")
    qtbot.waitUntil(lambda: "nothing was trained" in tab.about.text())
    assert tab.old.below(0) == "5   50.0 %"
    qtbot.waitUntil(lambda: "did not change them" in tab.filters_about.text())
    assert tab.filters_before.isVisible()


def test_what_is_not_known_of_before_takes_no_room(of_run, runner, qtbot):
    pictures = np.zeros((6, 3, 3, 3), np.uint8)
    runner.answers[specs.ShowFilters] = FirstFilters(layer="conv1", pictures=pictures, before=None)
    click(qtbot, of_run.tabs.buttons["before"])
    tab = of_run.tabs.tab("before")
    qtbot.waitUntil(lambda: "not known" in tab.filters_about.text())
    assert tab.filters_after.isVisible()
    words = {each.text() for each in tab.filters.findChildren(QLabel) if each.isVisible()}
    assert words.isdisjoint({"before", "after"})
    assert not tab.filters_before.isVisible()
