"""The small parts that pages are made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cnnstudio.data.reading import image_reader, read_thumbnail
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.panel import Panel
from cnnstudio.ui.widgets import (
    Cell,
    Page,
    Skeleton,
    TabRow,
    Tabs,
    Thumbnails,
    Toast,
    button,
    combo,
    fill,
    grid,
    image_of,
    in_line,
    label,
    number,
    pixels_of,
    slider,
    table,
)  # fmt: skip
from cnnstudio.ui.widgets.plots import Plot
from tests.ui.real_wheel import wheel

PIXELS = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


# Inputs -------------------------------------------------------------------------------------------------------


def test_no_line_begins_with_a_percent_sign(qtbot):
    """Wherever a sentence of a score is shown, and whoever changes it."""
    sentence = label("72.6 %", "title", wrap=True)
    qtbot.addWidget(sentence)
    line = sentence.heightForWidth(1000)
    for text in ("72.6 %", "1 %"):
        sentence.setText(text)
        assert sentence.heightForWidth(sentence.fontMetrics().horizontalAdvance(text[:-2]) + 2) == line
        assert sentence.text() == text


def test_the_ring_of_the_keyboard_goes_to_the_tab_that_is_opened(qtbot):
    rows = [TabRow(name, name.title(), lambda name=name: QLabel(name)) for name in ("one", "two", "three")]
    tabs = Tabs("tabs", rows)
    qtbot.addWidget(tabs)
    with qtbot.waitExposed(tabs):
        tabs.show()
    tabs.activateWindow()
    tabs.open("one")
    tabs.buttons["one"].setFocus()
    for keys, name in ((Qt.Key.Key_PageDown, "two"), (Qt.Key.Key_PageUp, "one"), (Qt.Key.Key_PageUp, "three")):
        qtbot.keyClick(tabs, keys, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda name=name: tabs.name == name)
        assert tabs.buttons[name].hasFocus()


def test_where_the_keyboard_is_one_ring_says_so_and_not_a_second_frame_of_the_system(qtbot):
    host = QWidget()
    column = QVBoxLayout(host)
    parts = [button("Open", kind, print, kind=kind) for kind in ("primary", "ghost", "tab", "nav", "choice", "row")]
    parts += [QPushButton("Menu"), QCheckBox("Check"), slider("a", "A", 0, 9, 3)]
    for part in parts:
        column.addWidget(part)
    theme.dress(host)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    for part in parts:
        part.setFocus(Qt.FocusReason.TabFocusReason)
        pictures = []
        for by_keys in (True, False):
            host.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, by_keys)
            pictures.append(part.grab().toImage())
        assert pictures[0] == pictures[1], part


def test_a_combo_box_has_names_and_items(qtbot):
    box = combo("colour", "Colour of it", (("Red", "r"), ("Green", "g")), width=150)
    qtbot.addWidget(box)
    assert (box.objectName(), box.accessibleName(), box.minimumWidth()) == ("colour", "Colour of it", 150)
    assert [(box.itemText(i), box.itemData(i)) for i in range(box.count())] == [("Red", "r"), ("Green", "g")]
    assert box.currentData() == "r"


@pytest.mark.parametrize(("items", "chosen"), [(["b", "c"], "b"), (["c", "d"], "c"), ([], None)])
def test_other_items_keep_the_choice_where_they_can_and_tell_nobody(qtbot, items, chosen):
    box = combo("x", "X", [("A", "a"), ("B", "b")])
    qtbot.addWidget(box)
    box.setCurrentIndex(1)
    told = []
    box.currentIndexChanged.connect(told.append)
    fill(box, [(item.upper(), item) for item in items])
    assert box.currentData() == chosen
    assert box.count() == len(items)
    assert told == []
    box.addItem("Z", "z")
    box.setCurrentIndex(box.count() - 1)
    assert told, "and afterwards it does"


def test_a_number_field_has_names_limits_and_a_unit(qtbot):
    box = number("side", "Side in pixels", 16, 64, 32, suffix=" px")
    qtbot.addWidget(box)
    assert (box.objectName(), box.accessibleName(), box.text()) == ("side", "Side in pixels", "32 px")
    box.setValue(1000)
    assert box.value() == 64
    box.setValue(-1)
    assert box.value() == 16


def test_scrolling_a_page_changes_no_field_and_zooms_no_plot_under_the_mouse(qtbot):
    page = Page("a_page", "A page")
    number_field, choice = number("a", "A", 0, 9, 5), combo("b", "B", [("x", 1), ("y", 2)])
    plot = Panel("c", "C")
    for part in (number_field, choice, plot):
        page.column.addWidget(part)
    page.column.addSpacing(2000)
    qtbot.addWidget(page)
    page.resize(400, 500)
    with qtbot.waitExposed(page):
        page.show()
    page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    page.setFocus()
    bar = page.findChildren(QScrollArea)[-1].verticalScrollBar()  # in the frame of the page
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    before = plot.viewRange()
    for part in (plot.viewport(), number_field, choice):
        bar.setValue(0)
        wheel(part)
        assert bar.value() > 0
        assert not part.hasFocus()
    assert (number_field.value(), choice.currentData(), plot.viewRange()) == (5, 1, before)


def test_a_field_that_was_clicked_is_turned_by_the_wheel(qtbot):
    box = number("a", "A", 0, 9, 5)
    qtbot.addWidget(box)
    with qtbot.waitActive(box):
        box.show()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    wheel(box)
    assert box.value() == 4


def test_every_number_field_begins_where_other_fields_begin(qtbot):
    whole, broken = number("a", "A", 0, 1), in_line(QDoubleSpinBox())
    for box in (whole, broken):
        qtbot.addWidget(box)
    assert whole.lineEdit().textMargins() == broken.lineEdit().textMargins()
    assert whole.lineEdit().textMargins().left() > 0


# Toast and skeleton -------------------------------------------------------------------------------------------


@pytest.fixture
def host(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(700, 400)
    with qtbot.waitActive(made):
        made.show()
    return made


def test_a_long_tooltip_has_several_lines(qtbot):
    told = "The range is a 95 % interval: it follows from the number of pictures. " * 3
    made = label("72 %")
    qtbot.addWidget(made)
    made.setToolTip(told)
    lines = QLabel.toolTip(made).splitlines()
    assert max(map(len, lines)) <= 80
    assert made.toolTip() == told.strip(), "a screen reader is told the sentence"


def test_a_toast_says_what_was_done_and_takes_it_back_with_one_click(host, qtbot):
    toast, undone = Toast(host), []
    toast.tell("Skipped 3 pictures.", "Undo", lambda: undone.append(1))
    assert toast.isVisible()
    assert toast.action.accessibleName() == "Undo: Skipped 3 pictures."
    assert host.rect().contains(toast.geometry())
    assert abs(toast.geometry().center().x() - host.rect().center().x()) <= 1
    qtbot.mouseClick(toast.action, Qt.MouseButton.LeftButton)
    assert undone == [1]
    assert toast.isHidden()
    toast.tell("Saved.")
    assert toast.action.isHidden(), "nothing of the message before"
    qtbot.mouseClick(toast.dismiss, Qt.MouseButton.LeftButton)
    assert toast.isHidden()


def test_a_toast_leaves_by_itself_but_not_under_the_mouse_or_the_keyboard(host, qtbot):
    toast = Toast(host)
    toast.clock.setInterval(1)
    toast.tell("Skipped 3 pictures.", "Undo")
    assert host.focusWidget() is not toast.action, "it takes no focus"
    toast.action.setFocus()
    qtbot.waitUntil(toast.action.hasFocus)
    for _ in range(3):
        with qtbot.waitSignal(toast.clock.timeout):
            pass
        assert toast.isVisible()
    toast.action.clearFocus()
    qtbot.waitUntil(toast.isHidden)
    assert not toast.clock.isActive()


def test_a_toast_keeps_its_place_in_a_window_that_becomes_small(host, qtbot):
    toast = Toast(host)
    toast.tell(f"Moved 12 pictures to {'a very long name of a class ' * 4}.", "Undo")
    for width in (1400, 320):
        host.resize(width, 300)
        qtbot.waitUntil(lambda width=width: host.width() == width)
        assert host.rect().contains(toast.geometry())
        assert toast.text.height() >= toast.text.heightForWidth(toast.text.width()), "every line is there"


@pytest.mark.parametrize("shape", ["lines", "cards", "tiles"])
def test_a_skeleton_shows_grey_shapes_inside_itself_once_there_is_something_to_wait_for(qtbot, shape):
    skeleton = Skeleton("Reading the networks", shape)
    qtbot.addWidget(skeleton)
    skeleton.resize(600, 260)
    with qtbot.waitExposed(skeleton):
        skeleton.show()
    assert skeleton.accessibleName() == "Reading the networks"

    def colours():
        image = skeleton.grab().toImage()
        return {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 5)}

    assert len(colours()) == 1, "what is there at once never flashes"
    qtbot.waitUntil(lambda: len(colours()) > 1)
    assert all(skeleton.rect().contains(place) for place in skeleton.places())
    skeleton.hide()
    assert not skeleton.clock.isActive(), "and costs nothing when hidden"


# Tables -------------------------------------------------------------------------------------------------------


def test_a_table_is_of_whole_rows_and_has_names(qtbot):
    view = QTableWidget(2, 3)
    qtbot.addWidget(view)
    table(view, "people", "People", 30)
    assert (view.objectName(), view.accessibleName()) == ("people", "People")
    view.selectRow(1)
    assert len(view.selectedIndexes()) == 3
    assert view.rowHeight(0) == 30
    assert not view.showGrid()
    assert view.verticalHeader().isHidden()


def test_a_grid_flows(qtbot):
    view = QListView()
    qtbot.addWidget(view)
    grid(view, "cells", "Cells")
    assert (view.objectName(), view.accessibleName()) == ("cells", "Cells")
    assert view.viewMode() is QListView.ViewMode.IconMode
    assert view.resizeMode() is QListView.ResizeMode.Adjust


def test_cells_sort_by_what_they_mean(qtbot):
    view = QTableWidget(4, 2)
    qtbot.addWidget(view)
    for row, (text, key) in enumerate((("9 s", 9.0), ("2 min", 120.0), ("–", -1.0), ("10 s", 10.0))):
        view.setItem(row, 0, Cell(text, key))
        view.setItem(row, 1, Cell(text, text))
    view.sortItems(0, Qt.SortOrder.AscendingOrder)
    assert [view.item(row, 0).text() for row in range(4)] == ["–", "9 s", "10 s", "2 min"]
    view.sortItems(1, Qt.SortOrder.DescendingOrder)
    assert [view.item(row, 1).text() for row in range(4)] == ["–", "9 s", "2 min", "10 s"]
    assert view.item(0, 0).textAlignment() & Qt.AlignmentFlag.AlignRight
    assert not view.item(0, 1).textAlignment() & Qt.AlignmentFlag.AlignRight


# Images -------------------------------------------------------------------------------------------------------


@given(PIXELS)
def test_pixels_become_an_image_and_come_back(pixels):
    assert (pixels_of(image_of(pixels)) == pixels).all()


@given(PIXELS)
def test_an_image_owns_its_memory(pixels):
    kept = pixels.copy()
    image = image_of(pixels)
    pixels[:] = 0
    assert (pixels_of(image) == kept).all()


def test_opacity_is_kept_and_views_into_an_array_are_read_right():
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(0x40FF0000)
    assert pixels_of(image).tolist() == [[[255, 0, 0, 64]] * 3] * 2
    wide = np.random.default_rng(1).integers(0, 255, (6, 10, 3), np.uint8)
    assert (pixels_of(image_of(wide[::2, 1:8])) == wide[::2, 1:8]).all()


# Thumbnails ---------------------------------------------------------------------------------------------------


@pytest.fixture
def decoded(monkeypatch):
    """Names of files that were opened."""
    names = []

    def open_checked(path, content=None, *, real=image_reader.open_checked):
        names.append(path.name)
        return real(path, content)

    monkeypatch.setattr(image_reader, "open_checked", open_checked)
    return names


@pytest.fixture
def thumbnails(qapp):
    made = Thumbnails(16, large=48)
    yield made
    made.close()


def test_a_picture_that_is_looked_at_is_decoded_once_for_both_sizes(thumbnails, qtbot, tiny_folder, decoded):
    path = tiny_folder / "red" / "00.png"
    with qtbot.waitSignal(thumbnails.ready) as ready:
        assert thumbnails.get_large(path) is None
        assert thumbnails.get(path) is None
    assert ready.args == [str(path)]
    assert max(thumbnails.get_large(path).size().toTuple()) == 48
    assert max(thumbnails.get(path).size().toTuple()) == 16
    assert decoded == ["00.png"]


def test_a_large_one_is_only_read_of_what_is_looked_at(thumbnails, qtbot, tiny_folder, decoded):
    path = tiny_folder / "red" / "01.png"
    with qtbot.waitSignal(thumbnails.ready):
        thumbnails.get(path)
    assert thumbnails.get(path) is not None
    with qtbot.waitSignal(thumbnails.ready):
        assert thumbnails.get_large(path) is None
    assert decoded == ["01.png", "01.png"]


def test_few_large_ones_are_remembered_and_many_small_ones(thumbnails, qtbot, tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(20)]
    for path in paths:
        Image.new("RGB", (60, 50), "red").save(path)
        with qtbot.waitSignal(thumbnails.ready):
            thumbnails.get_large(path)
    assert all(thumbnails.get(path) is not None for path in paths)
    assert thumbnails.get_large(paths[-1]) is not None
    assert thumbnails.get_large(paths[0]) is None, "read again when it is wanted again"
    with qtbot.waitSignal(thumbnails.ready):
        pass
    assert thumbnails.get_large(paths[0]) is not None


def test_what_cannot_be_read_is_an_empty_picture_in_both_sizes(thumbnails, qtbot, tmp_path):
    (tmp_path / "broken.png").write_text("x")
    with qtbot.waitSignal(thumbnails.ready):
        thumbnails.get_large(tmp_path / "broken.png")
    assert thumbnails.get(tmp_path / "broken.png").isNull()
    assert thumbnails.get_large(tmp_path / "broken.png").isNull()


def test_a_thumbnail_of_a_thumbnail_is_nearly_that_of_the_picture(tiny_folder):
    path = tiny_folder / "blue" / "00.png"
    direct, twice = read_thumbnail(path, 16), image_reader.shrink(read_thumbnail(path, 48), 16)
    assert direct.shape == twice.shape
    assert np.abs(direct.astype(int) - twice).mean() < 8


def test_a_plot_leaves_none_of_the_menus_behind_that_pyqtgraph_makes_for_it(qtbot):
    plot = Plot()
    menus = [plot.getPlotItem().ctrlMenu, *plot.getPlotItem().ctrlMenu.findChildren(QMenu)]
    plot.deleteLater()
    qtbot.waitUntil(lambda: not any(map(isValid, menus)))
