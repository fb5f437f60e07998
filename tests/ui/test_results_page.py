"""The results page, by the mouse, the wheel and the keys."""

import time
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.core import SplitScore
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.specs.scores import DIAGONAL
from cnnstudio.runs import Answer, RunRecord, create_run, write_predictions
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.confusion_view import ConfusionView
from cnnstudio.ui.results.matrix_colours import colour_table, ink_on
from cnnstudio.ui.results.mistake_list import DECIDED_ROLE
from cnnstudio.ui.results.mistake_view import MistakeView
from cnnstudio.ui.results.mix_ups_card import MixUpsCard
from cnnstudio.ui.results.page import ResultsPage
from cnnstudio.ui.state import Step
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.understanding.mistakes import Judged, Mistakes
from tests.ui.test_train_page import SCORE, VALIDATION, click

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(studio, runner, dataset, qtbot):
    """The page on a run with figures, as large as it is in the smallest window."""
    record = RunRecord(
        name="first", state="running", created="2026-11-20T10:00:00Z", network="gamma",
        classes=("blue", "green", "red"), recipe={"dataset": str(dataset.root)}, dataset_hash="", best_epoch=2,
        epochs_done=4, scores={"test": SCORE, "validation": VALIDATION},
    )  # fmt: skip
    run = create_run(record, root=project_folder(dataset.root)).update(state="finished", owner=None)
    run.bundle.mkdir()
    page = ResultsPage(studio)
    qtbot.addWidget(page)
    page.resize(824, 616)
    page.show()
    qtbot.waitExposed(page)
    runner.answers[specs.ScanFolder] = dataset
    studio.open_folder(dataset.root)
    qtbot.waitUntil(lambda: mistakes(page).table.rows.rowCount() == 3)
    return page


def overview(page):
    """The tab, open."""
    return page.open("overview")


def mistakes(page):
    """The tab, open."""
    return page.open("mistakes")


def choose_split(page, split):
    """As a person does in the list."""
    page.split_picker.setCurrentIndex(page.split_picker.findData(split))
    page.split_picker.activated.emit(page.split_picker.currentIndex())


def cells(page, row):
    model = mistakes(page).table.rows
    return [model.index(row, column).data() for column in range(model.columnCount())]


def record_of(confusion, names=None):
    """A record with one score, of as many classes as the matrix has."""
    count = len(confusion)
    right, images = sum(confusion[n][n] for n in range(count)), sum(map(sum, confusion))
    score = SplitScore(
        split="test", images=images, loss=0.5, accuracy=right / images, top5_accuracy=None, interval=(0.4, 0.9),
        confusion=tuple(map(tuple, confusion)),
    )  # fmt: skip
    return RunRecord(
        name="many", state="finished", created="2026-11-20T10:00:00Z", network="gamma",
        classes=tuple(names or (f"species number {n}" for n in range(count))), recipe={}, dataset_hash="",
        scores={"test": score},
    )  # fmt: skip


def figures_of(count):
    """Ten pictures per class, nine of them recognised; the class after the next has the tenth."""
    confusion = 9 * np.eye(count, dtype=int)
    for row in range(count):
        confusion[row, (row + 2) % count] += 1
    return run_inline(specs.CountFigures(record=record_of(confusion.tolist()), split="test"))


