"""The Lab's room *Build a network*: with a mouse, keys and drops, as a person builds."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox

from cnnstudio.jobs import specs
from cnnstudio.networks.blocks.groups import CLASSIC_PLANS, EMPTY
from cnnstudio.networks.blocks.network_file import key_of, to_toml
from cnnstudio.networks.blocks.saved import file_for, saved_networks
from cnnstudio.networks.catalogue.registry import network_entry
from cnnstudio.ui.lab.network.block_model import SETTINGS_ROLE
from cnnstudio.ui.lab.network.room import NetworkRoom
from cnnstudio.ui.look import theme
from tests.ui.conftest import CATALOGUE
from tests.ui.faults import faults_of

pytestmark = pytest.mark.pages("lab")


@pytest.fixture
def room(studio, qtbot):
    """Alone, as large as in a window of 1,440 × 900."""
    room = NetworkRoom(studio)
    theme.dress(room)
    qtbot.addWidget(room)
    room.resize(1220, 720)
    room.show()
    room.activateWindow()
    qtbot.waitUntil(room.isActiveWindow)
    return room


@pytest.fixture
def in_window(window, qtbot):
    """In the Lab."""
    window.resize(1440, 900)
    window.show_page("lab")
    window.lab_page.rooms.open("network")
    room = window.lab_page.rooms.tab("network")
    qtbot.waitUntil(room.isVisible)
    open_small(room)
    return room


@pytest.fixture
def small(room):
    open_small(room)
    return room


def open_small(room):
    """Twice convolution, ReLU and pooling, then flatten and linear."""
    room.editor.open(replace(CLASSIC_PLANS["tiny_cnn"], name="Small"), saved=False)


def kinds(room):
    return [block.kind for block in room.editor.plan.blocks]


def press(widget, key, held=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(widget, key, held)


def click_on(view, item, held=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, held, view.visualRect(item).center())


def entry(room, text):
    return next(item for item in room.palette_panel.items() if item.text() == text)


def click_entry(room, text):
    view = room.palette_panel.list
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualItemRect(entry(room, text)).center())


def row(room, place, column=0):
    return room.blocks.blocks.index(place, column)


def drop(widget, mime, at):
    """What a drag ends with, as Qt sends it."""
    actions, buttons, held = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(at, actions, mime, buttons, held), QDragMoveEvent(at, actions, mime, buttons, held),
        QDropEvent(QPointF(at), actions, mime, buttons, held),
    ):  # fmt: skip
        QApplication.sendEvent(widget, event)


def test_a_group_is_added_with_one_click_and_the_figures_follow(room):
    assert kinds(room) == ["global_average_pooling", "linear"]
    click_entry(room, "Conv–BN–ReLU × 2, pool")
    stage = ["convolution", "batch_norm", "activation"] * 2 + ["max_pooling"]
    assert kinds(room) == [*stage, "global_average_pooling", "linear"]
    assert [row(room, 6, column).data() for column in range(5)] == [
        "7  Max pooling",
        "32×16×16",
        "",
        "",
        "6 × 6 px",
    ]
    assert row(room, 3, 2).data() == "9,248"
    click_entry(room, "Conv–BN–ReLU × 2, pool")
    assert row(room, 7, 1).data() == "64×16×16", "behind the first, with twice the channels"
    assert kinds(room)[:14] == stage * 2
    assert room.totals.text().startswith("16 blocks, 66,")


def test_a_block_is_found_and_added_from_the_keyboard(room):
    room.blocks.setFocus()
    press(room.blocks, Qt.Key.Key_Insert)
    search = room.palette_panel.search
    assert search.hasFocus()
    QTest.keyClicks(search, "squeeze")
    assert [item.text() for item in room.palette_panel.items() if not item.isHidden()] == [
        "Single blocks", "Squeeze-and-excitation",
    ]  # fmt: skip
    press(search, Qt.Key.Key_Return)
    assert kinds(room)[1] == "squeeze_excitation"
    QTest.keyClicks(search, "xyz")
    assert room.palette_panel.nothing.isVisible()


def test_blocks_are_moved_duplicated_deleted_and_all_of_it_taken_back(window, in_window):
    small = in_window
    before, blocks = small.editor.plan, small.blocks
    click_on(blocks, row(small, 0))
    press(blocks, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert kinds(small)[:2] == ["activation", "convolution"]
    assert blocks.places == [1], "the selection goes with it"
    click_on(blocks, row(small, 2), Qt.KeyboardModifier.ShiftModifier)
    press(blocks, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert kinds(small)[:5] == ["activation", "convolution", "max_pooling", "convolution", "max_pooling"]
    assert blocks.places == [3, 4]
    press(blocks, Qt.Key.Key_Delete)
    assert kinds(small)[:4] == ["activation", "convolution", "max_pooling", "convolution"]
    assert window.edit.undo.text() == "Undo deleting 2 blocks"
    for said in ("deleting 2 blocks", "duplicating 2 blocks", "moving 1 block"):
        assert window.edit.undo.text() == f"Undo {said}"
        window.edit.undo.trigger()
    assert small.editor.plan == before
    window.edit.redo.trigger()
    assert kinds(small)[:2] == ["activation", "convolution"]


def test_what_was_selected_before_a_change_is_selected_when_it_is_undone(window, in_window):
    """Else Delete behind it would take out what nobody chose."""
    small = in_window
    click_on(small.blocks, row(small, 1))
    click_entry(small, "Conv–BN–ReLU")
    assert small.blocks.places == [2, 3, 4]
    window.edit.undo.trigger()
    assert small.blocks.places == [1]
    click_on(small.blocks, row(small, 2), Qt.KeyboardModifier.ShiftModifier)
    for change in ((Qt.Key.Key_Delete,), (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)):
        press(small.blocks, *change)
        assert small.blocks.places != [1, 2]
        window.edit.undo.trigger()
        assert small.blocks.places == [1, 2]
    small.blocks.clearSelection()
    click_entry(small, "Dropout")
    window.edit.undo.trigger()
    assert small.blocks.places == []


def test_a_function_is_called_alike_in_the_list_and_in_the_settings(small):
    place = kinds(small).index("activation")
    click_on(small.blocks, row(small, place))
    box = small.settings.findChild(QComboBox)
    assert row(small, place).data(SETTINGS_ROLE) == box.currentText() == "ReLU"
    assert [small.editor.set(place, "function", box.itemData(i)) or row(small, place).data(SETTINGS_ROLE)
            for i in range(box.count())] == [box.itemText(i) for i in range(box.count())]  # fmt: skip


def test_blocks_are_dragged_to_another_place(small):
    blocks = small.blocks
    mime = blocks.blocks.mimeData([row(small, 2)])
    drop(blocks.viewport(), mime, blocks.visualRect(row(small, 0)).topLeft() + QPoint(20, 3))
    assert kinds(small)[:3] == ["max_pooling", "convolution", "activation"]
    assert blocks.places == [0]
    assert small.editor.plan.blocks.count(small.editor.plan.blocks[0]) == 2, "moved, and not copied or lost"


def test_a_block_is_dragged_in_from_the_palette(small):
    blocks = small.blocks
    mime = small.palette_panel.list.mimeData([entry(small, "Dropout")])
    drop(blocks.viewport(), mime, blocks.visualRect(row(small, 2)).bottomLeft() + QPoint(20, -2))
    assert kinds(small)[:4] == ["convolution", "activation", "max_pooling", "dropout"]


def test_a_setting_is_changed_beside_the_block(studio, small):
    click_on(small.blocks, row(small, 0))
    press(small.blocks, Qt.Key.Key_Return)
    channels = small.settings.controls["channels"]
    assert channels.hasFocus()
    assert (channels.minimum(), channels.maximum()) == (1, 4096)
    for _ in range(3):
        press(channels, Qt.Key.Key_Up)
    assert small.editor.plan.blocks[0].values["channels"] == 32 + 4 + 4 + 5
    assert row(small, 0, 1).data() == "45×32×32"
    small.settings.controls["stride"].setValue(2)
    assert row(small, 0, 1).data() == "45×16×16"
    assert studio.history.undo_text == "changing stride"
    studio.history.undo()
    studio.history.undo()
    assert small.editor.plan.blocks[0].values["channels"] == 32, "looking for a value is one step"
    click_on(small.blocks, row(small, 1))
    assert list(small.settings.controls) == ["function"]
    assert "Leaky ReLU where units die" in small.settings.advice.text()


def test_what_is_wrong_is_said_and_mended_with_one_click(small):
    click_on(small.blocks, row(small, 1))
    press(small.blocks, Qt.Key.Key_Delete)
    click_on(small.blocks, row(small, 1))
    press(small.blocks, Qt.Key.Key_Delete)
    assert kinds(small)[:2] == ["convolution", "convolution"]
    found = small.findings.rows[0]
    assert found.sentence.text() == "Between block 1 and block 2 nothing is bent, so the two can do no more than one."
    assert "nothing is bent" in row(small, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    found.go.click()
    assert small.blocks.places == [1]
    small.findings.rows[0].mend.click()
    assert kinds(small)[:3] == ["convolution", "activation", "convolution"]
    assert not small.findings.rows
    assert small.findings.fine.isVisible()


def test_what_cannot_be_built_cannot_be_trained(small):
    click_on(small.blocks, row(small, len(kinds(small)) - 1))
    press(small.blocks, Qt.Key.Key_Delete)
    assert not small.train_button.isEnabled()
    small.findings.rows[0].mend.click()
    assert small.train_button.isEnabled()


def test_a_click_into_the_drawing_goes_to_the_block(small, qtbot):
    diagram = small.diagram
    qtbot.waitUntil(lambda: [block.name for block in diagram.blocks] == ["1", "3", "4", "6", "7", "8"])
    assert [block.in_head for block in diagram.blocks] == [False] * 5 + [True]
    item = next(item for item in diagram.items() if getattr(item, "_layer", None) is diagram.blocks[3])
    at = diagram.mapFromScene(item.sceneBoundingRect().center())
    QTest.mouseClick(diagram.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: small.blocks.places == [5])


def test_a_network_file_that_is_dropped_is_opened(room, tmp_path, qtbot):
    file = tmp_path / "Mine.toml"
    file.write_text(to_toml(replace(CLASSIC_PLANS["gap_cnn"], name="Mine")))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    with qtbot.waitSignal(room.editor.changed):
        drop(room, mime, QPoint(5, 5))
    assert room.name.text() == "Mine"
    assert room.state.text() == "Not saved yet"
    file.write_text("blocks = [{ kind = 'konvolution' }]")
    drop(room, mime, QPoint(5, 5))
    qtbot.waitUntil(room.notice.isVisible)
    assert "konvolution" in room.notice.title.text()


def keep(room, qtbot):
    with qtbot.waitSignal(room.editor.changed):
        room.save_button.click()
    qtbot.waitUntil(lambda: room.editor.plan in [saved.plan for saved in room.keeping.kept])


def test_it_is_kept_renamed_deleted_and_comes_back(window, in_window, qtbot, monkeypatch):
    small = in_window
    keep(small, qtbot)
    assert [saved.plan for saved in saved_networks()] == [small.editor.plan]
    assert not small.save_button.isEnabled()
    assert small.state.text() == ""
    small.name.setFocus()
    small.name.selectAll()
    QTest.keyClicks(small.name, "Other")
    press(small.name, Qt.Key.Key_Return)
    assert small.state.text() == "Changed"
    choose(monkeypatch, "Rename it")
    keep(small, qtbot)
    qtbot.waitUntil(lambda: [saved.plan.name for saved in small.keeping.kept] == ["Other"])
    with qtbot.waitSignal(window.studio.history.did):
        small.delete_action.trigger()
    qtbot.waitUntil(lambda: not saved_networks())
    assert window.toast.isVisible()
    assert window.toast.text.text() == "Deleted the network Other."
    window.toast.action.click()
    qtbot.waitUntil(lambda: file_for("Other").is_file())


def choose(monkeypatch, text):
    """Answer the next question with this button."""

    def answer(box):
        next(button for button in box.buttons() if button.text() == text).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)


def test_another_network_of_the_same_name_is_asked_about(small, qtbot, monkeypatch):
    keep(small, qtbot)
    kept = small.editor.plan
    small.editor.open(replace(EMPTY, name="Small"), saved=False)
    choose(monkeypatch, "Cancel")
    small.save_button.click()
    assert saved_networks()[0].plan == kept
    choose(monkeypatch, "Replace it")
    keep(small, qtbot)
    assert saved_networks()[0].plan.blocks == EMPTY.blocks


def test_it_goes_to_train_with_itself_chosen(studio, small, runner, qtbot):
    key = key_of(small.editor.plan)
    runner.answers[specs.ListNetworks] = lambda _: replace(
        CATALOGUE, networks=(*CATALOGUE.networks, network_entry(key_of(small.editor.plan)))
    )
    with qtbot.waitSignal(studio.navigate, check_params_cb=lambda page: page == "train"):
        small.train_button.click()
    assert studio.network is not None
    assert (studio.network.name, studio.network.title) == (key, "Small")
    assert "learns everything" in studio.why_only_scratch()


def test_everything_that_can_be_opened_is_in_the_menu(small, qtbot):
    keep(small, qtbot)
    small.keeping.fill_menu(small.open_menu)
    empty, own, classics, _, file = small.open_menu.actions()
    assert [action.text() for action in own.menu().actions()] == ["Small"]
    assert len(classics.menu().actions()) == 17
    classics.menu().actions()[0].trigger()
    assert (small.name.text(), small.colour.currentText()) == ("LeNet-5", "Grey")
    own.menu().actions()[0].trigger()
    assert (small.name.text(), small.state.text()) == ("Small", "")
    empty.trigger()
    assert kinds(small) == ["global_average_pooling", "linear"]
    assert file.text() == "Network file…"


@pytest.mark.pages("lab", "model")
def test_a_network_of_the_list_is_opened_in_the_lab(window, in_window, qtbot):
    keep(in_window, qtbot)
    window.show_page("model")
    window.model_page.select("lenet5")
    window.model_page.show_view("plot")
    button = window.model_page.details.lab
    assert button.isVisible()
    button.click()
    assert in_window.isVisible()
    assert in_window.name.text() == "LeNet-5"
    window.studio.blocks_wanted.emit(in_window.keeping.kept[0].key)
    qtbot.waitUntil(lambda: in_window.name.text() == "Small")
    assert in_window.state.text() == ""


@pytest.mark.pages("home", "lab")
def test_a_network_file_that_is_dropped_anywhere_is_opened_in_the_lab(window, in_window, tmp_path, qtbot):
    file = tmp_path / "leaf.toml"
    file.write_text(to_toml(replace(CLASSIC_PLANS["tiny_cnn"], name="Leaf")), encoding="utf-8")
    window.show_page("home")
    window.open_paths([file])
    qtbot.waitUntil(in_window.isVisible)
    qtbot.waitUntil(lambda: in_window.name.text() == "Leaf")
    assert window.notice.isHidden()


def test_what_was_not_saved_is_there_again(studio, small, qtbot):
    keep(small, qtbot)
    click_entry(small, "Flatten")
    plan = small.editor.plan
    again = NetworkRoom(studio)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.editor.plan == plan)
    assert again.state.text() == "Changed"
    assert again.keeping.kept_name == "Small"


def test_nothing_is_cut_off(in_window, window):
    for width, height in ((1000, 660), (1440, 900)):
        window.resize(width, height)
        QApplication.processEvents()
        assert in_window.columns.count() == (3 if width > 1200 else 2)
        assert faults_of(window) == []


def test_there_is_room_in_a_small_window(small, qtbot):
    small.resize(790, 480)
    qtbot.waitUntil(lambda: small.columns.count() == 2)
    assert not small.drawing.isVisible()
    small.show_diagram.click()
    assert small.drawing.isVisible()
    small.resize(1220, 720)
    qtbot.waitUntil(lambda: small.columns.count() == 3)
