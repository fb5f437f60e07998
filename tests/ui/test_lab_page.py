"""The Lab, *Try an operation*: the picture, settings, what is computed while they change, and one pixel's sum."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.lab import NetworkFilters
from cnnstudio.lab import PRESETS, Convolution, kernel_of
from cnnstudio.networks import ModelRef
from cnnstudio.ui.lab.operation.examples import EXAMPLES
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.lab.operation.room import OperationRoom
from cnnstudio.ui.widgets.model_offers import Offer
from tests.ui.conftest import carry_out

pytestmark = pytest.mark.pages("lab", "predict")


@pytest.fixture
def room(studio, runner, qtbot):
    """By itself, since building a window takes ten times as long."""
    runner.answers[specs.OpenForLab] = runner.answers[specs.TryOperations] = carry_out
    room = OperationRoom(studio)
    qtbot.addWidget(room)
    room.source.side.setCurrentIndex(1)
    room.resize(900, 600)
    room.show()
    qtbot.waitExposed(room)
    settle(room, qtbot)
    yield room
    room.release()
    room.close()


@pytest.fixture
def red(tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (90, 60), (200, 0, 0)).save(path)
    return path


def settle(room, qtbot):
    qtbot.waitUntil(lambda: not room.trying.is_busy and room.stage.traced is not None)


def panel(room):
    return room.steps.current.panel


def made(room):
    """What is shown as the result: levels H×W×3."""
    image = room.stage.made.image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


# The picture ----------------------------------------------------------------------------------------------------


def test_there_is_a_picture_before_one_is_opened(room):
    assert room.source.pixels.shape == (16, 16, 3)
    assert room.source.pixels.std() > 20


def test_pictures_that_are_dropped_or_pasted_in_the_lab_are_for_the_lab(window, red, qtbot):
    answers = window.studio.runner.answers
    answers[specs.OpenForLab] = answers[specs.TryOperations] = carry_out
    window.show_page("lab")
    room = window.lab_page.rooms.tab("operation")
    window.open_paths([red])
    qtbot.waitUntil(lambda: room.source.pixels.shape == (60, 90, 3))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(red))])
    QGuiApplication.clipboard().setMimeData(mime)
    room.source.pixels = np.zeros((1, 1, 3), np.uint8)
    window.paste()
    qtbot.waitUntil(lambda: room.source.pixels.shape == (60, 90, 3))
    picture = QImage(30, 20, QImage.Format.Format_RGB888)
    picture.fill(0)
    QGuiApplication.clipboard().setImage(picture)
    window.paste()
    qtbot.waitUntil(lambda: room.source.pixels.shape == (20, 30, 3))
    assert window.pages.currentWidget() is window.lab_page
    assert not window.studio.runner.of(specs.Predict)


def test_what_is_dropped_on_the_room_goes_where_it_belongs(room, studio, red, tmp_path, qtbot):
    wanted = []
    studio.paths_wanted.connect(wanted.append)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(red)), QUrl.fromLocalFile(str(tmp_path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = QPointF(room.stage.geometry().center())
    QApplication.sendEvent(room, QDragEnterEvent(place.toPoint(), copy, mime, left, none))
    assert room.card.property("hot") is True
    QApplication.sendEvent(room, QDropEvent(place, copy, mime, left, none))
    assert wanted == [[red, tmp_path]]  # the window knows what is a picture, and what a folder to learn from


def test_a_smaller_picture_is_read_anew(room, red, qtbot):
    room.source.open_picture(red)
    room.source.side.setCurrentIndex(2)
    qtbot.waitUntil(lambda: room.source.pixels.shape == (21, 32, 3))


def test_a_picture_of_the_folder_is_there_until_a_person_chooses_another(room, studio, dataset, red, qtbot):
    studio.dataset = dataset
    studio.dataset_changed.emit(dataset)
    qtbot.waitUntil(lambda: room.source.name == (dataset.split("validation") or dataset.samples)[0].path.name)
    room.source.open_picture(red)
    qtbot.waitUntil(lambda: room.source.name == "red.png")
    studio.dataset_changed.emit(dataset)  # scanned again, such as after a decision
    settle(room, qtbot)
    assert room.source.name == "red.png"
    room.source.choose_from_folder()
    dialog = room.findChild(QDialog, "lab_folder_pictures")
    assert dialog.rows.rowCount() == len(dataset.samples)
    dialog.view.setCurrentIndex(dialog.rows.index(1))
    qtbot.keyClick(dialog.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: room.source.name == dataset.samples[1].path.name)


def test_a_batch_is_of_the_folder_where_one_is_open(room, studio, dataset, qtbot):
    studio.dataset = dataset
    studio.dataset_changed.emit(dataset)
    settle(room, qtbot)
    room.steps.begin(["norm"])
    qtbot.waitUntil(lambda: room.stage.traced is not None and len(room.stage.traced.batch) == 6)
    assert room.stage.given_title.text().startswith("6 pictures of the folder")


# Convolution ----------------------------------------------------------------------------------------------------


def test_every_preset_is_a_click_and_shows_its_kernel_and_result(room, qtbot):
    for preset in PRESETS:
        qtbot.mouseClick(panel(room).kernel.chips.buttons[f"{preset.name}"], Qt.MouseButton.LeftButton)
        settle(room, qtbot)
        shown = panel(room).kernel.grid.values
        assert np.allclose(shown, kernel_of(preset.name), atol=1e-3) or preset.name == "gabor"
        assert room.steps.current.panel.kernel.preset == preset.name
    qtbot.mouseClick(panel(room).kernel.chips.buttons["identity"], Qt.MouseButton.LeftButton)
    panel(room).kernel.sides.choose(3)
    settle(room, qtbot)
    assert np.array_equal(made(room), room.source.pixels)


def test_a_number_that_is_typed_into_the_kernel_counts(room, qtbot):
    panel(room).kernel.choose_preset("identity", 3)
    grid = panel(room).kernel.grid
    grid.setFocus()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(1, 1).center().toPoint())
    QTest.keyClicks(grid, "0")
    QTest.keyClicks(grid.editor, ",5")
    QTest.keyClick(grid.editor, Qt.Key.Key_Return)
    settle(room, qtbot)
    assert grid.editor.isHidden()
    assert panel(room).kernel.kernels(1)[0][1][1] == 0.5
    assert panel(room).kernel.preset == ""
    assert np.abs(made(room).astype(int) - room.source.pixels // 2).max() <= 1


def test_a_square_is_pulled_up_with_the_mouse(room, qtbot):
    panel(room).kernel.choose_preset("identity", 3)
    grid = panel(room).kernel.grid
    start = grid.cell(0, 0).center().toPoint()
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=start)
    event_at = start + QPointF(0, -20).toPoint()
    QTest.mouseMove(grid, event_at)
    qtbot.waitUntil(lambda: abs(float(grid.values[0, 0]) - 0.5) < 1e-6)
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=event_at)


def test_what_cannot_be_is_a_sentence_beside_its_field(room, qtbot):
    panel(room).dilation.choose(6)
    panel(room).padding.choose(0)
    panel(room).kernel.sides.choose(7)
    qtbot.waitUntil(lambda: room.stage.traced is None)
    assert "covers 37" in panel(room).kernel.sides.problem.text()
    assert room.stage.made.image.isNull()
    panel(room).dilation.choose(1)
    settle(room, qtbot)
    assert panel(room).kernel.sides.problem.isHidden()
    panel(room).choose_kind("summed")
    panel(room).groups.choose(2)
    qtbot.waitUntil(lambda: room.stage.traced is None)
    assert "3 channels cannot be put into 2 equal groups" in panel(room).groups.problem.text()


def test_a_result_has_channels_to_choose_from_and_its_costs(room, qtbot):
    panel(room).choose_kind("separable")
    panel(room).outputs.choose(5)
    settle(room, qtbot)
    assert room.stage.bar.channel.count() == 5
    assert "42 weights" in room.total.text()  # 3 kernels of 3 × 3, and 5 × 3
    room.stage.bar.channel.setCurrentIndex(4)
    assert room.stage.sum.shown.patch.shape == (3, 1)  # of a 1×1: one value from each channel


def test_how_channels_mix_is_drawn_and_a_plane_is_chosen(room, qtbot):
    panel(room).choose_kind("separable")
    panel(room).outputs.choose(4)
    settle(room, qtbot)
    mix = room.stage.mix
    assert room.stage.views.currentWidget() is mix, "a kind that is about channels shows them"
    depthwise, pointwise = mix.links
    assert {(start, end) for start, end, _ in depthwise} == {(0, 0), (1, 1), (2, 2)}
    assert len(pointwise) == 12
    place = mix.places()[-1][2].center().toPoint()
    QTest.mouseClick(mix, Qt.MouseButton.LeftButton, pos=place)
    assert room.stage.channel == 2
    qtbot.keyClick(mix, Qt.Key.Key_Down)
    assert room.stage.bar.channel.currentIndex() == 3
    panel(room).choose_kind("each")
    settle(room, qtbot)
    assert room.stage.views.currentWidget() is not mix


def test_groups_never_meet(room, qtbot):
    room.steps.begin(["convolution", "convolution"])
    first, second = (step.panel for step in room.steps.all)
    first.choose_kind("mixing")
    first.outputs.choose(4)
    second.choose_kind("summed")
    second.outputs.choose(4)
    second.groups.choose(2)
    settle(room, qtbot)
    assert {(start, end) for start, end, _ in room.stage.mix.links[0]} == {
        (channel, output) for channel in range(4) for output in range(4) if channel // 2 == output // 2
    }


def test_a_transposed_convolution_enlarges_and_leaves_the_settings_of_the_others(room, qtbot):
    before = panel(room).kernel.kernels(1)
    panel(room).choose_kind("transposed")
    settle(room, qtbot)
    assert made(room).shape == (32, 32, 3)
    panel(room).choose_kind("each")
    settle(room, qtbot)
    assert made(room).shape == (16, 16, 3)
    assert panel(room).kernel.kernels(1) == before


def test_the_code_can_be_copied_and_makes_what_is_shown(room, qtbot):
    import torch
    from torch.nn import functional as F  # noqa: N812 - as everybody calls it

    qtbot.mouseClick(room.stage.code.copy, Qt.MouseButton.LeftButton)
    names = {"x": torch.from_numpy(room.stage.traced.batch), "F": F, "torch": torch}
    exec(QGuiApplication.clipboard().text(), names)
    assert np.array_equal(names["y"].numpy(), room.stage.traced.applied.planes)


# One pixel ------------------------------------------------------------------------------------------------------


def test_pointing_shows_the_products_and_their_sum(room, qtbot):
    room.stage.made.pointed.emit(5, 7)
    shown = room.stage.sum.shown
    planes = room.stage.traced.applied.planes
    assert shown.value == pytest.approx(float(planes[0, 0, 7, 5]), abs=1e-5)
    assert float(shown.products.sum()) == pytest.approx(shown.value, abs=1e-5)
    assert np.allclose(shown.patch, room.stage.traced.given[0, 6:9, 4:7])
    room.stage.given.pointed.emit(10, 3)
    assert room.stage.sum.shown.value == pytest.approx(float(planes[0, 0, 3, 10]), abs=1e-5)


def test_play_makes_the_result_pixel_by_pixel_and_step_makes_the_next(room, qtbot):
    stage = room.stage
    stage.bar.speed.setValue(stage.bar.speed.maximum())
    with qtbot.waitSignal(stage.player.finished, timeout=5000):
        qtbot.keyClick(stage, Qt.Key.Key_P)
    assert not stage.player.plays
    stage.made.clicked.emit(4, 2)
    with qtbot.waitSignal(stage.player.switched):
        qtbot.mouseClick(stage.bar.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not stage.player.plays, timeout=3000)
    assert stage.at == (0, 4, 2)
    stage.bar.speed.setValue(3)
    stage.player.put(20)
    stage.player.toggle()
    qtbot.waitUntil(lambda: 0 < stage.sum.so_far < 9)
    room.hide()
    assert not stage.player.plays, "nothing moves where nobody looks"


def test_a_drawing_is_tried_while_it_is_drawn(room, qtbot):
    room.source.draw()
    settle(room, qtbot)
    view = room.stage.given
    assert room.source.pixels.max() == 0
    middle = view.place().center().toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view, middle + QPointF(40, 0).toPoint())
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle)
    settle(room, qtbot)
    assert (room.source.pixels[..., 0] > 200).sum() >= 3
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.mouseClick(room.stage.wipe, Qt.MouseButton.LeftButton)
    settle(room, qtbot)
    assert room.source.pixels.max() == 0
    room.source.show_landscape()
    settle(room, qtbot)
    assert room.stage.wipe.isHidden()


def test_padding_is_seen_around_the_picture(room, qtbot):
    panel(room).padding.choose(3)
    panel(room).mode.choose("reflect")
    settle(room, qtbot)
    assert room.stage.given.image.width() == 22
    room.stage.made.pointed.emit(0, 0)
    frame = room.stage.given.frame
    assert (frame.left(), frame.top(), frame.width()) == (-3, -3, 3)


# Sizes ----------------------------------------------------------------------------------------------------------


def test_sizes_are_found_in_any_direction_and_say_why_not(room, qtbot):
    qtbot.mouseClick(room.sizes_button, Qt.MouseButton.LeftButton)
    card = room.sizes.sizes
    line = card.lines[0]
    assert (line.answer.text(), card.lines[1].answer.text()) == ("55", "55")
    assert "(224 + 2·2 − 1·(11 − 1) − 1) / 4" in line.formula.text()
    card.wanted.choose("padding")
    line.boxes["kernel"].setValue(3)
    line.boxes["stride"].setValue(1)
    line.boxes["out"].setValue(224)
    assert line.answer.text() == "1"
    card.wanted.choose("out")
    line.boxes["kernel"].setValue(400)
    assert line.answer.text() == "–"
    assert "covers 400" in line.formula.text()
    card.axes.choose(3)
    assert [each.name.text() for each in card.lines] == ["Depth", "Height", "Width"]
    qtbot.mouseClick(room.kinds["convolution"], Qt.MouseButton.LeftButton)
    assert room.body.currentIndex() == 0


def test_a_dense_layer_has_154_million_weights(room, qtbot):
    qtbot.mouseClick(room.sizes_button, Qt.MouseButton.LeftButton)
    assert "154,140,672 weights" in room.sizes.dense.words[0].text()
    room.sizes.dense.neurons.choose(512)
    assert "77,070,336 weights" in room.sizes.dense.bars.accessibleName()


def test_a_filter_of_a_network_is_taken_as_kernel(room, runner, studio, qtbot, monkeypatch):
    kernels = tuple(tuple(tuple(float(c + r) for c in range(5)) for r in range(5)) for _ in range(3))
    taken = Convolution(kernels=(kernels,), groups=1, bias=(0.25,), stride=2, padding=2)
    pictures = np.zeros((2, 5, 5, 3), np.uint8)
    runner.answers[specs.TakeFilters] = NetworkFilters(
        layer="conv1", filters=(taken,) * 2, pictures=pictures, channels=3
    )
    offer = Offer("Mine", ModelRef(source="/runs/mine"))
    monkeypatch.setattr("cnnstudio.ui.lab.operation.network_filters.offers", lambda _: [offer])
    qtbot.mouseClick(panel(room).kernel.network, Qt.MouseButton.LeftButton)
    dialog = room.findChild(QDialog, "lab_filters")
    qtbot.waitUntil(lambda: dialog.view.count() == 2)
    assert runner.of(specs.TakeFilters)[0].model == offer.ref
    place = dialog.view.visualItemRect(dialog.view.item(1)).center()
    qtbot.mouseClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle(room, qtbot)
    assert room.stage.traced.operation == taken
    assert room.stage.traced.size == (8, 8)


# Chains and the other kinds -------------------------------------------------------------------------------------


def test_two_3_by_3_see_as_far_as_one_5_by_5_with_fewer_weights(room, qtbot):
    room.grey.setCurrentIndex(1)
    room.steps.begin(["convolution", "convolution"])
    settle(room, qtbot)
    assert "sees 5 × 5" in room.total.text()
    assert "18 weights" in room.total.text()
    room.steps.begin(["convolution"])
    panel(room).kernel.sides.choose(5)
    settle(room, qtbot)
    assert "sees 5 × 5" in room.total.text()
    assert "25 weights" in room.total.text()  # 18 are 28 % fewer


def test_a_chain_is_made_walked_and_taken_apart_with_the_keyboard(room, qtbot):
    qtbot.mouseClick(room.add_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(room.kinds["activation"], Qt.MouseButton.LeftButton)
    settle(room, qtbot)
    assert [step.kind for step in room.steps.all] == ["convolution", "activation"]
    assert room.stage.strip.currentWidget() is room.stage.value
    assert room.stage.value.shown.curve is not None
    room.chain.setFocus()
    qtbot.keyClick(room.chain, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert [step.kind for step in room.steps.all] == ["activation", "convolution"]
    qtbot.keyClick(room.chain, Qt.Key.Key_Right)
    assert room.steps.place == 1
    qtbot.keyClick(room.chain, Qt.Key.Key_Delete)
    assert [step.kind for step in room.steps.all] == ["activation"]
    qtbot.waitUntil(lambda: len(room.findChildren(Panel)) == len(room.steps.all[0].panels))
    for _ in range(9):
        room.steps.add("pooling")
    assert len(room.steps.all) == 9 or room.steps.is_full


def test_batch_norm_and_dropout_are_of_a_batch(room, qtbot):
    room.steps.begin(["norm"])
    settle(room, qtbot)
    made_of = room.stage.traced.applied.planes
    assert made_of.shape == (4, 3, 16, 16)
    assert abs(float(made_of[:, 0].mean())) < 1e-4
    room.steps.begin(["dropout"])
    panel(room).mode.choose(value=False)
    settle(room, qtbot)
    assert np.array_equal(room.stage.traced.applied.planes, room.stage.traced.batch)


def test_newer_settings_replace_waiting_ones(runner, room, qtbot):
    runner.answers[specs.TryOperations] = ...
    before = len(runner.of(specs.TryOperations))
    for stride in (2, 3, 4, 5):
        panel(room).stride.choose(stride)
    asked = runner.of(specs.TryOperations)[before:]
    assert [job.operations[0].stride for job in asked] == [2]
    runner.answers[specs.TryOperations] = carry_out
    runner.end(runner.handles[-1], carry_out(asked[0]))
    settle(room, qtbot)
    assert [job.operations[0].stride for job in runner.of(specs.TryOperations)[before:]] == [2, 5]
    assert made(room).shape == (4, 4, 3)


def test_examples_are_chains_that_work(room, qtbot):
    for action, example in zip(room.examples.actions(), EXAMPLES, strict=True):
        assert action.text() == example.title
        action.trigger()
        settle(room, qtbot)
        assert [step.kind for step in room.steps.all] == list(example.kinds)
        assert room.stage.traced is not None, example.title


def test_what_black_and_white_mean_is_chosen(room, qtbot):
    panel(room).kernel.choose_preset("box-blur", 3)
    room.stage.shades.setCurrentIndex(room.stage.shades.findData("stretched"))
    settle(room, qtbot)
    assert made(room).min() == 0
    assert made(room).max() == 255
    room.stage.shades.setCurrentIndex(room.stage.shades.findData("signed"))
    settle(room, qtbot)
    assert made(room).min() >= 127


def test_the_sign_of_a_product_stands_beside_the_pixels_around_the_kernel(room, monkeypatch):
    strip, placed = room.stage.sum, {}
    monkeypatch.setattr(strip, "_symbol", lambda _, place, gap, symbol: placed.update({symbol: (place.right(), gap)}))
    strip.grab()
    patch, pixel = strip.ends()
    rim = patch.width() / strip.shown.patch.shape[1] / 2
    assert placed["×"][0] >= patch.right() + rim
    assert placed["="][0] + placed["="][1] + patch.width() < pixel.left() < strip.width() - pixel.width()