def wheel(widget, at, notches, modifiers=Qt.KeyboardModifier.NoModifier):
    event = QWheelEvent(
        QPointF(at), widget.mapToGlobal(QPointF(at)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003 - Qt takes it by place
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


# Sentence, table, matrix --------------------------------------------------------------------------------------


def test_results_begin_with_validation_and_the_test_pictures_wait_until_they_are_asked_for(page, runner, qtbot):
    assert page.split_picker.currentData() == "validation"
    assert overview(page).sentence.text().startswith("4 of 6 validation pictures correct (66.7 %)")
    assert overview(page).looks.text().startswith("The test pictures are the final exam")
    assert not runner.of(specs.LookAtTest)
    choose_split(page, "test")
    assert overview(page).sentence.text().startswith("5 of 6 test pictures correct (83.3 %)")
    assert len(runner.of(specs.LookAtTest)) == 1


def test_results_begin_with_a_sentence_and_what_guessing_would_score(page, qtbot):
    choose_split(page, "test")
    qtbot.waitUntil(lambda: overview(page).beside.text() != "")
    assert (
        overview(page).sentence.text()
        == "5 of 6 test pictures correct (83.3 %), between 44.0 % and 97.0 % on new pictures."
    )
    assert "83.3 % (balanced accuracy)" in overview(page).beside.text()
    assert "Always answering with the most frequent class: 33.3 %." in overview(page).beside.text()
    assert overview(page).sentence.isVisible()
    assert overview(page).beside.visibleRegion().boundingRect().height() == overview(page).beside.height(), (
        "without scrolling"
    )
    assert cells(page, 0) == ["green", "2", "50 %", "100 %", "67 %"], "the hardest class first"
    assert mistakes(page).mix_ups.confusions.text() == "green → blue, 1 time"
    page.split_picker.setFocus()
    qtbot.keyClick(page.split_picker, Qt.Key.Key_Up)
    assert "has not learned from the validation pictures" in overview(page).meaning.text()
    qtbot.waitUntil(lambda: "balanced accuracy" in overview(page).beside.text())


def test_what_no_picture_lies_behind_has_no_matrix(page, studio, qtbot):
    """The line of a training is counted over weights that change, on pictures that are varied and repeated."""
    run = studio.run
    assert mistakes(page).figures.isVisible()
    running = replace(run.record.scores["validation"], split="train", interval=None, origin="while-training")
    exact = replace(running, origin="finished")
    for number, (score, shown) in enumerate(((running, False), (exact, True))):
        scores = {**run.record.scores, "train": score}
        studio.show_run(replace(run, record=replace(run.record, scores=scores, epochs_done=5 + number)))
        choose_split(page, "train")
        assert mistakes(page).figures.isVisible() == shown
        assert ("while training" in overview(page).sentence.text()) == (not shown)
        assert overview(page).sentence.toolTip() == "", "there is no range to explain"
    qtbot.waitUntil(lambda: not mistakes(page).table.rows.ranges)
    choose_split(page, "test")
    qtbot.waitUntil(lambda: mistakes(page).table.rows.ranges)


def test_results_say_when_the_epoch_was_chosen_and_pictures_belong_together(page, studio):
    run = studio.run
    chosen = replace(run.record.scores["validation"], chosen_among=40, groups=2)
    studio.show_run(replace(run, record=replace(run.record, scores={"validation": chosen}, epochs_done=40)))
    assert "chose the best of 40 epochs" in overview(page).sentence.text()
    assert "in 2 groups" in overview(page).sentence.text()
    assert "one group" in overview(page).sentence.toolTip()
    assert "lower end allows for the choice" in overview(page).sentence.toolTip()


def test_a_bar_tells_its_range_in_words(page):
    index = mistakes(page).table.rows.index(0, 2)
    told = "1 of 2 recognised (50 %), between 9 % and 91 % on new pictures"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == told
    assert index.data(Qt.ItemDataRole.ToolTipRole) == f"green: {told}"


def test_the_next_step_is_there(page, studio, qtbot):
    for entry, next_page in (
        (overview(page).try_it, "predict"),
        (overview(page).improve, "train"),
        (overview(page).export, "export"),
    ):
        with qtbot.waitSignal(studio.navigate) as gone:
            click(qtbot, entry)
        assert gone.args == [next_page]


def test_a_window_of_the_smallest_size_has_matrix_and_mistakes_beside_each_other(page):
    matrix, grid = mistakes(page).matrix, mistakes(page).mistakes.grid
    assert matrix.mapTo(page, QPoint()).x() + matrix.width() < grid.mapTo(page, QPoint()).x()
    assert (
        mistakes(page).table.columnViewportPosition(4) + mistakes(page).table.columnWidth(4)
        <= mistakes(page).table.viewport().width()
    )
    assert mistakes(page).table.columnWidth(0) > 100, "names get the room"


# Mistakes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mistaken(page, studio, qtbot, runner):
    """The page with the answers of a run: three mistakes on test pictures."""
    answers = [
        ("green/00.png", "test", "green", "blue", 0.6),
        ("green/01.png", "test", "green", "red", 0.9),
        ("red/00.png", "test", "red", "blue", 0.7),
        ("red/01.png", "test", "red", "red", 0.99),
        ("green/02.png", "validation", "green", "blue", 0.8),
    ]
    write_predictions(studio.run.folder, [Answer(*answer) for answer in answers])
    choose_split(page, "test")
    qtbot.waitUntil(lambda: shown(page) == [90, 70, 60])
    runner.answers[specs.ScanFolder] = lambda job: studio.dataset
    return page


def shown(page):
    return [round(100 * answer.probability) for answer in mistakes(page).mistakes.grid.rows.answers]


def centre_of(grid, row):
    index = grid.rows.index(row)
    grid.scrollTo(index)
    return grid.visualRect(index).center()


def test_mistakes_come_the_hardest_first_and_by_cell_and_class(mistaken, qtbot):
    page = mistaken
    assert "3 mistakes, the hardest first" in mistakes(page).mistakes.about.text()
    qtbot.mouseClick(mistakes(page).matrix, LEFT, pos=mistakes(page).matrix.cell_rect(1, 0).center().toPoint())
    assert shown(page) == [60]
    assert mistakes(page).mistakes.about.text() == "Predicted as blue: 1 of 2 pictures of green."
    mistakes(page).matrix.setFocus()
    qtbot.keyClick(mistakes(page).matrix, Qt.Key.Key_Down)
    qtbot.keyClick(mistakes(page).matrix, Qt.Key.Key_Right)
    qtbot.keyClick(mistakes(page).matrix, Qt.Key.Key_Right)
    qtbot.keyClick(mistakes(page).matrix, Qt.Key.Key_Return)
    assert shown(page) == [99]
    assert mistakes(page).mistakes.about.text() == "Recognised: 2 of 2 pictures of red."
    click(qtbot, mistakes(page).mistakes.all)
    assert shown(page) == [90, 70, 60]
    page.reveal(mistakes(page).table)
    place = mistakes(page).table.visualRect(mistakes(page).table.rows.index(1, 0)).center()
    assert cells(page, 1)[0] == "blue"
    qtbot.mouseClick(mistakes(page).table.viewport(), LEFT, pos=place)
    assert shown(page) == [70, 60], "green and red that were taken for blue"
    click(qtbot, page.copy_button)
    assert "green\t2\t0.5\t1.0" in QGuiApplication.clipboard().text()


def choose_in(chip, qtbot, text):
    """As a person does who types a part of its name."""
    click(qtbot, chip.words)
    chooser = chip.findChildren(ClassChooser)[-1]
    qtbot.keyClicks(chooser.field, text)
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)


def test_chips_narrow_the_gallery_to_an_actual_and_a_predicted_class(mistaken, qtbot):
    page, card = mistaken, mistakes(mistaken).mistakes
    chips = card.chips
    choose_in(chips.actual, qtbot, "gree")
    assert shown(page) == [90, 60]
    assert card.about.text() == "2 mistakes: green that is predicted as another class."
    assert chips.actual.words.accessibleName() == "Actual: green"
    choose_in(chips.predicted, qtbot, "red")
    assert shown(page) == [90]
    assert card.about.text() == "green → red, 1 time; the hardest first."
    choose_in(chips.actual, qtbot, "red")
    assert card.about.text() == "1 picture of red, recognised; the hardest first."
    click(qtbot, chips.actual.clear)
    assert chips.actual.words.hasFocus(), "the keyboard stays here"
    assert not chips.actual.clear.isVisible()
    assert shown(page) == [90]
    assert card.about.text() == "1 mistake: another class that is predicted as red."
    qtbot.mouseClick(mistakes(page).matrix, LEFT, pos=mistakes(page).matrix.cell_rect(1, 0).center().toPoint())
    assert (chips.actual.value, chips.predicted.value) == ("green", "blue")
    click(qtbot, card.all)
    assert (chips.actual.value, chips.predicted.value) == ("", "")
    assert shown(page) == [90, 70, 60]


def opened_large(page, qtbot):
    grid = mistakes(page).mistakes.grid
    place = centre_of(grid, 0)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=place)
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=place)
    view = page.window().findChild(MistakeView)
    qtbot.waitExposed(view)
    return view


def test_what_is_taken_back_later_is_no_matter_of_a_mistake_that_was_closed(mistaken, studio, qtbot):
    view = opened_large(mistaken, qtbot)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    QCoreApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete.value)
    assert not shiboken6.isValid(view)
    done = []
    step = Step(said="Said.", text="doing", undo=lambda: done.append("undone"), redo=lambda: done.append("redone"))
    studio.history.add(step)
    studio.history.undo()
    assert done == ["undone"]  # what a slot raises fails the test


def test_a_double_click_opens_a_mistake_whose_class_is_changed_at_once(mistaken, studio, qtbot, runner):
    view = opened_large(mistaken, qtbot)
    assert (view.predicted.text(), view.actual.text()) == ("Predicted: red", "Actual: green")
    assert view.file_name.text() == "01.png"
    qtbot.waitUntil(lambda: not view.canvas.picture.isNull())
    assert view.canvas.picture.width() > 1
    click(qtbot, view.change_button)
    chooser = view.findChild(ClassChooser)
    qtbot.waitUntil(chooser.isVisible)
    assert chooser.list.currentIndex().data() == "red", "what was predicted is offered first"
    qtbot.keyClicks(chooser.field, "bl")
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(studio.history.undo_text))
    assert runner.of(specs.Decide)[-1].names == ("green/01.png",)
    assert (runner.of(specs.Decide)[-1].what, runner.of(specs.Decide)[-1].to) == ("relabel", "blue")
    assert view.actual.text() == "Actual: red", "the next one is shown"
    grid = mistakes(mistaken).mistakes.grid
    qtbot.waitUntil(lambda: grid.rows.index(0).data(DECIDED_ROLE) == "now blue")
    assert shown(mistaken) == [90, 70, 60], "the run and its mistakes stay"
    click(qtbot, view.undo)
    qtbot.waitUntil(lambda: grid.rows.index(0).data(DECIDED_ROLE) == "")
    click(qtbot, view.after)
    view.after.setFocus()
    qtbot.keyClick(view.before, Qt.Key.Key_Left)
    assert view.place.text() == "2 of 3", "an arrow does not only go from button to button"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.place.text() == "3 of 3"
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: view.decided.text() == "Decided: skipped.")
    qtbot.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.decided.text() == "")
    qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_a_right_click_offers_what_can_be_done(mistaken, qtbot, monkeypatch):
    grid = mistakes(mistaken).mistakes.grid
    place = centre_of(grid, 1)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    menu = grid.menu()
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Open", "Show file", "Change class…", "Skip",
    ]  # fmt: skip
    urls = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: urls.append(url) or True)
    menu.actions()[1].trigger()
    assert urls[0].toLocalFile().endswith("/red")
    menu.deleteLater()
    tip = grid.rows.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "red/00.png: red → blue, 70 %", "the file has a name"


def test_delete_skips_the_selected_and_undo_takes_it_back(mistaken, studio, qtbot):
    grid = mistakes(mistaken).mistakes.grid
    qtbot.mouseClick(grid.viewport(), LEFT, pos=centre_of(grid, 0))
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: grid.rows.index(0).data(DECIDED_ROLE) == "skipped")
    assert studio.history.undo_text == "skipping 1 picture"
    studio.history.undo()
    qtbot.waitUntil(lambda: grid.rows.index(0).data(DECIDED_ROLE) == "")


def test_pictures_that_come_late_do_not_take_the_place_of_others(page, runner, qtbot, studio):
    runner.answers[specs.FindMistakes] = ...
    page.split_picker.activated.emit(0)
    handle = runner.handles[next(n for n, spec in enumerate(runner.specs) if spec is runner.of(specs.FindMistakes)[-1])]
    page.split_picker.setCurrentIndex(1)
    page.split_picker.activated.emit(1)
    runner.end(handle, Mistakes([Judged("green/01.png", "test", "green", "blue", 0.6, None)]))
    qtbot.waitUntil(lambda: not handle.events.drain())
    assert mistakes(page).mistakes.grid.rows.rowCount() == 0


# Many classes -------------------------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot):
    view = ConfusionView()
    view.resize(600, 600)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view


def painted(widget):
    """Its image, and how long painting took at best of three, in seconds of this thread's own."""
    image = QImage(widget.size(), QImage.Format.Format_ARGB32)
    best = 1.0
    for _ in range(3):
        image.fill(Qt.GlobalColor.transparent)
        start = time.thread_time()
        widget.render(image)
        best = min(best, time.thread_time() - start)
    return image, best


@pytest.mark.parametrize("count", [120, 1000])
def test_many_classes_are_painted_quickly_and_once(view, count):
    """Each cell measured every name: five seconds at 100 classes."""
    view.show_figures(figures_of(count))
    start = time.perf_counter()
    painted(view)
    first = time.perf_counter() - start
    _, again = painted(view)
    assert again < 0.05
    assert first < 0.5
    assert view.cell_rect(count - 1, count - 1).right() <= view.width()
    view.resize(420, 600)
    assert view.cell_rect(count - 1, count - 1).right() <= 420, "nor is it cut off in a narrow window"


def test_a_thousand_classes_are_zoomed_moved_and_shown_whole_again(view, qtbot):
    figures = figures_of(1000)
    view.show_figures(figures)
    plot = view.rect().center()
    plain = wheel(view, plot, 1)
    assert not plain.isAccepted(), "the wheel alone scrolls the page"
    assert not view.is_zoomed
    for _ in range(12):
        wheel(view, plot, 1, Qt.KeyboardModifier.ControlModifier)
    assert view.is_zoomed
    assert view.cell_rect(0, 0).width() >= 22, "names and numbers can be read"
    _, seconds = painted(view)
    assert seconds < 0.05
    before = view.cell_rect(500, 500).left()
    qtbot.mousePress(view, LEFT, pos=plot)
    qtbot.mouseMove(view, plot + QPoint(30, 0))
    qtbot.mouseMove(view, plot + QPoint(80, 0))
    with qtbot.assertNotEmitted(view.cell_chosen):
        qtbot.mouseRelease(view, LEFT, pos=plot + QPoint(80, 0))
    assert view.cell_rect(500, 500).left() == pytest.approx(before + 80)
    qtbot.mouseDClick(view, LEFT, pos=plot)
    assert not view.is_zoomed
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert f"of {figures.classes[0]}" in view.spoken()


def test_a_click_among_tiny_cells_finds_the_mix_up_close_by(view, qtbot):
    figures = figures_of(1000)
    view.show_figures(figures)
    place = view.cell_rect(300, 302).center() + QPointF(0, 1.6)
    with qtbot.waitSignal(view.cell_chosen) as chosen:
        qtbot.mouseClick(view, LEFT, pos=place.toPoint())
    row, column = chosen.args
    assert figures.counts[row, column] == 1
    assert abs(row - 300) < 20


def test_a_chosen_error_stays_orange_and_readable(view, qtbot):
    """The frame of the chosen cell was filled with the brush of the last cell, which is on the diagonal."""
    confusion = [[8, 2, 0], [1, 9, 0], [0, 0, 10]]
    view.show_figures(run_inline(specs.CountFigures(record=record_of(confusion), split="test")))
    place = view.cell_rect(0, 1).toRect()
    before = view.grab().toImage().pixelColor(place.left() + 6, place.center().y())
    qtbot.mouseClick(view, LEFT, pos=place.center())
    assert view.hasFocus()
    after = view.grab().toImage().pixelColor(place.left() + 6, place.center().y())
    assert after == before
    assert after.red() > after.green()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_are_read_on_every_colour_of_the_matrix(scheme):
    theme.set_scheme(scheme)

    def luminance(colour):
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for colour in map(QColor.fromRgba, colour_table()):
        low, high = sorted((luminance(colour), luminance(ink_on(colour))))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_levels_tell_the_diagonal_from_the_rest():
    figures = run_inline(specs.CountFigures(record=record_of([[3, 1, 0], [0, 0, 2], [0, 0, 0]]), split="test"))
    assert figures.levels[0, 0] > DIAGONAL
    assert 0 < figures.levels[0, 1] < DIAGONAL
    assert figures.levels[1, 2] == DIAGONAL - 1
    assert figures.levels[2].tolist() == [0, 0, 0]
    assert figures.mix_up_kinds == 2


def test_mix_ups_of_many_classes_are_a_list_to_search_and_sort(qtbot):
    card = MixUpsCard()
    qtbot.addWidget(card)
    card.resize(460, 700)
    card.show()
    qtbot.waitExposed(card)
    figures = figures_of(1000)
    card.show_figures(figures)
    rows = card.list.rows
    assert card.list.isVisible()
    assert not card.matrix.isVisible()
    assert rows.rowCount() == 1000
    assert painted(card.list)[1] < 0.05
    qtbot.keyClicks(card.search, "number 99")
    assert rows.rowCount() == 14, "99 and 990 to 999 as actual class, and three of them as predicted ones"
    header = card.list.horizontalHeader()
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(20, header.height() // 2))
    assert rows.index(0, 0).data() == "species number 97 → species number 99"
    with qtbot.waitSignal(card.chosen) as chosen:
        place = card.list.visualRect(rows.index(0, 0)).center()
        qtbot.mouseClick(card.list.viewport(), LEFT, pos=place)
    assert [figures.classes[place] for place in chosen.args] == ["species number 97", "species number 99"]
    click(qtbot, card.tabs[1])
    assert card.matrix.isVisible()
    click(qtbot, card.zoom_in)
    assert card.matrix.is_zoomed
    click(qtbot, card.all)
    assert not card.matrix.is_zoomed


def test_the_table_of_a_thousand_classes_is_searched_sorted_and_quick(page, studio, qtbot):
    run = studio.run
    count = 1000
    confusion = (9 * np.eye(count, dtype=int)).tolist()
    studio.show_run(replace(run, record=replace(record_of(confusion), recipe=run.record.recipe)))
    qtbot.waitUntil(lambda: mistakes(page).table.rows.rowCount() == count)
    assert painted(mistakes(page).table)[1] < 0.05
    page.reveal(mistakes(page).table)
    assert mistakes(page).search.isVisible()
    qtbot.keyClicks(mistakes(page).search, "NUMBER 77")
    assert mistakes(page).table.rows.rowCount() == 11
    mistakes(page).search.clear()
    header = mistakes(page).table.horizontalHeader()
    for _ in range(2):
        qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(10, 10))
    assert cells(page, 0)[0] == "species number 999", "by name, the other way round"


def test_names_from_right_to_left_leave_the_order_of_a_sentence(qtbot):
    record = record_of([[1, 2], [0, 3]], ("帽子", "أحذية"))
    card = MixUpsCard()
    qtbot.addWidget(card)
    card.show_figures(run_inline(specs.CountFigures(record=record, split="test")))
    assert card.confusions.text() == "帽子 → \u2068أحذية\u2069, 2 times"
    assert card.matrix.sentence(0, 1) == "Predicted as \u2068أحذية\u2069: 2 of 3 pictures of 帽子."


# Tabs ---------------------------------------------------------------------------------------------------------


def test_a_tab_is_made_and_filled_when_it_is_opened_and_remembered(page, studio, runner, qtbot):
    tabs = page.tabs
    overview(page)
    page.hide()
    asked = len(runner.of(specs.FindMistakes))
    run = studio.run
    studio.show_run(replace(run, record=replace(run.record, epochs_done=9)))
    page.show()
    qtbot.waitExposed(page)
    assert len(runner.of(specs.FindMistakes)) == asked, "the mistakes are not looked at"
    click(qtbot, tabs.buttons["mistakes"])
    assert len(runner.of(specs.FindMistakes)) == asked + 1
    assert studio.preferences.results_tab == "mistakes"
    other = ResultsPage(studio)
    qtbot.addWidget(other)
    assert other.tabs.made == (), "nothing before somebody looks"
    other.show_run(studio.run)
    other.show()
    qtbot.waitUntil(lambda: other.tabs.name == "mistakes")
    assert len(other.tabs.made) == 1


def test_tabs_are_changed_by_keys(page, qtbot):
    overview(page)
    control = Qt.KeyboardModifier.ControlModifier
    for key, name in ((Qt.Key.Key_PageDown, "mistakes"), (Qt.Key.Key_PageUp, "overview")):
        with qtbot.waitSignal(page.tabs.opened):
            qtbot.keyClick(page, key, control)
        assert page.tabs.name == name
        assert page.tabs.buttons[name].isChecked()
    assert page.split_picker.isVisible()
    page.show_run(None)
    assert not page.split_picker.isVisible()
